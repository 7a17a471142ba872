"""Volume that changes place: between products or channels, and between periods.

A row's moved volume is a share of its *own* effect before any moves: what it takes from others
(`moves_from`), what turns to others when it falls away (`moves_to`), and what it borrows from later
periods (`pull_forward_share`). What one series loses another gains, exactly. A donor is never taken
below zero: what it cannot give is reported and the recipient's gain is cut by the same amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alignment_lib.planning.assumptions import Assumption
from alignment_lib.planning.bridge import Block
from alignment_lib.planning.grid import PlanGrid, value_rows

__all__ = ["Moved", "move_volumes"]

_PULL_FORWARD_WEEKS = 4
_PULL_FORWARD = {"week": _PULL_FORWARD_WEEKS, "month": 1, "quarter": 1}


@dataclass(frozen=True)
class Moved:
    """Effects after moves.

    Attributes
    ----------
    effects : dict of str to ndarray, shape (series, periods)
        Net effect by contributor, over the whole grid.
    owed : dict of str to float
        Volume borrowed from periods beyond the horizon, by assumption: it enters the next round.
    excess : dict of str to float
        Volume a donor could not give, by assumption; its gain was cut equally.
    """

    effects: dict[str, np.ndarray]
    owed: dict[str, float]
    excess: dict[str, float]


def move_volumes(grid: PlanGrid, assumptions: Sequence[Assumption], blocks: dict[str, Block]) -> Moved:
    """Apply every row's moves at once; the order of rows does not matter.

    Pull-forward comes off the same series over the four weeks (one month, one quarter) after each
    period, in equal parts; a part that falls beyond the horizon is owed.
    """
    effects = {name: _dense(grid, block) for name, block in blocks.items()}
    requests, owed = {}, {}
    for row in assumptions:
        if row.id not in blocks:
            continue
        taken, pulled, later = _requests(grid, row, effects[row.id])
        if taken is not None or pulled is not None:
            requests[row.id] = (taken, pulled)
        if later:
            owed[row.id] = later
    if not requests:
        return Moved(effects, owed, {})
    return _settle(grid, effects, requests, owed)


Request = tuple[np.ndarray | None, np.ndarray | None]


def _requests(
    grid: PlanGrid, row: Assumption, own: np.ndarray
) -> tuple[np.ndarray | None, np.ndarray | None, float]:
    """Change asked of other series, of later periods, and of periods beyond the horizon."""
    taken = None
    others = (*row.moves_from, *row.moves_to)
    if others and row.moved_share:
        taken = _spread_over_donors(grid, row, others, -row.moved_share * own.sum(axis=0))
    pulled, later = None, 0.0
    if row.pull_forward_share:
        pulled, later = _pull_forward(own * row.pull_forward_share, _PULL_FORWARD[grid.calendar.grain])
    return taken, pulled, later


def _spread_over_donors(
    grid: PlanGrid, row: Assumption, names: Sequence[str], change: np.ndarray
) -> np.ndarray:
    rows = value_rows(grid, names, row.scope)
    result = np.zeros(grid.baseline.shape)
    if not len(rows):
        return result
    size = np.maximum(grid.baseline[rows], 0.0)
    total = size.sum(axis=0)
    share = np.where(total > 0, size / np.where(total > 0, total, 1.0), 1.0 / len(rows))
    result[rows] = share * change
    return result


def _pull_forward(borrowed: np.ndarray, periods: int) -> tuple[np.ndarray, float]:
    change = np.zeros_like(borrowed)
    for ahead in range(1, periods + 1):
        if ahead < borrowed.shape[1]:
            change[:, ahead:] -= borrowed[:, :-ahead] / periods
    return change, float(borrowed.sum() + change.sum())


def _settle(
    grid: PlanGrid, effects: dict[str, np.ndarray], requests: dict[str, Request], owed: dict[str, float]
) -> Moved:
    available = _available(grid, effects, requests)
    asked = np.zeros(grid.baseline.shape)
    for parts in requests.values():
        for part in parts:
            if part is not None:
                asked -= np.minimum(part, 0.0)
    granted = np.where(asked > available, available / np.where(asked > 0, asked, 1.0), 1.0)
    net, excess = dict(effects), {}
    for name, (taken, pulled) in requests.items():
        net[name], short = _grant(effects[name], taken, pulled, granted, _PULL_FORWARD[grid.calendar.grain])
        if short > 0:
            excess[name] = short
    return Moved(net, owed, excess)


def _available(grid: PlanGrid, effects: dict[str, np.ndarray], requests: dict[str, Request]) -> np.ndarray:
    """What donors can give: the plan before moves, less gains that may yet be cut."""
    total = grid.baseline + sum(effects.values())
    uncertain = sum((np.maximum(effects[name], 0.0) for name in requests), np.zeros(grid.baseline.shape))
    return np.asarray(np.maximum(total - uncertain, 0.0))


def _grant(
    own: np.ndarray, taken: np.ndarray | None, pulled: np.ndarray | None, granted: np.ndarray, reach: int
) -> tuple[np.ndarray, float]:
    """One row's net effect: own effect, plus what was granted, less the gain that found no donor."""
    result = own.copy()
    short = 0.0
    if taken is not None:
        given = np.where(taken < 0, taken * granted, taken)
        missing = (given - taken).sum(axis=0)
        result += given + _cut(own, missing)
        short += float(missing.sum())
    if pulled is not None:
        given = np.where(pulled < 0, pulled * granted, pulled)
        missing = given - pulled
        result += given - _return_to_source(own, missing, reach)
        short += float(missing.sum())
    return result, short


def _cut(own: np.ndarray, missing: np.ndarray) -> np.ndarray:
    gain = np.maximum(own, 0.0)
    total = gain.sum(axis=0)
    return np.asarray(-gain * np.divide(missing, total, out=np.zeros_like(missing), where=total > 0))


def _return_to_source(own: np.ndarray, missing: np.ndarray, reach: int) -> np.ndarray:
    """What each earlier period must give up because a later one could not lend it."""
    gain = np.maximum(own, 0.0)
    before = np.zeros_like(gain)
    for ahead in range(1, reach + 1):
        before[:, ahead:] += gain[:, :-ahead]
    rate = np.divide(missing, before, out=np.zeros_like(missing), where=before > 0)
    result = np.zeros_like(gain)
    for ahead in range(1, reach + 1):
        result[:, :-ahead] += gain[:, :-ahead] * rate[:, ahead:]
    return np.asarray(result)


def _dense(grid: PlanGrid, block: Block) -> np.ndarray:
    rows, values = block
    full = np.zeros(grid.baseline.shape)
    full[rows] = values
    return full
