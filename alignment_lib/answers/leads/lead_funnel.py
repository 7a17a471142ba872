"""The funnel of the last year with its two sides, beside the promise or the usual rate of each step."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.funnel_sides import draw_funnel
from alignment_lib.answers.leads.lead_words import no_leads, notes_on
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import write_count, write_date, write_number, write_share
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["lead_funnel"]

_TITLE = "From visit to customer"
_COUNTED = "From counts alone; a leads table would add quality, handling and the lag."


@of_the_whole
def lead_funnel(view: RoundView, *, source: str = "") -> Answer:
    """How many leads of the last year came how far, and what promise or usual rate would have brought.

    Parameters
    ----------
    view : RoundView
        The round.
    source : str
        Leads of one source; blank for all.

    Returns
    -------
    Answer
        Its frame: ``stage, count, side, rate, reference_rate, reference``, with a step a row.
    """
    if not view.has_rows("lead_course"):
        return no_leads(view, "lead_funnel", _TITLE)
    courses = view.table("lead_course").fillna({"source": "", "side": "", "reference": ""})
    source = check_word(source, courses["source"].unique(), "source of leads") if source else ""
    frame = courses[courses["source"] == source].drop(columns="source").reset_index(drop=True)
    title, period = (f"Leads of {source}" if source else _TITLE), f"the year to {write_date(view.as_of)}"
    chart = draw_funnel(frame, name="lead-funnel", title=title, period=f"leads created in {period}")
    columns = [
        Column("stage", "stage", below="side"),
        Column("count", "leads", "number"),
        Column("rate", "passed", "share", decimals=0),
        Column("reference_rate", "to be had", "share", decimals=0, below="reference"),
    ]
    is_counted = not view.has_rows("lead_quality")
    note = _COUNTED if is_counted else notes_on(view, "lead_funnel")
    shown = Table(f"{title}, {period}", columns, frame, note=note)
    return Answer("lead_funnel", title, _say(frame, period), frame, chart, shown)


def _say(frame: pd.DataFrame, period: str) -> str:
    first, last = frame.iloc[0], frame.iloc[-1]
    text = f"Of {write_number(first['count'])} {first['stage']} in {period}, {write_number(last['count'])} "
    text += f"became {last['stage']}." if len(frame) > 1 else "are known."
    short = frame[frame["reference_rate"] > frame["rate"] + 0.005]
    if short.empty:
        return text
    worst = max(list_rows(short), key=lambda step: float(step["reference_rate"] - step["rate"]))
    steps = write_count(len(short), "step falls", "steps fall")
    return (
        f"{text} {steps} short of promise or usual rate, most of all {worst['stage']}: "
        f"{write_share(worst['rate'], 0)} passed, {write_share(worst['reference_rate'], 0)} were to be had."
    )
