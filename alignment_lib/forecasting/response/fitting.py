"""The response of an outcome to spend, fitted: curves by draws, the base beside them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from alignment_lib.forecasting.response.base import (
    Base,
    Whitened,
    choose_noise,
    explain_base,
    lay_out_base,
    whiten,
)
from alignment_lib.forecasting.response.curves import Curves, carry_over, saturate, stock_before
from alignment_lib.forecasting.response.data import Experiment, ResponseData
from alignment_lib.forecasting.response.sampling import Chains, Evidence, draw_chains

__all__ = ["ResponseFit", "fit_response"]

_CARRIES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
_HALVES = (0.4, 0.7, 1.1, 1.7, 2.6, 4.2)
"""Half-saturation over the mean week's spend."""
_SHAPES = ((1.0, 0.7), (1.7, 0.15), (2.6, 0.15))
"""Shapes with their prior weights: concave unless the data say otherwise."""
_HALF = (np.log(1.35), 0.6)
"""Middle and spread of half-saturation on the log scale, over the mean week's spend. The public default of
Meridian (Google 2025) has its middle near one with a spread of 0.8; a little above, because who spends for
long seldom spends on the flat part of the curve."""
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
    base : ndarray, shape (weeks,)
        The rest: level, season, price and promotions, by the mean of the draws.
    weights : ndarray
        Of the base's columns.
    memory, noise : float
        Share of a week's noise that stays the week after; standard deviation of the shocks.
    """

    data: ResponseData
    curves: Curves
    brought: np.ndarray
    base: np.ndarray
    weights: np.ndarray
    memory: float
    noise: float

    @property
    def fitted(self) -> np.ndarray:
        """Base and what spend brought."""
        return np.asarray(self.base + self.brought.sum(axis=1))

    def caused_by(self, channel: int, weeks: int = 52) -> np.ndarray:
        """What the last weeks' money of a channel brings, until it has faded, by draw."""
        spend = self.data.spend[:, channel]
        without = np.append(spend[:-weeks], np.zeros(min(weeks, len(spend))))
        return self.curves.caused(spend, channel, without)

    def returns(self, channel: int, weeks: int = 52) -> np.ndarray:
        """Outcome brought by one unit of money spent in the last weeks, by draw; NaN where none was spent."""
        money = float(self.data.spend[-weeks:, channel].sum())
        return self.caused_by(channel, weeks) / (money if money > 0 else np.nan)


def fit_response(data: ResponseData, draws: int = 500, seed: int = 0) -> ResponseFit:
    """Fit the response of an outcome to spend.

    Parameters
    ----------
    data : ResponseData
        At least a year and a half of weeks.
    draws : int
        How many draws of the curves to keep.
    seed : int
        Equal seeds give equal draws.
    """
    size = float(data.outcome.mean())
    base = lay_out_base(data.phase, data.causes, size)
    columns, heights = _columns(data, size)
    memory, noise = _first_noise(data, base, columns)
    white = whiten(base, memory, noise)
    evidence = _weigh(data, columns, heights, white)
    chains = draw_chains(evidence, draws, noise**2, np.random.default_rng(seed))
    curves = _as_curves(data, chains, heights)
    brought = _mean_brought(columns, chains)
    weights = explain_base(data.outcome - brought.sum(axis=1), base, memory, noise)
    found = base.columns @ weights
    return ResponseFit(data, curves, brought, found, weights, memory, float(np.sqrt(chains.variance.mean())))


def _columns(data: ResponseData, size: float) -> tuple[np.ndarray, np.ndarray]:
    """By channel and cell: the column of a return of one, and its height as the most a week.

    A return of one means that all spend together, at it, would bring the whole outcome.
    """
    share = data.spend.mean(axis=0) / max(float(data.spend.mean(axis=0).sum()), 1e-300)
    carries = np.array(_CARRIES)
    columns = np.zeros((data.spend.shape[1], len(_CELLS), len(data.outcome)))
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


def _first_noise(data: ResponseData, base: Base, columns: np.ndarray) -> tuple[float, float]:
    """Memory and spread of the noise with every channel at three middling curves."""
    middle = [place for place, cell in enumerate(_CELLS) if cell in _MIDDLING]
    spend = columns[:, middle].reshape(-1, columns.shape[2])
    size = float(data.outcome.mean())
    spreads = np.append(base.spreads, np.full(len(spend), _LOOSE))
    memory, noise = choose_noise(data.outcome, Base(np.column_stack([base.columns, spend.T]), spreads))
    return memory, max(noise, 1e-6 * abs(size))


def _weigh(data: ResponseData, columns: np.ndarray, heights: np.ndarray, white: Whitened) -> Evidence:
    channels, cells, weeks = columns.shape
    turned = columns.reshape(channels * cells, weeks) @ white.root.T
    outcome = white.root @ data.outcome
    slope, square = np.zeros((channels, cells)), np.zeros((channels, cells))
    for test in data.experiments:
        total = float(data.outcome[test.first : test.last + 1].sum())
        effect, error = total * test.lift / (1.0 + test.lift), total * test.error / (1.0 + test.lift) ** 2
        held = _held_back(data, test) * heights[test.channel]
        slope[test.channel] += held * effect / error**2
        square[test.channel] += held**2 / error**2
    gram, cross = turned @ turned.T, turned @ outcome
    return Evidence(gram, cross, float(outcome @ outcome), len(outcome), _log_prior(), slope, square)


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
