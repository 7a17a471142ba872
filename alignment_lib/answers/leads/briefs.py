"""What sales knows of each campaign: agreed, read, regular customers told."""

from __future__ import annotations

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import join_words, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["briefs"]

_TITLE = "Campaign briefs"
_MISSING = "There is no campaign and no brief to show; a briefs table would say what sales must know."


@of_the_whole
def briefs(view: RoundView) -> Answer:
    """Every campaign with its brief: who has read it, what is missing, what talks were like before and after.

    Returns
    -------
    Answer
        Its frame: a row a campaign, with the brief's own words.
    """
    frame = view.table("briefs")
    if frame.empty:
        return nothing_yet("briefs", _TITLE, _MISSING)
    columns = [
        Column("campaign", "campaign", below="assumption"),
        Column("start", "starts", "date"),
        Column("status", "brief", "mark"),
        Column("weak_points", "what is missing"),
        Column("audience", "for", below="aim"),
        Column("offer", "offer", below="conditions"),
        Column("script", "talking points", below="sales_comment"),
        Column("leads", "leads", "number"),
        Column("before_share", "handled before it was read", "share"),
        Column("call_quality_before", "talk before", "number", "score", 2),
        Column("call_quality_after", "talk after", "number", "score", 2),
        Column("win_difference", "won before less after", "share", signed=True),
    ]
    missing = frame.loc[frame["status"] == "no brief", "campaign"].astype(str).tolist()
    text = f"{write_count(len(frame), 'campaign')}, {len(frame) - len(missing)} with a brief."
    text += f" Without one: {join_words(missing)}." if missing else ""
    shown = Table(_TITLE, columns, frame, classes="wordy")
    return Answer("briefs", _TITLE, text, frame, None, shown)
