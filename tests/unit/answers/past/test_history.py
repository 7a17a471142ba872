"""What was sold, which model was chosen and the workings of one series, from published tables alone."""

import numpy as np
import pandas as pd
import pytest

from alignment_lib.answers.past.history import history
from alignment_lib.answers.past.model import model
from alignment_lib.answers.past.series import series
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.files.manifest import describe_round
from alignment_lib.rounds.view import RoundView, view_tables
from tests.unit.round_fixture import make_round


@pytest.fixture(scope="module")
def view() -> RoundView:
    result = make_round()
    return view_tables(describe_round(result), result.tables)


@pytest.mark.parametrize("cycle", ["month", "quarter", "year"])
def test_members_add_up_to_the_whole_and_spans_to_what_was_sold(view: RoundView, cycle: str) -> None:
    whole = history(view, cycle=cycle).frame.set_index("label")["actual"]
    table = view.table("history")
    labels = view.labels(table["period"], cycle)  # type: ignore[arg-type]
    sums = table.groupby(labels)["value"].sum()
    np.testing.assert_allclose(whole, sums.reindex(whole.index), rtol=1e-12)
    parts = history(view, by="channel", cycle=cycle).frame.groupby("label")["actual"].sum()
    np.testing.assert_allclose(parts.reindex(whole.index), whole, rtol=1e-9)


def test_the_year_before_is_the_same_span_a_year_earlier(view: RoundView) -> None:
    frame = history(view).frame.set_index("label")
    assert frame.loc["2025Q3", "prior"] == pytest.approx(frame.loc["2024Q3", "actual"], rel=0.1)
    known = frame["prior"] > 0
    change = frame["actual"] / frame["prior"] - 1
    np.testing.assert_allclose(frame.loc[known, "change"], change[known])


def test_unknown_words_are_named_with_the_nearest(view: RoundView) -> None:
    with pytest.raises(UnknownWord, match="did you mean 'channel'"):
        history(view, by="chanel")
    with pytest.raises(UnknownWord, match="did you mean 'quarter'"):
        history(view, cycle="quater")


def test_the_model_says_its_members_and_scores() -> None:
    result = make_round()
    rows = [
        ("explained member", "steady", 0.16, 0.04, True),
        ("mixture", "explained", 0.15, 0.05, True),
        ("mixture", "direct", 0.19, 0.07, False),
        ("yardstick", "seasonal naive", 0.25, 0.08, False),
    ]
    names = ["stage", "candidate", "series_error", "total_error", "chosen"]
    table = pd.DataFrame(rows, columns=names).assign(relative_error=np.nan, weight=np.nan)
    answer = model(view_tables(describe_round(result), {**result.tables, "candidates": table}))
    assert "steady (explained member) and explained (mixture)" in answer.sentence
    said = answer.sentence.replace("\u202f", " ")
    assert "off by 15.0 % of sales series by series and by 5.0 % in total" in said
    assert answer.shown is not None
    assert answer.shown.rows["mark"].tolist() == ["chosen", "chosen", "", ""]


def test_a_round_without_candidates_says_so(view: RoundView) -> None:
    kept = {key: table for key, table in view.tables.items() if key not in ("candidates", "why")}
    bare = RoundView(view.manifest, kept, view.calendar)
    assert "No candidates were compared" in model(bare).sentence
    assert "no record of how it was forecast" in series(bare).sentence


def test_one_series_shows_its_own_history_and_baseline(view: RoundView) -> None:
    why = view.table("why")
    if why.empty:
        pytest.skip("the made-up round records no reasons")
    key = {name: str(why[name].iloc[0]) for name in view.dimensions}
    frame = series(view, part=key).frame
    sold = view.table("history")
    mine = sold[(sold[list(key)].astype(str) == pd.Series(key)).all(axis=1)]
    assert frame["original"].sum() == pytest.approx(mine["value"].sum())
