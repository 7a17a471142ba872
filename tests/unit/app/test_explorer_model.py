"""The explorer's state: switches, values, the way back and forth, and what is saved of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.rounds.live.choices import Choices, Timeline, as_scenario, set_value, switch

START = Choices("consensus", frozenset({"A1"}))
IDS = st.sampled_from(["A1", "A2", "A3"])
ACTIONS = st.lists(st.tuples(IDS, st.one_of(st.booleans(), st.floats(-50, 50))), max_size=12)


def act(choices: Choices, name: str, change: bool | float) -> Choices:
    return switch(choices, name, on=change) if isinstance(change, bool) else set_value(choices, name, change)


@given(ACTIONS)
def test_undoing_every_step_returns_to_the_start_and_redoing_to_the_end(actions):
    line = Timeline(START)
    for name, change in actions:
        line = line.step(act(line.present, name, change))
    end, steps = line.present, len(line.past)
    for _ in range(steps):
        line = line.undo()
    assert line.present == START
    for _ in range(steps):
        line = line.redo()
    assert line.present == end


def test_one_drag_is_one_step_back():
    line = Timeline(START)
    for value in (11.0, 12.0, 13.0):
        line = line.step(set_value(line.present, "A1", value), "value A1")
    assert line.present.values == {"A1": 13.0}
    assert line.undo().present == START


def test_a_second_drag_of_the_same_slider_is_a_step_of_its_own():
    line = Timeline(START).step(set_value(START, "A1", 11.0), "value A1").settle()
    line = line.step(set_value(line.present, "A1", 12.0), "value A1")
    assert line.undo().present.values == {"A1": 11.0}


def test_a_new_step_forgets_what_was_undone():
    line = Timeline(START).step(switch(START, "A2", on=True)).undo()
    line = line.step(switch(line.present, "A3", on=True))
    assert line.redo().present == line.present


def test_a_step_that_changes_nothing_is_no_step():
    assert Timeline(START).step(START).past == ()


def test_undo_and_redo_at_the_ends_stay_where_they_are():
    assert Timeline(START).undo().present == START
    assert Timeline(START).redo().present == START


def test_a_value_survives_its_row_being_switched_off_and_on():
    choices = switch(switch(set_value(START, "A1", 7.0), "A1", on=False), "A1", on=True)
    assert choices == set_value(START, "A1", 7.0)


def test_at_most_two_hundred_steps_are_remembered():
    line = Timeline(START)
    for value in range(300):
        line = line.step(set_value(line.present, "A1", float(value)))
    assert len(line.past) == 200


def test_a_scenario_names_only_what_differs_from_its_base():
    choices = Choices("consensus", frozenset({"A2", "A3"}), {"A2": 5.0, "A3": 1.0})
    scenario = as_scenario(
        "bold",
        "why",
        choices,
        Choices("consensus", frozenset({"A1", "A3"})),
        {"A1": 9.0, "A2": 4.0, "A3": 1.0},
    )
    assert (scenario.on, scenario.off, scenario.values) == (("A2",), ("A1",), {"A2": 5.0})
    assert (scenario.name, scenario.reason, scenario.based_on) == ("bold", "why", "consensus")
