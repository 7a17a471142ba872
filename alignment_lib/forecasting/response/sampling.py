"""Draws of every channel's curve: a grid over carry-over and saturation, the height drawn with it.

Given the other channels, a channel's curve is linear in its height: for each cell of the grid (carry-over,
half-saturation, shape) the likelihood with the height integrated out is known in closed form under a normal
prior cut off at zero. Cell and height are proposed together from it, channel after channel, in many chains
side by side, and accepted by the ratio of the returns' own log-normal prior to that normal (Gibbs sampling
with Metropolis steps: Tierney 1994, Annals of Statistics 22, 1701); all shapes are averaged over by what the
data say of them. Returns are drawn towards a common one whose place and spread are drawn too (partial
pooling: Gelman and Hill 2007, chapter 12).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from alignment_lib.forecasting.cache import arrays_key, load_table, store_table

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Chains", "Evidence", "draw_chains"]

_CHAINS, _WARM, _EVERY = 50, 150, 15
_MIDDLES = np.log(np.geomspace(0.01, 1.0, 24))
_SPREADS = np.array([0.2, 0.35, 0.5, 0.7, 0.9, 1.2])
"""Log of the middle return, as the share of the outcome that all spend would bring at it; spread on that
scale. Meridian's public default lets returns differ by 0.9 (log-normal)."""


@dataclass(frozen=True)
class Evidence:
    """What the data say of every cell of every channel, in units of the first guess of the noise's variance.

    Attributes
    ----------
    gram : ndarray, shape (channels × cells, channels × cells)
        Products of the whitened columns, each for a return of one.
    cross : ndarray, shape (channels × cells,)
        Their products with the whitened outcome.
    square : float
        The outcome's with itself.
    rows : int
        Weeks compared, over all outcomes.
    prior : ndarray, shape (cells,)
        Log prior of the cells.
    test_slope, test_square : ndarray, shape (channels, cells)
        What experiments add to a height's linear and squared term, in absolute units.
    least : float
        Below this the noise's variance cannot lie.
    """

    gram: np.ndarray
    cross: np.ndarray
    square: float
    rows: int
    prior: np.ndarray
    test_slope: np.ndarray
    test_square: np.ndarray
    least: float = 0.0


@dataclass(frozen=True)
class Chains:
    """Draws: cell and return by channel, (draws, channels), and the noise's variance over its guess."""

    cells: np.ndarray
    returns: np.ndarray
    variance: np.ndarray


def draw_chains(evidence: Evidence, draws: int, seed: int, cache: Path | None = None) -> Chains:
    """Draw curves, in as many chains side by side as there are draws to keep, up to fifty.

    Parameters
    ----------
    evidence : Evidence
    draws : int
        How many draws to keep.
    seed : int
    cache : Path or None
        Folder of earlier results: the same evidence is not drawn from twice.
    """
    if cache is None:
        return _draw(evidence, draws, np.random.default_rng(seed))
    arrays = (getattr(evidence, one.name) for one in fields(evidence))
    key = f"response-{arrays_key(*map(np.asarray, arrays), draws=draws, seed=seed)}"
    kept = load_table(cache, key)
    if kept is not None:
        return _unpacked(kept)
    chains = _draw(evidence, draws, np.random.default_rng(seed))
    store_table(cache, key, _packed(chains))
    return chains


def _packed(chains: Chains) -> pa.Table:
    import pyarrow as pa

    columns = {f"cell{at}": column for at, column in enumerate(chains.cells.T)}
    columns |= {f"return{at}": column for at, column in enumerate(chains.returns.T)}
    return pa.table(columns | {"variance": chains.variance})


def _unpacked(table: pa.Table) -> Chains:
    cells, returns = (
        np.column_stack([table[name].to_numpy() for name in table.column_names if name.startswith(start)])
        for start in ("cell", "return")
    )
    return Chains(cells, returns, table["variance"].to_numpy())


def _draw(evidence: Evidence, draws: int, rng: np.random.Generator) -> Chains:
    chains = min(_CHAINS, draws)
    keep = -(-draws // chains)
    cells_of = len(evidence.prior)
    channels = len(evidence.cross) // cells_of
    state = _State(
        rng.integers(0, cells_of, (chains, channels)),
        np.full((chains, channels), 0.1),
        np.ones(chains),
        np.full(chains, np.log(0.15)),
        np.full(chains, 0.7),
    )
    kept = []
    for sweep in range(_WARM + keep * _EVERY):
        for channel in rng.permutation(channels):
            _draw_channel(state, evidence, int(channel), rng)
        _draw_variance(state, evidence, rng)
        _draw_pool(state, rng)
        if sweep >= _WARM and (sweep - _WARM) % _EVERY == _EVERY - 1:
            kept.append((state.cells.copy(), state.returns.copy(), state.variance.copy()))
    parts = [np.concatenate(part)[:draws] for part in zip(*kept, strict=True)]
    return Chains(*parts)


@dataclass
class _State:
    cells: np.ndarray
    returns: np.ndarray
    variance: np.ndarray
    middle: np.ndarray
    spread: np.ndarray


def _draw_channel(state: _State, evidence: Evidence, channel: int, rng: np.random.Generator) -> None:
    cells = len(evidence.prior)
    block = slice(channel * cells, (channel + 1) * cells)
    others = [number for number in range(state.cells.shape[1]) if number != channel]
    left = np.broadcast_to(evidence.cross[block], (len(state.cells), cells)).copy()
    for other in others:
        rows = evidence.gram[other * cells + state.cells[:, other], block]
        left -= state.returns[:, other, None] * rows
    precision = 1.0 / state.variance[:, None]
    # Proposed from a normal cut off at zero, wide enough for the pool, then accepted by their ratio.
    wide = 2.0 * np.exp(state.middle + 0.5 * state.spread**2)
    total = (
        np.diagonal(evidence.gram)[block] * precision + evidence.test_square[channel] + wide[:, None] ** -2
    )
    slope = left * precision + evidence.test_slope[channel]
    score = slope / np.sqrt(total)
    weight = evidence.prior - 0.5 * np.log(total) + 0.5 * score**2 + log_ndtr(score)
    chosen = _choose(weight, rng)
    at = np.arange(len(chosen))
    score, root = score[at, chosen], np.sqrt(total[at, chosen])
    below = np.log(rng.random(len(chosen))) + log_ndtr(score)
    proposed = np.maximum(score - ndtri_exp(below), 1e-9) / root
    ratio = _pool_over_wide(proposed, state, wide) - _pool_over_wide(state.returns[:, channel], state, wide)
    taken = np.log(rng.random(len(chosen))) < ratio
    state.cells[taken, channel] = chosen[taken]
    state.returns[taken, channel] = proposed[taken]


def _choose(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One column for each row, with chances in proportion to the exponentials of its weights."""
    sums = np.cumsum(np.exp(weight - weight.max(axis=1, keepdims=True)), axis=1)
    return np.asarray((sums < rng.random(len(sums))[:, None] * sums[:, -1:]).sum(axis=1))


def _pool_over_wide(returns: np.ndarray, state: _State, wide: np.ndarray) -> np.ndarray:
    """Log of the pool's density (log-normal) over that of the proposal's prior, up to a constant."""
    logs = np.log(returns)
    pool = -0.5 * ((logs - state.middle) / state.spread) ** 2 - logs
    return np.asarray(pool + 0.5 * (returns / wide) ** 2)


def _draw_variance(state: _State, evidence: Evidence, rng: np.random.Generator) -> None:
    cells, channels = len(evidence.prior), state.cells.shape[1]
    places = state.cells + cells * np.arange(channels)
    linear = (evidence.cross[places] * state.returns).sum(axis=1)
    gram = evidence.gram[places[:, :, None], places[:, None, :]]
    squares = np.einsum("ci,cij,cj->c", state.returns, gram, state.returns)
    rest = np.maximum(evidence.square - 2.0 * linear + squares, 1e-12 * evidence.square)
    drawn = 0.5 * rest / rng.gamma(0.5 * evidence.rows, size=len(rest))
    state.variance[:] = np.maximum(drawn, evidence.least)


def _draw_pool(state: _State, rng: np.random.Generator) -> None:
    """Place and spread of the returns' common distribution, on a grid."""
    middle, spread = (part.ravel() for part in np.meshgrid(_MIDDLES, _SPREADS, indexing="ij"))
    scores = (np.log(state.returns)[:, :, None] - middle) / spread
    likely = -0.5 * (scores**2).sum(axis=1) - state.returns.shape[1] * np.log(spread)
    chosen = _choose(likely, rng)
    state.middle[:], state.spread[:] = middle[chosen], spread[chosen]
