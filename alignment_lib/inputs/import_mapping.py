"""What each column of an export is for: proposed from names and contents.

A proposal never hides a doubt. Where an export can be read in two ways the mapping lists the doubt, and
it is not applied until the user has settled it in the file.
"""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.inputs.dictionary import reserved_names
from alignment_lib.inputs.export_forms import find_date_forms, find_number_forms
from alignment_lib.inputs.export_names import COLUMN_NAMES
from alignment_lib.inputs.exports import Export
from alignment_lib.inputs.mapping_files import ImportMapping
from alignment_lib.inputs.period_headings import find_months
from alignment_lib.inputs.problems import InputError, Problem

__all__ = ["propose_mapping"]

_NEEDED = {"order_lines": ("date",), "leads": ("lead_id", "created", "source")}
_DATES = ("date", "created", "accepted_at", "opportunity_at", "closed_at")
_FIGURES = ("units", "revenue", "amount")
_BROAD = ("country", "region", "market", "store", "shop", "branch", "channel", "category", "brand", "product")
_NOT_A_DIMENSION = re.compile(
    r"\b(id|no|nr|number|e-?mail|phone|name|order|invoice|address|zip|postcode|comment|note|nummer|owner)\b",
    re.IGNORECASE,
)
_MOST_VALUES = 200
_MOST_DIMENSIONS = 4
_WON = re.compile(r"(closed )?won|customer|order(ed)?|gewonnen|kunde|sold", re.IGNORECASE)
_LOST = re.compile(
    r"(closed )?lost|reject(ed)?|disqualified|unqualified|junk|no interest|verloren|abgelehnt", re.IGNORECASE
)


def propose_mapping(export: Export, kind: str = "") -> ImportMapping:
    """Propose what each column is for.

    Parameters
    ----------
    export : Export
        The table as text.
    kind : str
        One of `KINDS`; found out where blank.

    Raises
    ------
    InputError
        An export that is none of the three, or lacks what its kind needs.
    """
    kind = kind or _guess_kind(export)
    if kind == "pivot":
        return _propose_pivot(export)
    columns = _match_names(export, kind)
    missing = [name for name in _NEEDED[kind] if name not in columns]
    if kind == "order_lines" and not {"units", "revenue"} & set(columns):
        missing.append("units or revenue")
    if missing:
        found = f"the columns {', '.join(export.columns)[:200]}"
        mend = f"rename the column that is the {missing[0]} and import again"
        raise InputError([Problem(export.file, found, f"a column for {', '.join(missing)}", mend)])
    doubts: list[str] = []
    date = _choose_date(export, [columns[name] for name in _DATES if name in columns], doubts)
    decimal, thousands = _choose_marks(
        export, [columns[name] for name in _FIGURES if name in columns], doubts
    )
    outcomes = _read_outcomes(export, columns.get("status"))
    taken = set(columns.values())
    dimensions = _find_dimensions(export, taken) if kind == "order_lines" else {}
    if kind == "order_lines" and not dimensions:
        doubts.append("no column was found that could be a dimension; name at least one under [dimensions]")
    return ImportMapping(
        kind,
        columns,
        dimensions,
        "units",
        date,
        decimal,
        thousands,
        "week",
        outcomes,
        tuple(export.columns),
        tuple(doubts),
    )


def _guess_kind(export: Export) -> str:
    if len(find_months(export.columns)) >= 3:
        return "pivot"
    leads, lines = _match_names(export, "leads"), _match_names(export, "order_lines")
    if {"source", "created"} <= set(leads) and (
        "status" in leads or "lead" in " ".join(export.columns).lower()
    ):
        return "leads"
    if "date" in lines and {"units", "revenue"} & set(lines):
        return "order_lines"
    found = f"the columns {', '.join(export.columns)[:200]}"
    expected = (
        "order lines (date, quantity or amount), a pivot with months across, or leads (id, created, source)"
    )
    raise InputError(
        [Problem(export.file, found, expected, "say which it is with --kind, or rename the columns")]
    )


def _match_names(export: Export, kind: str) -> dict[str, str]:
    """Contract's column to export's, the exact name first, each column used once."""
    plain = {name: re.sub(r"[_\s]+", " ", name).strip().lower() for name in export.columns}
    found: dict[str, str] = {}
    for role, words in COLUMN_NAMES[kind].items():
        for word in words:
            match = next(
                (name for name, text in plain.items() if text == word and name not in found.values()), None
            )
            if match is not None:
                found[role] = match
                break
    return found


def _propose_pivot(export: Export) -> ImportMapping:
    months = find_months(export.columns)
    doubts: list[str] = []
    if len(months) < 2:
        raise InputError(
            [Problem(export.file, "no columns that are months", "months across, as 2025-01", "rename them")]
        )
    decimal, thousands = _choose_marks(export, list(months), doubts)
    named = [
        name
        for name in export.columns
        if name not in months and not re.search("total|sum", name, re.IGNORECASE)
    ]
    text = [name for name in named if not find_number_forms(export.table[name])]
    dimensions = {_dimension_name(name): name for name in text}
    fractions = (
        export.table[list(months)]
        .apply(lambda column: column.str.contains(re.escape(decimal) + r"\d"))
        .any()
        .any()
    )
    measure = "revenue" if fractions else "units"
    doubts.append(f"the figures were taken for {measure}; say units or revenue under `measure`")
    return ImportMapping(
        "pivot",
        {},
        dimensions,
        measure,
        "",
        decimal,
        thousands,
        "month",
        {},
        tuple(export.columns),
        tuple(doubts),
    )


def _choose_date(export: Export, columns: list[str], doubts: list[str]) -> str:
    values = pd.concat([export.table[name] for name in columns])
    forms = find_date_forms(values)
    if not forms:
        doubts.append("the dates are not all written in one form this knows; set `date`, such as %d.%m.%Y")
        return "%Y-%m-%d"
    if len(forms) > 1:
        doubts.append(f"the dates can be read as {' and as '.join(forms)}; {forms[0]} was taken")
    return forms[0]


def _choose_marks(export: Export, columns: list[str], doubts: list[str]) -> tuple[str, str]:
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


def _read_outcomes(export: Export, status: str | None) -> dict[str, str]:
    if status is None:
        return {}
    words = sorted(word for word in export.table[status].unique() if word)
    return {
        word: "won" if _WON.fullmatch(word) else "lost" if _LOST.fullmatch(word) else "" for word in words
    }


def _find_dimensions(export: Export, taken: set[str]) -> dict[str, str]:
    """Text columns with few values, the broadest first."""
    sizes = {}
    for name in export.columns:
        if name in taken or _NOT_A_DIMENSION.search(name.replace("_", " ")):
            continue
        values = export.table[name]
        if find_number_forms(values) or find_date_forms(values):
            continue
        count = values.nunique()
        if 1 <= count <= min(_MOST_VALUES, max(2, len(values) // 4)):
            sizes[name] = count
    order = sorted(sizes, key=lambda name: (_breadth(name), sizes[name], name))
    return {_dimension_name(name): name for name in order[:_MOST_DIMENSIONS]}


def _breadth(name: str) -> int:
    plain = name.lower()
    return next((place for place, word in enumerate(_BROAD) if word in plain), len(_BROAD))


def _dimension_name(column: str) -> str:
    name = re.sub(r"\W+", "_", column.lower()).strip("_") or "part"
    return f"sales_{name}" if name in reserved_names() else name
