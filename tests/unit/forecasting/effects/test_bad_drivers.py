from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from promoted_histories import Case, common_case, promoted_case

from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.forecast import Forecast

GOOD = (np.arange(68) % 6 == 2) * 1.0


def forecast_of(case: Case) -> Forecast:
    forecast, _ = forecast_with_drivers(
        case.history, case.drivers, case.kinds, case.periods, holidays=None, seed=2, draws=10
    )
    return forecast


def once(place: int) -> np.ndarray:
    return (np.arange(68) == place) * 1.0


@pytest.mark.parametrize(
    ("columns", "kinds", "message"),
    [
        (
            {"x": np.full(68, 3.0)},
            {"x": "market"},
            "'x': no effect was estimated, because it never varies in the history.",
        ),
        (
            {"x": 2 * GOOD},
            {"x": "promotion"},
            "'x': no effect was estimated, because it moves exactly with 'good', so the two cannot be told "
            "apart; 'good' carries both.",
        ),
        (
            {"x": np.append(np.full(60, np.nan), np.ones(8))},
            {"x": "market"},
            "'x': no effect was estimated, because it starts after the history.",
        ),
        (
            {"x": np.append(np.tile([1.0, 4.0, 2.0], 20), np.full(8, np.nan))},
            {"x": "market"},
            "Driver 'x' is not given after the as-of date; its seasonal norm was assumed for all 8 periods.",
        ),
        (
            {"x": np.append(np.tile([5.0, 5.0, 4.0], 21), np.full(5, np.nan))},
            {"x": "price"},
            "Driver 'x' is not given in 5 of the 8 periods planned; the last regular price was assumed "
            "there.",
        ),
        (
            {"x": np.ones(68)},
            {"x": "promotion"},
            "'x': no effect was estimated, because it is on in every period of the history.",
        ),
        (
            {"x": once(31)},
            {"x": "promotion"},
            "Driver 'x' was on only once in the history; its effect rests on that one event.",
        ),
        (
            {"x": np.where(np.arange(68) % 9 == 0, 0.0, 2.5)},
            {"x": "price"},
            "32 values of 'x' are zero or less; they were treated as missing prices.",
        ),
        (
            {"x": np.where(np.arange(68) % 2, 0.8, 0.3)},
            {"x": "promotion"},
            "Driver 'x' is declared a promotion but is on in 100\u202f% of the history, so there is no time "
            "without it to compare with; it is read as a market driver, and its usual value is taken as the "
            "reference.",
        ),
    ],
    ids=[
        "never varies", "collinear", "starts late", "no future", "part of the future", "always on",
        "one event", "zero prices", "steady",
    ],
)  # fmt: skip
def test_a_bad_driver_is_named_in_plain_words_and_the_plan_is_usable(
    columns: dict[str, np.ndarray], kinds: dict[str, str], message: str
) -> None:
    case = common_case({"good": GOOD, **columns}, {"good": "promotion", **kinds})
    forecast = forecast_of(case)
    assert message in [notice.text for notice in forecast.notices]
    plan = forecast.baseline + sum(forecast.driver_effects.values())
    assert np.isfinite(plan).all()
    assert plan.mean() == pytest.approx(50.0, rel=0.15)


def test_three_hundred_drivers_on_sixty_weeks_still_give_a_usable_plan() -> None:
    rng = np.random.default_rng(5)
    columns = {f"d{place}": rng.normal(size=68) for place in range(300)}
    forecast = forecast_of(common_case(columns, dict.fromkeys(columns, "market")))
    plan = forecast.baseline + sum(forecast.driver_effects.values())
    assert len(forecast.driver_effects) == 300
    assert plan.mean() == pytest.approx(50.0, rel=0.25)
    assert any(
        "is one of 300 drivers where 60 periods can tell about 15 apart" in n.text for n in forecast.notices
    )


def test_rows_missing_for_some_series_after_the_wall_are_counted_with_what_was_assumed() -> None:
    case = promoted_case()
    lost = case.drivers["period"].isin(case.periods[5:]) & (case.drivers["store"] == "S1")
    drivers = pd.DataFrame(case.drivers[~lost])
    forecast = forecast_of(Case(case.history, drivers, case.kinds, case.periods))
    assert [notice.text for notice in forecast.notices if notice.code == "driver_future"] == [
        "Driver 'price' is not given in every period planned for 3 of 9 series; the last regular price was "
        "assumed there.",
        "Driver 'promo' is not given in every period planned for 3 of 9 series; no promotion was assumed "
        "there.",
    ]
    assert np.abs(forecast.driver_effects["promo"][3:6, 8:]).max() < 1e-9
