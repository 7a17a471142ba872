"""Notebook 3: every written assumption, what history supports, and what moves the plan most."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from alignment_lib.app.explorer.model import Choices, set_value
from alignment_lib.app.explorer.recompute import LiveRound
from alignment_lib.app.notebook_pages.frame import plain_table, remark, show, unit_of
from alignment_lib.app.prepared_round import PreparedRound
from alignment_lib.planning.assumptions import Assumption
from alignment_lib.planning.coverage import factor_coverage
from alignment_lib.publishing.charts.tornado import draw_tornado
from alignment_lib.publishing.markup import Html
from alignment_lib.publishing.tables import Column
from alignment_lib.publishing.wording import humanise

__all__ = ["show_coverage", "show_evidence", "show_overlaps", "show_register", "show_swings"]


def _open_rows(ready: PreparedRound) -> list[Assumption]:
    return [row for row in ready.register if row.end >= ready.round.first_open]


def show_register(ready: PreparedRound) -> Html:
    """Assumptions whose dates reach into the horizon, with who owns them and where they stand."""
    rows = [
        {
            "id": row.id,
            "title": row.title,
            "kind": humanise(row.kind),
            "owner": f"{row.owner} ({row.function})",
            "start": row.start,
            "end": row.end,
            "expected": row.expected,
            "unit": "%" if row.unit == "percent" else row.unit,
            "status": row.status,
        }
        for row in _open_rows(ready)
    ]
    if not rows:
        return show("The register holds no assumption for this horizon. Add rows to the assumptions table.")
    columns = [
        Column("title", "assumption", below="id"),
        Column("kind", "kind"),
        Column("owner", "owner"),
        Column("start", "from", "date"),
        Column("end", "to", "date"),
        Column("expected", "expected", "number", signed=True),
        Column("unit", "unit"),
        Column("status", "status", "mark"),
    ]
    left = len(ready.register) - len(rows)
    note = f"{left} more have ended before the horizon." if left else ""
    return show(plain_table(pd.DataFrame(rows), "Assumptions of this horizon", columns, note))


def show_evidence(ready: PreparedRound) -> Html:
    """Each claim beside what history supports, with its verdict in a word and in a sentence."""
    frame = _evidence(ready, _open_rows(ready))
    if frame.empty:
        return show("There is no assumption to set beside the history.")
    columns = [
        Column("name", "assumption"),
        Column("claim", "claim", "number", "in its unit", 1, signed=True),
        Column("supported", "history supports", "number", "in its unit", 1, signed=True),
        Column("standard_error", "standard error", "number", "", 1),
        Column("events", "past events", "number"),
        Column("verdict", "verdict", "mark"),
        Column("sentence", "in words"),
    ]
    return show(plain_table(frame, "Claims and evidence", columns))


def show_overlaps(ready: PreparedRound) -> Html:
    """Claims that restate what the driver calendar or another row already holds."""
    frame = _evidence(ready, _open_rows(ready))
    frame = frame[frame["already_in_plan"].astype(bool)] if len(frame) else frame
    if frame.empty:
        return show("No claim restates what the plan holds already.")
    columns = [
        Column("name", "assumption"),
        Column("overlap_units", "already in the plan", "number", unit_of(ready), signed=True),
    ]
    return show(plain_table(frame, "Claims already in the plan", columns))


def show_swings(ready: PreparedRound, scenario: str = "as_proposed") -> Html:
    """How far each counted assumption moves the round between its low and its high, all else as planned."""
    live = LiveRound(ready)
    choices = live.start_from(scenario)
    middle = live.evaluate(choices, scenario).total
    rows = [row for row in _open_rows(ready) if row.id in choices.on and row.low < row.high]
    swings = [_swing(live, choices, row, middle) for row in rows]
    frame = pd.DataFrame(swings, columns=["label", "low", "high"])
    frame = frame[(frame["high"] - frame["low"]).abs() > 0]
    if frame.empty:
        return show("No counted assumption states a range, so none moves the plan.")
    chart = draw_tornado(
        frame.reset_index(drop=True),
        name="a-swings",
        title="What moves the plan most",
        unit=unit_of(ready),
        period=ready.round.name,
    )
    return show(chart, remark(f"Against {humanise(scenario).lower()}; one assumption at a time."))


def show_coverage(ready: PreparedRound) -> Html:
    """The six factors a plan made from statistics alone leaves out: who speaks to each, or whom to ask."""
    live = LiveRound(ready)
    plan = live.evaluate(live.start_from("as_proposed"), "as_proposed").plan
    tables, sale_type = ready.workspace.tables, ready.workspace.settings.sales.sale_type
    has_types = bool(sale_type) or "transactions" in tables
    rows = _open_rows(ready)
    frame = factor_coverage(rows, plan, live.evidence, has_types)
    frame = frame.assign(state=["thought of" if seen else "not yet" for seen in frame["considered"]])
    frame["words"] = [said or asked for said, asked in zip(frame["evidence"], frame["ask"], strict=True)]
    columns = [
        Column("title", "factor"),
        Column("state", "state", "mark"),
        Column("effect", "moves the plan by", "number", unit_of(ready), signed=True),
        Column("words", "what stands behind it, or whom to ask"),
    ]
    return show(plain_table(frame, "Six factors, over the whole horizon", columns))


def _swing(live: LiveRound, choices: Choices, row: Assumption, middle: float) -> dict[str, object]:
    ends = [live.evaluate(set_value(choices, row.id, value)).total - middle for value in (row.low, row.high)]
    return {"label": f"{row.id} {row.title}", "low": min(ends), "high": max(ends)}


def _evidence(ready: PreparedRound, rows: Sequence[Assumption]) -> pd.DataFrame:
    frame = LiveRound(ready).evidence
    titles = {row.id: f"{row.id} {row.title}" for row in rows}
    frame = frame[frame["assumption"].isin(titles)]
    return frame.assign(name=frame["assumption"].map(titles)).reset_index(drop=True)
