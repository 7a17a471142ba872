"""The workbook's own words: frames, scenarios, comparisons and refusals of a round in a notebook."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import alignment_lib as al
from alignment_lib.answers.catalogue import question_names
from alignment_lib.answers.frame_columns import describe_columns
from alignment_lib.inputs.problems import AlignmentError
from tests.unit.app.explorer_fixture import write_small_workspace

FRAMES = ("sales", "baseline", "plan", "bridge", "odds", "assumptions", "evidence")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    return write_small_workspace(tmp_path_factory.mktemp("analyst") / "small")


@pytest.fixture(scope="module")
def r(folder) -> al.Round:
    return al.open_round(folder, "2026Q1", cache=folder.parent / "cache", reports=folder.parent)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def published(r: al.Round, reports) -> al.Round:
    return al.open_snapshot(al.publish_round(r, reports, report=False))


def test_the_package_offers_few_words_and_finds_them_late() -> None:
    assert len(al.__all__) <= 14
    assert set(dir(al)) == set(al.__all__)
    for word in al.__all__:
        assert getattr(al, word).__doc__
    with pytest.raises(AttributeError):
        _ = al.open_rond  # type: ignore[attr-defined]


def test_importing_the_package_is_instant() -> None:
    code = (
        "import time, sys; t = time.process_time(); import alignment_lib; "
        "print(time.process_time() - t, 'pandas' in sys.modules, 'numpy' in sys.modules)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            for _ in range(3)]  # fmt: skip
    seconds, *loaded = min((run.stdout.split() for run in runs), key=lambda words: float(words[0]))
    assert loaded == ["False", "False"]
    assert float(seconds) <= 0.05


def test_opening_a_round_loads_no_library_that_only_forecasting_or_drawing_needs() -> None:
    code = "import sys; from alignment_lib.app.analyst import words; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "matplotlib",
        "scipy.stats",
        "scipy.optimize",
        "lightgbm",
        "statsforecast",
        "sklearn",
        "papermill",
    }
    assert heavy & set(run.stdout.split()) == set()


@pytest.mark.parametrize("name", FRAMES)
def test_a_live_round_and_the_published_one_have_the_same_frames(r, published, name: str) -> None:
    live, read = getattr(r, name), getattr(published, name)

    assert len(live)
    assert list(live.columns) == list(read.columns)
    for column in live:
        if live[column].dtype.kind == "f":
            np.testing.assert_array_equal(live[column], read[column], err_msg=column)


def test_sums_of_the_frames_are_the_totals(r, published) -> None:
    for round_ in (r, published):
        inside = round_.plan["period"].isin(round_.view.periods)
        assert round_.total == pytest.approx(round_.plan.loc[inside, "plan"].sum(), rel=1e-12)
        change = (round_.plan["plan"] - round_.plan["baseline"]).sum()
        assert round_.bridge["effect"].sum() == pytest.approx(change, abs=1e-9)
    assert r.chance == published.chance
    assert r.target == 2000


def test_every_scenario_has_the_frames_and_the_figures_of_the_published_one(r, published) -> None:
    for name in ("consensus", "as_proposed", "evidence_weighted"):
        live, read = r.scenario(name), published.scenario(name)
        pd.testing.assert_series_equal(live.plan["plan"], read.plan["plan"], check_exact=True)
        pd.testing.assert_series_equal(live.odds["p50"], read.odds["p50"], check_exact=True)
        assert live.total == pytest.approx(read.total, rel=1e-12)
        row = r.scenarios.set_index("scenario").loc[name]
        assert row["plan"] == pytest.approx(live.total, rel=1e-12)
        assert row["probability"] == live.chance


def test_a_change_gives_another_scenario_and_leaves_the_first_alone(r) -> None:
    first = r.scenario("consensus")
    before = first.plan.copy()

    changed = first.change("A1", scale=0.5)

    pd.testing.assert_frame_equal(first.plan, before)
    assert changed.total < first.total
    half = changed.bridge["effect"].sum() / first.bridge["effect"].sum()
    assert half == pytest.approx(0.5, abs=0.01)
    back = changed.change("A1", value=10, low=5, high=20)
    assert back.total == pytest.approx(first.total, rel=1e-12)
    pd.testing.assert_series_equal(back.odds["p90"], first.odds["p90"])


def test_moving_a_claim_moves_its_effect_and_keeps_its_length(r) -> None:
    moved = r.scenario("consensus").change("A1", start="2026-03-01")

    row = moved.assumptions.set_index("id").loc["A1"]
    assert row["start"] == pd.Timestamp("2026-03-01")
    assert row["end"] == pd.Timestamp("2026-05-31"), "three whole months stay three"
    months = moved.bridge.query("assumption == 'A1' and effect != 0")["period"].dt.month
    assert set(months) == {3, 4, 5}
    assert set(r.bridge.query("assumption == 'A1' and effect != 0")["period"].dt.month) == {1, 2, 3}


def test_a_changed_scenario_answers_like_one_that_was_written_down(r, folder) -> None:
    changed = r.scenario("consensus").change("A3", value=80).change("A1", on=False).named("mine")
    (folder / "scenarios.yaml").write_text(
        "mine:\n  reason: written\n  on: [A3]\n  off: [A1]\n  values: {A3: 80}\n", encoding="utf-8"
    )
    try:
        written = al.open_round(folder, "2026Q1", cache=folder.parent / "cache", reports=folder.parent)
        stated = written.scenario("mine")
        assert changed.total == pytest.approx(stated.total, rel=1e-12)
        for name in ("plan", "bridge", "odds"):
            pd.testing.assert_frame_equal(getattr(changed, name), getattr(stated, name))
    finally:
        (folder / "scenarios.yaml").unlink()


def test_a_claim_that_did_not_count_counts_once_changed_and_says_so(r) -> None:
    changed = r.scenario("consensus").change("A2", value=6)

    assert changed.total > r.total
    assert "did not count" in changed.notes[0]
    assert changed.notes[0] in repr(changed)
    off = changed.change("A2", on=False)
    assert off.total == pytest.approx(r.total)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("A11", {"scale": 2}, "did you mean 'A1'"),
        ("A1", {}, "nothing is changed"),
        ("A1", {"start": "March"}, "is not a date"),
        ("A1", {"start": "2026-03-01", "end": "2026-02-01"}, "before it starts"),
        ("A1", {"start": "2024-01-01", "end": "2024-02-01"}, "before the first day that is planned"),
        ("A1", {"start": "2029-01-01"}, "after the last day that is planned"),
        ("A1", {"start": "2025-12-01", "end": "2026-03-01"}, "cannot begin"),
        ("A1", {"scale": 2, "value": 3}, "not both"),
        ("A1", {"scale": "half"}, "scale is a number"),
        ("A1", {"scale": -1}, "from 0 on"),
        ("A1", {"value": math.nan}, "not a number"),
        ("A1", {"value": -150, "low": -160, "high": 0}, "-100 or more"),
        ("A1", {"value": 10, "low": 12}, "must rise"),
        ("A2", {"depth": 0.2}, "no promotion"),
        ("A1", {"depth": 15}, "share from 0 to 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(r, name: str, change: dict, said: str) -> None:
    with pytest.raises(AlignmentError, match=said):
        r.scenario().change(name, **change)


def test_a_published_round_does_not_change(published) -> None:
    for ask in (
        lambda: published.scenario().change("A1", scale=2),
        lambda: published.scenario().needed(2100),
        published.explore,
    ):
        with pytest.raises(AlignmentError, match=r"al\.open_round"):
            ask()


def test_comparing_by_span_and_by_part_adds_up(r) -> None:
    bold = r.scenario("as_proposed").change("A2", scale=2).named("bold")
    whole = r.compare("consensus", bold).frame.set_index("scenario")["plan"]

    for by in ("product", "sale_type"):
        sums = r.compare("consensus", bold, by=by).frame.groupby("scenario")["plan"].sum()
        pd.testing.assert_series_equal(sums.sort_index(), whole.sort_index(), rtol=1e-12)
    months = r.compare("consensus", bold, by="month", span="2026Q1").frame
    pd.testing.assert_series_equal(
        months.groupby("scenario")["plan"].sum().sort_index(), whole.sort_index(), rtol=1e-12
    )
    assert set(months["label"]) == {"2026-01", "2026-02", "2026-03"}
    assert r.compare(by="month").frame["scenario"].nunique() == 3
    with pytest.raises(AlignmentError, match="did you mean 'month'"):
        r.compare(by="monht")
    with pytest.raises(AlignmentError, match="bear one name"):
        r.compare("consensus", "consensus")


def test_what_is_needed_is_found_together_and_alone(r) -> None:
    answer = r.scenario("as_proposed").needed(2220)

    alone = answer.frame.query("way == 'alone' and is_reached")
    assert alone["plan"].to_numpy() == pytest.approx(2220, rel=1e-3)
    row = alone.iloc[0]
    tried = r.scenario("as_proposed").change(row["assumption"], value=row["needed"])
    assert tried.total == pytest.approx(2220, rel=1e-3)
    sales = r.scenario("as_proposed").needed(2220, function="sales")
    assert set(sales.frame["function"]) <= {"sales"}
    with pytest.raises(AlignmentError, match="did you mean 'marketing'"):
        r.scenario("as_proposed").needed(2220, function="market")
    assert set(answer.frame["way"]) == {"together", "alone"}


def test_a_round_and_a_scenario_show_one_card(r, published) -> None:
    for round_ in (r, published):
        assert "\n" not in repr(round_)
        assert len(round_._repr_html_()) < 8_000
        assert "2026Q1" in repr(round_)
    assert "<table" not in r._repr_html_()
    assert "Consensus" in r.scenario("consensus")._repr_html_()


def test_what_is_not_there_says_what_would_fill_it(r, tmp_path) -> None:
    with pytest.raises(AlignmentError, match=r"leads\.csv"):
        _ = r.leads
    with pytest.raises(AlignmentError, match="no round is published"):
        al.published_rounds(tmp_path)
    with pytest.raises(AlignmentError):
        al.open_snapshot(tmp_path)
    with pytest.raises(AlignmentError):
        al.open_round(tmp_path)


def test_a_workspace_is_checked_into_a_frame(folder, tmp_path) -> None:
    fine = al.check(folder)
    assert set(fine["found"]) == {"no problem"}
    other = write_small_workspace(tmp_path / "bad")
    (other / "targets.csv").write_text("round,measure,product,target\n2026Q1,units,,many\n")
    bad = al.check(other)
    assert "targets.csv" in set(bad["file"])


def test_every_column_of_every_frame_is_described(r, published, reports, folder) -> None:
    dimensions = set(r.view.dimensions)
    frames = {name: getattr(r, name) for name in (*FRAMES, "scenarios")}
    frames["compare"] = r.compare().frame
    frames["needed"] = r.scenario("as_proposed").needed(2050).frame
    frames["check"] = al.check(folder)
    frames["published_rounds"] = al.published_rounds(reports)
    for name, frame in frames.items():
        known = set(describe_columns(name)["column"])
        assert set(frame.columns) - dimensions <= known, name


def test_every_question_describes_the_columns_of_its_answer(r) -> None:
    dimensions = set(r.view.dimensions)
    for name in question_names():
        frame = getattr(r.answers, name)().frame
        missing = set(map(str, frame.columns)) - dimensions - set(describe_columns(name)["column"])
        assert not missing, (name, missing)


def test_a_changed_scenario_is_answered_with_its_own_figures(r) -> None:
    first = r.scenario("consensus")
    for changed in (
        first.change("A1", start="2026-02-15", scale=0.5),
        first.change("A2", value=6).change("A1", on=False),
        first.move("A1", start="2026-02-01", scale=0.5),
        first.drop("A1"),
        first.doubt("A1"),
        r.scenario("evidence_weighted").change("A3", value=70),
    ):
        now = changed.answers.answer_now().frame
        assert now["plan"].iloc[0] == pytest.approx(changed.total, rel=1e-12)
        assert now["probability"].iloc[0] == pytest.approx(changed.chance, abs=1e-12)
        bridge = changed.answers.bridge()
        effects = bridge.frame["effect"].sum() if bridge.is_answered else 0.0
        inside = changed.plan["period"].isin(r.view.periods)
        assert effects == pytest.approx((changed.plan["plan"] - changed.plan["baseline"])[inside].sum())
        for name in question_names():
            assert getattr(changed.answers, name)().sentence


def test_words_are_taken_as_people_write_them(r, folder, published, reports) -> None:
    day = pd.Timestamp("2026-03-01")
    assert r.scenario().change("a1", start=day).name == "consensus · A1 from 2026-03-01"
    assert r.answers.answer_now(span="Feb 2026").frame.equals(r.answers.answer_now(span="2026-02").frame)
    assert r.answers.answer_now(span=2026).frame["plan"].iloc[0] > r.total
    listed = r.compare(["consensus", "as_proposed"]).frame
    pd.testing.assert_frame_equal(listed, r.compare("consensus", "as_proposed").frame)
    again = al.open_round(
        str(folder), "2026q1", pd.Timestamp("2026-01-01").date(), cache=folder.parent / "cache"
    )
    assert (again.name, again.view.as_of) == ("2026Q1", pd.Timestamp("2026-01-01"))
    assert al.open_snapshot(reports / "2026Q1").total == published.total
    with pytest.raises(AlignmentError, match=r"no published round lies in .*2025"):
        al.open_snapshot(reports / "2025")
    with pytest.raises(AlignmentError, match=r"there are: .*small"):
        al.open_snapshot(reports)
    with pytest.raises(AlignmentError, match=r"\{'product': 'Tea'\}"):
        r.answers.answer_now(part="Tea")
    with pytest.raises(AlignmentError, match="one product at a time"):
        r.answers.answer_now(part={"product": ["Tea", "Cake"]})


def test_a_scenario_is_saved_into_the_workspace_and_read_again(tmp_path) -> None:
    own = write_small_workspace(tmp_path / "small")
    opened = al.open_round(own, "2026Q1", cache=tmp_path, reports=tmp_path)
    bold = opened.scenario("as_proposed").change("A2", value=6, low=2, high=9)

    bold.save("bold", "what if the rival closes early")

    again = al.open_round(own, "2026Q1", cache=tmp_path, reports=tmp_path)
    assert again.scenario("bold").total == pytest.approx(bold.total, rel=1e-12)
    pd.testing.assert_series_equal(again.scenario("bold").odds["p90"], bold.odds["p90"])
    with pytest.raises(AlignmentError, match="exists already"):
        bold.save("bold", "once more")
    with pytest.raises(AlignmentError, match="no word for the dates"):
        bold.change("A1", start="2026-02-01").save("later", "two weeks")


def test_a_question_refuses_what_it_does_not_take(r) -> None:
    question = r.answers.bridge
    assert "span=" in repr(question)
    with pytest.raises(AlignmentError, match=r"part=\{'product': 'Tea'\}"):
        question(product="Tea")
    with pytest.raises(AlignmentError, match="did you mean 'span'"):
        question(spam="2026-02")
    with pytest.raises(AttributeError, match="did you mean 'bridge'"):
        _ = r.answers.bridges


def test_periods_are_named_by_the_fiscal_calendar(r) -> None:
    sums = r.plan.groupby(r.label(r.plan["period"], "quarter"))["plan"].sum()
    assert sums["2026Q1"] == pytest.approx(r.total)
    with pytest.raises(AlignmentError, match="did you mean 'month'"):
        r.label(r.plan["period"], "months")


def test_a_notebook_shows_an_error_of_ours_as_a_sentence() -> None:
    pytest.importorskip("IPython")
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shown = []
    shell._showtraceback = lambda kind, value, lines: shown.extend(lines)  # type: ignore[method-assign]
    shell.run_cell("import alignment_lib as al; al.open_snapshot('nowhere')")
    assert len(shown) == 1
    assert "nowhere" in shown[0]
