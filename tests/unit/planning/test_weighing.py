"""The evidence-weighted plan, by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from alignment_lib.planning.evidence.weighing import OwnerRecord, weigh_register, weighted_rows
from alignment_lib.planning.register.assumptions import example_assumption


def _evidence(supported: float, error: float) -> pd.DataFrame:
    return pd.DataFrame([{"assumption": "A1", "supported": supported, "standard_error": error}])


def _weigh(row, supported=math.nan, error=math.nan, record=None):
    owners = {row.owner: record} if record else {}
    return weigh_register(_evidence(supported, error), [row], owners).iloc[0]


TENTH = 1.2815515655446004


def test_claim_and_history_are_combined_by_precision() -> None:
    # A downward claim of -20 with a standard deviation of 10 beside history's -10 with 5:
    # weights 1/100 and 1/25, so 0.2 and 0.8: 0.2 * -20 + 0.8 * -10 = -12; error 1 / sqrt(0.05) = 4.4721.
    row = example_assumption(expected=-20.0, low=-20.0 - 10 * TENTH, high=-20.0 + 10 * TENTH)
    found = _weigh(row, -10.0, 5.0)
    assert found["claim_weight"] == pytest.approx(0.2)
    assert found["weighted"] == pytest.approx(-12.0)
    assert found["weighted_high"] - found["weighted"] == pytest.approx(TENTH * 4.472136)
    assert found["arithmetic"] == "−20\u202f% claimed; 0.20 × −20 + 0.80 × −10 = −12\u202f%"


def test_an_upward_claim_without_a_record_counts_half() -> None:
    # +20 with standard deviation 5 beside +10 with 5: half a weight of 1/25 against 1/25, a third.
    row = example_assumption(expected=20.0, low=20.0 - 5 * TENTH, high=20.0 + 5 * TENTH)
    assert _weigh(row, 10.0, 5.0)["weighted"] == pytest.approx(20 / 3 + 20 / 3)
    proven = _weigh(row, 10.0, 5.0, OwnerRecord(8, 1.0, 0.0))
    assert proven["weighted"] == pytest.approx(15.0)


def test_an_owners_record_corrects_the_claim_and_widens_it() -> None:
    # 60 % of earlier claims came true, give or take 10 %: 50 becomes 30, and its standard deviation of 10
    # becomes sqrt((10 * 0.6)^2 + (50 * 0.1)^2) = sqrt(61) = 7.8102.
    row = example_assumption(expected=50.0, low=50.0 - 10 * TENTH, high=50.0 + 10 * TENTH, owner="brand")
    found = _weigh(row, record=OwnerRecord(9, 0.6, 0.1))
    assert found["weighted"] == pytest.approx(30.0)
    assert found["corrected_error"] == pytest.approx(7.810250)
    assert found["weighted_high"] == pytest.approx(30.0 + TENTH * 7.810250)
    assert (
        "50\u202f% claimed × 0.60 (came true in 9 cases) = +30\u202f%; history is silent"
        in found["arithmetic"]
    )


def test_a_claim_that_history_bears_out_is_not_cut_by_its_owners_record() -> None:
    # 43 % claimed with a standard deviation of 13, history 41 % with 4.5; half of the owner's claims came
    # true, give or take 5 %. Corrected to 21.5; its error is the root of
    # 13^2 + (43 * 0.05)^2 + (43 * 0.5)^2 = 635.8725, 25.2165; weights 1/635.8725 and 1/20.25:
    # 20.25 / 656.1225 = 0.030863 and 0.969137; 0.030863 * 21.5 + 0.969137 * 41 = 40.3982.
    row = example_assumption(expected=43.0, low=43.0 - 13 * TENTH, high=43.0 + 13 * TENTH)
    found = _weigh(row, 41.0, 4.5, OwnerRecord(9, 0.5, 0.05))
    assert found["corrected_error"] == pytest.approx(25.216513)
    assert found["claim_weight"] == pytest.approx(0.0308631, abs=1e-6)
    assert found["weighted"] == pytest.approx(40.39817, abs=1e-4)
    assert found["arithmetic"] == (
        "+43\u202f% claimed × 0.50 (came true in 9 cases) = +21.5\u202f% ± 25.2 (range, error of the record "
        "and the correction itself); 0.03 × +21.5 + 0.97 × +41 = +40.4\u202f%"
    )


def test_weak_evidence_leaves_the_record_its_say() -> None:
    # The same claim beside history that hardly knows (41 +- 60): 3600 / 4235.8725 = 0.849884 of 21.5.
    row = example_assumption(expected=43.0, low=43.0 - 13 * TENTH, high=43.0 + 13 * TENTH)
    found = _weigh(row, 41.0, 60.0, OwnerRecord(9, 0.5, 0.05))
    assert found["weighted"] == pytest.approx(0.849884 * 21.5 + 0.150116 * 41.0, abs=1e-3)


def test_a_poor_record_never_makes_a_claim_count_for_more() -> None:
    row = example_assumption(expected=-40.0, low=-55.0, high=-25.0)
    weights = [
        _weigh(row, -30.0, 5.0, OwnerRecord(9, share, 0.05))["claim_weight"] for share in (1.0, 0.8, 0.5, 0.2)
    ]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 2 * weights[-1]


def test_a_claim_without_a_range_is_corrected_beside_historys_own_error() -> None:
    # -20 without a range, 80 % came true: -16 with sqrt(5^2 + (20 * 0.2)^2) = sqrt(41) beside -10 with 5.
    found = _weigh(example_assumption(expected=-20.0), -10.0, 5.0, OwnerRecord(9, 0.8, 0.0))
    assert found["weighted"] == pytest.approx((-16.0 * 25.0 - 10.0 * 41.0) / 66.0)


def test_too_few_cases_are_no_record() -> None:
    row = example_assumption(expected=50.0, low=40.0, high=60.0)
    found = _weigh(row, record=OwnerRecord(1, 0.2, 0.5, is_enough=False))
    assert found["weighted"] == 50.0
    assert found["record_cases"] == 1


def test_a_claim_without_a_range_gets_historys_own_error_and_does_not_escape_it() -> None:
    down = _weigh(example_assumption(expected=-20.0), -10.0, 5.0)
    assert down["weighted"] == pytest.approx(-15.0)
    silent = _weigh(example_assumption(expected=-20.0))
    assert silent["weighted"] == -20.0
    assert np.isnan(silent["weighted_low"])


def test_the_rule_is_symmetrical_for_proven_owners() -> None:
    record = OwnerRecord(9, 0.8, 0.1)
    up = example_assumption(expected=20.0, low=10.0, high=30.0)
    down = example_assumption(expected=-20.0, low=-30.0, high=-10.0)
    first, second = _weigh(up, 10.0, 5.0, record), _weigh(down, -10.0, 5.0, record)
    assert first["weighted"] == pytest.approx(-second["weighted"])


def test_weighted_rows_carry_value_and_range_and_leave_the_claims_alone() -> None:
    row = example_assumption(expected=-20.0, low=-30.0, high=-10.0)
    weighed = weigh_register(_evidence(-10.0, 5.0), [row])
    (changed,) = weighted_rows([row], weighed)
    assert changed.low < changed.expected < changed.high
    assert row.expected == -20.0


def test_a_skewed_range_keeps_its_skew_where_history_is_silent() -> None:
    row = example_assumption(expected=90.0, low=40.0, high=150.0)
    found = _weigh(row)
    assert (found["weighted_low"], found["weighted_high"]) == (pytest.approx(40.0), pytest.approx(150.0))


def test_the_weighted_band_covers_the_truth_as_often_as_it_says() -> None:
    # 4,000 claims whose truth, claim and history are drawn with the stated errors around each other.
    random = np.random.default_rng(8)
    truth = random.normal(0, 30, 4000)
    claims = truth + random.normal(0, 8, 4000)
    history = truth + random.normal(0, 6, 4000)
    record = OwnerRecord(9, 1.0, 0.0)
    inside = 0
    for true, claim, found in zip(truth, claims, history, strict=True):
        row = example_assumption(unit="units", expected=claim, low=claim - 8 * TENTH, high=claim + 8 * TENTH)
        weighed = _weigh(row, found, 6.0, record)
        inside += weighed["weighted_low"] <= true <= weighed["weighted_high"]
    assert 0.78 <= inside / 4000 <= 0.82
