"""What the leads of a workspace say, question by question, from the tables that a round publishes."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.catalogue import find_question
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.preparing.known_round import SeenRound, see_round
from alignment_lib.rounds.preparing.lead_tables import lead_tables
from alignment_lib.rounds.preparing.measured_funnel import measure_funnel
from alignment_lib.rounds.view import RoundView
from tests.conftest import ROOT

MANIFEST = {"round": "2026Q1", "cycle": "quarter", "as_of": "2025-12-29", "scenario": "consensus"}
MANIFEST |= {"measure": "units", "currency": "EUR", "dimensions": [], "parameters": {}}


@pytest.fixture(scope="module")
def seen() -> SeenRound:
    return see_round(ROOT / "data" / "demo", "2025Q4")


@pytest.fixture(scope="module")
def view(seen: SeenRound) -> RoundView:
    return RoundView(MANIFEST, lead_tables(seen, measure_funnel(seen)), seen.workspace.calendar)


def ask(view: RoundView, question: str, **words: str) -> Answer:
    return find_question(question)(view, **words)


def test_the_funnel_of_all_is_the_sum_of_the_funnels_of_each_source(view: RoundView) -> None:
    whole = ask(view, "lead_funnel").frame.set_index("stage")["count"]
    sources = view.table("lead_quality")["source"]
    parts = [ask(view, "lead_funnel", source=one).frame.set_index("stage")["count"] for one in sources]
    pd.testing.assert_series_equal(sum(parts), whole.drop("visitors"), check_exact=True)
    assert whole.index[0] == "visitors"
    assert "steps fall short of promise or usual rate" in ask(view, "lead_funnel").sentence


def test_an_unknown_source_names_the_nearest_and_a_part_is_refused(view: RoundView) -> None:
    with pytest.raises(UnknownWord, match="did you mean 'web form'"):
        ask(view, "lead_funnel", source="web from")
    with pytest.raises(UnknownWord, match="leave span out"):
        ask(view, "lead_quality", span="2026-02")
    assert ask(view, "lead_quality", span="2026Q1").is_answered


def test_young_cohorts_are_estimates_and_the_table_lists_the_last_four(view: RoundView) -> None:
    answer = ask(view, "lead_cohorts")
    frame = answer.frame
    assert (
        frame.loc[frame["is_young"], "conversion_rate"] >= frame["observed_rate"][frame["is_young"]]
    ).all()
    assert len(set(answer.shown.rows["cohort"])) == 4
    assert "half are won within" in answer.sentence
    assert "young" in answer.chart.alt


def test_quality_is_the_accepted_share_times_the_chance_and_reasons_add_up(view: RoundView) -> None:
    frame = ask(view, "lead_quality").frame
    worth = frame["accepted_share"] * frame["win_given_handling"]
    assert frame["quality"].tolist() == pytest.approx(worth.tolist())
    assert frame["quality"].is_monotonic_decreasing
    reasons = (
        ask(view, "lead_quality", by="reason").frame.groupby(["source", "step"])["leads"].sum().unstack()
    )
    assert reasons["rejected"].to_dict() == frame.set_index("source")["rejected"].to_dict()


def test_handling_is_told_by_source_with_what_is_no_proof(view: RoundView) -> None:
    answer = ask(view, "lead_handling")
    assert answer.frame["source"].is_unique
    assert set(answer.frame["keeps_promise"]) <= {"kept", "not kept"}
    assert "not proof of cause" in answer.shown.note


def test_briefs_name_the_campaigns_that_have_none(view: RoundView) -> None:
    answer = ask(view, "briefs")
    missing = answer.frame.loc[answer.frame["status"] == "no brief", "campaign"]
    assert len(missing)
    assert all(name in answer.sentence for name in missing)


def test_plan_and_funnel_meet_in_a_gap_told_span_by_span() -> None:
    rows = [("2026Q1", "", 120.0, 100.0, 20.0, 0.5, "20 short.", "EUR")]
    rows += [("2026Q1", "web", 120.0, 100.0, 20.0, 0.5, "From web, 20 short.", "EUR")]
    names = ["span", "source", "plan", "funnel", "gap", "assumed_leads_share", "sentence", "unit"]
    tables = {"funnel_gap": pd.DataFrame(rows, columns=names)}
    answer = ask(RoundView(MANIFEST, tables, None), "funnel_gap")  # type: ignore[arg-type]
    assert answer.sentence == "2026Q1, in EUR: 20 short."
    assert answer.table()["source"].tolist() == ["all sources", "web"]


@pytest.mark.parametrize("question", ["lead_funnel", "lead_cohorts", "lead_quality", "lead_handling"])
def test_without_leads_an_answer_says_what_would_fill_it(seen: SeenRound, question: str) -> None:
    bare = RoundView(MANIFEST, {}, seen.workspace.calendar)
    assert "This needs a leads table" in ask(bare, question).missing
    earlier = RoundView(MANIFEST, {"funnel": pd.DataFrame({"stage": ["leads"]})}, seen.workspace.calendar)
    assert "al.open_round" in ask(earlier, question).missing
    assert "a briefs table would say" in ask(bare, "briefs").missing
