"""The cache of forecasts with drivers: the forecast and what the past showed, kept together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.cache import (
    forecast_key,
    load_forecast,
    load_table,
    store_forecast,
    store_table,
)
from alignment_lib.forecasting.effects.calendars import Chosen
from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.forecasting.effects.kept_model import KeptModel
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.history import History

__all__ = ["driver_forecast_key", "load_driver_forecast", "store_driver_forecast"]

_FRAMES = ("effects", "events", "backtest")
_PAST = ("cleansed", "without", "expected")


def driver_forecast_key(
    history: History, periods: pd.DatetimeIndex, drivers: pd.DataFrame, **settings: object
) -> str:
    """Hash of all that decides a forecast with drivers."""
    digest = hashlib.sha256(",".join(map(str, drivers.columns)).encode())
    for name in drivers:
        digest.update(pd.util.hash_pandas_object(drivers[name], index=False).to_numpy().tobytes())
    if history.price is not None:
        digest.update(np.ascontiguousarray(history.price).tobytes())
    return "drivers-" + forecast_key(history, periods, drivers=digest.hexdigest(), **settings)


def store_driver_forecast(folder: Path, key: str, forecast: Forecast, effects: DriverEffects) -> None:
    """Keep a forecast with drivers; the forecast itself last, so that it stands only if all stands."""
    import pyarrow as pa

    for name in _FRAMES:
        frame = getattr(effects, name)
        store_table(folder, f"{key}-{name}", pa.Table.from_pandas(frame, preserve_index=False))
    chosen = effects.chosen.to_dict() if effects.chosen is not None else None
    shape = json.dumps({"shape": effects.cleansed.shape, "unused": effects.unused, "chosen": chosen})
    past = pa.table({name: getattr(effects, name).ravel() for name in _PAST})
    store_table(folder, f"{key}-past", past.replace_schema_metadata({"extra": shape}))
    if effects.fitted is not None:
        effects.fitted.store(folder, key)
    store_forecast(folder, key, forecast)


def load_driver_forecast(
    folder: Path, key: str, keys: pd.DataFrame, periods: pd.DatetimeIndex
) -> tuple[Forecast, DriverEffects] | None:
    """Read both back; None where any part is missing or altered."""
    forecast = load_forecast(folder, key, keys, periods)
    frames = {name: load_table(folder, f"{key}-{name}") for name in _FRAMES}
    past = load_table(folder, f"{key}-past")
    if forecast is None or past is None or any(frame is None for frame in frames.values()):
        return None
    extra = json.loads(past.schema.metadata[b"extra"])
    values: Mapping[str, pd.DataFrame] = {
        name: frame.to_pandas() for name, frame in frames.items() if frame is not None
    }
    arrays = {name: past.column(name).to_numpy().reshape(extra["shape"]) for name in _PAST}
    return forecast, DriverEffects(
        effects=values["effects"],
        events=values["events"],
        cleansed=arrays["cleansed"],
        without=arrays["without"],
        expected=arrays["expected"],
        backtest=values["backtest"],
        unused=extra["unused"],
        chosen=Chosen.from_dict(extra["chosen"]) if extra["chosen"] else None,
        fitted=KeptModel(folder=folder, key=key),
    )
