"""Applying a mapping: an export becomes the table of the contract, with everything left out counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.calendar import Calendar
from alignment_lib.inputs.exports import Export, parse_days, parse_figures
from alignment_lib.inputs.import_mapping import ImportMapping, find_months
from alignment_lib.inputs.problems import InputError, Notice, Problem, ProblemLog, counted

__all__ = ["Imported", "apply_mapping"]

_SHORT = {"week": 2, "month": 5}
"""Days that may lack at the end of the last period: weekends and holidays without orders."""


@dataclass(frozen=True)
class Imported:
    """Tables made from an export.

    Attributes
    ----------
    tables : dict of str to DataFrame
        By name of the contract, such as ``sales``; dates as ISO text.
    notices : tuple of Notice
        What was left out, added up or filled in.
    """

    tables: Mapping[str, pd.DataFrame]
    notices: tuple[Notice, ...]


def apply_mapping(export: Export, mapping: ImportMapping) -> Imported:
    """Turn the export into tables of the contract.

    Raises
    ------
    InputError
        Columns the export lacks, and every cell that cannot be read.
    """
    _check_columns(export, mapping)
    log = ProblemLog()
    if export.titles:
        log.note("titles", f"{counted(export.titles, 'row')} above the header left out.", export.titles)
    if export.totals:
        log.note("totals", f"{counted(export.totals, 'row')} of totals left out.", export.totals)
    make = {"order_lines": _from_lines, "pivot": _from_pivot, "leads": _from_leads}[mapping.kind]
    tables = make(export, mapping, log)
    log.raise_if_any()
    return Imported(tables, tuple(log.notices))


def _check_columns(export: Export, mapping: ImportMapping) -> None:
    problems: list[Problem] = []
    for name in [*mapping.columns.values(), *mapping.dimensions.values()]:
        if name not in export.columns:
            found = f"the columns {', '.join(export.columns)[:160]}"
            problems.append(
                Problem(export.file, found, f"a column {name!r}", "correct the mapping", column=name)
            )
    if problems:
        raise InputError(problems)


def _days(export: Export, column: str, form: str, log: ProblemLog, *, needed: bool) -> pd.Series:
    days = parse_days(export.table[column], form)
    bad = days.isna() if needed else days.isna() & (export.table[column] != "")
    _report(export, column, bad, f"a date written {form}", "correct it, or change `date` in the mapping", log)
    return days


def _figures(export: Export, column: str, mapping: ImportMapping, log: ProblemLog) -> pd.Series:
    values = parse_figures(export.table[column], mapping.decimal, mapping.thousands)
    bad = values.isna() & (export.table[column] != "")
    _report(export, column, bad, "a number", "correct it, or change `decimal` in the mapping", log)
    return values


def _report(
    export: Export,
    column: str,
    bad: pd.Series,
    expected: str,
    mend: str,
    log: ProblemLog,
) -> None:
    places = np.flatnonzero(bad.to_numpy())
    if len(places):
        first = int(places[0])
        found = repr(export.table[column].iloc[first])[:60]
        row = export.row_of(first)
        log.add(Problem(export.file, found, expected, mend, row=row, column=column, count=len(places)))


def _dimension_frame(export: Export, mapping: ImportMapping) -> pd.DataFrame:
    frame = {
        name: export.table[column].where(export.table[column] != "", "(blank)")
        for name, column in mapping.dimensions.items()
    }
    return pd.DataFrame(frame, index=export.table.index)


def _from_lines(export: Export, mapping: ImportMapping, log: ProblemLog) -> dict[str, pd.DataFrame]:
    frame = _dimension_frame(export, mapping)
    days = _days(export, mapping.columns["date"], mapping.date, log, needed=True)
    measures = [name for name in ("units", "revenue") if name in mapping.columns]
    for name in measures:
        frame[name] = _figures(export, mapping.columns[name], mapping, log).fillna(0.0)
    if log.problems:
        return {}
    calendar = Calendar("week" if mapping.grain == "week" else "month")
    frame["period"] = calendar.floor(pd.DatetimeIndex(days))
    frame = _leave_out_begun(frame, days, calendar, mapping.grain, log)
    keys = list(mapping.dimensions)
    sums = frame.groupby(["period", *keys], sort=True, observed=True)[measures].sum().reset_index()
    log.note(
        "added_up", f"{counted(len(frame), 'line')} added up to {counted(len(sums), 'row')}.", len(frame)
    )
    filled = _fill_zeros(sums, keys, measures, calendar)
    # Adding decimals leaves traces in the sixteenth digit that nobody's money has.
    filled[measures] = filled[measures].round(6)
    if len(filled) > len(sums):
        added = len(filled) - len(sums)
        life = "without a line inside a series' life are zero: order lines list every sale."
        text = f"{counted(added, 'period')} {life}"
        log.note("zeros", text, added)
    return {
        "sales": _iso(filled[["period", *keys, *measures]], "period"),
        **_transactions(export, mapping, days, log),
    }


def _leave_out_begun(
    frame: pd.DataFrame,
    days: pd.Series,
    calendar: Calendar,
    grain: str,
    log: ProblemLog,
) -> pd.DataFrame:
    """The last period is left out where the export ends clearly before it does."""
    last = pd.DatetimeIndex([frame["period"].max()])
    lacking = int((calendar.ends(last)[0] - days.max()).days) - 1
    if lacking <= _SHORT[grain] or frame["period"].nunique() < 2:
        return frame
    begun = frame["period"] == last[0]
    count = int(begun.sum())
    which = f"The last {grain}, from {last[0]:%Y-%m-%d}, is not complete"
    log.note("begun", f"{which} and was left out: {counted(count, 'line')}.", count)
    return frame[~begun]


def _fill_zeros(sums: pd.DataFrame, keys: list[str], measures: list[str], calendar: Calendar) -> pd.DataFrame:
    parts = []
    for _, part in sums.groupby(keys, sort=True, observed=True):
        whole = calendar.between(part["period"].iloc[0], part["period"].iloc[-1])
        filled = part.set_index("period").reindex(whole)
        filled[measures] = filled[measures].fillna(0.0)
        filled[keys] = filled[keys].ffill()
        parts.append(filled.rename_axis("period").reset_index())
    return pd.concat(parts, ignore_index=True) if parts else sums


def _transactions(
    export: Export,
    mapping: ImportMapping,
    days: pd.Series,
    log: ProblemLog,
) -> dict[str, pd.DataFrame]:
    """Sales by customer, from which new and repeat are told apart; keys only, no names."""
    if not {"customer", "revenue"} <= set(mapping.columns):
        return {}
    customer = export.table[mapping.columns["customer"]]
    personal = customer.str.contains(r"@|[A-Za-z]+\s+[A-Za-z]+", regex=True)
    if personal.any():
        text = "The customer column holds names or addresses, not keys: no transactions table was written."
        log.note("names", text, int(personal.sum()))
        return {}
    amount = parse_figures(export.table[mapping.columns["revenue"]], mapping.decimal, mapping.thousands)
    frame = pd.DataFrame({"date": days, "customer": customer, "amount": amount}).join(
        _dimension_frame(export, mapping)
    )
    return {"transactions": _iso(frame[frame["customer"] != ""].dropna(subset=["amount"]), "date")}


def _from_pivot(export: Export, mapping: ImportMapping, log: ProblemLog) -> dict[str, pd.DataFrame]:
    months = find_months(export.columns)
    frame = _dimension_frame(export, mapping)
    parts = []
    for column, day in sorted(months.items(), key=lambda item: item[1]):
        values = _figures(export, column, mapping, log)
        parts.append(frame.assign(period=day, **{mapping.measure: values}))
    if log.problems:
        return {}
    table = pd.concat(parts, ignore_index=True)
    known = table.dropna(subset=[mapping.measure])
    blank = len(table) - len(known)
    if blank:
        log.note(
            "blank_cells",
            f"{counted(blank, 'empty cell')} of the pivot taken as not known, not as zero.",
            blank,
        )
    keys = list(mapping.dimensions)
    if not keys:
        known, keys = known.assign(total="all"), ["total"]
    sums = known.groupby(["period", *keys], sort=True)[mapping.measure].sum().reset_index()
    return {"sales": _iso(sums[["period", *keys, mapping.measure]], "period")}


def _from_leads(export: Export, mapping: ImportMapping, log: ProblemLog) -> dict[str, pd.DataFrame]:
    columns = dict(mapping.columns)
    status = columns.pop("status", None)
    frame = pd.DataFrame({name: export.table[column] for name, column in columns.items()})
    for name in ("created", "accepted_at", "opportunity_at", "closed_at"):
        if name in frame:
            days = _days(export, columns[name], mapping.date, log, needed=name == "created")
            frame[name] = days.dt.strftime("%Y-%m-%d").fillna("")
    if "amount" in frame:
        frame["amount"] = _figures(export, columns["amount"], mapping, log)
    if status is not None:
        words = export.table[status]
        frame["outcome"] = words.map(dict(mapping.outcomes)).fillna("")
        frame = _reject(frame, words, log)
    twice = frame["lead_id"].duplicated()
    if twice.any():
        text = f"{counted(int(twice.sum()), 'lead')} listed twice; the first row of each was kept."
        log.note("twice", text, int(twice.sum()))
    return {"leads": frame[~twice].reset_index(drop=True)}


def _reject(frame: pd.DataFrame, words: pd.Series, log: ProblemLog) -> pd.DataFrame:
    """An outcome needs its day; where the export has none the lead stays open, and is counted."""
    closed = frame["closed_at"] if "closed_at" in frame else pd.Series("", index=frame.index)
    undated = (frame["outcome"] != "") & (closed == "")
    if undated.any():
        text = f"{counted(int(undated.sum()), 'lead')} won or lost without a closing day: left open."
        log.note("undated", text, int(undated.sum()))
    return frame.assign(
        outcome=frame["outcome"].where(~undated, ""), closed_at=closed.where(frame["outcome"] != "", "")
    )


def _iso(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(**{column: frame[column].dt.strftime("%Y-%m-%d")}).reset_index(drop=True)
