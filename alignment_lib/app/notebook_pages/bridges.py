"""Notebook 4: the bridge at any level, and in money with the price apart from the volume."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from alignment_lib.answers.markup import Html
from alignment_lib.answers.plan.money_bridge import money_table
from alignment_lib.answers.plan.part_bridge import SPAN, part_table, pick_level
from alignment_lib.answers.tables import render_table
from alignment_lib.answers.wording import humanise, say_value
from alignment_lib.app.explorer.answers import name_of
from alignment_lib.app.explorer.widget import Explorer
from alignment_lib.app.notebook_pages.frame import show, unit_of
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.plan.comparison import bridge_by_parts
from alignment_lib.rounds.live.live_round import LiveRound

__all__ = ["UnknownLevel", "show_bridge", "show_money"]


class UnknownLevel(AlignmentError):
    """The bridge was asked for by something that is no dimension."""


def show_bridge(explorer: Explorer, by: str = SPAN, scenario: str = "consensus") -> Html:
    """From baseline to plan, one column a part.

    Parameters
    ----------
    explorer : Explorer
        Of the round; scenarios saved since it was opened are known too.
    by : str
        A dimension, such as ``channel`` or ``sale_type``, or ``span`` for quarter by quarter.
    scenario : str
        One of the three plans or a saved scenario.

    Raises
    ------
    UnknownLevel
        Where `by` is neither.
    """
    live = explorer.session.live
    ready = live.ready
    if by != SPAN and by not in ready.dimensions:
        known = ", ".join([SPAN, *ready.dimensions])
        raise UnknownLevel(f"the bridge cannot be shown by {by!r}; there are: {known}")
    bridge, note = (
        _bridge(explorer, scenario),
        "Periods still open; what has been sold already has no bridge.",
    )
    if by == SPAN:
        rows = pick_level(bridge, ready.dimensions)
        rows, words = rows[rows["span"] == "quarter"], "by quarter, all sales"
    else:
        rows = pick_level(bridge, ready.dimensions, by, ready.round.name)
        words = f"by {humanise(by).lower()}, {ready.round.name}"
        if rows["assumption"].str.startswith("driver:").any():
            note += (
                " A driver holds, in each part, also what promotions and prices of other products take from "
                "it: a loss beside a promotion is a rival's gain."
            )
    caption = f"{name_of(scenario)} {words}"
    return show(render_table(part_table(rows, by, _contributor_names(live), unit_of(ready), caption, note)))


def show_money(explorer: Explorer, scenario: str = "consensus") -> Html:
    """The bridge of the round in money: what volume does, and what the price does, side by side."""
    live = explorer.session.live
    ready = live.ready
    if ready.history.measure == "revenue":
        return show(
            "The plan itself is in money: a claim's volume and price stand in one effect, as its sales do."
        )
    rows = pick_level(_bridge(explorer, scenario), ready.dimensions, label=ready.round.name)
    currency = ready.workspace.settings.business.currency
    caption = f"{name_of(scenario)} in {currency}, {ready.round.name}"
    table = money_table(rows, _contributor_names(live), currency, caption)
    if table is None:
        return show("No price is known, so the plan cannot be told in money.")
    return show(render_table(table))


def _bridge(explorer: Explorer, scenario: str) -> pd.DataFrame:
    live, saved = explorer.session.live, explorer.session.read_scenarios()
    plan = live.evaluate(live.start_from(scenario, saved), scenario).plan
    return bridge_by_parts(plan, live.ready.horizon, live.ready.round.cycle)


def _contributor_names(live: LiveRound) -> Callable[[str], str]:
    """Names of contributors in words: an assumption by id and title, a driver as its calendar."""
    names = {row.id: f"{row.id} {row.title}" for row in live.register}

    def say(name: str) -> str:
        if name.startswith("driver:"):
            return f"Driver calendar: {say_value(name.removeprefix('driver:')).lower()}"
        return names.get(name, name)

    return say
