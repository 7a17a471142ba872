"""The demo is told as it was made: slow handling in the third quarter of 2025, poor social leads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.funnel.briefs import brief_status
from alignment_lib.funnel.cohorts import LagDistribution, fit_lag
from alignment_lib.funnel.handling import lead_handling
from alignment_lib.funnel.leads import FunnelLeads, prepare_leads
from alignment_lib.funnel.quality import LeadQuality, lead_quality
from alignment_lib.funnel.win_model import WinModel, calibrate_wins, fit_wins
from alignment_lib.inputs.workspace import Workspace, load_workspace
from alignment_lib.review.counterfactuals import had_promise_been_kept, split_quality_handling
from alignment_lib.review.workgroups import propose_workgroups
from data.generator.funnel_truth import FunnelTruth

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo"
AS_OF = pd.Timestamp("2025-12-28")
SECOND = (pd.Timestamp("2025-03-31"), pd.Timestamp("2025-06-30"))
THIRD = (SECOND[1], pd.Timestamp("2025-09-29"))


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return load_workspace(DEMO)


@dataclass(frozen=True)
class FunnelMeasures:
    """What is measured once on the demo's leads."""

    leads: FunnelLeads
    lag: LagDistribution


@pytest.fixture(scope="module")
def measures(workspace: Workspace) -> FunnelMeasures:
    settings, tables = workspace.settings, workspace.tables
    leads = prepare_leads(tables["leads"], AS_OF, tables["contacts"], settings.funnel, settings.dimensions)
    return FunnelMeasures(leads, fit_lag(leads))


@pytest.fixture(scope="module")
def model(measures: FunnelMeasures) -> WinModel:
    found = fit_wins(measures.leads, measures.lag, seed=1)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def quality(measures: FunnelMeasures, model: WinModel, workspace: Workspace) -> LeadQuality:
    return lead_quality(measures.leads, measures.lag, model, workspace.calendar, seed=1, cycle="quarter")


def test_the_demo_s_known_slopes_lie_inside_their_intervals(model: WinModel) -> None:
    truth = FunnelTruth()
    for name, value in (("wait", truth.wait_slope), ("talk", truth.talk_slope)):
        estimate, error = model.coefficient(name)
        assert abs(estimate - value) <= 1.645 * error, name


def test_predictions_are_within_two_points_on_leads_kept_out_of_the_fit(measures: FunnelMeasures) -> None:
    _, summary = calibrate_wins(measures.leads, measures.lag, seed=1)
    assert summary["error"] <= 0.02
    assert summary["leads"] > 4_000


def test_the_third_quarter_was_lost_in_handling_and_not_in_quality(
    measures: FunnelMeasures, model: WinModel
) -> None:
    table, _ = split_quality_handling(measures.leads, measures.lag, model, SECOND, THIRD, seed=1)
    whole = table.iloc[0]
    assert whole["handling_high"] < -15
    assert abs(whole["quality"]) < 0.25 * abs(whole["handling"])


def test_what_the_kept_promise_would_have_brought_is_material(
    measures: FunnelMeasures, model: WinModel
) -> None:
    kept, _ = had_promise_been_kept(measures.leads, measures.lag, model, THIRD, seed=1)
    before, _ = had_promise_been_kept(measures.leads, measures.lag, model, SECOND, seed=1)
    assert kept["gain_low"].iloc[0] > 1.5 * before["gain_high"].iloc[0]
    assert kept["value"].iloc[0] > 20_000


def test_inside_sales_was_slow_in_that_quarter_only(
    measures: FunnelMeasures, model: WinModel, workspace: Workspace
) -> None:
    table = lead_handling(measures.leads, model, workspace.calendar, cycle="quarter").table
    hours = table[table["handler"] == "inside sales"].set_index("cohort")["median_hours"]
    assert hours["2025Q3"] > 2 * hours["2025Q2"]
    assert hours["2025Q4"] < 1.3 * hours["2025Q2"]


def test_social_leads_are_rejected_more_each_quarter_and_a_group_is_proposed(quality: LeadQuality) -> None:
    social = quality.table[quality.table["source"] == "social ads"].set_index("cohort")["accepted_share"]
    assert social["2025Q4"] < social["2024Q4"] - 0.15
    groups, _ = propose_workgroups(None, quality.table, None, AS_OF)
    assert "accepted share of leads, social ads" in groups["kpi"].tolist()


def test_briefs_that_came_late_are_found(measures: FunnelMeasures, workspace: Workspace) -> None:
    tables = workspace.tables
    table, _ = brief_status(tables["briefs"], tables["assumptions"], AS_OF, measures.leads)
    weak = dict(zip(table["campaign"], table["weak_points"], strict=True))
    assert "acknowledged late" in weak["Spring machine offer"]
    assert "regular customers not told" in weak["Spring machine offer"]
    assert table.set_index("campaign").loc["Spring machine offer", "leads_before"] > 0


def test_no_table_names_a_person(measures: FunnelMeasures, model: WinModel, workspace: Workspace) -> None:
    handlers = set(lead_handling(measures.leads, model, workspace.calendar).table["handler"])
    assert handlers == {"call centre", "field sales", "inside sales", "partner desk"}
