"""The factors of a span multiply to its sales with a lead."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import LagDistribution, fit_lag
from alignment_lib.funnel.factors import FACTORS, due_weights, funnel_factors
from alignment_lib.funnel.win_model import fit_wins
from tests.unit.funnel.lead_cases import draw_leads, lead, leads_of

QUARTER = (pd.Timestamp("2025-07-01"), pd.Timestamp("2025-10-01"))


def test_a_lead_is_due_by_the_share_of_its_lag() -> None:
    # Sales in four equal parts at lags of 0, 1, 2, 3 whole days. Created 29 September: lags 0 and 1 fall in
    # September, 2 and 3 in October.
    lag = LagDistribution(np.array([0.25, 0.5, 0.75, 1.0]), np.ones(4), np.zeros(4), 3, 10, 5)
    leads = leads_of([lead("A", "2025-09-29"), lead("B", "2025-09-01"), lead("C", "2025-10-02")])
    assert due_weights(leads, lag, *QUARTER) == pytest.approx([0.5, 1.0, 0.0])


def test_a_lead_is_due_once_over_all_spans() -> None:
    leads = draw_leads(400, seed=41)
    lag = fit_lag(leads)
    months = pd.date_range("2024-01-01", "2027-01-01", freq="MS")
    total = sum(due_weights(leads, lag, start, end) for start, end in itertools.pairwise(months))
    np.testing.assert_allclose(total, 1.0, atol=1e-12)


@pytest.mark.parametrize("with_model", [True, False])
def test_the_product_of_the_factors_is_the_value(with_model: bool) -> None:
    leads = draw_leads(4_000, seed=42)
    lag = fit_lag(leads)
    model = fit_wins(leads, lag, seed=1) if with_model else None
    table = funnel_factors(leads, lag, model, *QUARTER)
    np.testing.assert_allclose(table[list(FACTORS)].prod(axis=1), table["value"], rtol=1e-12)
    won = leads.table["is_won"] & leads.table["closed_at"].between(*QUARTER, inclusive="left")
    assert table["customers"].sum() == won.sum()
    assert table["value"].sum() == pytest.approx(leads.table.loc[won, "amount"].sum())


def test_without_a_model_the_factors_are_plain_shares() -> None:
    # Four leads due, three accepted, two of them reached, one won for 90: 4 x 3/4 x 2/3 x 1 x 1/2 x 90.
    rows = [
        lead("A", "2025-08-01", accepted_at="2025-08-01", closed_at="2025-08-01", outcome="won", amount=90.0),
        lead("B", "2025-08-01", accepted_at="2025-08-01"),
        lead("C", "2025-08-01", accepted_at="2025-08-01"),
        lead("D", "2025-08-01", rejected_at="2025-08-02", rejected_reason="no need"),
    ]
    leads = leads_of(rows, [("A", "2025-08-01", 1.0), ("B", "2025-08-01", 1.0)])
    row = funnel_factors(leads, fit_lag(leads), None, *QUARTER).iloc[0]
    assert row[list(FACTORS)].astype(float).tolist() == pytest.approx([4, 0.75, 2 / 3, 1, 0.5, 90])


def test_a_source_without_wins_has_no_order_size() -> None:
    rows = [
        lead("A", "2025-08-01", closed_at="2025-08-02", outcome="won", amount=9.0),
        lead("B", "2025-08-01", "fair"),
    ]
    leads = leads_of(rows)
    fair = funnel_factors(leads, fit_lag(leads), None, *QUARTER).set_index("source").loc["fair"]
    assert np.isnan(fair["order_size"])
    assert (fair["win"], fair["value"]) == (0.0, 0.0)
