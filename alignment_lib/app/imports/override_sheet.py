"""What was typed into the marked columns of a published workbook, read with every fault at its cell."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.inputs.problems import InputError, Problem, ProblemLog
from alignment_lib.inputs.spreadsheets.workbook_tables import read_workbook
from alignment_lib.inputs.spreadsheets.workbooks import open_workbook
from alignment_lib.inputs.tables.input_files import read_once
from alignment_lib.inputs.tables.raw import PercentCell, RawTable, show_cell
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.publishing.workbook_cells import OVERRIDE, WHY
from alignment_lib.publishing.workbook_months import FIRST, LAST, MONTHS

__all__ = ["Override", "TypedOverrides", "read_overrides"]

_FACT_ROWS = 40
_Place = tuple[dict[str, str], dict[str, Any]]
"""What a row speaks of, and the days it names by their columns."""


@dataclass(frozen=True)
class Override:
    """One value typed over another.

    Attributes
    ----------
    what : dict of str to str
        The dimensions of a plan cell, or ``id`` of an assumption.
    period : Timestamp or None
        First day of a plan cell's period, or of a month's open days; None for an assumption.
    before, after : float
        The value published, and the one typed.
    why : str
        The reason typed beside it; may be blank.
    until : Timestamp or None
        Last day of a month's open days; None where one period is meant.
    """

    what: dict[str, str]
    period: pd.Timestamp | None
    before: float
    after: float
    why: str
    until: pd.Timestamp | None = None

    def covers(self, other: Override) -> bool:
        """Whether a cell of one period lies within this one of a month: both say the same sales."""
        if self.until is None or self.period is None or other.period is None or other.until is not None:
            return False
        inside = self.period <= other.period <= self.until
        return inside and all(other.what.get(name) == member for name, member in self.what.items())


@dataclass(frozen=True)
class TypedOverrides:
    """All that was typed into one workbook.

    Attributes
    ----------
    round, unit, scenario, measure : str
        As its contents sheet says.
    as_of : Timestamp
        The day the round was planned as of; periods that had ended by then are not planned.
    plan, assumptions : tuple of Override
        By sheet, in the order of the rows.
    unchanged : int
        Values typed that equal the published ones.
    """

    round: str
    unit: str
    scenario: str
    measure: str
    as_of: pd.Timestamp
    plan: tuple[Override, ...]
    assumptions: tuple[Override, ...]
    unchanged: int


def read_overrides(file: Path, workspace: Workspace) -> TypedOverrides:
    """Read the marked columns of ``plan.xlsx``.

    Raises
    ------
    InputError
        Every value that cannot be used, by sheet, row and column; a workbook of another unit.
    """
    log = ProblemLog()
    data = read_once(file, file.name, log)
    if data is None:
        raise InputError(log.problems)
    dimensions = list(workspace.dimensions)

    def cell_of(table: RawTable, row: int) -> _Place:
        return {name: table.cell(name, row) for name in dimensions}, {"period": _value(table, "period", row)}

    def month_of(table: RawTable, row: int) -> _Place:
        days = {name: _value(table, name, row) for name in (FIRST, LAST)}
        return {name: table.cell(name, row) for name in dimensions[:1]}, days

    def id_of(table: RawTable, row: int) -> _Place:
        return {"id": table.cell("id", row)}, {}

    plan = _read_sheet(data, file, "Plan", "plan", ["period", *dimensions], cell_of, log)
    if MONTHS in _sheet_names(data, file.name):
        months = [FIRST, LAST, *dimensions[:1]]
        plan += _read_sheet(data, file, MONTHS, "plan", months, month_of, log, needed=False)
    rows = _read_sheet(data, file, "Assumptions", "expected", ["id"], id_of, log, needed=False)
    if log.problems:
        raise InputError(log.problems)
    facts = _read_facts(data, file.name)
    _check_facts(file, facts, workspace, log)
    _check_twice(file, plan, log)
    changed = [[one for one in part if not _same(one)] for part in (plan, rows)]
    return TypedOverrides(
        facts["Round"],
        facts["Unit"],
        facts["Scenario"],
        facts["Measure"],
        _read_day(facts["As of"]),
        tuple(changed[0]),
        tuple(changed[1]),
        len(plan) + len(rows) - len(changed[0]) - len(changed[1]),
    )


def _check_twice(file: Path, plan: list[Override], log: ProblemLog) -> None:
    """A month and a period of it, typed over both: the difference would count twice."""
    typed = [one for one in plan if not _same(one)]
    for month in typed:
        if inside := [one for one in typed if month.covers(one)]:
            found = f"{len(inside)} of its periods typed over on the sheet Plan as well"
            mend = "clear the override of the month or those of its periods"
            where = " ".join([*month.what.values(), f"{month.period:%Y-%m-%d}"])
            log.add(Problem(file.name, f"{where}: {found}", "one of the two", mend, sheet=MONTHS))
    if log.problems:
        raise InputError(log.problems)


def _same(one: Override) -> bool:
    return math.isclose(one.before, one.after, rel_tol=1e-9, abs_tol=1e-9)


def _sheet_names(data: bytes, file: str) -> set[str]:
    book = open_workbook(data, file, ProblemLog())
    return set() if book is None else {sheet.name for sheet in book.sheets}


def _read_facts(data: bytes, file: str) -> dict[str, str]:
    """The words of the contents sheet: name to the left, text to the right."""
    log = ProblemLog()
    book = open_workbook(data, file, log) if "Contents" in _sheet_names(data, file) else None
    cells = book.read("Contents", log) if book is not None else None
    if cells is None or len(cells.columns) < 2:
        return {}
    pairs = zip(cells.columns[0][:_FACT_ROWS], cells.columns[1][:_FACT_ROWS], strict=True)
    return {show_cell(name): show_cell(text) for name, text in pairs if name is not None}


def _read_day(text: str) -> pd.Timestamp:
    day = pd.to_datetime(text, errors="coerce", format="%Y-%m-%d")
    return pd.Timestamp.min if pd.isna(day) else pd.Timestamp(day)


def _check_facts(file: Path, facts: dict[str, str], workspace: Workspace, log: ProblemLog) -> None:
    for name in ("Round", "Unit", "Scenario", "Measure", "As of"):
        if not facts.get(name):
            expected = "a plan.xlsx as alignment plan writes it"
            mend = "export the round again and type into that workbook"
            log.add(Problem(file.name, f"no {name.lower()}", expected, mend, sheet="Contents"))
    if log.problems:
        raise InputError(log.problems)
    own: dict[str, str] = {"Unit": workspace.name, "Measure": workspace.settings.sales.measure}
    for name, value in own.items():
        if facts[name] != value:
            mend = "name the workspace the workbook was planned from"
            log.add(Problem(file.name, f"{name.lower()} {facts[name]}", value, mend, sheet="Contents"))
    if log.problems:
        raise InputError(log.problems)


def _read_sheet(
    data: bytes,
    file: Path,
    sheet: str,
    published: str,
    keys: list[str],
    place: Callable[[RawTable, int], _Place],
    log: ProblemLog,
    needed: bool = True,
) -> list[Override]:
    table = read_workbook(data, file.name, sheet, sheet, log)
    if table is None:
        return []
    missing = [name for name in (*keys, published, OVERRIDE) if name not in table.columns]
    if missing:
        if needed:
            expected = f"the columns {', '.join((*keys, published, OVERRIDE))}"
            mend = "leave the headings as they were exported; too large a plan has no marked column"
            log.add(Problem(file.name, f"no column {missing[0]}", expected, mend, sheet=sheet, row=1))
        return []
    found = []
    for row in range(table.rows):
        if table.cell(OVERRIDE, row) == "":
            continue
        one = _read_row(table, row, published, place, log)
        if one is not None:
            found.append(one)
    return found


def _read_row(
    table: RawTable,
    row: int,
    published: str,
    place: Callable[[RawTable, int], _Place],
    log: ProblemLog,
) -> Override | None:
    what, days = place(table, row)
    numbers: list[float] = []
    for column in (published, OVERRIDE):
        value = _value(table, column, row)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            problem = Problem(
                table.file,
                repr(table.cell(column, row))[:60],
                "a number",
                "type digits without a unit",
                sheet=table.sheet,
                row=table.row_of(row),
                column=column,
            )
            log.add(problem)
            return None
        if isinstance(value, PercentCell) and column == OVERRIDE:
            if table.cell("unit", row) != "percent" or days:
                log.add(_percent_of_amount(table, row, value, numbers[0]))
                return None
            value = round(value * 100, 10)
        numbers.append(float(value))
    for name, day in days.items():
        if not isinstance(day, dt.datetime):
            expected, mend = "the date as it was exported", "take the date from the exported workbook"
            found, at = repr(table.cell(name, row))[:60], table.row_of(row)
            log.add(Problem(table.file, found, expected, mend, table.sheet, at, name))
            return None
    stamps = [*map(pd.Timestamp, days.values()), None, None]
    return Override(what, stamps[0], numbers[0], numbers[1], table.cell(WHY, row), stamps[1])


def _percent_of_amount(table: RawTable, row: int, value: float, published: float) -> Problem:
    """A share typed where an amount stands: it may mean that share of it, and is asked."""
    meant = f"{published * value:,.10g}"
    mend = f"type the amount, which is {meant} where that share of {published:,.10g} is meant"
    found, at = table.cell(OVERRIDE, row), table.row_of(row)
    return Problem(table.file, found, "an amount, not a percentage", mend, table.sheet, at, OVERRIDE)


def _value(table: RawTable, column: str, row: int) -> Any:
    values = table.columns.get(column)
    return None if values is None else values[row]  # workbook cells are Python values
