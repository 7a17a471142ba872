"""Feasts of a panel, each series its own country's, and days of trade where the history shows them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import Panel
from alignment_lib.forecasting.effects.drivers.season import BESIDE, COMMERCIAL, holiday_features, year_waves
from alignment_lib.forecasting.seasons.calendar_effects import state_priors
from alignment_lib.forecasting.seasons.calendar_slopes import estimate_effects
from alignment_lib.forecasting.seasons.countries import country_codes
from alignment_lib.inputs.configuration.calendar_settings import Holidays

__all__ = ["panel_calendar", "shared_days"]

_BORNE = 0.03
"""Log points from which a day of trade counts as borne by a series."""
_LEAST_SHARE = 0.05
"""Share of the sales whose series must bear a day of trade before it enters the model."""


def panel_calendar(panel: Panel, holidays: Holidays) -> tuple[np.ndarray, list[str]]:
    """Yearly waves, feasts and shown days of trade of each period.

    Returns
    -------
    values : ndarray, shape (periods, features), or (series, periods, features) for several countries
    names : list of str
    """
    waves, names = year_waves(panel.calendar, panel.periods)
    codes = country_codes(panel.keys, holidays)
    groups = {code: np.flatnonzero(codes == code) for code in sorted(set(codes), key=str)}
    found = {code: _days(panel, code, rows) for code, rows in groups.items()}
    if len(found) == 1:
        days, day_names = next(iter(found.values()))
        return np.concatenate([waves, days], axis=1), [*names, *day_names]
    every = list(dict.fromkeys(name for _, own in found.values() for name in own))
    values = np.zeros((len(codes), len(panel.periods), len(names) + len(every)))
    values[:, :, : len(names)] = waves
    for code, (days, own) in found.items():
        for place, name in enumerate(own):
            values[groups[code], :, len(names) + every.index(name)] = days[:, place]
    return values, [*names, *every]


def shared_days(panel: Panel, holidays: Holidays) -> np.ndarray:
    """Feasts of every country over the known periods, side by side, shape (known, features)."""
    codes = sorted(set(country_codes(panel.keys, holidays)), key=str)
    periods = panel.periods[: panel.known]
    found = [holiday_features(panel.calendar, periods, code)[0] for code in codes]
    return np.unique(np.concatenate(found, axis=1), axis=1) if len(found) > 1 else found[0]


def _days(panel: Panel, code: str | None, rows: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Feasts of one country, and those days of trade that its series show."""
    values, names = holiday_features(panel.calendar, panel.periods, code, commercial=True)
    # Weeks beside a feast ask for as much proof: a model of few years would fit them to what else happened.
    unproven = np.array([name.startswith(COMMERCIAL) or name.endswith(BESIDE) for name in names], dtype=bool)
    if unproven.any():
        unproven &= ~_shown(panel, rows, values, names)
    kept = [name for name, left_out in zip(names, unproven, strict=True) if not left_out]
    return values[:, ~unproven], kept


def _shown(panel: Panel, rows: np.ndarray, values: np.ndarray, names: list[str]) -> np.ndarray:
    """Which features enough of the sales bear in the known periods, shape (features,)."""
    sales = panel.values[rows]
    seen = np.isfinite(sales) & (sales > 0)
    long = seen.sum(axis=1) >= 2 * panel.calendar.season
    if not long.any():
        return np.zeros(len(names), dtype=bool)
    logs = pd.DataFrame(np.where(seen, np.log(np.where(seen, sales, 1.0)), np.nan)[long].T)
    level = logs.interpolate(limit_direction="both").to_numpy().T
    start = seen[long].argmax(axis=1)
    slopes = estimate_effects(level, start, values[: panel.known], state_priors(names))
    size = np.where(np.isfinite(sales), sales, 0.0).clip(0).sum(axis=1)
    share = size[long] @ (np.abs(slopes) > _BORNE) / max(float(size.sum()), 1e-12)
    return np.asarray(share >= _LEAST_SHARE)
