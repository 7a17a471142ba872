"""Whether a channel's money ever moved by itself: what history can tell of it, before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Movement", "measure_movement"]

_WAVES = 4


@dataclass(frozen=True)
class Movement:
    """How one channel's money moved.

    Attributes
    ----------
    spread : float
        Standard deviation of its weeks over their mean.
    own : float
        The same after a line and the season were taken out: what it moved by itself.
    shared : float
        Share of that movement which the other channels' movements explain together.
    like : int
        The channel that moves most alike; −1 where it is the only one.
    weeks : int
        Weeks with money.
    """

    spread: float
    own: float
    shared: float
    like: int
    weeks: int


def measure_movement(spend: np.ndarray, phase: np.ndarray) -> tuple[Movement, ...]:
    """Movement of every channel.

    Examples
    --------
    >>> still = np.full((104, 1), 500.0)
    >>> measure_movement(still, np.arange(104) / 52 % 1)[0].own
    0.0
    """
    weeks = len(spend)
    waves = [f(2.0 * np.pi * order * phase) for order in range(1, _WAVES + 1) for f in (np.cos, np.sin)]
    season = np.column_stack([np.ones(weeks), np.arange(weeks) / weeks, *waves])
    mean = np.maximum(spend.mean(axis=0), 1e-300)
    scaled = spend / mean
    own = scaled - season @ np.linalg.lstsq(season, scaled, rcond=None)[0]
    # Fitting so many waves takes up that share of pure chance; it is given back.
    sizes = np.sqrt((own**2).sum(axis=0) / max(weeks - season.shape[1], 1))
    sizes = np.where(sizes < 1e-9, 0.0, sizes)
    return tuple(
        Movement(
            float(scaled[:, at].std()),
            float(sizes[at]),
            *_shared(own, sizes, at),
            int((spend[:, at] > 0).sum()),
        )
        for at in range(spend.shape[1])
    )


def _shared(own: np.ndarray, sizes: np.ndarray, at: int) -> tuple[float, int]:
    others = [number for number in range(own.shape[1]) if number != at and sizes[number] > 0]
    if not others or sizes[at] == 0:
        return 0.0, -1
    design, column = own[:, others], own[:, at]
    left = column - design @ np.linalg.lstsq(design, column, rcond=None)[0]
    like = max(others, key=lambda number: abs(float(np.corrcoef(own[:, number], column)[0, 1])))
    return 1.0 - float(left @ left) / float(column @ column), like
