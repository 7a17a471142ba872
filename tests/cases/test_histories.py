"""Histories that once went wrong, each planned to the value its case states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.app.imports.import_data import import_data
from alignment_lib.rounds.preparing.prepared_round import PreparedRound
from tests.conftest import shared_folder
from tests.unit.app.stopped_sales import plan_unit, said, totals


def case(name: str) -> PreparedRound:
    return plan_unit(shared_folder(f"cases/{name}"))


def mean_of_draws(ready: PreparedRound) -> np.ndarray:
    return np.asarray(ready.forecast.samples).mean(axis=0)


def parts(ready: PreparedRound) -> np.ndarray:
    return ready.forecast.keys["product"].str.startswith("Spare").to_numpy()


def test_spare_parts_from_order_lines_are_planned_at_their_rate(tmp_path: Path) -> None:
    folder = shared_folder("cases/history/n_slow_mover")
    import_data(folder / "orders.csv", tmp_path / "unit", apply_now=True)
    ready = plan_unit(tmp_path / "unit")
    slow = parts(ready)
    quarter = ready.forecast.baseline[slow, :13].sum()
    assert 90 < quarter < 130  # 12 parts, 6 pieces every 6 to 10 weeks
    assert mean_of_draws(ready)[slow, :13].sum() == pytest.approx(quarter, rel=0.02)
    assert totals(ready)["Web Tea"] == pytest.approx(30 * 53, rel=0.01)


@pytest.mark.parametrize("name", ["one_month", "one_week", "two_month", "two_week", "const_plus_varied"])
def test_contracts_that_never_change_are_planned_as_they_are(name: str) -> None:
    ready = case(f"history/p2_constant/{name}")
    rows = list(ready.forecast.keys["product"])
    assert np.allclose(ready.forecast.baseline[rows.index("Plan A")], 700.0, rtol=1e-6)
    if "Plan B" in rows:
        assert np.allclose(ready.forecast.baseline[rows.index("Plan B")], 70.0, rtol=1e-6)


def test_constant_histories_have_a_narrow_band() -> None:
    ready = case("reliability/constant_history/unit")
    assert np.allclose(ready.forecast.baseline, 100.0)
    assert np.ptp(np.asarray(ready.forecast.samples)) < 10


@pytest.mark.parametrize("name", ["partial", "whole"])
def test_a_month_that_is_not_over_does_not_pull_the_year_down(name: str) -> None:
    ready = case(f"history/r_partial_month/{name}")
    # The quarter is under way: what is known of it stands as sold, the rest is planned.
    year = ready.horizon.with_closed(ready.horizon.grid.baseline).sum(axis=1)
    assert year.tolist() == pytest.approx([12_000, 12_000], rel=0.02)
    assert ("unfinished" in said(ready)) == (name == "partial")


@pytest.mark.parametrize("name", ["plain", "covid", "stockout"])
def test_closures_and_empty_shelves_leave_the_level_where_it_was(name: str) -> None:
    found = totals(case(f"history/t_breaks/{name}"))
    assert found["Tea"] == pytest.approx(12_028, rel=0.05)
    assert found["Coffee"] == pytest.approx(6_030, rel=0.05)


@pytest.mark.parametrize(
    ("name", "most", "asked"),
    [
        ("gap4", 16_200, "late"),
        ("gap13", 16_200, "ask_unclear"),
        ("gap20", 0, "ask_ended"),
        ("gap20_zeros", 0, "ask_ended"),
        ("gap40", 0, "ask_ended"),
        ("month5", 0, "ask_ended"),
    ],
)
def test_what_lost_its_rows_is_never_planned_above_its_best_year(name: str, most: float, asked: str) -> None:
    ready = case(f"history/v2_delisted_no_rows/{name}")
    found = totals(ready)
    assert found["Seasonal"] <= most
    assert asked in said(ready)
    lamps = {"month5": 6_005}.get(name, 10_600)
    assert found["Lamp"] == pytest.approx(lamps, rel=0.02)
    if not most:
        assert not np.asarray(ready.forecast.samples)[:, 2 if "Flat" in found else 1].any()


def test_a_january_of_returns_is_planned_below_zero_and_said_once() -> None:
    ready = case("history/y_january_returns/returns")
    january = dict(zip(ready.forecast.keys["product"], ready.forecast.baseline[:, 0], strict=True))
    assert january["Shoes"] == pytest.approx(-400, abs=40)
    assert january["Bags"] == pytest.approx(-200, abs=20)
    texts = [notice.text for notice in ready.notices]
    assert not [text for text in texts if "taken as zero" in text]
    assert (np.asarray(ready.forecast.samples)[:, :, 0] < 0).mean() > 0.95


def test_the_last_week_of_an_export_that_ends_in_midweek_is_no_crash(tmp_path: Path) -> None:
    days = pd.bdate_range("2022-01-03", "2025-06-25")
    wave = 100 * (1 + 0.3 * np.sin(2 * np.pi * np.arange(len(days)) / 261))
    lines = pd.DataFrame(
        {"Order date": days.strftime("%Y-%m-%d"), "Product": "Tea", "Quantity": wave.round()}
    )
    weekly = lines.assign(period=days - pd.to_timedelta(days.weekday, unit="D"))
    table = weekly.groupby("period", as_index=False)["Quantity"].sum().rename(columns={"Quantity": "units"})
    folder = tmp_path / "unit"
    folder.mkdir()
    table.assign(product="Tea")[["period", "product", "units"]].to_csv(folder / "sales.csv", index=False)
    (folder / "planning.toml").write_text(
        '[business]\nname = "x"\ncurrency = "EUR"\n[calendar]\ngrain = "week"\n'
        '[sales]\ndimensions = ["product"]\n[plan]\ncycle = "month"\n'
    )
    ready = plan_unit(folder)
    assert ready.history.unfinished or ready.history.periods[-1] < pd.Timestamp("2025-06-23")
    assert totals(ready)["Tea"] == pytest.approx(
        wave[-261:].sum() * len(ready.forecast.periods) / 52, rel=0.06
    )
