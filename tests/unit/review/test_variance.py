"""Who moved the result: every view adds up, by hand and on random tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.factors import FACTORS
from alignment_lib.review.funnel_variance import BARS, split_by_funnel
from alignment_lib.review.variance import CAUSES, Variance, split_by_cause, split_variance

PERIOD = pd.Timestamp("2025-07-01")


def _sales(rows: list[tuple[str, str, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["product", "sale_type", "units", "revenue"])
    return frame.assign(period=PERIOD)


def _factors(**sources: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(sources, orient="index", columns=list(FACTORS))
    frame = frame.rename_axis("source").reset_index()
    frame["value"] = frame[list(FACTORS)].prod(axis=1)
    return frame


def _bars(variance: Variance, view: str) -> dict[str, float]:
    rows = variance.table[variance.table["view"] == view]
    return {str(bar): float(effect) for bar, effect in rows.groupby("bar")["effect"].sum().items()}


def test_the_funnel_bars_by_hand() -> None:
    # Plan: 100 leads x 0.3 x 0.8 x 1 x 1 x 50 = 1,200; actual: twice the leads at half the quality: 1,200.
    # L = 1,200, so volume +1,200 ln 2 = 831.78 and quality -831.78. Without a lead: 900 - 800.
    rows, notices = split_by_funnel(
        _factors(web=[200, 0.15, 0.8, 1, 1, 50]), _factors(web=[100, 0.3, 0.8, 1, 1, 50]), 2100.0, 2000.0
    )
    effects = rows.set_index("bar")["effect"]
    assert effects["lead volume"] == pytest.approx(1200 * np.log(2))
    assert effects["lead quality"] == pytest.approx(-1200 * np.log(2))
    assert effects["contact"] == pytest.approx(0)
    assert effects["sales without a lead"] == pytest.approx(100)
    assert rows["effect"].sum() == pytest.approx(100)
    assert notices == []


def test_sales_without_a_lead_are_no_counter_entry_to_lead_volume() -> None:
    # Half the leads, the same sales: -600 of lead volume and +600 without a lead are leads nobody recorded.
    half, whole = _factors(web=[50, 0.3, 0.8, 1, 1, 50]), _factors(web=[100, 0.3, 0.8, 1, 1, 50])
    rows, notices = split_by_funnel(half, whole, 2000.0, 2000.0)
    assert rows["effect"].abs().sum() == pytest.approx(0.0, abs=1e-9)
    assert notices[-1].code == "leads_unrecorded"
    # 100 more were sold than planned: 700 without a lead less the 600 that lead volume is short of.
    rows, _ = split_by_funnel(half, whole, 2100.0, 2000.0)
    effects = rows.groupby("bar")["effect"].sum()
    assert effects["lead volume"] == pytest.approx(0)
    assert effects["sales without a lead"] == pytest.approx(100)


def test_what_was_not_measured_is_marked_and_said() -> None:
    sides = [_sales([("A", "new", units, units * 10.0)]) for units in (90, 100)]
    variance = split_variance(*sides, ["product", "sale_type"], unmeasured=("promotion", "price"))
    rows = variance.table.query("view == 'cause'").set_index("bar")
    assert rows.loc["promotion", "confidence"] == "not measured"
    assert rows.loc["not explained", "confidence"] == "remainder"
    assert rows["effect"].sum() == pytest.approx(-100)
    said = next(notice for notice in variance.notices if notice.code == "not_measured")
    assert said.text == "Not measured, and so without a part of their own: price, promotion."


def test_every_bar_has_an_owner_function_and_a_confidence() -> None:
    rows, _ = split_by_funnel(_factors(web=[1, 1, 1, 1, 1, 1]), _factors(web=[1, 1, 1, 1, 1, 2]), 2.0, 3.0)
    owners = dict(zip(rows["bar"], rows["owner_function"], strict=True))
    assert (owners["lead quality"], owners["speed"]) == ("marketing", "sales")
    assert set(rows["confidence"]) == {"measured", "estimated", "remainder"}
    assert {bar for bar, _, _ in BARS.values()} == set(rows["bar"])


def test_a_source_that_was_not_planned_is_all_lead_volume() -> None:
    rows, _ = split_by_funnel(
        _factors(web=[10, 0.5, 1, 1, 1, 10], fair=[20, 0.5, 1, 1, 1, 10]),
        _factors(web=[10, 0.5, 1, 1, 1, 10]),
        200.0,
        100.0,
    )
    fair = rows[(rows["source"] == "fair") & (rows["effect"] != 0)]
    assert fair[["bar", "effect"]].to_numpy().tolist() == [["lead volume", 100.0]]
    assert rows["effect"].sum() == pytest.approx(100)


def test_wins_that_no_lead_due_explains_are_kept_and_named() -> None:
    actual = _factors(web=[10, 0.5, 1, 1, 1, 10])
    odd = pd.DataFrame([{"source": "old", "leads": 0.0, "win": np.nan, "order_size": 70.0, "value": 70.0}])
    rows, notices = split_by_funnel(pd.concat([actual, odd]), actual, 170.0, 100.0)
    assert rows["effect"].sum() == pytest.approx(70)
    assert rows.set_index("bar")["effect"]["sales without a lead"] == pytest.approx(70)
    assert notices[0].text == "Wins worth 70 from sources without leads due count as without a lead."


def test_volume_mix_and_price_by_hand() -> None:
    # One product sells 10 at 10, then 20 at 8: 100 to 160. L = 60 / ln 1.6 = 127.66;
    # volume 127.66 ln 2 = 88.49, price 127.66 ln 0.8 = -28.49.
    cells = pd.DataFrame({"period": [PERIOD], "product": ["A"], "units_0": [10.0], "units_1": [20.0]})
    cells[["value_0", "value_1"]] = [[100.0, 160.0]]
    row = split_by_cause(cells, ["product"]).iloc[0]
    weight = 60 / np.log(1.6)
    assert row["not explained"] == pytest.approx(weight * np.log(2))
    assert row["price"] == pytest.approx(weight * np.log(0.8))
    assert row["mix"] == pytest.approx(0)


def test_a_shift_between_products_at_equal_prices_is_mix_and_nets_to_nearly_nothing() -> None:
    cells = pd.DataFrame(
        {"period": [PERIOD] * 2, "product": ["A", "B"], "units_0": [10.0, 10.0], "units_1": [12.0, 8.0]}
    )
    cells["value_0"], cells["value_1"] = cells["units_0"] * 5, cells["units_1"] * 5
    table = split_by_cause(cells, ["product"])
    np.testing.assert_allclose(table["mix"], [10.0, -10.0])
    np.testing.assert_allclose(table[["not explained", "price"]], 0.0, atol=1e-12)


def test_promotions_take_their_part_from_what_is_not_explained() -> None:
    actual = _sales([("A", "repeat", 130, 1300.0)])
    plan = _sales([("A", "repeat", 100, 1000.0)])
    effects = pd.DataFrame(
        {
            "period": [PERIOD], "product": ["A"], "sale_type": ["repeat"], "cause": ["promotion"],
            "actual": [250.0], "reference": [50.0], "standard_error": [40.0],
        }
    )  # fmt: skip
    variance = split_variance(actual, plan, ["product", "sale_type"], sale_type="sale_type", effects=effects)
    bars = _bars(variance, "cause")
    assert (bars["promotion"], bars["not explained"]) == (pytest.approx(200), pytest.approx(100))
    row = variance.table.query("view == 'cause' and bar == 'promotion'").iloc[0]
    assert (row["standard_error"], row["owner_function"]) == (40.0, "marketing")


def test_a_measured_market_is_a_bar_of_its_own_and_the_remainder_is_called_one() -> None:
    # 300 more than planned: the market index, as measured, brought 120 where 40 were planned.
    effects = pd.DataFrame(
        {
            "period": [PERIOD], "product": ["A"], "sale_type": ["repeat"], "cause": ["market, measured"],
            "actual": [120.0], "reference": [40.0], "standard_error": [30.0],
        }
    )  # fmt: skip
    variance = split_variance(
        _sales([("A", "repeat", 130, 1300.0)]),
        _sales([("A", "repeat", 100, 1000.0)]),
        ["product", "sale_type"],
        sale_type="sale_type",
        effects=effects,
    )
    rows = variance.table.query("view == 'cause'").set_index("bar")
    assert rows.loc["market, measured", "effect"] == pytest.approx(80)
    assert rows.loc["market, measured", ["owner_function", "confidence"]].tolist() == ["outside", "estimated"]
    assert rows.loc["market, measured", "standard_error"] == 30.0
    assert rows.loc["not explained", "effect"] == pytest.approx(220)
    assert rows.loc["not explained", "confidence"] == "remainder"
    assert rows["effect"].sum() == pytest.approx(300)


def test_a_promotions_discount_is_the_promotions_and_a_list_price_change_is_the_prices() -> None:
    # 100 planned at 10; 100 sold for 756: list price 9 (-10 %), and 84 % of it paid on average because of a
    # promotion. L = (756 - 1000) / ln 0.756; price L ln 0.9, promotion L ln 0.84; they add up to -244.
    prices = pd.DataFrame({"product": ["A"], "sale_type": ["repeat"]})
    prices = prices.assign(price_log=np.log(0.756), discount_log=np.log(0.84))
    variance = split_variance(
        _sales([("A", "repeat", 100, 756.0)]),
        _sales([("A", "repeat", 100, 1000.0)]),
        ["product", "sale_type"],
        sale_type="sale_type",
        prices=prices,
    )
    bars = _bars(variance, "cause")
    weight = -244.0 / np.log(0.756)
    assert bars["price"] == pytest.approx(weight * np.log(0.9))
    assert bars["promotion"] == pytest.approx(weight * np.log(0.84))
    assert sum(bars.values()) == pytest.approx(-244.0)


def test_a_launch_owns_all_of_its_change() -> None:
    actual = _sales([("A", "repeat", 100, 1000.0), ("N", "repeat", 30, 600.0)])
    plan = _sales([("A", "repeat", 100, 1000.0), ("N", "repeat", 50, 1000.0)])
    variance = split_variance(
        actual,
        plan,
        ["product", "sale_type"],
        sale_type="sale_type",
        launches=pd.DataFrame({"product": ["N"]}),
    )
    assert _bars(variance, "cause") == {"launch": -400} | dict.fromkeys(
        ("market, measured", "not explained", "mix", "price", "promotion"), 0
    )


def test_the_view_by_cause_of_new_sales_is_a_second_page_with_the_same_total() -> None:
    actual = _sales([("A", "new", 60, 600.0), ("A", "repeat", 90, 900.0)])
    plan = _sales([("A", "new", 50, 500.0), ("A", "repeat", 100, 1000.0)])
    variance = split_variance(
        actual, plan, ["product", "sale_type"], sale_type="sale_type",
        actual_factors=_factors(web=[20, 0.5, 1, 1, 1, 40]),
        reference_factors=_factors(web=[10, 0.5, 1, 1, 1, 40]),
    )  # fmt: skip
    sums = variance.table.groupby("view")["effect"].sum()
    assert sums["type"] == pytest.approx(0)
    assert sums["funnel"] == pytest.approx(100)
    assert sums["new by cause"] == pytest.approx(100)
    assert sums["funnel"] + sums["cause"] == pytest.approx(sums["type"])
    assert variance.total == pytest.approx(0)


@pytest.mark.parametrize("seed", range(25))
def test_all_views_add_up_on_random_tables(seed: int) -> None:
    # 20 tables a seed: 500 random cases.
    rng = np.random.default_rng(seed)
    for _ in range(20):
        tables = []
        for _side in range(2):
            grid = [(p, t) for p in "ABCD" for t in ("new", "repeat", "upsell") if rng.random() < 0.9]
            units = rng.gamma(2.0, 50.0, len(grid)) * (rng.random(len(grid)) < 0.9)
            price = rng.gamma(5.0, 2.0, len(grid))
            tables.append(_sales([(p, t, u, u * m) for (p, t), u, m in zip(grid, units, price, strict=True)]))
        sources = {f"s{n}": list(rng.gamma(2.0, 1.0, 6) * (rng.random(6) < 0.95)) for n in range(3)}
        other = {f"s{n}": list(rng.gamma(2.0, 1.0, 6)) for n in range(1, 4)}
        variance = split_variance(
            *tables, ["product", "sale_type"], sale_type="sale_type",
            actual_factors=_factors(**sources), reference_factors=_factors(**other),
        )  # fmt: skip
        difference = tables[0]["revenue"].sum() - tables[1]["revenue"].sum()
        size = 1e-9 * (tables[0]["revenue"].sum() + tables[1]["revenue"].sum())
        sums = variance.table.groupby("view")["effect"].sum()
        assert abs(sums["type"] - difference) < size
        assert abs(sums["funnel"] + sums["cause"] - difference) < size
        assert abs(sums["funnel"] - sums["new by cause"]) < size


def test_swapping_actual_and_plan_flips_every_bar() -> None:
    actual = _sales([("A", "new", 60, 660.0), ("B", "new", 30, 450.0), ("A", "repeat", 90, 900.0)])
    plan = _sales([("A", "new", 50, 500.0), ("B", "new", 40, 480.0), ("A", "repeat", 100, 1100.0)])
    options = {"sale_type": "sale_type"}
    one = split_variance(actual, plan, ["product", "sale_type"], **options).table
    two = split_variance(plan, actual, ["product", "sale_type"], **options).table
    np.testing.assert_allclose(one["effect"], -two["effect"], atol=1e-9)


def test_what_is_missing_is_said() -> None:
    variance = split_variance(_sales([("A", "new", 1, 1.0)]), _sales([("A", "new", 2, 2.0)]), ["product"])
    codes = [notice.code for notice in variance.notices]
    assert codes == ["no_effects", "no_sale_type"]
    assert set(variance.table.query("view == 'cause'")["bar"]) == set(CAUSES)
