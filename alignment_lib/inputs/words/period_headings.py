"""Column headings that are periods: days, weeks, months or quarters across, in any mixture of forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from alignment_lib.inputs.words.export_dates import DATE_FORMS, MONTH_FORMS, eastern_dates, parse_days
from alignment_lib.inputs.words.heading_words import Heading, name_words, other_words, read_heading, says_end
from alignment_lib.inputs.words.month_words import month_numbers

__all__ = ["Across", "find_across", "find_months"]

_DATE_WITHIN = re.compile(
    r"(?<!\d)(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2}))(?!\d)"
)
_ORDER = ("day", "week", "month", "quarter", "year")
_FEWEST_WITHOUT_YEAR = 3
_FIGURES_ONLY = tuple(form for form in DATE_FORMS if "%b" not in form and "%" in form)


@dataclass(frozen=True)
class Across:
    """Periods that stand across a table.

    Attributes
    ----------
    grain : str
        ``day``, ``week``, ``month``, ``quarter`` or ``year``; ``""`` where there are none.
    periods : dict of str to Timestamp
        The day each heading names: a period's first, or its last where `ends` says so.
    blocks : dict of str to str
        The other words of a heading, such as ``Units``, where several figures stand for each period.
    wider : dict of str to tuple of Timestamp
        Headings of longer periods among them, with the first day and the first day after.
    yearless : bool
        Whether the headings name no year; their days are those of the year 1904 then.
    ends : bool
        Whether the headings say that they name last days.
    doubts : tuple of str
        Headings that can be read in two ways.
    """

    grain: str = ""
    periods: Mapping[str, pd.Timestamp] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)
    wider: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]] = field(default_factory=dict)
    yearless: bool = False
    ends: bool = False
    doubts: tuple[str, ...] = ()


def find_months(columns: Iterable[str]) -> dict[str, pd.Timestamp]:
    """Columns whose names are periods of the finest kind among them, with the day each names.

    >>> find_months(["product", "Jan 2025", "Feb 2025"])["Feb 2025"]
    Timestamp('2025-02-01 00:00:00')
    """
    return dict(find_across(columns).periods)


def find_across(columns: Iterable[str]) -> Across:
    """Read all headings of a table together.

    >>> across = find_across(["Region", "Mär 2025", "April 2025", "2025-05", "Q1 2025"])
    >>> across.grain, list(across.periods), list(across.wider)
    ('month', ['Mär 2025', 'April 2025', '2025-05'], ['Q1 2025'])
    """
    return _find(tuple(columns))


@lru_cache(maxsize=64)
def _find(names: tuple[str, ...]) -> Across:
    doubts: list[str] = []
    dated = {name: date for name in names if (date := _date_within(name)) is not None}
    found = _read_figures({name: date for name, (date, _) in dated.items()}, doubts)
    words = sorted({word for name in names for word in name_words(_bare(name))})
    months = month_numbers(words, dated=any(re.search(r"\d\d", name) for name in names)) if words else {}
    texts = {
        name: heading
        for name in names
        if name not in found and (heading := read_heading(_bare(name), months)) is not None
    }
    beside = {
        name: Heading(rest=rest, ends=says_end(name)) for name, (_, rest) in dated.items() if name in found
    }
    return _assemble(names, found, {**_settle_loose(texts), **beside}, tuple(doubts))


def _date_within(name: str) -> tuple[str, str] | None:
    """The part of a heading that is a date in figures, and its other words; None where there is none."""
    bare = _bare(name)
    if not re.search(r"[^\W\d_]", bare):
        return (bare, "") if re.search(r"\d", bare) else None
    found = _DATE_WITHIN.search(bare)
    return (found[0], other_words(bare.replace(found[0], " "))) if found else None


def _bare(name: str) -> str:
    """A heading without the count that parts it from another of the same name."""
    return eastern_dates(re.sub(r" \(\d+\)$", "", name))


def _settle_loose(texts: dict[str, Heading]) -> dict[str, Heading]:
    """Numbers beside months are years where they never fall along the row and leave months apart."""
    loose = [heading for heading in texts.values() if heading.loose]
    numbers = [heading.loose for heading in loose]
    pairs = Counter((heading.loose, heading.month, heading.rest) for heading in loose)
    rising = all(a <= b for a, b in pairwise(numbers))
    months_apart = len({(heading.loose, heading.month) for heading in loose}) > len(set(numbers)) or rising
    are_years = (
        bool(numbers) and max(pairs.values()) == 1 and months_apart and max(numbers) - min(numbers) < 30
    )
    if numbers and max(numbers) > 31:
        are_years = True
    settled = {}
    for name, heading in texts.items():
        if heading.loose and are_years:
            heading = replace(heading, year=2000 + heading.loose)
        elif heading.loose:
            heading = replace(heading, day=heading.loose)
        settled[name] = heading
    return settled


def _read_figures(dates: Mapping[str, str], doubts: list[str]) -> dict[str, tuple[str, pd.Timestamp]]:
    """Headings of digits and marks alone: the form that reads most of them first."""
    found: dict[str, tuple[str, pd.Timestamp]] = {}
    left = list(dates)
    while left:
        plain = pd.Series([dates[name] for name in left], dtype=object)
        read = {form: parse_days(plain, form) for form in _FIGURES_ONLY}
        counts = {form: int(days.notna().sum()) for form, days in read.items()}
        most = max(counts.values())
        if not most:
            break
        tied = [form for form, count in counts.items() if count == most]
        regular = [form for form in tied if _is_regular(read[form].dropna())]
        form = (regular or tied)[0]
        others = [other for other in (regular or tied)[1:] if _differ(read[form], read[other])]
        if others:
            doubts.append(f"the headings can be read as {form} and as {others[0]}; {form} was taken")
        kind = "month" if form in MONTH_FORMS else "day"
        days = read[form]
        found |= {name: (kind, day) for name, day in zip(left, days, strict=True) if pd.notna(day)}
        left = [name for name, day in zip(left, days, strict=True) if pd.isna(day)]
    return found


def _differ(one: pd.Series, other: pd.Series) -> bool:
    """Whether two forms read the same headings as other days."""
    return bool(one.notna().equals(other.notna()) and not one.equals(other))


def _is_regular(days: pd.Series) -> bool:
    """Whether days follow each other by weeks, or by whole months."""
    unique = np.unique(days.to_numpy().astype("M8[D]"))
    if len(unique) < 2:
        return False
    return bool((np.diff(unique).astype(int) % 7 == 0).all()) or _same_day_of_month(pd.DatetimeIndex(unique))


def _same_day_of_month(days: pd.DatetimeIndex) -> bool:
    apart = len(set(days.to_period("M"))) == len(days)
    return apart and (len(set(days.day)) == 1 or bool(days.is_month_end.all()))


def _assemble(
    names: tuple[str, ...],
    figures: dict[str, tuple[str, pd.Timestamp]],
    texts: dict[str, Heading],
    doubts: tuple[str, ...],
) -> Across:
    dated = {name: dated for name, heading in texts.items() if (dated := _date(heading)) is not None}
    yearless = {name for name, heading in texts.items() if name in dated and not heading.year}
    if len(yearless) < _FEWEST_WITHOUT_YEAR or len(dated) > len(yearless) + sum(
        _date(heading) is not None and heading.month == 0 for heading in texts.values()
    ):
        dated = {name: value for name, value in dated.items() if name not in yearless}
        yearless = set()
    known = {**figures, **dated}
    if len({kind for kind, _ in known.values()}) > 1 and "month" in {kind for kind, _ in known.values()}:
        # A single first of the month among months is a month too.
        firsts = [name for name, (kind, day) in known.items() if kind == "day" and day.day == 1]
        if len(firsts) == sum(kind == "day" for kind, _ in known.values()):
            known |= {name: ("month", known[name][1]) for name in firsts}
    grains = Counter(kind for kind, _ in known.values())
    kinds = [kind for kind in _ORDER if grains[kind] >= (2 if kind != "year" else 3)]
    if not kinds:
        return Across()
    taken = {name: day for name in names if name in known for kind, day in [known[name]] if kind == kinds[0]}
    grain = _spacing(taken) if kinds[0] == "day" else kinds[0]
    if grain == "month" and kinds[0] == "day":
        taken |= {name: day for name, (kind, day) in known.items() if kind == "month"}
        taken = {name: taken[name] for name in names if name in taken}
    wider = {
        name: (day, _after(kind, day))
        for name, (kind, day) in known.items()
        if name not in taken and _ORDER.index(kind) > _ORDER.index(grain if grain != "day" else "week")
    }
    blocks = {name: texts[name].rest for name in taken if name in texts and texts[name].rest}
    ends = any(texts[name].ends for name in taken if name in texts)
    if any(re.search(r"(?<![^\W_])(FY|GJ|WJ)\s?'?\d", name, re.IGNORECASE) for name in taken):
        doubts += ("the headings name fiscal years, whose numbers were taken for calendar years",)
    return Across(grain, taken, blocks, wider, bool(yearless & set(taken)), ends, doubts)


def _date(heading: Heading) -> tuple[str, pd.Timestamp] | None:
    """The period a heading names and its first day; without a year, in a leap year nobody plans."""
    year = heading.year or 1904
    try:
        if heading.day:
            return "day", pd.Timestamp(year, heading.month, heading.day)
        if heading.month:
            return "month", pd.Timestamp(year, heading.month, 1)
        if heading.quarter and heading.year:
            return "quarter", pd.Timestamp(year, 3 * heading.quarter - 2, 1)
        if heading.week and heading.year:
            return "week", pd.Timestamp.fromisocalendar(year, heading.week, 1)
    except ValueError:
        return None
    return ("year", pd.Timestamp(year, 1, 1)) if heading.year else None


def _spacing(days: Mapping[str, pd.Timestamp]) -> str:
    """The grain of headings that are days, by how far they lie apart."""
    unique = pd.DatetimeIndex(sorted(set(days.values())))
    if len(unique) > 1 and bool((np.diff(unique.to_numpy().astype("M8[D]")).astype(int) % 7 == 0).all()):
        return "week"
    if _same_day_of_month(unique):
        quarterly = len(unique) > 1 and bool((np.diff(unique.year * 12 + unique.month) % 3 == 0).all())
        return "quarter" if quarterly else "month"
    return "day"


def _after(kind: str, first: pd.Timestamp) -> pd.Timestamp:
    months = {"month": 1, "quarter": 3, "year": 12}.get(kind)
    return first + (pd.DateOffset(months=months) if months else pd.Timedelta(days=7))
