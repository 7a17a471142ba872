"""New sales by the plan and by the leads there are; and what repeat sales ask of the customers there are."""

from __future__ import annotations

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.leads.lead_words import no_leads
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.rounds.view import RoundView

__all__ = ["funnel_gap"]

_TITLE = "New sales with a lead, by plan and by funnel"


@of_the_whole
def funnel_gap(view: RoundView) -> Answer:
    """Two estimates of the same new sales: where they differ, the gap is one of leads, source by source.

    Returns
    -------
    Answer
        Its frame: a row a quarter of the sale and a source; a blank source is all of them.
    """
    frame, kept = view.table("funnel_gap"), view.table("retention")
    if frame.empty:
        return no_leads(view, "funnel_gap", _TITLE)
    frame = frame.fillna({"source": ""})
    unit = str(frame["unit"].iloc[0])
    columns = [
        Column("span", "quarter of the sale"),
        Column("who", "source"),
        Column("plan", "the plan counts on", "number", unit),
        Column("funnel", "the leads give", "number", unit),
        Column("gap", "gap", "number", unit, signed=True),
        Column("assumed_leads_share", "from leads to come", "share"),
    ]
    said = [f"{row['span']}, in {unit}: {row['sentence']}" for row in list_rows(frame) if row["source"] == ""]
    note = "" if kept.empty else " ".join(kept["sentence"])
    rows = frame.assign(who=frame["source"].replace("", "all sources"))
    shown = Table(_TITLE, columns, rows, note=note)
    return Answer("funnel_gap", _TITLE, " ".join(said), frame, None, shown)
