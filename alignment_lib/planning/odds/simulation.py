"""Odds: what the plan's ranges and the baseline's error make likely at every level and span.

Every assumption's value is drawn from its own range, every series' sales from the joint error paths of
the forecast, with the same seed for every scenario, so that differences between scenarios are not noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.planning.odds.cell_draws import Paths, draw_cells, each_chunk, smallest_part
from alignment_lib.planning.odds.drawing import Correlation, draw_values
from alignment_lib.planning.odds.quantiles import quantile_errors, row_quantiles
from alignment_lib.planning.odds.simulated_effects import DrawnClaims, draw_effects
from alignment_lib.planning.plan.levels import Levels, Spans, exact_sums
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

_LEVELS = 50
"""Levels whose quantiles are worked out at a time."""
_SHARES = tuple(QUANTILES.values())


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
    give is settled once, at the plan's values. See `cell_draws` for what may be drawn below zero.
    """
    drawn = draw_effects(plan, values, draws or len(samples))
    paths, part = Paths(samples), smallest_part(plan.grid)
    series, periods = plan.plan.shape
    single = levels.matrix.shape[0] - series
    kept = np.union1d(np.arange(single), [] if keep is None else keep).astype(int)
    member = levels.matrix[kept].tocsc()
    # Spans that hold the same open periods (a quarter and a year of one quarter) are worked out once.
    over, same = np.unique(spans.matrix[:, -periods:].astype(float), axis=0, return_inverse=True)
    cells = np.empty((len(QUANTILES), series, periods))
    quantiles = np.zeros((len(QUANTILES), levels.matrix.shape[0], len(over)))
    sums = np.zeros((len(kept), len(over), drawn.draws))

    def work(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        chunk = draw_cells(plan.grid, paths, drawn, rows)
        spanned = np.matmul(over, chunk.astype(float))
        inside = member[:, rows]
        touched = np.flatnonzero(inside.getnnz(axis=1))
        summed = inside[touched] @ spanned.reshape(len(rows), -1)
        cells[:, rows] = _quantiles_of(chunk).astype(float) * part
        quantiles[:, single + rows] = _quantiles_of(spanned) * part
        return touched, summed.reshape(-1, *sums.shape[1:])

    for touched, summed in each_chunk(work, drawn.order, drawn.draws * periods):
        sums[touched] += summed
    sums *= part
    for first in range(0, len(kept), _LEVELS):
        some = slice(first, first + _LEVELS)
        quantiles[:, kept[some]] = _quantiles_of(sums[some].copy())
    same = same.ravel()
    return Odds(cells, quantiles[:, :, same], kept, sums[:, same], len(samples))


def draw_sums(
    plan: Plan,
    paths: Paths,
    values: Mapping[str, np.ndarray],
    levels: sparse.csr_matrix,
    spans: np.ndarray,
    draws: int | None = None,
) -> np.ndarray:
    """Draws of a few sums only, shape (levels, spans, draws): what a target needs, and much quicker.

    Parameters
    ----------
    plan, values, draws
        As for `simulate_plan`.
    paths : Paths
        Its samples; of some open periods where only those are asked about.
    levels : sparse matrix, shape (levels, series)
        1 where a series belongs to a level.
    spans : ndarray, shape (spans, periods)
        1 where a period belongs to a span; only the last columns, the open periods, count.
    """
    claims = DrawnClaims.of(plan.grid, plan.values, values, draws or paths.count, paths.inside)
    drawn = draw_effects(plan, values, claims.draws, claims)
    periods = len(paths.inside)
    over = spans[:, -plan.plan.shape[1] :][:, paths.inside].astype(float)
    member = levels.tocsc()
    concerned = drawn.order[np.isin(drawn.order, np.flatnonzero(member.getnnz(axis=0)))]

    def work(rows: np.ndarray) -> np.ndarray:
        chunk = draw_cells(plan.grid, paths, drawn, rows).reshape(len(rows), -1)
        summed = member[:, rows].toarray() @ chunk.astype(float)
        return np.asarray(np.matmul(over, summed.reshape(-1, periods, drawn.draws)))

    sums = np.zeros((levels.shape[0], len(over), drawn.draws))
    for summed in each_chunk(work, concerned, drawn.draws * periods):
        sums += summed
    return sums * smallest_part(plan.grid)


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
    sold = exact_sums(closed, levels.matrix, spans.matrix[:, : closed.shape[1]])
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
