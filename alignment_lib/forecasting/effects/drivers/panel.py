"""Drivers on the grid of the history: scopes resolved, gaps filled by stated rules, useless drivers named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.lives import find_closed, find_ended
from alignment_lib.forecasting.effects.drivers.one_season import began_at, one_season_notices
from alignment_lib.forecasting.effects.drivers.references import (
    fill_market,
    fill_price,
    market_norm,
    regular_price,
)
from alignment_lib.forecasting.effects.drivers.scales import hold_within_reach, natural_scale
from alignment_lib.forecasting.effects.drivers.screening import screen_drivers, steady_promotions
from alignment_lib.forecasting.past.cleaning import find_stock_outs
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice

__all__ = ["Panel", "build_panel", "grid_drivers", "product_dimension"]

_PRODUCT_NAMES = ("product", "brand", "sku", "item", "article", "variety", "type")
_NOT_PRODUCTS = ("sale_type", "channel", "region", "state", "market", "country")
_ASSUMED = {"price": "the last regular price", "promotion": "no promotion", "market": "its seasonal norm"}


@dataclass(frozen=True)
class Panel:
    """Everything the models read, on one grid of series by periods.

    Attributes
    ----------
    calendar : Calendar
        The business's periods.
    keys : DataFrame, shape (series, dimensions)
        The series.
    periods : DatetimeIndex, shape (known + horizon,)
        History first, then the horizon.
    known : int
        Number of historical periods.
    values : ndarray, shape (series, known)
        Sales; NaN where unknown, closed or out of stock.
    kinds : dict of str to str
        Kind of each driver that is used, in order: ``price``, ``promotion`` or ``market``.
    drivers : dict of str to ndarray, shape (series, known + horizon)
        Filled values of each driver that is used; prices in currency.
    references : dict of str to ndarray, shape (series, known + horizon)
        What each driver is without action: promotion 0, price its regular price (over the horizon the
        last one known), market its seasonal norm.
    regular : dict of str to ndarray, shape (series, known + horizon)
        The regular price of each price driver at the calendar as planned.
    product, others : ndarray of int, shape (series,)
        Group of each series by product, and by all dimensions but product and sale type ("the store").
    unused : dict of str to str
        Why a driver was left out, by driver.
    unknown_ahead : frozenset of str
        Drivers without any value after the wall.
    notices : tuple of Notice
        What was found and assumed.
    ended : ndarray of bool, shape (series,)
        Series no longer sold.
    closed : dict of str to ndarray of bool, shape (series, known + horizon)
        Where a driver means that nothing can be sold, by driver.
    sold_out : ndarray of bool, shape (series, known)
        Where nothing was sold for want of stock.
    began : dict of str to int
        First period in which each driver in use was there.
    """

    calendar: Calendar
    keys: pd.DataFrame
    periods: pd.DatetimeIndex
    known: int
    values: np.ndarray
    kinds: dict[str, str]
    drivers: dict[str, np.ndarray]
    references: dict[str, np.ndarray]
    regular: dict[str, np.ndarray]
    product: np.ndarray
    others: np.ndarray
    unused: dict[str, str]
    unknown_ahead: frozenset[str] = frozenset()
    notices: tuple[Notice, ...] = ()
    ended: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    closed: dict[str, np.ndarray] = field(default_factory=dict)
    sold_out: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    began: dict[str, int] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[str]:
        """Names of the drivers in use of one kind."""
        return [name for name, its in self.kinds.items() if its == kind]


def build_panel(
    history: History,
    drivers: pd.DataFrame,
    kinds: Mapping[str, str],
    periods: pd.DatetimeIndex,
    *,
    product: str | None = None,
) -> Panel:
    """Put drivers on the grid of `history` and `periods`, fill them and drop those that say nothing.

    Parameters
    ----------
    history : History
        Sales up to the wall.
    drivers : DataFrame
        ``period``, any of the dimensions (absent or blank = all), one float column per driver.
    kinds : mapping of str to {"price", "promotion", "market"}
        The driver columns.
    periods : DatetimeIndex
        The horizon.
    product : str, optional
        The dimension that tells products apart; see `product_dimension`.

    Returns
    -------
    Panel
    """
    known = len(history.periods)
    grid = pd.DatetimeIndex(history.periods.append(periods))
    drivers, scaled = natural_scale(drivers, kinds, periods[0]) if len(periods) else (drivers, [])
    raw, notices = grid_drivers(history.keys, drivers, list(kinds), grid)
    notices += scaled
    kinds, found = steady_promotions(raw, kinds, known)
    notices += found
    ended, found = find_ended(history, raw)
    notices += found
    market = {name: raw[name] for name, kind in kinds.items() if kind == "market"}
    closed, found = find_closed(history.whole, market, known)
    notices += found
    shut = np.any([where[:, :known] for where in closed.values()], axis=0) if closed else np.False_
    sold_out = find_stock_outs(history) & ~shut
    notices += _stock_notice(sold_out)
    sales = np.where(sold_out | (shut & (history.values == 0)), np.nan, history.whole)
    unused, found = screen_drivers(raw, kinds, known, sales)
    notices += found
    chosen = product or product_dimension(history.keys)
    groups, others = _groups(history.keys, chosen)
    filled: dict[str, np.ndarray] = {}
    references: dict[str, np.ndarray] = {}
    regular: dict[str, np.ndarray] = {}
    season = history.calendar.season
    for name in (n for n in kinds if n not in unused):
        values = raw[name]
        notices += _future_notice(name, kinds[name], values[~ended], known)
        if kinds[name] == "price":
            prices, found = fill_price(name, values, known, groups, season)
            notices += found
            prices, found = hold_within_reach(name, "price", prices, known)
            notices += found
            filled[name] = prices
            regular[name] = regular_price(prices, season)
            references[name] = _hold_last(regular[name], known)
        elif kinds[name] == "market":
            usual = np.where(closed[name], np.nan, values) if name in closed else values
            norm = market_norm(usual, grid, known, season)
            filled[name], references[name] = fill_market(values, norm), norm
        else:
            filled[name], references[name] = np.nan_to_num(values), np.zeros_like(values)
        if kinds[name] != "price":
            filled[name], found = hold_within_reach(name, kinds[name], filled[name], known)
            notices += found
    used = {name: kinds[name] for name in filled}
    closed = {name: where for name, where in closed.items() if name in used}
    notices += [_once_notice(name) for name in used if _happened_once(kinds[name], filled[name][:, :known])]
    ahead = frozenset(name for name in used if not np.isfinite(raw[name][:, known:]).any())
    began = began_at(used, raw, known)
    notices += one_season_notices(began, known, season)
    return Panel(
        history.calendar, history.keys, grid, known, sales, used, filled, references, regular,
        groups, others, unused, ahead, tuple(notices), ended, closed, sold_out, began,
    )  # fmt: skip


def _stock_notice(sold_out: np.ndarray) -> list[Notice]:
    """What is not known is no sale of nothing: neither levels nor effects are estimated from it."""
    count, series = int(sold_out.sum()), int(sold_out.any(axis=1).sum())
    if not count:
        return []
    text = (
        f"{count} {'period' if count == 1 else 'periods'} without a sale in {series} series that hardly ever "
        "miss one are read as out of stock: what would have been sold is unknown "
        "there, not zero."
    )
    return [Notice("driver_stock_out", text, count)]


def _happened_once(kind: str, past: np.ndarray) -> bool:
    on = (np.abs(past) > 0).any(axis=0)
    return kind == "promotion" and int(on[0]) + int((np.diff(on.astype(int)) > 0).sum()) == 1


def _once_notice(name: str) -> Notice:
    text = f"Driver {name!r} was on only once in the history; its effect rests on that one event."
    return Notice("driver_once", text, 1)


def product_dimension(keys: pd.DataFrame) -> str:
    """The dimension that tells products apart: by name, else the narrowest that is no place or sale type.

    >>> product_dimension(pd.DataFrame(columns=["store", "brand"]))
    'brand'
    >>> product_dimension(pd.DataFrame(columns=["product", "channel", "sale_type"]))
    'product'
    >>> product_dimension(pd.DataFrame(columns=["store", "state"]))
    'store'
    """
    names = [str(name) for name in keys.columns]
    lowered = [name.lower() for name in names]
    for wanted in _PRODUCT_NAMES:
        if wanted in lowered:
            return names[lowered.index(wanted)]
    rest = [name for name in names if name.lower() not in _NOT_PRODUCTS]
    return (rest or names)[-1]


def grid_drivers(
    keys: pd.DataFrame, drivers: pd.DataFrame, columns: list[str], grid: pd.DatetimeIndex
) -> tuple[dict[str, np.ndarray], list[Notice]]:
    """Spread each driver over series and periods; a narrower scope overrides a broader one.

    Returns
    -------
    values : dict of str to ndarray, shape (series, periods)
        NaN where no row speaks.
    notices : list of Notice
        Rows of unknown series, rows given twice.
    """
    values = {name: np.full((len(keys), len(grid)), np.nan) for name in columns}
    notices: list[Notice] = []
    table = drivers.loc[drivers["period"].isin(grid)]
    scope = pd.DataFrame(
        {
            name: _scope_column(table, str(name))
            for name in keys.columns
        }
    )  # fmt: skip
    given = (scope != "").to_numpy(dtype=bool)
    column = grid.get_indexer(pd.DatetimeIndex(table["period"]))
    lost = twice = 0
    patterns = sorted({tuple(row) for row in given.tolist()}, key=lambda p: (sum(p), p))
    for pattern in patterns:
        rows = np.flatnonzero((given == np.array(pattern, dtype=bool)).all(axis=1))
        named = [name for name, on in zip(keys.columns, pattern, strict=True) if on]
        member, match = _match_scopes(keys, scope.iloc[rows], named)
        lost += int((match < 0).sum())
        kept = match >= 0
        twice += _spread(values, table.iloc[rows[kept]], columns, match[kept], member, column[rows[kept]])
    if lost:
        notices.append(
            Notice(
                "driver_scope",
                f"{lost} driver rows name series that have no sales; they were left out.",
                lost,
            )
        )
    if twice:
        notices.append(
            Notice(
                "driver_twice", f"{twice} driver rows repeat a period and scope; their mean was used.", twice
            )
        )
    return values, notices


def _scope_column(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table:
        return pd.Series("", index=table.index, dtype="string")
    return table[name].astype("string").fillna("")


def _match_scopes(keys: pd.DataFrame, scope: pd.DataFrame, named: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Scope number of each series and of each row (-1 where no series has it)."""
    if not named:
        return np.zeros(len(keys), dtype=int), np.zeros(len(scope), dtype=int)
    index = pd.MultiIndex.from_frame(keys[named].astype("string"))
    codes, unique = pd.factorize(index)
    rows = pd.MultiIndex.from_frame(scope[named])
    return np.asarray(codes), np.asarray(
        pd.MultiIndex.from_tuples(list(unique), names=named).get_indexer(rows)
    )


def _spread(
    values: dict[str, np.ndarray],
    table: pd.DataFrame,
    columns: list[str],
    scope: np.ndarray,
    member: np.ndarray,
    column: np.ndarray,
) -> int:
    """Write the rows of one scope pattern into `values` (built by the caller); count rows given twice."""
    if not len(table) or not values:
        return 0
    periods = next(iter(values.values())).shape[1]
    cell = scope * periods + column
    size = (int(member.max()) + 1) * periods
    count = np.bincount(cell, minlength=size)
    for name in columns:
        if name not in table:
            continue
        cells = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float)
        cells[~np.isfinite(cells)] = np.nan
        seen = np.bincount(cell, weights=np.isfinite(cells), minlength=size)
        total = np.bincount(cell, weights=np.nan_to_num(cells), minlength=size)
        mean = np.where(seen > 0, total / np.maximum(seen, 1), np.nan).reshape(-1, periods)[member]
        values[name] = np.where(np.isfinite(mean), mean, values[name])
    return int((count - 1).clip(0).sum())


def _groups(keys: pd.DataFrame, product: str) -> tuple[np.ndarray, np.ndarray]:
    # A sale type is no place: new and repeat sales of rivals meet in the same store.
    rest = [name for name in keys.columns if name not in (product, "sale_type")]
    groups = pd.factorize(keys[product].astype(str), sort=True)[0]
    if not rest:
        return np.asarray(groups), np.zeros(len(keys), dtype=int)
    others = keys.groupby(rest, sort=True, dropna=False).ngroup().to_numpy()
    return np.asarray(groups), np.asarray(others)


def _hold_last(regular: np.ndarray, known: int) -> np.ndarray:
    """Regular price in history, then the last one known."""
    held = regular.copy()
    if known:
        held[:, known:] = regular[:, known - 1 : known]
    return held


def _future_notice(name: str, kind: str, values: np.ndarray, known: int) -> list[Notice]:
    """Say what was assumed of a driver that is not known over the whole horizon."""
    future = values[:, known:]
    if not future.size:
        return []
    missing = ~np.isfinite(future)
    blank = int(missing.all(axis=0).sum())
    assumed = _ASSUMED[kind]
    if blank == future.shape[1]:
        where = f"for all {blank} periods"
        text = f"Driver {name!r} is not given after the as-of date; {assumed} was assumed {where}."
        return [Notice("driver_future", text, blank)]
    if blank:
        text = (
            f"Driver {name!r} is not given in {blank} of the {future.shape[1]} periods planned; "
            f"{assumed} was assumed there."
        )
        return [Notice("driver_future", text, blank)]
    some = int(missing.any(axis=1).sum())
    if not some:
        return []
    text = (
        f"Driver {name!r} is not given in every period planned for {some} of {len(future)} series; "
        f"{assumed} was assumed there."
    )
    return [Notice("driver_future", text, some)]
