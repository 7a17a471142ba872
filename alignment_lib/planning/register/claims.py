"""Rows of the register laid out on the grid: where, when and how they act, before any value is put in.

Laying out depends on scope and dates only, never on values, so it is done once and shared by every
plan, scenario, draw and slider move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from alignment_lib.planning.budget.spend_book import Shift
from alignment_lib.planning.plan.exchange import Exchange, lay_out_exchanges, sold_at_the_other_end
from alignment_lib.planning.plan.grid import PlanGrid, scope_rows, value_rows
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.driver_cover import covered_drivers
from alignment_lib.planning.register.online import online_series
from alignment_lib.planning.register.timing import period_weights, share_by_period

__all__ = ["RESPONSE", "UNSOLD", "Claim", "lay_out_claims"]

UNSOLD = "unsold"
"""Of a shift between places: some of what is bought in the one is not sold in the other, and stays."""

RESPONSE = "response"
"""Of a budget: history cannot tell what its money brings and the row does not say it either."""


@dataclass(frozen=True)
class Claim:
    """One way in which one assumption acts; a row has one claim, seldom two.

    Attributes
    ----------
    row : Assumption
        Whose claim it is.
    form : {"factor", "volume"}
        Whether it multiplies the baseline or adds to it.
    series : ndarray of int, shape (n,)
        Rows of the grid it acts on.
    strength : ndarray, shape (periods,)
        For factors the share of full strength, for volumes the share of the whole volume, by period.
    cover : ndarray, shape (periods,)
        Share of each period's days between start and end.
    mix : ndarray, shape (n, 1)
        Share of each series in a volume; ones for factors.
    per_value : float or ndarray, shape (n, periods)
        Turns a volume's unit into the measure; for factors the share of sales concerned.
    covers : tuple of str
        Driver columns whose whole effect the claim states.
    exchanges : tuple of Exchange
        Where its volume comes from or goes to.
    repay_from : int
        First period after the claim's last, counted on the grid; may lie beyond it.
    fixed : bool
        The effect is -100 % whatever the row's value (a predecessor phased out).
    shift : Shift or None
        Of a budget: what money does; the volume is then what it brings at the row's value.
    """

    row: Assumption
    form: Literal["factor", "volume"]
    series: np.ndarray
    strength: np.ndarray
    cover: np.ndarray
    mix: np.ndarray
    per_value: float | np.ndarray
    covers: tuple[str, ...]
    exchanges: tuple[Exchange, ...]
    repay_from: int
    fixed: bool = False
    shift: Shift | None = None

    @cached_property
    def is_idle(self) -> bool:
        """Whether it does nothing in any period of the grid, whatever its value: it ended before."""
        return not (self.strength.any() or self.cover.any())

    @property
    def uncertain_share(self) -> float:
        """Share of a gain that falls away if nobody can give or lend it."""
        if self.fixed:
            return 0.0
        return (self.row.moved_share if self.exchanges else 0.0) + self.row.pull_forward_share

    def volume_of(self, value: float | np.ndarray) -> float | np.ndarray:
        """Whole volume of a value of the row: the value itself, or what that much money brings."""
        return value if self.shift is None else self.shift.sales_at(value)

    def effect_of(self, value: float, measure: str) -> float:
        """Decimal effect on the measure of a value of the row, at full strength."""
        return -1.0 if self.fixed else self.row.effect_on(value, measure)


def lay_out_claims(grid: PlanGrid, row: Assumption) -> tuple[tuple[Claim, ...], str]:
    """Lay one row out on the grid.

    Returns
    -------
    claims : tuple of Claim
        Empty where the row's measure cannot be had.
    missing : {"", "price", "rates", "some prices", "unsold", "response"}
        What a row that counts nothing would need; ``some prices`` where it counts, some series being
        taken at the mean price of its scope; `UNSOLD` where some of its series are not sold where their
        buyers turn to, and stay.
    """
    if row.kind == "budget":
        return _lay_out_budget(grid, row)
    series, turned = _place(grid, row)
    named = len(series)
    if row.kind == "consumer_shift":
        series = sold_at_the_other_end(grid, row, series, _partners(row, turned))
    cover = period_weights(grid.calendar, grid.periods, row.start, row.end, "step")
    last = grid.calendar.floor(pd.DatetimeIndex([row.end]))[0]
    repay_from = max(grid.calendar.count(grid.periods[0], last) + 1, 0)
    if row.unit == "percent":
        strength = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp)
        per_value: float | np.ndarray | None = _share_concerned(grid, row)
        mix = np.ones((len(series), 1))
    else:
        path = grid.launch_shares.get(row.id)
        stated = share_by_period(grid.calendar, grid.periods, row.start, row.end, row.ramp)
        strength = stated if path is None else path
        per_value = _conversion(grid, row, series, strength > 0)
        mix = _mix(grid, row, series)
    if per_value is None:
        return (), "rates" if row.lever == "visits" else "price"
    missing = "some prices" if isinstance(per_value, np.ndarray) and _has_gaps(grid, series, strength) else ""
    missing = UNSOLD if len(series) < named and cover.any() else missing
    if turned:
        per_value = -per_value
    exchanges = lay_out_exchanges(grid, row, series, _partners(row, turned))
    form: Literal["factor", "volume"] = "factor" if row.unit == "percent" else "volume"
    covers = covered_drivers(row, grid.driver_kinds)
    claim = Claim(row, form, series, strength, cover, mix, per_value, covers, exchanges, repay_from)
    return (claim, *_phase_out(grid, claim)), missing


def _lay_out_budget(grid: PlanGrid, row: Assumption) -> tuple[tuple[Claim, ...], str]:
    """A budget as a volume by source: what its money brings, in sales that leads bring within its scope."""
    book = grid.spending
    if book is None:
        return (), RESPONSE
    series = scope_rows(grid, row.scope)
    if grid.lead_series is not None:
        series = np.intersect1d(series, grid.lead_series)
    cover = period_weights(grid.calendar, grid.periods, row.start, row.end, "step")
    claims, missing = [], ""
    for shift in book.shifts(row):
        stated = replace(row, unit="revenue" if book.is_money else grid.measure)
        active = shift.path != 0
        per_value = _conversion(grid, stated, series, active)
        if per_value is None:
            per_value, missing = 0.0, "price"
        elif isinstance(per_value, np.ndarray) and _has_gaps(grid, series, shift.path):
            missing = missing or "some prices"
        mix = _mix(grid, row, series)
        claim = Claim(row, "volume", series, shift.path, cover, mix, per_value, (), (), len(grid.periods))
        claims.append(replace(claim, shift=shift))
    if not book.can_tell(row) and (row.spend_from or not np.isfinite(row.leads_per_money)):
        missing = RESPONSE
    elif not book.worth:
        missing = "rates"
    return tuple(claims), missing


def _place(grid: PlanGrid, row: Assumption) -> tuple[np.ndarray, bool]:
    """Series the value is measured on, and whether its sign turns there.

    A shift between two named ends is measured on what is left behind: 10 % from the shop to the web is
    a tenth of the shop's sales, taken off there and added to the web.
    """
    if row.kind == "consumer_shift" and row.moves_from and row.moves_to:
        return value_rows(grid, row.moves_from, row.scope), True
    series = scope_rows(grid, row.scope)
    if row.kind == "digital" and row.lever in ("visits", "conversion"):
        # More visits to the web do nothing for the shop: of a wider scope the online part is meant.
        online = series[online_series(grid.keys.iloc[series])]
        series = online if len(online) else series
    return series, False


def _partners(row: Assumption, turned: bool) -> tuple[str, ...]:
    return row.moves_to if turned else (*row.moves_from, *row.moves_to)


def _phase_out(grid: PlanGrid, claim: Claim) -> tuple[Claim, ...]:
    """The predecessor a new product replaces is taken out as the new one builds up, and stays out."""
    predecessor = str(claim.row.fields.get("replaces") or "")
    if claim.row.kind != "new_product" or not predecessor:
        return ()
    rows = value_rows(grid, [predecessor], claim.row.scope)
    path = grid.launch_shares.get(claim.row.id)
    if path is not None and path.max() > 0:
        # What the successor has reached of its height, the predecessor has lost.
        weights = np.maximum.accumulate(path) / path.max()
    else:
        weights = period_weights(grid.calendar, grid.periods, claim.row.start, claim.row.end, claim.row.ramp)
    after = np.arange(len(grid.periods)) >= claim.repay_from
    out = replace(
        claim,
        form="factor",
        series=np.setdiff1d(rows, claim.series),
        strength=np.where(after, 1.0, weights),
        mix=np.ones((0, 1)),
        per_value=1.0,
        covers=(),
        exchanges=(),
        fixed=True,
    )
    return (out,)


def _share_concerned(grid: PlanGrid, row: Assumption) -> float:
    """Share of the scope's sales that a percent claim about visits or conversion speaks of."""
    if row.kind == "digital" and row.lever in ("visits", "conversion") and grid.rates is not None:
        return grid.rates.share_of_sales
    return 1.0


def _mix(grid: PlanGrid, row: Assumption, series: np.ndarray) -> np.ndarray:
    """Share of each series in the volume: by baseline, or by the analog's where the series is new."""
    size = np.maximum(grid.baseline[series].sum(axis=1), 0.0)
    if size.sum() <= 0 and row.analog:
        size = _analog_size(grid, row.analog, series)
    if size.sum() <= 0:
        size = np.ones(len(series))
    return np.asarray((size / size.sum())[:, None]) if len(series) else np.zeros((0, 1))


def _analog_size(grid: PlanGrid, analog: str, series: np.ndarray) -> np.ndarray:
    for name in grid.dimensions:
        like = (grid.keys[name] == analog).to_numpy()
        if like.any():
            others = [other for other in grid.dimensions if other != name]
            known = grid.keys.assign(size=np.maximum(grid.baseline.sum(axis=1), 0.0))[like]
            if not others:
                return np.full(len(series), float(known["size"].sum()))
            found = grid.keys.iloc[series].merge(known[[*others, "size"]], on=others, how="left")
            return found["size"].fillna(0.0).to_numpy()
    return np.zeros(len(series))


def _conversion(
    grid: PlanGrid, row: Assumption, series: np.ndarray, active: np.ndarray
) -> float | np.ndarray | None:
    """What one of the row's units is in the plan's measure; None where that is not known."""
    if row.kind == "digital" and row.lever == "visits" and row.unit == "units":
        return None if grid.rates is None else grid.rates.sales_per_visit
    if row.unit == grid.measure:
        return 1.0
    if grid.price is None:
        return None
    price = grid.price[series]
    known = np.isfinite(price) & (price > 0)
    if active.any() and not known[:, active].any():
        return None
    price = np.where(known, price, price[known].mean() if known.any() else 1.0)
    return np.asarray(1.0 / price if row.unit == "revenue" else price)


def _has_gaps(grid: PlanGrid, series: np.ndarray, strength: np.ndarray) -> bool:
    price = np.ones((1, 1)) if grid.price is None else grid.price[series][:, strength > 0]
    return not bool((np.isfinite(price) & (price > 0)).all())
