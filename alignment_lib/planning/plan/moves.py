"""Volume that changes place: between products or channels, and between periods.

A row's moved volume is a share of its *own* effect before any moves: what it takes from others
(`moves_from`), what turns to others when it falls away (`moves_to`), and what it borrows from later
periods (`pull_forward_share`). What one series loses another gains, exactly: in units, for it is
buyers who move; where the plan is in money and unit prices are known, they pay what their new choice costs. A
donor is never taken below zero: what it cannot give is reported and the recipient's gain is cut by as much.

Borrowed volume is repaid by the same series in equal parts over the four weeks (one month, one
quarter) after the claim's last period; the effect a claim states within its dates is left whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from alignment_lib.planning.plan.bridge import Block, add_block, dense
from alignment_lib.planning.plan.effects import OwnEffects
from alignment_lib.planning.plan.exchange import Exchange
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.register.claims import Claim

__all__ = ["REPAID_OVER", "Moved", "Owed", "Repaid", "list_repayments", "move_volumes"]

REPAID_OVER = {"week": 4, "month": 1, "quarter": 1}
"""Periods over which borrowed volume is repaid."""


@dataclass(frozen=True)
class Owed:
    """Volume borrowed from beyond the horizon by one claim.

    Attributes
    ----------
    series : ndarray of int, shape (n,)
        Rows of the grid.
    amount : ndarray, shape (n,)
        What is owed in each period of repayment.
    first, count : int
        First period of repayment beyond the horizon, counted on the grid, and how many there are.
    """

    series: np.ndarray
    amount: np.ndarray
    first: int
    count: int

    @property
    def total(self) -> float:
        """All that is owed."""
        return float(self.amount.sum() * self.count)


@dataclass(frozen=True)
class Repaid:
    """What one claim borrows and when it is repaid, within the horizon and after it.

    Attributes
    ----------
    series : ndarray of int, shape (n,)
        Rows of the grid.
    borrowed : ndarray, shape (n, periods)
        What each period of the horizon sells of later ones, before any cut.
    first : int
        First period of repayment, counted on the grid; may lie beyond it.
    amount : ndarray, shape (n, count)
        What comes off each period of repayment, positive.
    """

    series: np.ndarray
    borrowed: np.ndarray
    first: int
    amount: np.ndarray


@dataclass(frozen=True)
class Pulled:
    """One claim's repayment within the horizon: the change asked of each series after it."""

    own: np.ndarray
    periods: slice
    change: np.ndarray


@dataclass(frozen=True)
class Moved:
    """Effects after moves.

    Attributes
    ----------
    blocks : dict of str to (rows, effect)
        Net effect by contributor.
    moves : dict of str to (rows, change)
        Net effect less own effect, for rows that move anything; they sum to zero but for what is owed.
    owed : dict of str to tuple of Owed
        Volume borrowed from periods beyond the horizon, by assumption: it enters the next round.
    excess : dict of str to float
        Volume a donor could not give, by assumption; its gain was cut equally.
    pulled : tuple of (Claim, Pulled)
        Claims that borrow, and what they ask of later periods of the horizon.
    granted : ndarray, shape (series, periods)
        Share of what is asked of each cell that it gives.
    """

    blocks: dict[str, Block]
    moves: dict[str, Block]
    owed: dict[str, tuple[Owed, ...]]
    excess: dict[str, float]
    pulled: tuple[tuple[Claim, Pulled], ...] = field(default=(), repr=False)
    granted: np.ndarray = field(default_factory=lambda: np.ones((1, 1)), repr=False)


@dataclass(frozen=True)
class _Taken:
    """One exchange's request: the change asked of each partner."""

    exchange: Exchange
    own: np.ndarray
    moved: np.ndarray
    change: np.ndarray


def move_volumes(grid: PlanGrid, claims: Sequence[Claim], own: OwnEffects) -> Moved:
    """Apply every claim's moves at once; their order does not matter."""
    able = [(number, claim) for number, claim in enumerate(claims) if not (claim.fixed or claim.is_idle)]
    taken = {number: tuple(_taken(claim, own.parts[number])) for number, claim in able}
    pulled: dict[int, Pulled] = {}
    owed: dict[str, tuple[Owed, ...]] = {}
    for number, claim in able:
        if claim.row.pull_forward_share:
            pulled[number], later = _pulled(grid, claim, own.parts[number][1])
            if later is not None:
                owed[claim.row.id] = (*owed.get(claim.row.id, ()), later)
    moving = sorted({number for number, parts in taken.items() if parts} | set(pulled))
    if not moving:
        return Moved(own.blocks, {}, owed, {})
    granted = _granted(grid, claims, own, taken, pulled)
    blocks, moves, excess = dict(own.blocks), {}, {}
    for number in moving:
        name = claims[number].row.id
        change, short = _settle(grid, claims[number], taken[number], pulled.get(number), granted)
        rows = np.flatnonzero(change.any(axis=1))
        moves[name] = (rows, change[rows])
        blocks[name] = _add(grid, own.blocks[name], change, rows)
        if short > 0:
            excess[name] = short
    borrowing = tuple((claims[number], request) for number, request in sorted(pulled.items()))
    return Moved(blocks, moves, owed, excess, borrowing, granted)


def list_repayments(grid: PlanGrid, moved: Moved) -> list[tuple[str, Repaid]]:
    """All that is borrowed and its repayment, what is owed included, with the assumption that borrows."""
    return [(claim.row.id, _repaid(grid, claim, asked, moved.granted)) for claim, asked in moved.pulled]


def _repaid(grid: PlanGrid, claim: Claim, pulled: Pulled, granted: np.ndarray) -> Repaid:
    """The repayment as it is taken: cut within the horizon where a period has not that much to give."""
    rows, over = claim.series, REPAID_OVER[grid.calendar.grain]
    inside = -np.where(pulled.change < 0, pulled.change * granted[rows, pulled.periods], pulled.change)
    part = pulled.own.sum(axis=1, keepdims=True) / over
    after = np.repeat(part, over - inside.shape[1], axis=1)
    return Repaid(rows, pulled.own, claim.repay_from, np.hstack([inside, after]))


def _add(grid: PlanGrid, block: Block, change: np.ndarray, changed: np.ndarray) -> Block:
    """A block and the change of the rows that have one."""
    inside = np.zeros(len(change), dtype=bool)
    inside[block[0]] = inside[changed] = True
    rows = np.flatnonzero(inside)
    whole = dense(block, grid.baseline.shape) + change
    return rows, whole[rows]


def _taken(claim: Claim, part: Block) -> Iterator[_Taken]:
    share = claim.row.moved_share
    if not share:
        return
    for exchange in claim.exchanges:
        own = np.broadcast_to(part[1], (len(part[0]), len(claim.strength)))[exchange.sources] * share
        moved = exchange.gather @ (own / exchange.source_price)
        change = -exchange.split * moved[exchange.group] * exchange.partner_price
        yield _Taken(exchange, own, moved, change)


def _pulled(grid: PlanGrid, claim: Claim, own: np.ndarray) -> tuple[Pulled, Owed | None]:
    over = REPAID_OVER[grid.calendar.grain]
    borrowed = own * claim.row.pull_forward_share
    part = borrowed.sum(axis=1) / over
    size = len(grid.periods)
    first = min(claim.repay_from, size)
    inside = min(claim.repay_from + over, size) - first
    change = np.repeat(-part[:, None], inside, axis=1)
    later = None
    if inside < over and part.any():
        later = Owed(claim.series, part, max(claim.repay_from, size), over - inside)
    return Pulled(borrowed, slice(first, first + inside), change), later


def _granted(
    grid: PlanGrid,
    claims: Sequence[Claim],
    own: OwnEffects,
    taken: dict[int, tuple[_Taken, ...]],
    pulled: dict[int, Pulled],
) -> np.ndarray:
    """Share of what is asked of each cell that it can give.

    It can give the plan before moves, less gains that may themselves yet be cut, so that no order of
    settling matters. Series below zero of themselves give nothing.
    """
    available = grid.baseline + sum(grid.owed_before.values(), np.zeros((1, 1)))
    for block in own.blocks.values():
        add_block(available, block)
    asked = np.zeros(grid.baseline.shape)
    for number, parts in taken.items():
        if parts or number in pulled:
            rows, gain = own.parts[number]
            add_block(available, (rows, -np.maximum(gain, 0.0) * claims[number].uncertain_share))
        for part in parts:
            asked[part.exchange.partners] -= np.minimum(part.change, 0.0)
    for number, request in pulled.items():
        rows = claims[number].series
        asked[rows, request.periods] -= np.minimum(request.change, 0.0)
    available = np.maximum(available, 0.0)
    return np.asarray(np.divide(available, asked, out=np.ones_like(available), where=asked > available))


def _settle(
    grid: PlanGrid, claim: Claim, taken: tuple[_Taken, ...], pulled: Pulled | None, granted: np.ndarray
) -> tuple[np.ndarray, float]:
    """One claim's change of every cell by its moves, and what no donor could give."""
    change = np.zeros(grid.baseline.shape)
    short = 0.0
    for part in taken:
        partners = part.exchange.partners
        given = np.where(part.change < 0, part.change * granted[partners], part.change)
        change[partners] += given
        short += _return(change, claim.series[part.exchange.sources], part, given - part.change)
    if pulled is not None:
        rows = claim.series
        given = np.where(pulled.change < 0, pulled.change * granted[rows, pulled.periods], pulled.change)
        change[rows, pulled.periods] += given
        missing = (given - pulled.change).sum(axis=1)
        gain = np.maximum(pulled.own, 0.0)
        total = gain.sum(axis=1)
        rate = np.divide(missing, total, out=np.zeros_like(missing), where=total > 0)
        change[rows] -= gain * rate[:, None]
        short += float(missing.sum())
    return change, short


def _return(change: np.ndarray, sources: np.ndarray, part: _Taken, missing: np.ndarray) -> float:
    """Cut the gain of each group's sources by what its partners could not give."""
    if not missing.any():
        return 0.0
    lacking = np.zeros_like(part.moved)
    np.add.at(lacking, part.exchange.group, missing / part.exchange.partner_price)
    rate = np.divide(lacking, part.moved, out=np.zeros_like(lacking), where=part.moved > 0)
    change[sources] -= part.own * (part.exchange.gather.T @ rate)
    return float(missing.sum())
