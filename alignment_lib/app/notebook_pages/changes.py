"""Notebook 3: what changed since the last round, assumption by assumption, in money."""

from __future__ import annotations

from alignment_lib.answers.markup import Html
from alignment_lib.answers.plan.changes import compare_plans
from alignment_lib.app.notebook_pages.assumptions import RoundClaims
from alignment_lib.app.notebook_pages.frame import show, unit_of
from alignment_lib.app.notebooks import find_reports
from alignment_lib.rounds.closed.closed_rounds import earlier_rounds
from alignment_lib.rounds.closed.plan_changes import changes_since

__all__ = ["show_changes"]


def show_changes(claims: RoundClaims, scenario: str = "consensus") -> Html:
    """From the plan of the last published round to this one, over the periods both plan.

    Parameters
    ----------
    claims : RoundClaims
        Of the round.
    scenario : str
        The plan compared with the earlier round's headline.
    """
    ready, live = claims.ready, claims.live
    plan = live.evaluate(live.start_from(scenario), scenario).plan
    found = changes_since(ready, earlier_rounds(ready, [find_reports()]), plan)
    if found is None:
        return show(
            "No earlier round of this business has been published, so there is nothing to compare with."
        )
    currency = "" if ready.history.measure == "revenue" else ready.workspace.settings.business.currency
    return show(compare_plans(found.table, found.since, unit_of(ready), currency).to_html())
