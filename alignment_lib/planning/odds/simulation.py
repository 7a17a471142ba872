"""Odds: what the plan's ranges and the baseline's error make likely at every level and span.

Every assumption's value is drawn from its own range, every series' sales from the joint error paths of
the forecast, with the same seed for every scenario, so that differences between scenarios are not noise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.forecasting.large_arrays import release
from alignment_lib.planning.odds.drawing import Correlation, draw_values
from alignment_lib.planning.odds.quantiles import quantile_errors, row_quantiles
from alignment_lib.planning.odds.simulated_effects import DrawnEffects, draw_effects
from alignment_lib.planning.plan.levels import Levels, Spans
from alignment_lib.planning.plan.plan import Plan

__all__ = [
    "QUANTILES",
    "Correlation",
    "Odds",
    "draw_sums",
    "draw_values",
    "levels_with_targets",
    "odds_table",
    "simulate_plan",
]

QUANTILES = {"p2_5": 0.025, "p10": 0.10, "p50": 0.50, "p90": 0.90, "p97_5": 0.975}
"""Published quantiles by column name."""

_CHUNK = 1_000_000
"""Numbers worked on at once: bounds memory whatever the number of series and draws."""
_LEVELS = 50
"""Levels whose quantiles are worked out at a time."""
_Part = tuple[np.ndarray, np.ndarray]
_SHARES = tuple(QUANTILES.values())
_THREADS = 2
"""Selection runs outside the interpreter's lock, so two threads use two cores."""


@dataclass(frozen=True)
class Odds:
    """Quantiles of simulated sales in the plan's open periods.

    Attributes
    ----------
    cells : ndarray, shape (quantiles, series, periods)
        For each cell of the plan.
    quantiles : ndarray, shape (quantiles, levels, spans)
        For each level and span.
    kept : ndarray of int, shape (kept,)
        Levels whose draws are kept: all above the single series, and those asked for.
    sums : ndarray, shape (kept, spans, draws)
        Every draw's sum there, from which the probability of any target follows.
    paths : int
        Independent error paths behind the draws.
    """

    cells: np.ndarray
    quantiles: np.ndarray
    kept: np.ndarray
    sums: np.ndarray
    paths: int

    def draws_of(self, level: int, span: int) -> np.ndarray:
        """Every draw of one level and span, shape (draws,).

        Raises
        ------
        KeyError
            Where the level's draws were not kept.
        """
        at = np.flatnonzero(self.kept == level)
        if not len(at):
            raise KeyError(f"the draws of level {level} were not kept")
        return np.asarray(self.sums[at[0], span])

    def standard_errors(self) -> np.ndarray:
        """Standard error of the reported quantiles of every kept level, shape (quantiles, kept, spans)."""
        flat = self.sums.reshape(-1, self.sums.shape[2])
        return quantile_errors(flat, _SHARES, self.paths).reshape(len(_SHARES), *self.sums.shape[:2])


def simulate_plan(
    plan: Plan,
    samples: np.ndarray,
    values: Mapping[str, np.ndarray],
    levels: Levels,
    spans: Spans,
    keep: np.ndarray | None = None,
    draws: int | None = None,
) -> Odds:
    """Simulate the plan.

    Parameters
    ----------
    plan : Plan
        The scenario's plan.
    samples : ndarray, shape (paths, series, periods)
        Joint draws of sales around the baseline; series beyond them have no baseline.
    values : mapping of str to ndarray, shape (draws,)
        Drawn values by assumption id, of the rows that count; rows not there are certain. There may be
        more draws than paths: paths are then used in turn.
    levels, spans : Levels, Spans
        The sums wanted.
    keep : ndarray of int, optional
        Levels of single series whose draws are to be kept as well.
    draws : int, optional
        How many; as many as `values` holds, else as there are paths, by default.

    Notes
    -----
    In each cell a draw is ``sampled baseline × Π factors + Σ volumes + Σ moves``: percent effects are
    multiplied draw by draw, volumes are drawn for themselves, and what a row moves follows the strength
    of its own effect in that draw, so that moved volume is conserved in every draw. What donors cannot
    give is settled once, at the plan's values. A cell is not drawn below zero unless its baseline is.
    """
    drawn = draw_effects(plan, values, draws or len(samples))
    series, periods = plan.plan.shape
    single = levels.matrix.shape[0] - series
    kept = np.union1d(np.arange(single), [] if keep is None else keep).astype(int)
    member = levels.matrix[kept].tocsc()
    # Spans that hold the same open periods (a quarter and a year of one quarter) are worked out once.
    over, same = np.unique(spans.matrix[:, -periods:].astype(np.float32), axis=0, return_inverse=True)
    cells = np.empty((len(QUANTILES), series, periods))
    quantiles = np.zeros((len(QUANTILES), levels.matrix.shape[0], len(over)))
    sums = np.zeros((len(kept), len(over), drawn.draws))

    def work(rows: np.ndarray) -> _Part:
        chunk = _draw_cells(plan, samples, drawn, rows)
        spanned = np.matmul(over, chunk)
        inside = member[:, rows].astype(np.float32)
        touched = np.flatnonzero(inside.getnnz(axis=1))
        part = inside[touched] @ spanned.reshape(len(rows), -1)
        cells[:, rows] = _quantiles_of(chunk)
        quantiles[:, single + rows] = _quantiles_of(spanned)
        return touched, part.reshape(-1, *sums.shape[1:])

    for touched, part in _in_order(work, _chunks(drawn.order, drawn.draws * periods)):
        sums[touched] += part
        release(samples)
    for first in range(0, len(kept), _LEVELS):
        some = slice(first, first + _LEVELS)
        quantiles[:, kept[some]] = _quantiles_of(sums[some].copy())
    same = same.ravel()
    return Odds(cells, quantiles[:, :, same], kept, sums[:, same], len(samples))


def draw_sums(
    plan: Plan,
    samples: np.ndarray,
    values: Mapping[str, np.ndarray],
    levels: sparse.csr_matrix,
    spans: np.ndarray,
    draws: int | None = None,
) -> np.ndarray:
    """Draws of a few sums only, shape (levels, spans, draws): what a target needs, and much quicker.

    Parameters
    ----------
    plan, samples, values, draws
        As for `simulate_plan`.
    levels : sparse matrix, shape (levels, series)
        1 where a series belongs to a level.
    spans : ndarray, shape (spans, periods)
        1 where a period belongs to a span; only the last columns, the open periods, count.
    """
    drawn = draw_effects(plan, values, draws or len(samples))
    periods = plan.plan.shape[1]
    over = spans[:, -periods:].astype(np.float32)
    member = levels.tocsc()
    concerned = drawn.order[np.isin(drawn.order, np.flatnonzero(member.getnnz(axis=0)))]
    sums = np.zeros((levels.shape[0], len(over), drawn.draws))
    for rows in _chunks(concerned, drawn.draws * periods):
        spanned = np.matmul(over, _draw_cells(plan, samples, drawn, rows)).reshape(len(rows), -1)
        sums += (member[:, rows].astype(np.float32) @ spanned).reshape(sums.shape)
        release(samples)
    return sums


def _chunks(order: np.ndarray, numbers_per_series: int) -> Iterator[np.ndarray]:
    step = max(1, _CHUNK // max(numbers_per_series, 1))
    for first in range(0, len(order), step):
        yield np.sort(order[first : first + step])


def _in_order(work: Callable[[np.ndarray], _Part], chunks: Iterator[np.ndarray]) -> Iterator[_Part]:
    """Results in the order of the chunks, so that sums are the same whoever works first.

    Few chunks are under way at a time, so that no results pile up.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[Future[_Part]] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(work, chunk))
            if len(waiting) > 2 * _THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _draw_cells(plan: Plan, samples: np.ndarray, drawn: DrawnEffects, rows: np.ndarray) -> np.ndarray:
    """Draws of some series, shape (rows, periods, draws), in single precision."""
    known = samples.shape[1]
    chunk = np.zeros((len(rows), plan.plan.shape[1], drawn.draws), dtype=np.float32)
    sold = np.flatnonzero(rows < known)
    if len(sold):
        paths = _paths_of(samples, rows[sold])
        for first in range(0, drawn.draws, paths.shape[2]):
            size = min(paths.shape[2], drawn.draws - first)
            chunk[sold, :, first : first + size] = paths[:, :, :size]
    drawn.multiply(chunk, rows)
    drawn.add(chunk, rows)
    floor = (plan.grid.baseline[rows] >= 0).all()
    if floor:
        np.maximum(chunk, 0.0, out=chunk)
    return chunk


def _paths_of(samples: np.ndarray, rows: np.ndarray) -> np.ndarray:
    together = len(rows) == rows[-1] - rows[0] + 1
    part = samples[:, rows[0] : rows[-1] + 1] if together else samples[:, rows]
    return np.ascontiguousarray(part.transpose(1, 2, 0), dtype=np.float32)


def _quantiles_of(chunk: np.ndarray) -> np.ndarray:
    """Quantiles over the last axis; reorders the chunk."""
    flat = chunk.reshape(-1, chunk.shape[-1])
    return row_quantiles(flat, _SHARES).reshape(len(_SHARES), *chunk.shape[:-1])


def odds_table(
    plan: Plan, odds: Odds, levels: Levels, spans: Spans, targets: pd.DataFrame, closed: np.ndarray
) -> pd.DataFrame:
    """Quantiles and probability of the target for every level and span.

    Parameters
    ----------
    targets : DataFrame
        ``label`` (a fiscal span such as ``2026Q1``), the dimensions (blank = all), ``target``, in the
        plan's measure.
    closed : ndarray, shape (series, closed periods)
        What was sold in periods of the horizon that have ended: certain, and part of every sum.

    Returns
    -------
    DataFrame
        ``scenario, span, start``, the dimensions, ``plan``, the quantiles, ``target, probability``
        (NaN where no target stands). The probability is the share of draws at or above the target.
    """
    count_levels, count_spans = levels.matrix.shape[0], len(spans.table)
    whole = np.hstack([closed, plan.plan])
    sold = levels.matrix @ closed @ spans.matrix[:, : closed.shape[1]].T
    frame = spans.table.iloc[np.tile(np.arange(count_spans), count_levels)].reset_index(drop=True)
    keys = levels.keys.iloc[np.repeat(np.arange(count_levels), count_spans)].reset_index(drop=True)
    frame = pd.concat([frame, keys], axis=1)
    frame.insert(0, "scenario", plan.scenario)
    frame["plan"] = (levels.matrix @ whole @ spans.matrix.T).ravel()
    for number, name in enumerate(QUANTILES):
        frame[name] = (odds.quantiles[number] + sold).ravel()
    wanted = ["label", *levels.keys.columns]
    frame = frame.merge(targets[[*wanted, "target"]], on=wanted, how="left", validate="many_to_one")
    chances = np.full(len(frame), np.nan)
    asked = frame["target"].to_numpy(dtype=float)
    for place in np.flatnonzero(np.isfinite(asked)):
        level, span = divmod(int(place), count_spans)
        reached = odds.draws_of(level, span) + sold[level, span] >= asked[place]
        chances[place] = float(reached.mean())
    return frame.assign(probability=chances).drop(columns="label")


def levels_with_targets(levels: Levels, targets: pd.DataFrame) -> np.ndarray:
    """Numbers of the levels for which some target stands: `simulate_plan` must keep their draws."""
    names = list(levels.keys.columns)
    asked = set(map(tuple, targets[names].astype(str).to_numpy())) if len(targets) else set()
    keys = levels.keys.astype(str).to_numpy()
    return np.array([at for at, key in enumerate(keys) if tuple(key) in asked], dtype=int)
