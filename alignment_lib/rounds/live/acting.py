"""An action of a scenario dropped, or moved with its cells of the driver calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from alignment_lib.inputs.periods.written_days import read_day
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.planning.register.action_scope import as_members, say_members
from alignment_lib.planning.register.actions import ActionRefused, Move
from alignment_lib.planning.register.layout import lay_out_register
from alignment_lib.rounds.live.changing import ChangeRefused
from alignment_lib.rounds.live.choices import Choices, drop, move
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.live.scenario_work import ScenarioWork

__all__ = ["drop_action", "drop_from", "move_in", "move_whole", "say_shared"]


def drop_from(live: LiveRound, choices: Choices, name: str) -> Choices:
    """The choices without an action: claim and cells of the calendar both go.

    Raises
    ------
    ActionRefused
        It is over: nothing of it is planned.
    """
    row = next(row for row in live.register if row.id == name)
    if row.end < live.ready.horizon.grid.periods[0]:
        raise ActionRefused(f"{name} ended on {row.end:%Y-%m-%d}: what is over cannot be dropped.")
    return drop(choices, name)


def move_in(live: LiveRound, choices: Choices, to: Move) -> Choices:
    """The choices with an action moved or scaled; a value or range set before goes along with it."""
    name = to.assumption
    changed = move(choices, to)
    if name not in {*choices.values, *choices.ranges}:
        return changed
    row = next(row for row in live.every_row(choices) if row.id == name)
    own = next(row for row in live.register if row.id == name)
    before = next((one for one in choices.moves if one.assumption == name), Move(name))
    further = Move(name, to.at(own).start, to.scale / before.scale, to.scope)
    there = live.moved(row, replace(choices, moves=(further,)))
    ranges = {**choices.ranges, **({name: (there.low, there.high)} if name in choices.ranges else {})}
    return replace(changed, values={**changed.values, name: there.expected}, ranges=ranges)


def say_shared(live: LiveRound, choices: Choices, name: str) -> str:
    """Which claims that count keep cells of the calendar that the action had too; blank where none does."""
    others = live.keepers(replace(choices, dropped=frozenset({name}), moves=()))
    return f"Cells of the driver calendar that {name} shares with {', '.join(others)} stay." if others else ""


def drop_action(scenario: ScenarioWork, name: str) -> ScenarioWork:
    """The scenario without an action: claim and cells of the calendar both go.

    Raises
    ------
    UnknownWord
        No assumption bears the id; the nearest is named.
    ActionRefused
        The claim is nobody's action, or is over.
    """
    name = check_word(name, [row.id for row in scenario.register], "assumption")
    changed = drop_from(scenario.work.live, scenario.choices, name)
    return _under(scenario, changed, name, f"{name} dropped")


def move_whole(
    scenario: ScenarioWork,
    name: str,
    start: str | None,
    scale: float | None,
    scope: Mapping[str, str] | None = None,
) -> ScenarioWork:
    """The scenario with an action elsewhere: dates, strength or scope of claim, depth and calendar together.

    Raises
    ------
    UnknownWord
        No assumption bears the id; the nearest is named.
    ChangeRefused
        Nothing is moved.
    ActionRefused
        The action has no place to go.
    """
    name = check_word(name, [row.id for row in scenario.register], "assumption")
    if start is None and scale is None and not scope:
        raise ChangeRefused(f"nothing is moved about {name}; give a start, a scale or a scope")
    if name in scenario.moved:
        raise ChangeRefused(
            f"the claim of {name} was changed before; move the action first, then change the claim"
        )
    before = next((one for one in scenario.choices.moves if one.assumption == name), Move(name))
    day = before.start if start is None else read_day(str(start), "the start")
    members = as_members({**dict(before.scope), **(scope or {})})
    to = Move(name, day, before.scale if scale is None else float(scale), members)
    told = (f"from {start}" if start else "", f"× {scale:g}" if scale else "")
    words = " ".join(filter(None, (*told, f"in {say_members(as_members(scope))}" if scope else "")))
    return _under(scenario, move_in(scenario.work.live, scenario.choices, to), name, f"{name} {words}")


def _under(scenario: ScenarioWork, choices: Choices, name: str, words: str) -> ScenarioWork:
    shared = say_shared(scenario.work.live, choices, name)
    changed = replace(
        scenario,
        name=f"{scenario.name} · {words}",
        choices=choices,
        notes=tuple(dict.fromkeys([*scenario.notes, *([shared] if shared else [])])),
    )
    grid = scenario.work.live.layout_of(choices).grid
    own = {
        name: scenario.layout.grid.launch_shares[name]
        for name in scenario.moved
        if name in grid.launch_shares
    }
    grid = replace(grid, launch_shares={**grid.launch_shares, **own})
    return replace(changed, layout=lay_out_register(grid, changed.register))
