"""The next test worth making: what settling each disputed claim would change, and what could settle it.

A claim is disputed where its evidence says another thing, or where what may be true of it changes the sign,
the decision or the odds of the target. Money is that of the round; a test made now serves the next action of
its kind.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.planning.evidence.claim_scale import own_per_log
from alignment_lib.planning.evidence.holdouts import Holdout, units_needed
from alignment_lib.planning.evidence.information import (
    NOTHING_KNOWN,
    Belief,
    Stake,
    believe,
    chance_of_another,
    worth_of_test,
)
from alignment_lib.planning.evidence.past import Past
from alignment_lib.planning.register.actions import NOBODYS, claim_cells
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.live.choices import Choices, drop, set_value, switch
from alignment_lib.rounds.live.holdout_units import HoldoutUnits, find_units
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.gathered_past import gather_past

__all__ = ["TEST_COLUMNS", "next_tests"]

_TENTH = 1.2815515655446004
_MOST = 100
"""Claims looked at: each costs up to eight plans."""
_POINT = 0.01
"""Change of the target's odds from which on they depend on a claim."""
_DISAGREES = ("optimistic", "pessimistic")
_OPEN = ("proposed", "accepted")
_NO_TEST = {
    "market_shift": "it is nobody's action: nothing can be left out by lot, only waiting tells",
    "consumer_shift": "it is nobody's action: nothing can be left out by lot, only waiting tells",
    "one_off": "a single order cannot be parted: ask for it in writing",
    "new_product": "nothing of it is sold yet, so no series tells its noise: sell it in some places first",
    "new_channel": "nothing of it is sold yet, so no series tells its noise: open it in some places first",
}


@dataclass(frozen=True)
class TestRow:
    """One disputed claim and the best test of it; amounts are money of the round where prices are known.

    Attributes
    ----------
    assumption, disputed : str
        Id, and why it is disputed.
    unit : str
        What amounts are counted in: the currency, or the plan's measure where no price is known.
    belief, belief_low, belief_high : float
        What may be true, in the claim's unit, with its 10 % and 90 % point.
    money_low, money_high : float
        What the round then comes to, less what it comes to at `belief`.
    probability_low, probability_high : float
        Chance of the target there.
    today : str
        What is best decided today.
    change_probability, settled : float
        Chance that knowing the truth leads to another decision, and what knowing it is worth.
    dimension : str
        What the units of the test are; blank where there is none.
    units, held_out, periods : float
    smallest_effect, smallest_claim, wanted : float
        Smallest effect it finds four times in five, in percent of sales and in the claim's unit; and the
        size to be told apart.
    nearer, gain, value, cost, net : float
        By a plan nearer to what comes, by running only what pays, their sum, what the test costs, the rest.
    is_useful : bool
        Whether the smallest effect is no larger than what is to be told apart.
    reason : str
        Why there is no such test, and what would make one possible; blank where there is.
    """

    assumption: str
    disputed: str
    unit: str
    belief: float
    belief_low: float
    belief_high: float
    money_low: float
    money_high: float
    probability_low: float
    probability_high: float
    today: str
    change_probability: float
    settled: float
    dimension: str = ""
    units: float = float("nan")
    held_out: float = float("nan")
    periods: float = float("nan")
    smallest_effect: float = float("nan")
    smallest_claim: float = float("nan")
    wanted: float = float("nan")
    nearer: float = float("nan")
    gain: float = float("nan")
    value: float = float("nan")
    cost: float = float("nan")
    net: float = float("nan")
    is_useful: bool = False
    reason: str = ""


TEST_COLUMNS = ("rank", *TestRow.__dataclass_fields__)
"""Columns of `next_tests`."""


def next_tests(live: LiveRound, standing: str = "consensus") -> pd.DataFrame:
    """Every disputed claim with the best test of it, the one worth most less its cost first.

    Parameters
    ----------
    live : LiveRound
        The round.
    standing : str
        The plan as it stands.

    Returns
    -------
    DataFrame
        `TEST_COLUMNS`; those of which no test is of use come last, by what settling them is worth. Of very
        many claims only the hundred largest are looked at.
    """
    start = live.start_from(standing)
    first = live.ready.horizon.grid.periods[0]
    rows = [row for row in live.register if row.status in _OPEN and row.end >= first]
    steps = live.weighing.merge(live.evidence[["assumption", "verdict"]], on="assumption")
    lines = {str(line["assumption"]): line for line in steps.to_dict("records")}
    known = [row for row in rows if _belief_of(lines[row.id]).error > 0]
    claims = [_Claim(live, start, row, lines[row.id]) for row in _largest(live, start, known)]
    past = gather_past(live.ready)
    found = [_find_test(claim, past) for claim in claims if claim.disputed]
    found.sort(
        key=lambda row: (not row.is_useful, -(row.net if row.is_useful else row.settled), row.assumption)
    )
    ranked = [{"rank": float(place), **asdict(row)} for place, row in enumerate(found, start=1)]
    return pd.DataFrame(ranked, columns=list(TEST_COLUMNS))


def _largest(live: LiveRound, start: Choices, rows: Sequence[Assumption]) -> Sequence[Assumption]:
    """All claims, or of very many those with the largest effect in a plan that counts them all."""
    if len(rows) <= _MOST:
        return rows
    everyone = replace(start, on=start.on | {row.id for row in rows})
    effects = dict(live.evaluate(everyone).effects)
    return sorted(rows, key=lambda row: (-abs(effects.get(row.id, 0.0)), row.id))[:_MOST]


class _Claim:
    """A claim with what may be true of it, and what that moves."""

    def __init__(
        self, live: LiveRound, start: Choices, row: Assumption, weighing: Mapping[Hashable, Any]
    ) -> None:
        self.live, self.row = live, row
        self.weighing = weighing
        self.belief = _belief_of(self.weighing)
        self._counted = replace(start, on=start.on | {row.id})
        low, high = self._ends
        self._at = {value: self._worth(self._settled_at(value)) for value in (low, high)}
        spread = high - low
        slope = (self._at[high] - self._at[low]) / spread if spread > 0 else 0.0
        self._middle = self._at[low] + slope * (self.belief.mean - low)
        self.out = self._worth(switch(start, row.id, on=False))
        self.dropped = np.nan if row.kind in NOBODYS else self._worth(drop(start, row.id))
        self._left_out = self._as_value(self.out, slope)
        # A number that lies within what may be true is no other number for the plan than what is believed.
        options = (row.expected, self._left_out)
        others = tuple(one for one in options if np.isfinite(one) and not self._is_believed(one))
        self.stake = Stake(slope, self._as_value(self.dropped, slope), others)

    def _is_believed(self, value: float) -> bool:
        return self.belief.low <= value <= self.belief.high

    @property
    def _ends(self) -> tuple[float, float]:
        floor = -100.0 if self.row.unit == "percent" else -np.inf
        return max(self.belief.low, floor), self.belief.high

    def _as_value(self, worth: float, slope: float) -> float:
        """The claim's value at which the round comes to a sum."""
        return self.belief.mean + (worth - self._middle) / slope if slope else float("nan")

    def _settled_at(self, value: float) -> Choices:
        known = set_value(self._counted, self.row.id, value)
        return replace(known, ranges={**known.ranges, self.row.id: (value, value)})

    def _worth(self, choices: Choices) -> float:
        figures = self.live.evaluate(choices)
        return figures.total if self._is_unpriced else figures.revenue

    @cached_property
    def _is_unpriced(self) -> bool:
        return not np.isfinite(self.live.evaluate(self._counted).revenue)

    @property
    def unit(self) -> str:
        """What amounts are counted in."""
        ready = self.live.ready
        return ready.history.measure if self._is_unpriced else ready.workspace.settings.business.currency

    @property
    def money(self) -> tuple[float, float]:
        """What the round comes to at both ends, less what it comes to at the mean."""
        return tuple(self._at[end] - self._middle for end in self._ends)  # type: ignore[return-value]

    @property
    def brings(self) -> float:
        """What the action brings the round at the mean; NaN where it is nobody's."""
        return self._middle - self.dropped

    @cached_property
    def odds(self) -> tuple[float, float]:
        """Chance of the target at both ends; NaN where none stands."""
        figures = [self.live.evaluate(self._settled_at(end)) for end in self._ends]
        chances = [self.live.simulate(one, leads=False).round.get("probability", np.nan) for one in figures]
        return chances[0], chances[1]

    @property
    def per_log(self) -> float:
        """How far the claim's value moves when sales in its scope move by one log point."""
        grid, row = self.live.ready.horizon.grid, self.row
        cells = claim_cells(row, grid.keys, grid.periods, grid.calendar)
        base = grid.baseline
        if row.unit not in ("percent", grid.measure) and grid.price is not None:
            base = base * grid.price if row.unit == "revenue" else base / grid.price
        return own_per_log(row, self.belief.mean, grid.measure, float(np.nansum(base[cells])))

    @property
    def today(self) -> str:
        """The best decision today."""
        if self.brings < 0:
            return "drop"
        if self._is_believed(self.row.expected):
            return "accept alone"
        return "leave out" if self._is_believed(self._left_out) else "accept as history says"

    @cached_property
    def disputed(self) -> str:
        """Why it is disputed; blank where it is not."""
        if not self.stake.slope:
            return ""
        said = [f"evidence: {self.weighing['verdict']}"] if self.weighing["verdict"] in _DISAGREES else []
        moves = [self._at[end] - self.out for end in self._ends]
        said += ["sign"] if moves[0] * moves[1] < 0 else []
        said += ["decision"] if chance_of_another(self.belief, self.stake, 0.0) >= 0.2 else []
        low, high = self.odds
        return "; ".join([*said, *(["odds"] if abs(high - low) >= _POINT else [])])


def _belief_of(line: Mapping[Hashable, Any]) -> Belief:
    error = (line["weighted_high"] - line["weighted_low"]) / (2 * _TENTH)
    claim = (line["claim"], line["claim_error"])
    supported = (line["supported"], line["supported_error"])
    return believe((line["weighted"], error), claim, supported)


def _find_test(claim: _Claim, past: Past) -> TestRow:
    """The best test of a claim, or why there is none."""
    known, chances = claim.belief, claim.odds
    nearer, gain = worth_of_test(known, claim.stake, 0.0)
    row = TestRow(
        claim.row.id,
        claim.disputed,
        claim.unit,
        known.mean,
        known.low,
        known.high,
        *claim.money,
        *chances,
        claim.today,
        chance_of_another(known, claim.stake, 0.0),
        nearer + gain,
    )
    if claim.row.kind in _NO_TEST:
        return replace(row, reason=_NO_TEST[claim.row.kind])
    units = find_units(claim.live.ready, claim.row, past)
    tests = [_value_of(claim, row, holdout, units) for holdout in units.holdouts()]
    if not tests:
        return replace(row, reason=units.missing)
    useful = [test for test in tests if test.is_useful]
    if useful:
        return max(useful, key=lambda test: (test.net, -test.held_out, -test.periods))
    best = min(tests, key=lambda test: (test.smallest_claim, test.held_out))
    noise = next(one.noise for one in units.holdouts() if _is_of(one, best))
    return replace(
        best,
        reason=_why_not(
            best, units_needed(noise, best.smallest_effect / 100 * best.wanted / best.smallest_claim)
        ),
    )


def _is_of(holdout: Holdout, row: TestRow) -> bool:
    return (holdout.noise.dimension, holdout.noise.periods) == (row.dimension, row.periods)


def _why_not(row: TestRow, needed: int) -> str:
    few = f"by {row.dimension.replace('_', ' ')}, {row.units:,.0f} are too few to tell so little apart"
    if not needed:
        return f"{few}, and so would be any number like them: it takes a longer test or steadier series"
    return f"{few}: it would take {needed:,} like them, or a longer test"


def _value_of(claim: _Claim, row: TestRow, holdout: Holdout, units: HoldoutUnits) -> TestRow:
    per = claim.per_log if claim.per_log > 0 else NOTHING_KNOWN
    error = holdout.error * per
    nearer, gain = worth_of_test(claim.belief, claim.stake, error if np.isfinite(error) else NOTHING_KNOWN)
    cost = units.forgone(holdout, claim.brings) + units.own_cost
    smallest = holdout.smallest_effect * per
    wanted = abs(claim.weighing["claim"] - claim.weighing["supported"])
    if "evidence" not in row.disputed or not np.isfinite(wanted):
        wanted = claim.belief.high - claim.belief.low
    return replace(
        row,
        dimension=holdout.noise.dimension,
        units=float(holdout.noise.units),
        held_out=float(holdout.held_out),
        periods=float(holdout.noise.periods),
        smallest_effect=100 * holdout.smallest_effect,
        smallest_claim=smallest,
        wanted=wanted,
        nearer=nearer,
        gain=gain,
        value=nearer + gain,
        cost=cost,
        net=nearer + gain - cost,
        is_useful=smallest <= wanted,
    )
