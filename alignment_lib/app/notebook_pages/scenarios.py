"""Notebook 4: the scenario explorer, and the scenarios side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from alignment_lib.app.explorer.pictures import Pictures
from alignment_lib.app.explorer.recompute import LiveRound
from alignment_lib.app.explorer.widget import Explorer
from alignment_lib.app.notebook_pages.frame import plain_table, show, unit_of
from alignment_lib.app.prepared_round import PreparedRound
from alignment_lib.planning.assumptions import PLANS
from alignment_lib.publishing.markup import Html
from alignment_lib.publishing.tables import Column
from alignment_lib.publishing.wording import humanise

__all__ = ["explore", "show_comparison"]


def explore(ready: PreparedRound, *, edit: bool = True, start: str = "consensus") -> Explorer:
    """The scenario explorer: a slider for every assumption, charts that follow, scenarios by name."""
    return Explorer(ready, can_edit=edit, start=start)


def show_comparison(ready: PreparedRound, scenarios: Sequence[str] = ()) -> Html:
    """The three plans and every named scenario of the workspace on one scale, then in figures."""
    live = LiveRound(ready)
    names = list(scenarios) or [*PLANS, *sorted(ready.scenarios)]
    rows = []
    for name in names:
        figures = live.evaluate(live.start_from(name), name)
        odds = live.simulate(figures).round
        rows.append(
            {
                "label": humanise(name) if name in PLANS else name,
                "plan": figures.total,
                "gap": figures.total - live.target,
                "p10": odds["p10"],
                "p90": odds["p90"],
                "probability": odds.get("probability", float("nan")),
                "revenue": figures.revenue,
                "counted": len(figures.rows),
            }
        )
    frame = pd.DataFrame(rows)
    unit, currency = unit_of(ready), ready.workspace.settings.business.currency
    columns = [
        Column("label", "scenario"),
        Column("plan", "plan", "number", unit),
        Column("gap", "plan less target", "number", unit, signed=True),
        Column("p10", "P10", "number", unit),
        Column("p90", "P90", "number", unit),
        Column("probability", "odds of the target", "odds"),
        Column("revenue", "revenue", "number", currency),
        Column("counted", "assumptions", "number", "counted"),
    ]
    known = [
        column for column in columns if column.key in ("label", "counted") or frame[column.key].notna().any()
    ]
    return show(Pictures(live).compare(frame), plain_table(frame, f"Scenarios, {ready.round.name}", known))
