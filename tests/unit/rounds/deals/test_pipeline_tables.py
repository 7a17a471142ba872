"""Open opportunities of whole rounds: kept, set beside the plan, frozen, and scored a round later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.answers.leads.pipeline import pipeline, scores_table, stages_table
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.rounds.view import RoundView, view_snapshot
from tests.unit.funnel.deals.deal_cases import DAY, world
from tests.unit.rounds.kept_workspace import plan

_SETTINGS = """[business]
name = "Machines"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["brand"]
measure = "revenue"
[forecast]
method = "recent"
[plan]
quarters = 2
"""


def write_machines(folder: Path, day: pd.Timestamp, *, with_changes: bool) -> Path:
    """A business in which every other euro is sold through opportunities, as exported on a day."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "planning.toml").write_text(_SETTINGS)
    table, changes = world().as_of(day)
    won = table[table["outcome"] == "won"]
    month = won["closed_at"].dt.to_period("M").dt.to_timestamp()
    sold = won.pivot_table(index=month.rename("period"), columns="source", values="amount", aggfunc="sum")
    sold = sold[sold.index < day].fillna(0.0).reset_index()
    sold = sold.melt("period", var_name="brand", value_name="revenue")
    sold.assign(revenue=2.0 * sold["revenue"].round(2)).to_csv(folder / "sales.csv", index=False)
    table.assign(brand=table["source"], pushes=table["pushes"].astype(int)).to_csv(
        folder / "opportunities.csv", index=False
    )
    if with_changes:
        changes.to_csv(folder / "opportunity_changes.csv", index=False)
    targets = "round,measure,brand,target\n2025Q1,revenue,,2000000\n"
    (folder / "targets.csv").write_text(targets)
    return folder


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rounds, each from the export of its day; the second knows what the first kept."""
    place = tmp_path_factory.mktemp("deals")
    for name, day in (("2024Q4", pd.Timestamp("2024-10-01")), ("2025Q1", DAY)):
        plan(write_machines(place / "machines", day, with_changes=False), name, place / "out")
    return place / "out"


@pytest.fixture(scope="module")
def view(rounds: Path) -> RoundView:
    return view_snapshot(rounds / "2025Q1" / "machines")


def test_parts_add_up_to_totals_and_members_to_the_whole(view: RoundView) -> None:
    table = view.table("pipeline")
    parts = table[["closed", "open", "to_create"]].sum(axis=1)
    assert np.allclose(parts, table["total"], rtol=1e-12)
    assert np.allclose(table["total"] - table["needed"], table["gap"], rtol=1e-12)
    for _, rows in table.groupby("span"):
        whole, members = rows[rows["brand"] == ""], rows[rows["brand"] != ""]
        columns = ["closed", "open", "to_create", "total", "plan", "needed", "gap", "open_deals"]
        assert np.allclose(members[columns].sum(), whole[columns].iloc[0], rtol=1e-9)


def test_the_plan_needs_what_deals_brought_in_the_last_year(view: RoundView) -> None:
    row = view.table("pipeline").iloc[0]
    planned = view.in_round(view.scenario("plan"))["plan"].sum()
    assert row["plan"] == pytest.approx(planned)
    assert row["needed"] == pytest.approx(planned / 2, rel=0.05)
    assert row["target"] == pytest.approx(2_000_000 * row["needed"] / planned)


def test_what_the_round_before_kept_says_how_often_dates_were_put_off(view: RoundView) -> None:
    stages = view.table("pipeline_stages")
    table, _ = world().as_of(DAY)
    is_open = table["outcome"] == ""
    assert stages["deals"].sum() == is_open.sum()
    assert stages["amount"].sum() == pytest.approx(table.loc[is_open, "amount"].sum())
    assert stages["expected"].sum() == pytest.approx(view.table("pipeline")["open"].iloc[0])


def test_the_frozen_pipeline_is_scored_by_what_was_won_since(view: RoundView, rounds: Path) -> None:
    score = view.table("pipeline_scores").iloc[0]
    frozen = Snapshot(rounds / "2024Q4" / "machines").read("pipeline").iloc[0]
    deals = world().deals
    inside = deals[(deals["outcome"] == "won") & (deals["closed_at"] >= "2024-10-01")]
    inside = inside[inside["closed_at"] < DAY]
    assert score["span"] == "2024Q4"
    assert score["expected"] == frozen["total"]
    assert score["actual"] == pytest.approx(inside["amount"].sum())
    assert score["inside"] == (frozen["total_p10"] <= score["actual"] <= frozen["total_p90"])
    opened = inside["opened"] < "2024-10-02"
    known = inside["closed_at"] < "2024-10-02"
    assert score["open_actual"] == pytest.approx(inside.loc[opened & ~known, "amount"].sum())


def test_the_answer_says_parts_plan_target_and_where_they_differ(view: RoundView) -> None:
    answer = pipeline(view)
    for words in ("from ones still to be created", "The plan needs", "target's part", "They differ most in"):
        assert words in answer.sentence
    assert len(answer.frame) == 5
    assert pipeline(view, part={"brand": "web"}).frame["brand"].tolist() == ["web"]
    assert pipeline(view, span="2025Q2").frame["span"].unique().tolist() == ["2025Q2"]
    assert not pipeline(view, span="2025-02").is_answered
    assert stages_table(view) is not None
    assert scores_table(view) is not None


def test_few_closed_ones_give_amounts_and_no_odds(tmp_path: Path) -> None:
    folder = write_machines(tmp_path / "machines", DAY, with_changes=False)
    table = pd.read_csv(folder / "opportunities.csv")
    few = table[table["outcome"].isna() | (table.index % 90 == 0)]
    few.to_csv(folder / "opportunities.csv", index=False)
    plan(folder, "2025Q1", tmp_path / "out")
    view = view_snapshot(tmp_path / "out" / "2025Q1" / "machines")
    assert view.table("pipeline").empty
    answer = pipeline(view)
    assert "no odds are given" in answer.sentence
    assert any(one["code"] == "no_deal_odds" for one in view.manifest["warnings"])


def test_a_table_written_later_tells_no_stage_of_open_ones(tmp_path: Path) -> None:
    folder = write_machines(tmp_path / "machines", pd.Timestamp("2025-02-01"), with_changes=False)
    plan(folder, "2025Q1", tmp_path / "out")
    view = view_snapshot(tmp_path / "out" / "2025Q1" / "machines")
    assert set(view.table("pipeline_stages")["stage"]) == {"not named"}
    assert any(one["code"] == "deals_written_later" for one in view.manifest["warnings"])
