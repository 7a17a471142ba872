"""The model kept with a forecast says of any calendar what the model fitted anew says, to the byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from alignment_lib.forecasting.effects.calendars import CalendarModel, Chosen
from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.effects.kept_model import KeptModel, slim
from alignment_lib.forecasting.effects.levels import Joined
from alignment_lib.forecasting.effects.pooled import PooledSettings
from alignment_lib.forecasting.effects.standing import Source, Standing
from tests.unit.forecasting.effects.promoted_histories import Case, promoted_case


def model_of(case: Case, chosen: Chosen, kept: KeptModel | None = None) -> CalendarModel:
    periods = case.periods
    return CalendarModel(
        case.history, case.drivers, case.kinds, periods, holidays=None, chosen=chosen, kept=kept
    )


def same_effects(one: CalendarModel, other: CalendarModel, shape: tuple[int, int]) -> bool:
    calendar = {"promo": np.eye(*shape)}
    found, wanted = (model.effects_under(calendar) for model in (one, other))
    return all(np.array_equal(found[name], wanted[name]) for name in wanted) and np.array_equal(
        one.baseline, other.baseline
    )


def test_trees_level_and_arrays_come_back_from_the_cache_as_they_were(tmp_path: Path) -> None:
    case = promoted_case(stores=2, products=2)
    beside = Standing(Source("last year", True), 0.3)
    joined = Joined(last_year=0.4, smoothers=0.2)
    chosen = Chosen(PooledSettings(trend_rate=0.1), joined, "explained, residual and direct", beside)
    anew = model_of(case, chosen)
    fitted = anew._fitted
    KeptModel(slim(fitted.model), fitted.level).store(tmp_path, "drivers-x")

    read = model_of(case, chosen, KeptModel(folder=tmp_path, key="drivers-x"))

    assert fitted.model.learners.keys() == {"residual", "direct"}
    assert read._fitted.model is not fitted.model
    assert same_effects(read, anew, anew.baseline.shape)


def test_the_forecast_hands_on_its_own_model() -> None:
    case = promoted_case(stores=2, products=2)
    asked = {"holidays": None, "seed": 1, "draws": 20}
    forecast, past = forecast_with_drivers(case.history, case.drivers, case.kinds, case.periods, **asked)
    assert past.chosen is not None
    assert past.fitted is not None

    handed = model_of(case, past.chosen, past.fitted)

    assert np.array_equal(handed.baseline, forecast.baseline)
    assert same_effects(handed, model_of(case, past.chosen), handed.baseline.shape)


def test_a_cache_that_lost_the_model_fits_it_again(tmp_path: Path) -> None:
    case = promoted_case(stores=1, products=2)
    chosen = Chosen(PooledSettings(), Joined(), "explained", Standing(None, 0.0))

    assert KeptModel(folder=tmp_path, key="nothing").open() is None
    found = model_of(case, chosen, KeptModel(folder=tmp_path, key="nothing"))
    assert same_effects(found, model_of(case, chosen), found.baseline.shape)
