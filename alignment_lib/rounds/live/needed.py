"""What a target would take of the claims of one function, or of everybody's: together, and each alone."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.planning.odds.target_solving import Solution, solve_by_combination, solve_by_one
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.live.scenario_work import ScenarioWork

__all__ = ["find_needed"]

_COLUMNS = (
    *("way", "assumption", "title", "function", "unit", "value", "low", "high"),
    *("needed", "is_inside", "is_reached", "plan", "probability", "sentence"),
)


def find_needed(
    scenario: ScenarioWork,
    target: float,
    probability: float | None,
    function: str | None,
    scope: Mapping[str, str],
    owner: str | None = None,
) -> pd.DataFrame:
    """What the counted claims would have to come to, everything else as it is in the scenario.

    Parameters
    ----------
    scenario : ScenarioWork
        What one starts from.
    target : float
        In the plan's measure.
    probability : float or None
        That it is made; None asks that the plan itself equal it.
    function : str or None
        Whose claims may move; everybody's where None.
    scope : Mapping of str to str
        Of which sales; see `LiveRound.goal`.
    owner : str or None
        The role whose claims may move; every role's where None.

    Returns
    -------
    DataFrame
        ``way`` (together or alone), ``assumption, title, function, unit, value`` (as it is), ``low, high``,
        ``needed`` (what it would have to be), ``is_inside`` (its own range), ``is_reached``, ``plan,
        probability`` (with it) and ``sentence``. Claims that end before the open periods have no row.
    """
    first = scenario.layout.grid.periods[0]
    functions = sorted({row.function for row in scenario.register})
    side = None if function is None else check_word(function, functions, "function")
    role = (
        None
        if owner is None
        else check_word(owner, sorted({row.owner for row in scenario.register}), "owner")
    )
    open_rows = [
        row
        for row in scenario.rows
        if row.end >= first and side in (None, row.function) and role in (None, row.owner)
    ]
    goal = scenario.work.live.goal(target, probability, scope=scope)
    free = [row.id for row in open_rows]
    together = solve_by_combination(scenario.layout, scenario.rows, goal, free)
    lines = [_line("together", row, together) for row in open_rows if row.low < row.high]
    for row in open_rows:
        lines.append(_line("alone", row, solve_by_one(scenario.layout, scenario.rows, row.id, goal)))
    return pd.DataFrame(lines, columns=list(_COLUMNS))


def _line(way: str, row: Assumption, found: Solution) -> dict[str, object]:
    needed = found.values.get(row.id, row.expected)
    return {
        "way": way,
        "assumption": row.id,
        "title": row.title,
        "function": row.function,
        "unit": row.unit,
        "value": row.expected,
        "low": row.low,
        "high": row.high,
        "needed": needed,
        "is_inside": bool(row.low - 1e-9 <= needed <= row.high + 1e-9),
        "is_reached": found.is_reached,
        "plan": found.plan,
        "probability": found.probability,
        "sentence": found.sentence,
    }
