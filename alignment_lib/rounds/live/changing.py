"""One change to a scenario: a claim at other dates, another value or another depth, or switched on or off."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pandas as pd

from alignment_lib.inputs.periods.written_days import read_day
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.plan.grid import PlanGrid, say_unsold
from alignment_lib.planning.register.actions import moved_end, scaled_row
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.launch_paths import launch_shares
from alignment_lib.planning.register.register_checks import check_values
from alignment_lib.planning.register.scenarios import at_value
from alignment_lib.rounds.live.choices import Choices, switch
from alignment_lib.rounds.live.scenario_work import ScenarioWork

__all__ = ["Change", "ChangeRefused", "apply_change"]

_DAY = pd.Timedelta(days=1)


class ChangeRefused(AlignmentError):
    """A change that cannot be meant; the message says why and what could be."""

    exit_code = 2


@dataclass(frozen=True)
class Change:
    """What is to be different about one assumption; None leaves it as it is.

    Attributes
    ----------
    start, end : str, optional
        Days as ``2026-03-02``; a start alone moves the claim with its length.
    scale : float, optional
        Times which the whole claim is made: value, range and, of a promotion, its depth.
    value, low, high : float, optional
        In the row's own unit.
    depth : float, optional
        Price cut of a promotion, as a decimal.
    on : bool, optional
        Whether it counts; a claim that is changed counts unless this says no.
    """

    start: str | None = None
    end: str | None = None
    scale: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    depth: float | None = None
    on: bool | None = None

    @property
    def words(self) -> str:
        """The change as part of a scenario's name."""
        said = [
            f"from {self.start}" if self.start else "",
            f"to {self.end}" if self.end else "",
            f"× {self.scale:g}" if self.scale is not None else "",
            f"at {self.value:g}" if self.value is not None else "",
            "other range" if self.low is not None or self.high is not None else "",
            f"depth {self.depth:g}" if self.depth is not None else "",
            {True: "on", False: "off", None: ""}[self.on],
        ]
        return " ".join(word for word in said if word)


def apply_change(scenario: ScenarioWork, name: str, change: Change) -> ScenarioWork:
    """The scenario with one of its assumptions changed.

    Raises
    ------
    UnknownWord
        No assumption bears the id; the nearest is named.
    ChangeRefused
        The change cannot be meant.
    """
    known = {row.id: row for row in scenario.register}
    name = check_word(name, known, "assumption")
    row = known[name]
    if change == Change():
        raise ChangeRefused(
            f"nothing is changed about {name}; give a start, end, scale, value, low, high, depth or on"
        )
    placed = _place(scenario, _scale(row, change), change)
    valued = _value(placed, change)
    problems = check_values([valued])
    if problems:
        raise ChangeRefused(f"{name} cannot be so: {problems[0].found}, expected {problems[0].expected}")
    spending = scenario.work.ready.horizon.grid.spending
    if spending is not None:
        spending.check(valued)
    counts = change.on if change.on is not None else True
    choices = switch(_chosen(scenario.choices, valued), name, on=counts)
    notes = [*scenario.notes, *_say(scenario, row, valued, counts)]
    changed = replace(
        scenario,
        name=f"{scenario.name} · {name} {change.words}",
        choices=choices,
        notes=tuple(dict.fromkeys(notes)),
    )
    moved = (row.start, row.end, row.fields) != (valued.start, valued.end, valued.fields)
    return _lay_out(changed, valued) if moved else changed


def _scale(row: Assumption, change: Change) -> Assumption:
    """The row so many times as large, by the one meaning a scale has."""
    if change.scale is None:
        return row
    if change.value is not None:
        raise ChangeRefused(f"{row.id}: give a scale or a value, not both")
    if not 0.0 <= change.scale < math.inf:
        raise ChangeRefused(f"{row.id}: a scale is a number from 0 on; give a value to turn the sign")
    return scaled_row(row, change.scale)


def _place(scenario: ScenarioWork, row: Assumption, change: Change) -> Assumption:
    """The row at its new dates and depth."""
    start = _day(change.start, "start") or row.start
    end = _day(change.end, "end") or moved_end(row, start)
    if end < start:
        raise ChangeRefused(f"{row.id} would end on {end:%Y-%m-%d}, before it starts on {start:%Y-%m-%d}")
    fields = dict(row.fields)
    if change.depth is not None:
        if row.kind != "promotion":
            raise ChangeRefused(f"{row.id} is no promotion: only a promotion has a depth")
        if not 0.0 <= change.depth < 1.0:
            raise ChangeRefused(f"the depth of {row.id} is a share from 0 to 1, such as 0.15 for 15 % off")
        fields["depth"] = change.depth
    placed = replace(row, start=start, end=end, fields=fields)
    if (start, end) != (row.start, row.end):
        _check_dates(scenario, row, placed)
    return placed


def _day(text: str | None, name: str) -> pd.Timestamp | None:
    if text is None or text == "":
        return None
    return read_day(f"{text:%Y-%m-%d}" if hasattr(text, "strftime") else str(text), f"the {name}")


def _check_dates(scenario: ScenarioWork, row: Assumption, placed: Assumption) -> None:
    grid = scenario.layout.grid
    first, last = grid.periods[0], grid.calendar.ends(grid.periods[-1:])[0] - _DAY
    if placed.end < first:
        raise ChangeRefused(
            f"{row.id} would be over on {placed.end:%Y-%m-%d}, before the first day that is planned, "
            f"{first:%Y-%m-%d}: what has been sold does not change"
        )
    if placed.start > last:
        raise ChangeRefused(
            f"{row.id} would begin on {placed.start:%Y-%m-%d}, after the last day that is planned, "
            f"{last:%Y-%m-%d}"
        )
    if placed.start < first and placed.start < row.start:
        raise ChangeRefused(
            f"{row.id} cannot begin on {placed.start:%Y-%m-%d}: planning begins on {first:%Y-%m-%d}, "
            "and what has been sold does not change"
        )
    unsold = say_unsold(grid, scenario.register, placed)
    if unsold:
        raise ChangeRefused(unsold)


def _value(row: Assumption, change: Change) -> Assumption:
    """The row at its new value and range."""
    given = [number for number in (change.value, change.low, change.high) if number is not None]
    if not all(math.isfinite(number) for number in given):
        raise ChangeRefused(f"{row.id}: a value is not a number")
    ends = tuple(math.nan if end is None else float(end) for end in (change.low, change.high))
    if not given:
        return row
    value = row.expected if change.value is None else float(change.value)
    low, high = ends
    if (math.isfinite(low) and low > value) or (math.isfinite(high) and high < value):
        raise ChangeRefused(
            f"{row.id}: low, value and high must rise; given are "
            f"{', '.join(f'{number:g}' for number in (low, value, high) if math.isfinite(number))}"
        )
    return at_value(row, value, (low, high))


def _chosen(choices: Choices, row: Assumption) -> Choices:
    """The choices with the row's value and range written down."""
    values = {**choices.values, row.id: row.expected}
    ranges = {**choices.ranges, row.id: (row.low, row.high)}
    if math.isnan(row.low) and math.isnan(row.high):
        del ranges[row.id]
    return replace(choices, values=values, ranges=ranges)


def _lay_out(scenario: ScenarioWork, row: Assumption) -> ScenarioWork:
    """The scenario with the row laid out anew; a launch takes a path it does not state to the new dates."""
    layout, ready = scenario.layout, scenario.work.ready
    grid: PlanGrid | None = None
    if row.id in layout.grid.launch_shares:
        shares = launch_shares([row], ready.history, layout.grid.periods)
        grid = replace(layout.grid, launch_shares={**layout.grid.launch_shares, **shares})
    original = next(known for known in ready.register if known.id == row.id)
    laid = replace(original, start=row.start, end=row.end, fields=row.fields)
    return replace(scenario, layout=layout.with_row(laid, grid), moved={**scenario.moved, row.id: laid})


def _say(scenario: ScenarioWork, before: Assumption, after: Assumption, counts: bool) -> list[str]:
    """What whoever made the change must know."""
    said = []
    if counts and before.id not in scenario.choices.on:
        said.append(f"{before.id} is {before.status} and did not count before; it counts here.")
    if (before.start, before.end) != (after.start, after.end) and counts:
        stays = _left_in_calendar(scenario, before, after)
        said += [
            f"The driver calendar still holds {name} where {before.id} was before, worth {Said(units):+,.0f} "
            f"{scenario.layout.grid.measure}: the claim has moved, the calendar has not."
            for name, units in stays.items()
        ]
    return said


def _left_in_calendar(scenario: ScenarioWork, before: Assumption, after: Assumption) -> dict[str, float]:
    """What the calendar's promotions do in cells that the claim covered and covers no more."""
    grid = scenario.layout.grid
    found: dict[str, float] = {}
    for claim in scenario.layout.claims.get(before.id, ()):
        ends = grid.calendar.ends(grid.periods)
        left = (claim.cover > 0) & ~((grid.periods <= after.end) & (ends > after.start))
        for name in claim.covers:
            if grid.driver_kinds.get(name) != "promotion" or name not in grid.driver_effects:
                continue
            amount = float(grid.driver_effects[name][claim.series][:, left].sum())
            if abs(amount) >= 0.5:
                found[name] = found.get(name, 0.0) + amount
    return found
