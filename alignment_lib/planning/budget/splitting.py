"""The split of a budget that brings most: every budget's best at once, exact on a grid, then polished.

What channels bring adds up, so the best split of every total is found by adding channels one after the
other (dynamic programming: Bellman 1957): no curve need be concave. The one asked for is then polished
between grid points (sequential least squares: Kraft 1988, by scipy).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.budget.spending import BudgetError, Channel

__all__ = ["Frontier", "Split", "find_frontier", "least_for", "least_for_odds", "most_within"]

_LEVELS = 41
_STEPS = 500
_HALVINGS = 20


@dataclass(frozen=True)
class Split:
    """Money by channel, what it brings by draw, and how it was found.

    Attributes
    ----------
    money : ndarray, shape (channels,)
    brought : ndarray, shape (draws,)
    said : str
        Which bound binds, if one does.
    """

    money: np.ndarray
    brought: np.ndarray
    said: str


@dataclass(frozen=True)
class Frontier:
    """The most that every total brings.

    Attributes
    ----------
    channels : tuple of Channel
    levels, gains : tuple of ndarray
        By channel: money, and what it brings by draw, (levels, draws).
    totals, most : ndarray
        Totals from the sum of the lower bounds to that of the upper, and the mean each brings at its best.
    rows : ndarray, shape (channels, totals)
        Which level each channel takes.
    """

    channels: tuple[Channel, ...]
    levels: tuple[np.ndarray, ...]
    gains: tuple[np.ndarray, ...]
    totals: np.ndarray
    most: np.ndarray
    rows: np.ndarray

    @property
    def low(self) -> float:
        """Least that can be spent."""
        return float(sum(channel.low for channel in self.channels))

    @property
    def high(self) -> float:
        """Most that can be spent."""
        return float(sum(channel.high for channel in self.channels))

    @property
    def ceilings(self) -> str:
        """Upper bounds of the channels that may get more."""
        free = [one for one in self.channels if one.high > one.low] or list(self.channels)
        return ", ".join(f"{one.name} {Said(one.high):,.0f}" for one in free)

    def at(self, total: float) -> Split:
        """The best split of a total."""
        if total < self.low * (1.0 - 1e-9) - 1e-9:
            need = ", ".join(f"{one.name} {Said(one.low):,.0f}" for one in self.channels if one.low > 0)
            raise BudgetError(
                f"A budget of {Said(total):,.0f} is less than the {Said(self.low):,.0f} that must be spent"
                f" at least: {need}."
            )
        spent = min(total, self.high)
        place = int(np.searchsorted(self.totals, spent + 1e-9 * max(spent, 1.0), side="right")) - 1
        start = np.array([self.levels[at][row] for at, row in enumerate(self.rows[:, max(place, 0)])])
        money = self._polish(start, spent)
        return Split(money, self.bring(money), self._say(money, total))

    def bring(self, money: np.ndarray) -> np.ndarray:
        """What a split brings, by draw."""
        parts = (
            channel.bring(float(one)).sum(axis=0) for channel, one in zip(self.channels, money, strict=True)
        )
        return np.asarray(sum(parts))

    def _polish(self, start: np.ndarray, total: float) -> np.ndarray:
        low = np.array([channel.low for channel in self.channels])
        high = np.array([channel.high for channel in self.channels])
        # Loaded here: a round that splits no money need not wait for them.
        from scipy.interpolate import PchipInterpolator
        from scipy.optimize import minimize

        free = np.flatnonzero(high > low + 1e-12)
        money = _fill(np.clip(start, low, high), low, high, total)
        if len(free) < 2:
            return money
        curves = [PchipInterpolator(self.levels[at], self.gains[at].mean(axis=1)) for at in free]
        slopes = [curve.derivative() for curve in curves]
        scale, size = max(total, 1e-12), max(float(np.abs(self.most).max()), 1e-12)
        fixed = total - float(np.delete(money, free).sum())
        found = minimize(
            lambda x: -sum(float(curve(one * scale)) for curve, one in zip(curves, x, strict=True)) / size,
            money[free] / scale,
            jac=lambda x: (
                -np.array([float(s(o * scale)) for s, o in zip(slopes, x, strict=True)]) * scale / size
            ),
            bounds=list(zip(low[free] / scale, high[free] / scale, strict=True)),
            constraints={"type": "eq", "fun": lambda x: x.sum() - fixed / scale, "jac": np.ones_like},
            method="SLSQP",
            options={"maxiter": 100, "ftol": 1e-10},
        )
        polished = money.copy()
        polished[free] = np.clip(found.x * scale, low[free], high[free])
        polished = _fill(polished, low, high, total)
        better = self.bring(polished).mean() >= self.bring(money).mean()
        return polished if better else money

    def _say(self, money: np.ndarray, total: float) -> str:
        parts = []
        if total > self.high * (1.0 + 1e-9):
            parts.append(f"{Said(total - self.high):,.0f} are left over: every channel is at its upper bound")
        for word, bound in (("upper", "high"), ("lower", "low")):
            names = [
                one.name
                for one, spent in zip(self.channels, money, strict=True)
                if one.is_known
                and one.high > one.low
                and abs(spent - getattr(one, bound)) <= 1e-6 * max(one.high, 1.0)
            ]
            if names and total <= self.high:
                parts.append(f"The {word} bound of {', '.join(names)} binds")
        held = [one.name for one in self.channels if not one.is_known]
        if held:
            parts.append(f"Held as usual, for history cannot tell what it brings: {', '.join(held)}")
        return " ".join(f"{part}." for part in parts) or "No bound binds."


def find_frontier(channels: Sequence[Channel]) -> Frontier:
    """The best split of every total between the sums of the bounds."""
    levels = tuple(np.linspace(one.low, one.high, _LEVELS if one.high > one.low else 1) for one in channels)
    gains = tuple(one.gains(level) for one, level in zip(channels, levels, strict=True))
    low, high = sum(one.low for one in channels), sum(one.high for one in channels)
    unit = max((high - low) / _STEPS, 1e-12)
    best, rows = np.zeros(_STEPS + 1), []
    for level, gain in zip(levels, gains, strict=True):
        cost = np.ceil((level - level[0]) / unit - 1e-9).astype(int)
        table = np.full((len(level), _STEPS + 1), -np.inf)
        for row, steps in enumerate(cost):
            if steps <= _STEPS:
                table[row, steps:] = best[: _STEPS + 1 - steps] + float(gain[row].mean())
        rows.append((table.argmax(axis=0), cost))
        best = table.max(axis=0)
    chosen = np.zeros((len(levels), _STEPS + 1), dtype=int)
    left = np.arange(_STEPS + 1)
    for at in range(len(levels) - 1, -1, -1):
        chosen[at] = rows[at][0][left]
        left = left - rows[at][1][chosen[at]]
    return Frontier(tuple(channels), levels, gains, low + unit * np.arange(_STEPS + 1), best, chosen)


def most_within(frontier: Frontier, total: float, worth: float | None = None) -> Split:
    """The split of at most a total that brings most profit; most outcome where its worth is not known."""
    if worth is None:
        return frontier.at(total)
    within = frontier.totals <= max(total, frontier.low) * (1.0 + 1e-9)
    profit = np.where(within, worth * frontier.most - frontier.totals, -np.inf)
    best = float(frontier.totals[int(profit.argmax())])
    if best >= min(total, frontier.high) - 2.0 * (frontier.totals[1] - frontier.totals[0]):
        return frontier.at(total)
    found = frontier.at(best)
    said = (
        f"{Said(total - best):,.0f} are better not spent: more would bring less than it costs. {found.said}"
    )
    return Split(found.money, found.brought, said)


def least_for(frontier: Frontier, wanted: float, cap: float | None = None) -> Split:
    """Least money whose best split brings what is wanted on average; never more than can be handled."""
    aim = wanted if cap is None else min(wanted, cap)
    enough = np.flatnonzero(frontier.most >= aim * (1.0 - 1e-9))
    if not len(enough):
        raise BudgetError(
            f"{Said(wanted):,.0f} cannot be had of spend: with every channel at its upper bound"
            f" ({frontier.ceilings}) it brings {Said(float(frontier.most[-1])):,.0f}."
        )
    low, high = frontier.low, float(frontier.totals[enough[0]])
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        reached = float(frontier.at(middle).brought.mean()) >= aim
        low, high = (low, middle) if reached else (middle, high)
    found = frontier.at(high)
    if aim < wanted:
        said = (
            f"Of {Said(wanted):,.0f} wanted {Said(aim):,.0f} can be handled: no more is bought. {found.said}"
        )
        return Split(found.money, found.brought, said)
    return found


def least_for_odds(frontier: Frontier, wanted: float, probability: float) -> Split:
    """Least money whose best split on average brings what is wanted with a stated probability."""
    found = None
    low, high = 0, len(frontier.totals) - 1
    while low <= high:
        middle = (low + high) // 2
        split = frontier.at(float(frontier.totals[middle]))
        if float((split.brought >= wanted).mean()) >= probability:
            found, high = split, middle - 1
        else:
            low = middle + 1
    if found is None:
        reached = float((frontier.at(frontier.high).brought >= wanted).mean())
        raise BudgetError(
            f"{Said(wanted):,.0f} cannot be had with {Said(probability):.0%}: with every channel at its upper"
            f" bound ({frontier.ceilings}) the odds are {Said(reached):.0%}."
        )
    return found


def _fill(money: np.ndarray, low: np.ndarray, high: np.ndarray, total: float) -> np.ndarray:
    """Money within its bounds that adds up to the total, what is missing in proportion to the room left."""
    gap = total - float(money.sum())
    room = high - money if gap > 0 else money - low
    size = float(room.sum())
    return np.asarray(money + (room / size * gap if size > 0 else 0.0))
