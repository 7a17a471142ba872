"""What a shift of marketing spend does to sales: money, the response of leads, lag and worth of a lead.

A shift is worked out beside the spend that is planned anyway, week by week, beginning with the money already
spent: the response at planned spend and the shift, less the response at planned spend alone, by draw; then
each lead becomes sales after its measured lag. Between the amounts worked out it is a straight line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.response.curves import Curves, carry_over, saturate
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.timing import period_weights, share_by_period

__all__ = ["BelowCommitted", "LeadWorth", "Shift", "SpendBook"]

_STEPS = np.array([0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 6.0])
"""Amounts worked out, over the claimed one or the planned money, whichever is larger."""


class BelowCommitted(AlignmentError):
    """A shift that takes back money for which there is a commitment."""

    exit_code = 2


@dataclass(frozen=True)
class LeadWorth:
    """What one more of the outcome brings in sales.

    Attributes
    ----------
    sales : float
        In money or in the plan's measure.
    lag : ndarray, shape (n,)
        Share of it 0, 1, 2 … periods later; sums to 1.
    """

    sales: float
    lag: np.ndarray = field(default_factory=lambda: np.ones(1))


@dataclass(frozen=True)
class Shift:
    """One source's side of a budget claim.

    Attributes
    ----------
    source : str
    levels : ndarray, shape (n,)
        Values of the row, rising; beyond the ends the sums stay as there.
    sales, leads, money : ndarray, shape (n,)
        Over the open periods at each level: sales (expected over the draws), leads, money.
    path, money_path : ndarray, shape (periods,)
        How sales and money spread over the periods; each sums to 1, or to nothing.
    doubt : ndarray or None, shape (draws,)
        Sales in each draw of the response over the expected ones, at the row's own value; None where the
        response is the claim's own.
    cut : ndarray, shape (n,), or None
        Money asked for at each level that cannot be had, because no more is planned there.
    """

    source: str
    levels: np.ndarray
    sales: np.ndarray
    leads: np.ndarray
    money: np.ndarray
    path: np.ndarray
    money_path: np.ndarray
    doubt: np.ndarray | None = None
    cut: np.ndarray | None = None

    def sales_at(self, value: float | np.ndarray) -> np.ndarray:
        """Sales over the open periods at a value of the row."""
        return np.asarray(np.interp(value, self.levels, self.sales))

    def leads_at(self, value: float) -> float:
        """Leads over the open periods at a value of the row."""
        return float(np.interp(value, self.levels, self.leads))

    def money_at(self, value: float | np.ndarray) -> np.ndarray:
        """Money over the open periods at a value of the row."""
        return np.asarray(np.interp(value, self.levels, self.money))

    def cut_at(self, value: float) -> float:
        """Money asked for at a value of the row that no plan holds."""
        return 0.0 if self.cut is None else float(np.interp(value, self.levels, self.cut))


@dataclass(frozen=True)
class SpendBook:
    """Planned spend of the open periods, and how sales answer to a change of it.

    Attributes
    ----------
    calendar : Calendar
    periods : DatetimeIndex, shape (periods,)
        Open periods of the plan.
    usual : mapping of str to ndarray, shape (periods,)
        Money as planned, by source.
    committed : mapping of str to ndarray, shape (periods,)
        What of it is signed for.
    channels : tuple of str
        Columns of the curves.
    curves : Curves or None
        None where nothing could be fitted.
    known : frozenset of str
        Channels whose response may be used.
    before : mapping of str to ndarray, shape (draws,)
        Stock left of the money already spent.
    worth : mapping of str to LeadWorth
        By source; the blank one is all together.
    outcome : str
        What answers: leads, visits, sales.
    is_money : bool
        Whether `worth` is in money.
    returns : mapping of str to (float, float, float)
        Outcome for one unit of money of known channels: 10 % point, middle, 90 % point.
    seed : int
        Of the order of the draws.
    currency : str
    """

    calendar: Calendar
    periods: pd.DatetimeIndex
    usual: Mapping[str, np.ndarray]
    committed: Mapping[str, np.ndarray]
    channels: tuple[str, ...] = ()
    curves: Curves | None = None
    known: frozenset[str] = frozenset()
    before: Mapping[str, np.ndarray] = field(default_factory=dict)
    worth: Mapping[str, LeadWorth] = field(default_factory=dict)
    outcome: str = "leads"
    is_money: bool = True
    returns: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    seed: int = 0
    currency: str = ""

    def usual_of(self, source: str) -> np.ndarray:
        """Money planned for a source by period."""
        return np.asarray(self.usual.get(source, np.zeros(len(self.periods))))

    def money(self, amount: float) -> str:
        """An amount in words, with its currency."""
        return f"{Said(amount):,.0f} {self.currency}".strip()

    def can_tell(self, row: Assumption) -> bool:
        """Whether history tells what the row's money brings, on both of its sides."""
        return all(name in self.known for name in row.spend_sources)

    def shifts(self, row: Assumption) -> tuple[Shift, ...]:
        """A row's sides: the source that gets the money, and the one it is taken from.

        Raises
        ------
        BelowCommitted
            Where it takes back what is signed for.
        """
        values = _levels(row, self._base(row))
        floor = -self._free(row, row.spend_source)
        ceiling = self._free(row, row.spend_from) if row.spend_from else np.inf
        wanted = self._amount(row, values)
        self._refuse(row, self._amount(row, np.array([row.expected]))[0], floor, ceiling)
        money = np.clip(wanted, floor, ceiling)
        sides = [(row.spend_source, money)]
        if row.spend_from:
            sides.append((row.spend_from, -money))
        return tuple(
            replace(self._side(row, source, values, amounts), cut=wanted - money) for source, amounts in sides
        )

    def check(self, *rows: Assumption) -> None:
        """Refuse budgets that take back what is signed for.

        Raises
        ------
        BelowCommitted
        """
        for row in rows:
            if row.kind == "budget":
                self.shifts(row)

    def _base(self, row: Assumption) -> float:
        """Money planned in the row's dates, where percent are of it."""
        inside = period_weights(self.calendar, self.periods, row.start, row.end, "step")
        return float(self.usual_of(row.spend_from or row.spend_source) @ inside)

    def _amount(self, row: Assumption, values: np.ndarray) -> np.ndarray:
        """Money of the open periods at values of the row, whatever can be taken."""
        if row.unit == "percent":
            return values / 100.0 * self._base(row)
        shares = share_by_period(self.calendar, self.periods, row.start, row.end, "step")
        return np.asarray(values * shares.sum())

    def _path(self, row: Assumption, source: str) -> np.ndarray:
        """Spread over the open periods: as planned money runs in the row's dates, else evenly by days."""
        inside = period_weights(self.calendar, self.periods, row.start, row.end, row.ramp)
        money = self.usual_of(source) * inside
        if not money.sum() > 0:
            days = (self.calendar.ends(self.periods) - self.periods).days.to_numpy()
            money = inside * days
        total = money.sum()
        return np.asarray(money / total if total > 0 else money)

    def _free(self, row: Assumption, source: str) -> float:
        """How much can be taken from a source along the row's path, so that no period falls below."""
        path = self._path(row, source)
        free = self.usual_of(source) - self.committed.get(source, np.zeros(len(self.periods)))
        active = path > 0
        return max(float((free[active] / path[active]).min()), 0.0) if active.any() else 0.0

    def _refuse(self, row: Assumption, amount: float, floor: float, ceiling: float) -> None:
        source = row.spend_source if amount < 0 else row.spend_from
        held = float(self.committed.get(source, np.zeros(1)).sum())
        beyond = amount < floor * (1 + 1e-9) - 1e-6 or amount > ceiling * (1 + 1e-9) + 1e-6
        if beyond and held > 0 and row.status != "rejected":
            free = -floor if amount < 0 else ceiling
            raise BelowCommitted(
                f"{row.id} takes {self.money(abs(amount))} from {source}, of whose planned money only "
                f"{self.money(free)} is free in its weeks: {self.money(held)} is committed; take less, or "
                "choose later dates"
            )

    def _side(self, row: Assumption, source: str, values: np.ndarray, money: np.ndarray) -> Shift:
        path = self._path(row, source)
        own = int(np.argmin(np.abs(values - row.expected)))
        drawn = self._brought(row, source, path, money)
        worth = self.worth.get(source) or self.worth.get("")
        leads = drawn.mean(axis=2).sum(axis=1)
        if worth is None:
            nothing = np.zeros(len(values))
            return Shift(source, values, nothing, leads, money, np.zeros(len(path)), path)
        sales = worth.sales * _later(drawn, worth.lag)
        shape = sales[_telling(sales, own)].mean(axis=1)
        total = shape.sum()
        told = sales.sum(axis=1)
        doubt = None
        if source in self.known and told[own].mean():
            order = np.random.default_rng(self.seed).permutation(told.shape[1])
            doubt = (told[own] / told[own].mean())[order]
        spread = shape / total if total else np.zeros(len(path))
        return Shift(source, values, told.mean(axis=1), leads, money, spread, path, doubt)

    def _brought(self, row: Assumption, source: str, path: np.ndarray, money: np.ndarray) -> np.ndarray:
        """Leads more or fewer at each amount, shape (amounts, periods, draws)."""
        if not self.can_tell(row) or self.curves is None:
            each = 0.0 if row.spend_from or not np.isfinite(row.leads_per_money) else row.leads_per_money
            return np.asarray(each * (money[:, None] * path)[:, :, None])
        at = self.channels.index(source)
        usual = self.usual_of(source)
        plans = np.maximum(usual + money[:, None] * path, 0.0)
        return _answer(self.curves, at, self.before[source], plans, usual)


def _answer(
    curves: Curves, channel: int, before: np.ndarray, plans: np.ndarray, usual: np.ndarray
) -> np.ndarray:
    """What plans of weekly money bring more than the usual one, shape (plans, weeks, draws)."""
    whole = np.vstack([usual, plans])
    draws = len(before)
    money = np.repeat(whole.T, draws, axis=1)
    many = len(whole)
    stock = carry_over(money, np.tile(curves.carry[:, channel], many), np.tile(before, many))
    stock = stock.reshape(len(usual), many, draws)
    share = saturate(stock, curves.half[:, channel], curves.shape[:, channel])
    brought = curves.most[:, channel] * share
    return np.asarray(np.moveaxis(brought[:, 1:] - brought[:, :1], 0, 1))


def _levels(row: Assumption, base: float) -> np.ndarray:
    """Values at which a row is worked out: its own, and others down and up from them."""
    own = [value for value in (row.low, row.expected, row.high) if np.isfinite(value)]
    size = max([abs(value) for value in own] + [100.0 if row.unit == "percent" else base, 1.0])
    return np.unique(np.concatenate([size * _STEPS, -size * _STEPS, [0.0], own]))


def _later(leads: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """Leads as the sales they become, each share so many periods later; what falls beyond is not here."""
    found = np.zeros(leads.shape)
    for late, share in enumerate(lag[: leads.shape[1]]):
        found[:, late:] += share * leads[:, : leads.shape[1] - late]
    return found


def _telling(sales: np.ndarray, own: int) -> int:
    """Whose spread over time is used: the row's own value, or the next one that does anything."""
    if sales[own].any():
        return own
    found = np.flatnonzero(sales.any(axis=(1, 2)))
    return int(found[np.argmin(np.abs(found - own))]) if len(found) else own
