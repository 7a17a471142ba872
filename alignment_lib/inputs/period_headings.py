"""Column headings that are periods: months across, in whatever way they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

__all__ = ["find_months"]

_MONTH_FORMS = ("%Y-%m", "%b %Y", "%B %Y", "%b-%y", "%m/%Y", "%m.%Y", "%Y/%m", "%Y-%m-%d", "%b %y", "%Y%m")


def find_months(columns: Iterable[str]) -> dict[str, pd.Timestamp]:
    """Columns whose names are months, with the first day of each.

    >>> find_months(["product", "Jan 2025", "Feb 2025"])["Feb 2025"]
    Timestamp('2025-02-01 00:00:00')
    """
    names = [name for name in columns if re.search(r"\d", name)]
    best: dict[str, pd.Timestamp] = {}
    for form in _MONTH_FORMS:
        days = pd.to_datetime(pd.Series(names, dtype=object), format=form, errors="coerce")
        found = {name: day.replace(day=1) for name, day in zip(names, days, strict=True) if pd.notna(day)}
        if len(found) > len(best):
            best = found
    return best
