"""Weekly histories: seasons of one week, small shops, a real chain; each with the value known to be right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.baseline import BaselineRun, run_baseline
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from tests.conftest import shared_folder


def history_of(table: pd.DataFrame, dimensions: list[str], value: str, week_start: int = 0) -> History:
    """A weekly history of a long table with a column ``period``."""
    wide = table.pivot_table(index=dimensions, columns="period", values=value, aggfunc="sum").sort_index()
    weeks = pd.date_range(wide.columns.min(), wide.columns.max(), freq="7D")
    keys = wide.index.to_frame(index=False).astype(str)
    values = wide.reindex(columns=weeks).to_numpy(dtype=float)
    return History(Calendar("week", week_start=week_start), keys, weeks, values, "units")


def plan(history: History, weeks: int, seed: int = 1) -> BaselineRun:
    ahead = pd.date_range(history.periods[-1] + pd.Timedelta(days=7), periods=weeks, freq="7D")
    return run_baseline(history, ahead, seed=seed, draws=200)


def test_a_sale_of_the_company_in_one_week_of_the_year_is_planned_in_that_week() -> None:
    folder = shared_folder("cases/history/q2_own_sale_week") / "sale37"
    table = pd.read_csv(folder / "sales.csv", parse_dates=["period"])
    made = plan(history_of(table, ["product"], "units"), 26).forecast
    week = made.periods.isocalendar()["week"].to_numpy()
    assert made.baseline[:, week == 37].sum() == pytest.approx(750, rel=0.04)
    assert made.baseline[:, np.isin(week, [35, 36, 38, 39])].mean(axis=1) == pytest.approx(
        [100, 200], rel=0.03
    )


@pytest.mark.parametrize(
    ("file", "separator", "names"),
    [
        ("shop_en.csv", ",", ["Week", "Channel", "Product", "Quantity"]),
        ("shop_de.csv", ";", ["Woche", "Kanal", "Produkt", "Menge"]),
    ],
)
def test_a_small_shop_is_planned_near_its_season(file: str, separator: str, names: list[str]) -> None:
    path: Path = shared_folder("cases/history/bike_shop") / file
    table = pd.read_csv(path, sep=separator)[names]
    table.columns = pd.Index(["period", "channel", "product", "units"])
    table["period"] = pd.to_datetime(table["period"], dayfirst=separator == ";")
    run = plan(history_of(table, ["channel", "product"], "units"), 52)
    total = run.forecast.baseline[:, :13].sum()
    low, high = np.quantile(run.forecast.samples[:, :, :13].sum(axis=(1, 2)), [0.1, 0.9])
    assert total == pytest.approx(1250, rel=0.08)
    assert (high - low) / 2 / total < 0.2
    tried = run.forecast.candidates
    used = tried[tried["weight"] > 0]
    assert (used["error"] <= 1.0).all()


@pytest.fixture(scope="module")
def departments() -> History:
    """A quarter of the departments of the odd stores, 104 weeks known."""
    table = pd.read_parquet(shared_folder("data/walmart_half") / "weekly.parquet")
    table["period"] = pd.to_datetime(table["week_end_date"]) - pd.Timedelta(days=6)
    table = table[(table["period"] < "2012-01-28") & (table["dept"] % 4 == 0)]
    return history_of(table, ["store", "dept"], "weekly_sales_usd", week_start=5)


def test_a_seed_changes_no_forecast_and_half_of_a_unit_plans_like_the_whole(departments: History) -> None:
    whole = plan(departments, 13)
    again = plan(departments, 13, seed=77)
    assert whole.forecast.baseline.tobytes() == again.forecast.baseline.tobytes()
    half = np.arange(len(departments.keys)) % 2 == 0
    keys = departments.keys[half].reset_index(drop=True)
    alone = plan(
        History(departments.calendar, keys, departments.periods, departments.values[half], "units"), 13
    )
    together = whole.forecast.baseline[half].sum()
    assert alone.forecast.baseline.sum() == pytest.approx(together, rel=0.01)
