"""What a decision does, worked out by planning it: accepted alone, with all others, or its action dropped.

An effect in the bridge is a claim's share of one plan; a decision is the difference between two plans, and
carries the sign that it has. Every figure here is such a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignment_lib.planning.register.actions import NOBODYS
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.live.choices import Choices, drop, set_value, switch
from alignment_lib.rounds.live.live_round import LiveRound

__all__ = ["consequences", "open_decisions"]

_MOST = 100
"""Decisions worked out: each costs up to five plans with their odds."""
_COLUMNS = ("assumption", "option", "units", "revenue", "probability_before", "probability")


@dataclass(frozen=True)
class _Worth:
    """What one plan comes to in the round: in the measure, in money, and the chance of the target."""

    units: float
    revenue: float
    probability: float


def open_decisions(register: Sequence[Assumption]) -> list[Assumption]:
    """Claims that are proposed and not yet settled, ordered by id."""
    return sorted((row for row in register if row.status == "proposed"), key=lambda row: row.id)


def consequences(live: LiveRound, standing: str = "consensus") -> pd.DataFrame:
    """What each open decision of a round does.

    Parameters
    ----------
    live : LiveRound
        The round.
    standing : str
        The plan as it stands: what counts without any further decision.

    Returns
    -------
    DataFrame
        ``assumption, option`` (``accept alone``: the plan with it less the plan as it stands; ``accept with
        all``: all open ones accepted less all but this one; ``accept as history says``: at its
        evidence-weighted value; ``drop``: neither claim nor action), ``units`` (in the plan's measure),
        ``revenue`` (in the currency; NaN where no price is known), ``probability_before, probability`` of
        the round's target (NaN where none stands). Claims that reach into no open period have no rows; a
        claim that is nobody's action cannot be dropped. Of very many decisions only the hundred largest are
        worked out.
    """
    start = live.start_from(standing)
    first = live.ready.horizon.grid.periods[0]
    reaching = [row for row in open_decisions(live.register) if row.end >= first]
    everyone = _accept(start, *(row.id for row in reaching))
    rows = _largest(live, reaching, everyone)
    weighted = {row.id: row.expected for row in live.start_from("evidence_weighted").base}
    now, together = _worth(live, start), _worth(live, everyone)
    result = []
    for row in rows:
        alone = _accept(start, row.id)
        differences = {
            "accept alone": (_worth(live, alone), now),
            "accept with all": (together, _worth(live, switch(everyone, row.id, on=False))),
        }
        if np.isfinite(weighted.get(row.id, np.nan)):
            said = set_value(alone, row.id, weighted[row.id])
            differences["accept as history says"] = (_worth(live, said), now)
        if row.kind not in NOBODYS:
            differences["drop"] = (_worth(live, drop(start, row.id)), now)
        result += [_difference(row.id, option, *pair) for option, pair in differences.items()]
    return pd.DataFrame(result, columns=list(_COLUMNS))


def _largest(live: LiveRound, rows: Sequence[Assumption], everyone: Choices) -> Sequence[Assumption]:
    """The decisions that are worked out: all, or of very many those with the largest effect."""
    if len(rows) <= _MOST:
        return rows
    effects = dict(live.evaluate(everyone).effects)
    ranked = sorted(rows, key=lambda row: (-abs(effects.get(row.id, 0.0)), row.id))
    return sorted(ranked[:_MOST], key=lambda row: row.id)


def _accept(choices: Choices, *names: str) -> Choices:
    return replace(choices, on=choices.on | set(names))


def _worth(live: LiveRound, choices: Choices) -> _Worth:
    figures = live.evaluate(choices)
    odds = live.simulate(figures, leads=False).round
    return _Worth(figures.total, figures.revenue, odds.get("probability", float("nan")))


def _difference(name: str, option: str, after: _Worth, before: _Worth) -> dict[str, object]:
    return {
        "assumption": name,
        "option": option,
        "units": after.units - before.units,
        "revenue": after.revenue - before.revenue,
        "probability_before": before.probability,
        "probability": after.probability,
    }
