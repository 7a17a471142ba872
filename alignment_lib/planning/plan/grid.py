"""The grid a plan is worked out on: the forecast's series and any product not sold before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.budget.spend_book import SpendBook
from alignment_lib.planning.money.costs import MoneyGrid
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["DigitalRates", "PlanGrid", "add_new_series", "place_launch", "say_unsold", "scope_rows",
           "value_rows"]  # fmt: skip

_OPENS_SERIES = ("new_product", "new_channel")
_GOODS = ("product", "brand", "article", "item", "sku", "model", "service")
"""Words by which a dimension is known to say what is sold."""


@dataclass(frozen=True)
class DigitalRates:
    """What the funnel measured on web and mobile, for claims about visits and conversion.

    Attributes
    ----------
    sales_per_visit : float
        In the plan's measure: customers per visit times sales per customer.
    share_of_sales : float
        Share of the sales in scope that comes through these visits; 1 where the scope is itself the
        digital channel.
    """

    sales_per_visit: float
    share_of_sales: float = 1.0


@dataclass(frozen=True)
class PlanGrid:
    """Series by periods, with all that the forecast says of them.

    Attributes
    ----------
    calendar : Calendar
        The business's periods.
    keys : DataFrame, shape (series, dimensions)
        One text column per dimension.
    periods : DatetimeIndex, shape (periods,)
        First days of the plan's open periods.
    measure : {"units", "revenue"}
        What `baseline` counts.
    baseline : ndarray, shape (series, periods)
        Expected sales without new marketing action.
    price : ndarray or None, shape (series, periods)
        Revenue per unit as the price calendar says, or as expected where it is silent; NaN where unknown.
    driver_effects : dict of str to ndarray, shape (series, periods) each
        Additive effect of the known driver calendar, by column.
    driver_kinds : dict of str to str
        ``price``, ``promotion`` or ``market``, by column.
    rates : DigitalRates or None
        Measured by the funnel; without them a claim counted in visits counts nothing.
    last_price : ndarray or None, shape (series, periods)
        The price expected without a calendar: where `price` departs from it the price calendar holds a
        change already.
    owed_before : dict of str to ndarray, shape (series, periods) each
        What claims of earlier rounds borrowed from these periods, not positive, by assumption id.
    launch_shares : dict of str to ndarray, shape (periods,) each
        Share of a launch's whole volume in each period, for rows that state no path (`launch_shares`).
    regular_price : ndarray or None, shape (series,)
        What each series cost without a deal as last known by the price calendar; NaN where unknown, None
        where there is no price calendar.
    unit_price : ndarray or None, shape (series,)
        What a unit of each series fetched over the last year, where the plan itself is in money; NaN where
        unknown.
    price_logs : dict of str to ndarray, shape (series, periods) each
        Logarithm of what a driver of the calendar does to revenue per unit: promotions what they take off;
        where the plan is in money, the price column its departure from the regular price too.
    money : MoneyGrid or None
        What its sales cost; None without a costs table.
    spending : SpendBook or None
        Planned spend and how sales answer to it; None where no budget is claimed.
    lead_series : ndarray of int or None
        Rows whose sales leads bring; None where they are not told apart.
    """

    calendar: Calendar
    keys: pd.DataFrame
    periods: pd.DatetimeIndex
    measure: str
    baseline: np.ndarray
    price: np.ndarray | None = None
    driver_effects: Mapping[str, np.ndarray] = field(default_factory=dict)
    driver_kinds: Mapping[str, str] = field(default_factory=dict)
    rates: DigitalRates | None = None
    last_price: np.ndarray | None = None
    owed_before: Mapping[str, np.ndarray] = field(default_factory=dict)
    launch_shares: Mapping[str, np.ndarray] = field(default_factory=dict)
    regular_price: np.ndarray | None = None
    price_logs: Mapping[str, np.ndarray] = field(default_factory=dict)
    unit_price: np.ndarray | None = None
    money: MoneyGrid | None = None
    spending: SpendBook | None = None
    lead_series: np.ndarray | None = None

    @property
    def dimensions(self) -> list[str]:
        """Names of the dimensions, broadest first."""
        return list(self.keys.columns)

    @cached_property
    def usual_price(self) -> np.ndarray:
        """What each series costs without a deal, shape (series,); NaN where no price is known.

        The median over the horizon, or the last known price where it is higher: a calendar full of deals or
        a last price that was one does not hide a cut.
        """
        usual = np.full(len(self.keys), np.nan)
        for prices, over in ((self.price, np.nanmedian), (self.last_price, np.nanmax)):
            if prices is not None:
                known = np.isfinite(prices).any(axis=1)
                usual[known] = np.fmax(usual[known], over(prices[known], axis=1))
        return usual


def scope_rows(grid: PlanGrid, scope: Mapping[str, str]) -> np.ndarray:
    """Numbers of the series whose dimensions match every value of the scope."""
    match = np.ones(len(grid.keys), dtype=bool)
    for name, value in scope.items():
        match &= (grid.keys[name] == value).to_numpy()
    return np.flatnonzero(match)


def value_rows(grid: PlanGrid, values: Iterable[str], scope: Mapping[str, str]) -> np.ndarray:
    """Series bearing any of `values` in some dimension, within the scope's other dimensions.

    ``moves_from = "Large"`` with scope product Small, channel shop means Large in the shop.
    """
    wanted = list(values)
    match = np.zeros(len(grid.keys), dtype=bool)
    for name in grid.dimensions:
        here = grid.keys[name].isin(wanted).to_numpy()
        if here.any():
            inside = np.zeros(len(grid.keys), dtype=bool)
            inside[scope_rows(grid, {other: value for other, value in scope.items() if other != name})] = True
            match |= here & inside
    return np.flatnonzero(match)


def add_new_series(grid: PlanGrid, assumptions: Sequence[Assumption]) -> tuple[PlanGrid, dict[str, str]]:
    """Add a series for every new product or channel that has no history.

    A `new_product` (or `new_channel`) row whose scope names a value history does not know opens series
    under that name; one whose scope leaves the analog's dimension blank opens them under its title.
    Its other dimensions follow the analog's series, or every combination history knows.

    Returns
    -------
    grid : PlanGrid
        With the new series at the end, at a baseline of zero.
    names : dict of str to str
        Assumption id to the dimension in which it opened a value.
    """
    frames, names = [grid.keys], {}
    for assumption in assumptions:
        dimension, value = _opened(grid, assumption)
        if not dimension:
            continue
        names[assumption.id] = dimension
        frames.append(_new_keys(grid, assumption, dimension, value))
    keys = pd.concat(frames, ignore_index=True).drop_duplicates(ignore_index=True)
    extra = len(keys) - len(grid.keys)
    if not extra:
        return grid, names
    drivers = {name: _pad(effect, extra, 0.0) for name, effect in grid.driver_effects.items()}
    price = None if grid.price is None else _pad(grid.price, extra, np.nan)
    last = None if grid.last_price is None else _pad(grid.last_price, extra, np.nan)
    owed = {name: _pad(amount, extra, 0.0) for name, amount in grid.owed_before.items()}
    logs = {name: _pad(values, extra, 0.0) for name, values in grid.price_logs.items()}
    regular = grid.regular_price
    larger = replace(
        grid,
        keys=keys,
        baseline=_pad(grid.baseline, extra, 0.0),
        price=price,
        driver_effects=drivers,
        last_price=last,
        owed_before=owed,
        price_logs=logs,
        unit_price=None if grid.unit_price is None else np.append(grid.unit_price, np.full(extra, np.nan)),
        regular_price=None if regular is None else np.append(regular, np.full(extra, np.nan)),
    )
    return _price_like_analogs(larger, assumptions, names), names


def _price_like_analogs(grid: PlanGrid, rows: Sequence[Assumption], names: Mapping[str, str]) -> PlanGrid:
    """New series without a price take the mean price of their models, period by period.

    Models are the analog or predecessor; without one, for a new channel, the same goods in other channels.
    """
    if grid.price is None:
        return grid
    price = grid.price.copy()
    for row in rows:
        if row.id not in names:
            continue
        model = row.analog or str(row.fields.get("replaces") or "")
        for new in _opened_rows(grid, row, names[row.id]):
            like = value_rows(grid, [model], {}) if model else _same_goods(grid, row, int(new), names[row.id])
            if len(like) and np.isfinite(price[like]).any():
                found = pd.DataFrame(price[like]).mean(axis=0).to_numpy()
                price[new] = np.where(np.isfinite(price[new]), price[new], found)
    return replace(grid, price=price)


def _same_goods(grid: PlanGrid, row: Assumption, new: int, dimension: str) -> np.ndarray:
    """Series like a new channel's in all other dimensions; none for a product nobody knows the price of."""
    if row.kind != "new_channel":
        return np.array([], dtype=int)
    own = grid.keys.iloc[new]
    scope = {name: str(own[name]) for name in grid.dimensions if name != dimension}
    return np.setdiff1d(scope_rows(grid, scope), [new])


def _opened_rows(grid: PlanGrid, row: Assumption, dimension: str) -> np.ndarray:
    return scope_rows(grid, row.scope | {dimension: row.scope.get(dimension, row.title)})


def _pad(array: np.ndarray, rows: int, value: float) -> np.ndarray:
    return np.vstack([array, np.full((rows, array.shape[1]), value)])


def _opened(grid: PlanGrid, assumption: Assumption) -> tuple[str, str]:
    """Dimension and value that the assumption opens, or blanks where it opens none."""
    if assumption.kind not in _OPENS_SERIES:
        return "", ""
    for name, value in assumption.scope.items():
        if not (grid.keys[name] == value).any():
            return name, value
    if assumption.kind == "new_channel":
        return "", ""
    name = _analog_dimension(grid, assumption)
    return ("", "") if name in assumption.scope else (name, assumption.title)


def place_launch(grid: PlanGrid, row: Assumption) -> Assumption:
    """The row with the scope it really has: a launch acts on the series opened under its title.

    Every other row is returned as it is.
    """
    if row.kind != "new_product":
        return row
    for name, value in row.scope.items():
        if not (grid.keys[name] == value).any() or _is_new(grid, name, value):
            return row
    name = _analog_dimension(grid, row)
    if name in row.scope:
        return row
    return replace(row, scope=row.scope | {name: row.title})


def say_unsold(grid: PlanGrid, register: Sequence[Assumption], row: Assumption) -> str:
    """Why a row cannot begin when it does: what it speaks of is not sold yet; blank where it is, or can be.

    A launch itself may begin at any time.
    """
    series = scope_rows(grid, row.scope)
    if row.kind in _OPENS_SERIES or not len(series) or grid.baseline[series].any():
        return ""
    launches = [place_launch(grid, other) for other in register if other.kind in _OPENS_SERIES]
    opening = [one for one in launches if len(np.intersect1d(series, scope_rows(grid, one.scope)))]
    first = min(opening, key=lambda one: one.start, default=row)
    if row.start >= first.start:
        return ""
    return (
        f"{row.id} cannot begin on {row.start:%Y-%m-%d}: what it speaks of is not sold before "
        f"{first.start:%Y-%m-%d}, when {first.id} {first.title} begins; move that one first"
    )


def _is_new(grid: PlanGrid, name: str, value: str) -> bool:
    """Whether a value was opened for a launch: nothing is sold under it without one."""
    return not grid.baseline[(grid.keys[name] == value).to_numpy()].any()


def _analog_dimension(grid: PlanGrid, assumption: Assumption) -> str:
    """Where a launch opens a value: beside its analog or predecessor, else among what is sold."""
    for known in (assumption.analog, str(assumption.fields.get("replaces") or "")):
        for name in grid.dimensions:
            if known and (grid.keys[name] == known).any():
                return name
    goods = (name for name in grid.dimensions if any(word in name.casefold() for word in _GOODS))
    return next(goods, grid.dimensions[-1])


def _new_keys(grid: PlanGrid, assumption: Assumption, dimension: str, value: str) -> pd.DataFrame:
    others = {name: wanted for name, wanted in assumption.scope.items() if name != dimension}
    rows = scope_rows(grid, others)
    like_analog = rows[(grid.keys[dimension].to_numpy()[rows] == assumption.analog)]
    source = grid.keys.iloc[like_analog if len(like_analog) else rows]
    if not len(source):
        source = pd.DataFrame([{name: others.get(name, assumption.title) for name in grid.dimensions}])
    return source.assign(**{dimension: value}).drop_duplicates()
