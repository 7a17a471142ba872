from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.answers.part_words import read_part
from alignment_lib.answers.past.explain import explain, explain_from
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.source_rows import SourceRows, find_unit_folder, write_rows
from alignment_lib.rounds.view import RoundView, view_snapshot
from tests.conftest import ROOT

DEMO = ROOT / "data" / "demo"


@pytest.fixture(scope="module")
def view() -> RoundView:
    return view_snapshot(ROOT / "reports" / "sample")


WHOLE: dict[str, str] = {}
PART = {"product": "House Blend", "channel": "web"}


@pytest.mark.parametrize("part", [WHOLE, PART, {"channel": "shop"}])
@pytest.mark.parametrize("span", ["2026Q1", "2026-02", "2026"])
@pytest.mark.parametrize("scenario", ["consensus", "evidence_weighted"])
def test_the_pieces_of_the_plan_sum_to_it(
    view: RoundView, part: dict[str, str], span: str, scenario: str
) -> None:
    plan = view.scenario("plan", scenario)
    for name, member in part.items():
        plan = plan[plan[name] == member]
    cycle = {4: "year", 6: "quarter", 7: "month"}[len(span)]
    inside = plan[view.labels(plan["period"], cycle) == span]
    asked = {"part": part, "span": span, "scenario": scenario}

    for measure in ("plan", "baseline", "revenue"):
        figure = explain(view, measure=measure, **asked).frame["value"].sum()
        assert figure == pytest.approx(inside[measure].sum(), rel=1e-9), measure


def test_profit_is_revenue_less_what_it_costs(view: RoundView) -> None:
    money = view.in_round(view.scenario("money"))
    frame = explain(view, measure="profit").frame

    assert frame["value"].sum() == pytest.approx(money["profit"].sum(), rel=1e-9)
    assert frame.set_index("piece")["value"]["cost"] < 0
    assert frame["file"].tolist()[:2] == ["sales.csv", "costs.csv"]


def test_rows_after_the_wall_are_no_part_of_an_older_round() -> None:
    older = view_snapshot(DEMO / "rounds" / "2025Q2" / "demo")
    sources = SourceRows(older.manifest["input_hashes"], DEMO)
    rows = explain_from(older, sources, measure="revenue").frame["rows"].iloc[0]
    sold = (DEMO / "sales.csv").read_text(encoding="utf-8").splitlines()

    last = int(rows.removeprefix("rows ").split("–")[1].split()[0])
    assert sold[last - 1][:10] < older.manifest["as_of"] <= sold[last][:10]


def test_target_odds_and_a_step_of_the_bridge_are_the_published_ones(view: RoundView) -> None:
    bridge = view.in_round(view.scenario("bridge"))
    step = bridge.loc[bridge["assumption"] == "R26Q1-12", "effect"].sum()

    assert explain(view, measure="R26Q1-12").frame["value"].sum() == pytest.approx(step, rel=1e-9)
    assert explain(view, measure="target").frame["value"].sum() == 23_100
    assert "10.4 %" in explain(view, measure="chance").sentence.replace("\u202f", " ")


def test_every_piece_names_file_and_hash_and_with_the_workspace_its_rows(view: RoundView) -> None:
    hashes = view.manifest["input_hashes"]
    folder = find_unit_folder(view.manifest["unit"], hashes, [DEMO.parent, DEMO])
    frame = explain_from(view, SourceRows(hashes, folder), part=PART).frame.set_index("piece")

    assert all(hashes[file] == digest for file, digest in zip(frame["file"], frame["digest"], strict=True))
    lines = (DEMO / "assumptions.csv").read_text(encoding="utf-8").splitlines()
    row = int(frame["rows"]["R26Q1-05"].removeprefix("row "))
    assert lines[row - 1].startswith("R26Q1-05,")
    assert frame["rows"]["baseline"].startswith("364 rows between")
    assert "name its workspace" in explain(view, part=PART).frame["rows"].iloc[0]


def test_a_file_that_changed_since_has_no_rows(view: RoundView, tmp_path: Path) -> None:
    for file in (one for one in DEMO.iterdir() if one.is_file()):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "sales.csv").open("a", encoding="utf-8") as sales:
        sales.write("\n")
    sources = SourceRows(view.manifest["input_hashes"], tmp_path)

    frame = explain_from(view, sources).frame.set_index("piece")

    assert frame["rows"]["baseline"] == "sales.csv has changed since: its rows are no longer those"
    assert frame["rows"]["R26Q1-05"].startswith("row ")


def test_a_folder_that_is_no_workspace_is_said(view: RoundView, tmp_path: Path) -> None:
    frame = explain_from(view, SourceRows(view.manifest["input_hashes"], tmp_path)).frame

    assert "alignment check says why" in frame["rows"].iloc[0]


def test_names_that_are_not_known_are_answered_with_the_nearest(view: RoundView) -> None:
    with pytest.raises(UnknownWord, match="did you mean 'House Blend'"):
        read_part(view, "House Bland / web")
    with pytest.raises(UnknownWord, match="did you mean 'profit'"):
        explain(view, measure="profits")
    with pytest.raises(UnknownWord, match="one channel"):
        read_part(view, "web / shop")


def test_a_part_is_read_as_it_is_said(view: RoundView) -> None:
    assert read_part(view, " WEB/house blend ") == {"channel": "web", "product": "House Blend"}
    assert read_part(view, "channel=web / sale type=new") == {"channel": "web", "sale_type": "new"}
    assert read_part(view, "") == read_part(view, "all") == {}


def test_runs_of_rows_are_written_in_few_words() -> None:
    assert write_rows([2, 3, 9]) == "rows 2–3, 9 (3 rows)"
