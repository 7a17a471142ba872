"""Histories nobody would choose: every one is planned, with a word where one is due, and nothing breaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.app.stopped_sales import plan_unit, said, totals, write_unit

Histories = dict[str, np.ndarray]


def usual(periods: int, season: int, seed: int = 7) -> np.ndarray:
    wave = 1 + 0.3 * np.sin(2 * np.pi * np.arange(periods) / season)
    return 100 * wave * np.random.default_rng(seed).lognormal(0, 0.05, periods)


def without_a_year(season: int) -> np.ndarray:
    values = usual(4 * season, season)
    values[season : 2 * season] = np.nan
    return values


def fallen(season: int, factor: float) -> np.ndarray:
    values = usual(4 * season, season)
    values[-season // 2 :] *= factor
    return values


ODD: dict[str, Callable[[int], Histories]] = {
    "a copied year": lambda m: {"A": np.tile(usual(m, m), 2), "B": np.tile(2 * usual(m, m), 2)},
    "one series": lambda m: {"A": usual(4 * m, m)},
    "one row": lambda m: {"A": np.array([50.0])},
    "two rows": lambda m: {"A": np.array([50.0, 60.0]), "B": np.array([5.0, 0.0])},
    "a series of one row": lambda m: {"A": usual(4 * m, m), "B": np.r_[np.full(4 * m - 1, np.nan), 50.0]},
    "nearly all zeros": lambda m: {"A": usual(4 * m, m), "B": np.r_[np.zeros(3), 5.0, np.zeros(4 * m - 4)]},
    "a year missing": lambda m: {"A": without_a_year(m), "B": usual(4 * m, m)},
    "all equal": lambda m: {"A": usual(4 * m, m), "B": usual(4 * m, m), "C": usual(4 * m, m)},
    "all constant": lambda m: {"A": np.full(4 * m, 7.0), "B": np.full(4 * m, 9.0)},
    "all zero": lambda m: {"A": np.zeros(4 * m), "B": np.zeros(4 * m)},
    "a perfect season": lambda m: {
        "A": np.tile(usual(m, m).round(), 5),
        "B": np.tile(usual(m, m).round() * 2, 5),
    },
    "ten to the fifteenth": lambda m: {"A": usual(4 * m, m) * 1e13, "B": usual(4 * m, m) * 3e13},
    "all sizes": lambda m: {"A": usual(4 * m, m) * 1e13, "B": usual(4 * m, m) * 1e-6},
    "below zero": lambda m: {"A": -usual(4 * m, m), "B": usual(4 * m, m)},
}


WEEKLY = (
    "a copied year",
    "two rows",
    "a series of one row",
    "nearly all zeros",
    "a year missing",
    "all constant",
)
"""Those in which weeks are another matter; the rest is tried on months and quarters."""


def write(folder: Path, histories: Histories, grain: str) -> Path:
    length = max(len(values) for values in histories.values())
    periods = {
        "week": lambda: pd.date_range("2021-01-04", periods=length, freq="7D"),
        "month": lambda: pd.date_range("2021-01-01", periods=length, freq="MS"),
        "quarter": lambda: pd.date_range("2015-01-01", periods=length, freq="QS"),
    }[grain]()
    rows = [
        (period, name, value)
        for name, values in histories.items()
        for period, value in zip(periods, values, strict=False)
        if np.isfinite(value)
    ]
    return write_unit(folder, pd.DataFrame(rows, columns=["period", "product", "units"]), grain=grain)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("grain", "season", "name"),
    [
        *(("week", 52, name) for name in WEEKLY),
        *((grain, season, name) for grain, season in (("month", 12), ("quarter", 4)) for name in ODD),
    ],
)
def test_every_odd_history_is_planned(tmp_path: Path, grain: str, season: int, name: str) -> None:
    ready = plan_unit(write(tmp_path / "unit", ODD[name](season), grain))
    assert np.isfinite(ready.forecast.baseline).all()
    assert np.isfinite(np.asarray(ready.forecast.samples)).all()
    largest = np.nanmax(np.abs(ready.history.values))
    assert np.abs(ready.forecast.baseline).max() <= 3 * largest


@pytest.mark.parametrize(("grain", "season"), [("week", 52), ("month", 12), ("quarter", 4)])
@pytest.mark.parametrize("factor", [0.01, 100.0])
def test_a_level_that_changes_a_hundredfold_is_followed(
    tmp_path: Path, grain: str, season: int, factor: float
) -> None:
    ready = plan_unit(
        write(tmp_path / "unit", {"A": fallen(season, factor), "B": usual(4 * season, season)}, grain)
    )
    year = ready.forecast.baseline[0, :season].sum()
    assert year == pytest.approx(100 * season * factor, rel=0.1)
    assert "level_break" in said(ready)


def test_a_copied_year_is_named(tmp_path: Path) -> None:
    ready = plan_unit(write(tmp_path / "unit", ODD["a copied year"](12), "month"))
    assert "to the last digit" in said(ready)["repeated_year"]
    assert totals(ready)["A"] == pytest.approx(usual(12, 12).sum(), rel=0.02)


def test_after_a_long_gap_the_backtest_says_on_what_it_rests(tmp_path: Path) -> None:
    values = usual(60, 12)
    values[48:54] = np.nan
    ready = plan_unit(write(tmp_path / "unit", {"A": values, "B": usual(60, 12)}, "month"))
    assert "6 more periods it compares with were filled" in said(ready)["backtest_rests"]


def test_a_copied_year_of_weeks_is_named_where_the_wall_cuts_one_off(tmp_path: Path) -> None:
    histories = {name: values[:-1] for name, values in ODD["a copied year"](52).items()}
    assert (
        "to the last digit" in said(plan_unit(write(tmp_path / "unit", histories, "week")))["repeated_year"]
    )


def test_a_plan_that_rests_on_three_values_at_most_says_so(tmp_path: Path) -> None:
    lone = np.r_[np.zeros(47), 4.0]
    ready = plan_unit(write(tmp_path / "unit", {"A": usual(48, 12), "B": lone}, "month"))
    assert said(ready)["few_values"].startswith("Series with one to three values since their first sale")
    assert totals(ready)["B"] == pytest.approx(48.0)
