"""Tables that come from a database: one query each, read only, secrets from the environment alone.

A secret is written in ``planning.toml`` as ``${ALIGNMENT_…}`` and filled in here, for the length of one
connection. No message, table or hash ever holds it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from alignment_lib.inputs.configuration.settings import PLACEHOLDER, Source
from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE
from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.tables.raw import RawTable, clip

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["read_query"]

_BATCH_ROWS = 50_000
_MAX_BYTES = 4_000_000_000
_CONNECT_SECONDS = 10


def read_query(
    folder: Path, table: str, source: Source, log: ProblemLog, environment: Mapping[str, str] | None = None
) -> RawTable | None:
    """Read the result of a table's query; faults go to `log`, and None means nothing could be read.

    Parameters
    ----------
    folder : Path
        The workspace: where the path of a SQLite or DuckDB file begins unless it is absolute.
    table : str
        Name of the table, which stands for the file in messages: ``sales (query)``.
    source : Source
        Its `url` and `query`.
    log : ProblemLog
        Receives what is wrong, with every secret left out.
    environment : mapping of str to str, optional
        Where ``${ALIGNMENT_…}`` is looked up; the process's own by default.
    """
    name = f"{table} (query)"
    place = f"{table}.source" if table in ("sales", "drivers") else f"tables.{table}"
    values, absent = _look_up(source.url, os.environ if environment is None else environment)
    if absent:
        found, mend = f"no environment variable {absent[0]}", "set it before the command is run"
        log.add(Problem(SETTINGS_FILE, found, "the variable named in the url", mend, column=place))
        return None
    try:
        import sqlalchemy
    except ImportError:
        found, mend = "a database source without SQLAlchemy", "pip install 'alignment-workbook[sql]'"
        log.add(Problem(SETTINGS_FILE, found, "the extra `sql` to be installed", mend, column=place))
        return None
    secrets = list(values.values())
    try:
        url = sqlalchemy.make_url(_fill_in(source.url, values))
        secrets += [url.password] if url.password else []
        result = _fetch(_local(url, folder), source.query)
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, ValueError, OSError, pa.ArrowException) as error:
        mend = f"correct url or query in {SETTINGS_FILE}, or see to the database"
        log.add(
            Problem(
                name, f"a database error: {_said(error, secrets)}", "the table's rows", mend, column=place
            )
        )
        return None
    twice = sorted({column for column in result.column_names if result.column_names.count(column) > 1})
    if twice:
        found, mend = f"{clip(twice[0])} twice", "name every column of the query once"
        log.add(Problem(name, found, "columns named once", mend, column=twice[0]))
        return None
    columns = dict(zip(result.column_names, result.columns, strict=True))
    return RawTable(name, "", columns, result.num_rows, lambda position: position + 1, digest=_digest(result))


def _look_up(url: str, environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    names = PLACEHOLDER.findall(url)
    return (
        {name: environment[name] for name in names if name in environment},
        [name for name in names if name not in environment],
    )


def _fill_in(url: str, values: Mapping[str, str]) -> str:
    """The url with its variables; one that is only a part must not be read as another part."""
    whole = PLACEHOLDER.fullmatch(url)
    if whole:
        return values[whole[1]]
    return PLACEHOLDER.sub(lambda match: quote(values[match[1]], safe=""), url)


def _local(url: URL, folder: Path) -> URL:
    """PostgreSQL by the driver that is installed; file databases found from the workspace and only read."""
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "duckdb"):
        return url
    path = folder / (url.database or "")
    if not path.is_file():
        raise ValueError(f"no database file {url.database or ''}")
    if url.get_backend_name() == "duckdb":
        return url.set(database=str(path.resolve()))
    return url.set(database=f"file:{quote(str(path.resolve()))}", query={"mode": "ro", "uri": "true"})


def _connect_options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "duckdb":
        # A query may not reach other files of the machine.
        return {"read_only": True, "config": {"enable_external_access": "false"}}
    return {"connect_timeout": _CONNECT_SECONDS} if url.get_backend_name() == "postgresql" else {}


def _fetch(url: URL, query: str) -> pa.Table:
    """Every row of the query, in its order, batch by batch."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(
        url, poolclass=sqlalchemy.pool.NullPool, hide_parameters=True, connect_args=_connect_options(url)
    )
    options: dict[str, Any] = {"no_parameters": True, "stream_results": True}
    if url.get_backend_name() == "postgresql":
        options["postgresql_readonly"] = True
    with engine.connect().execution_options(**options) as connection:
        rows = connection.exec_driver_sql(query)
        names = list(rows.keys())
        parts, size = [_as_table(names, [])], 0
        while batch := rows.fetchmany(_BATCH_ROWS):
            parts.append(_as_table(names, batch))
            size += parts[-1].nbytes
            if size > _MAX_BYTES:
                raise ValueError("a result above 4 GB; narrow the query")
    return _stack(parts)


def _as_table(names: Sequence[str], rows: Sequence[Any]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    return pa.Table.from_arrays([_as_array(column) for column in columns], names=list(names))


def _as_array(values: Sequence[Any]) -> pa.Array:
    """Plain numbers, dates, flags or text; decimals as the nearest double, anything else as its text."""
    try:
        made = pa.array(values)
    except (pa.ArrowException, OverflowError):
        made = None
    if made is not None and pa.types.is_decimal(made.type):
        return made.cast(pa.float64())
    if made is None or pa.types.is_nested(made.type) or pa.types.is_binary(made.type):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return made


def _stack(parts: Sequence[pa.Table]) -> pa.Table:
    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException:
        # SQLite may hold numbers and text in one column.
        texts = [
            pa.Table.from_arrays([column.cast(pa.string()) for column in part.columns], part.column_names)
            for part in parts
        ]
        return pa.concat_tables(texts)


def _digest(table: pa.Table) -> str:
    """SHA-256 of names, types and values: what a file's hash is for a file."""
    import pandas as pd

    digest = hashlib.sha256(str([(field.name, str(field.type)) for field in table.schema]).encode())
    digest.update(pd.util.hash_pandas_object(table.to_pandas(), index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _said(error: Exception, secrets: Sequence[str]) -> str:
    """The driver's own words on one line, without any secret."""
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    for secret in sorted({form for word in secrets for form in (word, quote(word, safe=""))}, key=len)[::-1]:
        text = text.replace(secret, "***") if secret else text
    return re.sub(r"\(Background on this error at: \S+\)", "", text).strip()[:300]
