from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.seasons.week_places import PLACES, place_weeks


@pytest.mark.parametrize("first", ["1999-12-27", "2015-12-28", "2020-12-21"])
def test_weeks_from_monday_stand_where_iso_counts_them(first: str) -> None:
    days = pd.date_range(first, periods=700, freq="7D")
    places, years = place_weeks(days[0].to_datetime64(), np.arange(700))
    iso = days.isocalendar()
    assert (places == np.minimum(iso["week"].to_numpy(), PLACES) - 1).all()
    assert (years == iso["year"].to_numpy()).all()


def test_weeks_from_any_day_keep_to_their_dates_for_decades() -> None:
    for start in range(7):
        first = pd.Timestamp("2000-01-03") + pd.Timedelta(days=start)
        places, _ = place_weeks(first.to_datetime64(), np.arange(52 * 40))
        middle = first + pd.to_timedelta(7 * np.arange(52 * 40) + 3, unit="D")
        assert np.abs(places * 7 + 3 - (middle.dayofyear.to_numpy() - 1)).max() <= 5


def test_without_a_date_the_first_week_opens_a_year() -> None:
    assert place_weeks(None, np.array([0, 51, 52]))[0].tolist() == [0, 51, 0]
