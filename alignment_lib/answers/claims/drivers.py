"""What prices, promotions and the market add to the plan, and what they did in the past."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import ask
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, say_value, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["drivers"]

_PREFIX = "driver:"


def drivers(
    view: RoundView,
    *,
    span: str | None = None,
    part: Mapping[str, str] | None = None,
    scenario: str | None = None,
) -> Answer:
    """What the planned calendar adds to the baseline, driver by driver, with its past events.

    Parameters
    ----------
    view : RoundView
        The round.
    span, part, scenario
        As `ask` takes them.

    Returns
    -------
    Answer
        Its frame holds ``driver, effect, effects_measured, events, percent``: what the calendar adds, how
        many effects were measured, from how many past events, and by what share sales then change at the
        usual strength (the median over scopes).
    """
    question = ask(view, span=span, part=part, scenario=scenario)
    title = f"What the driver calendar adds, {question.words}"
    rows = question.rows("bridge")
    rows = rows[rows["assumption"].str.startswith(_PREFIX)] if len(rows) else rows
    if rows.empty:
        return nothing_yet("drivers", title, "Add a table of drivers (price, promotion, market) to see this.")
    sums = rows.groupby("assumption", sort=False)["effect"].sum().reset_index()
    sums.insert(0, "driver", sums.pop("assumption").str.removeprefix(_PREFIX))
    frame = sums.merge(_past(view.table("driver_effects")), on="driver", how="left")
    frame = frame.sort_values("effect", key=abs, ascending=False, ignore_index=True)
    total, scale = float(frame["effect"].sum()), choose_scale(frame["effect"], view.unit)
    columns = [Column("said", "driver"), Column("effect", "adds to the plan", "amount", signed=True)]
    if frame["events"].notna().any():
        columns += [
            Column("events", "past events", "number"),
            Column("percent", "sales then change by", "share", "at usual strength", signed=True),
        ]
    shown = Table(
        title,
        columns,
        frame.assign(said=frame["driver"].map(say_value)),
        scale,
        {"said": "together", "effect": total},
    )
    does = "add" if total >= 0 else "take"
    sentence = f"{write_count(len(frame), 'driver')} together {does} {scale.say(abs(total))}."
    return Answer("drivers", title, sentence, frame, shown=shown)


def _past(effects: pd.DataFrame) -> pd.DataFrame:
    """Measured effects of each driver: how many, from how many events, and the middle one."""
    columns = ["driver", "effects_measured", "events", "percent"]
    if effects.empty:
        return pd.DataFrame(columns=columns)
    kept = effects[effects["effect"].isin(["uplift", "elasticity", "market"])]
    grouped = kept.groupby("driver").agg(
        effects_measured=("estimate", "size"), events=("events", "sum"), percent=("percent", "median")
    )
    return grouped.reset_index()[columns]
