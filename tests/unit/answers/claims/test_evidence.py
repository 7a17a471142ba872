"""Claims beside the past, the register and the driver calendar, from published tables alone."""

import pytest

from alignment_lib.answers.claims.drivers import drivers
from alignment_lib.answers.claims.evidence import evidence
from alignment_lib.answers.claims.register import register
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.files.manifest import describe_round
from alignment_lib.rounds.view import RoundView, view_tables
from tests.unit.round_fixture import make_round


@pytest.fixture(scope="module")
def view() -> RoundView:
    result = make_round()
    return view_tables(describe_round(result), result.tables)


def _without(view: RoundView, *names: str) -> RoundView:
    kept = {key: table for key, table in view.tables.items() if key not in names}
    return RoundView(view.manifest, kept, view.calendar)


def test_every_claim_of_the_horizon_is_shown_with_its_range_its_status_and_its_reason(
    view: RoundView,
) -> None:
    answer = register(view)
    assert {"low", "high", "status", "rationale", "effect"} <= set(answer.frame.columns)
    assert {"low", "high", "status", "reason given"} <= set(answer.table().columns)
    assert answer.sentence.startswith(f"{len(answer.frame)} claims: ")


def test_effects_in_the_register_are_those_of_the_bridge(view: RoundView) -> None:
    frame = register(view, scenario="consensus").frame.set_index("id")
    bridge = view.in_round(view.scenario("bridge", "consensus")).groupby("assumption")["effect"].sum()
    for name, effect in frame["effect"].items():
        assert effect == pytest.approx(bridge.get(name, 0.0), abs=1e-9)


def test_a_part_leaves_the_claims_whose_scope_holds_it(view: RoundView) -> None:
    whole = set(evidence(view).frame["assumption"])
    web = set(evidence(view, part={"channel": "web"}).frame["assumption"])
    assert web < whole
    assert set(register(view, part={"channel": "web"}).frame["id"]) >= web


def test_drivers_sum_to_their_part_of_the_bridge(view: RoundView) -> None:
    bridge = view.in_round(view.scenario("bridge"))
    mine = bridge[bridge["assumption"].str.startswith("driver:")]
    answer = drivers(view)
    assert answer.frame["effect"].sum() == pytest.approx(mine["effect"].sum(), abs=1e-9)
    parts = [drivers(view, part={"channel": name}) for name in bridge["channel"].unique()]
    known = sum(part.frame["effect"].sum() for part in parts if part.is_answered)
    assert known == pytest.approx(answer.frame["effect"].sum(), abs=1e-9)


@pytest.mark.parametrize(
    ("ask", "missing"), [(evidence, "assumptions.csv"), (register, "assumptions.csv"), (drivers, "drivers")]
)
def test_nothing_there_says_what_would_fill_it(view: RoundView, ask, missing) -> None:
    answer = ask(_without(view, "assumptions", "evidence", "bridge"))
    assert not answer.is_answered
    assert missing in answer.sentence


def test_what_a_question_cannot_follow_is_refused(view: RoundView) -> None:
    with pytest.raises(UnknownWord, match="the same for every scenario"):
        evidence(view, scenario="consensus")
    with pytest.raises(UnknownWord, match="did you mean 'channel'"):
        register(view, part={"chanel": "web"})
