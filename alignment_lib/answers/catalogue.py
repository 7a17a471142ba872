"""Every question that can be asked of a round, by name: one module a question, found when it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from alignment_lib.answers.answer import Answer
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["QUESTIONS", "Ask", "find_question", "question_names"]

QUESTIONS: tuple[str, ...] = (
    "claims.coverage",
    "claims.decided",
    "claims.drivers",
    "claims.due",
    "claims.evidence",
    "claims.next_tests",
    "claims.owed",
    "claims.past_events",
    "claims.promotion_profit",
    "claims.promotions",
    "claims.register",
    "claims.verdicts",
    "earnings.chain",
    "earnings.profit",
    "earnings.profit_bridge",
    "earnings.profit_by",
    "earnings.profit_variance",
    "leads.budget",
    "leads.briefs",
    "leads.funnel_gap",
    "leads.handled",
    "leads.lead_cohorts",
    "leads.lead_funnel",
    "leads.lead_handling",
    "leads.lead_quality",
    "leads.leads_needed",
    "leads.pipeline",
    "leads.spend_response",
    "leads.spend_review",
    "leads.weak_points",
    "past.accuracy",
    "past.cleaning",
    "past.customers",
    "past.explain",
    "past.provenance",
    "past.groups",
    "past.history",
    "past.model",
    "past.payout",
    "past.record",
    "past.restated",
    "past.rolling",
    "past.series",
    "past.value_added",
    "past.variance",
    "past.watch",
    "plan.answer_now",
    "plan.bridge",
    "plan.changes",
    "plan.decisions",
    "plan.estimate",
    "plan.money_bridge",
    "plan.odds",
    "plan.over_time",
    "plan.part_bridge",
    "plan.part_map",
    "plan.parts",
    "plan.plans",
    "plan.streams",
    "plan.swings",
    "plan.targets",
    "plan.through_the_year",
    "plan.what_if",
)
"""Modules below this package, such as ``plan.bridge``: the last word names question and function alike."""


class Ask(Protocol):
    """A question as a function of a round."""

    def __call__(
        self,
        view: RoundView,
        /,
        *,
        span: str | None = None,
        part: Mapping[str, str] | None = None,
        scenario: str | None = None,
        **more: Any,
    ) -> Answer:
        """Answer it; `more` is what the question takes beside."""
        ...


def question_names() -> tuple[str, ...]:
    """Names of all questions, in alphabetical order."""
    return tuple(sorted(module.rpartition(".")[2] for module in QUESTIONS))


@cache
def find_question(name: str) -> Ask:
    """The function that answers a question.

    Raises
    ------
    UnknownWord
        Where no question bears the name; the nearest is named.
    """
    places = {module.rpartition(".")[2]: module for module in QUESTIONS}
    word = check_word(name, places, "question")
    answer: Ask = getattr(import_module(f"alignment_lib.answers.{places[word]}"), word)
    return answer
