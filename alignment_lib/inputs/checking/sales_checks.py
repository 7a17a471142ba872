"""Checks of the sales table and of every column of periods."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.name_checks import check_totals
from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.configuration.settings_reader import nearest
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = [
    "SALE_TYPE",
    "SALE_TYPES",
    "check_periods",
    "check_sales",
    "infer_week_start",
    "types_are_told",
]

SALE_TYPE = "sale_type"
"""Column in which scopes name the type of sale where transactions tell it."""

SALE_TYPES = ("new", "repeat", "upsell", "cross_sell")
"""Values of the sale-type dimension."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def infer_week_start(sales: ParsedTable) -> int:
    """Weekday on which most weeks of the sales table start, Monday 0; Monday where there are none."""
    days = pd.DatetimeIndex(sales.frame["period"].dropna().unique())
    return int(np.bincount(days.weekday, minlength=7).argmax()) if len(days) else 0


def check_periods(table: ParsedTable, calendar: Calendar, log: ProblemLog) -> None:
    """Every period must be the first day of one."""
    if "period" not in table.raw.columns:
        return
    periods = table.frame["period"]
    days = pd.DatetimeIndex(periods.dropna().unique())
    wrong = days[calendar.floor(days) != days]
    if not len(wrong):
        return
    places = np.flatnonzero(periods.isin(wrong))
    first = periods.iloc[int(places[0])]
    floor = calendar.floor(pd.DatetimeIndex([first]))[0]
    expected, found = f"the first day of a {calendar.grain}", f"{first:%Y-%m-%d}"
    if calendar.grain == "week":
        expected = f"a {_WEEKDAYS[calendar.week_start]}, on which most weeks of the sales table start"
        found += f", a {_WEEKDAYS[first.weekday()]}"
    mend = f"write {floor:%Y-%m-%d}, or set the grain that the table has"
    table.raw.report(log, "period", places, expected, mend, found)


def check_sales(sales: ParsedTable, settings: Settings, calendar: Calendar, log: ProblemLog) -> None:
    """Check periods and sale types; count returns, gaps and blank measures; find totals."""
    check_periods(sales, calendar, log)
    _check_sale_types(sales, settings, log)
    _note_values(sales, settings, log)
    _note_gaps(sales, settings, calendar, log)
    check_totals(sales, settings, log)


def types_are_told(tables: Container[str], settings: Settings) -> bool:
    """Whether the type of each sale is worked out from transactions: no column says it."""
    told = settings.sales.types != "off" and "transactions" in tables
    return told and not settings.sales.sale_type and SALE_TYPE not in settings.dimensions


def _check_sale_types(sales: ParsedTable, settings: Settings, log: ProblemLog) -> None:
    name = settings.sales.sale_type
    if name is None or name not in sales.raw.columns:
        return
    column = sales.frame[name]
    if set(column.cat.categories) <= {"", *SALE_TYPES}:
        return
    words = column.astype(object).to_numpy()
    places = np.flatnonzero(~np.isin(words.astype(str), ["", *SALE_TYPES]))
    expected = "one of " + ", ".join(SALE_TYPES)
    mend = "use one of these words, or remove sale_type from planning.toml"
    sales.raw.report_words(log, name, words, places, expected, lambda word: nearest(word, SALE_TYPES) or mend)


def _note_values(sales: ParsedTable, settings: Settings, log: ProblemLog) -> None:
    file = sales.raw.file
    for name in ("units", "revenue"):
        if name in sales.raw.columns:
            values = sales.frame[name].to_numpy(dtype=float)
            negative = int((values < 0).sum())
            if negative:
                text = f"{file}: negative {name} in {counted(negative, 'row')}, read as returns."
                log.note("returns", text, negative)
    measure = settings.sales.measure
    blank = int(sales.frame[measure].isna().sum()) if measure in sales.raw.columns else 0
    if blank:
        log.note(
            "blank_measure", f"{file}: no {measure} in {counted(blank, 'row')}, read as not known.", blank
        )


def _note_gaps(sales: ParsedTable, settings: Settings, calendar: Calendar, log: ProblemLog) -> None:
    """Periods missing between a series' first and last row."""
    frame = sales.frame
    names = [name for name in settings.dimensions if name in sales.raw.columns]
    if len(names) < len(settings.dimensions) or frame["period"].isna().any():
        return
    position = _positions(frame["period"], calendar)
    series = _series_codes(frame, names)
    count = np.bincount(series)
    first = np.full(len(count), position.max(initial=0))
    last = np.zeros(len(count), dtype=np.int64)
    np.minimum.at(first, series, position)
    np.maximum.at(last, series, position)
    missing = np.maximum(last - first + 1 - count, 0)
    gaps, holed = int(missing.sum()), int((missing > 0).sum())
    if gaps:
        text = (
            f"{sales.raw.file}: {counted(gaps, 'period')} missing between first and last row, in {holed:,} "
            f"of {len(count):,} series; a missing row is not read as a zero by itself."
        )
        log.note("gaps", text, gaps)


def _positions(periods: pd.Series[pd.Timestamp], calendar: Calendar) -> np.ndarray:
    """Each period's number from the first."""
    codes, days = pd.factorize(periods, sort=True)
    numbers = np.array([calendar.count(days[0], day) for day in pd.DatetimeIndex(days)], dtype=np.int64)
    return np.asarray(numbers[codes])


def _series_codes(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Each row's series as a number from 0 without holes."""
    codes = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        category = frame[name].cat
        codes = pd.factorize(codes * len(category.categories) + category.codes.to_numpy(dtype=np.int64))[0]
    return codes
