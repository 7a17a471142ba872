"""The learner (D and R): gradient-boosted trees across all series, on the features of the explained model."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np

from alignment_lib.forecasting.effects.drivers.panel import Panel

__all__ = [
    "FULL",
    "QUICK",
    "Learner",
    "LearnerSettings",
    "TreeFeatures",
    "context_features",
    "fit_learner",
]

_FEWEST_ROWS = 400
_MOST_ROWS = 400_000
_MOST_CODES = 32
_MOST_BINS = 63


@dataclass(frozen=True)
class LearnerSettings:
    """Trees, chosen on earlier origins of real sales.

    Attributes
    ----------
    trees, leaves : int
    rate : float
        Learning rate.
    rows_per_leaf : int
    sample_share : float
        Share of rows and of features each tree sees.
    seeds : int
        Fits with different samples whose predictions are averaged.
    """

    trees: int = 300
    leaves: int = 63
    rate: float = 0.05
    rows_per_leaf: int = 100
    sample_share: float = 0.5
    seeds: int = 2


FULL = LearnerSettings()
QUICK = LearnerSettings(trees=150, leaves=31, rate=0.1, seeds=1)
"""For backtests: the same choice at a quarter of the time."""


@dataclass(frozen=True)
class TreeFeatures:
    """What trees read, every column under its name.

    Attributes
    ----------
    values : ndarray, shape (series, periods, features)
    names : tuple of str
        One per feature, no two alike.
    categories : tuple of str
        Names of those that hold codes rather than amounts.

    Raises
    ------
    ValueError
        Where names and columns do not match.
    """

    values: np.ndarray
    names: tuple[str, ...]
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """LightGBM reads columns by place: what stands where is checked before it does."""
        if len(self.names) != self.values.shape[2] or len(set(self.names)) != len(self.names):
            raise ValueError(f"{self.values.shape[2]} features under {len(set(self.names))} different names")

    def between(self, periods: slice) -> TreeFeatures:
        """The same of some periods."""
        return TreeFeatures(self.values[:, periods], self.names, self.categories)


@dataclass(frozen=True)
class Learner:
    """Boosted trees predicting a log target from features; `boosters` are LightGBM's, to be averaged.

    `names` are the features they were grown on, in order. `threads` share the rows when predicting, each row
    whole: the numbers are the same for any of them.
    """

    boosters: tuple[Any, ...]
    names: tuple[str, ...]
    threads: int = 1

    def predict(self, features: TreeFeatures) -> np.ndarray:
        """Predictions of shape (series, periods), the columns found by name.

        Raises
        ------
        ValueError
            Where a feature that the trees were grown on is missing, or one is there that they never saw.
        """
        if set(features.names) != set(self.names):
            strange = ", ".join(sorted(set(features.names) ^ set(self.names)))
            raise ValueError(f"features of the trees and of what they are to predict differ: {strange}")
        values = features.values
        if features.names != self.names:
            values = values[:, :, [features.names.index(name) for name in self.names]]
        flat = values.reshape(-1, values.shape[2])
        total = sum(np.asarray(booster.predict(flat, num_threads=self.threads)) for booster in self.boosters)
        return np.asarray(total / len(self.boosters)).reshape(values.shape[:2])


def fit_learner(
    target: np.ndarray,
    features: TreeFeatures,
    *,
    jobs: int = 1,
    settings: LearnerSettings = FULL,
) -> Learner | None:
    """Fit boosted trees (Ke et al. 2017) with squared error to every known cell of `target`.

    What each tree samples is fixed: a plan must not hang on a seed.

    Parameters
    ----------
    target : ndarray, shape (series, periods)
        NaN where unknown.
    features : TreeFeatures
    jobs : int
    settings : LearnerSettings

    Returns
    -------
    Learner or None
        None where there are too few rows (400) for trees to say anything.
    """
    known = np.flatnonzero(np.isfinite(target).ravel())
    if len(known) < _FEWEST_ROWS:
        return None
    known = known[:: -(-len(known) // _MOST_ROWS)]
    import lightgbm

    rows_per_leaf = min(settings.rows_per_leaf, max(20, len(known) // 40))
    parameters = {
        "objective": "l2", "learning_rate": settings.rate, "num_leaves": settings.leaves,
        "min_data_in_leaf": rows_per_leaf, "feature_fraction": settings.sample_share,
        "bagging_fraction": settings.sample_share, "bagging_freq": 1, "verbose": -1, "num_threads": 1,
        "deterministic": True, "force_row_wise": True, "max_bin": _MOST_BINS,
    }  # fmt: skip
    data = lightgbm.Dataset(
        features.values.reshape(-1, len(features.names))[known],
        target.ravel()[known],
        feature_name=[quote(name, safe="") for name in features.names],
        categorical_feature=[quote(name, safe="") for name in features.categories],
        params={
            "verbose": -1,
            "num_threads": 1,
            "min_data_in_leaf": rows_per_leaf,
            "max_bin": _MOST_BINS,
        },
    )
    data.construct()

    def grow(step: int) -> Any:
        # Every second fit splits at random places (Geurts et al. 2006): the mean errs less than either.
        ours = {**parameters, "seed": step, "extra_trees": step % 2 == 1}
        return lightgbm.train(ours, data, settings.trees)

    # Threads over whole fits: one tree on two threads waits on the slower of them.
    with ThreadPoolExecutor(max(1, min(jobs, settings.seeds))) as pool:
        return Learner(tuple(pool.map(grow, range(settings.seeds))), features.names, max(1, jobs))


def context_features(
    panel: Panel, level: np.ndarray, at_reference: Collection[str], first: int, end: int
) -> TreeFeatures:
    """What trees need beside the explained model's features, for the periods from `first` to before `end`.

    Product and small dimensions as codes; for each price its log, its place against the series' own
    median of the last year and against the lowest of the store; the place in the year; usual log sales
    (`level`, shape (series, known + horizon)).
    """
    span = slice(first, end)
    shape = (len(panel.keys), end - first)
    columns = {"code:product": np.broadcast_to(panel.product[:, None].astype(float), shape)}
    for name in panel.keys.columns:
        codes = np.unique(panel.keys[name].astype(str), return_inverse=True)[1]
        if 1 < codes.max(initial=0) + 1 <= _MOST_CODES and not np.array_equal(codes, panel.product):
            columns[f"code:dimension {name}"] = np.broadcast_to(codes[:, None].astype(float), shape)
    categories = tuple(columns)
    season = panel.calendar.season
    for name in panel.of_kind("price"):
        logs = np.log(panel.drivers[name])
        if name in at_reference:
            logs[:, panel.known :] = np.log(panel.references[name][:, panel.known :])
        usual = np.median(logs[:, max(0, panel.known - season) : panel.known], axis=1, keepdims=True)
        lowest = np.full((int(panel.others.max()) + 1, shape[1]), np.inf)
        np.minimum.at(lowest, panel.others, logs[:, span])
        columns[f"price:{name}"] = logs[:, span]
        columns[f"price:{name} over its usual"] = (logs - usual)[:, span]
        columns[f"price:{name} over the lowest"] = logs[:, span] - lowest[panel.others]
    place = (panel.periods.dayofyear.to_numpy()[span] - 1) // 7
    # Within one year the place in it is time itself, and a tree would carry on any drift by it.
    told = panel.known >= season
    columns["time of year"] = np.broadcast_to(place.astype(float) * told, shape)
    columns["usual sales"] = level[:, span]
    return TreeFeatures(np.stack(list(columns.values()), axis=2), tuple(columns), categories)
