"""Promotions of a driver calendar as runs: one row a promotion, whatever its length."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.rounds.preparing.asked_tables import promotion_runs

WEEKS = pd.date_range("2026-01-05", periods=12, freq="7D")


@settings(max_examples=40, deadline=None)
@given(depths=st.lists(st.sampled_from([0.0, 0.1, 0.2]), min_size=12, max_size=12))
def test_runs_hold_every_promoted_period_once_and_nothing_else(depths: list[float]) -> None:
    table = pd.DataFrame({"period": WEEKS, "brand": "A", "deal": depths})
    runs = promotion_runs(table, ["deal"], ["brand"], Calendar("week"))
    covered = {
        (week, run.depth)
        for run in runs.itertuples()
        for week in WEEKS[(run.start <= WEEKS) & (run.end >= WEEKS)]
    }
    assert covered == {(week, depth) for week, depth in zip(WEEKS, depths, strict=True) if depth > 0}
    # Two runs of one depth never touch: they would be one.
    ends = {(run.end + pd.Timedelta(days=1), run.depth) for run in runs.itertuples()}
    assert not ends & {(run.start, run.depth) for run in runs.itertuples()}


def test_a_blank_dimension_means_all_and_a_calendar_without_promotions_has_no_runs() -> None:
    table = pd.DataFrame({"period": WEEKS[:2], "deal": [1.0, None]})
    runs = promotion_runs(table, ["deal"], ["brand"], Calendar("week"))
    assert runs[["driver", "brand", "depth"]].values.tolist() == [["deal", "", 1.0]]
    assert promotion_runs(table.assign(deal=0.0), ["deal"], ["brand"], Calendar("week")).empty
