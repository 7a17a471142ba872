"""The win model: known effects recovered, calibrated on leads it has not seen, no later knowledge in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import fit_lag
from alignment_lib.funnel.win_model import calibrate_wins, fit_wins, linear_predictor, predict_wins, wait_term
from tests.unit.funnel.lead_cases import draw_leads, lead, leads_of


def test_the_cost_of_waiting_is_recovered_with_its_error() -> None:
    leads = draw_leads(6_000, seed=11, slope=-0.7)
    model = fit_wins(leads, fit_lag(leads), seed=1)
    assert model is not None
    estimate, error = model.coefficient("wait")
    assert abs(estimate + 0.7) < 2.5 * error
    assert 0.03 < error < 0.15


def test_the_quality_of_sources_is_recovered() -> None:
    leads = draw_leads(6_000, seed=12, slope=-0.7, qualities=(-0.5, -1.5))
    model = fit_wins(leads, fit_lag(leads), seed=1)
    assert model is not None
    logit = linear_predictor(model, leads.table)
    # At the promised 24 hours: the quality less 0.7 x log 2.
    for number, quality in enumerate((-0.5, -1.5)):
        chosen = (leads.table["source"] == f"source {number}").to_numpy()
        assert logit[chosen].mean() == pytest.approx(quality - 0.7 * np.log(2), abs=0.15)


def test_the_ridge_is_statsmodels_own_and_at_its_optimum() -> None:
    import statsmodels.api as sm

    from alignment_lib.funnel.win_model import _design, _penalty, _search_further, _training_leads

    leads = draw_leads(2_000, seed=13)
    lag = fit_lag(leads)
    model = fit_wins(leads, lag, seed=1)
    assert model is not None
    table = _training_leads(leads, model.horizon_days)
    won = table["is_won"].to_numpy(dtype=float)
    design, precision = _design(model, table), _penalty(model.names)
    # At the optimum the penalised score is zero.
    score = (
        sm.GLM(won, design, family=sm.families.Binomial()).score(model.coefficients)
        - precision * model.coefficients
    )
    np.testing.assert_allclose(score, 0.0, atol=1e-9)
    # Statsmodels' search has nothing left to do there; started elsewhere it ends at the same place.
    further = _search_further(design, won, precision, model.coefficients)
    np.testing.assert_array_equal(further, model.coefficients)
    apart = _search_further(design, won, precision, model.coefficients + 0.1)
    np.testing.assert_allclose(apart, model.coefficients, atol=0.02)


def test_predictions_of_unseen_leads_are_calibrated() -> None:
    leads = draw_leads(8_000, seed=14)
    bins, summary = calibrate_wins(leads, fit_lag(leads), seed=1)
    assert summary["error"] <= 0.02
    assert 0.8 < summary["slope"] < 1.2
    assert bins["leads"].min() >= 800
    assert bins["predicted"].is_monotonic_increasing


def test_nothing_after_acceptance_but_wait_and_talk_can_move_a_prediction() -> None:
    leads = draw_leads(3_000, seed=15)
    model = fit_wins(leads, fit_lag(leads), seed=1)
    assert model is not None
    changed = leads.table.assign(
        is_won=~leads.table["is_won"],
        amount=9e9,
        stage=4,
        closed_at=pd.NaT,
        lag_days=0.0,
        attempts=99,
        reason="",
    )
    np.testing.assert_array_equal(predict_wins(model, changed), predict_wins(model, leads.table))
    late = predict_wins(model, leads.table, np.full(len(leads.table), 500.0))
    assert (late < predict_wins(model, leads.table)).all()


def test_the_promise_is_the_model_s_zero() -> None:
    leads = draw_leads(3_000, seed=16)
    model = fit_wins(leads, fit_lag(leads), seed=1)
    assert model is not None
    at_promise = predict_wins(model, leads.table, np.full(len(leads.table), 24.0))
    np.testing.assert_allclose(at_promise, predict_wins(model, leads.table), rtol=1e-12)
    unknown = predict_wins(model, leads.table, np.full(len(leads.table), np.nan))
    np.testing.assert_allclose(unknown, predict_wins(model, leads.table), rtol=1e-12)


def test_too_few_outcomes_give_no_model() -> None:
    rows = [lead(f"A{n}", "2025-05-01", closed_at="2025-05-20", outcome="won") for n in range(19)]
    rows += [lead(f"B{n}", "2025-05-01", closed_at="2025-05-20", outcome="lost") for n in range(200)]
    leads = leads_of(rows, [("A0", "2025-05-02", 1.0)])
    lag = fit_lag(leads)
    assert fit_wins(leads, lag, seed=1) is None
    bins, summary = calibrate_wins(leads, lag, seed=1)
    assert (len(bins), summary["leads"]) == (0, 0.0)


def test_the_same_seed_gives_the_same_model() -> None:
    leads = draw_leads(1_500, seed=17)
    lag = fit_lag(leads)
    one, two = fit_wins(leads, lag, seed=5), fit_wins(leads, lag, seed=5)
    assert one is not None
    assert two is not None
    np.testing.assert_array_equal(one.coefficients, two.coefficients)


def test_waiting_enters_as_log_of_days() -> None:
    assert wait_term(np.array([0.0, 24.0, 72.0])) == pytest.approx([0.0, np.log(2), np.log(4)])
