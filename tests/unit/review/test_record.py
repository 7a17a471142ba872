"""The record by hand: bias, hits, value added, shrinkage, and what is said before any round has closed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.snapshot_tables import canonical_frame
from alignment_lib.review.record import Record, record, summarise_record


def _claim(round_name: str, claim_id: str, expected: float, **values: Any) -> dict[str, Any]:
    row = {"round": round_name, "id": claim_id, "owner": "brand marketing", "function": "marketing"}
    row |= {"kind": "promotion", "title": "Coupon", "unit": "percent", "expected": expected, "low": np.nan}
    row |= {"high": np.nan, "status": "accepted", "mechanic": "coupon", "verdict": "optimistic"}
    return row | values


def _came(
    round_name: str, claim_id: str, actual: float, error: float = 5.0, scale: float = 10.0
) -> dict[str, Any]:
    row = {"round": round_name, "assumption": claim_id, "actual": actual, "standard_error": error}
    return row | {"sales_per_unit": scale, "method": "event"}


def _record(claims: list[dict[str, Any]], outcomes: list[dict[str, Any]]) -> Record:
    return record(pd.DataFrame(claims), pd.DataFrame(outcomes))


def test_a_scored_claim_by_hand() -> None:
    # Claimed +90 %, +50 % came true: bias 40, four ninths overclaimed. Without the claim the plan would have
    # been 50 off, with it 40: 10 points nearer, at ten units a point 100.
    row = _record(
        [_claim("2025Q1", "A1", 90.0, low=60.0, high=120.0)], [_came("2025Q1", "A1", 50.0)]
    ).table.iloc[0]
    assert (row["bias"], row["value_added"], row["value_added_sales"]) == (40.0, 10.0, 100.0)
    assert row["overclaim_share"] == pytest.approx(4 / 9)
    assert (row["direction"], row["size"], row["verdict"]) == ("up", "large", "optimistic")
    # The range starts at 60; 50 with 1.645 x 5 reaches 58.2 only.
    assert not row["hit"]
    assert row["sentence"] == "A1 claimed +90\u202f%; +50 ± 5 came true; the verdict then was optimistic."


@pytest.mark.parametrize(
    ("actual", "error", "low", "hit"),
    [
        (50.0, 7.0, 60.0, True),
        (75.0, 1.0, np.nan, True),
        (65.0, 1.0, np.nan, False),
        (200.0, 5.0, 60.0, False),
    ],
)
def test_a_hit_meets_the_range_give_or_take_the_error(
    actual: float, error: float, low: float, hit: bool
) -> None:
    # Without a range: 90 give or take a fifth, 72 to 108.
    claim = _claim("2025Q1", "A1", 90.0, low=low, high=120.0 if low == low else np.nan)
    assert _record([claim], [_came("2025Q1", "A1", actual, error)]).table["hit"][0] == hit


def test_an_outcome_too_uncertain_to_tell_is_neither_hit_nor_miss() -> None:
    # 1.645 x 30 = 49.4, more than half of the 90 claimed.
    result = _record([_claim("2025Q1", "A1", 90.0)], [_came("2025Q1", "A1", 88.0, error=30.0)])
    row = result.table.iloc[0]
    assert (row["is_clear"], row["hit"]) == (False, False)
    assert row["sentence"].endswith("Its error reaches half of the claim: too uncertain to tell.")
    owner = result.owners.set_index("group").loc["owner"]
    assert (owner["cases"], owner["clear_cases"], owner["is_enough"]) == (1, 0, False)
    assert np.isnan(owner["hit_rate"])


def test_a_claim_in_the_wrong_direction_takes_value_away() -> None:
    # Claimed -20 %, +10 % came true: 30 off with the claim, 10 without.
    row = _record([_claim("2025Q1", "A1", -20.0)], [_came("2025Q1", "A1", 10.0)]).table.iloc[0]
    assert (row["value_added"], row["direction"], row["overclaim_share"]) == (-20.0, "down", 1.5)


def test_drafts_and_rejected_rows_are_not_scored_and_unknown_outcomes_are_counted() -> None:
    claims = [
        _claim("2025Q1", "A1", 10.0),
        _claim("2025Q1", "A2", 10.0, status="draft"),
        _claim("2025Q1", "A3", 10.0, status="rejected"),
        _claim("2025Q1", "A4", 10.0, status="proposed"),
    ]
    outcomes = [_came("2025Q1", name, 5.0) for name in ("A1", "A2", "A3")]
    result = _record(claims, outcomes)
    assert result.table["assumption"].tolist() == ["A1"]
    assert [(notice.code, notice.count) for notice in result.notices] == [("claims_not_scored", 1)]


def test_before_any_round_has_closed_it_says_what_will_appear_and_when() -> None:
    result = record(
        pd.DataFrame(columns=["round", "status"]), pd.DataFrame(), next_close=pd.Timestamp("2026-03-30")
    )
    assert len(result.table) == len(result.owners) == 0
    assert result.notices[0].text == (
        "No round has closed yet. When the present one does on 2026-03-30, each of its claims appears here "
        "with what came true and its error, and after three cases per role the bias the next plan allows for."
    )


def test_the_published_table_has_the_form_of_the_contract() -> None:
    table = _record([_claim("2025Q1", "A1", 90.0)], [_came("2025Q1", "A1", 50.0)]).table
    published = canonical_frame("record", table, ())
    assert list(published.columns[:8]) == [
        "round",
        "assumption",
        "owner",
        "function",
        "kind",
        "unit",
        "claim",
        "actual",
    ]


def _many(
    owner: str, shares: list[float], error: float = 2.0
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    claims = [_claim("2025Q1", f"{owner}{n}", 100.0, owner=owner) for n in range(len(shares))]
    return claims, [_came("2025Q1", f"{owner}{n}", 100 * share, error) for n, share in enumerate(shares)]


def _owners(*parts: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> pd.DataFrame:
    result = _record([row for part in parts for row in part[0]], [row for part in parts for row in part[1]])
    return result.owners[result.owners["group"] == "owner"].set_index("name")


def test_shrinkage_draws_toward_the_common_record_the_more_the_fewer_the_cases() -> None:
    # A and B each realised half of their claims, A twelve times, B once; C realised all, six times.
    owners = _owners(_many("A", [0.4, 0.6] * 6), _many("B", [0.5]), _many("C", [0.9, 1.1] * 3))
    plain = owners["overclaim_share"]
    assert plain[["A", "B", "C"]].tolist() == pytest.approx([0.5, 0.5, 0.0])
    pull = (plain - owners["overclaim_shrunk"]).abs()
    assert pull["A"] < pull["B"]
    assert 0.3 < owners.loc["A", "overclaim_shrunk"] <= 0.5
    assert owners.loc["B", "overclaim_error"] > owners.loc["A", "overclaim_error"]
    assert owners["is_enough"].to_dict() == {"A": True, "B": False, "C": True}
    assert owners.loc["B", "sentence"].endswith("(fewer than 3 clear cases: not yet a record).")


def test_hit_rates_are_drawn_toward_the_overall_one_by_three_cases() -> None:
    # A: no hits of four, C: four of four; overall one half: (0 + 3/2) / 7 and (4 + 3/2) / 7.
    owners = _owners(_many("A", [0.2] * 4, error=0.1), _many("C", [1.0] * 4, error=0.1))
    assert owners["hit_rate"].to_dict() == {"A": 0.0, "C": 1.0}
    assert owners["hit_rate_shrunk"].to_dict() == {"A": pytest.approx(1.5 / 7), "C": pytest.approx(5.5 / 7)}


def test_claims_that_came_true_leave_the_next_ones_as_they_are() -> None:
    owners = _owners(_many("A", [0.95, 1.05] * 10), _many("C", [0.95, 1.05] * 10))
    assert owners["realised_share"].tolist() == pytest.approx([1.0, 1.0], abs=0.03)


def test_nobody_is_ranked_rows_stand_in_the_order_of_names() -> None:
    owners = _owners(_many("zeta", [1.0] * 3), _many("alpha", [0.1] * 3), _many("mid", [0.5] * 3))
    assert owners.index.tolist() == ["alpha", "mid", "zeta"]
    assert len(summarise_record(pd.DataFrame())) == 0
