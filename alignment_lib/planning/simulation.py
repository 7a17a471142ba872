"""Odds: what the plan's ranges and the baseline's error make likely at every level and span.

Every assumption's value is drawn from its own range, every series' sales from the joint error paths of
the forecast, with the same seed for every scenario, so that differences between scenarios are not noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from alignment_lib.planning.assumptions import Assumption
from alignment_lib.planning.levels import Levels, Spans
from alignment_lib.planning.plan import Plan

__all__ = ["QUANTILES", "Odds", "draw_values", "odds_table", "simulate_plan"]

QUANTILES = {"p2_5": 0.025, "p10": 0.10, "p50": 0.50, "p90": 0.90, "p97_5": 0.975}
"""Published quantiles by column name."""

_CHUNK = 4_000_000
"""Cells worked on at once: bounds memory whatever the number of series."""


@dataclass(frozen=True)
class Odds:
    """Quantiles of simulated sales.

    Attributes
    ----------
    cells : ndarray, shape (quantiles, series, periods)
        For each cell of the plan.
    sums : ndarray, shape (draws, levels, spans)
        Every draw's sum, from which quantiles and probabilities of any target follow.
    """

    cells: np.ndarray
    sums: np.ndarray


def draw_values(assumptions: Sequence[Assumption], draws: int, seed: int) -> dict[str, np.ndarray]:
    """Draw each assumption's value from the range it states, in its own unit.

    The range is a PERT distribution (a beta with mode weight 4; Malcolm et al. 1959) whose 10 % point,
    mode and 90 % point are low, expected and high. Percent effects are drawn as log(1 + effect) so that
    no draw falls below -100 %. A row without a full range, or whose low equals its high, is certain.

    Returns
    -------
    dict of str to ndarray, shape (draws,)
        By id. Each row has a stream of its own, so adding a row changes no other row's draws.
    """
    result = {}
    for row in assumptions:
        generator = np.random.default_rng([seed, *row.id.encode()])
        uniform = generator.random(draws)
        if not row.low < row.high:
            result[row.id] = np.full(draws, row.expected)
        elif row.unit == "percent" and row.low > -100:
            points = np.log1p(np.array([row.low, row.expected, row.high]) / 100.0)
            result[row.id] = np.expm1(_pert(points, uniform)) * 100.0
        else:
            result[row.id] = _pert(np.array([row.low, row.expected, row.high]), uniform)
    return result


def _pert(points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """PERT quantiles: the end points are solved so that low and high are the 10 % and 90 % points."""
    low, mode, high = points
    scale = high - low

    def misses(logs: np.ndarray) -> np.ndarray:
        a, b = mode - scale * np.exp(logs[0]), mode + scale * np.exp(logs[1])
        alpha, beta = 1 + 4 * (mode - a) / (b - a), 1 + 4 * (b - mode) / (b - a)
        found = a + (b - a) * special.betaincinv(alpha, beta, np.array([0.1, 0.9]))
        return np.asarray((found - np.array([low, high])) / scale)

    solved = optimize.least_squares(misses, np.log([0.8, 0.8]), bounds=(-12.0, 4.0))
    a, b = mode - scale * np.exp(solved.x[0]), mode + scale * np.exp(solved.x[1])
    alpha, beta = 1 + 4 * (mode - a) / (b - a), 1 + 4 * (b - mode) / (b - a)
    return np.asarray(a + (b - a) * stats.beta.ppf(uniform, alpha, beta))


def simulate_plan(
    plan: Plan,
    samples: np.ndarray,
    values: Mapping[str, np.ndarray],
    assumptions: Sequence[Assumption],
    expected: Mapping[str, float],
    levels: Levels,
    spans: Spans,
) -> Odds:
    """Simulate the plan.

    Parameters
    ----------
    plan : Plan
        The scenario's plan at its expected values.
    samples : ndarray, shape (draws, series, periods)
        Joint draws of sales around the baseline.
    values : mapping of str to ndarray, shape (draws,)
        Drawn values by assumption id.
    assumptions : sequence of Assumption
        The rows that count in the plan.
    expected : mapping of str to float
        Values the plan uses in place of the rows' expected ones.
    levels, spans : Levels, Spans
        The sums wanted.

    Notes
    -----
    A draw scales each row's net effect by drawn effect over expected effect, and everything by sampled
    over expected baseline; where the baseline is zero the sampled sales are added. Products of two
    assumptions in one cell are therefore taken to first order.
    """
    draws = len(samples)
    strengths = [
        _strength(row, values.get(row.id), expected.get(row.id, row.expected), draws) for row in assumptions
    ]
    nets = [plan.effects[row.id] for row in assumptions]
    # Closed periods come first in the spans' columns: they are certain and added by the caller.
    certain = plan.plan - sum(nets, np.zeros(plan.plan.shape))
    series, periods = plan.plan.shape
    over = spans.matrix[:, -periods:].T
    cells = np.empty((len(QUANTILES), series, periods))
    sums = np.zeros((draws, levels.matrix.shape[0], len(spans.table)))
    for rows in _chunks(series, draws * periods):
        drawn = _sampled(plan, samples, certain, nets, strengths, rows)
        cells[:, rows] = np.quantile(drawn, list(QUANTILES.values()), axis=0)
        spanned = drawn @ over
        part = levels.matrix[:, rows]
        flat = part @ spanned.transpose(1, 0, 2).reshape(len(spanned[0]), -1)
        sums += flat.reshape(part.shape[0], draws, -1).transpose(1, 0, 2)
    return Odds(cells, sums)


def _strength(row: Assumption, drawn: np.ndarray | None, value: float, draws: int) -> np.ndarray:
    """Drawn effect over the effect the plan stands on."""
    planned = row.volume_effect(value) if row.unit == "percent" else value
    if drawn is None or planned == 0:
        return np.ones(draws)
    if row.unit != "percent":
        return np.asarray(drawn / planned)
    change = drawn / 100.0
    effect = (1.0 + change) ** row.elasticity - 1.0 if row.states_price else change
    return np.asarray(effect / planned)


def _chunks(series: int, cells_per_series: int) -> Iterator[slice]:
    step = max(1, _CHUNK // max(cells_per_series, 1))
    for first in range(0, series, step):
        yield slice(first, min(first + step, series))


def _sampled(
    plan: Plan,
    samples: np.ndarray,
    certain: np.ndarray,
    nets: Sequence[np.ndarray],
    strengths: Sequence[np.ndarray],
    rows: slice,
) -> np.ndarray:
    baseline = plan.grid.baseline[rows]
    known = samples.shape[1]
    size = len(baseline)
    drawn = np.zeros((len(samples), size, baseline.shape[1]))
    inside = max(0, min(rows.stop, known) - rows.start)
    drawn[:, :inside] = samples[:, rows.start : rows.start + inside]
    usable = baseline > 0
    ratio = np.divide(drawn, baseline, out=np.ones_like(drawn), where=usable[None])
    total = np.broadcast_to(certain[rows], drawn.shape).copy()
    for net, strength in zip(nets, strengths, strict=True):
        if net[rows].any():
            total += net[rows][None] * strength[:, None, None]
    total *= ratio
    total += np.where(usable[None], 0.0, drawn)
    return np.maximum(total, 0.0) if not (plan.grid.baseline < 0).any() else total


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
    sums = (odds.sums + sold[None]).reshape(len(odds.sums), -1)
    frame = spans.table.iloc[np.tile(np.arange(count_spans), count_levels)].reset_index(drop=True)
    keys = levels.keys.iloc[np.repeat(np.arange(count_levels), count_spans)].reset_index(drop=True)
    frame = pd.concat([frame, keys], axis=1)
    frame.insert(0, "scenario", plan.scenario)
    frame["plan"] = (levels.matrix @ whole @ spans.matrix.T).ravel()
    for name, share in QUANTILES.items():
        frame[name] = np.quantile(sums, share, axis=0)
    wanted = ["label", *levels.keys.columns]
    frame = frame.merge(targets[[*wanted, "target"]], on=wanted, how="left", validate="many_to_one")
    reached = (sums >= frame["target"].to_numpy()[None]).mean(axis=0)
    frame["probability"] = np.where(frame["target"].notna(), reached, np.nan)
    return frame.drop(columns="label")
