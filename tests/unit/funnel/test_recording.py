"""Quarters of which only survivors are recorded are left out of rates, lags and best quarters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import conversion_by_cohort, fit_lag
from alignment_lib.funnel.rates import measure_rates
from alignment_lib.funnel.recording import find_recorded_from
from alignment_lib.inputs.periods.calendar import Calendar
from tests.unit.funnel.lead_cases import codes, lead, leads_of

MONTHS = Calendar("month")


def _quarter(name: str, start: str, won: int, lost: int) -> list[dict[str, object]]:
    day = pd.Timestamp(start)
    closed = f"{day + pd.Timedelta(days=9):%Y-%m-%d}"
    rows = [lead(f"{name}w{n}", start, closed_at=closed, outcome="won", amount=10.0) for n in range(won)]
    return rows + [lead(f"{name}l{n}", start, closed_at=closed, outcome="lost") for n in range(lost)]


def test_survivors_are_left_out_of_every_rate_and_said() -> None:
    rows = _quarter("A", "2025-01-10", 40, 0) + _quarter("B", "2025-04-10", 10, 30)
    rows += _quarter("C", "2025-07-10", 12, 28)
    leads = leads_of(rows)
    assert leads.recorded_from == pd.Timestamp("2025-04-01")
    assert codes(leads)["survivors_only"] == 40
    lag = fit_lag(leads)
    rates = measure_rates(leads, lag, None, MONTHS)
    assert rates["conversion_rate"].iloc[0] == pytest.approx(22 / 80, abs=0.01)
    assert rates["best_cohort"].iloc[0] == "2025Q3"
    assert set(conversion_by_cohort(leads, lag, MONTHS)["cohort"]) == {"2025Q2", "2025Q3"}
    # The leads themselves stay: what they brought is counted where sales are.
    assert len(leads.table) == 120


def test_a_good_first_quarter_is_no_quarter_of_survivors() -> None:
    leads = leads_of(_quarter("A", "2025-01-10", 36, 4) + _quarter("B", "2025-04-10", 10, 30))
    assert leads.recorded_from is None


def test_too_few_leads_or_an_export_without_losses_prove_nothing() -> None:
    few = leads_of(_quarter("A", "2025-01-10", 5, 0) + _quarter("B", "2025-04-10", 10, 30))
    assert few.recorded_from is None
    none_lost = leads_of(_quarter("A", "2025-01-10", 40, 0) + _quarter("B", "2025-04-10", 40, 0))
    assert none_lost.recorded_from is None


@pytest.mark.parametrize("seed", range(20))
def test_chance_alone_hardly_ever_makes_survivors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    created = pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, 400), unit="D")
    flags = dict.fromkeys(("is_rejected", "is_disqualified"), False)
    table = pd.DataFrame({"created": created, "is_lost": rng.random(400) < 0.3, **flags})
    assert find_recorded_from(table.assign(is_won=~table["is_lost"]))[0] is None
