"""From plan to leads by hand: rates, lag, capacity, the bottleneck and what it costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import LagDistribution, fit_lag
from alignment_lib.funnel.estimates import compare_estimates, retention_needed
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.rates import measure_rates
from alignment_lib.funnel.requirements import Requirements, reference_factors, required_leads
from alignment_lib.funnel.win_model import fit_wins
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.snapshot_tables import canonical_frame
from tests.unit.funnel.lead_cases import draw_leads, lead, leads_of

MONTHS = Calendar("month")
# Sales half in the month of the lead, half in the next: with periods of 30 days, lags of 0 to 29 in equal
# parts would give (1/2, 1/2) closely; here the weights are set directly.
AT_ONCE = LagDistribution(np.ones(1), np.array([0.1]), np.zeros(1), 0, 100, 10)
LATE = LagDistribution(np.r_[np.zeros(30), 1.0], np.full(31, 0.1), np.zeros(31), 30, 100, 10)


def _rates(**changes: object) -> pd.DataFrame:
    """One source, web: 10 of 100 leads won, 80 accepted, 40 contacted, 20 opportunities; 50 a win."""
    row = {"source": "web", "leads": 100, "run_rate": 1.0, "lead_rate": 0.02, "conversion_rate": 0.1}
    row |= {"standard_error": 0.03, "accepted_rate": 0.8, "contacted_rate": 0.5, "opportunity_rate": 0.5}
    row |= {"win_rate": 0.5, "best_rate": 0.12, "best_cohort": "2025Q2", "quality": 0.25, "contact": 0.5}
    row |= {"speed": 0.8, "win": 1.0, "order_size": 50.0}
    return pd.DataFrame([row | changes])


def _leads() -> FunnelLeads:
    rows = [
        lead(
            f"L{n}",
            "2025-12-10",
            accepted_at="2025-12-10",
            handler="inside sales" if n < 3 else "field sales",
        )
        for n in range(4)
    ]
    rows.append(
        lead("W", "2025-11-01", accepted_at="2025-11-01", closed_at="2025-11-02", outcome="won", amount=600.0)
    )
    return leads_of(rows, [("W", "2025-11-01", 1.0)])


def _plan(*values: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"period": pd.date_range("2026-01-01", periods=len(values), freq="MS"), "value": values}
    )


def _need(plan: pd.DataFrame, lag: LagDistribution = AT_ONCE, **options: object) -> Requirements:
    rates = options.pop("rates", None)
    return required_leads(plan, _leads(), lag, _rates() if rates is None else rates, MONTHS, **options)  # type: ignore[arg-type]


def test_the_chain_by_hand() -> None:
    # 1,000 of new sales, 50 a win: 20 customers; 40 opportunities, 80 contacted, 160 accepted, 200 leads,
    # 10,000 visits at 2 %.
    wide = _need(_plan(1000.0)).wide
    row = wide[wide["source"] == "web"].iloc[0]
    names = ["customers", "opportunities", "contacted", "accepted", "leads", "visitors"]
    assert row[names].astype(float).tolist() == pytest.approx([20, 40, 80, 160, 200, 10_000])
    # January has 31 days at one lead a day: 31 leads available, so 20 / 31 = 65 % would have to convert.
    assert row["available"] == pytest.approx(31.0)
    assert row["needed_rate"] == pytest.approx(20 / 31)
    assert row["beyond_best"]


def test_only_the_share_that_comes_with_a_lead_needs_one() -> None:
    # Of 1,200 new sales booked since November, 600 came with a won lead: half of the plan needs leads.
    history = pd.DataFrame({"period": pd.to_datetime(["2025-11-01", "2025-12-01"]), "value": [800.0, 400.0]})
    wide = _need(_plan(1000.0), history=history).wide
    assert wide.loc[wide["source"] == "", "lead_share"].iloc[0] == pytest.approx(0.5)
    assert wide.loc[wide["source"] == "web", "customers"].iloc[0] == pytest.approx(10.0)


def test_without_past_new_sales_all_planned_ones_are_taken_to_need_a_lead_and_it_is_said() -> None:
    texts = [notice.text for notice in _need(_plan(1000.0)).notices]
    assert "New sales made are not given: all planned new sales are taken to need a lead." in texts


def test_the_lag_says_which_leads_must_exist_by_when() -> None:
    # Every sale is made 30 days after its lead: with periods of 30 days, one month later. January's 20
    # customers need leads of December, February's 40 need leads of January; the leads of February are for
    # March, beyond the plan, taken at the mean level of its last quarter (1,500 a month: 30 customers).
    needs = _need(_plan(1000.0, 2000.0), LATE)
    rows = needs.wide[needs.wide["source"] == "web"]
    assert needs.lag_periods.tolist() == [0.0, 1.0]
    assert rows["period"].dt.strftime("%Y-%m").tolist() == ["2025-12", "2026-01", "2026-02"]
    assert rows["customers"].tolist() == pytest.approx([20, 40, 30])
    assert rows["is_past"].tolist() == [True, False, False]
    assert rows["assumed_share"].tolist() == pytest.approx([0, 0, 1])
    # December's four leads are counted as they are: all of their sales are still to come.
    assert rows["available"].iloc[0] == pytest.approx(4.0)
    assert rows["customers_due"].tolist()[1:] == pytest.approx([20, 40])


def test_the_bottleneck_is_named_with_what_it_costs() -> None:
    # 160 accepted leads needed, three quarters of them inside sales' (120 against 100), one quarter field
    # sales' (40 against 50): 20 nobody can handle, each worth 20/160 customers of 50: 125.
    capacity = pd.DataFrame(
        {
            "period": pd.to_datetime(["2026-01-01"] * 2),
            "handler": ["inside sales", "field sales"],
            "leads": [100.0, 50.0],
        }
    )
    needs = _need(_plan(1000.0), capacity=capacity, rates=_rates(run_rate=20.0))
    total = needs.wide[needs.wide["source"] == ""].iloc[0]
    assert needs.handlers[["handler", "required", "gap"]].to_numpy().tolist() == [
        ["field sales", pytest.approx(32.0), 0.0],
        ["inside sales", pytest.approx(128.0), pytest.approx(28.0)],
    ]
    # Four of the five accepted leads of the last year are inside sales': 0.8 x 160 = 128, 28 too many.
    assert total["capacity_gap"] == pytest.approx(28.0)
    assert total["cost_of_capacity"] == pytest.approx(28 * 20 / 160 * 50)
    assert total["bottleneck"] == "handling capacity"
    assert (
        total["sentence"] == "160 accepted leads are needed and 150 can be handled: 175 of new sales at risk."
    )


def test_too_few_leads_are_the_bottleneck_where_they_cost_more() -> None:
    # 31 leads at 10 % give 3.1 of the 20 customers needed: 16.9 x 50 = 845.
    total = _need(_plan(1000.0)).wide.query("source == ''").iloc[0]
    assert total["bottleneck"] == "leads"
    assert total["cost_of_leads"] == pytest.approx(845.0)
    assert total["sentence"].startswith(
        "about 20 new customers are needed from the leads of this period, and those to be"
    )


def test_missing_capacity_is_said_and_the_rest_still_worked_out() -> None:
    needs = _need(_plan(1000.0))
    text = "Handling capacity is not given: only a lack of leads can be shown as a bottleneck."
    assert text in [notice.text for notice in needs.notices]
    assert needs.wide["capacity"].isna().all()


def test_capacity_for_all_roles_together_is_allowed() -> None:
    capacity = pd.DataFrame({"period": pd.to_datetime(["2026-01-01"]), "handler": [""], "leads": [150.0]})
    needs = _need(_plan(1000.0), capacity=capacity)
    assert needs.handlers[["handler", "required", "gap"]].to_numpy().tolist() == [["", 160.0, 10.0]]


def test_a_plan_without_new_sales_or_a_funnel_without_wins_says_so() -> None:
    assert _need(_plan()).notices[0].code == "no_requirements"
    assert _need(_plan(10.0), rates=_rates(conversion_rate=0.0)).notices[0].code == "no_requirements"


def test_the_published_table_has_the_form_of_the_contract() -> None:
    table = canonical_frame("funnel", _need(_plan(1000.0)).table, ())
    assert list(table.columns[:6]) == ["period", "source", "stage", "required", "capacity", "rate"]
    web = table[table["source"] == "web"].set_index("stage")
    assert web.loc["leads", "required"] == pytest.approx(200.0)
    assert web.loc["leads", "rate"] == pytest.approx(0.8)
    assert web.index.tolist() == ["visitors", "leads", "accepted", "contacted", "opportunities", "customers"]


def test_the_plan_can_be_read_back_as_factors() -> None:
    # 20 customers due at 0.25 x 0.5 x 0.8 x 1 = 10 %: 200 leads due, 50 a win.
    table = _need(_plan(1000.0)).table
    row = reference_factors(table, pd.Timestamp("2026-01-01"), pd.Timestamp("2026-02-01")).iloc[0]
    assert row[["leads", "customers", "value", "order_size"]].astype(float).tolist() == pytest.approx(
        [200, 20, 1000, 50]
    )


def test_rates_are_measured_and_multiply_to_the_conversion() -> None:
    leads = draw_leads(5_000, seed=51)
    lag = fit_lag(leads)
    rates = measure_rates(leads, lag, fit_wins(leads, lag, seed=1), MONTHS)
    steps = rates[["accepted_rate", "contacted_rate", "opportunity_rate", "win_rate"]].prod(axis=1)
    np.testing.assert_allclose(steps, rates["conversion_rate"], rtol=1e-12)
    factors = rates[["quality", "contact", "speed", "win"]].prod(axis=1)
    np.testing.assert_allclose(factors, rates["conversion_rate"], rtol=1e-12)
    assert (rates["best_rate"] >= rates["conversion_rate"] * 0.9).all()
    # One lead in eight days and a bit per source: 5,000 leads of two sources over 400 days.
    assert rates["run_rate"].sum() == pytest.approx(12.5, rel=0.1)


def test_a_source_with_few_leads_is_drawn_toward_all() -> None:
    # 1 of 2 leads won beside 10 of 100: with ten leads' weight of the common rate, far from a half.
    rows = [lead(f"A{n}", "2025-06-01", closed_at="2025-06-01", outcome="won", amount=1.0) for n in range(10)]
    rows += [lead(f"B{n}", "2025-06-01") for n in range(90)]
    rows += [
        lead("C", "2025-06-01", "fair", closed_at="2025-06-01", outcome="won"),
        lead("D", "2025-06-01", "fair"),
    ]
    leads = leads_of(rows)
    rates = measure_rates(leads, fit_lag(leads), None, MONTHS).set_index("source")["conversion_rate"]
    # (2 x 0.5 + 10 x 11/102) / 12
    assert rates["fair"] == pytest.approx((1 + 10 * 11 / 102) / 12)


def test_plan_and_funnel_are_shown_together_with_the_gap() -> None:
    # 31 leads in January at 10 % and 50 a win: 155 against 1,000 planned.
    table = compare_estimates(_need(_plan(1000.0)), MONTHS)
    whole = table[table["source"] == ""].iloc[0]
    assert whole[["plan", "funnel", "gap"]].astype(float).tolist() == pytest.approx([1000, 155, 845])
    assert whole["sentence"] == (
        "The plan counts on 1,000 of new sales with a lead; the leads there are and the present inflow give "
        "155: 845 short."
    )
    assert table["gap"].iloc[1:].sum() == pytest.approx(whole["gap"])


def test_retention_by_hand() -> None:
    # Second quarter: A, B, C, D buy. Third: A and B return and spend 60 together, E is new. Fourth is now.
    bought = pd.DataFrame(
        {
            "date": pd.to_datetime(["2025-04-03"] * 4 + ["2025-08-01"] * 3),
            "customer": list("ABCD") + list("ABE"),
            "amount": [10.0] * 4 + [20.0, 40.0, 30.0],
        }
    )
    plan = pd.DataFrame({"period": pd.to_datetime(["2025-10-01", "2025-11-01"]), "value": [30.0, 60.0]})
    table, notices = retention_needed(plan, bought, MONTHS, pd.Timestamp("2025-10-01"))
    row = table.iloc[0]
    # 30 a returning customer: 90 needs 3 of the 3 active now, and half returned last time.
    assert row[["money_per_active", "active_needed", "retention_needed"]].astype(float).tolist() == [30, 3, 1]
    assert (row["retention_last"], row["beyond_best"]) == (0.5, True)
    assert row["sentence"].endswith(
        "last cycle 50\u202f% returned, at best 50\u202f%: more than was ever reached."
    )
    assert notices == ()


def test_retention_is_not_guessed_without_transactions() -> None:
    table, notices = retention_needed(_plan(10.0), None, MONTHS, pd.Timestamp("2026-01-01"))
    assert len(table) == 0
    assert notices[0].code == "no_transactions"
