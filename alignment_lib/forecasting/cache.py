"""A cache of forecasts on disk: keyed by everything that decides them, checked before it is trusted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.large_arrays import is_large, new_draws, parts_of, release
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.problems import Notice

if TYPE_CHECKING:
    from hashlib import _Hash as Digest

    import pyarrow as pa

__all__ = ["arrays_key", "forecast_key", "load_forecast", "load_table", "store_forecast", "store_table"]

_LIBRARIES = (
    "numpy",
    "scipy",
    "pandas",
    "holidays",
    "statsforecast",
    "lightgbm",
    "statsmodels",
    "alignment-workbook",
)
_ARRAYS = ("baseline", "naive")
Found = TypeVar("Found")


def forecast_key(history: History, periods: pd.DatetimeIndex, **settings: object) -> str:
    """Hash of the history, the horizon, the settings, the code of this layer and the library versions."""
    digest = _begun(settings)
    digest.update(repr(history.calendar).encode() + history.measure.encode())
    digest.update(history.keys.to_csv(index=False).encode())
    stated = [] if history.stated is None else [str(one) for one in history.stated]
    digest.update(json.dumps([list(history.unfinished), stated]).encode())
    digest.update(np.asarray(history.periods, dtype="datetime64[D]").tobytes())
    digest.update(np.asarray(periods, dtype="datetime64[D]").tobytes())
    digest.update(str(history.values.shape).encode() + np.ascontiguousarray(history.values).tobytes())
    return digest.hexdigest()[:32]


def arrays_key(*arrays: np.ndarray, **settings: object) -> str:
    """Hash of arrays, the settings, the code of this layer and the library versions."""
    digest = _begun(settings)
    for values in arrays:
        digest.update(f"{values.dtype.str} {values.shape}".encode() + np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:32]


def _begun(settings: Mapping[str, object]) -> Digest:
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
    digest.update(json.dumps([_version(name) for name in _LIBRARIES]).encode())
    digest.update(_code_hash().encode())
    return digest


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} -"


def _code_hash() -> str:
    """Hash of this layer's modules: a changed method never meets an old result."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def store_forecast(folder: Path, key: str, forecast: Forecast) -> None:
    """Write a forecast as one Parquet file, whole or not at all, its checksum beside it.

    A cache that cannot be written (a full or read-only disk) costs time, never a result; nor is a forecast
    kept whose draws are too large for memory.
    """
    import pyarrow as pa

    if is_large(forecast.samples.shape):
        # Packing and unpacking it would need the memory that a large forecast was kept out of.
        return
    extra = {
        "shape": json.dumps(list(forecast.samples.shape)),
        "notices": json.dumps([[n.code, n.text, n.count] for n in forecast.notices]),
    }
    store_table(folder, f"{key}-why", pa.Table.from_pandas(forecast.why, preserve_index=False))
    tried = pa.Table.from_pandas(forecast.candidates, preserve_index=False)
    store_table(folder, f"{key}-candidates", tried)
    _store_parts(folder, key, (_packed(forecast, part, extra) for part in parts_of(len(forecast.keys))))


def _packed(forecast: Forecast, part: slice, extra: dict[str, str]) -> pa.Table:
    """Some series of a forecast, a row for each period: baseline, naive, draws and driver effects."""
    import pyarrow as pa

    columns = {"baseline": forecast.baseline[part].ravel(), "naive": forecast.naive[part].ravel()}
    for number, draw in enumerate(forecast.samples[:, part]):
        columns[f"s{number}"] = np.asarray(draw).ravel()
    columns |= {f"d:{name}": effect[part].ravel() for name, effect in forecast.driver_effects.items()}
    release(forecast.samples)
    return pa.table(columns).replace_schema_metadata(extra)


def store_table(folder: Path, key: str, table: pa.Table) -> None:
    """Write one table, whole or not at all, its checksum in its name; a cache never stops a run."""
    _store_parts(folder, key, iter([table]))


def _store_parts(folder: Path, key: str, tables: Iterator[pa.Table]) -> None:
    """Write tables of one form as the row groups of one file."""
    import pyarrow.parquet as pq

    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{key}.", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        try:
            first = next(tables)
            with pq.ParquetWriter(temporary, first.schema, compression="zstd", use_dictionary=False) as file:
                for table in chain([first], tables):
                    file.write_table(table, row_group_size=max(table.num_rows, 1))
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
            temporary.replace(folder / f"{key}.{_checksum(temporary)[:24]}.parquet")
        finally:
            temporary.unlink(missing_ok=True)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_table(folder: Path, key: str) -> pa.Table | None:
    """Read a stored table whose bytes still have the checksum in its name; others are removed."""
    import pyarrow.parquet as pq

    return _load(folder, key, pq.read_table)


def _load(folder: Path, key: str, read: Callable[[Path], Found]) -> Found | None:
    """What `read` makes of a stored file that is as it was written; any other is removed."""
    import pyarrow as pa

    for path in sorted(folder.glob(f"{key}.*.parquet")) if folder.is_dir() else []:
        with contextlib.suppress(OSError, ValueError, KeyError, pa.ArrowException):
            if path.name == f"{key}.{_checksum(path)[:24]}.parquet":
                return read(path)
        with contextlib.suppress(OSError):
            path.unlink()
    return None


def load_forecast(folder: Path, key: str, keys: pd.DataFrame, periods: pd.DatetimeIndex) -> Forecast | None:
    """Read a stored forecast; None where there is none or where anything about it is wrong."""
    why, tried = (load_table(folder, f"{key}-{name}") for name in ("why", "candidates"))
    if why is None or tried is None:
        return None
    made = _load(folder, key, lambda path: _read_forecast(path, why.to_pandas(), keys, periods))
    return None if made is None else replace(made, candidates=tried.to_pandas())


def _read_forecast(path: Path, why: pd.DataFrame, keys: pd.DataFrame, periods: pd.DatetimeIndex) -> Forecast:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        extra = {name.decode(): text.decode() for name, text in file.schema_arrow.metadata.items()}
        draws, count, horizon = json.loads(extra["shape"])
        if (count, horizon) != (len(keys), len(periods)):
            raise ValueError(f"stored forecast of {count} series by {horizon} periods is not that asked for")
        names = [name for name in file.schema_arrow.names if name in _ARRAYS or name.startswith("d:")]
        grid = {name: np.empty((count, horizon)) for name in names}
        in_file = draws and file.schema_arrow.field("s0").type == pa.float32()
        samples = new_draws(draws, count, horizon) if in_file else np.empty((draws, count, horizon))
        done = 0
        for number in range(file.num_row_groups):
            part = file.read_row_group(number)
            rows = slice(done, done + part.num_rows // horizon)
            done = rows.stop
            for name, values in grid.items():
                values[rows] = part.column(name).to_numpy().reshape(-1, horizon)
            for draw in range(draws):
                samples[draw, rows] = part.column(f"s{draw}").to_numpy().reshape(-1, horizon)
            release(samples)
    notices = tuple(Notice(code, text, number) for code, text, number in json.loads(extra["notices"]))
    effects = {name.removeprefix("d:"): values for name, values in grid.items() if name.startswith("d:")}
    return Forecast(keys, periods, grid["baseline"], samples, grid["naive"], effects, why, notices)
