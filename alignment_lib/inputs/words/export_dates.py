"""How dates are written in an export: days, months, weeks, moments, in any language, told from all values.

A form is a ``strptime`` form, in which ``%b`` stands for a month's name in any language and width, or one of
`WEEK_FORMS` and ``day number``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from alignment_lib.inputs.tables.distinct_words import distinct_words
from alignment_lib.inputs.words.month_words import day_words, month_numbers, plain_word

__all__ = [
    "DATE_FORMS",
    "MONTH_FORMS",
    "WEEK_FORMS",
    "Moments",
    "best_date_form",
    "eastern_dates",
    "find_date_forms",
    "parse_days",
    "read_moments",
]

_FIGURES = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%Y%m%d", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y"),
)
_TEXTS = ("%d %b %Y", "%b %d %Y", "%Y %b %d", "%d %b %y")
MONTH_FORMS = ("%b %Y", "%Y %b", "%b %y", "%Y-%m", "%m/%Y", "%m.%Y", "%Y/%m", "%Y.%m", "%YM%m", "%Y%m")
"""Forms that name a month and no day."""
WEEK_FORMS = ("iso week", "year and week")
"""``2025-W07``, ``2025W07`` or ``2025-W07-3``; and ``202507``, ``2025-07`` or ``2025/7`` with weeks to 53."""
DAY_NUMBER = "day number"
"""Days since 30 December 1899, as spreadsheets count them."""
DATE_FORMS = (*_FIGURES, *_TEXTS, *WEEK_FORMS, *MONTH_FORMS, DAY_NUMBER)
"""Forms tried, days before weeks and months, days first before months first."""
_TIME = (
    r"^(?P<day>.*?[^T\s,])(?:,?\s+|T)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*"
    r"(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?\s?[+-][0-9]{1,2}:?(?:[0-9]{2})?)?(?:\s*(?:Uhr|h|\(?[A-Z]{3,4}\)?))?$"
)
_ISO_WEEK = re.compile(r"(\d{4})[-/ ]?W(\d{1,2})(?:-?([1-7]))?", re.IGNORECASE)
_PLAIN_WEEK = re.compile(r"(\d{4})[-/. ]?(\d{1,2})")
_YEAR = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")
_NUMBER = re.compile(r"[2-6]\d{4}(?:[.,]\d+)?")
_EAST = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월](?:\s*(\d{1,2})\s*[日일])?")
_FILLERS = frozenset(("de", "del", "of", "the", "den", "d", "af", "di", "du", "do", "da"))
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|re|e|o|a|º|ª)")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_LOOKED_AT = 300


@dataclass(frozen=True)
class Moments:
    """A column of dates.

    Attributes
    ----------
    values : DatetimeIndex
        Days with their time of day where one is written; NaT where there is none.
    bad : ndarray
        Cells that hold something which is no date in the form.
    zoned : ndarray
        Cells with an offset from universal time; their local day and hour are kept.
    """

    values: pd.DatetimeIndex
    bad: np.ndarray
    zoned: np.ndarray


@dataclass(frozen=True)
class _Split:
    codes: np.ndarray
    days: np.ndarray
    seconds: np.ndarray
    zoned: np.ndarray


def _split(values: pd.Series) -> _Split:
    """Different words as day and seconds of the day, with the place of each cell's word."""
    codes, unique = distinct_words(values)
    words = pc.utf8_trim_whitespace(pa.array(unique, pa.string()))
    if not pc.any(pc.match_substring(words, ":")).as_py():
        none = np.zeros(len(words))
        return _Split(codes, np.array(words.to_pylist(), dtype=object), none, none.astype(bool))
    parts = pc.extract_regex(pc.utf8_normalize(words, "NFKC"), _TIME)
    day, hour, minute, second, half, zone = (pc.struct_field(parts, at) for at in range(6))
    hours = _whole(hour) % 24
    letter = pc.utf8_lower(pc.utf8_slice_codeunits(half, 0, 1))
    afternoon = np.asarray(pc.fill_null(pc.equal(letter, "p"), False))
    morning = np.asarray(pc.fill_null(pc.equal(letter, "a"), False))
    hours = np.where(afternoon & (hours < 12), hours + 12, np.where(morning & (hours == 12), 0, hours))
    seconds = hours * 3600.0 + _whole(minute) * 60 + _whole(second)
    zoned = np.asarray(pc.fill_null(pc.greater(pc.utf8_length(zone), 0), False))
    return _Split(codes, np.array(pc.coalesce(day, words).to_pylist(), dtype=object), seconds, zoned)


def _whole(digits: pa.Array) -> np.ndarray:
    filled = pc.if_else(pc.equal(pc.utf8_length(digits), 0), "0", digits)
    return np.asarray(pc.cast(pc.fill_null(filled, "0"), pa.int64()))


def find_date_forms(values: pd.Series) -> list[str]:
    """Every form in which all values are dates, a time of day behind them left aside.

    >>> find_date_forms(pd.Series(["13.02.2025", "01.03.2025 08:15"]))
    ['%d.%m.%Y']
    >>> find_date_forms(pd.Series(["13. März 2025", "2. Mai 2025"])), find_date_forms(pd.Series(["2025W49"]))
    (['%d %b %Y'], ['iso week'])
    """
    words = _day_words(values)
    if not len(words):
        return []
    forms = [form for form in DATE_FORMS if not np.isnat(_parse(words, form)).any()]
    return _leave_unlikely(forms, words)


def _day_words(values: pd.Series) -> np.ndarray:
    days = _split(values[values != ""]).days
    return np.unique(days[days != ""].astype(str)).astype(object)


def _leave_unlikely(forms: list[str], words: np.ndarray) -> list[str]:
    """Weeks are no reading of codes that run over several years, or bear a mark, and never pass twelve."""
    months = [form for form in forms if form in MONTH_FORMS]
    if "year and week" not in forms or not months:
        return forms
    parted = all(re.search(r"\D", word) for word in words)
    years = {word[:4] for word in words}
    return [form for form in forms if form != "year and week"] if parted or len(years) > 1 else forms


def best_date_form(values: pd.Series) -> tuple[str, float]:
    """The form that reads most of the different dates, and which share of some hundreds of them it reads.

    >>> best_date_form(pd.Series(["2025-01-31", "2025-02-01", "soon"]))
    ('%Y-%m-%d', 0.6666666666666666)
    """
    words = _day_words(values)
    words = words[:: max(1, len(words) // _LOOKED_AT)]
    if not len(words) or not any(any(mark.isdigit() for mark in word) for word in words):
        return "%Y-%m-%d", 0.0
    best, most = "%Y-%m-%d", 0.0
    for form in DATE_FORMS:
        share = float((~np.isnat(_parse(words, form))).mean())
        if share > most:
            best, most = form, share
        if most == 1.0:
            break
    return best, most


def read_moments(values: pd.Series, form: str) -> Moments:
    """Dates in the given form with the time of day behind them, and the cells that are none."""
    split = _split(values)
    if not len(split.codes):
        empty = np.zeros(0, dtype=bool)
        return Moments(pd.DatetimeIndex([]), empty, empty)
    unique, places = np.unique(split.days.astype(str), return_inverse=True)
    days = _parse(unique.astype(object), form)[places].astype("M8[s]")
    moments = (days + split.seconds.astype("m8[s]")).astype("M8[ns]")
    bad = np.isnat(moments) & (split.days != "")
    codes = split.codes
    return Moments(pd.DatetimeIndex(moments[codes]), bad[codes], split.zoned[codes])


def parse_days(values: pd.Series, form: str) -> pd.Series:
    """Days in the given form, NaT where a value is not one."""
    return pd.Series(read_moments(values, form).values.normalize(), index=values.index)


def _parse(words: np.ndarray, form: str) -> np.ndarray:
    """Days of words in one form, NaT where a word is none."""
    if form in WEEK_FORMS:
        found = [_week(word, form) for word in words]
    elif form == DAY_NUMBER:
        found = [_counted_day(word) for word in words]
    else:
        texts = (
            _with_months(words) if "%b" in form or "%B" in form else [eastern_dates(word) for word in words]
        )
        pattern = form.replace("%B", "%b").replace("%b", "m%m")
        if "%b" in pattern or "m%m" in pattern:
            pattern = re.sub(r"[\s./,-]+", " ", pattern)
        days = pd.to_datetime(pd.Series(texts, dtype=object), format=pattern, errors="coerce")
        wrong = ~days.dt.year.between(_FIRST_YEAR, _LAST_YEAR)
        return days.mask(wrong).to_numpy().astype("M8[D]")
    return np.array([np.datetime64("NaT") if day is None else day for day in found], dtype="M8[D]")


def eastern_dates(text: str) -> str:
    """A text with dates of East Asia written with hyphens.

    >>> eastern_dates("2024年1月13日")
    '2024-1-13'
    """
    return _EAST.sub(lambda found: "-".join(part for part in found.groups() if part), text)


@lru_cache(maxsize=64)
def _months_of(words: tuple[str, ...], dated: bool) -> dict[str, int]:
    return month_numbers(words, dated=dated)


def _with_months(words: np.ndarray) -> list[str]:
    """``"Mon, 13. März 2024"`` as ``"13 m03 2024"``; ``""`` where a part is no part of a date."""
    parts = [re.findall(r"[0-9]+[^\W\d_]*|[^\W\d_]+\.?|[^\w\s.,/'’-]+", word) for word in words]
    names = {part for listed in parts for part in listed if part[0].isalpha()}
    names = {name for name in names if plain_word(name) not in _FILLERS}
    dated = any(_YEAR.search(word) for word in words)
    months = _months_of(tuple(sorted(names)), dated)
    if not months:
        return [""] * len(words)
    return [" ".join(filter(None, (_part(part, months) for part in listed))) for listed in parts]


def _part(part: str, months: dict[str, int]) -> str:
    if part in months:
        return f"m{months[part]:02d}"
    ordinal = _ORDINAL.fullmatch(part)
    if ordinal:
        return ordinal[1]
    plain = plain_word(part)
    return "" if plain in _FILLERS or plain in day_words() else part


def _week(word: str, form: str) -> np.datetime64 | None:
    found = (_ISO_WEEK if form == "iso week" else _PLAIN_WEEK).fullmatch(word)
    if found is None:
        return None
    year, week, day = int(found[1]), int(found[2]), int(found[3]) if form == "iso week" and found[3] else 1
    first = _iso_start(year)
    weeks = int((_iso_start(year + 1) - first) // np.timedelta64(7, "D"))
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= week <= weeks):
        return None
    return first + np.timedelta64(7 * (week - 1) + day - 1, "D")


@lru_cache(maxsize=512)
def _iso_start(year: int) -> np.datetime64:
    """Monday of the week that holds the fourth of January (ISO 8601)."""
    fourth = np.datetime64(f"{year:04d}-01-04", "D")
    return fourth - np.timedelta64((int(fourth.astype(int)) + 3) % 7, "D")


def _counted_day(word: str) -> np.datetime64 | None:
    if not _NUMBER.fullmatch(word):
        return None
    return np.datetime64("1899-12-30", "D") + np.timedelta64(int(re.split("[.,]", word)[0]), "D")
