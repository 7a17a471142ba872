"""Marketing's side: which leads sales accept, why not, and what a lead is worth if well handled."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.line_band import draw_calibration
from alignment_lib.answers.leads.lead_words import no_leads, notes_on
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import write_number, write_share
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["lead_quality"]

_TITLE = "Lead quality by source"
_REASONS = "Reasons for turning leads away"


@of_the_whole
def lead_quality(view: RoundView, *, by: str = "source") -> Answer:
    """What marketing hands over: acceptance, its promise, the chance of a sale if handled as promised, cost.

    Parameters
    ----------
    view : RoundView
        The round.
    by : {"source", "reason"}
        What leads of each source are worth, or why some were turned away.

    Returns
    -------
    Answer
        Its frame: a row a source; by reason a row a source, step and reason.
    """
    by = check_word(by, ["source", "reason"], "choice of by")
    if not view.has_rows("lead_quality"):
        return no_leads(view, "lead_quality", _TITLE if by == "source" else _REASONS)
    return _by_reason(view) if by == "reason" else _by_source(view)


def _by_source(view: RoundView) -> Answer:
    frame = view.table("lead_quality").sort_values("quality", ascending=False, kind="stable")
    frame = frame.reset_index(drop=True)
    bins, chart, text = view.table("lead_calibration"), None, _say_worth(frame)
    if len(bins):
        title = "Does the estimated chance mean what it says?"
        chart = draw_calibration(bins, name="calibration", title=title, period="leads kept out of the fit")
        off = float(
            ((bins["predicted"] - bins["observed"]).abs() * bins["leads"]).sum() / bins["leads"].sum()
        )
        text += f" Predicted and observed shares differ by {write_share(off)} on average."
    columns = [
        Column("source", "source"),
        Column("leads", "leads", "number"),
        Column("accepted_share", "accepted", "share"),
        Column("keeps_promise", "promise", "mark"),
        Column("untargeted_share", "outside the audience", "share"),
        Column("quality", "worth of a lead", "share", "chance of a sale if handled as promised"),
        Column("cost_per_accepted", "cost", "number", f"{view.currency} an accepted lead", 2),
    ]
    shown = Table(_TITLE, columns, frame, note=notes_on(view, "lead_quality"))
    return Answer("lead_quality", _TITLE, text.strip(), frame, chart, shown)


def _say_worth(frame: pd.DataFrame) -> str:
    known = frame[frame["quality"].notna()]
    if known.empty:
        return f"{write_number(frame['leads'].sum())} leads; what one is worth cannot be told yet."
    first, last = known.iloc[0], known.iloc[-1]
    share = write_share(first["quality"], 0)
    text = f"A lead of {first['source']} is worth most: {share} become a sale if handled as promised"
    return f"{text}, of {last['source']} {write_share(last['quality'], 0)}." if len(known) > 1 else f"{text}."


def _by_reason(view: RoundView) -> Answer:
    frame = view.table("lead_reasons")
    if frame.empty:
        return Answer("lead_quality", _REASONS, "No lead was rejected or disqualified.", frame)
    columns = [
        Column("source", "source"),
        Column("step", "when", "mark"),
        Column("reason", "reason"),
        Column("leads", "leads", "number"),
        Column("share", "of decided leads", "share"),
    ]
    most = frame.groupby("reason")["leads"].sum().sort_values(ascending=False, kind="stable")
    text = (
        f"{write_number(most.sum())} leads were turned away, most for this reason: {most.index[0]} "
        f"({write_number(most.iloc[0])})."
    )
    return Answer("lead_quality", _REASONS, text, frame, None, Table(_REASONS, columns, frame))
