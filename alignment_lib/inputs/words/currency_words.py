"""Currency marks and codes before or after a figure, from the locale data of Unicode (CLDR)."""

from __future__ import annotations

import re
from functools import cache

from alignment_lib.inputs.words.month_words import official_languages

__all__ = ["currency_code", "currency_pattern"]

_BESIDE = {"Rs.": "INR", "Rs": "", "Fr.": "CHF", "SFr.": "CHF", "sFr.": "CHF", "TL": "TRY", "kr.": ""}
"""Marks that business software writes and CLDR does not hold; blank where several currencies bear them."""
_MONEY = "$£¥€¢₤￥￡"


@cache
def _marks() -> dict[str, frozenset[str]]:
    """Every mark with the currencies it may stand for. Single letters are none: K and M mean thousands."""
    from babel import Locale

    found: dict[str, set[str]] = {}
    for name in official_languages():
        for code, symbol in Locale.parse(name).currency_symbols.items():
            mark = re.sub("[\u200b-\u200f\u061c]", "", symbol).replace("\u00a0", " ").replace("\u202f", " ")
            if mark and not (len(mark) == 1 and mark.isascii() and mark.isalpha()):
                found.setdefault(mark, set()).add(code)
    for code in map(str, Locale.parse("en").currencies):
        found.setdefault(code, set()).add(code)
    for mark, code in _BESIDE.items():
        found.setdefault(mark, set()).update({code} if code else {"", mark})
    found.setdefault("R", set()).add("ZAR")
    return {mark: frozenset(codes) for mark, codes in found.items()}


@cache
def currency_pattern(*, letters: bool) -> str:
    """An alternation of the marks of letters alone, or of all others, the longest first."""
    marks = [mark for mark in _marks() if mark.replace(".", "").isalpha() == letters]
    marks.sort(key=lambda mark: (-len(mark), mark))
    return "|".join(re.escape(mark).replace("\\ ", " ") for mark in marks)


@cache
def currency_code(mark: str) -> str:
    """The code of the one currency that bears a mark, else the mark itself, which is then a name of its own.

    >>> currency_code("€"), currency_code("JPY"), currency_code("$"), currency_code("kr")
    ('EUR', 'JPY', '$', 'kr')
    """
    if re.fullmatch("[A-Z]{3}", mark):
        return mark
    codes = _marks().get(mark, frozenset())
    return next(iter(codes)) if len(codes) == 1 and mark not in _MONEY.replace("€", "") else mark
