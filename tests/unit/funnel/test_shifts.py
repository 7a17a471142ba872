"""A conversion that shifted within the year is noticed, and the rate since then is used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import fit_lag
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.rates import measure_rates
from alignment_lib.funnel.shifts import find_shifts, shift_notices
from alignment_lib.inputs.periods.calendar import Calendar
from tests.unit.funnel.lead_cases import leads_of

MONTHS = Calendar("month")


def _leads(quarterly: list[float], per_quarter: int = 200, seed: int = 4) -> FunnelLeads:
    """Leads of one source, closed within days, with a rate a quarter, the last one 2025Q4."""
    rng = np.random.default_rng(seed)
    starts = pd.date_range(end="2025-10-01", periods=len(quarterly), freq="QS")
    rows = []
    for start, rate in zip(starts, quarterly, strict=True):
        for number in range(per_quarter):
            created = start + pd.Timedelta(days=float(rng.uniform(0, 89)))
            outcome = "won" if rng.random() < rate else "lost"
            rows.append((f"{start:%y%m}-{number}", created, created + pd.Timedelta(days=1), outcome))
    frame = pd.DataFrame(rows, columns=["lead_id", "created", "closed_at", "outcome"])
    frame = frame.assign(source="web", campaign="", device="", customer="", handler="", amount=50.0)
    frame = frame.assign(accepted_at=pd.NaT, rejected_at=pd.NaT, opportunity_at=pd.NaT, rejected_reason="")
    return leads_of(frame.to_dict("records"))


def test_a_shift_from_21_to_53_per_cent_is_found_and_named() -> None:
    leads = _leads([0.21] * 6 + [0.53, 0.53])
    lag = fit_lag(leads)
    rates = measure_rates(leads, lag, None, MONTHS)
    row = rates.iloc[0]
    assert row["rate_since"].strftime("%Y-%m") == "2025-07"
    assert row["conversion_rate"] == pytest.approx(0.53, abs=0.06)
    assert row["rate_before"] == pytest.approx(0.21, abs=0.04)
    text = shift_notices(rates)[0].text
    assert "shifted from 2" in text
    assert "on: the latter is used" in text


@pytest.mark.parametrize("quarterly", [[0.3] * 8, [0.25, 0.35] * 4])
def test_chance_and_quarters_that_always_differ_are_no_shift(quarterly: list[float]) -> None:
    found = [
        find_shifts(leads, fit_lag(leads), MONTHS) for leads in (_leads(quarterly, 120, n) for n in range(8))
    ]
    assert sum(len(table) for table in found) == 0


def test_few_leads_tell_nothing() -> None:
    leads = _leads([0.2] * 7 + [0.6], per_quarter=15)
    assert find_shifts(leads, fit_lag(leads), MONTHS).empty
