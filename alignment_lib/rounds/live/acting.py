"""An action of a scenario dropped, or moved with its cells of the driver calendar."""

from __future__ import annotations

from dataclasses import replace

from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.planning.register.actions import Move
from alignment_lib.planning.register.layout import lay_out_register
from alignment_lib.rounds.live.changing import ChangeRefused
from alignment_lib.rounds.live.choices import Choices, drop, move
from alignment_lib.rounds.live.scenario_work import ScenarioWork
from alignment_lib.rounds.preparing.asked_round import read_day

__all__ = ["drop_action", "move_whole"]


def drop_action(scenario: ScenarioWork, name: str) -> ScenarioWork:
    """The scenario without an action: claim and cells of the calendar both go.

    Raises
    ------
    UnknownWord
        No assumption bears the id; the nearest is named.
    ActionRefused
        The claim is nobody's action.
    """
    name = check_word(name, [row.id for row in scenario.register], "assumption")
    keepers = scenario.work.live.keepers(drop(scenario.choices, name))
    notes = [
        f"Cells of the driver calendar that {name} shares with {', '.join(sorted(keepers))} stay."
        for _ in keepers[:1]
    ]
    return _under(scenario, drop(scenario.choices, name), f"{name} dropped", notes)


def move_whole(scenario: ScenarioWork, name: str, start: str | None, scale: float | None) -> ScenarioWork:
    """The scenario with an action at other dates or strength: claim, depth and calendar together.

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
    if start is None and scale is None:
        raise ChangeRefused(f"nothing is moved about {name}; give a start, a scale or both")
    if name in scenario.moved:
        raise ChangeRefused(
            f"the claim of {name} was changed before; move the action first, then change the claim"
        )
    day = None if start is None else read_day(str(start), "the start")
    to = Move(name, day, 1.0 if scale is None else float(scale))
    words = " ".join(
        word for word in (f"from {start}" if start else "", f"× {scale:g}" if scale else "") if word
    )
    return _under(scenario, move(scenario.choices, to), f"{name} {words}", [])


def _under(scenario: ScenarioWork, choices: Choices, words: str, notes: list[str]) -> ScenarioWork:
    changed = replace(
        scenario,
        name=f"{scenario.name} · {words}",
        choices=choices,
        notes=tuple(dict.fromkeys([*scenario.notes, *notes])),
    )
    grid = scenario.work.live.layout_of(choices).grid
    own = {
        name: scenario.layout.grid.launch_shares[name]
        for name in scenario.moved
        if name in grid.launch_shares
    }
    grid = replace(grid, launch_shares={**grid.launch_shares, **own})
    return replace(changed, layout=lay_out_register(grid, changed.register))
