"""Whether spend helps to see ahead: the response as it would have been fitted before, against none at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from alignment_lib.forecasting.response.base import choose_noise, explain_base, lay_out_base
from alignment_lib.forecasting.response.curves import stock_before
from alignment_lib.forecasting.response.data import ResponseData
from alignment_lib.forecasting.response.fitting import ResponseFit, fit_response, moved_by

__all__ = ["AGO", "Backtest", "backtest_response"]

AGO = {52: (4, 8, 13), 12: (1, 2, 3)}
"""Periods ago, by periods in a year, of which the model is asked what came since, all spend being known."""
_DRAWS = 40


@dataclass(frozen=True)
class Backtest:
    """Errors of the weeks since each origin one after the other, with spend and without; and the origins."""

    with_spend: np.ndarray
    without: np.ndarray
    actual: np.ndarray
    ago: tuple[int, ...]

    @property
    def gain(self) -> float:
        """Share by which the mean absolute error is smaller with spend; below zero where it is larger."""
        before = float(np.abs(self.without).mean())
        return 1.0 - float(np.abs(self.with_spend).mean()) / before if before > 0 else 0.0

    @property
    def doubt(self) -> float:
        """Mean difference of the absolute errors in its own standard errors; above zero where spend helps.

        Weeks of one origin share their errors, so every origin counts as one (Diebold and Mariano 1995 in
        the small).
        """
        ends = np.cumsum(self.ago)
        change = np.abs(self.without) - np.abs(self.with_spend)
        means = np.array([part.mean() for part in np.split(change, ends[:-1])])
        spread = max(float(means.std(ddof=1)), 0.05 * float(np.abs(self.without).mean()), 1e-12)
        return float(means.mean() / spread * np.sqrt(len(means)))


def backtest_response(data: ResponseData, seed: int = 0, cache: Path | None = None) -> Backtest:
    """Fit as of 4, 8 and 13 weeks ago, with spend and without, and see what came since."""
    parts = []
    for ago in AGO[data.year]:
        known = data.weeks - ago
        actual = data.total[known:]
        with_spend = _ahead(data, fit_response(data.until(known), _DRAWS, seed, cache), known)
        parts.append((actual - with_spend, actual - _ahead(data, None, known), actual))
    with_it, without, came = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Backtest(with_it, without, came, AGO[data.year])


def _ahead(data: ResponseData, fit: ResponseFit | None, known: int) -> np.ndarray:
    """What is expected of the weeks after the first `known`, their spend, prices and promotions known."""
    brought = np.zeros(data.spend.shape)
    if fit is not None:
        for channel, money in enumerate(data.spend.T):
            before = np.full(len(fit.curves.carry), stock_before(money[:known]))
            brought[:, channel] = fit.curves.bring(money, channel, before).mean(axis=1)
    total = np.zeros(data.weeks - known)
    for at, outcome in enumerate(data.outcomes.T):
        size = float(outcome[:known].mean())
        if fit is None:
            noise = choose_noise(outcome[:known], lay_out_base(data.until(known), size))
        else:
            noise = fit.noises[at]
        base = lay_out_base(data, size, known)
        mine = moved_by(brought, data, at)
        expected = base.columns @ explain_base((outcome - mine)[:known], base, noise) + mine
        last = float(outcome[known - 1] - expected[known - 1])
        total += expected[known:] + last * noise.memory ** np.arange(1, len(total) + 1)
    return total
