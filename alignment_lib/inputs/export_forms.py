"""How numbers and dates are written in an export, told from all values of a column."""

from __future__ import annotations

import re

import pandas as pd

__all__ = [
    "DATE_FORMS",
    "find_date_forms",
    "find_number_forms",
    "parse_days",
    "parse_figures",
    "strip_currency",
]

DATE_FORMS = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d %b %Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y"),
)
"""Forms tried, days first before months first."""
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AaPp][Mm])?(Z|[+-]\d{2}:?\d{2})?$")
_CURRENCY = re.compile(r"^\s*(?:[$€£¥]|[A-Z]{3})\s*|\s*(?:[$€£¥]|[A-Z]{3})\s*$")
_NUMBERS = {
    (".", ""): r"[+-]?(\d+(\.\d*)?|\.\d+)",
    (",", ""): r"[+-]?(\d+(,\d*)?|,\d+)",
    (".", ","): r"[+-]?\d{1,3}(,\d{3})*(\.\d*)?",
    (",", "."): r"[+-]?\d{1,3}(\.\d{3})*(,\d*)?",
    (".", " "): "[+-]?\\d{1,3}([ \u00a0\u202f]\\d{3})*(\\.\\d*)?",
    (",", " "): "[+-]?\\d{1,3}([ \u00a0\u202f]\\d{3})*(,\\d*)?",
    (".", "'"): r"[+-]?\d{1,3}('\d{3})*(\.\d*)?",
}


def strip_currency(values: pd.Series) -> pd.Series:
    """Texts without a currency sign or code before or after the figure.

    >>> strip_currency(pd.Series(["€ 12.50", "3 EUR"])).tolist()
    ['12.50', '3']
    """
    return values.str.replace(_CURRENCY, "", regex=True)


def find_number_forms(values: pd.Series) -> list[tuple[str, str]]:
    """Every pair of decimal and thousands mark in which all values can be read; empty where none fits.

    >>> find_number_forms(pd.Series(["1.234,50", "7"]))
    [(',', '.')]
    """
    words = strip_currency(values[values != ""]).drop_duplicates()
    if words.empty:
        return []
    return [form for form, pattern in _NUMBERS.items() if words.str.fullmatch(pattern).all()]


def find_date_forms(values: pd.Series) -> list[str]:
    """Every form in which all values are dates, a time of day behind them left aside.

    >>> find_date_forms(pd.Series(["13.02.2025", "01.03.2025 08:15"]))
    ['%d.%m.%Y']
    """
    words = values[values != ""].str.replace(_TIME, "", regex=True).drop_duplicates()
    if words.empty:
        return []
    return [form for form in DATE_FORMS if _reads_all(words, form)]


def _reads_all(words: pd.Series, form: str) -> bool:
    parsed = pd.to_datetime(words, format=form, errors="coerce")
    return bool(parsed.notna().all() and parsed.dt.year.between(1900, 2199).all())


def parse_days(values: pd.Series, form: str) -> pd.Series:
    """Days in the given form, NaT where a value is not one."""
    return pd.to_datetime(values.str.replace(_TIME, "", regex=True), format=form, errors="coerce")


def parse_figures(values: pd.Series, decimal: str, thousands: str) -> pd.Series:
    """Numbers in the given form, NaN where a value is not one."""
    words = strip_currency(values)
    good = words.str.fullmatch(_NUMBERS.get((decimal, thousands), "(?!)"))
    plain = words.str.replace("[ \u00a0\u202f]", "", regex=True)
    if thousands.strip():
        plain = plain.str.replace(thousands, "", regex=False)
    if decimal == ",":
        plain = plain.str.replace(",", ".", regex=False)
    return pd.to_numeric(plain.where(good), errors="coerce")
