"""The forecast with drivers: one model at reference drivers is the baseline, at the calendar the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.backtest_scores import seasonal_naive
from alignment_lib.forecasting.effects.calendars import Chosen, FittedModel, plan_calendar
from alignment_lib.forecasting.effects.choice import MIXTURES, Choice, choose_model
from alignment_lib.forecasting.effects.drivers.panel import Panel, build_panel
from alignment_lib.forecasting.effects.drivers.under_way import growth_notices, growth_to_come
from alignment_lib.forecasting.effects.errors import draw_ratios, keep_clean, past_errors
from alignment_lib.forecasting.effects.events import cleanse_history, event_table, without_promotions
from alignment_lib.forecasting.effects.kept_model import KeptModel, slim
from alignment_lib.forecasting.effects.measured import measure_effects
from alignment_lib.forecasting.effects.model import EffectsModel, build_design, fit_explained, fit_model
from alignment_lib.forecasting.effects.standing import DRIVERLESS, Standing, level_beside
from alignment_lib.forecasting.effects.tables import effects_table
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.large_arrays import give_back_memory, is_large, parts_of, release
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.configuration.calendar_settings import Holidays
from alignment_lib.inputs.one_thread import use_one_thread
from alignment_lib.inputs.problems import Notice

__all__ = ["DriverEffects", "forecast_with_drivers", "measure_past"]

_MEMBERS = {"explained": "explained effects", "direct": "learner", "residual": "learner on residuals"}


@dataclass(frozen=True)
class DriverEffects:
    """What drivers did in the past.

    Attributes
    ----------
    effects : DataFrame
        One row per driver, effect and scope: see `effects_table`.
    events : DataFrame
        One row per past promotion event: gross, pull-forward, cannibalisation and net; see `event_table`.
    cleansed : ndarray, shape (series, known)
        History without past promotions and temporary price cuts, in the measure; NaN where unknown.
    without : ndarray, shape (series, known)
        What the model expects had nothing been promoted.
    expected : ndarray, shape (series, known)
        What the model expects with everything that was done.
    backtest : DataFrame
        What was compared to choose the model.
    unused : dict of str to str
        Drivers left out, and why.
    chosen : Chosen or None
        What the backtest chose: enough to fit the model again and ask it about other calendars.
    fitted : KeptModel or None
        The very model of the forecast, where it is not too large to be kept.
    """

    effects: pd.DataFrame = field(default_factory=pd.DataFrame)
    events: pd.DataFrame = field(default_factory=pd.DataFrame)
    cleansed: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    without: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    expected: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    backtest: pd.DataFrame = field(default_factory=pd.DataFrame)
    unused: dict[str, str] = field(default_factory=dict)
    chosen: Chosen | None = None
    fitted: KeptModel | None = None


def forecast_with_drivers(
    history: History,
    drivers: pd.DataFrame,
    driver_kinds: Mapping[str, str],
    periods: pd.DatetimeIndex,
    *,
    holidays: Holidays,
    seed: int,
    draws: int = 500,
    jobs: int = 1,
    base: Forecast | None = None,
    product: str | None = None,
) -> tuple[Forecast, DriverEffects]:
    """Baseline at reference drivers, each driver's exact effect, joint draws, and what the past showed.

    Parameters
    ----------
    history : History
        Sales up to the wall.
    drivers : DataFrame
        ``period``, any of the dimensions (absent or blank = all), one float column per driver, past and
        future.
    driver_kinds : mapping of str to {"price", "promotion", "market"}
    periods : DatetimeIndex
        The horizon, directly after the history.
    holidays : str or HolidayColumn, optional
        Code of the `holidays` package, or the dimension that says the country.
    seed, draws, jobs : int
    base : Forecast, optional
        The forecast without drivers; lends its naive stream and stands in for series without any sales.
    product : str, optional
        The dimension that tells products apart.

    Returns
    -------
    forecast : Forecast
        ``baseline`` is the model at reference drivers (promotion 0, price the last regular one, market its
        seasonal norm); ``baseline + sum of driver_effects`` is the same model at the driver calendar.
        ``samples`` are draws around the *baseline*: the ratio of sample to baseline carries over to a plan.
    effects : DriverEffects
    """
    use_one_thread()
    panel = build_panel(history, drivers, driver_kinds, periods, product=product)
    choice = choose_model(panel, holidays, jobs=jobs)
    give_back_memory()
    forecast, fitted = _plan(panel, choice, holidays, seed=seed, draws=draws, jobs=jobs)
    give_back_memory()
    season = history.calendar.season
    naive = seasonal_naive(history.values, len(periods), season) if base is None else base.naive
    nothing = np.zeros_like(forecast.baseline)
    effects = {name: forecast.driver_effects.get(name, nothing) for name in driver_kinds}
    chosen = Chosen(choice.settings, choice.joined, choice.mixture, choice.standing)
    past = replace(measure_past(panel, holidays, choice.table), chosen=chosen, fitted=fitted)
    return replace(forecast, naive=naive, driver_effects=effects), past


def _plan(
    panel: Panel, choice: Choice, holidays: Holidays, *, seed: int, draws: int, jobs: int
) -> tuple[Forecast, KeptModel | None]:
    """The forecast by the model chosen, but for its naive stream; what it was worked out from goes."""
    periods = panel.periods[panel.known :]
    design = build_design(panel, holidays)
    explained = fit_explained(design, choice.settings, choice.joined)
    model = fit_model(design, choice.settings, MIXTURES[choice.mixture], jobs=jobs, explained=explained)
    source = choice.standing.source
    level = level_beside(source, design, explained, holidays, jobs) if source else None
    baseline, effects = plan_calendar(FittedModel(model, choice.standing, level), design)
    past = past_errors(design, explained, choice.settings)
    weights = baseline.mean(axis=1) if baseline.any() else design.usual
    ratios = draw_ratios(
        past,
        keep_clean(past, choice.log_errors, choice.origins),
        weights,
        horizon=len(periods),
        draws=draws,
        seed=seed,
    )
    growth = growth_to_come(
        explained.residual, explained.path, panel.product, panel.calendar.season, len(periods)
    )
    kept = None if is_large(design.past.shape) else KeptModel(slim(model), level)
    forecast = Forecast(
        keys=panel.keys,
        periods=periods,
        baseline=baseline,
        samples=_around(baseline, ratios),
        naive=np.zeros_like(baseline),
        driver_effects=effects,
        why=_why(panel, model, choice),
        notices=(*panel.notices, *growth_notices(growth), *_choice_notice(choice)),
    )
    return forecast, kept


def _around(baseline: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Draws around the baseline, in the place of their ratios to it."""
    for part in parts_of(len(baseline)):
        ratios[:, part] *= baseline[part]
        release(ratios)
    return ratios


def measure_past(panel: Panel, holidays: Holidays, backtest: pd.DataFrame | None = None) -> DriverEffects:
    """What drivers did in the history of a panel, as tables."""
    table = pd.DataFrame() if backtest is None else backtest
    measured = measure_effects(panel, holidays)
    if measured is None:
        return DriverEffects(
            cleansed=_closed_as_zero(panel, panel.values),
            without=_closed_as_zero(panel, panel.values),
            expected=_closed_as_zero(panel, panel.values),
            backtest=table,
            unused=panel.unused,
        )
    return DriverEffects(
        effects=effects_table(measured),
        events=event_table(measured),
        cleansed=_closed_as_zero(panel, cleanse_history(measured)),
        without=_closed_as_zero(panel, without_promotions(measured)),
        expected=_closed_as_zero(panel, measured.expected),
        backtest=table,
        unused=panel.unused,
    )


def _closed_as_zero(panel: Panel, values: np.ndarray) -> np.ndarray:
    """Nothing was sold, and nothing expected, where a driver closed the doors."""
    for where in panel.closed.values():
        values = np.where(where[:, : panel.known] & ~np.isfinite(panel.values), 0.0, values)
    return values


def _choice_notice(choice: Choice) -> list[Notice]:
    """What was chosen and how it fared, and whether what is planned with is no better than naive."""
    table = choice.table
    final = table[table["stage"].isin(["mixture", "level beside"]) & table["chosen"]].iloc[-1]
    naive = table[table["stage"] == "yardstick"].iloc[0]
    if not np.isfinite(final["series_wape"]):
        text = f"The history is too short to compare models; {choice.mixture} was used."
        return [Notice("driver_model", text)]
    text = (
        f"Model with drivers: {choice.mixture}, level {choice.level}; backtest error "
        f"{final['series_wape']:.3f} by series, {final['total_wape']:.3f} in total (seasonal naive "
        f"{naive['series_wape']:.3f} and {naive['total_wape']:.3f})."
    )
    if choice.standing.share:
        text += f" Its level is {choice.standing}, which the backtest found better than its own alone."
    if not choice.deciding:
        text += " No backtest had a year known at its start, so none could choose: the usual mixture stands."
    notices = [Notice("driver_model", text, choice.deciding or len(choice.log_errors))]
    if choice.deciding and (_loses(final, naive) or _is_last_year(choice.standing)):
        text = (
            "No model with drivers, and none without, forecast the last quarters better than repeating the "
            "year before did: naive is what there is, and the baseline is no surer than it."
        )
        notices.append(Notice("naive_is_what_we_have", text, choice.deciding))
    return notices


def _loses(final: pd.Series, naive: pd.Series) -> bool:
    return all(final[name] >= naive[name] for name in ("series_wape", "total_wape"))


def _is_last_year(standing: Standing) -> bool:
    return standing.source is not None and standing.source.method != DRIVERLESS and standing.share == 1.0


def _why(panel: Panel, model: EffectsModel, choice: Choice) -> pd.DataFrame:
    """One row per series and member: the weight each carries, its backtest error and seasonal naive's."""
    standing = choice.standing
    table = choice.table[choice.table["stage"].isin(["mixture", "level beside"]) & choice.table["chosen"]]
    error = float(table["series_wape"].iloc[-1])
    missing = np.full(len(panel.keys), np.nan)
    weights = {name: weight * (1 - standing.share) for name, weight in model.weights.items()}
    if standing.share:
        weights[str(standing)] = standing.share
    parts = []
    for name, weight in sorted(weights.items()):
        part = panel.keys.copy()
        part["member"], part["weight"] = _MEMBERS.get(name, str(standing.source)), weight
        for column, candidate in (("backtest_error", name), ("naive_error", "seasonal naive")):
            errors = choice.series_errors[candidate]
            part[column] = errors if len(errors) else missing
        beside = f", {standing}" if standing.share else ""
        reason = f"{choice.mixture}, level {choice.level}{beside}: series error {error:.3f} in backtests"
        part["reason"] = np.where(panel.ended, "no longer sold: zero", reason)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
