"""What a planning meeting decides on: the gap, claims in dispute, what changed, and the agenda of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.plan.plan import Plan, plan_revenue
from alignment_lib.review.agenda import meeting_agenda
from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.closed.plan_changes import changes_since
from alignment_lib.rounds.closed.review_tables import list_weak_points
from alignment_lib.rounds.live.choices import Choices, set_value, switch
from alignment_lib.rounds.live.figures import Figures
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.prepared_round import PreparedRound
from alignment_lib.rounds.round_work import RoundWork

__all__ = ["MeetingFacts", "gather_meeting", "list_agenda"]

_MATERIAL = 0.001
_CALENDAR = "driver:*"
_PROPOSED, _CONSENSUS = "as_proposed", "consensus"


@dataclass(frozen=True)
class MeetingFacts:
    """What the agenda and its charts are made of.

    Attributes
    ----------
    live : LiveRound
        The round to be decided on.
    look : LookBack
        What the round before it came to.
    proposed, agreed : Figures
        Everything proposed, and what both sides accepted.
    odds : dict of str to float
        Of the accepted plan: quantiles, target and its probability, and ``plan``.
    price : float
        Money of a unit, where the plan counts units; else 1.
    changes : DataFrame
        What moved the plan since the last published round, claim by claim.
    consequences : DataFrame
        What each open decision does.
    """

    live: LiveRound
    look: LookBack
    proposed: Figures
    agreed: Figures
    odds: dict[str, float]
    price: float
    changes: pd.DataFrame
    consequences: pd.DataFrame

    @property
    def unit(self) -> str:
        """What the plan counts."""
        return self.look.seen.history.measure

    @property
    def currency(self) -> str:
        """The currency's code."""
        return self.look.seen.workspace.settings.business.currency


def gather_meeting(work: RoundWork) -> MeetingFacts:
    """Work out the plans, the odds and the changes that a meeting starts from."""
    ready, look, live = work.ready, work.look, work.live
    proposed = live.evaluate(live.start_from(_PROPOSED), _PROPOSED)
    agreed = live.evaluate(live.start_from(_CONSENSUS), _CONSENSUS)
    price = proposed.revenue / proposed.total if proposed.total > 0 else float("nan")
    known = price if price == price and ready.history.measure == "units" else 1.0
    odds = dict(live.simulate(agreed).round) | {"plan": agreed.total}
    changes = _changes(ready, look, agreed.plan)
    return MeetingFacts(live, look, proposed, agreed, odds, known, changes, work.tables["consequences"])


def list_agenda(
    facts: MeetingFacts, tests: Mapping[str, str], minutes: int = 90, most: int = 10
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """`meeting_agenda` of the round, and what did not fit.

    Parameters
    ----------
    facts : MeetingFacts
    tests : Mapping of str to str
        By id of a disputed claim, the test that could settle it.
    minutes, most : int
        Length of the meeting, and the most items on its agenda.
    """
    workspace, planned = facts.look.seen.workspace, facts.look.seen.round
    items, notices = meeting_agenda(
        gaps=_gaps(facts),
        contested=_contested(facts),
        weak_points=list_weak_points(facts.look),
        decisions=workspace.tables.get("decisions"),
        changes=facts.changes,
        as_of=planned.as_of,
        minutes=minutes,
        most=most,
        currency=facts.currency,
        consequences=facts.consequences,
        span=planned.name,
        unit=facts.currency if facts.unit == "revenue" else facts.unit,
        year_share=len(planned.cycle_periods) / workspace.calendar.season,
        tests=tests,
    )
    return items, tuple(notices)


def _gaps(facts: MeetingFacts) -> pd.DataFrame | None:
    target = facts.odds.get("target", float("nan"))
    if target != target:
        return None
    planned = facts.look.seen.round
    row = {"span": planned.cycle, "start": planned.start, "level": "all sales", "unit": facts.unit}
    return pd.DataFrame([{**facts.odds, **row, "money_short": _money_short(facts)}])


def _money_short(facts: MeetingFacts) -> float:
    """What the plan is short of a target in money; NaN where none stands for the round and all sales."""
    if facts.unit == "revenue":
        return facts.odds["target"] - facts.agreed.total
    table = facts.look.seen.workspace.tables.get("targets")
    if table is None or "measure" not in table:
        return float("nan")
    named = [name for name in facts.live.ready.dimensions if name in table]
    whole = (table["round"].astype(str) == facts.look.seen.round.name) & (table["measure"] == "revenue")
    whole &= (table[named].fillna("").astype(str) == "").all(axis=1)
    found = table.loc[whole, "target"]
    return float(found.iloc[0]) - facts.agreed.revenue if len(found) else float("nan")


def _contested(facts: MeetingFacts) -> pd.DataFrame | None:
    """Claims that history contradicts or that one side has not accepted, with the money they stand for.

    Money is the difference of two plans: everything proposed, with the claim as it is or at what history
    supports, less everything but the claim.
    """
    effects, choices = dict(facts.proposed.effects), facts.live.start_from(_PROPOSED)
    evidence = {str(line["assumption"]): line for line in facts.live.evidence.to_dict("records")}
    lines = []
    for row in facts.live.register:
        if row.id not in effects:
            continue
        verdict = str(evidence[row.id]["verdict"])
        waits = row.status == "proposed"
        if not (waits or verdict in ("optimistic", "pessimistic")):
            continue
        supported = float(evidence[row.id]["supported"])
        without = _worth(facts, switch(choices, row.id, on=False))
        known = supported == supported
        said = _worth(facts, set_value(choices, row.id, supported)) if known else float("nan")
        lines.append(
            {
                "assumption": row.id,
                "title": row.title,
                "owner": row.owner,
                "verdict": f"{verdict}, and not accepted by both" if waits else verdict,
                "claim": row.expected,
                "supported": supported,
                "unit": row.unit,
                "money_claimed": _worth(facts, choices) - without,
                "money_supported": said - without,
            }
        )
    return pd.DataFrame(lines) if lines else None


def _worth(facts: MeetingFacts, choices: Choices) -> float:
    figures = facts.live.evaluate(choices)
    return figures.revenue if figures.revenue == figures.revenue else figures.total * facts.price


def _changes(ready: PreparedRound, look: LookBack, plan: Plan) -> pd.DataFrame:
    """What moved the plan of the periods that the last published round planned too, claim by claim."""
    columns = ["assumption", "title", "before", "after", "unit", "money", "details", "owner"]
    measure, revenue = ready.history.measure, plan_revenue(plan)
    found = changes_since(ready, look.earlier, plan)
    if found is None:
        return pd.DataFrame(columns=columns)
    table = found.table
    in_money = measure == "units" and revenue is not None
    money = table["money"] if in_money else table["difference"]
    whole = revenue if in_money and revenue is not None else plan.plan
    moved = _folded(table.assign(money=money))
    moved = moved[moved["money"].abs() > _MATERIAL * float(np.nansum(whole))]
    owners = {row.id: row.owner for row in ready.register}
    return moved.assign(unit=measure, owner=moved["assumption"].map(owners).fillna(""))[columns]


def _folded(table: pd.DataFrame) -> pd.DataFrame:
    """Claims that somebody changed, and the forecast and the driver calendar as one row each."""
    drivers = table["assumption"].str.startswith("driver:")
    forecast = table["assumption"] == "baseline"
    changed = ~drivers & ~forecast & table["change"].isin(["revised", "status", "dropped"])
    whole = table.loc[drivers, ["before", "after", "money"]].sum()
    calendar = pd.DataFrame(
        [
            {
                "assumption": _CALENDAR,
                "title": "The driver calendar",
                "details": "prices and promotions",
                **whole,
            }
        ]
    )
    base = table[forecast].assign(title="The forecast itself", details="a quarter more of history")
    parts = [base, calendar if drivers.any() else calendar.iloc[:0], table[changed]]
    return pd.concat([part for part in parts if len(part)] or [table.iloc[:0]], ignore_index=True)
