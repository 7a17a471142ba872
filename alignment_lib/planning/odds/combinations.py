"""Every combination of a few assumptions switched on and off, exactly, without planning each one anew.

A cell of the plan depends on those switches only whose claims reach it. Cells that depend on the same
switches form a group; a group under three switches has eight values whatever the others do. So the plan
is worked out once for each subset that some group can tell apart, and the sum of a combination is the sum
of what its groups come to. Nothing is approximated: planning the combination itself gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.planning.odds.cell_draws import Paths, draw_cells, each_chunk, smallest_part
from alignment_lib.planning.odds.drawing import Correlation, draw_values
from alignment_lib.planning.odds.quantiles import row_quantiles
from alignment_lib.planning.odds.simulated_effects import DrawnClaims, draw_effects
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.levels import exact_sums
from alignment_lib.planning.plan.moves import REPAID_OVER
from alignment_lib.planning.plan.plan import Plan, finish_plan
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.claims import Claim
from alignment_lib.planning.register.layout import Layout

__all__ = ["ACTION", "Actions", "Combinations", "Question", "work_out_combinations"]

ACTION = "action:"
"""Stands before an id where its action is switched, claim and cells of the calendar together."""
_MOST_SWITCHES = 10
_MOST_PLANS = 144
_MOST_CELLS = 1_000_000
"""Cells planned at most over all subsets: a large unit gets fewer switches, never an approximation."""
_SHARES = {"p10": 0.10, "p50": 0.50, "p90": 0.90}


@dataclass(frozen=True)
class Actions:
    """Actions that may be switched off: claim and cells of the driver calendar both go.

    Attributes
    ----------
    reach : dict of str to ndarray of bool, shape (series, periods)
        By id of the claim, cells that are other without the action.
    tied : dict of str to frozenset of str
        Claims that keep cells of it as long as they count.
    under : callable
        The register on the grid without some actions, while some claims count.
    """

    reach: Mapping[str, np.ndarray] = field(default_factory=dict)
    tied: Mapping[str, frozenset[str]] = field(default_factory=dict)
    under: Callable[[frozenset[str], frozenset[str]], Layout] | None = None


@dataclass(frozen=True)
class Question:
    """Which switches, from which plan, against which target.

    Attributes
    ----------
    rows : tuple of Assumption
        Every row that may count, at the values and ranges it counts with.
    on : frozenset of str
        Ids that count in the plan one starts from; those without a switch stay as they are.
    switches : tuple of str
        Ids by importance, with `ACTION` before them where the action is meant and not the claim; one that
        would take too many plans is passed by.
    round : str
        A label of the horizon's spans; its length gives the spans summed.
    target : float
        Of the round in total, in the plan's measure; NaN where none stands.
    seed : int
        Of the draws: the round's own.
    correlation : Correlation or None
        As used for the round's odds.
    actions : Actions
        What switching an action off changes.
    """

    rows: tuple[Assumption, ...]
    on: frozenset[str]
    switches: tuple[str, ...]
    round: str
    target: float
    seed: int
    correlation: Correlation | None = None
    actions: Actions = field(default_factory=Actions)


@dataclass(frozen=True)
class Combinations:
    """What each combination of switches comes to.

    Attributes
    ----------
    switches : DataFrame
        ``position, assumption, part, value, on``: what is switched is the claim, or the action and the claim
        with it; switch ``position`` adds ``2 ** position`` to the number of a combination; `on` is its state
        in the plan one starts from.
    table : DataFrame
        ``combination, span, start, plan`` for every combination and span of the round's length, and in
        the round's own rows ``p10, p50, p90, probability``; NaN elsewhere and where no target stands.
    draws : ndarray, shape (draws,)
        Every draw of the round's total in the plan one starts from.
    """

    switches: pd.DataFrame
    table: pd.DataFrame
    draws: np.ndarray


@dataclass(frozen=True)
class _Groups:
    """Cells by the switches they depend on: a number per cell, and the switches of each number as bits."""

    codes: np.ndarray
    bits: tuple[int, ...]

    def subsets(self) -> list[int]:
        """Every combination that some group can tell apart."""
        return sorted(set().union(*(set(_subsets(bits)) for bits in self.bits)) | {0})


_Known = dict[tuple[str, int], tuple[tuple[float, int], tuple[np.ndarray, np.ndarray]]]


@dataclass
class _Plans:
    """Plans by the number of their combination; claims worked out once are used again."""

    layout: Layout
    values: Mapping[str, float]
    fixed: tuple[str, ...]
    switches: tuple[str, ...]
    actions: Actions
    known: dict[int, _Known] = field(default_factory=dict)

    def plan(self, combination: int) -> Plan:
        """The plan in which the switches of the combination are on."""
        chosen = {name for at, name in enumerate(self.switches) if combination >> at & 1}
        off = [name for name in self.switches if name.startswith(ACTION) and name not in chosen]
        dropped = frozenset(name.removeprefix(ACTION) for name in off)
        names = sorted({*self.fixed, *(one for one in chosen if not one.startswith(ACTION))} - dropped)
        counted = {name: self.values[name] for name in names}
        layout = self.layout
        if dropped and self.actions.under is not None:
            layout = self.actions.under(dropped, frozenset(names))
        claims, own, kept = layout.work_out(counted, self.known.get(id(layout)))
        self.known.setdefault(id(layout), {}).update(kept)
        return finish_plan(layout, counted, "combination", claims, own)


def work_out_combinations(horizon: Horizon, layout: Layout, question: Question) -> Combinations:
    """Plan and odds of every combination of up to ten switches.

    Parameters
    ----------
    horizon : Horizon
        Grid, samples and actuals of closed periods.
    layout : Layout
        The register on the grid.
    question : Question
        What to switch.

    Notes
    -----
    The draws are those of the published odds, to the bit.
    """
    names, groups = _choose_switches(layout, question)
    values = {row.id: row.expected for row in question.rows}
    plans = _Plans(layout, values, tuple(sorted(question.on - set(names))), names, question.actions)
    spans, matrix, asked = _find_spans(horizon, question.round)
    sums, draws = _sum_groups(horizon, question, plans, groups, matrix, matrix[asked] > 0)
    numbers = np.arange(2 ** len(names))
    closed = horizon.closed.shape[1]
    sold = exact_sums(horizon.closed, horizon.levels.matrix[[0]], matrix[:, :closed])[0]
    total = _put_together(sums, groups, numbers) + sold
    drawn = _put_together(draws, groups, numbers)
    switches = pd.DataFrame(
        {
            "position": np.arange(len(names)),
            "assumption": [name.removeprefix(ACTION) for name in names],
            "part": ["action" if name.startswith(ACTION) else "claim" for name in names],
            "value": [values[name.removeprefix(ACTION)] for name in names],
            "on": [_is_on(name, question) for name in names],
        }
    )
    start = int(sum(1 << at for at, name in enumerate(names) if _is_on(name, question)))
    start_draws = drawn[start] + sold[asked]
    table = _lay_out(spans, numbers, total)
    of_round = np.arange(len(table)) % len(spans) == asked
    chances = (drawn + sold[asked] >= question.target).mean(axis=1)
    for name, quantile in zip(_SHARES, row_quantiles(drawn, list(_SHARES.values())), strict=True):
        table.loc[of_round, name] = quantile + sold[asked]
    table.loc[of_round, "probability"] = chances if np.isfinite(question.target) else np.nan
    return Combinations(switches, table, start_draws)


def _is_on(name: str, question: Question) -> bool:
    return name.startswith(ACTION) or name in question.on


def _lay_out(spans: pd.DataFrame, numbers: np.ndarray, total: np.ndarray) -> pd.DataFrame:
    count = len(spans)
    table = spans.iloc[np.tile(np.arange(count), len(numbers))].reset_index(drop=True)
    table.insert(0, "combination", np.repeat(numbers, count))
    table["plan"] = total.ravel()
    return table


def _find_spans(horizon: Horizon, label: str) -> tuple[pd.DataFrame, np.ndarray, int]:
    """Spans of the round's length, their periods, and which of them is the round."""
    table = horizon.spans.table
    length = table.loc[table["label"] == label, "span"].iloc[0]
    like = (table["span"] == length).to_numpy()
    asked = int(np.flatnonzero(table.loc[like, "label"] == label)[0])
    return table.loc[like, ["span", "start"]].reset_index(drop=True), horizon.spans.matrix[like], asked


def _choose_switches(layout: Layout, question: Question) -> tuple[tuple[str, ...], _Groups]:
    """As many of the switches, in their order, as can be worked out in full."""
    most = max(2, min(_MOST_PLANS, _MOST_CELLS // max(layout.grid.baseline.size, 1)))
    names: tuple[str, ...] = ()
    groups = _find_groups(layout, question.on, names, question.actions)
    for name in question.switches:
        tried = _find_groups(layout, question.on | {*names, name}, (*names, name), question.actions)
        if len(tried.subsets()) <= most:
            names, groups = (*names, name), tried
        if len(names) == _MOST_SWITCHES:
            break
    return names, groups


def _find_groups(
    layout: Layout, counted: frozenset[str], switches: Sequence[str], actions: Actions
) -> _Groups:
    """Group cells by the switches that can reach them.

    A claim reaches the cells of its scope and dates; an action what is other without it, and so does a claim
    that would keep its cells. Moves carry on what reached either end: whatever
    changes what a series gives in a period changes all partners in that period, and whatever changes a
    claim's effect changes every period in which its volume is repaid. This is followed until nothing is
    added, so that a group may name a switch too many but never one too few.
    """
    reach = np.zeros((len(switches), *layout.grid.baseline.shape), dtype=bool)
    claims = [claim for name in sorted(counted) for claim in layout.claims.get(name, ()) if _ties(claim)]
    for at, name in enumerate(switches):
        own = name.removeprefix(ACTION)
        for claim in layout.claims.get(own, ()):
            reach[at][np.ix_(claim.series, _active(claim))] = True
        for other, cells in actions.reach.items():
            is_there = ACTION + other in switches
            if is_there and (ACTION + other == name or own in actions.tied.get(other, ())):
                reach[at] |= cells
    before = -1
    while reach.sum() != before:
        before = int(reach.sum())
        for claim in claims:
            _carry_on(layout, claim, reach)
    weights = 1 << np.arange(len(switches))
    bits = np.tensordot(weights, reach, axes=1).astype(int)
    found, codes = np.unique(bits, return_inverse=True)
    return _Groups(codes.reshape(bits.shape), tuple(int(value) for value in found))


def _carry_on(layout: Layout, claim: Claim, reach: np.ndarray) -> None:
    """Let every cell a claim's moves tie together depend on what any of them depends on."""
    active = _active(claim)
    if claim.row.moved_share and claim.exchanges:
        partners = np.concatenate([exchange.partners for exchange in claim.exchanges])
        tied = np.ix_(np.arange(len(reach)), np.union1d(claim.series, partners), active)
        reach[tied] |= reach[tied].any(axis=1, keepdims=True)
    if claim.row.pull_forward_share:
        repaid = np.arange(claim.repay_from, claim.repay_from + REPAID_OVER[layout.grid.calendar.grain])
        periods = np.union1d(active, repaid[repaid < reach.shape[2]])
        tied = np.ix_(np.arange(len(reach)), claim.series, periods)
        reach[tied] |= reach[tied].any(axis=2, keepdims=True)


def _ties(claim: Claim) -> bool:
    """Whether the claim's moves tie any cells together."""
    exchanges = bool(claim.row.moved_share and claim.exchanges and not claim.is_idle)
    return not claim.fixed and (exchanges or bool(claim.row.pull_forward_share))


def _active(claim: Claim) -> np.ndarray:
    return np.flatnonzero((claim.strength != 0) | (claim.cover > 0))


def _sum_groups(
    horizon: Horizon,
    question: Question,
    plans: _Plans,
    groups: _Groups,
    matrix: np.ndarray,
    asked: np.ndarray,
) -> tuple[list[dict[int, np.ndarray]], list[dict[int, np.ndarray]]]:
    """What each group comes to under each of its subsets: by span, and draw by draw in the round.

    Returns
    -------
    list of dict of int to ndarray, shape (spans,)
        By group, for the subsets it can tell apart.
    list of dict of int to ndarray, shape (draws,)
        The same.
    """
    count = len(groups.bits)
    over = matrix[:, horizon.closed.shape[1] :].T
    inside = np.flatnonzero(asked[horizon.closed.shape[1] :])
    drawn = draw_values(question.rows, len(horizon.samples), question.seed, question.correlation)
    paths = Paths(horizon.samples, inside, hold=True)
    claims: dict[int, DrawnClaims] = {}
    sums: list[dict[int, np.ndarray]] = [{} for _ in range(count)]
    draws: list[dict[int, np.ndarray]] = [{} for _ in range(count)]
    for subset in groups.subsets():
        concerned = [at for at, bits in enumerate(groups.bits) if subset & ~bits == 0]
        plan = plans.plan(subset)
        for at in concerned:
            sums[at][subset] = np.where(groups.codes == at, plan.plan, 0.0).sum(axis=0) @ over
        if id(plan.grid) not in claims:
            claims[id(plan.grid)] = DrawnClaims.of(plan.grid, plans.values, drawn, paths.count, inside)
        drawn_claims = claims[id(plan.grid)]
        for at, total in _draw_round(plan, drawn_claims, paths, groups, concerned).items():
            draws[at][subset] = total
    return sums, draws


def _draw_round(
    plan: Plan, claims: DrawnClaims, paths: Paths, groups: _Groups, concerned: Sequence[int]
) -> dict[int, np.ndarray]:
    """Draws of what some groups come to in the round's open periods, by group."""
    codes = groups.codes[:, paths.inside]
    rows = np.flatnonzero(np.isin(codes, concerned).any(axis=1))
    drawn = draw_effects(plan, claims.ranged, paths.count, claims)

    def work(part: np.ndarray) -> list[np.ndarray]:
        cells = draw_cells(plan.grid, paths, drawn, part)
        return [cells[codes[part] == at].sum(axis=0, dtype=float) for at in concerned]

    totals = np.zeros((len(concerned), paths.count))
    for found in each_chunk(work, rows, paths.count * len(paths.inside)):
        totals += found
    return dict(zip(concerned, totals * smallest_part(plan.grid), strict=True))


def _put_together(
    parts: Sequence[Mapping[int, np.ndarray]], groups: _Groups, numbers: np.ndarray
) -> np.ndarray:
    """The sum over all groups for every combination: each group at the switches it depends on."""
    total = np.zeros((len(numbers), len(next(iter(parts[0].values())))))
    for part, bits in zip(parts, groups.bits, strict=True):
        subsets = sorted(part)
        total += np.stack([part[subset] for subset in subsets])[np.searchsorted(subsets, numbers & bits)]
    return total


def _subsets(bits: int) -> Iterator[int]:
    subset = bits
    while subset:
        yield subset
        subset = (subset - 1) & bits
    yield 0
