"""The first sheet of the workbook: plan, target and chance, how the year adds up, and why, with charts."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.plan.answer_now import answer_now, say_money
from alignment_lib.answers.plan.bridge import bridge
from alignment_lib.answers.plan.decisions import decisions
from alignment_lib.answers.plan.parts import parts
from alignment_lib.answers.plan.through_the_year import through_the_year
from alignment_lib.answers.tables import Table, list_rows
from alignment_lib.publishing.workbook_cells import clean_text, put_text, set_print
from alignment_lib.rounds.view import RoundView

__all__ = ["write_summary"]

_COLUMNS = 12
_WIDTHS = (50, *(13,) * (_COLUMNS - 1))
_STYLES = {"amount": "amount", "number": "amount", "share": "share", "odds": "chance"}
_INKS = {"plan": "#123F5F", "target": "#8A1C4A", "before": "#B9B6AF", "more": "#0B62A8", "less": "#B54708"}
_CHART_ROWS = 15
_HEAD_HEIGHT = 45


def write_summary(book: Any, sheet: Any, view: RoundView, styles: dict[str, Any]) -> None:
    """The answers of the report's front as tables of real numbers, two of them with a chart of Excel's own.

    Parameters
    ----------
    book, sheet : xlsxwriter objects
        The workbook and its first sheet.
    view : RoundView
        The round.
    styles : dict
        As `make_styles` makes them.
    """
    sheet.hide_gridlines(2)
    for position, width in enumerate(_WIDTHS):
        sheet.set_column(position, position, width)
    now, year, steps = answer_now(view), through_the_year(view), bridge(view)
    title = f"{view.manifest['business']}: plan for {view.round}"
    put_text(sheet, 0, 0, title, styles["title"], styles["title"])
    row = 1
    for said in filter(None, (now.sentence, say_money(now.frame))):
        row = _say(sheet, row, said, styles)
    row = _write_answer(sheet, row + 1, now, styles)
    first = row
    row = _write_answer(sheet, first, year, styles)
    if year.is_answered:
        _draw_year(book, sheet, first, row, year.frame, view)
        row = max(row, first + _CHART_ROWS)
    first = row
    row = _write_answer(sheet, first, steps, styles)
    if steps.is_answered and steps.shown is not None:
        _draw_bridge(book, sheet, first, steps.shown)
        row = max(row, first + _CHART_ROWS)
    for answer in (parts(view, drawn=False), decisions(view)):
        row = _write_answer(sheet, row, answer, styles)
    set_print(sheet, f"Plan {view.round}", landscape=True)
    sheet.fit_to_pages(1, 2)
    sheet.print_area(0, 0, row, _COLUMNS - 1)
    sheet.activate()


def _say(sheet: Any, row: int, text: str, styles: dict[str, Any]) -> int:
    sheet.merge_range(row, 0, row, _COLUMNS - 1, "", styles["said"])
    put_text(sheet, row, 0, text, styles["said"], styles["quoted"])
    return row + 1


def _write_answer(sheet: Any, row: int, answer: Answer, styles: dict[str, Any]) -> int:
    """Heading, sentence and table of an answer; the row after it, with one left free."""
    put_text(sheet, row, 0, answer.title, styles["section"], styles["section"])
    row += 1
    if answer.shown is None:
        return _say(sheet, row, answer.sentence, styles) + 1
    return _write_rows(sheet, row, answer.shown, styles) + 1


def _write_rows(sheet: Any, row: int, shown: Table, styles: dict[str, Any]) -> int:
    """A table of an answer as it is shown, its amounts whole: a workbook needs no thousands."""
    columns = list(shown.columns)[:_COLUMNS]
    sheet.set_row(row, _HEAD_HEIGHT)
    for position, column in enumerate(columns):
        unit = shown.scale.unit.removeprefix("thousand ").removeprefix("million ")
        unit = unit if column.kind == "amount" else column.unit
        text = f"{column.title}, {unit}" if unit else column.title
        put_text(sheet, row, position, text, styles["head"], styles["head"])
    lines = list_rows(shown.rows)
    for line in lines:
        row += 1
        for position, column in enumerate(columns):
            _write_cell(sheet, row, position, line.get(column.key), _STYLES.get(column.kind, "text"), styles)
    if shown.total is not None:
        row += 1
        for position, column in enumerate(columns):
            style = "share" if column.kind == "share" else "total"
            _write_cell(sheet, row, position, shown.total.get(column.key), style, styles)
    return row + 1


def _write_cell(sheet: Any, row: int, position: int, value: Any, style: str, styles: dict[str, Any]) -> None:
    if isinstance(value, pd.Timestamp) and not pd.isna(value):
        sheet.write_datetime(row, position, value.to_pydatetime(), styles["date"])
    elif isinstance(value, int | float) or hasattr(value, "dtype"):
        if math.isfinite(value):
            sheet.write_number(row, position, float(value), styles[style])
    elif value is not None and not pd.isna(value) and str(value):
        put_text(sheet, row, position, str(value), styles[style], styles["quoted"])


def _draw_year(book: Any, sheet: Any, first: int, last: int, frame: pd.DataFrame, view: RoundView) -> None:
    """Running sums as lines; a target is a mark where it is reached."""
    chart = book.add_chart({"type": "line"})
    names = [column for column in ("prior", "plan", "target") if frame[column].notna().any()]
    shown = ["name", "plan", *(["target", "gap"] if "target" in names else []), "prior", "change"]
    top = first + 2
    rows = (top, top + len(frame) - 1)
    words = {"plan": "Sold and planned", "target": "Target", "prior": "Year before"}
    inks = {"plan": _INKS["plan"], "target": _INKS["target"], "prior": _INKS["before"]}
    for name in names:
        at = shown.index(name)
        series: dict[str, Any] = {
            "name": words[name],
            "categories": ["Summary", rows[0], 0, rows[1], 0],
            "values": ["Summary", rows[0], at, rows[1], at],
            "line": {"color": inks[name], "width": 2.25},
        }
        if name == "target":
            series |= {
                "line": {"none": True},
                "marker": {"type": "diamond", "size": 9, "fill": {"color": inks[name]}},
            }
        chart.add_series(series)
    _place(sheet, chart, first, "How the year adds up", view.unit)


def _draw_bridge(book: Any, sheet: Any, first: int, shown: Table) -> None:
    """What each driver and assumption adds or takes, as bars."""
    chart = book.add_chart({"type": "bar"})
    rows = (first + 2, first + 1 + len(shown.rows))
    at = [column.key for column in shown.columns].index("effect")
    chart.add_series(
        {
            "name": "Effect",
            "categories": ["Summary", rows[0], 0, rows[1], 0],
            "values": ["Summary", rows[0], at, rows[1], at],
            "fill": {"color": _INKS["more"]},
            "invert_if_negative": True,
            "invert_if_negative_color": _INKS["less"],
            "gap": 40,
        }
    )
    chart.set_y_axis({"reverse": True, "label_position": "low"})
    chart.set_legend({"none": True})
    _place(sheet, chart, first, "What adds and takes", shown.scale.unit)


def _place(sheet: Any, chart: Any, first: int, title: str, unit: str) -> None:
    chart.set_title({"name": clean_text(f"{title}, {unit}"), "name_font": {"size": 11}})
    chart.set_size({"width": 560, "height": 20 * _CHART_ROWS})
    sheet.insert_chart(first, 6, chart, {"object_position": 1})
