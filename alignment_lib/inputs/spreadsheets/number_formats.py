"""Number formats of office programs: what they do to the number that is shown.

A number format is a small language (ECMA-376 part 1, 18.8.31): up to four sections parted by semicolons
(positive, negative, zero, text), in which quoted text, escaped marks, padding and bracketed conditions are
shown or obeyed but never calculated with. Only a percent sign outside of these scales by a hundred.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["currency_of", "scales_by_hundred"]

_LITERAL = re.compile(r'"[^"]*"?|\\.|[_*].|\[[^\]]*\]')
"""Quoted text, an escaped mark, padding by a mark's width, a fill mark, a bracketed code."""
_BRACKETED = re.compile(r"\[\$([^\]\-]+)(?:-[^\]]*)?\]")
_QUOTED = re.compile(r'"([^"]*)"|\\(.)')
_SIGN = re.compile(r"[$€£¥₹₽₺₩₪₫₴₦₱฿]|\b[A-Z]{3}\b|\bkr\b|\bzł\b|\bKč\b|\bFt\b|\bR\$")


def scales_by_hundred(code: str, value: float) -> bool:
    r"""Whether the office program multiplies `value` by a hundred to show it.

    >>> scales_by_hundred("0.0%", 0.15), scales_by_hundred('0"%"', 15.0), scales_by_hundred(r"0\%", 15.0)
    (True, False, False)
    """
    sections = _percent_sections(code)
    if len(sections) == 1 or value > 0:
        return sections[0]
    if value == 0 and len(sections) > 2:
        return sections[2]
    return sections[1] if value < 0 else sections[0]


@lru_cache(maxsize=1024)
def _percent_sections(code: str) -> tuple[bool, ...]:
    """For each section whether it holds a percent sign that scales."""
    return tuple("%" in section for section in _LITERAL.sub("", code).split(";"))


@lru_cache(maxsize=1024)
def currency_of(code: str) -> str:
    """The currency a format shows, as it shows it; blank where it shows none.

    >>> currency_of("#,##0.00 [$€-407]"), currency_of('#,##0 "CHF"'), currency_of("0.00")
    ('€', 'CHF', '')
    """
    bracketed = _BRACKETED.search(code)
    if bracketed:
        return bracketed[1].strip()
    shown = " ".join(part[0] or part[1] for part in _QUOTED.findall(code))
    plain = _LITERAL.sub(" ", code)
    found = _SIGN.search(shown) or re.search(r"[$€£¥₹₽₺₩₪₫₴₦₱฿]", plain)
    return found[0] if found else ""
