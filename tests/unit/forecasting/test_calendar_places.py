from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.past.calendar_places import calendar_places
from alignment_lib.forecasting.past.cleaning import RULES, clean_history
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

WEEKS = Calendar("week")
PERIODS = WEEKS.range(pd.Timestamp("2018-01-01"), 468)
OUTLIER = list(RULES).index("outlier") + 1


def cleaned_cells(spikes: list[str], calendar: Calendar = WEEKS, periods: pd.DatetimeIndex = PERIODS) -> int:
    """How many of these peaks cleaning takes for outliers."""
    values = 100 * np.exp(np.random.default_rng(0).normal(0, 0.03, (1, len(periods))))
    places = periods.get_indexer(calendar.floor(pd.DatetimeIndex(spikes)))
    values[0, places] *= 3
    keys = pd.DataFrame({"product": ["A"]}, dtype=object)
    cleaned = clean_history(History(calendar, keys, periods, values, "units"))
    return int((cleaned.rule[0, places] == OUTLIER).sum())


@pytest.mark.parametrize(
    "days",
    [
        ["2018-04-01", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09", "2024-03-31"],
        ["2018-06-15", "2019-06-05", "2020-05-24", "2021-05-13", "2022-05-02", "2023-04-21", "2024-04-10"],
        ["2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10"],
        ["2018-11-07", "2019-10-27", "2020-11-14", "2021-11-04", "2022-10-24", "2023-11-12", "2024-10-31"],
        [f"{year}-07-14" for year in range(2018, 2026)],
        [f"{year}-10-03" for year in (2018, 2020, 2022, 2024)],
        ["2018-11-23", "2019-11-29", "2020-11-27", "2021-11-26", "2022-11-25", "2023-11-24", "2024-11-29"],
    ],
    ids=["Easter", "Eid", "lunar New Year", "Diwali", "fixed date", "every second year", "n-th weekday"],
)
def test_what_comes_back_by_the_calendar_is_no_outlier(days: list[str]) -> None:
    assert cleaned_cells(days) == 0


def test_an_easter_whose_neighbours_in_date_are_years_away_is_none() -> None:
    # No other Easter of these years lies within three weeks of the one of 2018's date but those of 2024.
    assert (
        cleaned_cells(["2018-04-01", "2019-04-21", "2022-04-17", "2024-03-31", "2025-04-20", "2026-04-05"])
        == 0
    )


@pytest.mark.parametrize("days", [["2021-08-18"], ["2019-03-06", "2023-09-13"]])
def test_what_comes_back_at_no_place_is_an_outlier(days: list[str]) -> None:
    assert cleaned_cells(days) == len(days)


def test_months_have_places_too() -> None:
    months = Calendar("month")
    periods = months.range(pd.Timestamp("2018-01-01"), 96)
    assert cleaned_cells(["2018-06-01", "2020-06-01", "2022-06-01", "2024-06-01"], months, periods) == 0
    assert cleaned_cells(["2021-08-01"], months, periods) == 1


def test_places_are_met_in_two_years_at_least() -> None:
    places = calendar_places(WEEKS, PERIODS, ("IN",))
    assert (places.sum(axis=0) >= 2).all()
    assert len(np.unique(places, axis=1).T) == places.shape[1]
