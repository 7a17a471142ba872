"""Writing what an import made: joined to a table or in its place, the former one kept, the log continued."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from alignment_lib.inputs.applying.importing import Imported
from alignment_lib.inputs.problems import InputError, Notice, Problem
from alignment_lib.inputs.tables.distinct_words import distinct_words
from alignment_lib.inputs.tables.inert_text import make_inert, would_run
from alignment_lib.inputs.tables.joined_tables import join_tables
from alignment_lib.rounds.files.atomic_files import replace_users_file

__all__ = ["FOLDER", "Written", "read_open_days", "write_log", "write_tables"]

FOLDER = "imports"
_FORMER = "former"
_LOG = "log.txt"
_SPECIAL = '[",\\r\\n]'


@dataclass
class Written:
    """Files written, rows by table, and what is to be said."""

    files: list[Path] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


def write_tables(workspace: Path, found: Imported, *, kind: str, how: str, today: dt.date) -> Written:
    """Write the tables of an import.

    Parameters
    ----------
    workspace : Path
    found : Imported
    kind : str
        Of the mapping.
    how : {"", "add", "replace"}
        What to do where a table is there: refuse, join by key, or write it anew and keep the former one.
    today : date
        Names the former file.
    """
    _refuse_present(workspace, found.tables, how)
    done = Written()
    ready = [
        (workspace / f"{name}.csv", *_prepare(workspace, name, table, kind, how, done))
        for name, table in found.tables.items()
    ]
    for path, table, changed in ready:
        if how == "replace" and path.exists():
            _keep_former(path, workspace, today, done)
        replace_users_file(path, to_csv(table))
        done.files.append(path)
        done.rows[path.stem] = len(table)
        if changed:
            done.notices.append(_say_inert(path.name, changed))
    return done


def _refuse_present(workspace: Path, tables: Mapping[str, pd.DataFrame], how: str) -> None:
    present = [name for name in tables if (workspace / f"{name}.csv").exists()]
    if present and not how:
        mend = "add --add to join the new rows to it, or --replace to write it anew (the former is kept)"
        raise InputError(
            [Problem(f"{name}.csv", "a table that is already there", "none", mend) for name in present]
        )


def _prepare(
    workspace: Path, name: str, table: pd.DataFrame, kind: str, how: str, done: Written
) -> tuple[pd.DataFrame, int]:
    inert, changed = make_table_inert(table)
    if how == "add":
        coded = [column for column in inert if isinstance(inert[column].dtype, pd.CategoricalDtype)]
        inert = inert.astype(dict.fromkeys(coded, object))
    path = workspace / f"{name}.csv"
    if how == "add" and path.exists():
        joined = join_tables(name, _read_table(path, inert), inert, every_period=kind == "order_lines")
        done.notices.append(Notice("joined", joined.text, joined.added + joined.changed))
        return joined.table, changed
    return inert, changed


def _read_table(path: Path, like: pd.DataFrame) -> pd.DataFrame:
    """The table that is there: texts as they stand, figures as numbers."""
    old = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    for name in old.columns:
        if name in like and pd.api.types.is_numeric_dtype(like[name]):
            old[name] = pd.to_numeric(old[name].replace("", None), errors="coerce")
    return old


def _keep_former(path: Path, workspace: Path, today: dt.date, done: Written) -> None:
    folder = workspace / FOLDER / _FORMER
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    place = folder / f"{path.stem}-{today:%Y-%m-%d}.csv"
    while place.exists():
        number += 1
        place = folder / f"{path.stem}-{today:%Y-%m-%d}-{number}.csv"
    replace_users_file(place, path.read_bytes())
    text = f"The former {path.name} was kept as {place.relative_to(workspace).as_posix()}."
    done.notices.append(Notice("former", text))


def to_csv(table: pd.DataFrame) -> bytes:
    """A table as text: figures in their shortest form, quotation marks only where a cell needs them."""
    typed = pa.Table.from_pandas(table, preserve_index=False)
    plain = [
        column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for column in typed.columns
    ]
    typed = pa.table(plain, names=[str(name) for name in table.columns])
    texts = [column for column in typed.columns if pa.types.is_string(column.type)]
    headings = pa.chunked_array([pa.array([str(name) for name in table.columns], pa.string())])
    special = any(pc.any(pc.match_substring_regex(column, _SPECIAL)).as_py() for column in [headings, *texts])
    if special or any(column.null_count for column in typed.columns):
        return table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    stream = io.BytesIO()
    stream.write((",".join(map(str, table.columns)) + "\n").encode("utf-8"))
    pacsv.write_csv(typed, stream, pacsv.WriteOptions(include_header=False, quoting_style="none"))
    return stream.getvalue()


def make_table_inert(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """A copy whose texts no spreadsheet runs, and how many cells were given an apostrophe in front.

    >>> table = pd.DataFrame({"item": ["=1+1", "Chair", "-12.5"], "units": [-1, 2, 3]})
    >>> table, changed = make_table_inert(table)
    >>> list(table["item"]), list(table["units"]), changed
    (["'=1+1", 'Chair', '-12.5'], [-1, 2, 3], 1)
    """
    made, changed = table.copy(deep=False), 0
    for name in table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]:
        words = [word for word in _words_of(table[name]) if would_run(word)]
        if words:
            texts = table[name].astype(object)
            made[name] = texts.replace({word: make_inert(word) for word in words})
            changed += int(texts.isin(words).sum())
    headings = {name: make_inert(str(name)) for name in table.columns if would_run(str(name))}
    return made.rename(columns=headings), changed + len(headings)


def _words_of(values: pd.Series) -> list[str]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return [str(word) for word in values.cat.categories]
    return [str(word) for word in distinct_words(values)[1]]


def _say_inert(file: str, changed: int) -> Notice:
    return Notice(
        "inert_text",
        f"{file}: {changed:,} texts that a spreadsheet would take for a formula now bear an "
        "apostrophe; name them so elsewhere too.",
        changed,
    )


def read_open_days(workspace: Path, mapping_name: str) -> pd.DataFrame | None:
    """Days that the export before left open, None where there are none."""
    path = workspace / FOLDER / f"{mapping_name}.open.csv"
    if not path.exists():
        return None
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in ("units", "revenue"):
        if name in frame:
            frame[name] = pd.to_numeric(frame[name])
    return frame.assign(day=pd.to_datetime(frame["day"]))


def write_open_days(workspace: Path, mapping_name: str, days: pd.DataFrame) -> None:
    """Keep the days of a period that is not over, or forget those of the export before."""
    path = workspace / FOLDER / f"{mapping_name}.open.csv"
    if len(days):
        table = days.assign(day=days["day"].dt.strftime("%Y-%m-%d"))
        replace_users_file(path, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    elif path.exists():
        path.unlink()


def write_log(
    workspace: Path, source: str, digest: str, found: Imported, notices: list[Notice], today: dt.date
) -> Path:
    """Continue the log of imports: what was read, and where every figure of it went."""
    path = workspace / FOLDER / _LOG
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = [f"{today:%Y-%m-%d} {source} (SHA-256 {digest})" if digest else f"{today:%Y-%m-%d} {source}"]
    lines += [f"  {line}" for line in found.reconciliation.lines()]
    lines += [f"  note: {notice.sentence}" for notice in notices]
    replace_users_file(path, (before + "\n".join(lines) + "\n\n").encode("utf-8"))
    return path
