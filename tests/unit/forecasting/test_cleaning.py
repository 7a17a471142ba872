from __future__ import annotations

import numpy as np
import pytest
from sales_histories import history_of, seasonal_values

from alignment_lib.forecasting.past.cleaning import RULES, clean_history, clean_values, list_treatments

NAMES = ["", *RULES]


def rules_at(values: list[float], season: int = 12) -> dict[int, str]:
    cleaned = clean_values(np.array([values], dtype=float), season)
    return {int(t): NAMES[cleaned.rule[0, t]] for t in np.flatnonzero(cleaned.rule[0])}


def test_a_clean_series_is_left_as_it_is() -> None:
    values = seasonal_values(5, 48, 12)
    cleaned = clean_values(values, 12)
    assert np.array_equal(cleaned.values, values)
    assert not np.isin(cleaned.rule, [NAMES.index("outlier"), NAMES.index("gap")]).any()


def test_a_gap_is_filled_on_the_line_between_its_neighbours() -> None:
    cleaned = clean_values(np.array([[10.0, 12.0, np.nan, 16.0, 18.0]]), 12)
    assert cleaned.values[0, 2] == 14.0
    assert np.isnan(cleaned.original[0, 2])
    assert {n.code: n.count for n in cleaned.notices} == {"gap": 1}


def test_a_gap_in_a_seasonal_series_is_filled_with_its_season() -> None:
    values = np.tile([100.0, 10.0, 10.0, 10.0], 6)[None]
    values[0, 12] = np.nan
    assert clean_values(values, 4).values[0, 12] > 60


@pytest.mark.parametrize(("lacking", "code"), [(1, "late"), (2, "unclear"), (3, "unclear"), (4, "ended")])
def test_missing_rows_at_the_end_are_late_then_unclear_then_the_end(lacking: int, code: str) -> None:
    values = np.vstack([np.full(24, 5.0), np.full(24, 7.0)])
    values[0, 24 - lacking :] = np.nan
    cleaned = clean_values(values, 12)
    assert cleaned.values[0, -1] == (0.0 if code == "ended" else 5.0)
    assert {n.code for n in cleaned.notices} == {code}
    assert cleaned.ended.tolist() == [code == "ended", False]


def test_a_series_without_sales_for_a_season_has_ended() -> None:
    values = np.vstack([np.full(36, 5.0), np.full(36, 7.0), np.full(36, 3.0)])
    values[0, 20:] = np.nan
    values[1, 24:] = 0.0
    assert clean_values(values, 12).ended.tolist() == [True, True, False]


def test_a_table_that_stops_early_as_a_whole_is_late_and_not_dead() -> None:
    values = np.full((2, 36), 5.0)
    values[:, 20:] = np.nan
    cleaned = clean_values(values, 12)
    assert not cleaned.ended.any()
    assert (cleaned.values[:, -1] == 5.0).all()


def test_long_leading_zeros_are_before_the_launch() -> None:
    cleaned = clean_values(np.array([[0, 0, 0, 0, 5, 6, 7, 6.0]]), 12)
    assert cleaned.start.tolist() == [4]
    assert np.isnan(cleaned.values[0, :4]).all()


def test_a_return_in_a_selling_series_counts_as_zero() -> None:
    values = [5.0, 6, 5, 7, 6, 5, 6, 7, 5, 6, -2, 6]
    assert rules_at(values)[10] == "return"
    assert clean_values(np.array([values]), 12).values[0, 10] == 0.0


def test_a_negative_series_is_not_a_series_of_returns() -> None:
    cleaned = clean_values(-np.arange(1.0, 25.0)[None], 12)
    assert (cleaned.values < 0).all()


def test_a_zero_between_sales_is_a_stock_out() -> None:
    values = [20.0, 21, 19, 20, 22, 0, 21, 20, 19, 22, 21, 20]
    assert rules_at(values) == {5: "stock_out"}
    assert clean_values(np.array([values]), 12).values[0, 5] == 21.5


def test_an_empty_shelf_of_a_quarter_is_a_stock_out_and_a_longer_one_is_not() -> None:
    values = [float(20 + t % 3) for t in range(160)]
    quarter, longer = values.copy(), values.copy()
    quarter[30:43] = [0.0] * 13
    longer[30:44] = [0.0] * 14
    assert rules_at(quarter, season=52) == dict.fromkeys(range(30, 43), "stock_out")
    assert "stock_out" not in rules_at(longer, season=52).values()
    filled = clean_values(np.array([quarter]), 52).values[0, 30:43]
    assert ((filled >= 20) & (filled <= 22)).all()


def test_a_shop_that_closes_every_august_is_not_out_of_stock() -> None:
    values = [0.0 if t % 12 == 7 else float(20 + t % 3) for t in range(60)]
    assert rules_at(values) == {}


def test_one_zero_at_the_end_is_news_and_several_are_a_stock_out() -> None:
    values = [float(20 + t % 3) for t in range(60)]
    assert rules_at([*values, 0.0], season=52) == {}
    assert rules_at([*values, 0.0, 0.0], season=52) == {60: "sold_out", 61: "sold_out"}
    assert clean_values(np.array([[*values, 0.0, 0.0]]), 52).values[0, -1] >= 20


def test_rows_that_lack_at_the_same_time_every_year_are_a_season_and_no_gap() -> None:
    values = np.array([[np.nan if t % 12 in (0, 1, 2) else 50.0 + t % 5 for t in range(51)], [9.0] * 51])
    values[0, 18] = np.nan
    cleaned = clean_values(values, 12)
    assert (cleaned.values[0, [12, 13, 14, 24, 25, 26, 36, 37, 38, 48, 49, 50]] == 0).all()
    assert 49 < cleaned.values[0, 18] < 56
    assert not cleaned.ended.any()


def test_rows_listed_only_where_something_was_sold_are_zero_up_to_the_end_of_the_table() -> None:
    values = np.full((2, 60), np.nan)
    values[0, ::7] = 6.0
    values[1] = 5.0
    assert clean_values(values, 52).values[0].sum() == 6.0 * 9


def test_returns_of_every_january_are_kept_and_a_lone_one_is_not() -> None:
    values = [-40.0 if t % 12 == 0 else 100.0 + t % 7 for t in range(60)]
    values[30] = -8.0
    assert {at: name for at, name in rules_at(values).items() if values[at] < 0} == {
        **dict.fromkeys(range(0, 60, 12), "season_return"),
        30: "return",
    }
    assert clean_values(np.array([values]), 12).values[0, 48] == -40.0


def test_a_week_without_a_sale_of_a_slow_seller_is_chance() -> None:
    slow = [float(2 + t % 3) for t in range(60)]
    slow[30] = 0.0
    assert rules_at(slow, season=52) == {}
    assert rules_at([value / 7 for value in slow], season=52)[30] == "stock_out"


def test_zeros_of_an_intermittent_series_stay() -> None:
    values = np.array([[3.0, 0, 0, 2, 0, 1, 0, 0, 4, 0, 0, 2]])
    assert np.array_equal(clean_values(values, 12).values, values)


def test_a_lone_spike_is_brought_to_its_neighbours_but_a_yearly_one_stays() -> None:
    values = seasonal_values(1, 60, 12, seed=4)
    lone, yearly = values.copy(), values.copy()
    lone[0, 30] *= 20
    yearly[0, [18, 30, 42]] *= 20
    mended = clean_values(lone, 12).values[0, 30]
    assert abs(mended / values[0, 30] - 1) < 0.5
    assert np.array_equal(clean_values(yearly, 12).values, yearly)


def test_the_last_value_is_never_an_outlier() -> None:
    values = seasonal_values(1, 60, 12, seed=4)
    values[0, -1] *= 20
    assert clean_values(values, 12).values[0, -1] == values[0, -1]


def test_a_level_shift_is_reported_and_not_treated() -> None:
    generator = np.random.default_rng(1)
    values = np.concatenate([generator.normal(100, 2, 24), generator.normal(200, 2, 24)])
    cleaned = clean_values(values[None], 12)
    assert NAMES.index("level_shift") in cleaned.rule[0, 20:29]
    assert np.array_equal(cleaned.values[0], values)


def test_sparse_rows_are_zero_sales() -> None:
    values = np.full((1, 20), np.nan)
    values[0, [0, 6, 13, 19]] = 4.0
    cleaned = clean_values(values, 12)
    assert cleaned.values[0].sum() == 16.0
    assert cleaned.notices[0].code == "sparse_rows"


def test_scaling_a_series_scales_what_is_cleaned_of_it() -> None:
    values = seasonal_values(3, 60, 12, seed=2)
    values[0, 30] *= 20
    values[1, 12] = 0
    values[2, 9] = np.nan
    one, big = clean_values(values, 12), clean_values(values * 1024, 12)
    assert np.array_equal(one.rule, big.rule)
    assert np.allclose(big.values, one.values * 1024, rtol=1e-12)


def test_every_treatment_is_listed_with_both_values() -> None:
    history = history_of([[20.0, 21, 19, 20, 22, 0, 21, 20, 19, 22, 21, 20]])
    table = list_treatments(history, clean_history(history))
    assert table[["product", "rule", "original", "cleaned"]].to_numpy().tolist() == [
        ["P000", "stock_out", 0.0, 21.5]
    ]


def test_a_series_that_often_pauses_has_not_ended_after_one_more_pause() -> None:
    seldom = [float(3 * (t % 5 == 0)) for t in range(40)]
    stopped = seldom[:30] + [0.0] * 10
    cleaned = clean_values(np.array([seldom, stopped]), 4)
    assert cleaned.ended.tolist() == [False, True]


def test_sales_in_thousands_that_fall_to_zero_are_cleaned_without_overflow() -> None:
    values = np.array([[2000.0 + step % 7 for step in range(30)] + [0.0] * 6])
    with np.errstate(over="raise"):
        cleaned = clean_values(values, 12)
    assert cleaned.values[0, 30:].tolist() == [0.0] * 6
