"""Opportunities prepared: states, pushes, and what is odd in them."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.funnel.deals.deals import read_deals
from tests.unit.funnel.deals.deal_cases import DAY, deals_with_changes, world

NOW = pd.Timestamp("2025-03-01")


def table(**columns: list[object]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    blank = {"stage": "", "source": "", "owner": "", "outcome": "", "amount": 100.0}
    days = {"opened": "2025-01-01", "closed_at": None, "expected_close": "2025-04-01"}
    whole = {"opportunity_id": [f"O{at}" for at in range(count)], **blank, **days, **columns}
    frame = pd.DataFrame(whole, index=range(count))
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in days})


def codes(frame: pd.DataFrame) -> dict[str, int]:
    return {notice.code: notice.count for notice in read_deals(frame, NOW, []).notices}


def test_a_push_is_a_later_date_and_an_earlier_one_is_none() -> None:
    changes = pd.DataFrame(
        {
            "opportunity_id": ["O0"] * 5,
            "at": pd.to_datetime(["2025-01-01", "2025-01-05", "2025-01-09", "2025-02-01", "2025-03-02"]),
            "stage": ["new", "", "offer", "", "won"],
            "expected_close": pd.to_datetime(["2025-02-01", "2025-02-20", None, "2025-02-10", "2025-09-01"]),
            "amount": [90.0, None, None, 80.0, None],
        }
    )
    deals = read_deals(table(stage=["later"]), NOW, [], changes)
    assert deals.states["pushes"].tolist() == [0, 1, 1, 1]
    row = deals.open_ones.iloc[0]
    assert (row["stage"], row["amount"], row["pushes"]) == ("offer", 80.0, 1)
    assert row["expected_close"] == pd.Timestamp("2025-02-10")


def test_earlier_rounds_tell_pushes_where_no_changes_are_kept() -> None:
    then = table(expected_close=["2025-02-01", "2025-05-01"], stage=["new", "new"])
    kept = [(pd.Timestamp("2025-01-15"), then)]
    deals = read_deals(table(expected_close=["2025-04-01", "2025-04-01"]), NOW, [], kept=kept)
    assert deals.table["pushes"].tolist() == [1, 0]
    assert deals.moments == (pd.Timestamp("2025-01-15"),)


def test_pushes_of_the_column_are_kept_where_more_are_known_there() -> None:
    assert read_deals(table(pushes=[3]), NOW, []).table["pushes"].tolist() == [3]


def test_without_earlier_states_stage_and_date_move_nothing_and_that_is_said() -> None:
    deals = read_deals(table(stage=["offer"]), NOW, [])
    assert deals.looks["stage"].tolist() == [""]
    assert deals.looks["expected_close"].isna().all()
    assert "states_untold" in {notice.code for notice in deals.notices}


@pytest.mark.parametrize(
    ("columns", "code", "count"),
    [
        ({"closed_at": ["2024-12-01"], "outcome": ["won"]}, "deals_aside", 1),
        ({"closed_at": [None], "outcome": ["won"]}, "deals_aside", 1),
        ({"closed_at": ["2025-02-01"], "outcome": [""]}, "deals_aside", 1),
        ({"opened": [None]}, "deals_aside", 1),
        ({"amount": [None, 5.0]}, "open_without_amount", 1),
        ({"expected_close": ["2025-02-01", "2025-04-01"]}, "open_overdue", 1),
        ({"owner": ["key accounts"] * 6 + ["north"] * 5}, "one_owner", 6),
        ({"expected_close": ["2025-03-31"] * 9 + ["2025-05-05"]}, "dates_at_quarter_end", 9),
    ],
)
def test_what_is_odd_is_said_with_its_count(columns: dict[str, list[object]], code: str, count: int) -> None:
    assert codes(table(**columns))[code] == count


def test_nothing_is_odd_in_ten_owners_and_dates_all_over() -> None:
    dates = [f"2025-04-{day:02d}" for day in range(1, 11)]
    assert set(codes(table(expected_close=dates, owner=[f"team {at}" for at in range(10)]))) == {
        "states_untold"
    }


def test_states_never_reach_past_the_day() -> None:
    deals = deals_with_changes()
    assert (deals.states["at"] < DAY).all()
    later = world().deals["opened"] >= DAY
    assert len(deals.table) == (~later).sum()
