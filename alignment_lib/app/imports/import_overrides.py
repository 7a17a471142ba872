"""Use case: values typed into a published workbook come back, with who typed them and why.

A plan typed over becomes a proposed assumption of the difference, on that series and period or on that part
and month: it stands in the register like any other claim and counts once both sides accept it. A value typed
over an assumption becomes a named scenario. The register and ``scenarios.yaml`` are the only files touched,
each in one step, and a register that could not be read afterwards is put back as it was.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.app.imports.override_sheet import Override, TypedOverrides, read_overrides
from alignment_lib.inputs.problems import AlignmentError, InputError, ProblemLog
from alignment_lib.inputs.spreadsheets.workbook_rows import append_rows, header_of
from alignment_lib.inputs.spreadsheets.workbook_tables import choose_sheet
from alignment_lib.inputs.spreadsheets.workbooks import open_workbook
from alignment_lib.inputs.tables.inert_text import make_inert, would_run
from alignment_lib.inputs.tables.readers import locate_tables
from alignment_lib.inputs.workspace import Workspace, load_workspace
from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.planning.register.scenarios import Scenario
from alignment_lib.rounds.files.atomic_files import replace_users_file
from alignment_lib.rounds.files.saving import hold_saves
from alignment_lib.rounds.live.scenario_files import save_scenario, scenario_versions

__all__ = ["ImportedOverrides", "OverridesRefused", "import_overrides"]

_COLUMNS = ("id", "kind", "title", "owner", "function", "start", "end", "unit", "expected", "status")
_MORE = ("rationale", "evidence", "recorded")
_SCENARIOS = "scenarios.yaml"


class OverridesRefused(AlignmentError):
    """Overrides that cannot be brought into this workspace."""

    exit_code = 2


@dataclass(frozen=True)
class ImportedOverrides:
    """What came of a workbook.

    Attributes
    ----------
    assumptions : tuple of str
        Ids of the new rows of the register.
    file : str
        The register's file; blank where nothing was added.
    scenario : str
        Name of the scenario that holds typed values of assumptions; blank where there are none.
    values : int
        How many it holds of this workbook.
    unchanged : int
        Values typed that equal the published ones; nothing was done about them.
    """

    assumptions: tuple[str, ...]
    file: str
    scenario: str
    values: int
    unchanged: int


def import_overrides(
    file: Path, folder: Path, *, by: str, reason: str, function: str, on: dt.date
) -> ImportedOverrides:
    """Bring the marked columns of a workbook into the workspace it was planned from.

    Parameters
    ----------
    file : Path
        ``plan.xlsx``, as published and then typed into.
    folder : Path
        The workspace.
    by : str
        The role that answers for the values.
    reason : str
        Why; a reason typed beside a value goes before it.
    function : {"marketing", "sales", "finance", "other"}
        The role's side.
    on : date
        The day, written as the day the claims were recorded.

    Raises
    ------
    InputError
        Every typed value that cannot be used, or a workspace that cannot be read.
    OverridesRefused
        A register no row can be added to, or nothing typed.
    """
    if not by.strip() or not reason.strip():
        raise OverridesRefused("say which role answers for the values (--by) and why (--reason)")
    workspace = load_workspace(folder)
    typed = read_overrides(file, workspace)
    if not typed.plan and not typed.assumptions:
        raise OverridesRefused(
            f"{file.name}: nothing stands in the marked columns that differs from what was published"
        )
    _check_ids(workspace, typed)
    rows = _claims(workspace, typed, by=by, reason=reason, function=function, on=on)
    register = _append(workspace, rows) if rows else ""
    name = _save_values(workspace, typed, by, reason) if typed.assumptions else ""
    ids = tuple(str(row["id"]) for row in rows)
    return ImportedOverrides(ids, register, name, len(typed.assumptions), typed.unchanged)


def _claims(
    workspace: Workspace, typed: TypedOverrides, *, by: str, reason: str, function: str, on: dt.date
) -> list[dict[str, Any]]:
    """One row of the register for every cell typed over: the difference, in that series or part and time."""
    known = set(workspace.table("assumptions")["id"].astype(str))
    unit = "revenue" if typed.measure == "revenue" else "units"
    rows: list[dict[str, Any]] = []
    number = 0
    for one in typed.plan:
        _check_open(workspace, one, typed.as_of)
        number += 1
        while f"O{typed.round}-{number:02d}" in known:
            number += 1
        start = pd.DatetimeIndex([one.period])
        last = one.until or workspace.calendar.ends(start)[0] - pd.Timedelta(days=1)
        where = ", ".join(value for value in one.what.values() if value) or "everything"
        rows.append(
            {
                "id": f"O{typed.round}-{number:02d}",
                "kind": "one_off",
                "title": f"Override: {where} from {start[0]:%Y-%m-%d}",
                "owner": by,
                "function": function,
                "start": start[0].date(),
                "end": last.date(),
                "unit": unit,
                "expected": one.after - one.before,
                "status": "proposed",
                "rationale": _why(one, reason),
                "evidence": f"{one.after:.10g} typed over a plan of {one.before:.10g} ({typed.scenario})",
                "recorded": on,
                **one.what,
            }
        )
    return rows


def _check_open(workspace: Workspace, one: Override, as_of: pd.Timestamp) -> None:
    period = pd.DatetimeIndex([one.period])
    if workspace.calendar.ends(period)[0] <= as_of:
        raise OverridesRefused(
            f"the period from {period[0]:%Y-%m-%d} had ended when the round was planned: "
            "what was sold cannot be typed over"
        )


def _why(one: Override, reason: str) -> str:
    return f"{one.why} ({reason})" if one.why else reason


def _check_ids(workspace: Workspace, typed: TypedOverrides) -> None:
    known = set(workspace.table("assumptions")["id"].astype(str))
    unknown = sorted({one.what["id"] for one in typed.assumptions} - known)
    if unknown:
        raise OverridesRefused(f"no assumption of the workspace is called {', '.join(unknown[:5])}")


def _save_values(workspace: Workspace, typed: TypedOverrides, by: str, reason: str) -> str:
    """The typed values of assumptions, as a scenario of their own on top of the workbook's."""
    ids = workspace.table("assumptions")["id"].astype(str).tolist()
    values = {one.what["id"]: one.after for one in typed.assumptions}
    name = f"overrides {typed.round}"
    path = workspace.folder / _SCENARIOS
    version = scenario_versions(workspace.folder).get(name, "")
    before = read_scenarios(path, ids).get(name)
    said = "; ".join(dict.fromkeys(one.why for one in typed.assumptions if one.why))
    why = f"{by}: {reason}" + (f" ({said})" if said else "")
    based_on = typed.scenario if typed.scenario != name else "consensus"
    scenario = Scenario(name, based_on=based_on, values=values, reason=why)
    if before is not None:
        scenario = replace(before, values=before.values | values, reason=why)
    save_scenario(workspace.folder, scenario, ids, version)
    return name


def _append(workspace: Workspace, rows: Sequence[dict[str, Any]]) -> str:
    """Add rows to the register's file, whatever its kind allows; put it back if it reads no more."""
    log = ProblemLog()
    source = locate_tables(workspace.folder, workspace.settings, log).get("assumptions")
    name = "assumptions.csv" if source is None else source.file
    path = workspace.folder / name
    kind = path.suffix.lower()
    if (source is not None and source.url) or kind not in (".csv", ".xlsx", ".xlsm"):
        raise OverridesRefused(
            f"the register comes from {name or 'a database'}, to which no row can be added; "
            "keep it as .csv, .xlsx or .xlsm"
        )
    with hold_saves(workspace.folder, name):
        before = path.read_bytes() if source is not None else b""
        if kind == ".csv":
            after = _extend_csv(before, rows, workspace)
        else:
            after = _extend_workbook(before, name, rows, source.sheet if source else "")
        replace_users_file(path, after)
        try:
            load_workspace(workspace.folder)
        except InputError:
            if source is None:
                path.unlink()
            else:
                replace_users_file(path, before)
            raise
    return name


def _extend_csv(before: bytes, rows: Sequence[dict[str, Any]], workspace: Workspace) -> bytes:
    """The file with rows after its last one; what stood there stays byte for byte."""
    form = workspace.settings.format
    plain = form.decimal == "." and form.date == "iso" and form.encoding in ("utf-8", "utf-8-sig")
    if not plain:
        raise OverridesRefused(
            "[format] of planning.toml asks for other numbers, dates or letters than are written here; "
            "keep the register as .xlsx"
        )
    text = before.decode("utf-8-sig")
    header = next(csv.reader(io.StringIO(text), delimiter=form.delimiter), [])
    header = [name.strip() for name in header] or [*_COLUMNS, *_MORE, *workspace.dimensions]
    _check_header(header, rows)
    end = "\r\n" if "\r\n" in text else "\n"
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=form.delimiter, lineterminator=end)
    if not before:
        writer.writerow(header)
    for row in rows:
        writer.writerow([_write_inert(row.get(name, ""), name, workspace) for name in header])
    joint = b"" if not before or before.endswith((b"\n", b"\r")) else end.encode()
    return before + joint + buffer.getvalue().encode("utf-8")


def _write_inert(value: Any, column: str, workspace: Workspace) -> Any:
    """A value for a CSV file; a name stands as in the sales table or not at all."""
    if not isinstance(value, str) or not would_run(value):
        return value
    if column in workspace.dimensions:
        raise OverridesRefused(
            f"{column} {value!r} would be a formula in a CSV file; keep the register as .xlsx, "
            "where it stays text"
        )
    return make_inert(value)


def _extend_workbook(before: bytes, file: str, rows: Sequence[dict[str, Any]], sheet: str) -> bytes:
    """The workbook with rows after the last one of the register's sheet; all else as it was."""
    log = ProblemLog()
    book = open_workbook(before, file, log)
    chosen = None if book is None else choose_sheet(book.sheets, file, "assumptions", sheet, log)
    cells = None if book is None or chosen is None else book.read(chosen, log)
    if book is None or cells is None:
        raise InputError(log.problems)
    _check_header(header_of(cells), rows)
    after = append_rows(before, book.parts[cells.sheet], cells, rows)
    if after is None:
        raise OverridesRefused(
            f"{file} is written in a way to which no row can be added without losing something; save it "
            "once from a spreadsheet, or keep the register as .csv"
        )
    return after


def _check_header(header: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    filled = {name for row in rows for name, value in row.items() if value != ""}
    missing = sorted(filled - set(header) - {"evidence"})
    if missing:
        named = (
            f"column {missing[0]}; add it" if len(missing) == 1 else f"columns {', '.join(missing)}; add them"
        )
        raise OverridesRefused(f"the register needs the {named} and run the command again")
