"""Who expects what: the same span as each function sees it, and what each changed."""

from __future__ import annotations

import math
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, ask, refuse
from alignment_lib.answers.charts.waterfall import draw_ladder
from alignment_lib.answers.past.value_added import STREAMS
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, humanise, say_share
from alignment_lib.rounds.view import RoundView

__all__ = ["streams"]


def streams(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """Each function's figure: its own forecast where it handed one in, else the plan of its own claims.

    Parameters
    ----------
    view : RoundView
        The round.
    span, part
        As `ask` takes them.
    scenario : str, optional
        Refused: streams lead to the consensus.

    Returns
    -------
    Answer
        Its frame holds ``stream, value, change`` (from the baseline) and ``wape``, how far off the stream
        was in earlier rounds, in the order in which they are made.
    """
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("streams", scenario=scenario)
    question = ask(view, span=span, part=part)
    title = f"Who expects what, {question.words}"
    rows = question.rows("streams")
    if rows.empty:
        text = "Who changed the number appears once a round has stored its streams."
        return nothing_yet("streams", title, text)
    sums = rows.groupby("stream", sort=False)["value"].sum()
    names = [name for name in STREAMS if name in sums.index]
    sums = sums.reindex([*names, *(name for name in sums.index if name not in STREAMS)])
    frame = sums.rename("value").reset_index()
    frame["change"] = frame["value"] - float(sums.get("baseline", float("nan")))
    frame["wape"] = frame["stream"].map(_past_errors(view))
    scale = choose_scale(frame["value"], view.unit)
    columns = [
        Column("said", "stream"),
        Column("value", "expects", "amount"),
        Column("change", "against the baseline", "amount", signed=True),
    ]
    if frame["wape"].notna().any():
        columns.append(Column("wape", "off in earlier rounds", "share", "of a round's sales"))
    rows = frame.assign(said=frame["stream"].map(humanise))
    chart = draw_ladder(
        list(zip(rows["said"], frame["value"], strict=True)),
        name="ladder",
        title="From naive forecast to consensus",
        unit=view.unit,
        period=question.words,
        target=target if math.isfinite(target := float(question.odds()["target"])) else None,
    )
    return Answer("streams", title, _say(frame), frame, chart, Table(title, columns, rows, scale))


def _say(frame: pd.DataFrame) -> str:
    first, last = frame["value"].iloc[0], frame["value"].iloc[-1]
    names = frame["stream"].map(humanise)
    change = last / first - 1 if first else math.nan
    side = "above" if change >= 0 else "below"
    is_naive = frame["stream"].iloc[0] == "naive"
    begun = "what was sold in the same season of the year before" if is_naive else names.iloc[0].lower()
    return f"{names.iloc[-1]} lies {say_share(abs(change))} {side} {begun}."


def _past_errors(view: RoundView) -> dict[str, float]:
    """Error of each stream over all closed rounds, in the round's own sums."""
    table = view.table("value_added")
    if table.empty:
        return {}
    whole = table[(table["round"] == "") & (table["level"] == "total") & (table["span"] == view.cycle)]
    whole = whole[whole["lag"] == 1]
    return dict(zip(whole["stream"].astype(str), whole["wape"].astype(float), strict=True))
