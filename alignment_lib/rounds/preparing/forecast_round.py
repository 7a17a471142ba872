"""Use case: the forecast of a round, with drivers where the workspace has them."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.forecasting.baseline import forecast_baseline, run_baseline
from alignment_lib.forecasting.combining.parts import choose_shares, part_forecast, whole_history
from alignment_lib.forecasting.driver_cache import (
    driver_forecast_key,
    load_driver_forecast,
    store_driver_forecast,
)
from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.engine import DriverEffects, forecast_with_drivers, measure_past
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.learning.pretrained import PretrainedModel, find_pretrained
from alignment_lib.forecasting.overrides import apply_overrides
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.checking.sales_checks import SALE_TYPE
from alignment_lib.inputs.configuration.settings import ForecastSettings, Settings
from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.plan.sale_types import censored_until, returning_share
from alignment_lib.rounds.preparing.typed_sales import LEAST_RETURNING, are_told_by_transactions, say_parting

__all__ = ["DRAWS", "forecast_round", "own_model", "say_unused", "score_without_drivers"]

DRAWS = 500
"""Joint draws of every forecast: quantiles at 10 % and 90 % then have a standard error of 1.3 points."""


def own_model(folder: Path, settings: Settings) -> PretrainedModel | None:
    """The foundation model that ``[forecast] pretrained`` names, its path counted from the workspace.

    Raises
    ------
    InputError
        Where the folder holds none that is read here, or the packages that run it are not installed.
    """
    named = settings.forecast.pretrained
    return find_pretrained(folder / named) if named else None


def forecast_round(
    workspace: Workspace, planned: Round, history: History, cache: Path | None, jobs: int | Executor
) -> tuple[Forecast, DriverEffects | None]:
    """Forecast from the first period after the history to the end of the round's horizon.

    One engine gives baseline and plan: where drivers are known, the baseline is the model with drivers at
    its reference values; where none are, the combination of models without them. Overrides of
    ``planning.toml`` recorded by the as-of date are applied last.
    """
    if are_told_by_transactions(workspace):
        forecast, effects = _parted(workspace, planned, history, cache, jobs)
    else:
        forecast, effects = _forecast(workspace, planned, history, cache, jobs)
    stated = [
        one
        for one in workspace.settings.override
        if one.recorded is None or pd.Timestamp(one.recorded) <= planned.as_of
    ]
    unused = say_unused(workspace.settings.forecast, has_drivers=effects is not None)
    forecast = replace(forecast, notices=(*forecast.notices, *unused))
    return apply_overrides(forecast, history, stated), effects


def say_unused(settings: ForecastSettings, *, has_drivers: bool) -> tuple[Notice, ...]:
    """Why a pretrained model that was named has no part in the plan; nothing where none was, or it has.

    >>> say_unused(ForecastSettings(pretrained="chronos"), has_drivers=True)[0].code
    'pretrained_unused'
    >>> say_unused(ForecastSettings(pretrained="chronos"), has_drivers=False)
    ()
    """
    if not settings.pretrained or (settings.method == "auto" and not has_drivers):
        return ()
    why = "drivers explain the sales" if has_drivers else f"method {settings.method} was asked for"
    text = f"The pretrained model in {settings.pretrained!r} has no part in this plan: {why}."
    return (Notice("pretrained_unused", text, 1),)


def _parted(
    workspace: Workspace, planned: Round, history: History, cache: Path | None, jobs: int | Executor
) -> tuple[Forecast, DriverEffects | None]:
    """The total as it would be forecast without types, and the types fitted to it."""
    transactions, settings = workspace.tables["transactions"], workspace.settings
    whole, group = whole_history(history, SALE_TYPE)
    total, effects = _forecast(workspace, planned, whole, cache, jobs)
    until = censored_until(transactions)
    first = int((history.periods < until).sum())
    again = returning_share(transactions)
    split = settings.sales.types == "split" or again < LEAST_RETURNING
    season = history.calendar.season
    parting = choose_shares(history.values, group, first, season, len(total.periods), only_usual=split)
    forecast = part_forecast(total, history, group, parting, first, settings.plan.seed)
    said = say_parting(parting, until, again, asked=settings.sales.types == "split")
    forecast = replace(forecast, notices=(*forecast.notices, said))
    if effects is None:
        return forecast, None
    measured = _measure_effects(workspace, history, total.periods)
    return forecast, replace(measured, chosen=effects.chosen, fitted=effects.fitted)


def _measure_effects(workspace: Workspace, history: History, periods: pd.DatetimeIndex) -> DriverEffects:
    """What drivers did to each series of a history, without a forecast of it."""
    settings = workspace.settings
    columns = settings.drivers.columns if settings.drivers else {}
    kinds = {name: column.kind for name, column in columns.items()}
    panel = build_panel(history, workspace.tables["drivers"], kinds, periods)
    return measure_past(panel, settings.calendar.holidays)


def _forecast(
    workspace: Workspace, planned: Round, history: History, cache: Path | None, jobs: int | Executor
) -> tuple[Forecast, DriverEffects | None]:
    first = workspace.calendar.shift(history.periods[-1], 1)
    periods = workspace.calendar.between(first, planned.horizon[-1])
    drivers = workspace.tables.get("drivers")
    settings = workspace.settings
    if drivers is None or settings.drivers is None or not len(drivers):
        return _without_drivers(workspace, history, periods, cache, jobs), None
    if settings.forecast.method != "auto":
        plain = _without_drivers(workspace, history, periods, cache, jobs)
        text = (
            f"Method {settings.forecast.method} was asked for: the driver calendar does not enter the plan."
        )
        return replace(plain, notices=(*plain.notices, Notice("drivers_unused", text, 1))), None
    if cache is None:
        return _with_drivers(workspace, history, drivers, periods, jobs)
    key = driver_forecast_key(
        history,
        periods,
        drivers,
        settings=[settings.model_dump_json(exclude={"business", "override", "profit"}), DRAWS],
    )
    found = load_driver_forecast(cache, key, history.keys, periods)
    if found is None:
        found = _with_drivers(workspace, history, drivers, periods, jobs)
        store_driver_forecast(cache, key, *found)
    return found


def _without_drivers(
    workspace: Workspace,
    history: History,
    periods: pd.DatetimeIndex,
    cache: Path | None,
    jobs: int | Executor,
) -> Forecast:
    return forecast_baseline(history, periods, **_options(workspace), cache=cache, jobs=jobs)


def _options(workspace: Workspace) -> dict[str, Any]:
    """How the combination of models without drivers is made."""
    settings = workspace.settings
    return {
        "method": settings.forecast.method,
        "reconcile": settings.forecast.reconcile,
        "seed": settings.plan.seed,
        "draws": DRAWS,
        "holidays": settings.calendar.holidays,
        "pretrained": own_model(workspace.folder, settings),
    }


def score_without_drivers(workspace: Workspace, history: History, periods: pd.DatetimeIndex) -> pd.DataFrame:
    """`score_run` of the combination without drivers, worked out again with all its backtests kept."""
    from alignment_lib.forecasting.series_tables import score_run

    run = run_baseline(history, periods, **_options(workspace))
    return score_run(run, history, seed=workspace.settings.plan.seed)


def _with_drivers(
    workspace: Workspace,
    history: History,
    drivers: pd.DataFrame,
    periods: pd.DatetimeIndex,
    jobs: int | Executor,
) -> tuple[Forecast, DriverEffects]:
    settings = workspace.settings
    columns = settings.drivers.columns if settings.drivers else {}
    return forecast_with_drivers(
        history,
        drivers,
        {name: column.kind for name, column in columns.items()},
        periods,
        holidays=settings.calendar.holidays,
        seed=settings.plan.seed,
        draws=DRAWS,
        jobs=jobs if isinstance(jobs, int) else 1,
    )
