"""How series end, told by how likely their silence is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sales_histories import MONTH, history_of

from alignment_lib.forecasting.baseline import run_baseline
from alignment_lib.forecasting.past.ceilings import ceiling_factors
from alignment_lib.forecasting.past.cleaning import clean_history
from alignment_lib.forecasting.past.filling import fill_holes
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.past.silences import STATES, find_silences, judge_ends
from alignment_lib.inputs.periods.calendar import Calendar


def state_of(values: np.ndarray, season: int = 12, stated: str = "") -> str:
    table = np.vstack([values, np.full(len(values), 9.0)])
    said = np.array([stated, ""], dtype=object) if stated else None
    return STATES[find_silences(table, season, 0, said).state[0]]


def test_a_product_of_the_season_has_not_ended_in_its_off_season() -> None:
    month = np.arange(54) % 12
    values = np.where(month < 5, 0.0, 40.0)
    values[48:] = 0.0  # the sixth year: five months off, and one more
    assert state_of(values[:53]) == ""
    assert state_of(np.where(values[:53] == 0, np.nan, values[:53])) == "pause"


def test_a_slow_mover_pauses_and_ends_only_after_a_silence_that_chance_does_not_explain() -> None:
    values = np.zeros(156)
    values[::8] = 6.0
    assert state_of(values[:150], 52) == ""
    assert state_of(np.where(values[:150] == 0, np.nan, values[:150]), 52) == "pause"
    gone = values.copy()
    gone[80:] = 0.0
    assert state_of(gone, 52) == "ended"


@given(rate=st.floats(0.1, 0.5), seed=st.integers(0, 200))
@settings(max_examples=40, deadline=None)
def test_chance_alone_hardly_ever_ends_a_slow_mover(rate: float, seed: int) -> None:
    draws = np.random.default_rng(seed).random((20, 130)) < rate
    ended = find_silences(draws * 3.0, 52, 0).are("ended", "sold_out")
    assert ended.sum() <= 1


def test_what_is_stated_goes_before_every_rule() -> None:
    values = np.r_[np.full(40, 5.0), np.zeros(8)]
    assert state_of(values) == "ended"
    assert state_of(values, stated="continues") == "continues"
    assert state_of(np.r_[np.full(40, 5.0), 0.0], stated="ended") == "ended"


def test_series_that_sell_now_and_then_are_not_renamed_into_each_other() -> None:
    rng = np.random.default_rng(1)
    values = np.where(rng.random((40, 60)) < 0.3, 5.0, 0.0)
    values[:20, 30:] = 0.0
    values[20:, :31] = 0.0
    _, renamed = judge_ends(history_of(values))
    assert renamed == {}


def test_two_that_stop_where_one_begins_are_not_told_apart_and_so_not_renamed() -> None:
    values = np.full((3, 48), 50.0)
    values[:2, 40:] = np.nan
    values[2, :40] = np.nan
    _, renamed = judge_ends(history_of(values))
    assert renamed == {}


def test_a_renaming_stays_within_the_other_dimensions() -> None:
    values = np.full((4, 48), 50.0)
    values[0, 40:] = np.nan
    values[3, :40] = np.nan
    keys = pd.DataFrame({"shop": ["a", "a", "b", "b"], "product": ["old", "tea", "tea", "new"]}, dtype=object)
    history = History(MONTH, keys, MONTH.range(pd.Timestamp("2020-01-01"), 48), values, "units")
    assert judge_ends(history)[1] == {}


@given(level=st.floats(1.0, 1e9), start=st.integers(10, 50), length=st.integers(1, 13))
@settings(max_examples=40, deadline=None)
def test_holes_are_never_filled_outside_of_what_was_sold(level: float, start: int, length: int) -> None:
    row = level * (1 + 0.5 * np.sin(np.arange(160) / 9))
    holes = np.arange(start, start + length)
    row[holes] = np.nan
    for season in (4, 12, 52):
        filled = fill_holes(row, holes, season)
        assert (filled >= np.nanmin(row)).all()
        assert (filled <= np.nanmax(row)).all()


def test_a_hole_in_weeks_takes_the_same_weeks_of_another_year_at_its_own_level() -> None:
    wave = 100 + 50 * np.sin(2 * np.pi * np.arange(156) / 52)
    row = wave * np.repeat([1.0, 1.2, 1.4], 52)
    holes = np.arange(146, 156)
    truth = row[holes].copy()
    row[holes] = np.nan
    assert np.allclose(fill_holes(row, holes, 52), truth, rtol=0.03)


def test_what_is_not_sure_to_be_sold_is_held_to_its_best_year() -> None:
    values = np.vstack([np.full(48, 10.0), np.full(48, 10.0)])
    values[0, 46:] = np.nan
    cleaned = clean_history(history_of(values))
    factors = ceiling_factors(cleaned, np.full((2, 12), 15.0), 12)
    assert factors.tolist() == [10 / 15, 1.0]


def test_what_sells_now_and_then_is_held_to_its_best_year_or_life() -> None:
    values = np.zeros((3, 48))
    values[0, [3, 20, 40, 44]] = 6.0
    values[1, :42] = np.nan
    values[1, [42, 45]] = 6.0
    values[2] = 10.0
    cleaned = clean_history(history_of(values))
    factors = ceiling_factors(cleaned, np.full((3, 12), 15.0), 12, np.array([True, True, False]))
    # Two sales of 6 in the best twelve months; 12 in the six months since the launch; not asked of the third.
    assert factors.tolist() == pytest.approx([12 / 180, 12 / 90, 1.0])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_slow_movers_are_planned_at_their_rate_together_and_never_above_their_best_year(seed: int) -> None:
    generator = np.random.default_rng(seed)
    sold = generator.random((60, 156)) < 0.015
    sold[:, 0] = True
    values = np.where(sold, generator.integers(1, 6, sold.shape), 0).astype(float)
    made = run_baseline(
        history_of(values, Calendar("week")),
        Calendar("week").range(pd.Timestamp("2027-01-04"), 52),
        seed=1,
        draws=20,
    )
    planned = made.forecast.baseline.sum(axis=1)
    best = np.array([np.convolve(row, np.ones(52)).max() for row in values])
    now_and_then = made.classes == "intermittent"
    assert now_and_then.any()
    assert (planned[now_and_then] <= best[now_and_then] + 1e-9).all()
    assert 0.4 <= planned.sum() / (60 * 52 * 0.015 * 3) <= 1.5
