"""Drivers that began in one season."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.effects.drivers.one_season import features_of
from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.effects.model import build_design
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

WEEK, KNOWN, AHEAD = Calendar("week"), 112, 13
GRID = WEEK.range(pd.Timestamp("2022-01-03"), KNOWN + AHEAD)


def history_of(lift: np.ndarray, series: int = 12) -> History:
    """Noise around a level, times what is given by week."""
    rng = np.random.default_rng(5)
    keys = pd.DataFrame({"product": [f"P{number:02}" for number in range(series)]}, dtype=object)
    mean = rng.uniform(80, 200, (series, 1)) * np.exp(lift + rng.normal(0, 0.04, (series, len(GRID))))
    return History(WEEK, keys, GRID[:KNOWN], np.round(mean)[:, :KNOWN], "units")


def effect_of(history: History, on: np.ndarray) -> tuple[float, set[str]]:
    """Log effect planned while the driver is on, and the codes of what was said."""
    drivers = pd.DataFrame({"period": GRID, "x": on})
    forecast, _ = forecast_with_drivers(
        history, drivers, {"x": "promotion"}, GRID[KNOWN:], holidays=None, seed=1, draws=10
    )
    plan = (forecast.baseline + forecast.driver_effects["x"]).sum(axis=0)
    shown = np.log(plan / forecast.baseline.sum(axis=0))[on[KNOWN:] > 0]
    return float(shown.mean()), {notice.code for notice in forecast.notices}


def test_what_one_season_did_is_not_taken_for_a_driver_that_began_in_it() -> None:
    began = (np.arange(len(GRID)) >= KNOWN - 12) * 1.0
    effect, said = effect_of(history_of(0.3 * began), began)
    assert "driver_one_season" in said
    assert abs(effect) < 0.1


def test_a_driver_that_comes_and_goes_within_its_season_keeps_its_effect() -> None:
    on = ((np.arange(len(GRID)) >= KNOWN - 24) & (np.arange(len(GRID)) % 4 == 0)) * 1.0
    effect, said = effect_of(history_of(0.4 * on), on)
    assert "driver_one_season" in said
    assert effect == pytest.approx(0.4, abs=0.12)


def test_a_driver_known_for_years_is_not_singled_out_and_trees_read_it() -> None:
    on = (np.arange(len(GRID)) % 9 == 0) * 1.0
    panel = build_panel(
        history_of(0.3 * on), pd.DataFrame({"period": GRID, "x": on}), {"x": "promotion"}, GRID[KNOWN:]
    )
    assert build_design(panel, None).for_trees.all()
    assert "driver_one_season" not in {notice.code for notice in panel.notices}


def test_trees_do_not_read_what_cannot_be_told_from_the_season() -> None:
    on = (np.arange(len(GRID)) >= KNOWN - 12) * 1.0
    panel = build_panel(
        history_of(0.3 * on), pd.DataFrame({"period": GRID, "x": on}), {"x": "promotion"}, GRID[KNOWN:]
    )
    design = build_design(panel, None)
    hidden = {name for name, read in zip(design.names, design.for_trees, strict=True) if not read}
    assert {"on:x", "on:x@-1"} <= hidden
    assert not features_of(["on:xy", "market:x2"], ["x"]).any()
