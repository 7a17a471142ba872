"""The bridge in money: what every contributor does by volume, and what it does by price, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, ask
from alignment_lib.answers.facts import name_contributors
from alignment_lib.answers.plan.part_bridge import ENDS, largest_steps, pick_level, say_step
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView

__all__ = ["money_bridge", "money_table"]

_AMOUNTS = ["effect", "revenue", "price_revenue"]


def money_bridge(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """From the baseline in money to the plan in money.

    Returns
    -------
    Answer
        Its frame: ``assumption, title, revenue, price_revenue, together``, in the currency; ``baseline`` and
        ``plan`` are its two ends.
    """
    question = ask(view, **asked)
    if question.part or question.scenario != view.headline:
        raise UnknownWord("the bridge in money is published for the whole business in its headline plan only")
    title, say = "From baseline to plan in money", name_contributors(view)
    if view.measure == "revenue":
        return nothing_yet("money_bridge", title, "The plan itself is in money: its bridge is this one.")
    rows = view.table("level_bridge")
    if view.has_rows("level_bridge", "assumption", "effect", "revenue", "price_revenue"):
        rows = pick_level(rows, view.dimensions, label=question.span)
        table = money_table(rows, say, view.currency, f"Bridge of {question.words} in {view.currency}")
    else:
        table = None
    if table is None:
        text = (
            "The bridge in money appears once prices are known: a price column of the drivers table, or "
            "sales in money."
        )
        return nothing_yet("money_bridge", title, text)
    frame = rows[["assumption", "revenue", "price_revenue"]].fillna(0.0).reset_index(drop=True)
    frame.insert(1, "title", [say_step(str(name), say) for name in frame["assumption"]])
    frame["together"] = frame["revenue"] + frame["price_revenue"]
    return Answer("money_bridge", title, _say(frame, view.currency), frame, None, table)


def _say(frame: pd.DataFrame, currency: str) -> str:
    ends = frame.set_index("assumption")["revenue"]
    steps = frame[~frame["assumption"].isin(ENDS)]
    scale = choose_scale([float(ends["plan"])], currency)
    volume, price = float(steps["revenue"].sum()), float(steps["price_revenue"].sum())
    return (
        f"At regular prices the baseline is worth {scale.say(float(ends['baseline']))}; volume changes that "
        f"by {scale.write(volume, signed=True)} and prices by {scale.write(price, signed=True)}, to "
        f"{scale.write(float(ends['plan']))}."
    )


def money_table(rows: pd.DataFrame, say: Callable[[str], str], currency: str, caption: str) -> Table | None:
    """From the baseline's money to the plan's: by volume and by price, side by side; None without prices.

    Parameters
    ----------
    rows : DataFrame
        ``assumption, revenue, price_revenue`` of one level and span.
    say, currency, caption
        As for `part_table`.
    """
    sums = rows.set_index("assumption")[_AMOUNTS]
    ends = sums["revenue"].reindex(list(ENDS)).to_numpy(dtype=float)
    if not np.isfinite(ends).all():
        return None
    start, end = (float(value) for value in ends)
    steps = sums.drop(index=list(ENDS)).fillna(0.0)
    steps["both"] = steps["revenue"] + steps["price_revenue"]
    size = steps[["revenue", "price_revenue"]].abs().sum(axis=1)
    shown, rest = largest_steps(steps, size[size > 0])
    lines = [shown]
    if len(rest):
        lines.append(rest.sum().to_frame(f"{len(rest)} others").T)
    frame = pd.concat(lines).reset_index(names="assumption")
    whole = frame[["revenue", "price_revenue", "both"]].sum()
    frame["what"] = [say_step(str(name), say) for name in frame["assumption"]]
    first = pd.DataFrame([{"what": "Baseline, at regular prices", "both": start}])
    change = pd.DataFrame([{"what": "Plan less baseline", **whole.to_dict()}])
    frame = pd.concat([first, frame, change], ignore_index=True)
    columns = [
        Column("what", "From baseline to plan"),
        Column("revenue", "By volume", "number", currency, signed=True),
        Column("price_revenue", "By price", "number", currency, signed=True),
        Column("both", "Together", "number", currency),
    ]
    note = (
        "By volume: units at the regular price. By price: what the plan's whole volume earns more or less "
        "because it sells above or below that price. Cells without a known price are left out."
    )
    total = {"what": "Plan in money", "both": end}
    return Table(caption, columns, frame, total=total, note=note)
