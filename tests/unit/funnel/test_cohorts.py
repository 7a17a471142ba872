"""Censoring: young cohorts are not read as bad, and the lag comes out as drawn."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.funnel.cohorts import (
    LagDistribution,
    conversion_by_cohort,
    estimate_conversion,
    fit_lag,
    period_weights,
    survival_curve,
    survival_median,
)
from alignment_lib.inputs.configuration.settings import FunnelSettings
from alignment_lib.inputs.periods.calendar import Calendar
from tests.unit.funnel.lead_cases import AS_OF, codes, draw_leads, lead, leads_of


def test_the_survival_curve_is_kaplan_and_meier_s_by_hand() -> None:
    # Events at 1 and 3, censored at 2 and 4: S = 3/4, then 3/4 x 1/2; Greenwood 1/(4·3), then + 1/(2·1).
    times, survival, error = survival_curve(
        np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False])
    )
    assert times.tolist() == [1.0, 3.0]
    np.testing.assert_allclose(survival, [0.75, 0.375])
    np.testing.assert_allclose(error, [0.75 * np.sqrt(1 / 12), 0.375 * np.sqrt(1 / 12 + 1 / 2)])


def test_the_curve_counted_together_equals_the_one_row_by_row() -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    rng = np.random.default_rng(1)
    time, event = rng.integers(0, 30, 400).astype(float), rng.random(400) < 0.4
    fit = SurvfuncRight(time, event.astype(int))
    times, survival, error = survival_curve(time, event)
    np.testing.assert_array_equal(times, fit.surv_times)
    np.testing.assert_array_equal(survival, fit.surv_prob)
    np.testing.assert_allclose(error, fit.surv_prob_se, atol=1e-12)


def test_the_curve_ends_at_nothing_where_the_last_one_watched_has_the_event() -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    time, event = np.array([1.0, 2.0, 2.0]), np.array([True, True, True])
    times, survival, error = survival_curve(time, event)
    assert (times.tolist(), survival[-1], error[-1]) == ([1.0, 2.0], 0.0, 0.0)
    np.testing.assert_array_equal(survival, SurvfuncRight(time, event.astype(int)).surv_prob)


def test_without_an_event_there_is_no_curve() -> None:
    times, survival, error = survival_curve(np.array([1.0, 4.0]), np.array([False, False]))
    assert len(times) == len(survival) == len(error) == 0


def test_a_median_not_reached_yet_is_not_made_up() -> None:
    assert np.isnan(survival_median(np.array([1.0, 5.0, 5.0, 5.0]), np.array([True, False, False, False])))


def test_the_cure_form_by_hand() -> None:
    # Two of four mature leads won, and four leads at half their way, one of them won. Maximise
    # p^3 (1-p)^2 (1-p/2)^3: 3/p = 2/(1-p) + 1.5/(1-p/2).
    won = np.array([1, 1, 0, 0, 1, 0, 0, 0], dtype=bool)
    share = np.array([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5])
    p = estimate_conversion(np.zeros(8, dtype=int), 1, won, share)["conversion_rate"][0]
    assert 3 / p == pytest.approx(2 / (1 - p) + 1.5 / (1 - p / 2), rel=1e-9)
    assert 3 / 8 < p < 0.6


@given(st.integers(0, 40), st.integers(1, 40))
def test_a_mature_group_s_conversion_is_its_plain_share(won: int, lost: int) -> None:
    flags = np.r_[np.ones(won, dtype=bool), np.zeros(lost, dtype=bool)]
    row = estimate_conversion(np.zeros(won + lost, dtype=int), 1, flags, np.ones(won + lost)).iloc[0]
    assert row["conversion_rate"] == pytest.approx(won / (won + lost), abs=1e-9)
    assert row["low"] <= row["conversion_rate"] <= row["high"]


def test_no_win_among_mature_leads_still_gives_an_upper_bound() -> None:
    row = estimate_conversion(np.zeros(20, dtype=int), 1, np.zeros(20, dtype=bool), np.ones(20)).iloc[0]
    assert row["conversion_rate"] == 0.0
    assert row["high"] == pytest.approx(1 - 0.05 ** (1 / 20))


def test_a_young_cohort_is_not_read_as_bad() -> None:
    leads = draw_leads(6_000, seed=3, slope=0.0, qualities=(-0.8,))
    cohorts = conversion_by_cohort(leads, fit_lag(leads), Calendar("month"), "month", by=())
    young, old = cohorts.iloc[-1], cohorts.iloc[-6]
    assert young["is_young"]
    assert not old["is_young"]
    assert young["observed_rate"] < 0.8 * old["observed_rate"]
    # True share of leads won: 0.9 accepted x 0.8 reached x expit(-0.8) = 0.223.
    assert young["low"] < 0.223 < young["high"]
    assert old["conversion_rate"] == pytest.approx(0.223, abs=0.04)


def test_the_lag_comes_out_as_drawn() -> None:
    # Wait log-normal with median 16.4 h, then a gamma(2, 6) of median 10.07 days.
    lag = fit_lag(draw_leads(8_000, seed=4, slope=0.0, qualities=(0.0,)))
    assert 9 <= lag.quantile(0.5) <= 13
    assert lag.share[-1] == 1.0
    assert (np.diff(lag.share) >= 0).all()
    assert lag.conversion == pytest.approx(0.36, abs=0.02)


def test_leads_older_than_the_record_of_wins_are_left_out_of_the_lag() -> None:
    rows = [lead(f"A{n}", "2025-01-01") for n in range(50)]
    rows += [lead(f"B{n}", "2025-10-01", closed_at="2025-10-11", outcome="won") for n in range(25)]
    rows += [lead(f"C{n}", "2025-10-01") for n in range(25)]
    leads = leads_of(rows)
    assert fit_lag(leads).conversion == pytest.approx(0.25)
    later = leads_of(rows, promise=FunnelSettings(recorded_from=dt.date(2025, 9, 1)))
    assert fit_lag(later).conversion == pytest.approx(0.5)
    assert codes(later)["recorded_from"] == 50


def test_without_a_win_nothing_is_made_up() -> None:
    lag = fit_lag(leads_of([lead("A", "2025-11-01"), lead("B", "2025-12-01")]))
    assert (lag.won, lag.conversion) == (0, 0.0)
    assert np.isnan(lag.quantile(0.5))
    assert period_weights(lag, 7).tolist() == [1.0]


def test_period_weights_by_hand() -> None:
    # Sales 0, 1, 2 or 3 days after the lead in equal parts, periods of two days. Created on day 0: lags
    # 0, 1 fall in the same period, 2, 3 in the next. On day 1: lag 0 same, 1 and 2 next, 3 the one after.
    lag = LagDistribution(np.array([0.25, 0.5, 0.75, 1.0]), np.ones(4), np.zeros(4), 3, 10, 5)
    np.testing.assert_allclose(period_weights(lag, 2, tail_share=0.0), [0.375, 0.5, 0.125])


def test_cohorts_without_leads_do_not_appear_and_all_leads_are_counted() -> None:
    leads = leads_of([lead("A", "2025-01-10"), lead("B", "2025-09-10", "fair")])
    cohorts = conversion_by_cohort(leads, fit_lag(leads), Calendar("month"), "quarter")
    assert cohorts[["cohort", "source", "leads"]].to_numpy().tolist() == [
        ["2025Q1", "web", 1],
        ["2025Q3", "fair", 1],
    ]
    assert cohorts["leads"].sum() == len(leads.table)
    assert leads.now > AS_OF
