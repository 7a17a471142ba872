"""How far earlier plans lay off: plan, target and actual of every closed round side by side."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, say_share, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["accuracy"]

_STREAMS = ("consensus", "combined", "finance", "sales", "marketing", "baseline")


@of_the_whole
def accuracy(view: RoundView) -> Answer:
    """Earlier rounds of the same length: what was planned for each in its own round, and what was sold.

    Returns
    -------
    Answer
        Its frame: ``round, plan, target, actual, miss, miss_share, naive_miss_share``; a miss is plan less
        actual, of the whole business.
    """
    title = "How earlier plans came out"
    frame = _compare(view)
    if frame.empty:
        text = (
            "How far earlier plans lay off appears once a round of this unit has been published and closed."
        )
        return nothing_yet("accuracy", title, text)
    scale = choose_scale(frame["plan"], view.unit)
    columns = [Column("round", "Round"), Column("plan", "Plan", "amount")]
    if frame["target"].notna().any():
        columns.append(Column("target", "Target", "amount"))
    columns += [
        Column("actual", "Sold", "amount"),
        Column("miss", "Plan less sold", "amount", signed=True),
        Column("miss_share", "of sold", "share", decimals=1, signed=True),
        Column(
            "naive_miss_share", "Last year's figure would have missed by", "share", decimals=1, signed=True
        ),
    ]
    return Answer(
        "accuracy", title, _say(frame), frame, None, Table(f"{title}, {scale.unit}", columns, frame, scale)
    )


def _compare(view: RoundView) -> pd.DataFrame:
    table = view.table("value_added")
    columns = ["round", "plan", "target", "actual", "miss", "miss_share", "naive_miss_share"]
    if not {"round", "level", "span", "lag", "stream", "actual", "bias"} <= set(table.columns):
        return pd.DataFrame(columns=columns)
    rows = table[
        (table["round"].fillna("") != "") & (table["level"] == "total") & (table["span"] == view.cycle)
    ]
    rows = rows[rows["lag"] == rows.groupby("round")["lag"].transform("min")]
    place = rows["stream"].map({name: at for at, name in enumerate(_STREAMS)})
    plans = rows.assign(place=place)[place.notna()].sort_values(["round", "place"], kind="stable")
    plans = plans.groupby("round", as_index=False).first()
    naive = rows[rows["stream"] == "naive"].set_index("round")
    plans["miss"] = plans["bias"]
    plans["plan"] = plans["actual"] + plans["bias"]
    sold = plans["actual"].where(plans["actual"] > 0)
    plans["miss_share"] = plans["miss"] / sold
    plans["naive_miss_share"] = plans["round"].map(naive["bias"]) / sold
    plans["target"] = plans["round"].map(_targets(view)).astype(float)
    return plans[columns]


def _targets(view: RoundView) -> dict[str, float]:
    targets = view.table("targets")
    if targets.empty:
        return {}
    whole = targets[targets["measure"] == view.measure]
    for name in view.dimensions:
        whole = whole[whole[name].fillna("") == ""]
    return dict(zip(whole["round"], whole["target"], strict=True))


def _say(frame: pd.DataFrame) -> str:
    known = frame[frame["miss_share"].notna()]
    if known.empty:
        return "Of earlier rounds nothing was sold that a miss could be set against."
    off, high = known["miss_share"].abs(), int((known["miss"] > 0).sum())
    rounds = write_count(len(known), "earlier plan")
    text = f"{rounds} missed by {say_share(float(off.mean()))} of what was sold on average"
    if len(known) > 1:
        text += f", at most by {say_share(float(off.max()))}; {high} of {len(known)} lay too high"
    elif math.isfinite(high):
        text += f", and lay too {'high' if high else 'low'}"
    naive = known["naive_miss_share"].abs().mean()
    if math.isfinite(naive):
        text += f". Last year's figure would have missed by {say_share(float(naive))}"
    return f"{text}."
