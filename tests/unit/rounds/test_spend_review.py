"""What became of marketing's money: planned against spent, leads, and the page of the meeting."""

import pandas as pd
import pytest

from alignment_lib.answers.leads.spend_review import spend_review
from alignment_lib.app.reviewing.meeting_round import prepare_meeting
from alignment_lib.app.reviewing.review_parts import review_parts
from alignment_lib.publishing.meeting_pack import render_pack
from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.plan_round import plan_round
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from tests.unit.rounds.spending import write_budgets


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> RoundWork:
    """Round 2025Q4 was published; then half as much again went to search, and nothing was said of it."""
    base = tmp_path_factory.mktemp("review")
    folder = write_budgets(base / "bicycles")
    request = PlanRequest(folder, "2025Q4", as_of=pd.Timestamp("2025-09-29"))
    publish_round(plan_round(request), base / "out", notebook=base, timings={}, render=False)
    spend = pd.read_csv(folder / "spend.csv")
    last = (spend["source"] == "search") & spend["period"].between("2025-09-29", "2025-12-22")
    spend["amount"] = spend["amount"].where(~last, spend["amount"] * 1.5)
    spend.to_csv(folder / "spend.csv", index=False)
    later = PlanRequest(folder, "2026Q1", as_of=pd.Timestamp("2025-12-29"), rounds=base / "out")
    return RoundWork(prepare_round(later), later)


def test_planned_stands_against_spent_source_by_source(work):
    rows = work.tables["spend_review"].set_index("source")
    assert set(rows["against"]) == {"plan"}
    assert rows.loc["search", "actual"] == pytest.approx(1.5 * rows.loc["search", "reference"])
    assert rows.loc["social", "actual"] == pytest.approx(rows.loc["social", "reference"])
    assert rows.loc["", "actual"] == pytest.approx(rows["actual"].drop("").sum(), abs=1e-9)
    assert rows.loc["search", "money_per_lead"] == pytest.approx(
        rows.loc["search", "actual"] / rows.loc["search", "leads"]
    )
    answer = spend_review(view_work(work))
    assert "more than planned" in answer.sentence
    assert "Most of the difference is search (+" in answer.sentence


def test_plans_publish_their_money_with_what_budgets_add(work):
    rows = work.tables["spend_plan"]
    sums = rows.groupby("source")[["planned", "shifted"]].sum()
    assert sums.loc["search", "shifted"] == pytest.approx(4000.0 - 800.0)
    assert sums.loc["radio", "shifted"] == pytest.approx(2000.0)
    money = work.tables["money"].query("scenario == 'consensus'")
    assert sums.to_numpy().sum() == pytest.approx(money["spend"].sum(), abs=1e-6)


def test_review_and_meeting_have_a_page_of_it(work):
    parts = {part.title for part in review_parts(work.look, view_work(work))}
    assert "Marketing's money" in parts
    pack = prepare_meeting(work)
    assert "budgets add" in str(pack.spend)
    assert b"Marketing" in render_pack(pack)
