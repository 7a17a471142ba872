"""A live round and the same round published are one: every table, every word, every answer."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.answers.catalogue import QUESTIONS, find_question
from alignment_lib.publishing.snapshot_writer import find_previous, publish_round
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.plan_round import plan_round
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.view import RoundView, view_snapshot
from tests.unit.app.explorer_fixture import write_small_workspace

CASES = ("plain", "closed periods, money and customers", "returns")
ASKED: tuple[dict[str, object], ...] = (
    {},
    {"span": "2026-02"},
    {"span": "2026Q2", "part": {"product": "Tea"}},
    {"part": {"product": "Tea", "sale_type": "new"}, "scenario": "as_proposed"},
)


def change_workspace(folder: Path, case: str) -> str:
    """Make the small business into a case; gives the as-of date it is looked at from."""
    sales = pd.read_csv(folder / "sales.csv")
    if case.startswith("closed"):
        more = sales[sales["period"] == "2025-12-01"].assign(period="2026-01-01")
        sales = pd.concat([sales, more], ignore_index=True)
    if case.startswith("returns"):
        late = (sales["product"] == "Cake") & (sales["period"] >= "2024-01-01")
        sales.loc[late, "units"] = -sales.loc[late, "units"] / 20
    if case.startswith("closed"):
        sales["revenue"] = sales["units"] * sales["product"].map({"Tea": 4.0, "Cake": 2.0})
        months = pd.date_range("2025-01-01", "2025-12-01", freq="MS")
        bought = [(day, f"c{place - back}", 50.0) for place, day in enumerate(months) for back in (0, 1)]
        table = pd.DataFrame(bought, columns=["date", "customer", "amount"])
        table.to_csv(folder / "transactions.csv", index=False)
    sales.to_csv(folder / "sales.csv", index=False)
    return "2026-02-10" if case.startswith("closed") else ""


@pytest.fixture(scope="module", params=CASES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    place = tmp_path_factory.mktemp("views")
    folder = write_small_workspace(place / "unit")
    as_of = change_workspace(folder, request.param)
    before = plan_round(ask_round(folder, "2025Q4"))
    publish_round(before, folder / "rounds", notebook=Path(), timings={}, render=False)
    asked = ask_round(folder, "2026Q1", as_of)
    result = plan_round(asked)
    previous = find_previous(folder / "rounds", "2026Q1", "unit")
    out = publish_round(result, place / "out", notebook=Path(), timings={}, render=False, previous=previous)
    return view_work(RoundWork(prepare_round(asked), asked)), view_snapshot(out)


def plain(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(dict.fromkeys(table.columns[table.isna().all()], object)).map(
        lambda value: None if value is pd.NaT or value is None or value != value else value
    )


def test_every_table_is_the_published_one(both: tuple[RoundView, RoundView]) -> None:
    live, published = both

    assert set(live.tables) == set(published.tables)
    for name in published.tables:
        found, expected = plain(live.table(name)), plain(published.table(name))
        pd.testing.assert_frame_equal(found, expected, check_exact=True, check_dtype=False, obj=name)


def test_every_word_of_the_manifest_is_the_published_one(both: tuple[RoundView, RoundView]) -> None:
    live, published = both

    # Files and the answer that the index shows come with publishing.
    for word in set(published.manifest) - {"files", "answer"}:
        assert repr(live.manifest[word]) == repr(published.manifest[word]), word
    assert live.periods.equals(published.periods)


@pytest.mark.parametrize("place", QUESTIONS)
def test_every_question_is_answered_alike(both: tuple[RoundView, RoundView], place: str) -> None:
    ask = find_question(place.rpartition(".")[2])
    for asked in ASKED:
        answers = []
        for view in both:
            try:
                answers.append(ask(view, **asked))  # type: ignore[arg-type]
            except Exception as error:  # a refusal must be the same one
                answers.append(error)
        first, second = answers
        if isinstance(first, Exception):
            assert (type(first), str(first)) == (type(second), str(second))
            continue
        assert (first.title, first.sentence, first.missing) == (second.title, second.sentence, second.missing)
        pd.testing.assert_frame_equal(
            plain(first.frame), plain(second.frame), rtol=1e-9, atol=1e-9, check_dtype=False
        )


def test_only_what_is_asked_for_is_worked_out(tmp_path: Path) -> None:
    asked = ask_round(write_small_workspace(tmp_path / "unit"), "2026Q1")
    work = RoundWork(prepare_round(asked), asked)
    view = view_work(work)

    assert len(view.table("history"))
    assert view.round == "2026Q1"
    assert "plans" not in work.__dict__
    assert "look" not in work.__dict__
    assert len(view.scenario("plan"))
    assert "plans" in work.__dict__
