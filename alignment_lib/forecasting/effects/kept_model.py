"""The fitted model of a round kept as plain arrays and texts: another calendar is then asked, not fitted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from alignment_lib.forecasting.cache import load_table, store_table
from alignment_lib.forecasting.effects.learner import Learner
from alignment_lib.forecasting.effects.levels import Joined
from alignment_lib.forecasting.effects.model import EffectsModel
from alignment_lib.forecasting.effects.pooled import PooledFit

__all__ = ["KeptModel", "slim"]

_NONE = np.empty((0, 0))
_ARRAYS = (
    *("slopes", "center", "intercept", "level", "trend", "residual", "path", "anchor"),
    *("anchor_ahead", "growth"),
)
"""Arrays of the explained member that forecasting needs."""


@dataclass(frozen=True)
class KeptModel:
    """A fitted model in memory or in the cache.

    Attributes
    ----------
    model : EffectsModel or None
        None where it is read from the cache when it is asked for.
    level : ndarray or None, shape (series, horizon)
        The level beside the model's own.
    folder, key
        Where it lies in the cache.
    """

    model: EffectsModel | None = None
    level: np.ndarray | None = None
    folder: Path | None = None
    key: str = ""

    def store(self, folder: Path, key: str) -> None:
        """Write it into the cache, to be read by `open`."""
        if self.model is None:
            return
        arrays, texts = _take_apart(self.model, self.level)
        names = [*arrays, *texts]
        shapes = [json.dumps(values.shape) for values in arrays.values()] + [""] * len(texts)
        data = [values.astype(float).tobytes() for values in arrays.values()]
        data += [text.encode() for text in texts.values()]
        columns = {"name": names, "shape": shapes, "data": pa.array(data, pa.large_binary())}
        store_table(folder, f"{key}-model", pa.table(columns))

    def open(self) -> tuple[EffectsModel, np.ndarray | None] | None:
        """Model and level; None where the cache has none."""
        if self.model is not None:
            return self.model, self.level
        table = None if self.folder is None else load_table(self.folder, f"{self.key}-model")
        return None if table is None else _put_together(table)


def slim(model: EffectsModel) -> EffectsModel:
    """The model without what it says of its own past, which forecasting does not need."""
    learners = {name: replace(one, fitted=_NONE) for name, one in model.learners.items()}
    return replace(model, explained=replace(model.explained, fitted=_NONE), learners=learners)


def _take_apart(
    model: EffectsModel, level: np.ndarray | None
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    fit = model.explained
    arrays = {name: np.ascontiguousarray(getattr(fit, name)) for name in _ARRAYS}
    arrays |= {f"factor {name}": np.ascontiguousarray(values) for name, values in model.factors.items()}
    if level is not None:
        arrays["beside"] = np.ascontiguousarray(level)
    learners = {
        name: {"names": one.names, "threads": one.threads, "boosters": len(one.boosters)}
        for name, one in model.learners.items()
    }
    told = {"damping": fit.damping, "season": fit.season, "joined": asdict(fit.joined)}
    texts = {"told": json.dumps({**told, "weights": model.weights, "learners": learners})}
    for name, one in model.learners.items():
        for place, booster in enumerate(one.boosters):
            texts[f"{name} {place}"] = booster.model_to_string()
    return arrays, texts


def _put_together(table: pa.Table) -> tuple[EffectsModel, np.ndarray | None]:
    rows: Mapping[str, Mapping[str, Any]] = {row["name"]: row for row in table.to_pylist()}
    arrays = {
        name: np.frombuffer(row["data"]).reshape(json.loads(row["shape"]))
        for name, row in rows.items()
        if row["shape"]
    }
    told = json.loads(rows["told"]["data"])
    joined = Joined(**told["joined"])
    fit = PooledFit(
        **{name: arrays[name] for name in _ARRAYS},
        fitted=_NONE,
        damping=told["damping"],
        season=told["season"],
        joined=joined,
    )
    learners = {name: _grown(name, one, rows) for name, one in told["learners"].items()}
    factors = {
        name.removeprefix("factor "): values for name, values in arrays.items() if name.startswith("factor ")
    }
    return EffectsModel(fit, learners, factors, told["weights"]), arrays.get("beside")


def _grown(name: str, told: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> Learner:
    import lightgbm

    texts = [rows[f"{name} {place}"]["data"].decode() for place in range(told["boosters"])]
    boosters = tuple(lightgbm.Booster(model_str=text) for text in texts)
    return Learner(boosters, tuple(told["names"]), _NONE, told["threads"])
