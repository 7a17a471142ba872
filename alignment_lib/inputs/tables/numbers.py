"""Text to numbers, strictly by the declared form."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from alignment_lib.inputs.configuration.format_settings import FormatSettings
from alignment_lib.inputs.tables.raw import Column, PercentCell

__all__ = ["Numbers", "explain_number", "parse_numbers"]

LARGEST = 1e18
"""No business counts further; whole numbers are exact up to here."""
_GUESSES = (
    (re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+"), ",", "."),
    (re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+"), ".", ","),
    (re.compile(r"[+-]?\d{1,3}(,\d{3}){2,}"), ".", ","),
    (re.compile(r"[+-]?\d{1,3}(\.\d{3}){2,}"), ",", "."),
    (re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+,\d+"), ",", " "),
    (re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+(\.\d+)?"), ".", " "),
    (re.compile(r"[+-]?\d{1,3}(['\u2019]\d{3})+(\.\d+)?"), ".", "'"),
    (re.compile(r"[+-]?\d{1,2}(,\d{2})+,\d{3}(\.\d+)?"), ".", ","),
)


@dataclass(frozen=True)
class Numbers:
    """Parsed values (NaN where missing or bad), where the fault lies, and which cells were percentages."""

    values: np.ndarray
    bad: np.ndarray
    percent: np.ndarray


def parse_numbers(column: Column, form: FormatSettings) -> Numbers:
    """Parse a column of any raw kind to float64.

    Text must be digits in the declared form; a blank is missing; what is beyond `LARGEST` is a fault.
    """
    if isinstance(column, np.ndarray):
        return _from_cells(column, form)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _from_text(column, form)
    return _from_typed(column)


def _from_text(column: pa.ChunkedArray, form: FormatSettings) -> Numbers:
    values, good = _convert(column, form)
    if not good.all():
        # Only now look closer: spaces around a number are no fault, and blanks are missing.
        trimmed = _plain(pc.utf8_trim_whitespace(column), form)
        values, good = _convert(trimmed, form)
        blank = pc.equal(trimmed, "").to_numpy(zero_copy_only=False)
        good |= np.asarray(blank, dtype=bool)
    return Numbers(values, ~good, np.zeros(len(values), dtype=bool))


def _plain(column: pa.ChunkedArray, form: FormatSettings) -> pa.ChunkedArray:
    """Figures with an ASCII minus in front; blank where the declared words for nothing stand."""
    column = pc.replace_substring(column, "\u2212", "-")
    if form.thousands == "'":
        column = pc.replace_substring(column, "\u2019", "'")
    if form.negative == "trailing":
        column = pc.replace_substring_regex(column, r"^([0-9].*)-$", r"-\1")
    if form.negative == "brackets":
        column = pc.replace_substring_regex(column, r"^\(\s*([0-9.,].*)\)$", r"-\1")
    if form.nothing:
        is_nothing = pc.is_in(column, value_set=pa.array(form.nothing, column.type))
        column = pc.if_else(is_nothing, pa.scalar("", column.type), column)
    return column


def _convert(column: pa.ChunkedArray, form: FormatSettings) -> tuple[np.ndarray, np.ndarray]:
    """Values where the whole text matches the declared form, NaN elsewhere; and which matched."""
    matches = pc.fill_null(pc.match_substring_regex(column, _pattern(form)), False)
    if form.thousands:
        column = pc.replace_substring(column, form.thousands, "")
        if form.thousands == " ":
            column = pc.replace_substring_regex(column, "[\u00a0\u202f]", "")
    if form.decimal == ",":
        column = pc.replace_substring(column, ",", ".")
    # Not null but "nan": pyarrow before 24 reads the text under a null, too, and stops at it.
    numbers = pc.cast(pc.if_else(matches, column, pa.scalar("nan", column.type)), pa.float64())
    values = numbers.to_numpy()
    good = np.asarray(matches.to_numpy(zero_copy_only=False), dtype=bool) & ~_is_beyond(values)
    return np.where(good, values, np.nan), good


def _is_beyond(values: np.ndarray) -> np.ndarray:
    """Too large to be counted: whole numbers are no longer exact, and squares would overflow at last."""
    return np.asarray(np.abs(values) > LARGEST, dtype=bool)


def _pattern(form: FormatSettings) -> str:
    decimal = re.escape(form.decimal)
    plain = rf"[0-9]+(?:{decimal}[0-9]*)?|{decimal}[0-9]+"
    if form.thousands:
        mark = "[ \u00a0\u202f]" if form.thousands == " " else re.escape(form.thousands)
        plain = rf"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+(?:{decimal}[0-9]*)?|{plain}"
        if form.thousands == ",":
            # India groups by two above the thousand: 1,23,456.
            plain = rf"[0-9]{{1,2}}(?:,[0-9]{{2}})*,[0-9]{{3}}(?:{decimal}[0-9]*)?|{plain}"
    return rf"^[+-]?(?:{plain})(?:[eE][+-]?[0-9]{{1,3}})?$"


def _from_typed(column: pa.ChunkedArray) -> Numbers:
    kind = column.type
    none = np.zeros(len(column), dtype=bool)
    if pa.types.is_null(kind):
        return Numbers(np.full(len(column), np.nan), none, none)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return Numbers(np.full(len(column), np.nan), np.asarray(column.is_valid().to_numpy()), none)
    values = np.array(column.cast(pa.float64(), safe=False).to_numpy(), dtype=float)
    bad = _is_beyond(values)
    values[bad] = np.nan
    return Numbers(values, bad, none)


def _from_cells(column: np.ndarray, form: FormatSettings) -> Numbers:
    is_text = np.array([isinstance(cell, str) for cell in column], dtype=bool)
    is_number = np.array(
        [isinstance(cell, int | float) and not isinstance(cell, bool) for cell in column], dtype=bool
    )
    missing = np.array([cell is None for cell in column], dtype=bool)
    values = np.full(len(column), np.nan)
    values[is_number] = [float(cell) for cell in column[is_number]]
    bad = ~(is_text | is_number | missing) | _is_beyond(values)
    if is_text.any():
        parsed = _from_text(pa.chunked_array([pa.array(list(column[is_text]), pa.string())]), form)
        values[is_text] = parsed.values
        bad[is_text] = parsed.bad
    percent = np.array([isinstance(cell, PercentCell) for cell in column], dtype=bool)
    return Numbers(np.where(bad, np.nan, values), bad, percent)


def explain_number(text: str, form: FormatSettings) -> tuple[str, str]:
    """What was expected instead of `text`, and how to mend it.

    >>> explain_number("1.234,56", FormatSettings())[1]
    'declare decimal = "," and thousands = "." under [format] in planning.toml, or write 1234.56'
    """
    if re.fullmatch(_pattern(form), text):
        return (
            f"a number between −{LARGEST:.0e} and {LARGEST:.0e}",
            "write it in a larger unit, such as thousands",
        )
    expected = f"a number written like 1234{form.decimal}56"
    if form.thousands:
        expected += f" or 1{form.thousands}234{form.decimal}56"
    for pattern, decimal, thousands in _GUESSES:
        if pattern.fullmatch(text) and (decimal, thousands) != (form.decimal, form.thousands):
            digits = re.sub(r"[ \u00a0\u202f'\u2019]", "", text).replace(thousands, "")
            plain = digits.replace(decimal, form.decimal)
            declare = f'thousands = "{thousands}"'
            if decimal != form.decimal:
                declare = f'decimal = "{decimal}" and ' + declare
            return expected, f"declare {declare} under [format] in planning.toml, or write {plain}"
    return expected, _mend_number(text, form)


def _mend_number(text: str, form: FormatSettings) -> str:
    other = "," if form.decimal == "." else "."
    if re.fullmatch(rf"[+-]?\d*{re.escape(other)}\d+", text):
        if re.fullmatch(rf"[+-]?\d{{1,3}}{re.escape(other)}\d{{3}}", text):
            return (
                f"say what the mark is under [format] in planning.toml: "
                f'decimal = "{other}" or thousands = "{other}"'
            )
        return f'declare decimal = "{other}" under [format] in planning.toml'
    if re.fullmatch(r"\d[\d.,' \u2019]*-", text):
        return 'declare negative = "trailing" under [format] in planning.toml, or write the minus in front'
    if re.fullmatch(r"\(\s*[\d.,' \u2019]+\s*\)", text):
        return 'declare negative = "brackets" under [format] in planning.toml, or write a minus in front'
    if re.fullmatch(r"[-\u2013\u2014]+", text):
        return f'declare nothing = ["{text}"] under [format] in planning.toml, or leave the cell empty'
    if re.fullmatch(r"[+-]?[\d.,]+\s*%", text):
        return "write the figure without the % sign (90 in a percent column, 0.9 in a share)"
    if re.fullmatch(r"[^\d\s+-]{1,3}\s*[\d.,]+|[\d.,]+\s*[^\d\s]{1,3}", text):
        return "write the figure alone, without currency or unit"
    return "write digits only, or leave the cell empty where the value is not known"
