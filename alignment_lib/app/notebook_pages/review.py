"""Notebook 6: what came of the last quarter, what each step added, and what came true of the claims."""

from __future__ import annotations

from alignment_lib.answers.markup import Html
from alignment_lib.app.notebook_pages.frame import show
from alignment_lib.app.notebooks import find_reports
from alignment_lib.app.review_parts import (
    causes_part,
    groups_part,
    handled_part,
    payout_part,
)
from alignment_lib.rounds.closed.closed_rounds import earlier_rounds
from alignment_lib.rounds.closed.look_back import LookBack, look_back
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = [
    "open_review",
    "show_causes",
    "show_groups",
    "show_handled",
    "show_payout",
]


def open_review(ready: PreparedRound) -> LookBack:
    """Look back on the last whole cycle before the round."""
    return look_back(ready, earlier_rounds(ready, [find_reports()]))


def show_handled(review: LookBack) -> Html:
    """Quality against handling, and what a kept promise would have brought."""
    return show(handled_part(review))


def show_causes(review: LookBack) -> Html:
    """New sales by cause: a second view with the same total."""
    return show(causes_part(review))


def show_payout(review: LookBack) -> Html:
    """The incentive scheme after the quarter, before the next one, and gamed."""
    return show(payout_part(review))


def show_groups(review: LookBack) -> Html:
    """Working groups with their lights, and those the review proposes."""
    return show(groups_part(review))
