"""A published plan held against what has come in since."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from watched_plan import CALENDAR, publish_plan, sales_of, week

from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.rounds.closed.watched import NotWatched, watch_snapshot


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """One plan with draws, read only."""
    return publish_plan(tmp_path_factory.mktemp("watched"))


def test_sales_as_planned_are_inside_and_add_up(plan: Snapshot) -> None:
    sales = sales_of(plan, 5)
    found = watch_snapshot(plan, {"sales": sales}, CALENDAR, week(5))
    watch = found.tables["watch"]
    assert found.side == 0
    assert watch["actual"].notna().sum() == 5
    assert watch["sold_so_far"].iloc[4] == pytest.approx(sales["units"].sum(), abs=1e-9)
    assert watch["planned_so_far"].iloc[-1] == pytest.approx(watch["plan"].sum(), abs=1e-9)
    assert (watch["low"] < watch["planned_so_far"]).all()
    assert (watch["high"] > watch["planned_so_far"]).all()


def test_a_fall_of_everything_is_an_alarm_and_the_baseline_its_cause(plan: Snapshot) -> None:
    found = watch_snapshot(plan, {"sales": sales_of(plan, 6, 0.8)}, CALENDAR, week(6))
    causes = found.tables["watch_causes"].set_index("cause")
    assert found.side == -1
    assert causes["chance"].idxmax() == "baseline"
    assert causes.loc["baseline", "came_share"] == pytest.approx(0.8, abs=0.05)


def test_nothing_has_come_in_before_the_first_period_ends(plan: Snapshot) -> None:
    found = watch_snapshot(plan, {"sales": sales_of(plan, 3)}, CALENDAR, week(0) + pd.Timedelta(days=6))
    assert found.tables["watch"]["actual"].isna().all()
    assert found.tables["watch_causes"].empty
    assert found.side == 0


def test_the_day_is_a_wall(plan: Snapshot) -> None:
    tables = [
        watch_snapshot(plan, {"sales": sales_of(plan, weeks)}, CALENDAR, week(4)).tables["watch"]
        for weeks in (4, 9)
    ]
    pd.testing.assert_frame_equal(*tables)


def test_a_day_before_the_plan_was_made_is_refused(plan: Snapshot) -> None:
    with pytest.raises(NotWatched, match=r"made as of 2025-12-29.*watched as of 2025-12-28"):
        watch_snapshot(plan, {"sales": sales_of(plan, 3)}, CALENDAR, pd.Timestamp("2025-12-28"))


def test_a_plan_without_draws_is_refused_with_what_to_do(tmp_path: Path) -> None:
    bare = publish_plan(tmp_path, draws=False)
    with pytest.raises(NotWatched, match=r"without its draws by period.*alignment plan --round 2026Q1"):
        watch_snapshot(bare, {"sales": sales_of(bare, 3)}, CALENDAR, week(3))


def test_sales_of_another_measure_or_other_dimensions_are_refused(plan: Snapshot) -> None:
    sales = sales_of(plan, 3).drop(columns=["channel"]).rename(columns={"units": "revenue"})
    with pytest.raises(NotWatched, match="no units and no channel"):
        watch_snapshot(plan, {"sales": sales}, CALENDAR, week(3))


def test_a_gap_ends_what_is_watched_and_is_said(plan: Snapshot) -> None:
    sales = sales_of(plan, 6)
    found = watch_snapshot(plan, {"sales": sales[sales["period"] != week(2)]}, CALENDAR, week(6))
    assert found.tables["watch"]["actual"].notna().sum() == 2
    assert "2026-01-12" in found.notices[0].sentence
    assert "3 periods" in found.notices[0].sentence


def test_a_last_period_that_is_half_there_waits(plan: Snapshot) -> None:
    sales = sales_of(plan, 4)
    half = sales[(sales["period"] < week(3)) | (sales["channel"] == "shop")]
    found = watch_snapshot(plan, {"sales": half}, CALENDAR, week(4))
    assert found.tables["watch"]["actual"].notna().sum() == 3
    assert [notice.code for notice in found.notices] == ["watch_unfinished"]


def test_series_that_nobody_planned_count_in_the_whole(plan: Snapshot) -> None:
    sales = sales_of(plan, 2)
    new = sales.head(1).assign(product="Cocoa", units=1000.0)
    found = watch_snapshot(plan, {"sales": pd.concat([sales, new])}, CALENDAR, week(2))
    assert found.tables["watch"]["sold_so_far"].iloc[1] == pytest.approx(sales["units"].sum() + 1000.0)
