"""Deals to be opened: the recent level at the season of the years before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.deals.arrivals import expect_arrivals
from alignment_lib.funnel.deals.deals import Deals
from tests.unit.funnel.deals.deal_cases import DAY, deals_with_changes


def opened(counts: list[int]) -> Deals:
    """Deals opened so often in each week before the day, the oldest week (never whole) first."""
    ago = np.repeat(np.arange(len(counts), 0, -1), counts)
    table = pd.DataFrame({"opened": DAY - pd.to_timedelta(ago * 7 - 3, unit="D")})
    return replace(deals_with_changes(), table=table)


def test_a_steady_stream_goes_on() -> None:
    arrivals = expect_arrivals(opened([6] * 157), 26)
    assert arrivals.weekly == pytest.approx(np.full(26, 6.0))


def test_a_season_returns_with_the_level_of_today() -> None:
    year = [4] * 26 + [8] * 26
    arrivals = expect_arrivals(opened([6, *year, *year, *year]), 52)
    assert arrivals.weekly[:26].mean() < 6 < arrivals.weekly[26:].mean()
    assert arrivals.weekly.mean() == pytest.approx(6.0, rel=0.2)


def test_a_level_that_jumps_is_less_sure_than_a_steady_one() -> None:
    jumping = [3] * 40 + [9] * 40 + [3] * 40 + [9] * 40
    assert expect_arrivals(opened(jumping), 13).spread > expect_arrivals(opened([6] * 160), 13).spread


def test_nothing_known_is_no_arrival() -> None:
    assert expect_arrivals(opened([0]), 13).weekly.sum() == 0
