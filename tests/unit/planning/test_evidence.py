"""Evidence row by row: verdicts by the stated rules, overlap, unit, and the sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.planning.evidence.claim_scale import ClaimScale, scale_claim
from alignment_lib.planning.evidence.evidence import gather_evidence, judge_claim
from alignment_lib.planning.evidence.owner_records import OwnerRecord
from alignment_lib.planning.evidence.past import Reading
from alignment_lib.planning.evidence.readings import read_register
from alignment_lib.planning.evidence.weighing import weigh_evidence
from tests.unit.planning.past_cases import START, claim, effect_row, event_row, grid_of, past_of

WORDS = "7 past events of feature on Tea"


def _judge(expected: float, estimate: float, error: float, spread: float = 0.0, **more) -> str:
    scale = ClaimScale(expected - spread, expected, expected + spread)
    return judge_claim(scale, Reading(estimate, error, 7, words=WORDS), **more)


def _evidence(row, reading=None, **more) -> pd.Series:
    return gather_evidence(grid_of(), [row], {row.id: reading} if reading else {}, **more).iloc[0]


def test_a_claim_within_historys_90_per_cent_interval_is_supported() -> None:
    # 1.645 x 4 = 6.58.
    assert _judge(36.5, 30.0, 4.0) == "supported"
    assert _judge(36.6, 30.0, 4.0) == "optimistic"
    assert _judge(23.4, 30.0, 4.0) == "pessimistic"


def test_a_claim_whose_range_allows_for_what_history_supports_is_supported() -> None:
    assert _judge(40.0, 30.0, 4.0, spread=10.0) == "supported"
    assert _judge(40.0, 30.0, 4.0, spread=9.9) == "optimistic"


def test_a_range_with_room_upwards_is_no_room_downwards() -> None:
    # 100 less 20 and plus 200: history's 60 lies outside the range on its own side.
    skewed = ClaimScale(80.0, 100.0, 300.0)
    assert judge_claim(skewed, Reading(60.0, 5.0, 3)) == "optimistic"
    assert judge_claim(skewed, Reading(240.0, 5.0, 3)) == "supported"


@given(st.floats(1, 80), st.floats(1, 80), st.floats(0.1, 10), st.floats(0, 10))
def test_claiming_too_much_and_too_little_are_judged_alike(claim_, history, error, spread) -> None:
    mirror = {"optimistic": "pessimistic", "pessimistic": "optimistic", "supported": "supported"}
    first = _judge(claim_, history, error, spread)
    assert _judge(-claim_, -history, error, spread) == mirror[first]


def test_a_record_of_claiming_twice_what_comes_true_halves_the_benefit_of_the_doubt_upwards() -> None:
    record = OwnerRecord(9, 0.5, 0.1)
    # 1.645 x 4 = 6.58 becomes 3.29 above and stays below.
    assert _judge(34.0, 30.0, 4.0) == "supported"
    assert _judge(34.0, 30.0, 4.0, record=record) == "optimistic"
    assert _judge(26.0, 30.0, 4.0, record=record) == "supported"
    modest = OwnerRecord(9, 2.0, 0.1)
    assert _judge(26.0, 30.0, 4.0, record=modest) == "pessimistic"
    # A record that may well be even, or of too few cases, changes nothing.
    assert _judge(34.0, 30.0, 4.0, record=OwnerRecord(9, 0.9, 0.1)) == "supported"
    assert _judge(34.0, 30.0, 4.0, record=OwnerRecord(2, 0.5, 0.1, is_enough=False)) == "supported"


def test_for_claims_of_a_loss_overstating_is_claiming_more_loss() -> None:
    record = OwnerRecord(9, 0.5, 0.1)
    assert _judge(-34.0, -30.0, 4.0, record=record) == "pessimistic"
    assert _judge(-26.0, -30.0, 4.0, record=record) == "supported"


def test_a_difference_below_the_materiality_share_is_none() -> None:
    row = claim(expected=31.5)
    reading = Reading(30.0, 0.1, 7, words=WORDS)
    assert _evidence(row, reading)["verdict"] == "optimistic"
    assert _evidence(row, reading, materiality_share=0.02)["verdict"] == "supported"


def test_what_research_and_usual_movement_say_bears_other_names() -> None:
    study = Reading(4.0, 1.0, 0, "research", "study S1")
    assert _evidence(claim(expected=4.5), study)["verdict"] == "supported by research"
    assert _evidence(claim(expected=9.0), study)["verdict"] == "optimistic"
    usual = Reading(0.0, 5.0, 8, "usual movement", "the year-on-year changes of sales in 8 past quarters")
    within, beyond = _evidence(claim(expected=6.0), usual), _evidence(claim(expected=60.0), usual)
    assert within["verdict"] == "no history"
    assert np.isnan(within["supported"])
    assert beyond["verdict"] == "optimistic"
    assert beyond["supported"] == 0.0


@pytest.mark.parametrize(
    ("low", "high", "place"),
    [(31, 33, "inside"), (10, 20, "below"), (50, 60, "above"), (10, 60, "wider"), (10, 30, "reaches below")],
)
def test_where_the_claimed_range_falls_in_the_interval_is_said(low, high, place) -> None:
    row = claim(expected=(low + high) / 2, low=float(low), high=float(high))
    assert _evidence(row, Reading(32.0, 4.0, 7, words=WORDS))["range_place"] == place


def test_a_price_claim_is_judged_as_an_effect_and_weighed_in_its_own_unit() -> None:
    row = claim(kind="price_change", expected=10.0, low=8.0, high=12.0, elasticity=-2.0, fields={})
    found = _evidence(row, Reading(-13.0, 1.0, 6, words="6 past price changes"))
    assert found["effect_claim"] == pytest.approx(100 * (1.1**-2 - 1))
    assert found["effect_supported"] == -13.0
    # The change that costs 13 % at the claimed elasticity: 0.87^(-1/2) - 1 = +7.21 %.
    assert found["supported"] == pytest.approx(7.211253)
    assert scale_claim(row, "units").claim == pytest.approx(row.effect_on(10.0, "units") * 100)
    assert "claims that +10\u202f% on price brings −17\u202f% of sales" in found["sentence"]


@given(st.floats(-60, 60), st.floats(-4, -0.3))
def test_the_own_unit_of_a_price_claim_gives_back_the_effect(effect, elasticity) -> None:
    row = claim(kind="price_change", elasticity=elasticity, fields={})
    value, _ = scale_claim(row, "units").to_own_unit(Reading(effect, 1.0))
    assert row.effect_on(value, "units") * 100 == pytest.approx(effect, abs=1e-6)


def test_what_the_calendar_and_other_rows_hold_is_flagged_in_units() -> None:
    effect = np.array([[30.0, 30.0, 0, 0], [15.0, 15.0, 0, 0], [0, 0, 0, 0]])
    grid = grid_of(driver_effects={"feature": effect})
    rows = [claim(id="A1"), claim(id="A2", expected=10.0), claim(id="A3", status="draft")]
    found = gather_evidence(grid, rows).set_index("assumption")
    # The calendar holds 90; A2 says 10 % of 300 again, which lies within that.
    assert found.loc["A1", "overlap_units"] == pytest.approx(90.0)
    assert found.loc["A1", "overlap_with"] == "A2; driver:feature"
    assert found.loc["A3", "overlap_units"] == pytest.approx(90.0)
    assert found["already_in_plan"].all()
    assert "the calendar of feature already holds +90 of it; A2 says +30" not in found.loc["A3", "sentence"]
    assert "the calendar of feature already holds +90 of it" in found.loc["A1", "sentence"]


def test_a_claim_that_moves_next_to_nothing_is_called_small() -> None:
    row = claim(expected=1.0)
    found = _evidence(row, Reading(1.0, 0.5, 7, words=WORDS))
    # 1 % of 300 units of Tea are 0.4 % of the 700 planned.
    assert found["is_small"]
    assert "at 0.4\u202f% of planned sales it is too small to be worth an adjustment" in found["sentence"]
    assert not _evidence(claim())["is_small"]


def test_the_sentence_names_the_claim_the_events_and_the_verdict() -> None:
    row = claim(expected=80.0, low=50.0, high=110.0)
    reading = Reading(32.0, 3.2, 7, words=WORDS, placebo="not established", aside=Reading(
        20.0, 6.0, 0, "research", "study S1"))  # fmt: skip
    assert _evidence(row, reading)["sentence"] == (
        "A1 claims +80\u202f% (+50 to +110); 7 past events of feature on Tea support +32\u202f%, give or "
        "take 3: optimistic; set beside dates without it, the effect is not established; study S1 finds "
        "+20\u202f%, give or take 6."
    )
    assert _evidence(row)["sentence"] == (
        "A1 claims +80\u202f% (+50 to +110); nothing in the sales history speaks to it (0 past events), so "
        "the plan rests on its owner's word: no history."
    )


def test_every_kind_of_claim_gets_a_row_a_verdict_and_a_sentence_with_its_events() -> None:
    kinds = (
        "market_shift consumer_shift promotion price_change new_product delisting new_channel digital one_off"
    )
    rows = [claim(id=f"K{n}", kind=kind, title="New", fields={}) for n, kind in enumerate(kinds.split())]
    past = past_of(
        [effect_row("feature", "uplift", "Tea", 0.3, 0.05)], [event_row("2025-03-03", 130, 100, 30)]
    )
    readings = read_register(grid_of(), rows, past)
    found = gather_evidence(grid_of(), rows, readings)
    assert len(found) == 9
    known = {"supported", "optimistic", "pessimistic", "no history", "supported by research"}
    assert set(found["verdict"]) <= known
    assert found["sentence"].str.contains("past event|past quarters").all()


def test_a_claim_in_units_is_set_beside_the_uplift_of_its_own_sales() -> None:
    past = past_of([effect_row("feature", "uplift", "Tea", 0.3, 0.05)])
    row = claim(unit="units", expected=100.0)
    reading = read_register(grid_of(), [row], past)["A1"]
    # exp(0.3) - 1 of 150 units a week over two weeks.
    assert reading.estimate == pytest.approx(300 * np.expm1(0.3))
    money = claim(unit="revenue", expected=100.0)
    priced = grid_of(price=np.full((3, 4), 2.0))
    assert read_register(priced, [money], past)["A1"].estimate == pytest.approx(600 * np.expm1(0.3))


def test_the_weighted_plan_follows_the_evidence() -> None:
    past = past_of([effect_row("feature", "uplift", "Tea", 0.3, 0.05)])
    row = claim(expected=80.0, low=50.0, high=110.0, end=START + pd.Timedelta(days=13))
    readings = read_register(grid_of(), [row], past)
    found = weigh_evidence(grid_of(), [row], readings)
    weighted = found.evidence["weighted"].iloc[0]
    assert 34.9 < weighted < 45.0
    assert found.rows[0].expected == pytest.approx(weighted)
    assert found.evidence.columns[-1] == "sentence"
    assert found.readings["A1"].events == 4
