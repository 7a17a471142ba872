"""Odds of the sums the explorer shows, by the same draws as the published ones, without those it does not.

The published simulation keeps quantiles of every cell and level. Here only all sales together are
wanted, span by span, so each chunk of series is drawn, added up and forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from alignment_lib.planning.assumptions import Assumption
from alignment_lib.planning.plan import Plan
from alignment_lib.planning.simulated_effects import DrawnEffects, draw_effects
from alignment_lib.planning.simulation import draw_values

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
    register : sequence of Assumption
        Every row that may count.
    seed : int
        The round's own: the same draws as the published odds.
    """

    def __init__(
        self, samples: np.ndarray, baseline: np.ndarray, register: tuple[Assumption, ...], seed: int
    ) -> None:
        self._paths = np.ascontiguousarray(samples.transpose(1, 2, 0), dtype=np.float32)
        self._may_be_negative = (baseline < 0).any()
        self._register = {row.id: row for row in register}
        self._draws = draw_values(register, len(samples), seed)

    def draw_totals(self, plan: Plan, values: Mapping[str, float]) -> np.ndarray:
        """Sales of all series by period and draw, shape (periods, draws).

        Parameters
        ----------
        plan : Plan
            As worked out.
        values : mapping of str to float
            Value of every row that counts, by id.
        """
        shifted = {
            name: self._draws[name] + value - self._register[name].expected for name, value in values.items()
        }
        drawn = draw_effects(plan, shifted, self._paths.shape[2])
        step = max(1, _CHUNK // max(drawn.draws * plan.plan.shape[1], 1))
        chunks = [np.sort(drawn.order[first : first + step]) for first in range(0, len(drawn.order), step)]
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
