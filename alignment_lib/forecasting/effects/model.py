"""One model of sales under drivers: explained effects, learners, and their weighted geometric mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from alignment_lib.forecasting.effects.drivers.days import panel_calendar
from alignment_lib.forecasting.effects.drivers.lives import grown_up, launch_terms, wave_stiffness, years_seen
from alignment_lib.forecasting.effects.drivers.one_season import features_of, in_one_season, steps_since
from alignment_lib.forecasting.effects.drivers.panel import Panel
from alignment_lib.forecasting.effects.drivers.references import market_norm
from alignment_lib.forecasting.effects.drivers.under_way import growth_to_come
from alignment_lib.forecasting.effects.features import DriverFeatures, reference_signals, signals_of
from alignment_lib.forecasting.effects.learner import (
    FULL,
    CellsShown,
    Learner,
    LearnerSettings,
    TreeFeatures,
    bin_cells,
    context_features,
    fit_learner,
    said_of_history,
)
from alignment_lib.forecasting.effects.levels import Joined
from alignment_lib.forecasting.effects.pooled import (
    PooledFit,
    PooledSettings,
    bias_factors,
    fit_pooled,
    join_level,
)
from alignment_lib.forecasting.effects.slopes import Lines, fit_lines
from alignment_lib.forecasting.large_arrays import (
    IN_FILE_BYTES,
    WIDE_PART,
    is_large,
    new_array,
    parts_of,
    release,
)
from alignment_lib.inputs.configuration.calendar_settings import Holidays

__all__ = [
    "Design",
    "EffectsModel",
    "build_design",
    "cut_panel",
    "explained_lines",
    "fit_explained",
    "fit_model",
    "nothing_sold",
    "past_effect",
    "predict_logs",
    "settled_sales",
]


_STEP_STIFFNESS = 0.05
"""Penalty on the step of a driver that began in one season: it takes up whatever the two share."""


@dataclass(frozen=True)
class Design:
    """A panel with its features.

    Attributes
    ----------
    panel : Panel
    logs : ndarray, shape (series, known)
        log(sales + 1); returns count as no sales here; NaN where unknown.
    past : ndarray, shape (series, known, features)
        Features of the history, drivers first, then the calendar. Those of thousands of series lie in a
        file, in single precision.
    ahead : ndarray, shape (series, horizon, features)
        Features of the horizon.
    names : tuple of str
    season : ndarray, shape (known + horizon, calendar features)
        One for each series, before the periods, where they are of several countries.
    usual : ndarray, shape (series,)
        Mean sales, the weight of a product within its store.
    stiffness : ndarray, shape (series, features)
        Factor on the penalty of each feature.
    for_trees : ndarray of bool, shape (features,)
        Features that trees may read: all but those of drivers that began in one season.
    """

    panel: Panel
    logs: np.ndarray
    past: np.ndarray
    ahead: np.ndarray
    names: tuple[str, ...]
    season: np.ndarray
    usual: np.ndarray
    stiffness: np.ndarray
    for_trees: np.ndarray


@dataclass(frozen=True)
class EffectsModel:
    """A fitted model.

    Attributes
    ----------
    explained : PooledFit
    learners : dict of str to Learner
        ``direct`` (D: log sales less the series' mean) and ``residual`` (R: what the explained model leaves).
    factors : dict of str to ndarray, shape (series,)
        Log-transform bias of each member (``explained, direct, residual``).
    weights : dict of str to float
        Weight of each member in the geometric mean; they add to 1.
    """

    explained: PooledFit
    learners: dict[str, Learner]
    factors: dict[str, np.ndarray]
    weights: dict[str, float]


def build_design(panel: Panel, holidays: Holidays) -> Design:
    """Features of a panel at the calendar as planned."""
    values = panel.values
    seen = np.isfinite(values)
    usual = np.where(seen, values, 0).clip(0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    season, names = panel_calendar(panel, holidays)
    if panel.known < panel.calendar.season:
        # Within one year the time of year is time itself: a tree would carry on any drift by it.
        season[..., [name.startswith("year_") for name in names]] = 0.0
    steps, step_names = steps_since(panel.began, panel.known, len(panel.periods), panel.calendar.season)
    steps = np.broadcast_to(steps, (*season.shape[:-1], steps.shape[-1]))
    season = np.concatenate([season, steps], axis=-1)
    drivers = DriverFeatures(panel, signals_of(panel), usual)
    every = (*drivers.names, *names, *step_names)
    confused = in_one_season(panel.began, panel.known, panel.calendar.season)
    for_trees = ~features_of(every, confused) & ~_starting("since:", every)
    stiffness = np.ones((len(panel.keys), len(every)))
    waves = wave_stiffness(years_seen(seen, panel.calendar.season))
    stiffness[:, _starting("year_", every)] = waves[:, None]
    stiffness[:, _starting("since:", every)] = _STEP_STIFFNESS
    past, ahead = _lay_out(panel, drivers, season, usual)
    logs = np.where(seen, np.log1p(np.clip(values, 0, None)), np.nan)
    return Design(panel, logs, past, ahead, every, season, usual, stiffness, for_trees)


def _lay_out(
    panel: Panel, drivers: DriverFeatures, season: np.ndarray, usual: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Features of the history and of the horizon, put together a part of the series at a time."""
    known, own = panel.known, len(drivers.names)
    shape = (len(panel.keys), len(panel.periods), own + season.shape[-1])
    large = is_large(shape, IN_FILE_BYTES)
    past = new_array((shape[0], known, shape[2]), 0.0, np.float32 if large else np.float64)
    ahead = np.empty((shape[0], shape[1] - known, shape[2]))
    unplanned = None
    if 0 < known < shape[1]:
        # The last known period must not see what is planned next, or the baseline would move with the plan.
        unplanned = DriverFeatures(panel, signals_of(panel, list(panel.kinds)), usual, known - 1)
    for series in parts_of(shape[0], WIDE_PART):
        values = _join(drivers.part(series), season[series] if season.ndim > 2 else season)
        if unplanned is not None:
            values[:, known - 1, :own] = unplanned.part(series)[:, 0]
        past[series], ahead[series] = values[:, :known], values[:, known:]
        release(past)
    return past, ahead


def _starting(start: str, names: Collection[str]) -> np.ndarray:
    return np.array([name.startswith(start) for name in names], dtype=bool)


def _join(drivers: np.ndarray, season: np.ndarray) -> np.ndarray:
    shape = (drivers.shape[0], *season.shape[-2:])
    return np.concatenate([drivers, np.broadcast_to(season, shape)], axis=2)


def explained_lines(design: Design, settings: PooledSettings) -> Lines:
    """Slopes of the explained member."""
    launches = launch_terms(np.isfinite(design.logs), design.panel.calendar.season)
    product = design.panel.product
    return fit_lines(design.logs, design.past, product, settings, design.stiffness, launches)


def fit_explained(
    design: Design, settings: PooledSettings, joined: Joined | None = None, lines: Lines | None = None
) -> PooledFit:
    """The explained member alone, on lines already found where there are."""
    season, product = design.panel.calendar.season, design.panel.product
    launches = launch_terms(np.isfinite(design.logs), season)
    found = lines or explained_lines(design, settings)
    fit = fit_pooled(design.logs, found, product, settings, launches, season)
    horizon = len(design.panel.periods) - design.panel.known
    growth = growth_to_come(fit.residual, fit.path, product, season, horizon)
    fit = replace(fit, growth=growth.values) if growth.young.any() else fit
    return fit if joined is None else join_level(fit, joined)


def past_effect(design: Design, fit: PooledFit, names: Collection[str] | None = None) -> np.ndarray:
    """What drivers, by default all, did to past log sales by the explained model, shape (series, known)."""
    panel = design.panel
    usual = DriverFeatures(panel, reference_signals(panel, names), design.usual)
    count = len(usual.names)
    effect = np.empty((len(panel.keys), panel.known))
    for series in parts_of(len(effect), WIDE_PART):
        gap = design.past[series, :, :count] - usual.part(series)[:, : panel.known]
        effect[series] = np.einsum("ntf,nf->nt", gap, fit.slopes[series, :count])
        release(design.past)
    return effect


def settled_sales(design: Design) -> np.ndarray:
    """Sales without launches, whose level lags behind them and would be taken for a bias."""
    values = design.panel.values
    return np.where(grown_up(np.isfinite(values), design.panel.calendar.season), values, np.nan)


def fit_model(
    design: Design,
    settings: PooledSettings,
    weights: Mapping[str, float],
    *,
    jobs: int = 1,
    explained: PooledFit | None = None,
    learner_settings: LearnerSettings = FULL,
) -> EffectsModel:
    """Fit the members that carry weight, and the log-transform bias of each.

    Weights of a learner that cannot be fitted (too few rows) go to the explained member.
    """
    panel = design.panel
    fit = explained or fit_explained(design, settings)
    learners: dict[str, Learner] = {}
    season = panel.calendar.season
    # The bias is that of the last year: nothing before it is asked of the members.
    recent = slice(max(0, panel.known - season), panel.known)
    fitted = {"explained": fit.fitted[:, recent]}
    wanted = [name for name in ("direct", "residual") if weights.get(name, 0) > 0]
    shown, known = _history_shown(design, fit), np.isfinite(design.logs)
    binned = bin_cells(known, shown) if wanted else None
    if binned is not None:
        for name in wanted:
            base = fit.anchor if name == "direct" else fit.fitted
            learner = fit_learner(design.logs - base, binned, jobs=jobs, settings=learner_settings)
            learners[name] = learner
            fitted[name] = base[:, recent] + said_of_history(
                learner, binned, shown, np.isfinite(design.logs), recent
            )
    settled = settled_sales(design)[:, recent]
    factors = {name: bias_factors(settled, logs, panel.product, season) for name, logs in fitted.items()}
    kept = {name: float(weight) for name, weight in weights.items() if name in fitted and weight > 0}
    kept["explained"] = kept.get("explained", 0.0) + max(0.0, 1.0 - sum(kept.values()))
    return EffectsModel(fit, learners, factors, kept)


def _history_shown(design: Design, fit: PooledFit) -> CellsShown:
    """What trees read of the history."""
    context = context_features(design.panel, _anchors(fit, design.panel), (), 0, design.panel.known)
    return CellsShown(design.past, design.names, design.for_trees, context)


def _for_trees(
    design: Design, features: np.ndarray, level: np.ndarray, at_reference: Collection[str]
) -> TreeFeatures:
    """What trees read of the horizon, whose features are given."""
    first = design.panel.known
    context = context_features(design.panel, level, at_reference, first, first + features.shape[1])
    shown = CellsShown(features, design.names, design.for_trees, context)
    return TreeFeatures(shown.part(slice(0, len(features))), shown.names, shown.categories)


def _anchors(fit: PooledFit, panel: Panel) -> np.ndarray:
    """What trees know of each series' usual size in every period."""
    ahead = np.repeat(fit.anchor_ahead[:, None], len(panel.periods) - panel.known, axis=1)
    return np.concatenate([fit.anchor, ahead], axis=1)


def predict_logs(
    model: EffectsModel,
    design: Design,
    at_reference: Collection[str] = (),
    known: dict[frozenset[str], dict[str, np.ndarray]] | None = None,
) -> dict[str, np.ndarray]:
    """log(sales + 1) over the horizon by member, with the named drivers at their reference.

    Parameters
    ----------
    model, design
        The model and what it is asked of.
    at_reference : collection of str
    known : dict, optional
        What trees said before, by the drivers they read that were at their reference; added to.

    Returns
    -------
    dict of str to ndarray, shape (series, horizon)
        Bias included, so that sales are ``exp(value) - 1``.
    """
    panel, fit = design.panel, model.explained
    first = panel.known
    if at_reference:
        own = DriverFeatures(panel, signals_of(panel, at_reference), design.usual, first).whole()
        features = _join(own, design.season[..., first:, :])
    else:
        features = design.ahead
    explained = fit.explained(features) + fit.ahead(features.shape[1])
    logs = {"explained": explained}
    if model.learners:
        read = frozenset(at_reference) - frozenset(in_one_season(panel.began, first, panel.calendar.season))
        found = {} if known is None else known
        if read not in found:
            both = _for_trees(design, features, _anchors(fit, panel), at_reference)
            found[read] = {name: learner.predict(both) for name, learner in model.learners.items()}
        held = fit.anchor_ahead[:, None] + fit.growing(features.shape[1])
        for name, said in found[read].items():
            logs[name] = said + (held if name == "direct" else explained)
    nothing = nothing_sold(panel, at_reference)
    return {
        name: np.where(nothing, 0.0, value + np.log(model.factors[name])[:, None])
        for name, value in logs.items()
    }


def nothing_sold(panel: Panel, at_reference: Collection[str]) -> np.ndarray:
    """Where the horizon holds no sales: ended series, and what a driver not at its reference closes."""
    first = panel.known
    nothing = np.zeros((len(panel.keys), len(panel.periods) - first), dtype=bool)
    if len(panel.ended):
        nothing |= panel.ended[:, None]
    for name, where in panel.closed.items():
        if name not in at_reference:
            nothing |= where[:, first:]
    return nothing


def cut_panel(panel: Panel, known: int, horizon: int) -> Panel:
    """The panel as it stood after its first `known` periods, with the next `horizon` as its horizon."""
    end = known + horizon
    references = {
        name: (
            _market_norm(panel, name, known, end)
            if panel.kinds[name] == "market"
            else _reference(panel, name, known, end)
        )
        for name, values in panel.drivers.items()
    }
    drivers = {}
    for name, values in panel.drivers.items():
        drivers[name] = values[:, :end].copy()
        if name in panel.unknown_ahead:
            drivers[name][:, known:] = references[name][:, known:]
    regular = {name: values[:, :end] for name, values in panel.regular.items()}
    return replace(
        panel, periods=panel.periods[:end], known=known, values=panel.values[:, :known],
        drivers=drivers, references=references, regular=regular, notices=(),
        ended=np.zeros(len(panel.keys), dtype=bool),
        closed={name: where[:, :end] for name, where in panel.closed.items()},
        sold_out=panel.sold_out[:, :known],
    )  # fmt: skip


def _market_norm(panel: Panel, name: str, known: int, end: int) -> np.ndarray:
    values = panel.drivers[name][:, :end]
    if name in panel.closed:
        values = np.where(panel.closed[name][:, :end], np.nan, values)
    return market_norm(values, panel.periods[:end], known, panel.calendar.season)


def _reference(panel: Panel, name: str, known: int, end: int) -> np.ndarray:
    if panel.kinds[name] != "price":
        return np.zeros((len(panel.keys), end))
    held = panel.regular[name][:, :end].copy()
    held[:, known:] = held[:, known - 1 : known]
    return held
