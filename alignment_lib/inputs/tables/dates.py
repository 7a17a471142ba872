"""Text to dates and times, strictly by the declared form."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from alignment_lib.inputs.tables.raw import Column, clip

__all__ = ["Dates", "date_form", "explain_dates", "parse_date", "parse_dates", "parse_datetimes"]

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
_ZONE = re.compile(r"(?:Z|([+-])([0-9]{2}):?([0-9]{2}))$")
_FORMS = (
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "iso"),
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}"), "%Y-%m-%d without zeros"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}"), "%d.%m.%y"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "%d/%m/%Y or %m/%d/%Y"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{2}"), "%d/%m/%y or %m/%d/%y"),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), "%Y/%m/%d"),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), "%d-%m-%Y or %m-%d-%Y"),
    (re.compile(r"\d{8}"), "%Y%m%d"),
    (re.compile(r"\d{1,2}[ .-]+[A-Za-z]{3}[ .-]+\d{4}"), "%d %b %Y"),
    (re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*"), "a date with a time"),
    (re.compile(r"[34]\d{4}(\.\d+)?"), "a spreadsheet's day number"),
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


@dataclass(frozen=True)
class Dates:
    """Parsed dates.

    Attributes
    ----------
    values : ndarray
        In UTC where a cell bore an offset; NaT where missing or bad.
    bad : ndarray of bool
        Where the fault lies.
    offsets : ndarray of float
        Minutes by which the written clock runs before UTC; NaN where none was written.
    """

    values: np.ndarray
    bad: np.ndarray
    offsets: np.ndarray


def parse_date(text: str, form: str) -> dt.date | None:
    """Read one date in the declared form; None where it is not one.

    >>> parse_date("02.07.1992", "%d.%m.%Y"), parse_date("1992-02-30", "iso")
    (datetime.date(1992, 7, 2), None)
    """
    try:
        if form == "iso":
            found = dt.date.fromisoformat(text) if _ISO.fullmatch(text) else None
        else:
            found = dt.datetime.strptime(text, form).date()
    except ValueError:
        return None
    return found if found and _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def parse_dates(column: Column, form: str) -> Dates:
    """Parse a column of days: ISO or the declared form, real dates of a workbook or Parquet file."""
    if isinstance(column, np.ndarray):
        return _dates_from_cells(column, form)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return _whole_days(_from_typed(column))
    encoded = column.combine_chunks().dictionary_encode()
    words = [word.strip() for word in encoded.dictionary.to_pylist()]
    days = [parse_date(word, form) for word in words]
    table = np.array(
        [np.datetime64(day, "ns") if day else np.datetime64("NaT", "ns") for day in days], "M8[ns]"
    )
    wrong = np.array([day is None and bool(word) for day, word in zip(days, words, strict=True)], dtype=bool)
    codes = encoded.indices.to_numpy()
    return Dates(table[codes], wrong[codes], np.full(len(codes), np.nan))


def parse_datetimes(column: Column, form: str) -> Dates:
    """Parse a column of moments to UTC; without a zone they are taken as they stand.

    A day alone means its first moment. Text is ISO 8601; a day may also be in the declared form.
    """
    if isinstance(column, np.ndarray):
        return _moments_from_cells(column, form)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return _from_typed(column)
    trimmed = pc.utf8_trim_whitespace(column)
    good = np.asarray(pc.match_substring_regex(trimmed, _ISO_TIME).to_numpy(zero_copy_only=False), dtype=bool)
    texts = trimmed.to_pandas()
    offsets = _read_offsets(texts, good)
    # pandas gives a time without a zone the zone of the time before it, so that zones are taken off first.
    clocks = texts.where(good).str.replace(_ZONE, "", regex=True)
    written = pd.to_datetime(clocks, format="ISO8601", errors="coerce").to_numpy().astype("M8[ns]")
    values = written - np.nan_to_num(offsets).astype("m8[m]").astype("m8[ns]")
    bad = np.isnat(values) & np.asarray(texts != "")
    bad |= ~np.isnat(values) & ~_in_range(values)
    if form != "iso" and bad.any():
        days = parse_dates(pa.chunked_array([pa.array(list(texts[bad]), pa.string())]), form)
        values[bad] = days.values
        bad[bad] = days.bad
    values[bad] = np.datetime64("NaT")
    return Dates(values, bad, np.where(bad, np.nan, offsets))


def _read_offsets(texts: pd.Series, good: np.ndarray) -> np.ndarray:
    """Minutes of the offset each text ends with."""
    ends = [match[0] if (match := _ZONE.search(text)) else "" for text in texts.where(good, "")]
    known = {end: np.nan if not end else _minutes(end) for end in set(ends)}
    return np.array([known[end] for end in ends], dtype=float)


def _minutes(end: str) -> float:
    match = _ZONE.fullmatch(end)
    if match is None or match[1] is None:
        return 0.0
    return (int(match[2]) * 60 + int(match[3])) * (-1.0 if match[1] == "-" else 1.0)


def _in_range(values: np.ndarray) -> np.ndarray:
    years = values.astype("M8[Y]").astype(int) + 1970
    return np.asarray((years >= _FIRST_YEAR) & (years <= _LAST_YEAR))


def _from_typed(column: pa.ChunkedArray) -> Dates:
    kind = column.type
    none = np.full(len(column), np.nan)
    if pa.types.is_null(kind):
        return Dates(
            np.full(len(column), np.datetime64("NaT", "ns")), np.zeros(len(column), dtype=bool), none
        )
    if not (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        bad = np.asarray(column.is_valid().to_numpy(), dtype=bool)
        return Dates(np.full(len(column), np.datetime64("NaT", "ns")), bad, none)
    zoned = pa.types.is_timestamp(kind) and kind.tz is not None
    plain = column.cast(pa.timestamp("us", tz="UTC" if zoned else None), safe=False)
    micro = plain.to_numpy().astype("M8[us]")
    bad = ~np.isnat(micro) & ~_in_range(micro)
    micro = np.where(bad, np.datetime64("NaT", "us"), micro)
    offsets = none
    if zoned:
        shown = pc.local_timestamp(column.cast(pa.timestamp("us", tz=kind.tz), safe=False))
        offsets = (shown.to_numpy().astype("M8[us]") - micro) / np.timedelta64(1, "m")
    return Dates(micro.astype("M8[ns]"), bad, offsets)


def _whole_days(dates: Dates) -> Dates:
    """A day with a time of day is a fault where a date is asked."""
    timed = ~np.isnat(dates.values) & (dates.values != dates.values.astype("M8[D]"))
    values = np.where(timed, np.datetime64("NaT", "ns"), dates.values)
    return Dates(values, dates.bad | timed, dates.offsets)


def _moments_from_cells(column: np.ndarray, form: str) -> Dates:
    is_text = np.array([isinstance(cell, str) for cell in column], dtype=bool)
    is_moment = np.array([isinstance(cell, dt.datetime) for cell in column], dtype=bool)
    missing = np.array([cell is None for cell in column], dtype=bool)
    values = np.full(len(column), np.datetime64("NaT", "ns"))
    values[is_moment] = [np.datetime64(cell, "ns") for cell in column[is_moment]]
    bad = ~(is_text | is_moment | missing) | (is_moment & ~_in_range(values))
    offsets = np.full(len(column), np.nan)
    if is_text.any():
        parsed = parse_datetimes(pa.chunked_array([pa.array(list(column[is_text]), pa.string())]), form)
        values[is_text], bad[is_text], offsets[is_text] = parsed.values, parsed.bad, parsed.offsets
    values[bad] = np.datetime64("NaT")
    return Dates(values, bad, offsets)


def _dates_from_cells(column: np.ndarray, form: str) -> Dates:
    is_text = np.array([isinstance(cell, str) for cell in column], dtype=bool)
    rest = column.copy()
    rest[is_text] = None
    dates = _whole_days(_moments_from_cells(rest, form))
    if is_text.any():
        parsed = parse_dates(pa.chunked_array([pa.array(list(column[is_text]), pa.string())]), form)
        dates.values[is_text], dates.bad[is_text] = parsed.values, parsed.bad
    return dates


def date_form(text: str) -> str:
    """Name the form in which a date is written, ``""`` where it looks like none.

    >>> date_form("13.01.2025"), date_form("soon")
    ('%d.%m.%Y', '')
    """
    return next((form for pattern, form in _FORMS if pattern.fullmatch(text)), "")


def explain_dates(bad: Iterable[str], good: str, form: str, with_time: bool) -> tuple[str, str, str]:
    """What was found in a column with faulty dates, what was expected, and how to mend it.

    Parameters
    ----------
    bad : iterable of str
        Faulty texts; the commonest form among them is explained.
    good : str
        A text of the same column that was read, ``""`` where there is none.
    form : str
        The declared form.
    with_time : bool
        Whether moments are expected rather than days.
    """
    texts = list(bad)
    forms = Counter(date_form(text) for text in texts)
    name = max(forms, key=lambda key: (forms[key], key))
    example = next(text for text in texts if date_form(text) == name)
    expected = "a date like 2025-01-31" if form == "iso" else f"a date of the form {form}"
    if with_time:
        expected += " or a time like 2025-01-31 14:30"
    is_other = bool(name) and form not in name.split(" or ")
    if is_other and good:
        found = f"two date forms in one column, {clip(good)} and {clip(example)}"
        return found, f"one form, {expected}", "write all dates of the column in the same form"
    if is_other and name.startswith("%") and "without" not in name:
        choices = " or ".join(f'date = "{choice}"' for choice in name.split(" or "))
        return clip(example), expected, f"declare {choices} under [format] in planning.toml"
    if is_other and name == "iso":
        return clip(example), expected, 'write the dates so, or declare date = "iso" under [format]'
    if name == "a date with a time":
        return clip(example), expected, "write the day alone"
    if name == "a spreadsheet's day number":
        return (
            f"{clip(example)}, a spreadsheet's day number",
            expected,
            "format the cells as dates and export again",
        )
    return clip(example), expected, "write a day that exists, or leave the cell empty where it is not known"
