"""From the canonical sales table to `History`: a regular grid, with what is odd counted and named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.configuration.life_settings import LifeSettings
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.unfinished_periods import Unfinished, find_unfinished
from alignment_lib.inputs.problems import InputError, Notice, Problem
from alignment_lib.inputs.written_numbers import Said

__all__ = ["SalesSettings", "WorkspaceSettings", "build_history"]


_COPIED = 0.75
"""Share of a season that must lie a year after another for the two to be compared as copies."""


class SalesSettings(Protocol):
    """What `build_history` reads from the ``[sales]`` table of the settings."""

    @property
    def unfinished(self) -> str:
        """``"auto"``, or ``"keep"`` where first and last periods are known to be whole."""
        ...

    @property
    def dimensions(self) -> Sequence[str]:
        """Names of the dimensions, broadest first."""
        ...

    @property
    def measure(self) -> str:
        """``"units"`` or ``"revenue"``."""
        ...


class WorkspaceSettings(Protocol):
    """What `build_history` reads from the workspace's settings."""

    @property
    def sales(self) -> SalesSettings:
        """The ``[sales]`` table."""
        ...

    @property
    def life(self) -> Sequence[LifeSettings]:
        """What is stated of series that stop."""
        ...


def build_history(
    sales: pd.DataFrame, settings: WorkspaceSettings, calendar: Calendar, as_of: pd.Timestamp
) -> History:
    """Lay the sales known at the as-of date on a regular grid of series by periods.

    Parameters
    ----------
    sales : DataFrame
        Canonical sales: ``period`` (datetime64, first days), the dimensions (text or category),
        ``units`` and/or ``revenue``.
    settings : WorkspaceSettings
        Names the dimensions and the measure.
    calendar : Calendar
        The business's periods.
    as_of : Timestamp
        The wall: a period is known when it has ended on or before this date.

    Returns
    -------
    History
        The grid reaches from the first period with a row to the last period known at `as_of`. A period
        without a row is NaN, never zero.

    Raises
    ------
    InputError
        Where no sales row is known at the as-of date.
    """
    dimensions = list(settings.sales.dimensions)
    measure = settings.sales.measure
    last = calendar.shift(calendar.floor(pd.DatetimeIndex([as_of]))[0], -1)
    known = sales.loc[np.asarray(sales["period"] <= last)]
    if known.empty:
        raise InputError([_no_history(sales, as_of)])
    periods = calendar.between(pd.Timestamp(known["period"].min()), last)
    column = periods.get_indexer(pd.DatetimeIndex(known["period"]))
    keys, row = _series(known, dimensions)
    shape = (len(keys), len(periods))
    values, doubled = _fill_grid(known[measure], row, column, shape)
    price = _unit_price(known, row, column, shape)
    cut = find_unfinished(periods, values, calendar.season) if settings.sales.unfinished == "auto" else ()
    stated, strange = _stated_ends(keys, settings.life, as_of)
    notices = (
        *_grid_notices(values, known[measure], doubled, int((column < 0).sum())),
        *(_say_unfinished(one, calendar) for one in cut),
        *_say_repeated(values, calendar.season),
        *strange,
    )
    unfinished = tuple(int(np.flatnonzero(periods == one.period)[0]) for one in cut)
    return History(calendar, keys, periods, values, measure, price, notices, unfinished, stated)


def _say_unfinished(one: Unfinished, calendar: Calendar) -> Notice:
    text = (
        f"The {one.end} {calendar.grain}, from {one.period:%Y-%m-%d}, holds {Said(one.share):.0%} of what is "
        f"usual there, in all its {one.series:,} series together: read as not finished, "
        'shown as it is and not learnt from. If it is whole, write unfinished = "keep" under [sales] in '
        "planning.toml."
    )
    return Notice("unfinished", text, one.series)


def _say_repeated(values: np.ndarray, season: int) -> list[Notice]:
    """A last year that is the one before to the last digit: a copy, or a plan entered as sales.

    Of two years from which a few periods were cut (the wall's week, an unfinished one) what is left tells.
    """
    compared = min(season, values.shape[1] - season)
    if season < 2 or compared < _COPIED * season:
        return []
    last, before = values[:, -compared:], values[:, -season - compared : values.shape[1] - season]
    same = (last == before).all(axis=1) & (last != last[:, :1]).any(axis=1)
    count = int(same.sum())
    if not count:
        return []
    who = "1 series repeats" if count == 1 else f"{count:,} series repeat"
    text = (
        f"{who} the year before to the last digit, as a copy would: what is planned rests on one year, and "
        "its band does not know how years differ."
    )
    return [Notice("repeated_year", text, count)]


def _stated_ends(
    keys: pd.DataFrame, given: Sequence[LifeSettings], as_of: pd.Timestamp
) -> tuple[np.ndarray | None, list[Notice]]:
    """What is said of each series' end, as far as known at the wall; scopes that fit none are named."""
    stated = np.full(len(keys), "", dtype=object)
    notices = []
    for one in given:
        if one.state is None or (one.recorded is not None and pd.Timestamp(one.recorded) > as_of):
            continue
        inside = np.all([keys[name].astype(str) == value for name, value in one.scope.items()], axis=0)
        stated[inside] = one.state
        if not inside.any():
            named = ", ".join(f"{name} {value}" for name, value in one.scope.items())
            text = f"planning.toml, [[life]]: no series is called {named}; it changes nothing."
            notices.append(Notice("life_unknown", text, 1))
    return (stated if (stated != "").any() else None), notices


def _no_history(sales: pd.DataFrame, as_of: pd.Timestamp) -> Problem:
    first = "no rows" if sales.empty else f"a first period of {sales['period'].min():%Y-%m-%d}"
    return Problem(
        "sales",
        first,
        f"at least one period that ended on or before {as_of:%Y-%m-%d}",
        "choose a later as-of date or add earlier sales",
        column="period",
    )


def _series(known: pd.DataFrame, dimensions: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """The sorted series and, for each sales row, the series it belongs to."""
    if not dimensions:
        return pd.DataFrame(index=pd.RangeIndex(1)), np.zeros(len(known), dtype=np.int64)
    codes: list[np.ndarray] = []
    levels: list[np.ndarray] = []
    for name in dimensions:
        coded = pd.Categorical(known[name])
        text = np.asarray(coded.categories, dtype=object).astype(str)
        order = np.argsort(text, kind="stable")
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        codes.append(rank[coded.codes])
        levels.append(text[order].astype(object))
    combined = np.zeros(len(known), dtype=np.int64)
    for code, level in zip(codes, levels, strict=True):
        combined = combined * len(level) + code
    unique, row = np.unique(combined, return_inverse=True)
    columns: dict[str, np.ndarray] = {}
    for name, level in zip(reversed(dimensions), reversed(levels), strict=True):
        unique, code = np.divmod(unique, len(level))
        columns[name] = level[code]
    keys = pd.DataFrame({name: columns[name] for name in dimensions}, dtype=object)
    return keys, np.asarray(row).reshape(-1)


def _fill_grid(
    column: pd.Series, row: np.ndarray, position: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, int]:
    """Sum rows into cells; NaN where there is none. Also the number of rows that shared a cell."""
    amount = column.to_numpy(dtype=np.float64)
    given = (position >= 0) & np.isfinite(amount)
    cell = row[given] * shape[1] + position[given]
    counts = np.bincount(cell, minlength=shape[0] * shape[1])
    totals = np.bincount(cell, weights=amount[given], minlength=shape[0] * shape[1])
    values = np.where(counts > 0, totals, np.nan).reshape(shape)
    return values, int((counts - 1).clip(min=0).sum())


def _unit_price(
    known: pd.DataFrame, row: np.ndarray, position: np.ndarray, shape: tuple[int, int]
) -> np.ndarray | None:
    if not {"units", "revenue"} <= set(known.columns):
        return None
    units, _ = _fill_grid(known["units"], row, position, shape)
    revenue, _ = _fill_grid(known["revenue"], row, position, shape)
    positive = (units > 0) & (revenue > 0)
    return np.where(positive, revenue / np.where(positive, units, 1.0), np.nan)


def _grid_notices(values: np.ndarray, column: pd.Series, doubled: int, off_grid: int) -> tuple[Notice, ...]:
    notices = []
    if doubled:
        notices.append(
            Notice("duplicates", "Rows that named the same series and period were summed.", doubled)
        )
    if off_grid:
        text = "Rows whose date is not the first day of a period were left out."
        notices.append(Notice("off_grid", text, off_grid))
    blanks = int(column.isna().sum())
    if blanks:
        notices.append(Notice("blank_measure", "Rows without a value were read as missing periods.", blanks))
    return (*notices, *_life_notices(values))


def _life_notices(values: np.ndarray) -> list[Notice]:
    known = np.isfinite(values)
    some = known.any(axis=1)
    first = known.argmax(axis=1)
    last = values.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    position = np.arange(values.shape[1])
    alive = (position >= first[:, None]) & (position <= last[:, None]) & some[:, None]
    counts = {
        "gaps": int((alive & ~known).sum()),
        "late_start": int((some & (first > 0)).sum()),
        "early_end": int((some & (last < values.shape[1] - 1)).sum()),
        "no_value": int((~some).sum()),
    }
    text = {
        "gaps": "Periods without a row inside a series' life.",
        "late_start": "Series that start after the first period: earlier periods are before their launch.",
        "early_end": "Series whose last row is before the last known period.",
        "no_value": "Series without any value.",
    }
    return [Notice(code, text[code], count) for code, count in counts.items() if count]
