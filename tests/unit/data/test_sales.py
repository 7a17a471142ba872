"""Sales and drivers as drawn, and the truth they hold."""

import numpy as np
import pandas as pd
import pytest

from data.generator import Demo, base_truth, draw_sales, redraw_truth
from data.generator.products import DIMENSIONS, PRODUCTS
from data.generator.promotions import MECHANICS, calendar
from data.generator.sales import INCIDENTS
from data.generator.weeks import AS_OF, weeks


@pytest.fixture(scope="module")
def sales(demo: Demo) -> pd.DataFrame:
    return demo.tables["sales"]


@pytest.fixture(scope="module")
def drivers(demo: Demo) -> pd.DataFrame:
    return demo.tables["drivers"]


def test_keys_are_unique_and_weeks_lie_before_the_as_of_date(sales: pd.DataFrame) -> None:
    assert not sales.duplicated(["period", *DIMENSIONS]).any()
    assert sales["period"].min() == weeks()[0]
    assert sales["period"].max() == AS_OF - pd.Timedelta(days=7)
    assert (sales["period"].dt.weekday == 0).all()


def test_units_are_whole_and_never_negative(sales: pd.DataFrame) -> None:
    assert sales["units"].dtype == np.int64
    assert (sales["units"] >= 0).all()


def test_about_two_dozen_series_cover_channels_and_types_of_sale(sales: pd.DataFrame) -> None:
    assert sales.groupby(DIMENSIONS).ngroups == 27
    last = sales[sales["period"] == sales["period"].max()]
    assert len(last) == 25
    assert set(sales["channel"]) == {"shop", "partner", "web", "mobile app"}
    assert set(sales["sale_type"]) == {"new", "repeat", "upsell", "cross_sell"}


def test_revenue_is_units_at_the_list_price_less_the_cut(sales: pd.DataFrame, drivers: pd.DataFrame) -> None:
    joined = sales.merge(drivers, on=["period", "product", "channel"], how="left", validate="m:1")
    paid = joined["price"] * (1.0 - joined["price_cut"])
    assert paid.notna().all()
    assert np.allclose(joined["revenue"], joined["units"] * paid, atol=0.0051)


def test_launch_and_delisting_bound_the_rows(sales: pd.DataFrame) -> None:
    span = sales.groupby("product")["period"].agg(["min", "max"])
    assert span.loc["Compact Machine", "min"] == pd.Timestamp("2024-03-04")
    assert span.loc["Filter Machine", "max"] == pd.Timestamp("2025-06-23")
    assert "Cold Brew Pack" not in span.index


def test_incidents_show_as_zeros_and_a_missing_row(sales: pd.DataFrame) -> None:
    (_, product, channel, start, count), (_, silent, place, week, _) = INCIDENTS
    out = sales[(sales["product"] == product) & (sales["channel"] == channel)]
    zero = out[out["units"] == 0]
    assert sorted(set(zero["period"])) == list(pd.date_range(start, periods=count, freq="7D"))
    here = (sales["product"] == silent) & (sales["channel"] == place) & (sales["period"] == week)
    assert not here.any()


def test_drivers_are_unique_and_continue_to_the_end_of_the_horizon(drivers: pd.DataFrame) -> None:
    assert not drivers.duplicated(["period", "product", "channel"]).any()
    assert drivers["period"].max() == weeks()[-1]
    assert (drivers["price"] > 0).all()
    assert drivers["price_cut"].between(0, 0.5).all()
    assert set(drivers["feature"]) == set(drivers["loyalty"]) == {0.0, 1.0}


def test_the_market_index_ends_at_the_as_of_date(drivers: pd.DataFrame) -> None:
    past = drivers["period"] < AS_OF
    assert drivers.loc[past, "market_index"].notna().all()
    assert drivers.loc[~past, "market_index"].isna().all()


def test_more_than_a_dozen_promotions_of_three_mechanics_are_past_and_some_are_planned() -> None:
    past = [event for event in calendar() if event.start < AS_OF]
    assert len(past) == 64
    assert {event.mechanic for event in past} == set(MECHANICS)
    assert sum(event.start >= AS_OF for event in calendar()) == 15


def test_promotions_start_on_mondays_while_the_product_is_sold_and_their_echoes_never_overlap(
    demo: Demo,
) -> None:
    series = demo.sales.expected.series
    lasting = {name: len(spread) for name, (_, spread) in demo.truth.pull_forward.items()}
    busy = np.zeros((len(series), len(weeks()) + 8), dtype=int)
    for event in calendar():
        rows = event.rows(series)
        assert len(rows)
        assert event.start.weekday() == 0
        assert (event.weeks.stop + lasting[event.mechanic] <= series["closes"].iloc[rows]).all() or (
            series["closes"].iloc[rows] == len(weeks())
        ).all(), event.id
        before = int(demo.truth.lead_in_share[event.mechanic] > 0)
        busy[rows, event.weeks.start - before : event.weeks.stop + lasting[event.mechanic]] += 1
    assert busy.max() == 1


def test_future_sales_hold_what_is_still_to_come(demo: Demo) -> None:
    future = demo.sales.future_sales
    assert future["period"].min() == AS_OF
    assert {"Cold Brew Pack"} <= set(future["product"])
    assert {"marketplace"} <= set(future["channel"])


def test_sales_scatter_around_their_expectation_without_bias() -> None:
    gaps = []
    for seed in range(30):
        draw = draw_sales(seed, base_truth())
        everything = draw.sales["units"].sum() + draw.future_sales["units"].sum()
        gaps.append(everything / draw.expected.units.sum() - 1.0)
    # Stock-out and missing report take about 0.1 %; the standard error of the mean is about 0.05 %.
    assert abs(np.mean(gaps)) < 0.004


def test_single_series_are_overdispersed_as_stated() -> None:
    """Variance of units over a mean m is m + m² (shocks + 1 / size) within a tenth."""
    noise = base_truth().noise
    ratios = []
    for seed in range(40):
        draw = draw_sales(seed, base_truth())
        row = int(np.flatnonzero(draw.expected.series["level"].to_numpy() == 190)[0])
        key = draw.expected.series.loc[row, DIMENSIONS]
        mine = draw.sales[(draw.sales[DIMENSIONS] == key).all(axis=1)].set_index("period")["units"]
        mean = draw.expected.units[row, : len(mine)]
        spread = noise.week**2 + noise.product_week**2 + noise.series**2 + 1.0 / noise.dispersion
        ratios.append(np.mean((mine.to_numpy() - mean) ** 2 / (mean + spread * mean**2)))
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    ("product", "mechanic"), [("House Blend", "feature"), ("Espresso Machine", "price_cut")]
)
def test_uplift_is_what_sales_show_over_many_draws(product: str, mechanic: str) -> None:
    """In promotion weeks, sales less moved units over the baseline come to exp(uplift × depth)."""
    truth = base_truth()
    runs = [
        event
        for event in calendar()
        if (event.product, event.mechanic) == (product, mechanic) and event.start < AS_OF
    ]
    sold, stated = 0.0, 0.0
    for seed in range(20):
        draw = draw_sales(seed, truth)
        expected, units = draw.expected, _grid(draw.sales, draw.expected.series)
        for event in runs:
            cells = np.ix_(event.rows(expected.series), np.arange(event.weeks.start, event.weeks.stop))
            known = ~np.isnan(units[cells])
            sold += float((units - expected.temporary - expected.orders)[cells][known].sum())
            lift = np.exp(truth.uplift[mechanic][product] * event.depth)
            stated += float(expected.baseline[cells][known].sum() * lift)
    assert stated > 0
    # The standard error of the mean over 20 draws is about 0.01 for the smaller of the two products.
    assert np.log(sold / stated) == pytest.approx(0.0, abs=0.03)


def _grid(sales: pd.DataFrame, series: pd.DataFrame) -> np.ndarray:
    wide = sales.pivot(index=DIMENSIONS, columns="period", values="units")
    keys = pd.MultiIndex.from_frame(series[DIMENSIONS])
    return wide.reindex(index=keys, columns=weeks()).to_numpy(dtype=float)


def test_without_noise_sales_are_the_expectation() -> None:
    draw = draw_sales(3, base_truth(), noisy=False)
    grid = _grid(draw.sales, draw.expected.series)
    known = ~np.isnan(grid) & (grid > 0)
    assert np.allclose(grid[known], draw.expected.units[known])


def test_no_redraw_brings_expected_sales_near_zero() -> None:
    for seed in range(20):
        expected = draw_sales(seed, redraw_truth(seed), noisy=False).expected
        sold = expected.baseline > 0
        assert (expected.units[sold] > 0.3 * expected.baseline[sold]).all()


def test_products_name_their_categories() -> None:
    assert {made.category for made in PRODUCTS.values()} == {"machines", "beans", "care"}
