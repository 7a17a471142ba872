"""Sales' side: how fast and how often accepted leads are called, by source, and what waiting costs."""

from __future__ import annotations

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.line_band import draw_waiting
from alignment_lib.answers.leads.lead_words import no_leads, notes_on
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import write_number, write_share
from alignment_lib.rounds.view import RoundView

__all__ = ["lead_handling"]

_TITLE = "Lead handling by source"


@of_the_whole
def lead_handling(view: RoundView) -> Answer:
    """What sales makes of accepted leads, beside the promise both sides agreed on.

    Returns
    -------
    Answer
        Its frame: a row a source; who handles leads is written nowhere.
    """
    frame, waiting = view.table("lead_handling"), view.table("lead_waiting")
    note = notes_on(view, "lead_handling")
    if frame.empty:
        return nothing_yet("lead_handling", _TITLE, note) if note else no_leads(view, "lead_handling", _TITLE)
    columns = [
        Column("source", "source"),
        Column("accepted", "accepted leads", "number"),
        Column("contacted_share", "reached", "share"),
        Column("unworked_share", "never tried", "share"),
        Column("median_hours", "first call", "number", "median, hours", 1),
        Column("in_time_share", "in time", "share"),
        Column("keeps_promise", "promise", "mark"),
    ]
    leads, reached = frame["accepted"].sum(), (frame["accepted"] * frame["contacted_share"]).sum()
    text = f"Of {write_number(leads)} accepted leads {write_share(reached / leads, 0)} were reached"
    never = (frame["accepted"] * frame["unworked_share"]).sum()
    text += f" and {write_share(never / leads, 0)} were never tried."
    chart = None
    if len(waiting):
        promise = float(waiting["promise_hours"].iloc[0])
        title, period = "What waiting goes with", "an average lead"
        chart = draw_waiting(waiting, promise, name="waiting", title=title, period=period)
    shown = Table(_TITLE, columns, frame, note=note)
    return Answer("lead_handling", _TITLE, text, frame, chart, shown)
