"""One column heading read as a period: its year, quarter, month, week or day, and what else it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Heading", "name_words", "other_words", "read_heading", "says_end"]

_TOKEN = re.compile(r"['’`]?[0-9]+|[^\W\d_]+\.?")
_QUARTER = re.compile(
    r"(?<![^\W_])(?:Q|QTR|T|KV|K|Quarter|Quartal|Trim\w*|Kvartal\w*|Trimest\w*)[. ]?([1-4])(?!\d)", re.I
)
_QUARTER_AFTER = re.compile(
    r"(?<!\d)([1-4])(?:[.ºª]|er|e|st|nd|rd|th)? ?(?:Q|Quarter|Quartal|Kvartal\w*|Trim\w*)(?![^\W\d_])", re.I
)
_WEEK = re.compile(
    r"(?<![^\W_])(?:W|KW|CW|WK|Week|Wk\.|Woche|Sem\w*|S|V|Vecka|Uke|Uge|Tydz\w*|Weeknr|Týden|Hét|Hafta)"
    r"[. ]{0,2}([0-5]?\d)(?!\d)",
    re.I,
)
_CODE = re.compile(r"(?<!\d)(?P<year>(?:19|20|21)\d{2})[ -]?(?P<kind>[QWM])(?P<number>\d{1,2})(?!\d)", re.I)
_MONTH_CODE = re.compile(r"(?<![^\W_])M(?:onth)? ?(0?[1-9]|1[0-2])(?!\d)", re.I)
_ENDING = re.compile(r"\b(?:w/e|week ending|ending|ends|bis|to|until)\b", re.I)
_FILLERS = re.compile(
    r"\b(?:w/e|w/c|week|ending|commencing|beginning|of|the|de|del|bis|ab|cw|kw|wk|fy|gj|month|monat)\b\.?",
    re.I,
)


@dataclass(frozen=True)
class Heading:
    """What a heading says.

    Attributes
    ----------
    year, month, day, quarter, week : int
        0 where it does not say.
    loose : int
        A number of one or two digits beside a month that is a day or a year: the whole row tells which.
    rest : str
        Its other words, such as ``Units`` in ``Units Jan 2025``.
    ends : bool
        Whether it names a period by its last day.
    """

    year: int = 0
    month: int = 0
    day: int = 0
    quarter: int = 0
    week: int = 0
    loose: int = 0
    rest: str = ""
    ends: bool = False


def says_end(heading: str) -> bool:
    """Whether a heading says that it names the last day.

    >>> says_end("W/E 5 Jan 2025"), says_end("Week of 5 Jan 2025")
    (True, False)
    """
    return bool(_ENDING.search(heading))


def name_words(heading: str) -> list[str]:
    """The words of a heading that could be a month's name."""
    return [token for token in _TOKEN.findall(heading) if token[0].isalpha()]


def read_heading(text: str, months: Mapping[str, int]) -> Heading | None:
    """Read one heading; None where it names no period.

    Parameters
    ----------
    text : str
        The heading.
    months : dict of str to int
        Months by the words of all headings, of `month_words.month_numbers`.

    >>> read_heading("Units Jan'25", {"Jan": 1})
    Heading(year=2025, month=1, day=0, quarter=0, week=0, loose=0, rest='Units', ends=False)
    >>> read_heading("KW 07/2025", {}).week, read_heading("1. Quartal 2025", {}).quarter
    (7, 1)
    """
    ends = says_end(text)
    code = _CODE.search(text)
    if code:
        kind = {"q": "quarter", "w": "week", "m": "month"}[code["kind"].lower()]
        rest = other_words(text[: code.start()] + " " + text[code.end() :], {})
        return Heading(year=int(code["year"]), rest=rest, ends=ends, **{kind: int(code["number"])})
    for pattern, kind in (
        (_QUARTER, "quarter"),
        (_QUARTER_AFTER, "quarter"),
        (_WEEK, "week"),
        (_MONTH_CODE, "month"),
    ):
        found = pattern.search(text)
        if found and not _has_month(text, months):
            left = text[: found.start()] + " " + text[found.end() :]
            year = _lone_year(left)
            return Heading(year=year, rest=other_words(left, {}), ends=ends, **{kind: int(found[1])})
    return _read_month(text, months, ends)


def _has_month(text: str, months: Mapping[str, int]) -> bool:
    return any(word in months for word in name_words(text))


def _read_month(text: str, months: Mapping[str, int], ends: bool) -> Heading | None:
    tokens = _TOKEN.findall(text)
    named = [token for token in tokens if token in months]
    numbers = [token for token in tokens if not token[0].isalpha()]
    rest = other_words(text, months)
    if len(named) != 1:
        lone = [number for number in numbers if _is_year(number)]
        return Heading(year=int(lone[0]), rest=rest) if len(lone) == len(numbers) == 1 and not named else None
    month = months[named[0]]
    whole = [number for number in numbers if _is_year(number)]
    marked = [number for number in numbers if number[0] in "'’`" and len(number) == 3]
    others = [int(number) for number in numbers if number not in whole + marked]
    year = int(whole[0]) if whole else 2000 + int(marked[0][1:]) if marked else 0
    if len(others) > 2 or any(number > 99 for number in others):
        return None
    if not others:
        return Heading(year=year, month=month, rest=rest, ends=ends)
    if year or len(others) == 2:
        return Heading(year=year or 2000 + others[1], month=month, day=others[0], rest=rest, ends=ends)
    return Heading(month=month, loose=others[0], rest=rest, ends=ends)


def _is_year(token: str) -> bool:
    return len(token) == 4 and token.isdigit() and 1900 <= int(token) <= 2199


def _lone_year(text: str) -> int:
    numbers = re.findall(r"\d+", text)
    if len(numbers) != 1:
        return 0
    return int(numbers[0]) if _is_year(numbers[0]) else 2000 + int(numbers[0]) if len(numbers[0]) == 2 else 0


def other_words(text: str, months: Mapping[str, int] | None = None) -> str:
    """The words of a heading that are neither a month nor say that a period is meant."""
    months = months or {}
    words = [
        word
        for word in re.findall(r"[^\s\d,;|/()\[\]:'’`-][^\s,;|/()\[\]:'’`-]*", _FILLERS.sub(" ", text))
        if word not in months
        and word.rstrip(".") not in months
        and word.strip("._-–'’")
        and not word[0].isdigit()
        and re.sub(r"\d+$", "", word) not in months
        and not re.fullmatch(r"(?i:FY|GJ|WJ)\d{2,4}", word)
    ]
    return " ".join(words).strip(" .,;:-–|/")
