"""How dates and figures are written, proposed from all columns that hold them, with what reads both ways."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.export_dates import find_date_forms
from alignment_lib.inputs.export_numbers import find_number_forms
from alignment_lib.inputs.exports import Export

__all__ = ["choose_date", "choose_marks"]


def choose_date(export: Export, columns: list[str], doubts: list[str]) -> str:
    """The form of all date columns together; a doubt where none or several fit."""
    if not columns:
        return "%Y-%m-%d"
    values = pd.concat([export.table[name] for name in columns])
    forms = find_date_forms(values)
    if not forms:
        doubts.append("the dates are not all written in one form this knows; set `date`, such as %d.%m.%Y")
        return "%Y-%m-%d"
    if len(forms) > 1:
        doubts.append(f"the dates can be read as {' and as '.join(forms)}; {forms[0]} was taken")
    return forms[0]


def choose_marks(export: Export, columns: list[str], doubts: list[str]) -> tuple[str, str]:
    """The decimal and thousands mark of all columns of figures; a doubt where none or several fit."""
    if not columns:
        return ".", ""
    values = pd.concat([export.table[name] for name in columns])
    forms = find_number_forms(values)
    if not forms:
        doubts.append(
            "not all figures are numbers in one form; correct them, or set `decimal` and `thousands`"
        )
        return ".", ""
    marked = values.str.contains(r"[.,]").any()
    if marked and len({form for form in forms if _is_distinct(form, forms)}) > 1:
        example = values[values.str.contains("[.,]")].iloc[0]
        doubts.append(f"figures such as {example} can be read in two ways; set `decimal` and `thousands`")
    return forms[0]


def _is_distinct(form: tuple[str, str], forms: list[tuple[str, str]]) -> bool:
    """Whether a form reads marks otherwise than one with the same decimal and no thousands."""
    return not form[1] or (form[0], "") not in forms
