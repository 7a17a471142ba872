"""What single past events did that resemble a claim, beside what would have been without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.event_study import EventPicture, draw_event_study
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import humanise, say_value, write_count, write_number
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["past_events"]

_TITLE = "Past events that resemble a claim"
_MISSING = "No claim of this horizon is about a promotion or a price that was seen before."
_MOST = 6
_NOTE = (
    "Gross is what the event brought in its own periods; net is without what it borrowed from the periods "
    "around it and took from other products. An event that does not stand out from dates of the same length "
    "without it is not established."
)


@of_the_whole
def past_events(view: RoundView, *, claim: str = "") -> Answer:
    """Promotions and price cuts of the past behind each claim of the horizon.

    Parameters
    ----------
    view : RoundView
        The round.
    claim : str
        Id of one claim: its events one by one, the latest six drawn. Blank: all claims, one line each.

    Returns
    -------
    Answer
        Its frame: an event a row, with what was sold, what would have been sold without it, gross, net and
        the placebo's verdict.
    """
    frame = view.table("claim_events")
    if frame.empty:
        return nothing_yet("past_events", _TITLE, _MISSING)
    register = view.table("assumptions").reindex(columns=["id", "title"]).fillna("").astype(str)
    titles = dict(zip(register["id"], register["title"], strict=True))
    if not claim:
        return _every_claim(frame, titles, view.unit)
    claim = check_word(claim, frame["assumption"].unique(), "claim with past events")
    events = frame[frame["assumption"] == claim].reset_index(drop=True)
    title = f"Past events beside {claim} {titles.get(claim, '')}".rstrip()
    sure = int((events["verdict"] == "established").sum())
    text = f"{write_count(len(events), 'past event')}, {sure} of them established: net "
    text += f"{write_number(float(events['net'].mean()), signed=True)} {view.unit} each on average."
    return Answer(
        "past_events", title, text, events, _draw(view, events, title), _table(events, title, view.unit)
    )


def _every_claim(frame: pd.DataFrame, titles: Mapping[str, str], unit: str) -> Answer:
    found = frame.assign(sure=frame["verdict"] == "established").groupby("assumption", sort=False)
    rows = found.agg(
        events=("verdict", "size"), sure=("sure", "sum"), gross=("gross", "mean"), net=("net", "mean")
    ).reset_index()
    rows["title"] = rows["assumption"].map(titles)
    columns = [
        Column("assumption", "claim", below="title"),
        Column("events", "past events", "number"),
        Column("sure", "established", "number"),
        Column("gross", "gross on average", "number", unit, signed=True),
        Column("net", "net on average", "number", unit, signed=True),
    ]
    text = f"{write_count(len(rows), 'claim')} of this horizon resemble what was done before."
    shown = Table(_TITLE, columns, rows, note=_NOTE)
    return Answer("past_events", _TITLE, text, frame, None, shown)


def _draw(view: RoundView, events: pd.DataFrame, title: str) -> Chart | None:
    courses = view.table("event_courses")
    if courses.empty:
        return None
    by_event = dict(list(courses.groupby("event", sort=False)))
    drawn = [
        EventPicture(_name(view, event), _remark(event), by_event[event["event"]])
        for event in reversed(list_rows(events))
        if event["event"] in by_event
    ][:_MOST]
    named = f"{title}, the latest {len(drawn)}" if len(drawn) < len(events) else title
    return draw_event_study(drawn, name="past-events", title=named, unit=view.unit) if drawn else None


def _name(view: RoundView, event: Mapping[str, Any]) -> str:
    scope = ", ".join(say_value(event[name]) for name in view.dimensions if event.get(name))
    return f"{scope or 'All sales'}: {humanise(str(event['driver'])).lower()}"


def _remark(event: Mapping[str, Any]) -> str:
    gross, net = (write_number(float(event[name]), signed=True) for name in ("gross", "net"))
    return f"gross {gross}, net {net}: {event['verdict']}"


def _table(events: pd.DataFrame, title: str, unit: str) -> Table:
    rows = events.assign(share=events["gross"] / events["without"].where(events["without"] > 0))
    columns = [
        Column("start", "from", "date"),
        Column("driver", "by"),
        Column("strength", "strength", "number", "", 2),
        Column("actual", "sold", "number", unit),
        Column("without", "without it", "number", unit),
        Column("gross", "gross", "number", unit, signed=True),
        Column("share", "gross", "share", "of without", 0, signed=True),
        Column("pull_forward", "borrowed", "number", unit),
        Column("cannibalised", "taken from others", "number", unit),
        Column("net", "net", "number", unit, signed=True),
        Column("net_error", "± of net", "number", unit),
        Column("placebo_p", "by chance", "share", "of dates", 0),
        Column("verdict", "placebo", "mark"),
    ]
    return Table(title, columns, rows, note=_NOTE)
