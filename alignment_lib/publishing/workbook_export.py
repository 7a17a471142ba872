"""The plan as an Excel workbook for finance: real numbers and dates, every text inert.

Nothing in it is a formula. Text is written as text whatever it begins with, and a quote prefix keeps it
text when someone edits the cell or saves the sheet as CSV.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.round_days import round_title
from alignment_lib.rounds.result import RoundResult

__all__ = ["OVERRIDE", "WHY", "WORKBOOK_TABLES", "export_workbook", "make_styles", "put_text", "write_table"]

OVERRIDE, WHY = "override", "why"
"""The marked columns of the plan and assumptions sheets: a value instead, and the reason for it."""

_MARKED = ("Plan", "Assumptions")
_MOST_ROWS = 20_000
_MOST_TEXT = 32_000
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
# What XML 1.0 cannot hold; Excel would call the file damaged.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_DEFINITIONS = (
    ("baseline", "What is expected without new marketing action."),
    ("plan", "The baseline with the driver calendar and the assumptions that count in the scenario."),
    (
        "p2_5 to p97_5",
        "Quantiles of what may come: p10 is the value undercut one time in ten. They do not add up.",
    ),
    ("revenue", "The plan in money, where a price is known."),
    ("effect", "What one driver or assumption adds to the plan; all effects add up to plan less baseline."),
    ("driver:<column>", "A row of the bridge that stands for the driver calendar, not for an assumption."),
    (
        "price_revenue",
        "What a contributor's price does to revenue, beside its volume at regular prices.",
    ),
    ("target", "What leadership asks for; not part of the plan."),
    ("probability", "Share of simulated outcomes at or above the target."),
    ("low, expected, high", "The 10 % point, the most likely value and the 90 % point of a claim."),
    ("verdict", "The claim set beside history: supported, optimistic, pessimistic or no history."),
    (
        "supported, standard_error, events",
        "What history or a study supports of the claim, how sure that is, and from how many past events.",
    ),
    (
        "already_in_plan, overlap_units",
        "Whether the driver calendar or another assumption holds part of the claim, and how many units.",
    ),
    ("span, start", "What a row sums: the round, a quarter, a month or a year; and its first day."),
    (
        "cohort, age, repeat_rate",
        "Customers by their first purchase, spans since, and the share who bought again.",
    ),
    (
        "override, why",
        "Marked columns: type a plan or a value of your own and the reason; alignment import-overrides "
        "brings them back into the workspace. Nothing else that is typed here is read.",
    ),
    ("consensus", "Scenario that counts accepted assumptions and the driver calendar."),
    ("as_proposed", "Scenario that counts proposed and accepted assumptions."),
    ("evidence_weighted", "The same rows as as_proposed, at the values that history supports."),
)
_SHEETS = (
    ("plan", "Plan", "The plan of the headline scenario by period and series."),
    ("bridge", "Bridge", "What each driver and assumption adds, by period and series, headline scenario."),
    (
        "level_bridge",
        "Bridge by level",
        "The bridge summed: all sales and each part, by quarter and year, volume and price in money apart.",
    ),
    ("odds", "Odds", "Quantiles and the chance of the target by level and span, headline scenario."),
    ("assumptions", "Assumptions", "The register as used."),
    ("evidence", "Evidence", "What history says of each assumption."),
    ("cohorts", "Cohorts", "Customers who bought again, by the span of their first purchase."),
)

WORKBOOK_TABLES = tuple(name for name, _, _ in _SHEETS)
"""Published tables the workbook is made of."""

_WHERE_FILLED = ("level_bridge", "cohorts")
"""Sheets that are left out where there is nothing to show."""


def export_workbook(result: RoundResult, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """The round's workbook: contents, plan, bridge, odds, assumptions, evidence, definitions.

    Parameters
    ----------
    result : RoundResult
        For the words on the contents sheet; its `as_of` is the workbook's creation date.
    tables : Mapping of str to DataFrame
        The tables as they are written to the snapshot.

    Returns
    -------
    bytes
        The same for the same content. A sheet of more than 20,000 rows is summed over periods first and
        says so on the contents sheet.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "constant_memory": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    created = dt.datetime.combine(result.as_of.date(), dt.time())
    book.set_properties(
        {"title": _clean(f"Plan {result.round}"), "created": created, "comments": "Numbers only."}
    )
    styles = make_styles(book)
    sheets = [
        (title, *_fit(name, tables.get(name, pd.DataFrame()), result), purpose)
        for name, title, purpose in _SHEETS
        if name not in _WHERE_FILLED or len(tables.get(name, ()))
    ]
    _write_contents(book.add_worksheet("Contents"), result, sheets, styles)
    for title, frame, note, _ in sheets:
        marked = title in _MARKED and len(frame) > 0 and not note
        write_table(book.add_worksheet(title), frame, styles, _caption(title, result), marked)
    definitions = pd.DataFrame(_DEFINITIONS, columns=["word", "meaning"])
    write_table(book.add_worksheet("Definitions"), definitions, styles, "Definitions")
    book.close()
    return buffer.getvalue()


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
        "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "marked head": book.add_format(
            {"bold": True, "bottom": 1, "valign": "bottom", "bg_color": "#F5D76E", "locked": False}
        ),
        "marked": book.add_format({"bg_color": "#FCF3CF", "num_format": "#,##0.00", "locked": False}),
        "marked text": book.add_format({"bg_color": "#FCF3CF", "num_format": "@", "locked": False}),
    }


def _fit(name: str, table: pd.DataFrame, result: RoundResult) -> tuple[pd.DataFrame, str]:
    """Keep the headline scenario of long tables, and sum over periods what is still too long."""
    if "scenario" in table.columns:
        table = table[table["scenario"] == result.headline]
    if len(table) <= _MOST_ROWS:
        return table.reset_index(drop=True), ""
    keys = [key for key in ("scenario", "assumption", *result.dimensions) if key in table.columns]
    amounts = [key for key in ("baseline", "plan", "revenue", "effect") if key in table.columns]
    if name in ("plan", "bridge"):
        summed = table.groupby(keys, as_index=False, sort=True)[amounts].sum(min_count=1)
        if len(summed) <= _MOST_ROWS:
            return summed, f"summed over the horizon: {len(table):,} rows are too many for a sheet"
        return _sum_broad(
            summed, keys, amounts, result
        ), f"summed by {result.dimensions[0]} for the same reason"
    if name == "level_bridge":
        return _keep_dimensions(table, result.dimensions)
    return table.head(_MOST_ROWS).reset_index(drop=True), f"the first {_MOST_ROWS:,} of {len(table):,} rows"


def _keep_dimensions(table: pd.DataFrame, dimensions: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """All sales and the members of the dimensions with the fewest, as many as a sheet takes."""
    named = {name: table[name].notna() & (table[name] != "") for name in dimensions}
    kept = ~pd.concat(named.values(), axis=1).any(axis=1)
    left = sorted(dimensions, key=lambda name: int(named[name].sum()))
    while left and int((kept | named[left[0]]).sum()) <= _MOST_ROWS:
        kept |= named[left.pop(0)]
    return table[kept].reset_index(
        drop=True
    ), f"without the members of {', '.join(left)}, too many for a sheet"


def _sum_broad(
    table: pd.DataFrame, keys: Sequence[str], amounts: Sequence[str], result: RoundResult
) -> pd.DataFrame:
    kept = [key for key in keys if key not in result.dimensions[1:]]
    return table.groupby(kept, as_index=False, sort=True)[list(amounts)].sum(min_count=1).head(_MOST_ROWS)


def _caption(title: str, result: RoundResult) -> str:
    return f"{title}, {result.round}"


def _say_round(result: RoundResult) -> str:
    """The round, with its first and last day where its name alone does not say them."""
    stated = result.parameters.get("calendar")
    return round_title(Calendar(**stated), result.round) if stated else result.round


def _write_contents(
    sheet: Any, result: RoundResult, sheets: Sequence[tuple[Any, ...]], styles: dict[str, Any]
) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    put_text(sheet, 0, 0, f"Plan {result.round}", styles["title"], styles["title"])
    facts = [
        ("Business", result.business),
        ("Unit", result.unit),
        ("Round", _say_round(result)),
        ("Scenario", result.headline),
        ("Measure", result.measure),
        ("Currency", result.currency),
        ("As of", result.as_of.date().isoformat()),
    ]
    rows = [*facts, ("", "")]
    rows += [
        (title, f"{purpose} {note and note.capitalize() + '.'}".strip()) for title, _, note, purpose in sheets
    ]
    rows.append(("Definitions", "What the columns mean."))
    for number, (name, text) in enumerate(rows, start=2):
        if name in {title for title, *_ in sheets} | {"Definitions"}:
            sheet.write_url(number, 0, f"internal:'{name}'!A1", string=name)
        else:
            put_text(sheet, number, 0, name, styles["text"], styles["quoted"])
        put_text(sheet, number, 1, text, styles["wrapped"], styles["quoted"])
    _set_print(sheet, "Contents", landscape=False)


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
    _set_print(sheet, caption, landscape=True)


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
    text = _clean(text)
    sheet.write_string(row, position, text, quoted if text.startswith(_RISKY) else plain)


def _clean(text: str) -> str:
    text = _UNWRITABLE.sub("\ufffd", text)
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"


def _width(column: pd.Series[Any], name: str) -> int:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return max(12, len(name) + 3)
    longest = max((len(str(value)) for value in column.head(200) if value is not None), default=0)
    return min(60, max(10, longest + 1, len(name) + 3))


def _set_print(sheet: Any, caption: str, *, landscape: bool) -> None:
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    # An ampersand would begin a code of the footer's own language.
    sheet.set_footer(f"&L{caption.replace('&', '&&')}&RPage &P of &N")
