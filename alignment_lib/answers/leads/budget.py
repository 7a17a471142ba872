"""The round's budget: what it brings as planned, and the split of the same money that brings most."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import join_words, write_number, write_odds
from alignment_lib.rounds.view import RoundView

__all__ = ["budget"]

_TITLE = "What the budget brings"


@of_the_whole
def budget(view: RoundView) -> Answer:
    """Business as usual, the planned budget and the best split of it, by channel.

    Its frame is the published table ``budget``.
    """
    if not view.has_rows("budget", "source", "best"):
        text = "What a budget brings appears once the response to spend is known of at least one channel."
        return nothing_yet("budget", _TITLE, text)
    frame = view.table("budget")
    outcome = str(frame["outcome"].iloc[0])
    columns = [
        Column("source", "channel"),
        Column("usual", "a year before", "number", view.currency),
        Column("planned", "as planned", "number", view.currency),
        *([Column("asked", "as asked", "number", view.currency)] if _is_asked(frame) else []),
        Column("committed", "committed", "number", view.currency),
        Column("best", "best split", "number", view.currency),
        *([Column("least", "least for the plan", "number", view.currency)] if _told(frame, "least") else []),
        *([Column("sure", "least for the aim", "number", view.currency)] if _told(frame, "sure") else []),
        Column("brought_planned", f"{outcome} as planned", "number"),
        Column("brought_best", f"{outcome} at the best split", "number"),
    ]
    sums = {"source": "All channels"} | {
        column.key: float(frame[column.key].sum()) for column in columns if column.kind == "number"
    }
    note = "Counted until the money has faded, money spent before carried over. A channel of which history "
    note += "cannot tell what it brings stays as planned and shows none."
    shown = Table(f"Budget of {view.round} by channel", columns, frame, total=sums, note=note)
    return Answer("budget", _TITLE, _say(view, frame, outcome), frame, None, shown)


def _is_asked(frame: pd.DataFrame) -> bool:
    """Whether the settings ask for another budget than is planned."""
    return bool((frame["completed"] != "").any())


def _told(frame: pd.DataFrame, name: str) -> bool:
    return bool(frame[name].notna().any())


def _say(view: RoundView, frame: pd.DataFrame, outcome: str) -> str:
    first = frame.iloc[0]
    of = "asked" if _is_asked(frame) else "planned"
    total = f"{write_number(float(frame[of].sum()))} {view.currency}"
    brought = write_number(float(frame[f"brought_{of}"].sum()))
    text = [
        f"In {view.round} the budget of {total} brings about {brought} {outcome}.",
        _say_best(view, frame),
    ]
    text += [str(first["completed"]), str(first["bound"])]
    if first["least_said"]:
        text.append(_say_least(view, frame, "least", f"The {outcome} that the plan requires"))
    if first["sure_said"]:
        text.append(_say_least(view, frame, "sure", f"The {outcome} aimed at"))
    return " ".join(part for part in text if part)


def _say_best(view: RoundView, frame: pd.DataFrame) -> str:
    """What the best split would do: earn more where a lead's worth is known, else bring more."""
    first, of = frame.iloc[0], "asked" if _is_asked(frame) else "planned"
    more = frame[frame["best"] > frame[of] * 1.05]["source"].tolist()
    to = f" with more for {join_words([str(name) for name in more])}" if more else ""
    sure = f"better with {write_odds(first['better'])}"
    if frame["worth"].notna().all():
        told = frame[frame["is_known"]]
        held = float((frame["best"] - frame[of])[~frame["is_known"]].sum())
        earned = float((told["earned_best"] - told["earned_asked"]).sum()) - held
        if earned < 0.5:
            return "No other split of it is known to earn more."
        amount = f"{write_number(earned)} {view.currency}"
        return f"Split otherwise{to}, it would earn about {amount} more after what it costs ({sure})."
    if first["gain"] < 0.5:
        return "No other split of it is known to bring more."
    low, high = write_number(first["gain_p10"]), write_number(first["gain_p90"])
    return (
        f"Split otherwise{to}, the same money would bring {write_number(first['gain'])} more"
        f" (eight in ten draws between {low} and {high}; {sure})."
    )


def _say_least(view: RoundView, frame: pd.DataFrame, name: str, what: str) -> str:
    said = str(frame[f"{name}_said"].iloc[0])
    if not _told(frame, name):
        return f"{what}: {said}"
    return f"{what} can be had for {write_number(float(frame[name].sum()))} {view.currency}. {said}"
