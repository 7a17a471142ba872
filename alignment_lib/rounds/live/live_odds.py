"""Odds of the sums the explorer shows, by the same draws as the published ones, without those it does not.

The published simulation keeps quantiles of every cell and level. Here only the sales of one level are
wanted, span by span, so each chunk of series is drawn, added up and forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from alignment_lib.planning.odds.drawing import Correlation, draw_values
from alignment_lib.planning.odds.simulated_effects import DrawnEffects, draw_effects
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["LiveOdds"]

_CHUNK = 2_000_000
_THREADS = 2


class LiveOdds:
    """Draws the total of a plan by period.

    Parameters
    ----------
    samples : ndarray, shape (draws, known series, periods)
        Joint draws of the baseline.
    baseline : ndarray, shape (series, periods)
        New series, without samples, stand at the end.
    seed : int
        The round's own: the same draws as the published odds.
    correlation : Correlation
        The round's own as well.
    """

    def __init__(
        self, samples: np.ndarray, baseline: np.ndarray, seed: int, correlation: Correlation | None = None
    ) -> None:
        self._paths = np.ascontiguousarray(samples.transpose(1, 2, 0), dtype=np.float32)
        self._may_be_negative = (baseline < 0).any()
        self._seed, self._correlation = seed, correlation

    def draw_totals(
        self, plan: Plan, rows: Sequence[Assumption], inside: np.ndarray | None = None
    ) -> np.ndarray:
        """Sales by period and draw, shape (periods, draws).

        Parameters
        ----------
        plan : Plan
            As worked out.
        rows : sequence of Assumption
            The rows that count, with the values and ranges they have in the plan.
        inside : ndarray of bool, shape (series,), optional
            Series that are summed; all by default.
        """
        values = draw_values(rows, self._paths.shape[2], self._seed, self._correlation)
        drawn = draw_effects(plan, values, self._paths.shape[2])
        order = drawn.order if inside is None else drawn.order[inside[drawn.order]]
        step = max(1, _CHUNK // max(drawn.draws * plan.plan.shape[1], 1))
        chunks = [np.sort(order[first : first + step]) for first in range(0, len(order), step)]
        with ThreadPoolExecutor(_THREADS) as pool:
            # Added in the order of the chunks, so that the sums do not depend on who is ready first.
            parts = list(pool.map(lambda rows: self._draw_chunk(drawn, rows), chunks))
        return np.sum(parts, axis=0) if parts else np.zeros((plan.plan.shape[1], drawn.draws))

    def _draw_chunk(self, drawn: DrawnEffects, rows: np.ndarray) -> np.ndarray:
        chunk = np.zeros((len(rows), self._paths.shape[1], drawn.draws), dtype=np.float32)
        sold = np.flatnonzero(rows < len(self._paths))
        chunk[sold] = self._paths[rows[sold]]
        drawn.multiply(chunk, rows)
        drawn.add(chunk, rows)
        if not self._may_be_negative:
            np.maximum(chunk, 0.0, out=chunk)
        return np.asarray(chunk.sum(axis=0, dtype=np.float32), dtype=float)
