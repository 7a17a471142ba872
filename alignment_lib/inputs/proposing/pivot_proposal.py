"""Proposing a mapping for a table with periods across."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.reading.table_totals import says_total
from alignment_lib.inputs.reading.wider_columns import find_run
from alignment_lib.inputs.words.export_numbers import best_number_form, find_currency_marks, find_number_forms
from alignment_lib.inputs.words.period_headings import find_across
from alignment_lib.inputs.words.row_words import name_kind

__all__ = ["find_labels", "propose_pivot"]

_MONEY = ("revenue", "money")


def find_labels(export: Export) -> list[str]:
    """Columns of a pivot that name its rows: texts, and whole numbers that stand before the periods."""
    across = find_across(export.columns)
    first = min(export.columns.index(name) for name in across.periods)
    found = []
    for at, name in enumerate(export.columns):
        values = export.table[name]
        if name in across.periods or name in across.wider or not (values != "").any():
            continue
        form, share = best_number_form(values)
        if _are_percentages(values):
            continue
        # A sum of months bears whole figures too, as a key does.
        if share == 1.0 and find_run(export.table, name, list(across.periods), form):
            continue
        if share < 1.0 or (at < first and not says_total(name) and values.str.fullmatch(r"\d*").all()):
            found.append(name)
    return found


def _are_percentages(values: pd.Series) -> bool:
    return bool(values[values != ""].str.endswith("%").all())


def propose_pivot(export: Export, dimension_name: object) -> ImportMapping:
    """Propose labels, measure and marks of a pivot.

    Parameters
    ----------
    export : Export
    dimension_name : callable
        The name of a dimension for a column's heading.
    """
    across = find_across(export.columns)
    if len(across.periods) < 2 or across.grain == "year":
        found = "no columns that are months, weeks or quarters"
        raise InputError([Problem(export.file, found, "periods across, as 2025-01", "rename them")])
    doubts: list[str] = []
    decimal, thousands = _choose_marks(export, list(across.periods), doubts)
    dimensions = {dimension_name(name): name for name in find_labels(export)}  # type: ignore[operator]
    measure = _guess_measure(export, list(across.periods), decimal)
    doubts.append(f"the figures were taken for {measure}; say units or revenue under `measure`")
    return ImportMapping(
        "pivot",
        {},
        dimensions,
        measure,
        "",
        decimal,
        thousands,
        across.grain if across.grain in ("week", "month", "quarter") else "week",
        {},
        tuple(export.columns),
        tuple(doubts),
    )


def _choose_marks(export: Export, names: list[str], doubts: list[str]) -> tuple[str, str]:
    values = pd.concat([export.table[name] for name in names], ignore_index=True)
    values = values[~values.str.endswith("%")]
    forms = find_number_forms(values)
    form, share = best_number_form(values)
    if share == 0.0:
        return form
    if not forms:
        doubts.append(
            f"not all figures are numbers in one form; most are with decimal = {form[0]!r}, "
            f"thousands = {form[1]!r}: correct the others, or set `decimal` and `thousands`"
        )
        return form
    marked = values[values.str.contains(r"\d[.,]\d", regex=True)]
    distinct = {one for one in forms if not one[1] or (one[0], "") not in forms}
    if len(marked) and len(distinct) > 1:
        doubts.append(
            f"figures such as {marked.iloc[0]} can be read in two ways; set `decimal` and `thousands`"
        )
    return forms[0]


def _guess_measure(export: Export, names: list[str], decimal: str) -> str:
    """Money where a title or a heading says so, or figures bear decimals."""
    words = " ".join([*export.title_texts, *names])
    said = {kind for word in words.split() for kind in [name_kind(word)] if kind}
    if said & set(_MONEY) and "units" not in said:
        return "revenue"
    if any((find_currency_marks(export.table[name]) != "").any() for name in names):
        return "revenue"
    fractions = any(
        export.table[name].str.contains(rf"{'[.]' if decimal == '.' else ','}\d").any() for name in names
    )
    return "revenue" if fractions else "units"
