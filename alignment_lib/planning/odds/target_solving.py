"""What it would take: the value of one assumption, or the least change of several, that makes a target."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.optimize import brentq

from alignment_lib.inputs.written_numbers import PER_CENT, Said
from alignment_lib.planning.odds.cell_draws import Paths
from alignment_lib.planning.odds.drawing import Correlation, draw_values, planned_ranges
from alignment_lib.planning.odds.simulation import draw_sums
from alignment_lib.planning.plan.bridge import Block
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.levels import exact_sums
from alignment_lib.planning.plan.plan import Plan, finish_plan
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.layout import Key, Layout
from alignment_lib.planning.register.scenarios import at_value

__all__ = ["Goal", "Solution", "solve_by_combination", "solve_by_one"]

_ROUNDS = 6
_CLOSE = 1e-4
_WIDEST = 40.0


@dataclass(frozen=True)
class Goal:
    """A target for a part of the sales and one span, and how surely it is to be made.

    Attributes
    ----------
    horizon : Horizon
        Grid, samples and actuals.
    target : float
        In the plan's measure.
    part : ndarray of bool, shape (series,), optional
        Series summed; all by default.
    span : int
        Place in the horizon's spans.
    probability : float or None
        That the target is made; None asks that the plan itself equal the target.
    seed : int
        Of the draws.
    correlation : Correlation or None
        As used for the round's odds.
    check : callable
        Called before every plan worked out; may raise to stop.
    """

    horizon: Horizon
    target: float
    part: np.ndarray | None = field(default=None, compare=False, repr=False)
    span: int = -1
    probability: float | None = None
    seed: int = 0
    correlation: Correlation | None = None
    check: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)

    @property
    def members(self) -> sparse.csr_matrix:
        """1 where a series belongs to the sum, shape (1, series)."""
        count = len(self.horizon.grid.keys)
        part = np.ones(count) if self.part is None else self.part.astype(float)
        return sparse.csr_matrix(part[None, :])

    def __post_init__(self) -> None:
        if self.probability is not None and not 0.0 < self.probability < 1.0:
            raise ValueError(f"a probability of {self.probability} is not between 0 and 1")


@dataclass(frozen=True)
class Solution:
    """What was found.

    Attributes
    ----------
    values : dict of str to float
        Value of every assumption that has to change, in its own unit.
    is_reached : bool
        Whether the target is made with them.
    plan : float
        The plan at these values, for the goal's level and span.
    probability : float
        That the target is made; NaN where none was asked for.
    sentence : str
        The same in words.
    """

    values: dict[str, float]
    is_reached: bool
    plan: float
    probability: float
    sentence: str


class _Search:
    """Plans at tried values; blocks of rows whose value has not changed are used again."""

    def __init__(self, layout: Layout, rows: Sequence[Assumption], goal: Goal) -> None:
        self.layout, self.goal = layout, goal
        self.rows = {row.id: row for row in rows}
        self._known: dict[tuple[str, int], tuple[Key, Block]] = {}
        self._paths = Paths(goal.horizon.samples)

    def plan(self, values: Mapping[str, float]) -> Plan:
        """The plan with the given values in place of the rows' own."""
        self.goal.check()
        counted = {name: row.expected for name, row in self.rows.items()} | dict(values)
        claims, own, self._known = self.layout.work_out(counted, self._known)
        return finish_plan(self.layout, counted, "solve", claims, own)

    def total(self, values: Mapping[str, float]) -> float:
        """The goal's sum in that plan."""
        horizon, goal = self.goal.horizon, self.goal
        whole = horizon.with_closed(self.plan(values).plan)
        return float((goal.members @ whole @ horizon.spans.matrix[goal.span]).item())

    def draws(self, values: Mapping[str, float]) -> np.ndarray:
        """Draws of the goal's sum, the rows' ranges following the values."""
        horizon, goal = self.goal.horizon, self.goal
        moved = [at_value(row, values.get(name, row.expected)) for name, row in self.rows.items()]
        drawn = draw_values(moved, len(horizon.samples), goal.seed, goal.correlation)
        level, span = goal.members, horizon.spans.matrix[[goal.span]]
        sums = draw_sums(self.plan(values), self._paths, drawn, level, span)
        closed = exact_sums(horizon.closed, level, span[:, : horizon.closed.shape[1]])
        return np.asarray(sums[0, 0] + closed[0, 0])

    def quantile(self, values: Mapping[str, float]) -> float:
        """What is reached or passed with the wanted probability."""
        return float(np.quantile(self.draws(values), 1.0 - (self.goal.probability or 0.5)))


def solve_by_one(layout: Layout, rows: Sequence[Assumption], name: str, goal: Goal) -> Solution:
    """The value of one assumption that makes the target, all others as they are.

    Looked for between -100 % and twenty times the row's reach for percent, and as widely for volumes;
    the least change is taken where several would do. The answer may lie outside the row's own range:
    the sentence then says so.

    Raises
    ------
    KeyError
        Where the assumption does not count among `rows`.
    """
    known = {row.id: row for row in rows}
    if name not in known:
        raise KeyError(f"{name!r} does not count in this plan; there are: {', '.join(sorted(known))}")
    row = known[name]
    reach = max(abs(row.expected), abs(row.high - row.low) if row.low < row.high else 0.0, 1.0) * _WIDEST
    lowest = -100.0 if row.unit == "percent" else row.expected - reach
    highest = row.expected + reach

    def at(step: float) -> dict[str, float]:
        value = row.expected + step * (highest - row.expected if step > 0 else row.expected - lowest)
        return {name: float(value)}

    return _solve(_Search(layout, rows, goal), at)


def solve_by_combination(
    layout: Layout, rows: Sequence[Assumption], goal: Goal, free: Collection[str] | None = None
) -> Solution:
    """The least change of all ranged assumptions, within their ranges, that makes the target.

    Those named in `free` alone may change, where it is given.

    Least is the smallest sum of squared changes, each in units of its own range: to first order every
    value moves in proportion to its effect on the sum times its range squared, until it meets an end of
    its range (the minimum-norm step with bounds; Boyd and Vandenberghe 2004, section 10.1).
    """
    search, ranges = _Search(layout, rows, goal), planned_ranges(rows)
    ranges = {name: ends for name, ends in ranges.items() if free is None or name in free}
    base = search.total({})
    pull = {}
    for name, (low, expected, high) in ranges.items():
        width = high - low
        step = 0.05 * width
        up = expected + step <= high
        moved = search.total({name: expected + (step if up else -step)})
        pull[name] = (moved - base) / (step if up else -step) * width**2
    largest = max(
        (abs(part) / (ranges[name][2] - ranges[name][0]) for name, part in pull.items()), default=0.0
    )
    if largest == 0.0:
        return _solve(search, lambda step: {})

    def at(step: float) -> dict[str, float]:
        # At a step of one the last range has met its end as well.
        reach = np.tan(step * np.pi / 2 * 0.999) / largest
        return {
            name: float(np.clip(ranges[name][1] + reach * part, ranges[name][0], ranges[name][2]))
            for name, part in pull.items()
        }

    return _solve(search, at)


def _solve(search: _Search, at: Callable[[float], dict[str, float]]) -> Solution:
    """Find the step from -1 to 1; with a probability the plan aimed at is corrected by simulation."""
    goal = search.goal
    aim, margin = goal.target, 0.0
    for _ in range(_ROUNDS):
        values = at(_find_step(lambda step: search.total(at(step)), aim))
        if goal.probability is None:
            break
        margin, before = search.total(values) - search.quantile(values), margin
        aim = goal.target + margin
        if abs(margin - before) <= _CLOSE * max(abs(goal.target), 1.0):
            break
    return _conclude(search, values)


def _find_step(total: Callable[[float], float], aim: float) -> float:
    """The step nearest to zero at which the total meets the aim; an end where none does.

    Brent's method (1973, Algorithms for Minimization without Derivatives, chapter 4) between the two.
    """
    start = total(0.0)
    if abs(start - aim) <= 1e-9 * max(abs(aim), 1.0):
        return 0.0
    ends = {end: total(end) for end in (1.0, -1.0)}
    meeting = [end for end, found in ends.items() if (found - aim) * (start - aim) <= 0]
    if not meeting:
        return min(ends, key=lambda end: abs(ends[end] - aim))
    return float(brentq(lambda step: total(step) - aim, 0.0, meeting[0], xtol=1e-14, rtol=1e-14))


def _conclude(search: _Search, values: Mapping[str, float]) -> Solution:
    goal, plan = search.goal, search.total(values)
    close = _CLOSE * max(abs(goal.target), 1.0)
    chance = float("nan")
    if goal.probability is None:
        reached = abs(plan - goal.target) <= close
    else:
        draws = search.draws(values)
        chance = float((draws >= goal.target).mean())
        reached = float(np.quantile(draws, 1.0 - goal.probability)) >= goal.target - 10 * close
    known = search.rows
    changed = {name: value for name, value in values.items() if abs(value - known[name].expected) > 1e-9}
    told = "; ".join(_told(known[name], value) for name, value in sorted(changed.items()))
    surely = f" with a probability of {Said(chance):.0%}" if goal.probability is not None else ""
    if reached:
        sentence = (
            f"The target of {Said(goal.target):,.0f} is made{surely} with {told or 'the plan as it is'}."
        )
    else:
        sentence = (
            f"The target of {Said(goal.target):,.0f} is out of reach: {told or 'no assumption'} brings the "
            f"plan to {Said(plan):,.0f}{surely}."
        )
    return Solution(dict(changed), reached, plan, chance, sentence)


def _told(row: Assumption, value: float) -> str:
    sign = PER_CENT if row.unit == "percent" else ""
    outside = row.low < row.high and not row.low - 1e-9 <= value <= row.high + 1e-9
    beyond = (
        f", outside its own range of {Said(row.low):+,.4g} to {Said(row.high):+,.4g}{sign}" if outside else ""
    )
    return f"{row.id} at {Said(value):+,.4g}{sign} instead of {Said(row.expected):+,.4g}{sign}{beyond}"
