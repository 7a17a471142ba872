"""Where the backtest stands, and what early origins are lent."""

from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.forecasting.combining.backtest import choose_origins, run_backtest, widen_lent
from alignment_lib.forecasting.learning.adjustment import scale_series
from alignment_lib.forecasting.learning.members import prepare


@pytest.mark.parametrize(
    ("months", "lent"), [(24, True), (25, True), (30, True), (36, True), (40, False), (60, False)]
)
def test_short_histories_have_origins_that_are_lent_their_season(months: int, lent: bool) -> None:
    origins = choose_origins(np.full(9, months), months, 12, 12)
    assert len(origins.stops) >= 4
    assert origins.stops[-1] + origins.steps == months
    assert (origins.lent > 0) == lent
    assert len(origins.stops) - origins.lent == sum(stop >= 24 for stop in origins.stops)


def _retail(months: int, series: int = 40) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    season = 0.3 * np.sin(2 * np.pi * np.arange(months + 12) / 12)
    level = np.cumsum(generator.normal(0, 0.02, (series, months + 12)), axis=1)
    values = 100 * np.exp(level + season + generator.normal(0, 0.05, level.shape))
    return values[:, :months], values[:, months:]


def test_a_lent_season_is_not_mistaken_for_usual_change() -> None:
    values, _ = _retail(28)
    scaled = scale_series(values, np.zeros(len(values), dtype=int))
    origins = choose_origins(np.full(len(values), 28), 28, 12, 12)
    rows = np.arange(len(values))
    today = prepare(scaled, 12).adjusted
    plain = run_backtest(scaled, 12, origins, (), rows, None, None)
    made = run_backtest(scaled, 12, origins, (), rows, None, None, today)
    assert np.nanmean(made.spreads[0]) < 0.7 * np.nanmean(plain.spreads[0])
    assert np.isnan(made.yardstick[0]).all(), "what is lent its season does not judge members"
    assert (made.lent[0] > 0).all()


def test_lent_variance_is_put_back_on_every_step() -> None:
    generator = np.random.default_rng(1)
    errors = generator.normal(size=(6, 400, 4)) * np.array([0.1, 0.2, 0.3, 0.4])
    lent = np.full((6, 400), 0.09)
    made = widen_lent(errors, lent)
    assert made.std(axis=(0, 1)) == pytest.approx(
        np.sqrt(np.array([0.1, 0.2, 0.3, 0.4]) ** 2 + 0.09), rel=0.1
    )
    assert widen_lent(errors, np.zeros((6, 400))) is errors
