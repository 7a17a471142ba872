"""Briefs: agreed, read and told in time, and what it cost where they were not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from alignment_lib.funnel.briefs import brief_status
from tests.unit.funnel.lead_cases import lead, leads_of

DAY = pd.Timestamp
AS_OF = DAY("2026-01-10")


def _brief(**changes: Any) -> dict[str, Any]:
    row = {
        "campaign": "spring",
        "assumption": "A1",
        "audience": "families",
        "aim": "win back",
        "offer": "2 for 1",
    }
    row |= {
        "conditions": "while stocks last",
        "script": "Ask about last year",
        "published": DAY("2026-01-20"),
    }
    row |= {
        "sales_comment": "",
        "agreed_by_sales": "head of sales 2026-01-25",
        "acknowledged_by": "inside sales",
    }
    row |= {"acknowledged": DAY("2026-01-28"), "regular_customers_informed": "240 2026-01-30"}
    return row | changes


def _promotion(**changes: Any) -> dict[str, Any]:
    row = {
        "id": "A1",
        "kind": "promotion",
        "title": "Spring",
        "start": DAY("2026-02-02"),
        "end": DAY("2026-02-15"),
    }
    return row | {"status": "proposed"} | changes


def _status(brief: dict[str, Any] | None, **promotion: Any) -> pd.Series:
    table = pd.DataFrame([brief]) if brief else None
    result, _ = brief_status(table, pd.DataFrame([_promotion(**promotion)]), AS_OF)
    return result.iloc[0]


def test_a_brief_in_order_is_ready() -> None:
    row = _status(_brief())
    assert (row["status"], row["weak_points"]) == ("ready", "")
    assert (row["agreed_by"], row["agreed_on"]) == ("head of sales", DAY("2026-01-25"))
    assert (row["customers_told"], row["customers_told_on"]) == (240.0, DAY("2026-01-30"))
    assert row["days_ahead"] == 13
    assert row["sentence"] == "spring: agreed, read by all roles, regular customers told."


@pytest.mark.parametrize(
    ("changes", "point"),
    [
        ({"agreed_by_sales": ""}, "not agreed"),
        ({"agreed_by_sales": "head of sales 2026-02-02"}, "agreed late"),
        ({"acknowledged": pd.NaT}, "not acknowledged"),
        ({"acknowledged": DAY("2026-02-03")}, "acknowledged late"),
        ({"regular_customers_informed": ""}, "regular customers not told"),
        ({"regular_customers_informed": "12 2026-02-05"}, "regular customers told late"),
        ({"script": ""}, "incomplete"),
    ],
)
def test_each_gap_is_a_weak_point(changes: dict[str, Any], point: str) -> None:
    row = _status(_brief(**changes))
    assert (row["weak_points"], row["status"]) == (point, "open")


def test_a_gap_after_the_start_is_late() -> None:
    assert _status(_brief(script=""), start=DAY("2026-01-09"))["status"] == "late"


def test_the_reader_s_split_columns_are_understood() -> None:
    split = _brief(agreed_by_sales_by="sales lead", agreed_by_sales_on=DAY("2026-01-21"))
    split |= {"regular_customers_informed_count": 7.0, "regular_customers_informed_on": DAY("2026-01-22")}
    row = _status(split)
    assert (row["agreed_by"], row["customers_told"], row["status"]) == ("sales lead", 7.0, "ready")


def test_a_promotion_without_a_brief_is_named_and_a_rejected_one_is_not() -> None:
    assert _status(None)["status"] == "no brief"
    register = pd.DataFrame(
        [_promotion(), _promotion(id="A2", status="rejected"), _promotion(id="A3", kind="one_off")]
    )
    table, notices = brief_status(None, register, AS_OF)
    assert table["assumption"].tolist() == ["A1"]
    assert notices[0].text == "Planned promotions of which sales have no brief."


def test_a_brief_of_no_known_promotion_still_stands() -> None:
    table, notices = brief_status(pd.DataFrame([_brief(assumption="")]), pd.DataFrame([_promotion()]), AS_OF)
    assert table["campaign"].tolist() == ["Spring", "spring"]
    assert ("brief_without_promotion", 1) in [(notice.code, notice.count) for notice in notices]


def test_leads_handled_before_the_brief_was_acknowledged_are_set_apart() -> None:
    # Acknowledged on the 5th. A, B attempted on the 4th; C, D on the 6th; E never, created on the 3rd.
    rows, contacts = [], []
    for name, day, outcome in (("A", 4, "won"), ("B", 4, "lost"), ("C", 6, "won"), ("D", 6, "won")):
        values = {
            "campaign": "spring",
            "accepted_at": "2025-11-03",
            "closed_at": "2025-11-20",
            "outcome": outcome,
        }
        rows.append(lead(name, "2025-11-03", **values))
        contacts.append((name, f"2025-11-{day:02d}", 1.0))
    rows.append(lead("E", "2025-11-03", campaign="spring", accepted_at="2025-11-03", handler="field sales"))
    brief = _brief(acknowledged=DAY("2025-11-05"))
    promotion = _promotion(start=DAY("2025-11-10"))
    table, _ = brief_status(pd.DataFrame([brief]), pd.DataFrame([promotion]), AS_OF, leads_of(rows, contacts))
    row = table.iloc[0]
    assert (row["leads"], row["leads_before"], row["before_share"]) == (5, 3, 0.6)
    assert (row["win_before"], row["win_after"], row["win_difference"]) == (0.5, 1.0, -0.5)
    assert row["win_low"] < -0.5 < row["win_high"]
    # Field sales handles a fifth of the campaign's leads and has not acknowledged it.
    assert row["roles_missing"] == "field sales"


def test_newcombe_s_interval_as_published() -> None:
    from alignment_lib.funnel.briefs import _newcombe

    # Newcombe 1998, table II, case (a): 56/70 - 48/80; at 95 % (0.0524, 0.3339), at 90 % narrower.
    difference, low, high = _newcombe(56, 70, 48, 80)
    assert difference == pytest.approx(0.2)
    assert 0.0524 < low < difference < high < 0.3339
