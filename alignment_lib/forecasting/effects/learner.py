"""The learner (D and R): gradient-boosted trees across all series, on the features of the explained model."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import numpy as np

from alignment_lib.forecasting.effects.drivers.panel import Panel
from alignment_lib.forecasting.large_arrays import WIDE_PART, parts_of, release

__all__ = [
    "FULL",
    "QUICK",
    "BinnedCells",
    "CellsShown",
    "Learner",
    "LearnerSettings",
    "Shown",
    "TreeFeatures",
    "bin_cells",
    "context_features",
    "fit_learner",
    "said_of_history",
]

_FEWEST_ROWS = 400
_MOST_ROWS = 400_000
_MOST_CODES = 32
_ROWS_PER_LEAF = 100
_MOST_BINS = 63


@dataclass(frozen=True)
class LearnerSettings:
    """Trees, chosen on earlier origins of real sales.

    Attributes
    ----------
    trees, leaves : int
    rate : float
        Learning rate.
    sample_share, feature_share : float
        Share of rows and of features that each tree sees.
    seeds : int
        Fits with different samples whose predictions are averaged.
    """

    trees: int = 300
    leaves: int = 63
    rate: float = 0.05
    sample_share: float = 0.5
    feature_share: float = 0.5
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

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the values."""
        return self.values.dtype

    def part(self, series: slice) -> np.ndarray:
        """Values of some series."""
        return self.values[series]


class Shown(Protocol):
    """Features that can be read in parts of the series."""

    @property
    def names(self) -> tuple[str, ...]:
        """One per feature."""

    @property
    def categories(self) -> tuple[str, ...]:
        """Names of those that hold codes."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the values."""

    def part(self, series: slice) -> np.ndarray:
        """Values of some series, shape (some series, periods, features)."""


class CellsShown:
    """Features of the explained model that trees may read and their context, joined when a part is read.

    Parameters
    ----------
    features : ndarray, shape (series, periods, features)
    names : tuple of str
        One per feature.
    for_trees : ndarray of bool, shape (features,)
        Which of them trees may read.
    context : TreeFeatures
        Of the same series and periods.
    """

    dtype = np.dtype(np.float32)

    def __init__(
        self, features: np.ndarray, names: tuple[str, ...], for_trees: np.ndarray, context: TreeFeatures
    ) -> None:
        self._features, self._on, self._context = features, for_trees, context.values
        self.names = (*(name for name, on in zip(names, for_trees, strict=True) if on), *context.names)
        self.categories = context.categories

    def part(self, series: slice) -> np.ndarray:
        """Features of some series, in the single precision of trees."""
        context, own = self._context[series], int(self._on.sum())
        values = np.empty((*context.shape[:2], own + context.shape[2]), dtype=self.dtype)
        its = self._features[series]
        values[:, :, :own] = its if self._on.all() else its[:, :, self._on]
        values[:, :, own:] = context
        release(self._features)
        return values


@dataclass(frozen=True)
class Learner:
    """Boosted trees predicting a log target from features; `boosters` are LightGBM's, to be averaged.

    `names` are the features they were grown on, in order; `fitted` is what they say of the cells they were
    grown on. `threads` share the rows when predicting, each row whole: the numbers are the same for any of
    them.
    """

    boosters: tuple[Any, ...]
    names: tuple[str, ...]
    fitted: np.ndarray
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


@dataclass(frozen=True)
class BinnedCells:
    """Cells that trees are grown on, their features binned once for every target.

    Attributes
    ----------
    cells : ndarray of int
        Flat places of the cells in an array of shape (series, periods).
    is_whole : bool
        Whether they are all that is known, not a sample of it.
    names : tuple of str
    data : lightgbm.Dataset
    """

    cells: np.ndarray
    is_whole: bool
    names: tuple[str, ...]
    data: Any


def bin_cells(known: np.ndarray, features: Shown) -> BinnedCells | None:
    """Bin the features of every known cell, or of each second, third … where there are too many.

    Parameters
    ----------
    known : ndarray of bool, shape (series, periods)
    features : Shown
        Read in parts of the series.

    Returns
    -------
    BinnedCells or None
        None where there are too few cells (400) for trees to say anything.
    """
    every = np.flatnonzero(known.ravel())
    if len(every) < _FEWEST_ROWS:
        return None
    cells = every[:: -(-len(every) // _MOST_ROWS)]
    rows = np.empty((len(cells), len(features.names)), dtype=features.dtype)
    at, periods = 0, known.shape[1]
    for part in parts_of(len(known), WIDE_PART):
        end = int(np.searchsorted(cells, part.stop * periods))
        values = features.part(part).reshape(-1, len(features.names))
        rows[at:end] = values[cells[at:end] - part.start * periods]
        at = end
    import lightgbm

    data = lightgbm.Dataset(
        rows,
        np.zeros(len(rows)),
        feature_name=[quote(name, safe="") for name in features.names],
        categorical_feature=[quote(name, safe="") for name in features.categories],
        # One plain column for each feature: bundles of sparse ones are slower here, and grow the same trees.
        params={
            "verbose": -1,
            "num_threads": 1,
            "min_data_in_leaf": _rows_per_leaf(len(cells)),
            "max_bin": _MOST_BINS,
            "enable_bundle": False,
            "is_enable_sparse": False,
        },
    )
    return BinnedCells(cells, len(cells) == len(every), features.names, data.construct())


def _rows_per_leaf(rows: int) -> int:
    return min(_ROWS_PER_LEAF, max(20, rows // 40))


def fit_learner(
    target: np.ndarray, binned: BinnedCells, *, jobs: int = 1, settings: LearnerSettings = FULL
) -> Learner:
    """Fit boosted trees (Ke et al. 2017) with squared error to the binned cells of `target`.

    What each tree samples is fixed: a plan must not hang on a seed.

    Parameters
    ----------
    target : ndarray, shape (series, periods)
    binned : BinnedCells
        One fit of it at a time.
    jobs : int
    settings : LearnerSettings
    """
    import lightgbm

    parameters = {
        "objective": "l2", "learning_rate": settings.rate, "num_leaves": settings.leaves, "metric": "none",
        "min_data_in_leaf": _rows_per_leaf(len(binned.cells)), "feature_fraction": settings.feature_share,
        "bagging_fraction": settings.sample_share, "bagging_freq": 1, "verbose": -1, "num_threads": 1,
        "deterministic": True, "force_row_wise": True, "max_bin": _MOST_BINS,
    }  # fmt: skip
    binned.data.set_label(target.ravel()[binned.cells])

    def grow(step: int) -> tuple[Any, np.ndarray]:
        # Every second fit splits at random places (Geurts et al. 2006): the mean errs less than either.
        ours = {**parameters, "seed": step, "extra_trees": step % 2 == 1}
        booster = lightgbm.train(ours, binned.data, settings.trees, keep_training_booster=True)
        fitted = _fitted(booster)
        # What growing needed goes.
        return booster.model_from_string(booster.model_to_string()), fitted

    # Threads over whole fits: one tree on two threads waits on the slower of them.
    with ThreadPoolExecutor(max(1, min(jobs, settings.seeds))) as pool:
        grown = list(pool.map(grow, range(settings.seeds)))
    boosters, fitted = zip(*grown, strict=True)
    return Learner(boosters, binned.names, np.mean(fitted, axis=0), max(1, jobs))


def _fitted(booster: Any) -> np.ndarray:
    """What the trees say of the rows they were grown on, as summed up while they grew."""
    told: list[np.ndarray] = []

    def listen(said: np.ndarray, _: Any) -> tuple[str, float, bool]:
        told.append(np.array(said))
        return "said", 0.0, True

    booster.eval_train(listen)
    return told[0]


def said_of_history(
    learner: Learner, binned: BinnedCells, shown: Shown, known: np.ndarray, recent: slice
) -> np.ndarray:
    """What trees say of the recent periods of their history, shape (series, recent); NaN where not known."""
    said = np.full(known.shape, np.nan)
    if binned.is_whole:
        said.flat[binned.cells] = learner.fitted
        return said[:, recent]
    for series in parts_of(len(said), WIDE_PART):
        part = TreeFeatures(shown.part(series)[:, recent], shown.names, shown.categories)
        said[series, recent] = learner.predict(part)
    return np.where(known, said, np.nan)[:, recent]


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
    # Single precision tells as much as trees ask, at half the memory.
    values = np.empty((*shape, len(columns)), dtype=np.float32)
    for at, column in enumerate(columns.values()):
        values[:, :, at] = column
    return TreeFeatures(values, tuple(columns), categories)
