"""A workspace to start from: everything in a new folder, what is missing beside the user's own files."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from alignment_lib.inputs import starter
from alignment_lib.inputs.checking.folder_files import fold_name
from alignment_lib.inputs.checking.heading_hints import looks_like_export
from alignment_lib.inputs.configuration.settings import FormatSettings, Source
from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE
from alignment_lib.inputs.problems import InputError, Problem, ProblemLog
from alignment_lib.inputs.spreadsheets.template import build_template, write_whole
from alignment_lib.inputs.tables.raw import RawTable, show_cell
from alignment_lib.inputs.tables.readers import SUFFIXES, read_raw

__all__ = ["write_new_workspace"]

_MEASURES = ("units", "revenue")
_DAYS = ((10, "week"), (45, "month"))
"""Days between periods, at most, by grain; more is a quarter."""
_MOST_VALUES = 500


def write_new_workspace(folder: Path) -> Path:
    """Write a workspace that runs; files that are there are left as they are.

    In a new or empty folder stand settings, example sales, the sheet for assumptions and a README. Beside a
    sales table of the user's own the settings name its dimensions and the sheet offers its names, and no
    example is written; beside other files the example is, for they may be exports still to be imported.

    Raises
    ------
    InputError
        Where `folder` is a file or a workspace already, its parent is not there, or its sales table is
        another system's export.
    """
    folder = Path(folder)
    _check_place(folder)
    present = [entry.name for entry in sorted(folder.iterdir())] if folder.is_dir() else []
    folded = {fold_name(name) for name in present}
    if SETTINGS_FILE in folded:
        found, mend = "a workspace already", f"run alignment check {folder}, or choose another folder"
        raise InputError([Problem(str(folder), found, f"a folder without {SETTINGS_FILE}", mend)])
    files = _files_for(folder, present)
    wanted = {name: data for name, data in files.items() if fold_name(name) not in folded}
    if present:
        for name, data in wanted.items():
            part = folder / f".{name}.part"
            write_whole(part, data)
            part.rename(folder / name)
    else:
        _write_folder(folder, wanted)
    return folder


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """A new or empty folder appears with all its files, or not at all."""
    part = folder.resolve().with_name(f".{folder.resolve().name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name, data in files.items():
        write_whole(part / name, data)
    if folder.exists():
        folder.rmdir()
    part.rename(folder.resolve())


def _check_place(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        found, mend = "a file of that name", "choose another name"
        raise InputError([Problem(str(folder), found, "a folder", mend)])
    if not folder.resolve().parent.is_dir():
        raise InputError([Problem(str(folder), "no folder around it", "an existing parent", "make it first")])


def _files_for(folder: Path, present: Sequence[str]) -> dict[str, bytes]:
    """The files of the workspace by name; what is there already is left out by the caller."""
    texts = {name: text.encode("utf-8") for name, text in starter.texts().items()}
    sales = _named("sales", present)
    register = [name for name in present if fold_name(name).startswith("assumptions.")]
    if sales:
        texts.pop("sales.csv")
        settings, dimensions = _settings_for(folder, sales)
        texts[SETTINGS_FILE] = settings.encode("utf-8")
        texts["assumptions.xlsx"] = build_template(dimensions)
    else:
        texts["assumptions.xlsx"] = build_template(starter.DIMENSIONS, starter.starting_rows())
    if register:
        texts.pop("assumptions.xlsx")
    # The settings come last: a folder that holds them is a workspace.
    return dict(sorted(texts.items(), key=lambda item: item[0] == SETTINGS_FILE))


def _named(table: str, present: Collection[str]) -> str:
    return next((name for suffix in SUFFIXES for name in present if fold_name(name) == table + suffix), "")


def _settings_for(folder: Path, file: str) -> tuple[str, dict[str, list[str]]]:
    """Settings that fit the user's own sales table, and the names of its dimensions."""
    log = ProblemLog()
    form = _form_of(folder / file)
    raw = read_raw(folder, "sales", Source(file=file), form, log)
    if raw is None:
        raise InputError(log.problems)
    names = list(raw.columns)
    measures = [name for name in _MEASURES if name in names]
    if "period" not in names or not measures or looks_like_export(names, "sales", ["period", *_MEASURES]):
        found = f"the headings {', '.join(names[:8])}"
        mend = f"rename it, then run: alignment import FILE {folder}"
        raise InputError([Problem(file, found, "period, dimensions, and units or revenue", mend, row=1)])
    dimensions = {name: _values(raw, name) for name in names if name not in ("period", *_MEASURES)}
    text = starter.texts()[SETTINGS_FILE]
    listed = ", ".join(json.dumps(name, ensure_ascii=False) for name in dimensions)
    text = text.replace(
        'name = "My company"', f"name = {json.dumps(folder.resolve().name, ensure_ascii=False)}"
    )
    text = text.replace('grain = "month" ', f'grain = "{_grain(raw)}" ')
    text = text.replace('source = "sales.csv"', f"source = {json.dumps(file, ensure_ascii=False)}", 1)
    text = text.replace('dimensions = ["channel", "product"]', f"dimensions = [{listed}]")
    text = text.replace('measure = "units"', f'measure = "{measures[0]}"')
    if form.delimiter != ",":
        text += f"\n[format]\ndelimiter = {json.dumps(form.delimiter)}\n"
    return text, dimensions


def _form_of(path: Path) -> FormatSettings:
    """The delimiter that parts the header, where the file is plain text."""
    if path.suffix.lower() != ".csv":
        return FormatSettings()
    with path.open("rb") as stream:
        head = stream.readline(10_000).decode("utf-8", "replace")
    marks = {mark: len(next(csv.reader(io.StringIO(head), delimiter=mark), [])) for mark in ",;\t|"}
    return FormatSettings(delimiter=max(marks, key=lambda mark: marks[mark]))  # type: ignore[arg-type]


def _values(raw: RawTable, name: str) -> list[str]:
    column = raw.columns[name]
    cells = column if not hasattr(column, "to_pylist") else column.to_pylist()
    return sorted({show_cell(cell) for cell in cells} - {""})[:_MOST_VALUES]


def _grain(raw: RawTable) -> str:
    """Week, month or quarter by the usual distance between periods."""
    days = pd.to_datetime(pd.Series(_values(raw, "period")), errors="coerce").dropna().sort_values()
    usual = days.diff().dt.days.median() if len(days) > 1 else 30.0
    return next((grain for most, grain in _DAYS if usual <= most), "quarter")
