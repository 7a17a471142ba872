"""What an unknown heading probably means, and whether a table looks like an export that nobody has mapped."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from alignment_lib.inputs.tables.dates import date_form
from alignment_lib.inputs.words.column_words import SURE, load_roles, score_heading
from alignment_lib.inputs.words.period_headings import find_across

__all__ = ["hint_heading", "looks_like_export"]

_KINDS = {"sales": "order_lines", "leads": "leads", "opportunities": "opportunities", "spend": "spend"}
_RENAMED = {"date": "period"}
"""Columns of an export that become another column of the table."""
_FEWEST_ACROSS = 3


def hint_heading(heading: str, table: str, absent: Collection[str]) -> str:
    """The column that a heading of another system names, among those the table still lacks; blank for none.

    >>> [hint_heading(text, "sales", ["period", "revenue"]) for text in ("Woche", "Net sales", "Shelf")]
    ['period', 'revenue', '']
    """
    best, found = SURE, ""
    for role in load_roles().get(_KINDS.get(table, ""), ()):
        column = role.name if role.name in absent else _RENAMED.get(role.name, role.name)
        score = score_heading(heading, role)
        if column in absent and score >= best and (score > best or not found):
            best, found = score, column
    return found


def looks_like_export(columns: Sequence[str], table: str, known: Collection[str]) -> bool:
    """Whether a table is probably another system's export: periods across, or headings of its own throughout.

    >>> looks_like_export(["Order date", "Channel", "Quantity", "Net amount"], "sales", ["period", "units"])
    True
    """
    strange = [name for name in columns if name not in known]
    if table not in _KINDS or "period" in columns or not strange:
        return False
    if len(find_across(list(columns)).periods) >= _FEWEST_ACROSS or any(map(date_form, columns)):
        return True
    if len(strange) < max(2, len(columns) / 2):
        return False
    return sum(bool(hint_heading(name, table, known)) for name in strange) >= 2
