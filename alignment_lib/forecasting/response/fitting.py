"""The response of an outcome to spend, fitted: curves by draws, the base beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from alignment_lib.forecasting.response.base import (
    Base,
    Noise,
    choose_noise,
    explain_base,
    lay_out_base,
    scatter_counts,
    whiten,
)
from alignment_lib.forecasting.response.curves import Curves, carry_over, saturate, stock_before
from alignment_lib.forecasting.response.data import Experiment, ResponseData
from alignment_lib.forecasting.response.sampling import Chains, Evidence, draw_chains

__all__ = ["ResponseFit", "fit_response", "moved_by"]

_CARRIES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
_HALVES = (0.4, 0.7, 1.1, 1.7, 2.6, 4.2)
"""Half-saturation over the mean week's spend."""
_SHAPES = ((1.0, 0.5), (1.7, 0.25), (2.6, 0.25))
"""Shapes with their prior weights: concave and S alike unless the data say otherwise, as in the public
default of Robyn (Meta), whose shapes run evenly from 0.5 to 3."""
_HALF = (0.0, 0.8)
"""Middle and spread of half-saturation on the log scale, over the mean week's spend: the mean itself, with
the spread that Meridian (Google 2025) publishes as its default."""
_CELLS = tuple(product(_CARRIES, _HALVES, _SHAPES))
_MIDDLING = tuple((carry, 1.7, _SHAPES[0]) for carry in (0.0, 0.45, 0.75))
_LOOSE = 0.3
"""Spread of a return while only the noise is looked for."""


@dataclass(frozen=True)
class ResponseFit:
    """Draws of every channel's curve and what stands beside them.

    Attributes
    ----------
    data : ResponseData
        What it was fitted to.
    curves : Curves
        Draws by channel; heights in the outcome's unit a week.
    brought : ndarray, shape (weeks, channels)
        Mean over the draws of what each channel brought.
    base : ndarray, shape (weeks, outcomes)
        The rest: level, season, price and promotions, by the mean of the draws.
    noises : tuple of Noise
        By outcome.
    """

    data: ResponseData
    curves: Curves
    brought: np.ndarray
    base: np.ndarray
    noises: tuple[Noise, ...]

    @property
    def fitted(self) -> np.ndarray:
        """Base and what spend brought, all outcomes together."""
        return np.asarray(self.base.sum(axis=1) + self.brought.sum(axis=1))

    def caused_by(self, channel: int) -> np.ndarray:
        """What the last year's money of a channel brings, until it has faded, by draw."""
        spend = self.data.spend[:, channel]
        kept = max(len(spend) - self.data.year, 0)
        return self.curves.caused(spend, channel, np.append(spend[:kept], np.zeros(len(spend) - kept)))

    def returns(self, channel: int) -> np.ndarray:
        """Outcome brought by one unit of money spent in the last year, by draw; NaN where none was spent."""
        money = float(self.data.spend[-self.data.year :, channel].sum())
        return self.caused_by(channel) / (money if money > 0 else np.nan)


def fit_response(
    data: ResponseData, draws: int = 500, seed: int = 0, cache: Path | None = None
) -> ResponseFit:
    """Fit the response of outcomes to spend.

    Parameters
    ----------
    data : ResponseData
        At least a year and a half of weeks.
    draws : int
        How many draws of the curves to keep.
    seed : int
        Equal seeds give equal draws.
    cache : Path or None
        Folder of earlier results.
    """
    columns, heights = _columns(data)
    outcomes = range(data.outcomes.shape[1])
    bases = [lay_out_base(data, float(data.outcomes[:, at].mean())) for at in outcomes]
    noises = tuple(_first_noise(data, at, bases[at], columns) for at in outcomes)
    evidence = _weigh(data, columns, heights, bases, noises)
    chains = draw_chains(evidence, draws, seed, cache)
    brought = _mean_brought(columns, chains)
    found = [
        base.columns @ explain_base(data.outcomes[:, at] - moved_by(brought, data, at), base, noises[at])
        for at, base in enumerate(bases)
    ]  # fmt: skip
    return ResponseFit(data, _as_curves(data, chains, heights), brought, np.column_stack(found), noises)


def moved_by(brought: np.ndarray, data: ResponseData, outcome: int) -> np.ndarray:
    """What the channels that move one outcome brought, by week."""
    return np.asarray(brought[:, [at for at, to in enumerate(data.moved) if to == outcome]].sum(axis=1))


def _columns(data: ResponseData) -> tuple[np.ndarray, np.ndarray]:
    """By channel and cell: the column of a return of one, and its height as the most a week.

    A return of one means that all spend together, at it, would bring the whole outcome.
    """
    share = data.spend.mean(axis=0) / max(float(data.spend.mean(axis=0).sum()), 1e-300)
    carries = np.array(_CARRIES)
    size = float(data.total.mean())
    columns = np.zeros((data.spend.shape[1], len(_CELLS), data.weeks))
    heights = np.zeros(columns.shape[:2])
    for channel, money in enumerate(data.spend.T):
        stocks = dict(zip(_CARRIES, carry_over(money, carries, stock_before(money)).T, strict=True))
        for place, (carry, half, (shape, _)) in enumerate(_CELLS):
            curve = saturate(stocks[carry], half * float(money.mean()), shape)
            heights[channel, place] = size * share[channel] / max(float(curve.mean()), 1e-9)
            columns[channel, place] = heights[channel, place] * curve
    return columns, heights


def _log_prior() -> np.ndarray:
    halves = np.array([np.log(half) for _, half, _ in _CELLS])
    shapes = np.array([weight for _, _, (_, weight) in _CELLS])
    return np.asarray(np.log(shapes) - 0.5 * ((halves - _HALF[0]) / _HALF[1]) ** 2)


def _first_noise(data: ResponseData, outcome: int, base: Base, columns: np.ndarray) -> Noise:
    """Memory and spread of an outcome's noise with each of its channels at three middling curves."""
    mine = [at for at, to in enumerate(data.moved) if to == outcome]
    middle = [place for place, cell in enumerate(_CELLS) if cell in _MIDDLING]
    spend = columns[mine][:, middle].reshape(-1, data.weeks)
    spreads = np.append(base.spreads, np.full(len(spend), _LOOSE))
    laid = Base(np.column_stack([base.columns, spend.T]), spreads)
    seen = data.outcomes[:, outcome]
    found = choose_noise(seen, laid)
    spread = max(found.spread, 1e-6 * float(np.abs(data.total).mean()))
    expected = laid.columns @ explain_base(seen, laid, found)
    return Noise(found.memory, spread, scatter_counts(expected, spread))


def _weigh(
    data: ResponseData,
    columns: np.ndarray,
    heights: np.ndarray,
    bases: Sequence[Base],
    noises: Sequence[Noise],
) -> Evidence:
    channels, cells, weeks = columns.shape
    gram, cross = np.zeros((channels, cells, channels, cells)), np.zeros((channels, cells))
    square, rows = 0.0, 0
    for outcome, (base, noise) in enumerate(zip(bases, noises, strict=True)):
        root = whiten(base, noise).root / noise.spread
        mine = [at for at, to in enumerate(data.moved) if to == outcome]
        turned = columns[mine].reshape(len(mine) * cells, weeks) @ root.T
        seen = root @ data.outcomes[:, outcome]
        products = (turned @ turned.T).reshape(len(mine), cells, len(mine), cells)
        gram[np.ix_(mine, range(cells), mine, range(cells))] = products
        cross[mine] = (turned @ seen).reshape(len(mine), cells)
        square, rows = square + float(seen @ seen), rows + len(seen)
    slope, test_square = _weigh_experiments(data, heights)
    whole = gram.reshape(channels * cells, channels * cells)
    # Where chance sets the noise of bursts, weeks without any do not make it smaller.
    least = 1.0 if any(noise.scale.max() > 1.0 for noise in noises) else 0.0
    return Evidence(whole, cross.ravel(), square, rows, _log_prior(), slope, test_square, least)


def _weigh_experiments(data: ResponseData, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What experiments say of every cell's height: a measured effect is linear in it."""
    slope, square = np.zeros(heights.shape), np.zeros(heights.shape)
    for test in data.experiments:
        total = float(data.outcomes[test.first : test.last + 1, data.moved[test.channel]].sum())
        effect, error = total * test.lift / (1.0 + test.lift), total * test.error / (1.0 + test.lift) ** 2
        held = _held_back(data, test) * heights[test.channel]
        slope[test.channel] += held * effect / error**2
        square[test.channel] += held**2 / error**2
    return slope, square


def _held_back(data: ResponseData, test: Experiment) -> np.ndarray:
    """By cell: what the tested money brings during the test at a height of one."""
    money = data.spend[:, test.channel]
    without = money.copy()
    without[test.first : test.last + 1] *= 1.0 - test.share
    first = stock_before(money)
    inside = slice(test.first, test.last + 1)
    stocks = {}
    for carry in _CARRIES:
        shares = np.array([carry])
        stocks[carry] = [carry_over(one, shares, first)[inside, 0] for one in (money, without)]
    half = float(money.mean())
    return np.array([
        float(np.subtract(*(saturate(stock, share * half, shape) for stock in stocks[carry])).sum())
        for carry, share, (shape, _) in _CELLS
    ])  # fmt: skip


def _as_curves(data: ResponseData, chains: Chains, heights: np.ndarray) -> Curves:
    cells = np.array([(carry, half, shape) for carry, half, (shape, _) in _CELLS])[chains.cells]
    most = chains.returns * heights[np.arange(heights.shape[0]), chains.cells]
    return Curves(cells[..., 0], cells[..., 1] * data.spend.mean(axis=0), cells[..., 2], most)


def _mean_brought(columns: np.ndarray, chains: Chains) -> np.ndarray:
    """Mean of what each channel brought over the draws: each cell's column by its mean return."""
    channels, cells, _ = columns.shape
    weights = np.zeros((channels, cells))
    for channel in range(channels):
        np.add.at(weights[channel], chains.cells[:, channel], chains.returns[:, channel])
    return np.asarray(np.einsum("kg,kgt->tk", weights / len(chains.cells), columns))
