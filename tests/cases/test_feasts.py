"""Histories that feasts and days of trade move, each with the value its author knows to be right."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.forecasting.baseline import run_baseline
from alignment_lib.forecasting.past.history_building import build_history
from alignment_lib.inputs.periods.rounds import apply_wall, parse_round
from alignment_lib.inputs.workspace import load_workspace
from tests.conftest import shared_folder


def plan(folder: Path, name: str, as_of: str, holidays: str | None = None) -> pd.DataFrame:
    """Baseline by period and product; `holidays` in place of what the settings say."""
    workspace = load_workspace(folder)
    planned = parse_round(name, workspace.settings, workspace.calendar, pd.Timestamp(as_of))
    known = apply_wall(workspace, planned)
    history = build_history(known.tables["sales"], known.settings, known.calendar, planned.as_of)
    first = known.calendar.shift(history.periods[-1], 1)
    periods = known.calendar.between(first, planned.horizon[-1])
    code = holidays or known.settings.calendar.holidays
    run = run_baseline(history, periods, method="damped", seed=1, draws=20, holidays=code)
    return pd.DataFrame(run.forecast.baseline.T, index=periods, columns=history.keys["product"])


def test_black_friday_is_planned_where_it_is_no_public_holiday() -> None:
    made = plan(shared_folder("cases/history/blackfriday_DE"), "2026Q4", "2026-09-28")["A"]
    assert made["2026-11-23"] == pytest.approx(2760, rel=0.03)
    assert made[["2026-11-16", "2026-11-30", "2026-12-07", "2026-12-14"]].to_numpy() == pytest.approx(
        900, rel=0.03
    )


def test_cleaning_leaves_the_weeks_of_easter_alone() -> None:
    made = plan(shared_folder("cases/history/easter_DE"), "2027Q1", "2026-12-28")["A"]
    assert made["2027-03-22"] == pytest.approx(2630, rel=0.05)
    assert made[["2027-03-15", "2027-03-29"]].to_numpy() == pytest.approx(900, rel=0.05)


def test_an_estimated_feast_has_the_history_of_earlier_ones() -> None:
    made = plan(shared_folder("cases/calendars/eid_PK_weekly"), "2027Q1", "2026-12-28")["Dates"]
    assert made["2027-03-08"] == pytest.approx(1200, rel=0.08)
    # The first day is a Wednesday, as in 2024, when the week before sold 974 and the one after as usual.
    assert made["2027-03-01"] == pytest.approx(974, rel=0.2)
    assert made["2027-03-15"] == pytest.approx(420, rel=0.15)


@pytest.mark.parametrize("country", ["us", "nohol"])
def test_a_day_of_trade_needs_no_country(country: str) -> None:
    made = plan(shared_folder(f"cases/history/q_black_friday/{country}"), "2026Q4", "2026-09-28").sum(axis=1)
    assert made["2026-11-23"] == pytest.approx(750, rel=0.02)
    assert made["2026-12-14"] == pytest.approx(600, rel=0.02)
    assert made[["2026-11-16", "2026-11-30", "2026-12-21"]].to_numpy() == pytest.approx(300, rel=0.02)


def test_sales_by_days_worked_in_england_know_its_own_holidays() -> None:
    folder = shared_folder("cases/calendars/england_monthly")
    made = plan(folder, "2027Q1", "2026-12-01", holidays="GB-ENG")["A"]
    assert made["2027-03-01"] == pytest.approx(2100, rel=0.01)
    assert made["2027-04-01"] == pytest.approx(2200, rel=0.012)


def test_weekends_are_those_of_the_country() -> None:
    made = plan(shared_folder("cases/calendars/israel_working_days"), "2027Q1", "2026-12-01")["A"]
    # Sales were drawn at 100 a working day: 21, 20, 23, 19 and 21 of them, Friday and Saturday free.
    truth = [2100, 2000, 2300, 1900, 2100]
    assert made["2027-01":"2027-05"].to_numpy() == pytest.approx(truth, rel=0.01)  # type: ignore[misc]
