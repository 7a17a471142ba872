"""A cache of forecasts on disk: keyed by everything that decides them, checked before it is trusted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.history import History
from alignment_lib.forecasting.large_arrays import is_large
from alignment_lib.inputs.problems import Notice

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["forecast_key", "load_forecast", "load_table", "store_forecast", "store_table"]

_LIBRARIES = ("numpy", "scipy", "pandas", "statsforecast", "lightgbm", "statsmodels", "alignment-workbook")
_ARRAYS = ("baseline", "naive", "samples")


def forecast_key(history: History, periods: pd.DatetimeIndex, **settings: object) -> str:
    """Hash of the history, the horizon, the settings, the code of this layer and the library versions."""
    digest = hashlib.sha256()
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    digest.update(json.dumps([_version(name) for name in _LIBRARIES]).encode())
    digest.update(_code_hash().encode())
    digest.update(repr(history.calendar).encode() + history.measure.encode())
    digest.update(history.keys.to_csv(index=False).encode())
    digest.update(np.asarray(history.periods, dtype="datetime64[D]").tobytes())
    digest.update(np.asarray(periods, dtype="datetime64[D]").tobytes())
    digest.update(str(history.values.shape).encode() + np.ascontiguousarray(history.values).tobytes())
    return digest.hexdigest()[:32]


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
    draws, count, horizon = forecast.samples.shape
    columns = {"baseline": forecast.baseline.ravel(), "naive": forecast.naive.ravel()}
    for draw in range(draws):
        columns[f"s{draw}"] = forecast.samples[draw].ravel()
    extra = {
        "shape": json.dumps([draws, count, horizon]),
        "notices": json.dumps([[n.code, n.text, n.count] for n in forecast.notices]),
    }
    store_table(folder, f"{key}-why", pa.Table.from_pandas(forecast.why, preserve_index=False))
    columns |= {f"d:{name}": effect.ravel() for name, effect in forecast.driver_effects.items()}
    store_table(folder, key, pa.table(columns).replace_schema_metadata(extra))


def store_table(folder: Path, key: str, table: pa.Table) -> None:
    """Write one table, whole or not at all, its checksum in its name; a cache never stops a run."""
    import pyarrow.parquet as pq

    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{key}.", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        try:
            pq.write_table(table, temporary, compression="zstd", use_dictionary=False)
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            checksum = hashlib.sha256(temporary.read_bytes()).hexdigest()
            temporary.replace(folder / f"{key}.{checksum[:24]}.parquet")
        finally:
            temporary.unlink(missing_ok=True)


def load_table(folder: Path, key: str) -> pa.Table | None:
    """Read a stored table whose bytes still have the checksum in its name; others are removed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in sorted(folder.glob(f"{key}.*.parquet")) if folder.is_dir() else []:
        with contextlib.suppress(OSError, ValueError, KeyError, pa.ArrowException):
            checksum = hashlib.sha256(path.read_bytes()).hexdigest()
            if path.name == f"{key}.{checksum[:24]}.parquet":
                return pq.read_table(path)
        with contextlib.suppress(OSError):
            path.unlink()
    return None


def load_forecast(folder: Path, key: str, keys: pd.DataFrame, periods: pd.DatetimeIndex) -> Forecast | None:
    """Read a stored forecast; None where there is none or where anything about it is wrong."""
    table, why = load_table(folder, key), load_table(folder, f"{key}-why")
    if table is None or why is None:
        return None
    try:
        return _read_forecast(table, why.to_pandas(), keys, periods)
    except (ValueError, KeyError):
        return None


def _read_forecast(
    table: pa.Table, why: pd.DataFrame, keys: pd.DataFrame, periods: pd.DatetimeIndex
) -> Forecast:
    extra = {name.decode(): text.decode() for name, text in table.schema.metadata.items()}
    draws, count, horizon = json.loads(extra["shape"])
    if (count, horizon) != (len(keys), len(periods)):
        raise ValueError(f"stored forecast of {count} series by {horizon} periods is not that asked for")
    grid = {name: table.column(name).to_numpy().reshape(count, horizon) for name in ("baseline", "naive")}
    samples = np.stack([table.column(f"s{draw}").to_numpy().reshape(count, horizon) for draw in range(draws)])
    notices = tuple(Notice(code, text, number) for code, text, number in json.loads(extra["notices"]))
    effects = {
        name.removeprefix("d:"): table.column(name).to_numpy().reshape(count, horizon)
        for name in table.column_names
        if name.startswith("d:")
    }
    return Forecast(keys, periods, grid["baseline"], samples, grid["naive"], effects, why, notices)
