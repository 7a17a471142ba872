"""Finding a workspace's files and queries, and reading each into a raw table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from alignment_lib.inputs.checking.folder_files import fold_name, list_files, note_unread
from alignment_lib.inputs.configuration.settings import FormatSettings, Settings, Source
from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE, nearest
from alignment_lib.inputs.configuration.yaml_tables import read_yaml_table
from alignment_lib.inputs.dictionary import table_names
from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.spreadsheets.workbook_tables import read_workbook
from alignment_lib.inputs.spreadsheets.workbooks import WORKBOOK_SUFFIXES
from alignment_lib.inputs.tables.input_files import read_once
from alignment_lib.inputs.tables.raw import RawTable, clip
from alignment_lib.inputs.tables.text_files import MAX_COLUMNS, read_csv

__all__ = ["SUFFIXES", "locate_tables", "read_raw"]

SUFFIXES = (".csv", ".csv.gz", *WORKBOOK_SUFFIXES, ".parquet")
_WRITTEN_SUFFIXES = (".yaml", ".yml")
_WRITTEN = ("assumptions",)
"""Tables people also write by hand, row by row, as YAML."""
_MAX_PARQUET_BYTES = 4_000_000_000


def locate_tables(folder: Path, settings: Settings, log: ProblemLog) -> dict[str, Source]:
    """Find each table's file: the one declared, else the one named as the table.

    Two files that could both be the table, and a declared file that is not there, are problems.
    """
    declared: dict[str, Source] = dict(settings.tables)
    if settings.sales.source is not None:
        declared["sales"] = settings.sales.source
    if settings.drivers is not None and settings.drivers.source is not None:
        declared["drivers"] = settings.drivers.source
    found: dict[str, Source] = {}
    files = list_files(folder, log)
    for table in table_names():
        source = declared.get(table)
        source = (
            _pick_up(folder, files, table, log) if source is None else _declared(folder, table, source, log)
        )
        if source is not None:
            found[table] = source
    _require(found, declared, files, settings, log)
    note_unread(files, {source.file: table for table, source in found.items()}, SETTINGS_FILE, log)
    return found


def _require(
    found: Mapping[str, Source],
    declared: Mapping[str, Source],
    files: Sequence[str],
    settings: Settings,
    log: ProblemLog,
) -> None:
    for table in ("sales", "drivers"):
        wanted = table == "sales" or settings.drivers is not None
        candidates = _named_as(table, files)
        if wanted and table not in found and table not in declared and len(candidates) < 2:
            expected = f"a file {table}{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
            mend = f"add it, or name it in planning.toml under [{table}] source"
            log.add(Problem(f"{table}.csv", f"no {table} table in the folder", expected, mend))


def _suffixes(table: str) -> tuple[str, ...]:
    return SUFFIXES + _WRITTEN_SUFFIXES if table in _WRITTEN else SUFFIXES


def _named_as(table: str, files: Sequence[str]) -> list[str]:
    """Files that bear the table's name, in whatever case: some systems tell cases apart and some do not."""
    wanted = [table + suffix for suffix in _suffixes(table)]
    named = [name for name in files if fold_name(name) in wanted]
    return sorted(named, key=lambda name: (wanted.index(fold_name(name)), name))


def _pick_up(folder: Path, files: Sequence[str], table: str, log: ProblemLog) -> Source | None:
    names = _named_as(table, files)
    if len(names) > 1:
        where = f"[{table}] source" if table in ("sales", "drivers") else f"[tables] {table}"
        found = "the files " + " and ".join(names)
        log.add(
            Problem(
                names[0], found, f"one {table} table", f"remove one, or name it in planning.toml: {where}"
            )
        )
        return None
    return Source(file=names[0]) if names and _is_inside(folder, names[0], log) else None


def _is_inside(folder: Path, file: str, log: ProblemLog) -> bool:
    if (folder / file).resolve().is_relative_to(folder.resolve()):
        return True
    mend = "copy the file into the folder"
    log.add(Problem(file, "a link that leads out of the workspace", "a file inside it", mend))
    return False


def _declared(folder: Path, table: str, source: Source, log: ProblemLog) -> Source | None:
    if source.url:
        return source
    path = folder / source.file
    key = f"{table}.source" if table in ("sales", "drivers") else f"tables.{table}"
    if not path.is_file():
        others = [
            item.name for item in sorted(folder.iterdir()) if item.is_file() and item.name != SETTINGS_FILE
        ]
        guess = nearest(source.file, others)
        mend = guess or f"add the file, or correct {key} in {SETTINGS_FILE}"
        log.add(Problem(source.file, "no such file", f"the {table} table named in {SETTINGS_FILE}", mend))
        return None
    if not _is_inside(folder, source.file, log):
        return None
    allowed = _suffixes(table)
    if not source.file.lower().endswith(allowed):
        log.add(
            Problem(source.file, "a file of another kind", " ".join(allowed), "export it as one of these")
        )
        return None
    return source


def read_raw(
    folder: Path, table: str, source: Source, form: FormatSettings, log: ProblemLog
) -> RawTable | None:
    """Read one table as it stands; faults go to `log`, and None means nothing could be read."""
    if source.url:
        from alignment_lib.inputs.tables.database_tables import read_query

        return read_query(folder, table, source, log)
    data = read_once(folder / source.file, source.file, log)
    if data is None:
        return None
    raw = _read_bytes(data, table, source, form, log)
    return None if raw is None else replace(raw, digest=hashlib.sha256(data).hexdigest())


def _read_bytes(
    data: bytes, table: str, source: Source, form: FormatSettings, log: ProblemLog
) -> RawTable | None:
    suffix = source.file.lower()
    if suffix.endswith(WORKBOOK_SUFFIXES):
        return read_workbook(data, source.file, table, source.sheet, log)
    if source.sheet:
        found, mend = f"a sheet {clip(source.sheet)} of a file without sheets", "remove the sheet"
        log.add(Problem(source.file, found, "a sheet only for a workbook", mend))
    if suffix.endswith(_WRITTEN_SUFFIXES):
        return read_yaml_table(data, source.file, table, log)
    if suffix.endswith(".parquet"):
        return _read_parquet(data, source.file, log)
    return read_csv(data, source.file, form, log)


def _read_parquet(data: bytes, file: str, log: ProblemLog) -> RawTable | None:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(pa.BufferReader(data)) as parquet:
            meta = parquet.metadata
            size = sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups))
            if size > _MAX_PARQUET_BYTES or meta.num_columns > MAX_COLUMNS:
                found = f"{size / 1e9:.1f} GB in {meta.num_columns:,} columns"
                log.add(Problem(file, found, f"at most 4 GB and {MAX_COLUMNS:,} columns", "split the file"))
                return None
            table = parquet.read()
            table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError):
        log.add(Problem(file, "a file that is not Parquet, or damaged", "a Parquet file", "write it again"))
        return None
    columns: dict[str, pa.ChunkedArray] = {}
    for field, written in zip(table.schema, table.columns, strict=True):
        name, column = field.name, _first_days(field, written)
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or name in columns:
            found = f"a column of type {kind}" if name not in columns else f"{clip(name)} twice"
            log.add(Problem(file, found, "text, numbers, dates or flags", "write plain columns", column=name))
        else:
            columns[name] = column.cast(kind) if kind is not column.type else column
    return RawTable(file, "", columns, table.num_rows)


def _first_days(field: Any, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The first days of pandas' periods, which are stored as counts since 1970; other columns as they are."""
    said = field.metadata or {}
    name = said.get(b"ARROW:extension:name", b"").decode() or getattr(field.type, "extension_name", "")
    if name != "pandas.period":
        return column
    import pandas as pd

    aside = said.get(b"ARROW:extension:metadata")
    frequency = json.loads(aside)["freq"] if aside else field.type.freq
    counts = column.cast(pa.int64()).fill_null(pd.NaT.value).to_numpy()
    periods = pd.PeriodIndex.from_ordinals(counts, freq=frequency)  # type: ignore[attr-defined]
    days = periods.to_timestamp(how="start")
    return pa.chunked_array([pa.array(days, from_pandas=True)])
