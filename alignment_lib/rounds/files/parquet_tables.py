"""Tables as Parquet, the same bytes for the same content."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.dictionary import DIMENSION
from alignment_lib.inputs.snapshot_tables import SNAPSHOT_TABLES

__all__ = ["arrange_table", "complete_tables", "empty_table", "encode_table"]

_KEYS = ("round", "scenario", "stream", "assumption", "id", "span", "start", "period")
_ROW_GROUP = 131_072


_EMPTY = {"date": "datetime64[ns]", "number": "float64", "flag": "bool"}


def complete_tables(tables: Mapping[str, pd.DataFrame], dimensions: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables with every one of the contract there: empty, with its columns, where the round has none."""
    complete = dict(tables)
    for name, table in SNAPSHOT_TABLES.items():
        if table.always and (name not in complete or not len(complete[name])):
            complete[name] = empty_table(name, dimensions)
    return complete


def empty_table(name: str, dimensions: Sequence[str]) -> pd.DataFrame:
    """A table of the contract without a row.

    Raises
    ------
    KeyError
        Where the contract asks for no such table.
    """
    if not SNAPSHOT_TABLES[name].always:
        raise KeyError(name)
    empty: dict[str, pd.Series[Any]] = {}
    for column in SNAPSHOT_TABLES[name].columns:
        for label in dimensions if column.name == DIMENSION else (column.name,):
            empty[label] = pd.Series(dtype=_EMPTY.get(column.type, "object"))
    return pd.DataFrame(empty)


def arrange_table(table: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    """Put rows in the order of their keys and columns in fixed types.

    Text columns hold text or nothing, dates are nanoseconds, categories become text. Rows are sorted by
    ``round, scenario, stream, assumption, id, span, start, period`` and then the dimensions, as far as
    the table has them; rows with equal keys keep their order.

    Parameters
    ----------
    table : DataFrame
        Any table of the contract.
    dimensions : sequence of str
        The dimensions, broadest first.
    """
    plain = pd.DataFrame({str(name): _plain_column(table[name]) for name in table.columns})
    keys = [name for name in (*_KEYS, *dimensions) if name in plain.columns]
    if not keys or plain.empty:
        return plain.reset_index(drop=True)
    codes = [_rank(plain[name]) for name in keys]
    order = np.lexsort(codes[::-1])
    if (order[1:] > order[:-1]).all():
        return plain
    return plain.iloc[order].reset_index(drop=True)


def encode_table(table: pd.DataFrame) -> bytes:
    """The table as a Parquet file. Same table, same bytes: no index, no pandas notes, no clock."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.Schema.from_pandas(table, preserve_index=False).remove_metadata()
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, schema, compression="zstd", version="2.6") as writer:
        # A group of rows at a time: a large table is not held twice.
        for first in range(0, max(len(table), 1), _ROW_GROUP):
            rows = table.iloc[first : first + _ROW_GROUP]
            group = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
            writer.write_table(group.replace_schema_metadata(None), row_group_size=_ROW_GROUP)
    return buffer.getvalue()


def _rank(column: pd.Series[Any]) -> np.ndarray:
    codes, _ = pd.factorize(column, sort=True, use_na_sentinel=True)
    return np.asarray(codes)


def _plain_column(column: pd.Series[Any]) -> pd.Series[Any]:
    column = column.reset_index(drop=True)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.astype("datetime64[ns]")
    if column.dtype == object or pd.api.types.is_string_dtype(column):
        texts = _texts(column.astype(object)).astype(object)
        return texts.where(column.notna(), None)  # type: ignore[call-overload, no-any-return]
    return column


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """Values as text, missing ones left; a column of nothing but texts is looked at once for each text."""
    if pd.api.types.infer_dtype(column, skipna=True) != "string":
        return column.map(_text, na_action="ignore")
    codes, values = pd.factorize(column, use_na_sentinel=True)
    words = np.array([*map(_text, values), None], dtype=object)
    return pd.Series(words[codes], index=column.index)


def _text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    # Lone surrogates cannot be stored as UTF-8; they are shown as their escape.
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
