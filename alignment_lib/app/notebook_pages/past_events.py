"""Notebook 3: what single past events did, beside what would have been without them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.event_study import draw_event_study
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.tables import Column
from alignment_lib.answers.wording import humanise, write_count, write_number
from alignment_lib.app.notebook_pages.frame import plain_table, remark, show, unit_of
from alignment_lib.planning.evidence.driver_readings import claim_events
from alignment_lib.planning.evidence.event_study import study_event
from alignment_lib.planning.evidence.past_events import count_events
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.preparing.gathered_past import gather_past
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["show_past_events"]

_MOST = 6


def show_past_events(ready: PreparedRound) -> Html:
    """For each claim about a promotion or price the events behind it: pictures, gross, net, placebo."""
    past = gather_past(ready)
    rows = [row for row in ready.register if row.end >= ready.round.first_open]
    events = [(row, claim_events(ready.horizon.grid, row, past)) for row in rows]
    seen = [(row, table) for row, table in events if len(table)]
    if not seen:
        return show("No claim of this horizon is about a promotion or a price that was seen before.")
    note = remark(
        "Gross is what the event brought in its own periods; net is without what it borrowed from the "
        "periods around it and took from other products. An event that does not stand out from dates of the "
        "same length without it is not established."
    )
    return show(note, *(_one_claim(ready, row, table, place) for place, (row, table) in enumerate(seen)))


def _one_claim(ready: PreparedRound, row: Assumption, events: pd.DataFrame, number: int) -> Html:
    recent = events.tail(_MOST).iloc[::-1].reset_index(drop=True)
    said = write_count(count_events(events), "past price cut" if row.kind == "price_change" else "past event")
    latest = f", the latest {len(recent)} drawn" if len(recent) < len(events) else ""
    summary = tag("summary", tag("b", f"{row.id} {row.title}"), f": {said}{latest}")
    pictures = _pictures(ready, recent, number)
    # The first stands open, so that nobody has to guess what is behind the others.
    opened = {"open": "open"} if number == 0 else {}
    caption = f"Past events beside {row.id} {row.title}"
    return tag("details", summary, pictures, _table(ready, events, caption), **opened)


def _pictures(ready: PreparedRound, events: pd.DataFrame, number: int) -> Html | None:
    effects, history = ready.effects, ready.history
    if effects is None or effects.expected.shape != history.values.shape:
        return None
    charts = []
    for place, event in enumerate(events.to_dict("records")):
        table = study_event(history, effects.expected, effects.without, event)
        chart = draw_event_study(
            table,
            name=f"e-{number}-{place}",
            title=_title(ready, event),
            unit=unit_of(ready),
            remark=_remark(event),
        )
        charts.append(chart.to_html())
    return tag("div", join(charts), class_="pair")


def _title(ready: PreparedRound, event: dict[Any, Any]) -> str:
    scope = ", ".join(str(event[name]) for name in ready.dimensions if event.get(name))
    when = f"{event['start'].day} {event['start']:%b %Y}"
    return f"{scope or 'All sales'}: {humanise(str(event['driver'])).lower()}, {when}"


def _remark(event: dict[Any, Any]) -> str:
    said = {
        name: write_number(float(event[name]), signed=True)
        for name in ("gross", "pull_forward", "cannibalised", "net")
    }
    verdict = str(event["verdict"])
    odds = event["placebo_p"]
    beaten = "" if pd.isna(odds) else f" (as large by chance on {100 * odds:.0f} of 100 dates)"
    return (
        f"Gross {said['gross']}, borrowed {said['pull_forward']}, taken from others {said['cannibalised']}, "
        f"net {said['net']}. {verdict[:1].upper()}{verdict[1:]}{beaten}."
    )


def _table(ready: PreparedRound, events: pd.DataFrame, caption: str) -> Html:
    unit = unit_of(ready)
    shown = events.assign(
        begun=[f"{start:%d %b %Y}" for start in events["start"]],
        share=100.0 * events["gross"] / events["without"].where(events["without"] > 0),
        placebo=100.0 * events["placebo_p"],
    )
    columns = [
        Column("begun", "from"),
        Column("driver", "by"),
        Column("strength", "strength", "number", "", 2),
        Column("actual", "sold", "number", unit),
        Column("without", "without it", "number", unit),
        Column("gross", "gross", "number", unit, signed=True),
        Column("share", "gross", "number", "% of without", signed=True),
        Column("net", "net", "number", unit, signed=True),
        Column("net_error", "± of net", "number", unit),
        Column("placebo", "by chance", "number", "% of dates"),
        Column("verdict", "placebo", "mark"),
    ]
    return plain_table(shown, caption, columns)
