"""Numbers as text, one way for sentences, tables and charts: a true minus, a thin space before per cent."""

from __future__ import annotations

import math

__all__ = ["MINUS", "NO_NUMBER", "PER_CENT", "Said"]

MINUS = "\u2212"
"""The minus sign; a hyphen is shorter, and a line may break after it."""

PER_CENT = "\u202f%"
"""Per cent after its number, with a thin space at which no line breaks (ISO 80000-1: a space comes first)."""

NO_NUMBER = "\u2013"
"""What stands where there is no number."""


class Said(float):
    """A number that writes itself our way in an f-string, by Python's own formats.

    What rounds to zero has no sign, since nobody can tell which it had.

    >>> f"{Said(-1234.6):,.0f} and {Said(0.0):+,.0f}"
    '−1,235 and 0'
    >>> f"{Said(0.524):.0%}".replace(PER_CENT, " %"), f"{Said('nan'):.1f}"
    ('52 %', '–')
    """

    def __format__(self, spec: str) -> str:
        """The number by a format of Python's, with our minus and our per cent."""
        if not math.isfinite(self):
            return NO_NUMBER
        text = super().__format__(spec)
        if not any(digit in text for digit in "123456789"):
            text = text.lstrip("+-")
        return text.replace("-", MINUS).replace("%", PER_CENT)
