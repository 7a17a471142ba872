from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.past.history_building import build_history
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import InputError

MONTH = Calendar("month")


def settings(*dimensions: str, measure: str = "units") -> SimpleNamespace:
    return SimpleNamespace(
        sales=SimpleNamespace(dimensions=list(dimensions), measure=measure, unfinished="auto"), life=()
    )


def sales(rows: list[tuple[str, str, float]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["period", "product", "units"])
    return table.assign(period=pd.to_datetime(table["period"]))


def codes(history: object) -> dict[str, int]:
    return {notice.code: notice.count for notice in history.notices}  # type: ignore[attr-defined]


def test_a_period_without_a_row_is_unknown_and_not_zero() -> None:
    table = sales([("2025-01-01", "a", 5), ("2025-03-01", "a", 7)])
    history = build_history(table, settings("product"), MONTH, pd.Timestamp("2025-04-01"))
    assert np.array_equal(history.values, [[5.0, np.nan, 7.0]], equal_nan=True)
    assert codes(history) == {"gaps": 1}


def test_the_period_that_holds_the_as_of_date_is_not_known() -> None:
    table = sales([(f"2025-0{month}-01", "a", month) for month in range(1, 7)])
    middle = build_history(table, settings("product"), MONTH, pd.Timestamp("2025-04-15"))
    first_day = build_history(table, settings("product"), MONTH, pd.Timestamp("2025-05-01"))
    assert middle.periods[-1] == pd.Timestamp("2025-03-01")
    assert first_day.periods[-1] == pd.Timestamp("2025-04-01")


def test_the_grid_reaches_the_wall_even_where_rows_stop_earlier() -> None:
    table = sales([("2025-01-01", "a", 5), ("2025-02-01", "a", 7)])
    history = build_history(table, settings("product"), MONTH, pd.Timestamp("2025-06-01"))
    assert len(history.periods) == 5
    assert codes(history)["early_end"] == 1


def test_the_order_of_rows_does_not_matter_and_series_are_sorted() -> None:
    rows = [(f"2025-0{m}-01", name, m * 1.5) for m in range(1, 5) for name in ("b", "a", "c10", "c9")]
    table = sales(rows)
    first = build_history(table, settings("product"), MONTH, pd.Timestamp("2025-05-01"))
    shuffled = table.sample(frac=1, random_state=3).astype({"product": "category"})
    second = build_history(shuffled, settings("product"), MONTH, pd.Timestamp("2025-05-01"))
    assert first.keys["product"].tolist() == ["a", "b", "c10", "c9"]
    pd.testing.assert_frame_equal(first.keys, second.keys)
    assert np.array_equal(first.values, second.values)


def test_two_dimensions_keep_their_order_and_combinations_without_sales_make_no_series() -> None:
    table = sales([("2025-01-01", "a", 1), ("2025-01-01", "b", 2)]).assign(shop=["x", "y"])
    history = build_history(table, settings("shop", "product"), MONTH, pd.Timestamp("2025-02-01"))
    assert history.keys.to_numpy().tolist() == [["x", "a"], ["y", "b"]]
    assert history.values.ravel().tolist() == [1.0, 2.0]


def test_rows_of_one_cell_are_summed_and_counted() -> None:
    table = sales([("2025-01-01", "a", 1), ("2025-01-01", "a", 2)])
    history = build_history(table, settings("product"), MONTH, pd.Timestamp("2025-02-01"))
    assert history.values.tolist() == [[3.0]]
    assert codes(history) == {"duplicates": 1}


def test_price_is_revenue_per_unit_where_both_are_positive() -> None:
    table = sales([("2025-01-01", "a", 4), ("2025-02-01", "a", 0)]).assign(revenue=[10.0, 3.0])
    history = build_history(table, settings("product"), MONTH, pd.Timestamp("2025-03-01"))
    assert history.price is not None
    assert np.array_equal(history.price, [[2.5, np.nan]], equal_nan=True)


def test_a_business_without_dimensions_is_one_series() -> None:
    table = sales([("2025-01-01", "a", 4), ("2025-02-01", "a", 6)])
    history = build_history(table, settings(), MONTH, pd.Timestamp("2025-03-01"))
    assert history.values.tolist() == [[4.0, 6.0]]
    assert history.keys.shape == (1, 0)


def test_an_as_of_date_before_the_history_is_refused_by_name() -> None:
    table = sales([("2025-01-01", "a", 4)])
    with pytest.raises(InputError, match="at least one period that ended on or before 2025-01-20"):
        build_history(table, settings("product"), MONTH, pd.Timestamp("2025-01-20"))
