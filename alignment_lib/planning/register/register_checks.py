"""Checks of a register against the round it is planned in.

The inputs layer checks each table by itself; here rows meet the horizon, the series and each other.
Values that cannot be meant are problems. What can be planned by a stated rule is a notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

from alignment_lib.inputs.problems import Notice, Problem
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.plan.grid import PlanGrid, place_launch, scope_rows, value_rows
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.overlaps import find_overlaps
from alignment_lib.planning.register.price_claims import check_price_claims
from alignment_lib.planning.register.timing import period_weights

__all__ = ["check_register", "check_values", "find_cycles"]

_FILE = "assumptions"
_TOLD = 20
"""Notices of one sort that are written out; beyond them they are counted."""


def check_register(
    grid: PlanGrid, register: Sequence[Assumption], last_year: np.ndarray | None = None
) -> tuple[list[Problem], list[Notice]]:
    """Check every row that is not rejected.

    Parameters
    ----------
    grid : PlanGrid
        The round's series and open periods, new products included.
    register : sequence of Assumption
        Every row.
    last_year : ndarray, shape (series, periods), optional
        Sales of the same periods a year before, to find trends claimed twice.

    Returns
    -------
    problems : list of Problem
        Values no rule can use: shares above 1, effects below -100 %, crossing ranges.
    notices : list of Notice
        Rows without effect, analogs without history, circles of cannibalisation, contradictions,
        double counting; each names the ids.
    """
    kept = [row for row in register if row.status != "rejected"]
    rows = [place_launch(grid, row) for row in sorted(kept, key=lambda row: row.id)]
    notices: list[Notice] = []
    for check in (_beyond_horizon, _nothing_in_scope, _analogs, _partners, _ranges):
        notices += check(grid, rows)
    notices += check_price_claims(grid, rows)
    notices += _cycles(rows)
    notices += _contradictions(grid, rows)
    notices += _overlaps(grid, rows, last_year)
    return check_values(rows), notices


def _overlaps(grid: PlanGrid, rows: Sequence[Assumption], last_year: np.ndarray | None) -> list[Notice]:
    """Possible double counting, the largest first; what the driver calendar holds is no fault."""
    found = find_overlaps(grid, rows, last_year)
    found = found[found["sort"] != "driver"]
    largest = found.iloc[np.argsort(-found["overlap"].abs().to_numpy(dtype=float), kind="stable")]
    told = list(dict.fromkeys(largest["sentence"]))
    return _limited([Notice("overlap", sentence, 1) for sentence in told], "overlap", "further overlaps")


def _limited(notices: list[Notice], code: str, what: str) -> list[Notice]:
    """The first twenty, and how many more there are."""
    more = len(notices) - _TOLD
    if more <= 0:
        return notices
    return [*notices[:_TOLD], Notice(code, f"{more} {what} are not listed here", more)]


def check_values(register: Iterable[Assumption]) -> list[Problem]:
    """Values that cannot be meant, whatever the round.

    Examples
    --------
    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> [str(problem) for problem in check_values([example_assumption(moved_share=1.4)])]
    ['assumptions, column moved_share: found A1: 1.4, expected a decimal from 0 to 1; write 0.4 for 40 %']
    """
    problems = []
    for row in register:
        for name in ("moved_share", "pull_forward_share"):
            share = getattr(row, name)
            if not 0.0 <= share <= 1.0:
                mend = "write 0.4 for 40 %"
                problems.append(_problem(row, name, f"{share:g}", "a decimal from 0 to 1", mend))
        if not row.depth < 1.0:
            found, expected = f"a price cut of {row.depth:g}", "a depth below 1, the whole price"
            problems.append(_problem(row, "depth", found, expected, "write 0.2 for 20 %"))
        problems += _check_points(row)
        if row.end < row.start:
            expected = "an end on or after the start"
            problems.append(_problem(row, "end", f"{row.end:%Y-%m-%d}", expected, "correct it"))
    return problems


def _check_points(row: Assumption) -> list[Problem]:
    problems = []
    points = {"low": row.low, "expected": row.expected, "high": row.high}
    given = [value for value in points.values() if value == value]
    if given != sorted(given):
        found = ", ".join(f"{name} {value:g}" for name, value in points.items() if value == value)
        problems.append(_problem(row, "low", found, "low ≤ expected ≤ high", "order the three"))
    for name, value in points.items():
        if row.unit == "percent" and value < -100.0:
            mend = "write -100 for a complete loss, or use units"
            problems.append(_problem(row, name, f"{value:g} %", "-100 or more", mend))
        if row.states_price and value <= -100.0:
            problems.append(_problem(row, name, f"a price {value:g} %", "a price above zero", "correct it"))
    if not np.isfinite(row.expected):
        problems.append(_problem(row, "expected", str(row.expected), "a number", "fill it in"))
    return problems


def _problem(row: Assumption, column: str, found: str, expected: str, mend: str) -> Problem:
    return Problem(_FILE, f"{row.id}: {found}", expected, mend, column=column)


def _beyond_horizon(grid: PlanGrid, rows: Sequence[Assumption]) -> list[Notice]:
    """Dates outside the horizon: kept, said to have no effect."""
    first, last = grid.periods[0], grid.calendar.ends(grid.periods[-1:])[0]
    ended = [row.id for row in rows if row.end < first and row.id not in grid.owed_before]
    later = [row.id for row in rows if row.start >= last]
    return [
        *_named("ended", ended, f"ended before the open periods, which begin on {first:%Y-%m-%d}: no effect"),
        *_named(
            "outside_horizon", later, f"begin after the horizon, which ends before {last:%Y-%m-%d}: no effect"
        ),
    ]


def _nothing_in_scope(grid: PlanGrid, rows: Sequence[Assumption]) -> list[Notice]:
    nothing = [row.id for row in rows if not len(scope_rows(grid, row.scope))]
    return _named("empty_scope", nothing, "no effect, as the scope matches no series of the plan")


def _analogs(grid: PlanGrid, rows: Sequence[Assumption]) -> list[Notice]:
    silent = []
    for row in rows:
        like = value_rows(grid, [row.analog], {}) if row.analog else np.array([], int)
        if row.analog and not (grid.baseline[like] > 0).any():
            silent.append(row.id)
    return _named("analog_silent", silent, "an analog without sales; the volume is split equally instead")


def _partners(grid: PlanGrid, rows: Sequence[Assumption]) -> list[Notice]:
    alone, idle, too_much = [], [], []
    for row in rows:
        names = (*row.moves_from, *row.moves_to)
        if names and not row.moved_share:
            idle.append(row.id)
        elif row.moved_share and _means_to_move(row, names) and not _has_partner(grid, row, names):
            alone.append(row.id)
        if row.moved_share + row.pull_forward_share > 1.0:
            too_much.append(row.id)
    return [
        *_named("moves_idle", idle, "nothing is moved, as there is no moved_share beside the partner named"),
        *_named("moves_alone", alone, "nothing is moved, as no partner lies outside the row's own scope"),
        *_named(
            "moves_over_one",
            too_much,
            "more is moved and borrowed than the row brings; the rest comes off the baseline",
        ),
    ]


def _means_to_move(row: Assumption, names: Sequence[str]) -> bool:
    """A shift of buying behaviour that names nobody changes frequency or basket, and moves nothing."""
    return bool(names) or row.kind != "consumer_shift"


def _has_partner(grid: PlanGrid, row: Assumption, names: Sequence[str]) -> bool:
    if row.kind == "consumer_shift" and row.moves_from and row.moves_to:
        return bool(
            len(value_rows(grid, row.moves_from, row.scope))
            and len(value_rows(grid, row.moves_to, row.scope))
        )
    return bool(names and len(np.setdiff1d(value_rows(grid, names, row.scope), scope_rows(grid, row.scope))))


def _ranges(grid: PlanGrid, rows: Sequence[Assumption]) -> list[Notice]:
    # A budget whose response history tells is drawn with it, though its money is certain.
    told = [row.id for row in rows if grid.spending and row.kind == "budget" and grid.spending.can_tell(row)]
    open_ended = [row for row in rows if not (row.low == row.low and row.high == row.high)]
    open_ended = [row for row in open_ended if row.id not in told]
    certain = [row.id for row in open_ended if row.kind != "new_product"]
    launches = [row.id for row in open_ended if row.kind == "new_product"]
    return [
        *_named("no_range", certain, "no low and high given, so taken as certain in the odds"),
        *_named(
            "launch_range", launches, "launches without a range, drawn with the error usual for their type"
        ),
    ]


def find_cycles(edges: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Circles in a graph of who takes from whom, each once, starting at its smallest name.

    Examples
    --------
    >>> find_cycles({"A": ["B"], "B": ["C"], "C": ["A", "B"]})
    [('A', 'B', 'C'), ('B', 'C')]
    """
    found: set[tuple[str, ...]] = set()

    def walk(path: tuple[str, ...]) -> None:
        for following in sorted(set(edges.get(path[-1], ()))):
            if following == path[0]:
                found.add(path)
            elif following > path[0] and following not in path and len(path) < _LONGEST:
                walk((*path, following))

    for name in sorted(edges):
        walk((name,))
    return sorted(found)


_LONGEST = 6
"""Longest circle looked for: beyond it nobody could say who takes from whom."""


def _cycles(rows: Sequence[Assumption]) -> list[Notice]:
    edges: dict[str, set[str]] = {}
    for row in rows:
        if row.moved_share and row.expected > 0:
            for name in row.scope.values():
                edges.setdefault(name, set()).update(set(row.moves_from) - {name})
    notices = []
    for circle in find_cycles(edges):
        way = " takes from ".join([*circle, circle[0]])
        text = (
            f"a circle of cannibalisation: {way}; every move is a share of the row's own effect, so it ends"
        )
        notices.append(Notice("cannibalisation_circle", text, len(circle)))
    return notices


def _contradictions(grid: PlanGrid, rows: Sequence[Assumption]) -> list[Notice]:
    """Accepted rows of the same kind whose ranges for the same sales and days have nothing in common."""
    accepted = [row for row in rows if row.status == "accepted"]
    notices = []
    for first, second in combinations(accepted, 2):
        alike = first.kind == second.kind and first.unit == second.unit
        if alike and _apart(first, second) and _meet(grid, first, second):
            text = (
                f"{first.id} ({Said(first.expected):+g}) and {second.id} ({Said(second.expected):+g}) are "
                "both accepted for the same sales at the same time and contradict each other; both count"
            )
            notices.append(Notice("contradiction", text, 2))
    return _limited(notices, "contradiction", "further contradictions")


def _apart(first: Assumption, second: Assumption) -> bool:
    opposite = first.expected * second.expected < 0
    ends = [(np.fmin(row.low, row.expected), np.fmax(row.high, row.expected)) for row in (first, second)]
    return bool(opposite and (ends[0][1] < ends[1][0] or ends[1][1] < ends[0][0]))


def _meet(grid: PlanGrid, first: Assumption, second: Assumption) -> bool:
    if first.end < second.start or second.end < first.start:
        return False
    common = np.intersect1d(scope_rows(grid, first.scope), scope_rows(grid, second.scope))
    weights = [
        period_weights(grid.calendar, grid.periods, row.start, row.end, "step") for row in (first, second)
    ]
    return bool(len(common) and (np.minimum(*weights) > 0).any())


def _named(code: str, ids: Sequence[str], text: str) -> list[Notice]:
    """One notice for all rows it holds for, their ids after it."""
    if not ids:
        return []
    listed = ", ".join(ids[:8]) + (f" and {len(ids) - 8} more" if len(ids) > 8 else "")
    return [Notice(code, f"{text} ({listed})", len(ids))]
