"""Use case: the sheet for assumptions made anew for the names a business sells now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from alignment_lib.inputs.problems import InputError, Problem, counted
from alignment_lib.inputs.spreadsheets.template import write_template
from alignment_lib.inputs.workspace import Workspace, load_sales, load_workspace

__all__ = ["MadeTemplate", "make_template"]

_NAME = "assumptions.xlsx"


@dataclass(frozen=True)
class MadeTemplate:
    """What was written.

    Attributes
    ----------
    path : Path
        The sheet.
    rows : int
        Assumptions carried over from the register.
    notes : tuple of str
        What the user should know.
    """

    path: Path
    rows: int
    notes: tuple[str, ...]


def make_template(folder: Path, output: Path | None) -> MadeTemplate:
    """Write the sheet with the workspace's own names in its lists; a file that is there is never overwritten.

    Raises
    ------
    InputError
        Settings or a sales table that cannot be read, or a file in the way.
    """
    settings, sales = load_sales(folder)
    path = folder / _NAME if output is None else output
    if path.suffix.casefold() != ".xlsx":
        mend = f"write --output {path.with_suffix('.xlsx').name}"
        raise InputError([Problem("--output", path.name, "the name of an .xlsx workbook", mend)])
    if path.exists():
        mend = f"name another file with --output, such as {path.stem}-anew.xlsx, and move it into place"
        found, expected = "a file that is there already", "a new file: a register is never overwritten"
        raise InputError([Problem(str(path), found, expected, mend)])
    names = {name: sorted(set(sales[name].astype(str)) - {""}) for name in settings.dimensions}
    rows, notes = _present_rows(folder)
    write_template(path, names, rows)
    return MadeTemplate(path, len(rows), notes)


def _present_rows(folder: Path) -> tuple[list[Mapping[str, object]], tuple[str, ...]]:
    """The register's rows; none, with the reason, where it cannot be read."""
    try:
        workspace = load_workspace(folder)
    except InputError as error:
        said = counted(len(error.problems), "problem")
        return [], (f"the register's rows were not carried over: {said}, see alignment check",)
    return _as_rows(workspace), ()


def _as_rows(workspace: Workspace) -> list[Mapping[str, object]]:
    table = workspace.table("assumptions")
    shown = table[[name for name in table.columns if not name.endswith(("_by", "_on"))]]
    return [
        {str(name): _cell(value) for name, value in row.items()} for row in shown.to_dict(orient="records")
    ]


def _cell(value: object) -> object:
    if isinstance(value, pd.Timestamp):
        return value.date()
    return "" if value is None or value is pd.NaT or value != value else value
