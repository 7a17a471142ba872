"""Quality against handling, and what would have been, on leads whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import LagDistribution, fit_lag
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.win_model import WinModel, fit_wins
from alignment_lib.review.counterfactuals import (
    had_promise_been_kept,
    had_quality_been,
    split_quality_handling,
)
from tests.unit.funnel.lead_cases import draw_leads

BEFORE = (pd.Timestamp("2025-04-01"), pd.Timestamp("2025-07-01"))
AFTER = (pd.Timestamp("2025-07-01"), pd.Timestamp("2025-10-01"))


@pytest.fixture(scope="module")
def drawn() -> tuple[FunnelLeads, LagDistribution, WinModel]:
    leads = draw_leads(6_000, seed=71)
    lag = fit_lag(leads)
    model = fit_wins(leads, lag, seed=1)
    assert model is not None
    return leads, lag, model


def _with(leads: FunnelLeads, table: pd.DataFrame) -> FunnelLeads:
    return FunnelLeads(table, leads.now, leads.dimensions, leads.recorded, leads.promise, leads.merges)


def test_the_two_blocks_add_up_to_the_modelled_change(
    drawn: tuple[FunnelLeads, LagDistribution, WinModel],
) -> None:
    table, notices = split_quality_handling(*drawn, BEFORE, AFTER, seed=1)
    change = table["leads"] * (table["rate_after"] - table["rate_before"])
    np.testing.assert_allclose(table["quality"] + table["handling"], change, rtol=1e-9)
    np.testing.assert_allclose(
        table.iloc[1:][["quality", "handling"]].sum(), table.iloc[0][["quality", "handling"]].astype(float)
    )
    assert notices[0].code == "not_cause"


def test_slower_calls_are_handling_and_leave_quality_alone(
    drawn: tuple[FunnelLeads, LagDistribution, WinModel],
) -> None:
    leads, lag, model = drawn
    late = leads.table["created"].between(pd.Timestamp("2025-06-25"), AFTER[1])
    slow = leads.table.assign(
        wait_hours=leads.table["wait_hours"].where(~late, leads.table["wait_hours"] * 6)
    )
    plain = split_quality_handling(leads, lag, model, BEFORE, AFTER, seed=1)[0].iloc[0]
    whole = split_quality_handling(_with(leads, slow), lag, model, BEFORE, AFTER, seed=1)[0].iloc[0]
    assert whole["handling_high"] < 0
    assert whole["handling"] < plain["handling"] - 5
    assert abs(whole["quality"] - plain["quality"]) < 0.2 * abs(whole["handling"] - plain["handling"])


def test_worse_acceptance_is_quality_and_leaves_handling_alone(
    drawn: tuple[FunnelLeads, LagDistribution, WinModel],
) -> None:
    leads, lag, model = drawn
    late = leads.table["created"].between(pd.Timestamp("2025-06-25"), AFTER[1])
    worse = leads.table.assign(
        is_accepted=leads.table["is_accepted"] & ~(late & (np.arange(len(late)) % 3 == 0))
    )
    whole = split_quality_handling(_with(leads, worse), lag, model, BEFORE, AFTER, seed=1)[0].iloc[0]
    assert whole["quality_high"] < -10
    assert abs(whole["handling"]) < 0.2 * abs(whole["quality"])


def test_a_source_present_in_one_span_only_is_named(
    drawn: tuple[FunnelLeads, LagDistribution, WinModel],
) -> None:
    leads, lag, model = drawn
    late = leads.table["created"] < pd.Timestamp("2025-07-01")
    gone = leads.table[~(late & (leads.table["source"] == "source 1"))].reset_index(drop=True)
    table, notices = split_quality_handling(_with(leads, gone), lag, model, BEFORE, AFTER, seed=1)
    assert table["source"].tolist() == ["", "source 0"]
    assert notices[1].text == "Sources with leads in one span only are left out of the split: source 1."


def test_a_kept_promise_never_costs_and_kept_already_brings_nothing(
    drawn: tuple[FunnelLeads, LagDistribution, WinModel],
) -> None:
    leads, lag, model = drawn
    kept, _ = had_promise_been_kept(leads, lag, model, AFTER, seed=1)
    assert (kept["gain"] > 0).all()
    assert (kept["gain_low"] <= kept["gain"]).all()
    assert (kept["gain"] <= kept["gain_high"]).all()
    assert kept["gain"].iloc[1:].sum() == pytest.approx(kept["gain"].iloc[0])
    # 100 of money a win in every lead drawn.
    np.testing.assert_allclose(kept["value"], 100 * kept["gain"])
    done = leads.table.assign(wait_hours=1.0, is_contacted=True)
    perfect, _ = had_promise_been_kept(_with(leads, done), lag, model, AFTER, seed=1)
    np.testing.assert_allclose(perfect["gain"], 0.0, atol=1e-12)


def test_leads_tried_as_often_as_promised_cannot_be_cured(
    drawn: tuple[FunnelLeads, LagDistribution, WinModel],
) -> None:
    leads, lag, model = drawn
    tried = leads.table.assign(attempts_in_window=5, wait_hours=np.minimum(leads.table["wait_hours"], 24.0))
    kept, _ = had_promise_been_kept(_with(leads, tried), lag, model, AFTER, seed=1)
    np.testing.assert_allclose(kept["gain"], 0.0, atol=1e-12)


def test_the_same_seed_gives_the_same_ranges(drawn: tuple[FunnelLeads, LagDistribution, WinModel]) -> None:
    one, _ = split_quality_handling(*drawn, BEFORE, AFTER, seed=3)
    two, _ = split_quality_handling(*drawn, BEFORE, AFTER, seed=3)
    pd.testing.assert_frame_equal(one, two)


def test_quality_as_planned_by_hand() -> None:
    # 1,000 sold at a quality of 0.2 where 0.25 was planned: 1,250, so 250 more.
    actual = pd.DataFrame({"source": ["web"], "value": [1000.0], "quality": [0.2]})
    planned = pd.DataFrame({"source": ["web"], "quality": [0.25]})
    split = pd.DataFrame({"source": ["", "web"], "quality": [-10.0, -10.0]})
    split["quality_low"], split["quality_high"] = -15.0, -5.0
    # 100 leads at 20 % are 20 modelled customers; 5 of them either way are a quarter of the 1,000.
    split["leads"], split["rate_after"] = 100.0, 0.2
    table = had_quality_been(actual, planned, split)
    assert table["gain"].tolist() == pytest.approx([250, 250])
    assert table[["gain_low", "gain_high"]].iloc[1].tolist() == pytest.approx([0, 500])
