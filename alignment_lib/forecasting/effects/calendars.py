"""One fitted model, asked about any driver calendar: the round's own, or one without an action.

The forecast's model is kept with it, in memory and in the cache, so that every calendar costs one prediction.
Where it was too large to be kept, it is fitted again from what the backtest chose: the same model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.attribution import carry_to_units, shapley_values
from alignment_lib.forecasting.effects.choice import MIXTURES
from alignment_lib.forecasting.effects.drivers.panel import Panel, build_panel
from alignment_lib.forecasting.effects.drivers.references import fill_market, fill_price, regular_price
from alignment_lib.forecasting.effects.drivers.scales import hold_within_reach, log_scales
from alignment_lib.forecasting.effects.features import DriverFeatures, signals_of
from alignment_lib.forecasting.effects.kept_model import KeptModel
from alignment_lib.forecasting.effects.levels import Joined
from alignment_lib.forecasting.effects.model import (
    Design,
    EffectsModel,
    build_design,
    fit_explained,
    fit_model,
    nothing_sold,
    predict_logs,
)
from alignment_lib.forecasting.effects.pooled import PooledSettings
from alignment_lib.forecasting.effects.standing import Source, Standing, level_beside, stand_on
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.configuration.calendar_settings import Holidays

__all__ = ["CalendarModel", "Chosen", "FittedModel", "plan_calendar"]

_MOST_LOGS, _MOST_FOLD = 50.0, float(np.log(100.0))


@dataclass(frozen=True)
class Chosen:
    """What the backtest chose of the model with drivers.

    Attributes
    ----------
    settings : PooledSettings
    joined : Joined
    mixture : str
        A name of `MIXTURES`.
    standing : Standing
    """

    settings: PooledSettings
    joined: Joined
    mixture: str
    standing: Standing

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as a cache keeps them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Chosen:
        """The same read back.

        >>> chosen = Chosen(PooledSettings(), Joined(), "explained", Standing(Source("last year", True), 0.5))
        >>> Chosen.from_dict(chosen.to_dict()) == chosen
        True
        """
        standing = told["standing"]
        source = Source(**standing["source"]) if standing["source"] else None
        return cls(
            PooledSettings(**told["settings"]),
            Joined(**told["joined"]),
            str(told["mixture"]),
            Standing(source, standing["share"]),
        )


@dataclass(frozen=True)
class FittedModel:
    """A fitted model with what stands beside its level.

    Attributes
    ----------
    model : EffectsModel
    standing : Standing
    level : ndarray or None, shape (series, horizon)
        The level beside the model's own; None where none stands there.
    """

    model: EffectsModel
    standing: Standing
    level: np.ndarray | None = None


class CalendarModel:
    """The model of a round, fitted as its forecast was, for calendars other than the one it was given.

    Parameters
    ----------
    history : History
        Sales up to the wall.
    drivers : DataFrame
        The round's own calendar, past and future.
    kinds : mapping of str to {"price", "promotion", "market"}
    periods : DatetimeIndex
        The horizon.
    holidays : Holidays
    chosen : Chosen
        What the backtest chose (`DriverEffects.chosen`).
    kept : KeptModel, optional
        The model of the forecast itself (`DriverEffects.fitted`); without one it is fitted once more.
    """

    def __init__(
        self,
        history: History,
        drivers: pd.DataFrame,
        kinds: Mapping[str, str],
        periods: pd.DatetimeIndex,
        *,
        holidays: Holidays,
        chosen: Chosen,
        kept: KeptModel | None = None,
    ) -> None:
        panel = build_panel(history, drivers, kinds, periods)
        self._design, self._kinds = build_design(panel, holidays), dict(kinds)
        self._usual = log_scales(drivers, kinds, periods[0]) if len(periods) else {}
        model, level = (kept.open() if kept is not None else None) or self._fit(chosen, holidays)
        self._fitted = FittedModel(model, chosen.standing, level)
        self.baseline = plan_calendar(self._fitted, self._design)[0]

    def _fit(self, chosen: Chosen, holidays: Holidays) -> tuple[EffectsModel, np.ndarray | None]:
        """The model fitted once more, as the forecast's was."""
        explained = fit_explained(self._design, chosen.settings, chosen.joined)
        model = fit_model(self._design, chosen.settings, MIXTURES[chosen.mixture], explained=explained)
        source = chosen.standing.source
        return model, level_beside(source, self._design, explained, holidays, 1) if source else None

    def effects_under(self, changed: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Additive effect of each driver under another calendar, shape (series, horizon) each.

        Parameters
        ----------
        changed : mapping of str to ndarray, shape (series, horizon)
            What the calendar holds instead, as typed; NaN where it is silent. Other columns stay, and so
            does the baseline.
        """
        effects = plan_calendar(self._fitted, self._lay_out(changed), self._design)[1]
        nothing = np.zeros_like(self.baseline)
        return {name: effects.get(name, nothing) for name in self._kinds}

    def _lay_out(self, changed: Mapping[str, np.ndarray]) -> Design:
        """The design with other drivers over the horizon; its past is the same."""
        design = self._design
        panel = design.panel
        known, season = panel.known, panel.calendar.season
        drivers, regular = dict(panel.drivers), dict(panel.regular)
        for name in (name for name in changed if name in panel.kinds):
            drivers[name] = self._filled(name, changed[name])
            if name in regular:
                regular[name] = regular_price(drivers[name], season)
        panel = replace(panel, drivers=drivers, regular=regular)
        ahead = DriverFeatures(panel, signals_of(panel), design.usual, known).whole()
        season_ahead = design.season[..., known:, :]
        shape = (*ahead.shape[:2], season_ahead.shape[-1])
        ahead = np.concatenate([ahead, np.broadcast_to(season_ahead, shape)], axis=2)
        return replace(design, panel=panel, ahead=ahead)

    def _filled(self, name: str, typed: np.ndarray) -> np.ndarray:
        """A column over past and horizon, its gaps filled and its reach held as for the calendar given."""
        panel = self._design.panel
        past, kind = panel.drivers[name][:, : panel.known], panel.kinds[name]
        if name in self._usual:
            typed = np.log1p(np.maximum(typed, 0.0) / self._usual[name][0])
        if kind == "price":
            whole = np.concatenate([past, typed], axis=1)
            values, _ = fill_price(name, whole, panel.known, panel.product, panel.calendar.season)
        elif kind == "market":
            whole = np.concatenate([past, typed], axis=1)
            values = fill_market(whole, panel.references[name])
        else:
            values = np.concatenate([past, np.nan_to_num(typed)], axis=1)
        return hold_within_reach(name, kind, values, panel.known)[0]


def plan_calendar(
    fitted: FittedModel, design: Design, own: Design | None = None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Baseline and the additive effect of each driver that leaves its reference.

    What stands beside the model's level is the same whatever the drivers do, so that an effect remains a
    difference within one model; together drivers bring a hundredfold at most.

    Parameters
    ----------
    fitted : FittedModel
    design : Design
        The calendar asked about.
    own : Design, optional
        The calendar the level beside was set against; by default the one asked about.
    """
    model, standing, level = fitted.model, fitted.standing, fitted.level
    panel = design.panel
    moving = [name for name in panel.kinds if _moves(panel, name)]
    held = frozenset(panel.kinds) - frozenset(moving)
    said: dict[frozenset[str], dict[str, np.ndarray]] = {}

    def mixed(on: frozenset[str]) -> np.ndarray:
        return _mix(model, design, held | (frozenset(moving) - on), said)

    at_rest = mixed(frozenset())
    beside = _beside(fitted, own or design, at_rest)
    low = np.where(nothing_sold(panel, panel.kinds), 0.0, np.clip(at_rest + beside, None, _MOST_LOGS))
    cache: dict[frozenset[str], np.ndarray] = {frozenset(): low}

    def value(on: frozenset[str]) -> np.ndarray:
        if on not in cache:
            off = held | (frozenset(moving) - on)
            bounded = np.minimum(mixed(on) + beside, low + _MOST_FOLD)
            cache[on] = np.where(nothing_sold(panel, off), 0.0, bounded)
        return cache[on]

    shares = shapley_values(value, moving, seed=0)
    high = value(frozenset(moving))
    baseline, plan = np.clip(np.exp(low) - 1, 0, None), np.clip(np.exp(high) - 1, 0, None)
    effects = carry_to_units(shares, baseline, plan, np.exp(low))
    if level is not None and (level < 0).any():
        # Where returns usually exceed sales there is no logarithm, and nothing for a driver to multiply.
        returned, share = level < 0, standing.share
        mean = share * np.where(returned, level, 0.0) + (1 - share) * np.clip(np.exp(at_rest) - 1, 0, None)
        baseline = np.where(returned, mean, baseline)
        effects = {name: np.where(returned, 0.0, effect) for name, effect in effects.items()}
    return baseline, effects


def _beside(fitted: FittedModel, own: Design, at_rest: np.ndarray) -> np.ndarray:
    """What the level beside adds to the model's log sales, set against the calendar it was chosen under."""
    source = fitted.standing.source
    if fitted.level is None or source is None:
        return np.zeros_like(at_rest)
    compared = at_rest if source.cleaned else _mix(fitted.model, own, frozenset(), {})
    return stand_on(compared, fitted.level, fitted.standing.share, own, nothing_sold(own.panel, ()))


def _mix(
    model: EffectsModel,
    design: Design,
    at_reference: frozenset[str],
    said: dict[frozenset[str], dict[str, np.ndarray]],
) -> np.ndarray:
    logs = predict_logs(model, design, at_reference, said)
    return np.asarray(np.sum([weight * logs[name] for name, weight in model.weights.items()], axis=0))


def _moves(panel: Panel, name: str) -> bool:
    """Whether a driver leaves its reference anywhere in the horizon."""
    first = panel.known
    gap = panel.drivers[name][:, first:] - panel.references[name][:, first:]
    return bool(np.abs(gap).max(initial=0.0) > 1e-9)
