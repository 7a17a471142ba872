"""The one loop that draws the cells of a plan: published odds, working scenarios and the explorer use it.

A draw of a cell is ``sampled baseline × Π factors + Σ volumes + Σ moves``, not below zero unless the plan
stands on less than nothing there: the cell's baseline, or the sampled one, is itself below zero, as where a
series nets returns. That is decided cell by cell and draw by draw, so whatever is drawn together with a cell
has no part in it. Every draw is rounded to a whole number of one very small part, a power of two that follows
from the baseline alone: sums of draws are then exact, the same to the bit in any order and any chunks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from alignment_lib.forecasting.large_arrays import release
from alignment_lib.planning.odds.simulated_effects import DrawnEffects
from alignment_lib.planning.plan.grid import PlanGrid

__all__ = ["Paths", "draw_cells", "each_chunk", "smallest_part"]

_FINEST = 2.0**-36
"""Draws are told apart down to this share of the whole baseline: far below what single precision holds of
any cell that matters. Sums up to 65,536 times the baseline stay exact in double precision."""
_NEW = 2.0**-20
"""The part where nothing has been sold before."""
_CHUNK = 1_000_000
"""Numbers worked on at once: bounds memory whatever the number of series and draws."""
_MOST_HELD = 50_000_000
"""Sampled numbers held at once, 200 MB; those of a larger unit are read chunk by chunk."""
_THREADS = 2
"""Array functions run outside the interpreter's lock, so two threads use two cores."""
T = TypeVar("T")


class Paths:
    """Sampled sales of some open periods in single precision, draws last.

    Parameters
    ----------
    samples : ndarray, shape (paths, known series, open periods)
        Joint draws of sales around the baseline; series beyond them have not been sold before.
    inside : ndarray of int, optional
        The periods wanted; all by default.
    hold : bool
        Keep them in that form, for many plans on the same paths.
    """

    def __init__(self, samples: np.ndarray, inside: np.ndarray | None = None, *, hold: bool = False) -> None:
        self.inside = np.arange(samples.shape[2]) if inside is None else inside
        self.count = len(samples)
        self._samples = samples
        fits = self.count * samples.shape[1] * len(self.inside) <= _MOST_HELD
        self._held = self._read(np.arange(samples.shape[1])) if hold and fits else None

    def take(self, rows: np.ndarray, draws: int) -> np.ndarray:
        """Shape (rows, periods, draws): zeros for what was never sold; paths in turn where draws are more."""
        cells = np.zeros((len(rows), len(self.inside), draws), dtype=np.float32)
        sold = np.flatnonzero(rows < self._samples.shape[1])
        if len(sold):
            paths = self._read(rows[sold]) if self._held is None else self._held[rows[sold]]
            for first in range(0, draws, self.count):
                cells[sold, :, first : first + self.count] = paths[:, :, : draws - first]
        return cells

    def _read(self, rows: np.ndarray) -> np.ndarray:
        together = len(rows) == rows[-1] - rows[0] + 1
        part = self._samples[:, rows[0] : rows[-1] + 1] if together else self._samples[:, rows]
        if len(self.inside) < part.shape[2]:
            part = part[:, :, self.inside]
        found = np.ascontiguousarray(part.transpose(1, 2, 0), dtype=np.float32)
        release(self._samples)
        return found


def smallest_part(grid: PlanGrid) -> float:
    """What every draw on the grid is a whole number of, in the measure: a power of two.

    Examples
    --------
    >>> float(2.0 ** np.ceil(np.log2(1000.0)) * 2.0**-36)
    1.4901161193847656e-08
    """
    whole = float(np.abs(grid.baseline).sum())
    return float(2.0 ** np.ceil(np.log2(whole)) * _FINEST) if whole > 0 else _NEW


def draw_cells(grid: PlanGrid, paths: Paths, drawn: DrawnEffects, rows: np.ndarray) -> np.ndarray:
    """Draws of some series, shape (rows, periods, draws), as whole numbers of the smallest part.

    Parameters
    ----------
    grid : PlanGrid
        What the plan stands on.
    paths : Paths
        Sampled sales of the periods for which the effects were drawn.
    drawn : DrawnEffects
        What the drawn values do.
    rows : ndarray of int
        Rows of the grid, ascending.
    """
    cells = paths.take(rows, drawn.draws)
    below = (grid.baseline[np.ix_(rows, paths.inside)] < 0)[:, :, None]
    nets = bool(len(cells)) and cells.min() < 0
    floored = ~(below | (cells < 0)) if nets else None if not below.any() else ~below
    drawn.apply(cells, rows, 1.0 / smallest_part(grid))
    if floored is None:
        np.maximum(cells, 0.0, out=cells)
    else:
        np.maximum(cells, 0.0, out=cells, where=floored)
    np.rint(cells, out=cells)
    return cells


def each_chunk(work: Callable[[np.ndarray], T], order: np.ndarray, numbers_per_row: int) -> Iterator[T]:
    """What `work` makes of one chunk of rows after the other, in order; few are under way at a time."""
    step = max(1, _CHUNK // max(numbers_per_row, 1))
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[Future[T]] = deque()
        for first in range(0, len(order), step):
            waiting.append(pool.submit(work, np.sort(order[first : first + step])))
            if len(waiting) > 2 * _THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
