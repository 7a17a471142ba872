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
from alignment_lib.rounds.live.drop_errors import drop_error
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.live.money_figures import money_of

__all__ = ["at_weighted", "consequences", "dropping", "open_decisions"]

_MOST = 100
"""Decisions worked out: each costs up to five plans with their odds."""
_COLUMNS = (
    *("assumption", "option", "units", "units_low", "units_high", "revenue", "profit"),
    *("probability_before", "probability"),
)
_TENTH = 1.2815515655446004
"""A normal's 90 % point in standard deviations."""
_NO_END = (float("nan"), float("nan"))


@dataclass(frozen=True)
class _Worth:
    """What one plan comes to in the round: in the measure, money and profit, and the chance of the target."""

    units: float
    revenue: float
    profit: float
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
        ``units_low, units_high`` (the same where the claim comes out at its 10 % and 90 % point: at those it
        states where it is accepted, at the evidence-weighted ones else; NaN without a range), ``revenue`` (in
        the currency; NaN where no price is known), ``profit`` (after marketing; NaN where costs or spend are
        not known), ``probability_before, probability`` of the round's target
        (NaN where none stands). Claims that reach into no open period have no rows; a claim that is nobody's
        action cannot be dropped. Of very many decisions only the hundred largest are worked out.
    """
    start = live.start_from(standing)
    first = live.ready.horizon.grid.periods[0]
    reaching = [row for row in open_decisions(live.register) if row.end >= first]
    everyone = _accept(start, *(row.id for row in reaching))
    rows = _largest(live, reaching, everyone)
    weighted = {row.id: row for row in live.weighted}
    now, together = _worth(live, start), _worth(live, everyone)
    result = []
    for row in rows:
        alone, said = _accept(start, row.id), weighted[row.id]
        ends = (row.low, row.high)
        others = _worth(live, switch(everyone, row.id, on=False))
        result.append(
            _difference(row.id, "accept alone", _worth(live, alone), now, _ends(live, alone, row.id, ends))
        )
        with_all = _ends(live, everyone, row.id, ends)
        result.append(_difference(row.id, "accept with all", together, others, with_all))
        if np.isfinite(said.expected):
            supported = at_weighted(alone, said)
            ends = _ends(live, supported, row.id, (said.low, said.high))
            worth = _worth(live, supported)
            result.append(_difference(row.id, "accept as history says", worth, now, ends))
        if row.kind not in NOBODYS:
            result.append(dropping(live, start, said, now))
    return pd.DataFrame(result, columns=list(_COLUMNS))


def at_weighted(choices: Choices, said: Assumption) -> Choices:
    """Choices with a claim at the value and the range that the evidence gives it."""
    ranges = {**choices.ranges, said.id: (said.low, said.high)}
    return replace(_accept(set_value(choices, said.id, said.expected), said.id), ranges=ranges)


def dropping(
    live: LiveRound, start: Choices, said: Assumption, now: _Worth | None = None
) -> dict[str, object]:
    """What dropping an action does to a plan; its ends are the 10 % and 90 % point of that (`drop_error`).

    They lie about what the action brings by the evidence, not about its claim: the plan may count more.

    Parameters
    ----------
    live : LiveRound
    start : Choices
        The plan as it stands.
    said : Assumption
        The claim as the evidence weighs it.
    now : _Worth, optional
        What the plan as it stands comes to, where it is known.
    """
    dropped = drop(start, said.id)
    now, without = now or _worth(live, start), _worth(live, dropped)
    lost = live.evaluate(start).plan.plan - live.evaluate(dropped).plan.plan
    lost = np.where(live.ready.horizon.grid.periods.isin(live.ready.round.cycle_periods), lost, 0.0)
    error = drop_error(live.ready, said, lost) if lost.any() else float("nan")
    reach = _TENTH * error
    likely = now.units
    if said.id in start.on and np.isfinite(said.expected):
        likely = live.evaluate(set_value(start, said.id, said.expected)).total
    centre = now.units + without.units - likely
    return _difference(said.id, "drop", without, now, (centre - reach, centre + reach))


def _ends(live: LiveRound, choices: Choices, name: str, ends: tuple[float, float]) -> tuple[float, float]:
    """The plan with a claim at its 10 % and at its 90 % point, the smaller sum first."""
    if not np.isfinite(ends).all():
        return _NO_END
    sums = [live.evaluate(set_value(choices, name, end)).total for end in ends]
    return min(sums), max(sums)


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
    profit = money_of(live, figures).get("profit", float("nan"))
    return _Worth(figures.total, figures.revenue, profit, odds.get("probability", float("nan")))


def _difference(
    name: str, option: str, after: _Worth, before: _Worth, ends: tuple[float, float]
) -> dict[str, object]:
    return {
        "assumption": name,
        "option": option,
        "units": after.units - before.units,
        "units_low": ends[0] - before.units,
        "units_high": ends[1] - before.units,
        "revenue": after.revenue - before.revenue,
        "profit": after.profit - before.profit,
        "probability_before": before.probability,
        "probability": after.probability,
    }
