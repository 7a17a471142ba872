"""The sheet that is sent: rows to read, two columns to answer in, inert and protected."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

from alignment_lib.app.collecting.asked import Recipient
from alignment_lib.inputs.tables.inert_text import would_run
from alignment_lib.planning.round.lifecycle import LONGEST_REASON
from alignment_lib.rounds.round_answers import PLAN

__all__ = ["ABOUT", "ANSWERS", "FACTS", "build_sheet"]

ANSWERS, ABOUT = "Answers", "About"
FACTS = ("Round", "Unit", "Plan", "Asked", "Log lines")
"""What the sheet About says, by which a returned sheet is known."""
_CREATED = dt.datetime(2026, 1, 1)
"""Stated in the file instead of the clock, so that the same content gives the same bytes."""
_WIDTHS = {
    "id": 10, "title": 34, "claim": 34, "evidence": 44, "record of the owner": 28, "last round": 32,
    "reason given": 34, "said so far": 30, "decision": 13, "comment": 44, "by": 22, "reading": 9,
}  # fmt: skip
_HOW = (
    "Write accept or reject into the column decision; for a rejection say why in the column comment.",
    "A comment alone is kept beside the claim. The row plan is signed by writing sign.",
    "In the column by stands the role that answers, such as head of sales; never a person's name.",
    "All other cells are locked: a claim itself is changed in the register of assumptions, not here.",
    "Save the file as .xlsx and send it back as it is.",
)


def build_sheet(recipient: Recipient, facts: Mapping[str, str], days: Mapping[str, str]) -> bytes:
    """The workbook for one recipient.

    Parameters
    ----------
    recipient : Recipient
        Who is asked what.
    facts : mapping of str to str
        `FACTS`, by which the sheet is known when it comes back.
    days : mapping of str to str
        Words to days of the round, as ``2026-01-31``.
    """
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"Answers of {recipient.role}", "created": _CREATED})
    forms = _formats(book)
    _write_answers(book.add_worksheet(ANSWERS), recipient, forms)
    about = book.add_worksheet(ABOUT)
    about.set_column(0, 0, 18, forms["locked"])
    about.set_column(1, 1, 90, forms["locked"])
    lines = [*facts.items(), *days.items(), *(("", line) for line in _HOW)]
    for at, (name, text) in enumerate(lines):
        about.write_string(at, 0, name, forms["head"] if name else forms["locked"])
        about.write_string(at, 1, text, forms["quoted" if would_run(text) else "locked"])
    about.protect("")
    book.close()
    return buffer.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    text = {"num_format": "@", "text_wrap": True, "valign": "top"}
    return {
        "head": book.add_format({"bold": True, "bg_color": "#D9E2EC", "bottom": 1, "valign": "top"}),
        "answer": book.add_format({"bold": True, "bg_color": "#FBE7B2", "bottom": 1, "valign": "top"}),
        "locked": book.add_format(text),
        "quoted": book.add_format(text | {"quote_prefix": True}),
        "number": book.add_format({"valign": "top"}),
        "faint": book.add_format({"num_format": "@", "font_color": "#8A8F96", "valign": "top"}),
        "open": book.add_format(text | {"locked": False, "bg_color": "#FFFBEB", "border": 1}),
        "open quoted": book.add_format(
            text | {"locked": False, "bg_color": "#FFFBEB", "border": 1, "quote_prefix": True}
        ),
    }


def _write_answers(sheet: Any, recipient: Recipient, forms: Mapping[str, Any]) -> None:
    shown = list(recipient.rows[0].shown)
    headings = [*shown, "decision", "comment", "by", "reading"]
    for at, name in enumerate(headings):
        sheet.set_column(at, at, _WIDTHS.get(name, 11))
        is_open = name in ("decision", "comment", "by")
        sheet.write_string(0, at, name, forms["answer" if is_open else "head"])
    at = len(shown)
    for line, row in enumerate(recipient.rows, start=1):
        for column, value in enumerate(row.shown.values()):
            _write(sheet, line, column, value, forms)
        by = recipient.role if not recipient.function else ""
        for column, text in ((at, ""), (at + 1, ""), (at + 2, by)):
            sheet.write_string(line, column, text, forms["open quoted" if would_run(text) else "open"])
        sheet.write_string(line, at + 3, row.terms, forms["faint"])
        words = ["sign"] if row.shown["id"] == PLAN else ["accept", "reject"]
        if row.function:
            sheet.data_validation(line, at, line, at, _rule(words))
    long = {"validate": "length", "criteria": "<=", "value": LONGEST_REASON, "ignore_blank": True}
    sheet.data_validation(1, at + 1, len(recipient.rows), at + 1, long)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    allowed = ("format_cells", "format_columns", "format_rows", "sort", "autofilter")
    sheet.protect("", dict.fromkeys(allowed, True))


def _write(sheet: Any, line: int, column: int, value: str | float, forms: Mapping[str, Any]) -> None:
    if isinstance(value, float):
        sheet.write_number(line, column, value, forms["number"])
    else:
        sheet.write_string(line, column, value, forms["quoted" if would_run(value) else "locked"])


def _rule(words: list[str]) -> dict[str, Any]:
    said = " or ".join(words)
    error = f"Write {said}, or leave the cell empty; all else belongs into the column comment."
    return {"validate": "list", "source": words, "error_title": "decision", "error_message": error}
