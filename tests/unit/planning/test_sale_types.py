"""Types of sale from transactions, by hand and on real purchases."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.plan.sale_types import classify_sales, repeat_cohorts, sales_by_type, split_sales

CDNOW = Path(__file__).parents[4] / "shared" / "data" / "cdnow" / "cdnow_transactions.csv.gz"


def _transactions(rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer", "date", "product", "amount"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def test_each_sale_gets_the_type_the_rules_state() -> None:
    table = _transactions(
        [
            ("C1", "2026-01-05", "tea", 10.0),  # first day: new
            ("C1", "2026-01-05", "cup", 5.0),  # the same day: new as well
            ("C1", "2026-02-02", "tea", 40.0),  # one earlier purchase of tea is not yet usual: repeat
            ("C1", "2026-03-02", "tea", 30.0),  # usual 25 (median of 10 and 40), 31.25 is the step: repeat
            ("C1", "2026-04-06", "tea", 40.0),  # usual 30, step 37.5: upsell
            ("C1", "2026-04-06", "pot", 90.0),  # a category never bought: cross-sell
            ("C1", "2026-04-07", "pot", -90.0),  # a return bears the type before it
            ("C2", "2026-04-06", "tea", 10.0),  # another customer's first: new
        ]
    )
    result = classify_sales(table, ["product"]).table
    assert result["sale_type"].tolist() == [
        *("new", "new", "repeat", "repeat", "upsell", "cross_sell", "cross_sell", "new"),
    ]
    sums = result.groupby("sale_type")["amount"].sum()
    assert sums.sum() == table["amount"].sum()


def test_without_a_category_cross_sell_cannot_be_told_and_this_is_said() -> None:
    table = _transactions([("C1", "2026-01-05", "a", 10.0), ("C1", "2026-02-05", "b", 10.0)])
    classified = classify_sales(table)
    assert classified.table["sale_type"].tolist() == ["new", "repeat"]
    assert "no_category" in {notice.code for notice in classified.notices}


def test_early_customers_may_not_be_new_and_are_counted() -> None:
    rows = [(f"C{n}", "2026-01-05", "a", 10.0) for n in range(3)]
    rows += [(f"C{n}", "2026-01-25", "a", 10.0) for n in range(3)]
    rows += [("C9", "2026-06-01", "a", 10.0)]
    classified = classify_sales(_transactions(rows))
    assert classified.censored_until == pd.Timestamp("2026-01-25")
    notice = next(notice for notice in classified.notices if notice.code == "left_censored")
    assert notice.count == 3
    assert "3 of 4 customers were first seen up to 2026-01-25" in notice.text


def test_cohorts_are_not_read_beyond_what_they_have_lived() -> None:
    rows = [("C1", "2026-01-05", "a", 10.0), ("C2", "2026-01-09", "a", 10.0), ("C1", "2026-02-03", "a", 20.0)]
    rows += [("C3", "2026-02-09", "a", 30.0)]
    cohorts = repeat_cohorts(classify_sales(_transactions(rows)), Calendar("month"))
    assert cohorts[["age", "customers", "active"]].to_numpy().tolist() == [[0, 2, 2], [1, 2, 1], [0, 1, 1]]
    assert cohorts["repeat_rate"].tolist() == [1.0, 0.5, 1.0]


def test_no_transactions_are_refused() -> None:
    with pytest.raises(ValueError, match="there are no transactions to classify"):
        classify_sales(_transactions([]))


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    if not CDNOW.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CDNOW} is absent")
        pytest.skip("the CDNOW purchases are not here")
    table = pd.read_csv(CDNOW, parse_dates=["date"], dtype={"customer_id": str})
    return table.rename(columns={"customer_id": "customer", "amount_usd": "amount"})


def test_every_real_customer_is_new_once_and_no_money_is_lost(cdnow: pd.DataFrame) -> None:
    classified = classify_sales(cdnow)
    by_type = classified.table.groupby("sale_type")["amount"].agg(["sum", "size"])
    assert int(by_type.loc["new", "size"]) == cdnow["customer"].nunique() == 2357
    assert by_type["sum"].sum() == pytest.approx(244_091.94)
    assert set(by_type.index) == {"new", "repeat", "upsell"}
    # All first purchases fall into the first quarter of 1997: after that nothing is new.
    table = sales_by_type(classified, Calendar("month"))
    assert table.loc[table["sale_type"] == "new", "period"].max() == pd.Timestamp("1997-03-01")
    assert table["revenue"].sum() == pytest.approx(244_091.94)


def test_real_repeat_rates_fall_with_age(cdnow: pd.DataFrame) -> None:
    cohorts = repeat_cohorts(classify_sales(cdnow), Calendar("quarter"))
    first = cohorts[cohorts["cohort"] == pd.Timestamp("1997-01-01")].set_index("age")["repeat_rate"]
    assert first[0] == 1.0
    assert 0.1 < first[5] < first[1] < 0.5
    assert len(cohorts) == 6


def test_an_upsell_step_that_nothing_passes_leaves_only_repeats(cdnow: pd.DataFrame) -> None:
    few = classify_sales(cdnow, upsell_step=np.inf).table["sale_type"]
    assert set(few) == {"new", "repeat"}


def test_sales_without_a_type_are_parted_by_the_money_of_their_period_and_nothing_is_lost() -> None:
    months = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])
    sales = pd.DataFrame(
        {"period": months, "shop": "A", "units": [10.0, 20.0, 30.0], "revenue": [100.0, 50, 7]}
    )
    rows = [
        ("c1", "2025-01-05", "tea", 30.0),
        ("c1", "2025-01-20", "tea", 10.0),
        ("c1", "2025-02-03", "tea", 20.0),
    ]
    classified = classify_sales(_transactions(rows))
    parted, notices = split_sales(sales, classified, Calendar("month"))
    wide = parted.pivot_table(index="period", columns="sale_type", values="units")
    # January: 30 of 40 is new; February: all is repeat; March has no transactions: 30 of 60 was new in all.
    np.testing.assert_allclose(wide["new"], [7.5, 0.0, 15.0])
    np.testing.assert_allclose(wide["repeat"], [2.5, 20.0, 15.0])
    for measure in ("units", "revenue"):
        np.testing.assert_allclose(parted.groupby("period")[measure].sum(), sales[measure], rtol=1e-12)
    assert [(notice.code, notice.count) for notice in notices] == [("types_by_usual_share", 1)]
