"""Small workspaces written for one test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from alignment_lib.inputs.problems import InputError, Problem, ProblemLog
from alignment_lib.inputs.workspace import Workspace, load_workspace

SETTINGS = """\
[business]
name = "Coffee"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["channel", "product"]
"""
SALES = """\
period,channel,product,units,revenue
2025-01-01,Shop,Small,10,49.0
2025-02-01,Shop,Small,12,58.8
2025-03-01,Shop,Small,11,53.9
2025-01-01,Web,Large,5,44.5
2025-02-01,Web,Large,6,53.4
2025-03-01,Web,Large,7,62.3
"""
CLAIMS = "id,kind,title,owner,function,start,end,unit,low,expected,high,status,channel,product\n"
CLAIM = "A1,promotion,Coupon,brand marketing,marketing,2025-04-01,2025-04-30,percent,5,10,20,proposed,,\n"


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a workspace with the default settings and sales, changed and added to by `files`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in ({"planning.toml": SETTINGS, "sales.csv": SALES} | dict(files)).items():
        data = content.encode("utf-8") if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    return folder


def load(folder: Path, files: Mapping[str, str | bytes]) -> Workspace:
    """Load a workspace of these files."""
    return load_workspace(write_files(folder, files))


def problems_of(folder: Path, files: Mapping[str, str | bytes]) -> tuple[Problem, ...]:
    """The problems found in a workspace of these files; nothing may be written meanwhile."""
    write_files(folder, files)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as caught:
        load_workspace(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return caught.value.problems


def only_problem(folder: Path, files: Mapping[str, str | bytes]) -> str:
    """The text of the one problem there must be."""
    found = problems_of(folder, files)
    assert len(found) == 1, [str(problem) for problem in found]
    return str(found[0])


def notes(workspace: Workspace) -> dict[str, tuple[str, int]]:
    """Notices by code: text and count."""
    return {notice.code: (notice.text, notice.count) for notice in workspace.notices}


def write_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """Write a workbook of plain cells; a tuple ``(value, format)`` sets a number format."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for line, row in enumerate(rows, start=1):
            for at, cell in enumerate(row, start=1):
                value, form = cell if isinstance(cell, tuple) else (cell, None)
                target = sheet.cell(line, at, value)
                if form:
                    target.number_format = form
    book.save(path)
    return path


def fresh_log() -> ProblemLog:
    """A log without entries."""
    return ProblemLog()
