"""How figures are written in an export: marks, grouping, signs and currencies, told from all values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from alignment_lib.inputs.tables.distinct_words import distinct_words
from alignment_lib.inputs.words.currency_words import currency_pattern

__all__ = [
    "Figures",
    "best_number_form",
    "find_currency_marks",
    "find_number_forms",
    "has_only_figures",
    "parse_figures",
    "read_figures",
]

_GROUPS = r"[0-9]{1,3}(?:MARK[0-9]{3})*"
_LAKHS = r"[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}"
"""India groups by two above the thousand: 1,23,456."""
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,3})?"
_NUMBERS = {
    (".", ""): rf"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+){_EXPONENT}",
    (",", ""): rf"(?:[0-9]+(?:,[0-9]*)?|,[0-9]+){_EXPONENT}",
    (".", ","): rf"(?:{_GROUPS.replace('MARK', ',')}|{_LAKHS}|[0-9]+)(?:\.[0-9]*)?",
    (",", "."): rf"(?:{_GROUPS.replace('MARK', '[.]')}|[0-9]+)(?:,[0-9]*)?",
    (".", " "): rf"(?:{_GROUPS.replace('MARK', ' ')}|[0-9]+)(?:\.[0-9]*)?",
    (",", " "): rf"(?:{_GROUPS.replace('MARK', ' ')}|[0-9]+)(?:,[0-9]*)?",
    (".", "'"): rf"(?:{_GROUPS.replace('MARK', chr(39))}|[0-9]+)(?:\.[0-9]*)?",
    (",", "'"): rf"(?:{_GROUPS.replace('MARK', chr(39))}|[0-9]+)(?:,[0-9]*)?",
}
_CENTS = "[0-9][0-9.,' ]*[.,][0-9]{2}"
_PLAIN = r"^[+-]?[0-9]+(?:[.,][0-9]*)?$"
_NOTHING = r"^(?:-+|(?i:[ns]/[ad]|k\.\s?a\.?|n\.\s?[adv]\.?|null|none|nan))$"
"""Dashes and the words that databases write where there is no value."""


@dataclass(frozen=True)
class Figures:
    """A column of figures.

    Attributes
    ----------
    values : ndarray
        NaN where there is none.
    bad : ndarray
        Cells that hold something which is no number in the form.
    """

    values: np.ndarray
    bad: np.ndarray


def _unique(values: pd.Series) -> tuple[np.ndarray, pa.Array]:
    codes, words = distinct_words(values)
    return codes, pa.array(words, pa.string())


def _tidy(words: pa.Array) -> pa.Array:
    """Words with a plain minus in front, without currency; ``""`` for dashes that stand for nothing."""
    plain = pc.match_substring_regex(words, _PLAIN)
    if pc.all(plain).as_py() or not len(words):
        return words
    rest = pc.filter(words, pc.invert(plain))
    # Typographic forms first, so that one pattern serves for all: narrow spaces, wide digits, true minus.
    rest = pc.utf8_trim_whitespace(pc.utf8_normalize(rest, "NFKC"))
    rest = pc.replace_substring_regex(rest, "[’‘ʼ´`]", "'")
    rest = pc.replace_substring_regex(rest, "[−‐‑‒–—﹣]", "-")
    signs, letters = currency_pattern(letters=False), currency_pattern(letters=True)
    rest = pc.replace_substring_regex(rest, rf"^([(+-]?)\s*(?:{signs})\s*", r"\1")
    rest = pc.replace_substring_regex(rest, rf"\s*(?:{signs})\s*([)-]?)$", r"\1")
    # Letters are money with a space or with cents beside them: PEN12 and TOP5 are names.
    rest = pc.replace_substring_regex(rest, rf"^([(+-]?)\s*(?:{letters})\.?\s+", r"\1")
    rest = pc.replace_substring_regex(rest, rf"\s+(?:{letters})\s*([)-]?)$", r"\1")
    rest = pc.replace_substring_regex(rest, rf"^([(+-]?)(?:{letters})([+-]?{_CENTS}[)-]?)$", r"\1\2")
    rest = pc.replace_substring_regex(rest, rf"^([(+-]?{_CENTS})(?:{letters})([)-]?)$", r"\1\2")
    # "12.–" and "12,-" are whole amounts of money, not negative ones.
    rest = pc.replace_substring_regex(rest, r"([0-9])[.,]-+\s*$", r"\1")
    rest = pc.replace_substring_regex(rest, r"^\(\s*(.*[0-9.,])\s*\)$", r"-\1")
    rest = pc.replace_substring_regex(rest, r"^([0-9]|[^+-].*[0-9.,])\s*-$", r"-\1")
    rest = pc.replace_substring_regex(rest, r"^([+-])\s+", r"\1")
    rest = pc.replace_substring_regex(rest, _NOTHING, "")
    return pc.replace_with_mask(words, pc.invert(plain), rest)


def find_currency_marks(values: pd.Series) -> pd.Series:
    """The currency mark of each cell, ``""`` where it bears none.

    >>> find_currency_marks(pd.Series(["€10", "5 USD", "7"])).tolist()
    ['€', 'USD', '']
    """
    codes, words = _unique(values)
    if pc.all(pc.match_substring_regex(words, _PLAIN)).as_py():
        return pd.Series("", index=values.index, dtype=object)
    plain = pc.utf8_trim_whitespace(pc.utf8_normalize(words, "NFKC"))
    signs, letters = currency_pattern(letters=False), currency_pattern(letters=True)
    patterns = (
        rf"^[(+-]?\s*(?P<mark>{signs})\s*[(+-]?[0-9.,]",
        rf"[0-9.,]\s*-?\s*(?P<mark>{signs})\s*[)-]?$",
        rf"^[(+-]?\s*(?P<mark>{letters})\.?\s+[(+-]?[0-9.,]",
        rf"[0-9.,]\s*-?\s+(?P<mark>{letters})\s*[)-]?$",
        rf"^[(+-]?(?P<mark>{letters})[+-]?{_CENTS}[)-]?$",
        rf"^[(+-]?{_CENTS}(?P<mark>{letters})[)-]?$",
    )
    parts = [pc.struct_field(pc.extract_regex(plain, pattern), 0) for pattern in patterns]
    found = pc.coalesce(*parts, pa.scalar(""))
    listed = np.array(found.to_pylist(), dtype=object)
    return pd.Series(listed[codes] if len(codes) else listed, index=values.index, dtype=object)


def has_only_figures(values: pd.Series) -> bool:
    """Whether every cell is digits with at most one mark: nothing else, no currency, is to be looked for.

    >>> has_only_figures(pd.Series(["12.50", "-3"])), has_only_figures(pd.Series(["12.50", "€ 3"]))
    (True, False)
    """
    return bool(pc.all(pc.match_substring_regex(_unique(values)[1], _PLAIN)).as_py())


def _reads(words: pa.Array, form: tuple[str, str]) -> pa.Array:
    return pc.match_substring_regex(words, f"^[+-]?{_NUMBERS[form]}$")


def find_number_forms(values: pd.Series) -> list[tuple[str, str]]:
    """Every pair of decimal and thousands mark in which all values can be read; empty where none fits.

    >>> find_number_forms(pd.Series(["1.234,50", "7"]))
    [(',', '.')]
    >>> find_number_forms(pd.Series(["1,23,456.50", "(12.00)", "--"]))
    [('.', ',')]
    """
    words = _filled(values)
    if not len(words):
        return []
    return [form for form in _NUMBERS if pc.all(_reads(words, form)).as_py()]


def _filled(values: pd.Series) -> pa.Array:
    words = _tidy(_unique(values)[1])
    return pc.unique(pc.filter(words, pc.not_equal(words, "")))


def best_number_form(values: pd.Series) -> tuple[tuple[str, str], float]:
    """The form that reads most of the different figures, and which share of them it reads.

    >>> best_number_form(pd.Series(["1.234,50", "7,5", "seven"]))
    ((',', '.'), 0.6666666666666666)
    """
    words = _filled(values)
    if not len(words):
        return (".", ""), 0.0
    shares = {form: pc.mean(_reads(words, form).cast(pa.float64())).as_py() for form in _NUMBERS}
    best = max(shares, key=lambda form: shares[form])
    return best, float(shares[best])


def read_figures(values: pd.Series, decimal: str, thousands: str) -> Figures:
    """Figures in the given form, with the cells that are none."""
    codes, words = _unique(values)
    if not len(codes):
        return Figures(np.zeros(0), np.zeros(0, dtype=bool))
    words = _tidy(words)
    form = (decimal, thousands)
    good = _reads(words, form) if form in _NUMBERS else pa.array(np.zeros(len(words), dtype=bool))
    plain = words
    if thousands:
        plain = pc.replace_substring(plain, thousands, "")
    if decimal == ",":
        plain = pc.replace_substring(plain, ",", ".")
    plain = pc.replace_substring_regex(plain, "^[+]", "")
    numbers = pc.cast(pc.if_else(good, plain, pa.scalar(None, pa.string())), pa.float64())
    found = numbers.to_numpy(zero_copy_only=False)
    bad = np.isnan(found) & np.asarray(pc.not_equal(words, "").to_numpy(zero_copy_only=False))
    return Figures(found[codes], bad[codes])


def parse_figures(values: pd.Series, decimal: str, thousands: str) -> pd.Series:
    """Numbers in the given form, NaN where a value is not one.

    >>> parse_figures(pd.Series(["1'234.50", "–", "12.00-"]), ".", "'").tolist()
    [1234.5, nan, -12.0]
    """
    return pd.Series(read_figures(values, decimal, thousands).values, index=values.index)
