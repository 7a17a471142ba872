"""Promotion runs: where each mechanic is on, and where what it brings may be missing before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.effects.drivers.panel import Panel
from alignment_lib.forecasting.effects.drivers.references import regular_price

__all__ = ["Moves", "find_moves", "runs_of"]

_LAGS = {"week": 4, "month": 1, "quarter": 1}
_LONGEST = 4
"""What a run borrows from later is reckoned from its last four periods: an endless one borrows no more."""
_SHALLOW = 0.03


@dataclass(frozen=True)
class Moves:
    """Mechanics and their runs.

    Attributes
    ----------
    mechanics : dict of str to ndarray, shape (series, known)
        Strength of each promotion driver, and of temporary price cuts (log points below both the regular
        price before and after), by driver.
    lags : int
        Periods after a run in which sales may be missing.
    """

    mechanics: dict[str, np.ndarray]
    lags: int

    def after(self, gross: np.ndarray, name: str, lag: int) -> np.ndarray:
        """Units of the run that ended `lag` periods ago, shape (series, periods)."""
        total, _, last = self._runs(gross, name)
        moved = np.zeros_like(gross)
        moved[:, lag:] = np.where(last, total, 0.0)[:, :-lag]
        return moved

    def before(self, gross: np.ndarray, name: str) -> np.ndarray:
        """Units of the run that starts in the next period, shape (series, periods)."""
        total, first, _ = self._runs(gross, name, backwards=True)
        moved = np.zeros_like(gross)
        moved[:, :-1] = np.where(first, total, 0.0)[:, 1:]
        return moved

    def _runs(
        self, gross: np.ndarray, name: str, backwards: bool = False
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Units summed over (at most four periods of) the run, its first and its last periods."""
        on = np.abs(self.mechanics[name]) > 0
        first, last = runs_of(on)
        values = np.where(on, gross, 0.0)
        order = np.arange(on.shape[1])
        total = np.zeros_like(gross)
        for column in order[::-1] if backwards else order:
            near = column + 1 if backwards else column - 1
            far = near + _LONGEST - 1 if backwards else near - _LONGEST + 1
            before = total[:, near] if 0 <= near < on.shape[1] else 0.0
            spent = values[:, far] * _joined(on, column, far) if 0 <= far < on.shape[1] else 0.0
            total[:, column] = np.where(on[:, column], values[:, column] + before - spent, 0.0)
        return total, first, last


def _joined(on: np.ndarray, one: int, other: int) -> np.ndarray:
    low, high = min(one, other), max(one, other)
    return np.asarray(on[:, low : high + 1].all(axis=1))


def runs_of(on: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last periods of runs of True along the last axis.

    >>> first, last = runs_of(np.array([[False, True, True, False]]))
    >>> first.tolist(), last.tolist()
    ([[False, True, False, False]], [[False, False, True, False]])
    """
    off = np.zeros((*on.shape[:-1], 1), dtype=bool)
    before = np.concatenate([off, on[..., :-1]], axis=-1)
    after = np.concatenate([on[..., 1:], off], axis=-1)
    return on & ~before, on & ~after


def find_moves(panel: Panel) -> Moves:
    """Mechanics of a panel: its promotion drivers, and temporary cuts of its prices."""
    known = panel.known
    mechanics: dict[str, np.ndarray] = {}
    for name in panel.of_kind("price"):
        prices = np.ascontiguousarray(panel.drivers[name][:, :known])
        season = panel.calendar.season
        before = np.log(regular_price(prices, season))
        after = np.log(regular_price(np.ascontiguousarray(prices[:, ::-1]), season))[:, ::-1]
        cut = np.clip(np.minimum(before, after) - np.log(prices), 0, None)
        cut[cut < _SHALLOW] = 0.0
        if cut.any():
            mechanics[name] = cut
    for name in panel.of_kind("promotion"):
        mechanics[name] = panel.drivers[name][:, :known]
    nothing = ~np.logical_or.accumulate(np.isfinite(panel.values), axis=1)
    if panel.sold_out.any():
        nothing |= panel.sold_out
    if nothing.any():
        # Before its launch, or from an empty shelf, a product brings nothing and takes nothing from others.
        mechanics = {name: np.where(nothing, 0.0, its) for name, its in mechanics.items()}
    return Moves(mechanics, _LAGS[panel.calendar.grain])
