"""The plan as an Excel workbook: a first sheet that answers, then every number for finance, text inert."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.round_days import round_title
from alignment_lib.publishing.workbook_cells import (
    make_styles,
    open_book,
    put_text,
    set_print,
    write_table,
)
from alignment_lib.publishing.workbook_months import MONTHS, list_months, write_months
from alignment_lib.publishing.workbook_summary import write_summary
from alignment_lib.rounds.files.manifest import describe_round
from alignment_lib.rounds.result import RoundResult
from alignment_lib.rounds.view import view_tables

__all__ = ["WORKBOOK_TABLES", "export_workbook"]

_MARKED = ("Plan", "Assumptions")
_MOST_ROWS = 20_000

_DEFINITIONS = (
    ("baseline", "What is expected without new marketing action."),
    ("plan", "The baseline with the driver calendar and the assumptions that count in the scenario."),
    (
        "p2_5 to p97_5",
        "Quantiles of what may come: p10 is the value undercut one time in ten. They do not add up.",
    ),
    ("revenue", "The plan in money, where a price is known."),
    ("margin", "Revenue less unit costs and promotion funding, where costs are known."),
    ("profit", "Margin less overhead and marketing spend: profit after marketing."),
    ("effect", "What one driver or assumption adds to the plan; all effects add up to plan less baseline."),
    ("driver:<column>", "A row of the bridge that stands for the driver calendar, not for an assumption."),
    (
        "price_revenue",
        "What a contributor's price does to the plan in money, beside its volume at regular prices.",
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
        "Marked columns: type a plan or a value of your own and the reason, by month and part or by period "
        "and series; alignment import-overrides brings them back into the workspace. Nothing else is read.",
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
    (
        "money_odds",
        "Money",
        "Revenue, margin and profit after marketing by level and span with their odds, headline scenario.",
    ),
    (
        "profit_bridge",
        "Bridge in profit",
        "From the baseline's profit to the plan's, by level, quarter and year.",
    ),
    ("promotion_profit", "Promotions", "What every promotion earned or lost; no break-even where none is."),
    ("assumptions", "Assumptions", "The register as used."),
    ("evidence", "Evidence", "What history says of each assumption."),
    ("cohorts", "Cohorts", "Customers who bought again, by the span of their first purchase."),
)

WORKBOOK_TABLES = (
    *(name for name, _, _ in _SHEETS),
    "history",
    "targets",
    "consequences",
    "combinations",
    "switches",
)
"""Published tables the workbook is made of."""

_WHERE_FILLED = ("level_bridge", "money_odds", "profit_bridge", "promotion_profit", "cohorts")
"""Sheets that are left out where there is nothing to show."""


def export_workbook(result: RoundResult, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """The round's workbook: summary, contents, months, plan, bridge, odds, register, definitions.

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
    buffer = io.BytesIO()
    book = open_book(buffer, f"Plan {result.round}", result.as_of, "Numbers only.")
    styles = make_styles(book)
    sheets = [
        (title, *_fit(name, tables.get(name, pd.DataFrame()), result), purpose)
        for name, title, purpose in _SHEETS
        if name not in _WHERE_FILLED or len(tables.get(name, ()))
    ]
    if len(tables.get("plan", ())):
        view = view_tables(describe_round(result), tables)
        write_summary(book, book.add_worksheet("Summary"), view, styles)
        months = list_months(view)
        said = "The plan by month, to be typed over for all series of a part at once."
        sheets = [(MONTHS, months, "", said), *sheets] if len(months) else sheets
    _write_contents(book.add_worksheet("Contents"), result, sheets, styles)
    for title, frame, note, _ in sheets:
        if title == MONTHS:
            write_months(book.add_worksheet(title), frame, styles, _caption(title, result))
            continue
        marked = title in _MARKED and len(frame) > 0 and not note
        write_table(book.add_worksheet(title), frame, styles, _caption(title, result), marked)
    definitions = pd.DataFrame(_DEFINITIONS, columns=["word", "meaning"])
    write_table(book.add_worksheet("Definitions"), definitions, styles, "Definitions")
    book.close()
    return buffer.getvalue()


def _fit(name: str, table: pd.DataFrame, result: RoundResult) -> tuple[pd.DataFrame, str]:
    """Keep the headline scenario of long tables, and sum over periods what is still too long."""
    if "scenario" in table.columns:
        table = table[table["scenario"] == result.headline]
    if name == "promotion_profit":
        table = table.replace([np.inf, -np.inf], np.nan)
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
    set_print(sheet, "Contents", landscape=False)
