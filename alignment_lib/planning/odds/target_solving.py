"""What it would take: the value of one assumption, or the least change of several, that makes a target.

A claim is first moved within the range its owner states; one claim alone may also be asked for as much again
beyond it, and the answer says so. Further than that nothing is solved for: no number that nobody claims is
made up to close a gap, and a target that is made already lowers no claim.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import factorial

import numpy as np
from scipy import sparse

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
    parts : dict of str to float
        What the changes of each function add to the plan, in the measure; together all they add.
    """

    values: dict[str, float]
    is_reached: bool
    plan: float
    probability: float
    sentence: str
    parts: dict[str, float] = field(default_factory=dict)


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

    @property
    def surely(self) -> float:
        """What the rows as they are bring as surely as is asked for."""
        return self.total({}) if self.goal.probability is None else self.quantile({})

    def quantile(self, values: Mapping[str, float]) -> float:
        """What is reached or passed with the wanted probability."""
        return float(np.quantile(self.draws(values), 1.0 - (self.goal.probability or 0.5)))


def solve_by_one(
    layout: Layout, rows: Sequence[Assumption], name: str, goal: Goal, *, joins: bool = False
) -> Solution:
    """The value of one assumption that makes the target, all others as they are.

    Looked for within the row's own range, then as far again beyond it on each side; the least change is
    taken where several would do. Where none does, the end of its own range that comes nearest is given, and
    what is short.

    With `joins` the row did not count before: then the target is made already only if it is without it,
    and less of it than claimed may do.

    Raises
    ------
    KeyError
        Where the assumption does not count among `rows`.
    """
    known = {row.id: row for row in rows}
    if name not in known:
        raise KeyError(f"{name!r} does not count in this plan; there are: {', '.join(sorted(known))}")
    search = _Search(layout, rows, goal)
    if joins:
        others = _Search(layout, [row for row in rows if row.id != name], goal)
        if others.surely >= goal.target:
            return _conclude(others, {})
    elif search.surely >= goal.target:
        return _conclude(search, {})
    low, high = _own_range(known[name])
    width = high - low
    found = _solve(search, lambda step: {name: _between(known[name].expected, low, high, step)})
    if found.is_reached:
        return found
    floor = -100.0 if known[name].unit == "percent" else -np.inf
    low, high = max(low - width, floor), high + width
    beyond = _solve(search, lambda step: {name: _between(known[name].expected, low, high, step)})
    return beyond if beyond.is_reached else found


def _own_range(row: Assumption) -> tuple[float, float]:
    """The range a row states; one without is as wide as the value itself."""
    if row.low < row.high:
        return row.low, row.high
    wide = max(abs(row.expected), 1.0) / 2
    return row.expected - wide, row.expected + wide


def _between(value: float, low: float, high: float, step: float) -> float:
    """Part of the way from a value to an end: to the upper one for steps above zero."""
    return float(value + step * (high - value if step > 0 else value - low))


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
    if search.surely >= goal.target:
        return _conclude(search, {})
    base = search.total({})
    width = {name: high - low for name, (low, _, high) in ranges.items()}
    pull = {}
    for name, (_, expected, high) in ranges.items():
        step = 0.05 * width[name]
        up = expected + step <= high
        moved = search.total({name: expected + (step if up else -step)})
        pull[name] = (moved - base) / (step if up else -step) * width[name] ** 2
    # A claim that only moves buyers about, and whose whole range is within what counts as made, is not asked.
    least = _CLOSE * max(abs(goal.target), 1.0)
    pull = {name: part for name, part in pull.items() if abs(part) / width[name] > least} or pull
    largest = max((abs(part) / width[name] for name, part in pull.items()), default=0.0)
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
    from scipy.optimize import brentq

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
        reached = plan >= goal.target - close
    else:
        draws = search.draws(values)
        chance = float((draws >= goal.target).mean())
        reached = float(np.quantile(draws, 1.0 - goal.probability)) >= goal.target - 10 * close
    known = search.rows
    changed = {name: value for name, value in values.items() if abs(value - known[name].expected) > 1e-9}
    parts = _by_function(search, changed)
    sentence = _say(search, changed, parts, reached, plan, chance)
    return Solution(changed, reached, plan, chance, sentence, parts)


def _say(
    search: _Search,
    changed: Mapping[str, float],
    parts: Mapping[str, float],
    reached: bool,
    plan: float,
    chance: float,
) -> str:
    target = search.goal.target
    told = "; ".join(_told(search.rows[name], value) for name, value in sorted(changed.items()))
    surely = f" with a probability of {Said(chance):.0%}" if np.isfinite(chance) else ""
    if reached and not changed:
        return (
            f"The target of {Said(target):,.0f} is made already{surely}: the plan comes to {Said(plan):,.0f}."
        )
    who = ", ".join(f"{name} {Said(amount):+,.0f}" for name, amount in sorted(parts.items()))
    shared = f" Of what is added, {who}." if len(parts) > 1 else ""
    if reached:
        return f"The target of {Said(target):,.0f} is made{surely} with {told}.{shared}"
    most = (
        f"{told} brings the plan to {Said(plan):,.0f}{surely}"
        if told
        else f"the plan is {Said(plan):,.0f}{surely}"
    )
    short = f", {Said(target - plan):,.0f} short" if plan < target else ""
    return (
        f"The target of {Said(target):,.0f} is out of reach of what is claimed: at most {most}{short}."
        f"{shared}"
    )


def _by_function(search: _Search, changed: Mapping[str, float]) -> dict[str, float]:
    """What the changes of each function add, in every order of the functions and averaged (Shapley 1953)."""
    functions = sorted({search.rows[name].function for name in changed})

    def total(chosen: Collection[str]) -> float:
        return search.total({name: v for name, v in changed.items() if search.rows[name].function in chosen})

    sums = {
        subset: total(subset)
        for size in range(len(functions) + 1)
        for subset in combinations(functions, size)
    }
    count = len(functions)
    parts = dict.fromkeys(functions, 0.0)
    for subset, value in sums.items():
        for name in (name for name in functions if name not in subset):
            joined = tuple(sorted((*subset, name)))
            weight = factorial(len(subset)) * factorial(count - len(subset) - 1) / factorial(count)
            parts[name] += weight * (sums[joined] - value)
    return parts


def _told(row: Assumption, value: float) -> str:
    sign = PER_CENT if row.unit == "percent" else ""
    outside = row.low < row.high and not row.low - 1e-9 <= value <= row.high + 1e-9
    beyond = (
        f", outside its own range of {Said(row.low):+,.4g} to {Said(row.high):+,.4g}{sign}" if outside else ""
    )
    return f"{row.id} at {Said(value):+,.4g}{sign} instead of {Said(row.expected):+,.4g}{sign}{beyond}"
