from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.effects.drivers.days import panel_calendar, shared_days
from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.configuration.calendar_settings import HolidayColumn, Holidays
from alignment_lib.inputs.periods.calendar import Calendar

WEEKS = Calendar("week")
KNOWN, AHEAD = 200, 26
PERIODS = WEEKS.range(pd.Timestamp("2022-01-03"), KNOWN + AHEAD)
BLACK_FRIDAY = np.array(
    [week.month == 11 and 23 <= (week + pd.Timedelta(days=4)).day <= 29 for week in PERIODS]
)
COUNTRY = HolidayColumn(column="country")


def history(lift: float = 0.0) -> History:
    keys = pd.DataFrame({"country": ["DE", "DE", "US", "US"], "product": ["A", "B", "A", "B"]}, dtype=object)
    noise = np.random.default_rng(0).normal(0, 0.03, (4, KNOWN))
    values = np.array([[100.0], [60.0], [300.0], [80.0]]) * np.exp(noise + lift * BLACK_FRIDAY[:KNOWN])
    return History(WEEKS, keys, PERIODS[:KNOWN], values, "units")


def drivers() -> pd.DataFrame:
    keys = history().keys
    frame = pd.concat([keys.assign(period=period) for period in PERIODS], ignore_index=True)
    on = np.random.default_rng(1).random(len(frame)) < 0.1
    return frame.assign(deal=np.where(on, 1.0, 0.0))


def panel_of(lift: float) -> object:
    return build_panel(history(lift), drivers(), {"deal": "promotion"}, PERIODS[KNOWN:])


def test_each_series_keeps_the_feasts_of_its_country() -> None:
    values, names = panel_calendar(panel_of(0.0), COUNTRY)  # type: ignore[arg-type]
    assert values.shape == (4, KNOWN + AHEAD, len(names))
    thanksgiving = values[:, :, names.index("Thanksgiving Day")]
    assert (thanksgiving[:2] == 0).all()
    assert (thanksgiving[2:].sum(axis=1) > 0).all()
    easter = values[:, :, names.index("easter")]
    assert np.array_equal(easter[0], easter[2])


def test_one_country_is_the_same_for_all() -> None:
    values, names = panel_calendar(panel_of(0.0), "DE")  # type: ignore[arg-type]
    assert values.shape == (KNOWN + AHEAD, len(names))
    assert shared_days(panel_of(0.0), COUNTRY).shape[0] == KNOWN  # type: ignore[arg-type]


@pytest.mark.parametrize(("lift", "there"), [(0.0, False), (1.0, True)])
def test_a_day_of_trade_enters_the_model_where_the_history_shows_it(lift: float, there: bool) -> None:
    _, names = panel_calendar(panel_of(lift), "DE")  # type: ignore[arg-type]
    assert ("commercial:black_friday" in names) == there


@pytest.mark.parametrize("holidays", ["DE", None, COUNTRY])
def test_black_friday_is_planned_with_drivers_too(holidays: Holidays) -> None:
    known = history(1.0)
    made, _ = forecast_with_drivers(
        known, drivers(), {"deal": "promotion"}, PERIODS[KNOWN:], holidays=holidays, seed=1, draws=20
    )
    places = np.flatnonzero(BLACK_FRIDAY[KNOWN:])
    assert len(places) == 1
    usual = np.median(made.baseline, axis=1)
    assert made.baseline[:, places[0]] / usual == pytest.approx(np.full(4, np.e), rel=0.15)
    beside = made.baseline[:, [places[0] - 1, places[0] + 2]] / usual[:, None]
    assert beside == pytest.approx(np.ones((4, 2)), abs=0.12)
