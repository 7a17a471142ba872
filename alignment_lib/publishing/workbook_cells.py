"""Cells of our workbooks: real numbers and dates, inert text, headings that repeat on paper.

Nothing is a formula. Text is written as text whatever it begins with, and a quote prefix keeps it text when
someone edits the cell or saves the sheet as CSV.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

__all__ = [
    "OVERRIDE",
    "WHY",
    "clean_text",
    "make_styles",
    "open_book",
    "put_text",
    "set_print",
    "write_table",
]

OVERRIDE, WHY = "override", "why"
"""The marked columns of sheets that are typed into: a value instead, and the reason for it."""

_MOST_TEXT = 32_000
_MOST_PRINTED = 150
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
# What XML 1.0 cannot hold; Excel would call the file damaged.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def open_book(buffer: io.BytesIO, title: str, as_of: pd.Timestamp, comments: str = "") -> Any:
    """A workbook in which every text stays text; created on the as-of date, so that its bytes repeat."""
    import xlsxwriter

    never = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers", "nan_inf_to_errors")
    given = {"in_memory": True, "default_date_format": "yyyy-mm-dd", **dict.fromkeys(never, False)}
    book = xlsxwriter.Workbook(buffer, given)
    created = dt.datetime.combine(as_of.date(), dt.time())
    book.set_properties({"title": clean_text(title), "created": created, "comments": comments})
    return book


def make_styles(book: Any) -> dict[str, Any]:
    """Formats that every workbook of ours uses, by name."""
    return {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}),
        "text": book.add_format({"num_format": "@", "valign": "top"}),
        "quoted": book.add_format({"num_format": "@", "valign": "top", "quote_prefix": True}),
        "wrapped": book.add_format({"num_format": "@", "valign": "top", "text_wrap": True}),
        "amount": book.add_format({"num_format": "#,##0"}),
        "fine": book.add_format({"num_format": "#,##0.00"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "chance": book.add_format({"num_format": "0%"}),
        "total": book.add_format({"bold": True, "top": 1, "num_format": "#,##0"}),
        "section": book.add_format({"bold": True, "font_size": 12}),
        "said": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "marked head": book.add_format(
            {"bold": True, "bottom": 1, "valign": "bottom", "bg_color": "#F5D76E", "locked": False}
        ),
        "marked": book.add_format({"bg_color": "#FCF3CF", "num_format": "#,##0.00", "locked": False}),
        "marked text": book.add_format({"bg_color": "#FCF3CF", "num_format": "@", "locked": False}),
    }


def write_table(
    sheet: Any, frame: pd.DataFrame, styles: dict[str, Any], caption: str, marked: bool = False
) -> None:
    """A frame as a sheet: headings, filter, real numbers and dates, inert text, the caption as footer."""
    for position, name in enumerate(frame.columns):
        column = frame[name]
        put_text(sheet, 0, position, str(name), styles["head"], styles["head"])
        sheet.set_column(position, position, _width(column, str(name)))
        _write_column(sheet, position, column, styles)
    if frame.columns.empty:
        put_text(sheet, 0, 0, "Nothing to show in this round.", styles["text"], styles["text"])
    else:
        if marked:
            _mark(sheet, len(frame), len(frame.columns), styles)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1 + 2 * marked)
        sheet.repeat_rows(0)
        if len(frame) > _MOST_PRINTED:
            # A long table is for reading by machine; on paper its beginning shows what it holds.
            sheet.print_area(0, 0, _MOST_PRINTED, len(frame.columns) - 1 + 2 * marked)
            caption = f"{caption}: the first {_MOST_PRINTED} of {len(frame):,} rows"
    set_print(sheet, caption, landscape=True)


def _mark(sheet: Any, rows: int, first: int, styles: dict[str, Any]) -> None:
    """Two empty columns in colour, for a value of one's own and the reason for it."""
    for at, (name, style, width) in enumerate(((OVERRIDE, "marked", 14), (WHY, "marked text", 40))):
        sheet.set_column(first + at, first + at, width)
        put_text(sheet, 0, first + at, name, styles["marked head"], styles["marked head"])
        for row in range(1, rows + 1):
            sheet.write_blank(row, first + at, None, styles[style])
    numbers = {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15}
    said = {"error_title": "A number is needed", "error_message": "Type the value itself, without its unit."}
    sheet.data_validation(1, first, rows, first, {**numbers, **said})


def _write_column(sheet: Any, position: int, column: pd.Series[Any], styles: dict[str, Any]) -> None:
    """Write the filled cells of one column under its heading, each as what it is."""
    filled = column.reset_index(drop=True).dropna()
    cells = zip((filled.index + 1).tolist(), filled.tolist(), strict=True)
    if pd.api.types.is_datetime64_any_dtype(column):
        for row, date in cells:
            sheet.write_datetime(row, position, date.to_pydatetime(), styles["date"])
    elif pd.api.types.is_bool_dtype(column):
        for row, flag in cells:
            sheet.write_boolean(row, position, flag)
    elif pd.api.types.is_numeric_dtype(column):
        _write_numbers(sheet, position, cells, styles[_number_style(column)])
    else:
        for row, text in cells:
            if text != "":
                put_text(sheet, row, position, str(text), styles["text"], styles["quoted"])


def _write_numbers(sheet: Any, position: int, cells: Iterable[tuple[int, float]], style: Any) -> None:
    for row, number in cells:
        if math.isfinite(number):
            sheet.write_number(row, position, number, style)


def _number_style(column: pd.Series[Any]) -> str:
    name = str(column.name)
    if name == "probability" or name.endswith(("_share", "_rate")):
        return "share"
    return "amount" if float(column.abs().max()) >= 1000 else "fine"


def put_text(sheet: Any, row: int, position: int, text: str, plain: Any, quoted: Any) -> None:
    """Text as text, whatever it begins with."""
    text = clean_text(text)
    sheet.write_string(row, position, text, quoted if text.startswith(_RISKY) else plain)


def clean_text(text: str) -> str:
    """Text as a workbook can hold it."""
    text = _UNWRITABLE.sub("\ufffd", text)
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"


def _width(column: pd.Series[Any], name: str) -> int:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return max(12, len(name) + 3)
    longest = max((len(str(value)) for value in column.head(200) if value is not None), default=0)
    return min(60, max(10, longest + 1, len(name) + 3))


def set_print(sheet: Any, caption: str, *, landscape: bool) -> None:
    """Print set-up: A4, one page wide, the caption and page numbers at the foot."""
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    # An ampersand would begin a code of the footer's own language.
    sheet.set_footer(f"&L{caption.replace('&', '&&')}&RPage &P of &N")
