"""Draws of what assumptions come to, from the range each one states.

The range is a PERT distribution (a beta with mode weight 4; Malcolm, Roseboom, Clark and Fazar 1959,
Operations Research 7) whose 10 % point, mode and 90 % point are low, expected and high. Percent effects
are drawn as log(1 + effect), shares that change hands on the logit, so that no draw is impossible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.launch_bands import launch_range

__all__ = ["Correlation", "draw_values", "planned_ranges"]

_STEPS = 60
_SLIGHT = 1e-5
_SOLVED = 1e-10
_TABLE = 4001
_MOST_KEPT = 4_000_000
_DRAWN: dict[tuple[object, ...], np.ndarray] = {}
"""Draws of a row follow from its range, its id and the seed alone: plan after plan counts the same rows.

At most so many numbers are kept, 32 MB.
"""


@dataclass(frozen=True)
class Correlation:
    """A common factor behind assumptions of one owner, or of one kind.

    Attributes
    ----------
    by : {"owner", "kind"}
        What assumptions have in common.
    share : float
        Correlation of the normal scores of any two of them, from 0 to 1 (a one-factor Gaussian copula;
        Vasicek 2002, Risk 15).
    """

    by: Literal["owner", "kind"] = "owner"
    share: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"a correlation of {self.share} is not between 0 and 1")


def draw_values(
    assumptions: Sequence[Assumption],
    draws: int,
    seed: int,
    correlation: Correlation | None = None,
) -> dict[str, np.ndarray]:
    """Draw each assumption's value from the range it states, in its own unit.

    A row without a full range, or whose low equals its high, is certain; a launch without a range is
    drawn from the band usual for its type. Draws of a percent row that states a low of -100 or less
    are cut at -100.

    Parameters
    ----------
    assumptions : sequence of Assumption
        The rows, with the ranges to draw from.
    draws : int
        How many.
    seed : int
        With the same seed a row's draws are the same in every scenario and whatever other rows there
        are, so differences between scenarios are not noise.
    correlation : Correlation, optional
        A common factor; independent by default.

    Returns
    -------
    dict of str to ndarray, shape (draws,)
        By id; not to be written to.
    """
    result = {row.id: np.full(draws, row.expected) for row in assumptions}
    ranged = [(row, points) for row in assumptions if (points := _points(row)) is not None]
    if not ranged:
        return result
    scales = [_scale(row, points) for row, points in ranged]
    keys = [
        (row.id, points, scale, draws, seed, _company(row, correlation))
        for (row, points), scale in zip(ranged, scales, strict=True)
    ]
    found = [_DRAWN.get(key) for key in keys]
    new = [at for at, drawn in enumerate(found) if drawn is None]
    if new:
        known = np.array([_to_scale(ranged[at][1], scales[at]) for at in new])
        for at, points, end in zip(new, known, _pert_ends(known), strict=True):
            uniform = _uniform(ranged[at][0], draws, seed, correlation)
            drawn = _from_scale(_pert(points, end, uniform), scales[at])
            drawn.setflags(write=False)
            found[at] = drawn
        if (len(_DRAWN) + len(new)) * draws > _MOST_KEPT:
            _DRAWN.clear()
        kept = new[: _MOST_KEPT // max(draws, 1)]
        _DRAWN.update((keys[at], one) for at in kept if (one := found[at]) is not None)
    return result | {
        row.id: drawn for (row, _), drawn in zip(ranged, found, strict=True) if drawn is not None
    }


def _company(row: Assumption, correlation: Correlation | None) -> tuple[str, float]:
    """The common factor a row's draws depend on, and by how much."""
    if correlation is None or correlation.share == 0.0:
        return "", 0.0
    return row.owner if correlation.by == "owner" else row.kind, correlation.share


Scale = Literal["log", "logit", "cut", "plain"]


def _points(row: Assumption) -> tuple[float, float, float] | None:
    points = (row.low, row.expected, row.high)
    if row.kind == "new_product" and not (np.isfinite(row.low) and np.isfinite(row.high)):
        points = launch_range(row)
    return points if points[0] < points[2] and points[0] <= points[1] <= points[2] else None


def _scale(row: Assumption, points: tuple[float, float, float]) -> Scale:
    if row.unit != "percent":
        return "plain"
    is_share = row.kind == "consumer_shift" and bool(row.moves_from) and bool(row.moves_to)
    if is_share and points[0] > 0 and points[2] < 100:
        return "logit"
    return "log" if points[0] > -100 else "cut"


def _to_scale(points: tuple[float, float, float], scale: Scale) -> np.ndarray:
    values = np.array(points)
    if scale == "log":
        return np.asarray(np.log1p(values / 100.0))
    return np.asarray(special.logit(values / 100.0)) if scale == "logit" else values


def _from_scale(values: np.ndarray, scale: Scale) -> np.ndarray:
    if scale == "log":
        return np.asarray(np.expm1(values) * 100.0)
    if scale == "logit":
        return np.asarray(special.expit(values) * 100.0)
    return np.maximum(values, -100.0) if scale == "cut" else values


def _uniform(row: Assumption, draws: int, seed: int, correlation: Correlation | None) -> np.ndarray:
    own = np.random.default_rng([seed, *row.id.encode()]).random(draws)
    if correlation is None or correlation.share == 0.0:
        return own
    group = row.owner if correlation.by == "owner" else row.kind
    common = np.random.default_rng([seed, 1, *group.encode()]).standard_normal(draws)
    share = correlation.share
    return np.asarray(special.ndtr(np.sqrt(share) * common + np.sqrt(1.0 - share) * special.ndtri(own)))


def _pert(points: np.ndarray, ends: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Quantiles, read off a table of the distribution function: its inverse costs twenty times as much."""
    alpha, beta = _shape(points[1], ends[0], ends[1])
    places = np.sin(np.linspace(0.0, np.pi / 2, _TABLE)) ** 2
    found = np.interp(uniform, special.betainc(alpha, beta, places), places)
    return np.asarray(ends[0] + (ends[1] - ends[0]) * found)


def _shape(mode: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    width = high - low
    return 1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width


def _pert_ends(points: np.ndarray) -> np.ndarray:
    """End points of every row's distribution, solved together by damped Newton steps.

    Each row is brought to low 0 and high 1, where only the mode remains; the unknowns are the
    logarithms of how far the ends lie from the mode.
    """
    width = points[:, 2] - points[:, 0]
    mode = (points[:, 1] - points[:, 0]) / width
    logs = np.log(np.stack([mode + 0.35, 1.35 - mode], axis=1))
    open_rows = np.arange(len(points))
    for _ in range(_STEPS):
        # Each row stops when it is done, whatever the others still need: its draws are its own.
        missing = _misses(logs[open_rows], mode[open_rows])
        going_on = np.abs(missing).max(axis=1) >= _SOLVED
        open_rows, missing = open_rows[going_on], missing[going_on]
        if not len(open_rows):
            break
        now, its_mode = logs[open_rows], mode[open_rows]
        moved = [_misses(now + _SLIGHT * np.eye(2)[side], its_mode) for side in (0, 1)]
        slopes = np.stack([(part - missing) / _SLIGHT for part in moved], axis=2)
        step = np.linalg.solve(slopes + 1e-12 * np.eye(2), missing[:, :, None])[:, :, 0]
        logs[open_rows] = now - np.clip(step, -0.5, 0.5)
    reach = np.exp(logs)
    return np.stack([points[:, 1] - reach[:, 0] * width, points[:, 1] + reach[:, 1] * width], axis=1)


def _misses(logs: np.ndarray, mode: np.ndarray) -> np.ndarray:
    low, high = mode - np.exp(logs[:, 0]), mode + np.exp(logs[:, 1])
    alpha, beta = _shape(mode, low, high)
    found = [low + (high - low) * special.betaincinv(alpha, beta, share) for share in (0.1, 0.9)]
    return np.stack([found[0], found[1] - 1.0], axis=1)


def planned_ranges(assumptions: Sequence[Assumption]) -> Mapping[str, tuple[float, float, float]]:
    """The range each row is drawn from, by id; rows that are certain are left out."""
    return {row.id: points for row in assumptions if (points := _points(row)) is not None}
