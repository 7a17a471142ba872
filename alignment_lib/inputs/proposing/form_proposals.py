"""How dates and figures are written, proposed from all columns that hold them, with what reads both ways."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.export_dates import best_date_form, find_date_forms
from alignment_lib.inputs.words.export_numbers import best_number_form, find_number_forms
from alignment_lib.inputs.written_numbers import Said

__all__ = ["choose_date", "choose_marks"]

_MOST = 0.5
"""Share of the dates that a form must read to be proposed though it does not read all."""


def choose_date(export: Export, columns: list[str], doubts: list[str]) -> str:
    """The form of all date columns together; a doubt where none or several fit."""
    if all((export.table[name] == "").all() for name in columns):
        return "%Y-%m-%d"
    words = [pd.Series(export.table[name].unique(), dtype=object) for name in columns]
    values = pd.concat(words)
    forms = find_date_forms(values)
    if not forms:
        return _doubt_dates(columns, words, doubts)
    if len(forms) > 1:
        doubts.append(f"the dates can be read as {' and as '.join(forms)}; {forms[0]} was taken")
    return forms[0]


def _doubt_dates(columns: list[str], words: list[pd.Series], doubts: list[str]) -> str:
    """No form reads all: columns that are written differently, or cells that are no dates, are named."""
    apart = {name: find_date_forms(values) for name, values in zip(columns, words, strict=True)}
    form, share = best_date_form(pd.concat(words))
    if all(forms or not (values != "").any() for forms, values in zip(apart.values(), words, strict=True)):
        said = " and ".join(f"{name!r} as {forms[0]}" for name, forms in apart.items() if forms)
        doubts.append(f"the columns of dates are written in different forms, {said}; write them in one form")
    elif share >= _MOST:
        bad = next(name for name, forms in apart.items() if not forms)
        doubts.append(
            f"not all dates of {bad!r} are written {form} ({Said(share):.0%} of all are); correct the others"
        )
    else:
        most = (
            f"most are {form}: correct the others, or set `date`" if share else "set `date`, such as %d.%m.%Y"
        )
        doubts.append(f"the dates are not all written in one form this knows; {most}")
    return form


def choose_marks(export: Export, columns: list[str], doubts: list[str]) -> tuple[str, str]:
    """The decimal and thousands mark of all columns of figures; a doubt where none or several fit."""
    if not columns:
        return ".", ""
    values = pd.concat([pd.Series(export.table[name].unique(), dtype=object) for name in columns])
    forms = find_number_forms(values)
    if not forms:
        # The form of most, so that the import names the cells that are bad rather than the first good one.
        best, _ = best_number_form(values)
        doubts.append(
            f"not all figures are numbers in one form; most are with decimal {best[0]!r} and thousands "
            f"{best[1]!r}: correct the others, or set `decimal` and `thousands`"
        )
        return best
    marked = values.str.contains(r"[.,]").any()
    if marked and len({form for form in forms if _is_distinct(form, forms)}) > 1:
        example = values[values.str.contains("[.,]")].iloc[0]
        doubts.append(f"figures such as {example} can be read in two ways; set `decimal` and `thousands`")
    return forms[0]


def _is_distinct(form: tuple[str, str], forms: list[tuple[str, str]]) -> bool:
    """Whether a form reads marks otherwise than one with the same decimal and no thousands."""
    return not form[1] or (form[0], "") not in forms
