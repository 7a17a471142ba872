"""Tables as HTML: numbers aligned, units in the heading, sums visible, rounding stated.

A table is a frozen description and rows; rendering is a pure function of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.wording import (
    PLAIN,
    Scale,
    write_count,
    write_date,
    write_number,
    write_odds,
    write_share,
)

__all__ = [
    "Column",
    "Table",
    "Written",
    "count_note",
    "list_rows",
    "render_table",
    "render_tables",
    "sum_columns",
]

Kind = Literal["text", "amount", "number", "share", "odds", "date", "mark"]
_NUMERIC = frozenset({"amount", "number", "share", "odds"})
_SHORT = 26
_LONG = 60
"""Letters up to which a row's name stays on one line, and from which on a text needs room on a phone."""


@dataclass(frozen=True)
class Column:
    """How one column is shown.

    Attributes
    ----------
    key : str
        Column of the rows.
    title : str
        Its heading.
    kind : str
        ``text``, ``amount`` (in the table's scale), ``number``, ``share`` (a decimal shown in per cent),
        ``odds``, ``date`` or ``mark`` (a short word set in a box, such as a verdict).
    unit : str
        Set under the heading; amounts take the unit of the scale.
    decimals : int
        For ``number`` and ``share``.
    signed : bool
        Whether a plus is written and the sign coloured.
    below : str
        Key of a text set small under the value.
    """

    key: str
    title: str
    kind: Kind = "text"
    unit: str = ""
    decimals: int = 0
    signed: bool = False
    below: str = ""


@dataclass(frozen=True)
class Written:
    """A cell that is written in its own way: in a unit of its row's own, or as a link.

    Attributes
    ----------
    text : Html or str
        What is shown.
    value : float
        What it is sorted by; NaN where its text says it.
    """

    text: Html | str
    value: float = math.nan

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Table:
    """A table ready to be rendered.

    Attributes
    ----------
    caption : str
        What it shows, in which unit, for which period.
    columns : sequence of Column
        Left to right; the first one heads the rows.
    rows : DataFrame
        One row each, holding the columns' keys.
    scale : Scale
        For amounts.
    total : Mapping, optional
        A last row that stays last when the table is sorted.
    note : str
        Under the table.
    """

    caption: str
    columns: Sequence[Column]
    rows: pd.DataFrame
    scale: Scale = PLAIN
    total: Mapping[str, Any] | None = None
    note: str = ""
    classes: str = field(default="")


def render_table(table: Table) -> Html:
    """The table in a container of its own that scrolls sideways where the screen is narrow."""
    head = tag("tr", *(_heading(column, table.scale) for column in table.columns))
    keys = [key for column in table.columns for key in (column.key, column.below) if key]
    body = [
        _row(dict(zip(keys, values, strict=True)), table)
        for values in zip(*(table.rows[key] for key in keys), strict=True)
    ]
    foot = tag("tfoot", _row(table.total, table)) if table.total is not None else None
    grid = tag(
        "table",
        tag("caption", table.caption),
        tag("thead", head),
        tag("tbody", *body),
        foot,
        class_=f"sortable {table.classes}".strip(),
    )
    note = tag("p", table.note, class_="note") if table.note else None
    box = tag("div", grid, class_="scroll", tabindex="0", role="region", aria_label=table.caption)
    return join([box, note])


def render_tables(*tables: Table | None) -> list[Html]:
    """Those of them that there are."""
    return [render_table(table) for table in tables if table is not None]


def _heading(column: Column, scale: Scale) -> Html:
    unit = scale.unit if column.kind == "amount" else column.unit
    small = tag("small", unit) if unit else None
    kind = "number" if column.kind in _NUMERIC else "words"
    return tag("th", tag("span", column.title), small, scope="col", class_=kind)


def _row(values: Mapping[str, Any], table: Table) -> Html:
    cells = []
    for position, column in enumerate(table.columns):
        value = values.get(column.key)
        if position == 0:
            text = _content(value, column, table.scale)
            short = "short" if len(str(text)) <= _SHORT else None
            small = _small(values.get(column.below))
            cells.append(tag("th", text, small, scope="row", class_=short, data_value=_sort_value(value)))
        else:
            cells.append(_cell(value, values.get(column.below), column, table.scale))
    return tag("tr", *cells)


def _cell(value: Any, below: Any, column: Column, scale: Scale) -> Html:
    classes = ["number" if column.kind in _NUMERIC else "words"]
    content = _content(value, column, scale)
    text, value = str(content), value.value if isinstance(value, Written) else value
    if classes == ["words"] and not isinstance(content, Html) and len(text) > _LONG:
        classes.append("long")
    # What is written as zero has no sign, and no colour either.
    if column.signed and _is_number(value) and any(digit in text for digit in "123456789"):
        classes.append("good" if value > 0 else "bad")
    if column.kind == "mark" and content:
        content = tag("span", content, class_=f"mark {_mark_class(text.lower())}")
    return tag("td", content, _small(below), class_=" ".join(classes), data_value=_sort_value(value))


def _small(below: Any) -> Html | None:
    return tag("small", str(below)) if isinstance(below, str) and below else None


def _mark_class(value: str) -> str:
    known = {
        "supported": "good",
        "accepted": "good",
        "signed": "good",
        "locked": "good",
        "optimistic": "bad",
        "pessimistic": "bad",
        "rejected": "bad",
        "proposed": "wait",
        "no history": "wait",
        "draft": "wait",
        "unreadable": "wait",
    }
    return known.get(value, "plain")


def _content(value: Any, column: Column, scale: Scale) -> Html | str:
    return value.text if isinstance(value, Written) else _write(value, column, scale)


def _write(value: Any, column: Column, scale: Scale) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return "–" if column.kind in _NUMERIC else ""
    if column.kind in _NUMERIC and not _is_number(value):
        return str(value)
    if column.kind == "amount":
        return scale.write(value, signed=column.signed)
    if column.kind == "number":
        return write_number(value, column.decimals, signed=column.signed)
    if column.kind == "share":
        return write_share(value, column.decimals, signed=column.signed)
    if column.kind == "odds":
        return write_odds(value)
    if column.kind == "date" and isinstance(value, pd.Timestamp):
        return write_date(value)
    return str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or hasattr(value, "dtype")


def _sort_value(value: Any) -> str | None:
    if isinstance(value, pd.Timestamp):
        return None if value is pd.NaT else value.isoformat()
    if _is_number(value) and math.isfinite(value):
        return f"{value:.10g}"
    return None


def list_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dicts, columns by name."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def sum_columns(frame: pd.DataFrame, keys: Sequence[str], *, whole: bool = False) -> dict[str, Any]:
    """Sums of columns for a total row; with `whole`, a column with a gap has none."""
    least = len(frame) if whole else 1
    return {key: float(frame[key].sum(min_count=least)) for key in keys}


def count_note(shown: int, of: int, noun: str) -> str:
    """Says that a table was cut, with what it leaves out; empty where it was not."""
    return (
        ""
        if shown >= of
        else f"The {shown} largest of {write_count(of, noun)}; the others are together in one row."
    )
