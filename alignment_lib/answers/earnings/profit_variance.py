"""Why the last round's profit came out as it did: volume, mix, price, unit cost, funding and spend."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, refuse
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import choose_scale, say_span
from alignment_lib.rounds.view import RoundView

__all__ = ["profit_variance"]


def profit_variance(view: RoundView, *, against: str = "", **asked: Unpack[Asked]) -> Answer:
    """What moved the profit of the last closed round.

    Parameters
    ----------
    against : str
        ``plan`` or ``the year before``; the plan where it told a profit.

    Returns
    -------
    Answer
        Its frame: ``against, bar, effect, reference, actual, owner_function, left_out``; the effects of a
        comparison sum to actual less reference.
    """
    refuse("profit_variance", **asked)
    title = "What moved the last round's profit"
    rows = view.table("profit_variance")
    if not view.has_rows("profit_variance", "bar", "effect"):
        text = (
            "What moved profit appears once the workspace has a costs table, and a closed round with a plan "
            "of its margin or a year before it."
        )
        return nothing_yet("profit_variance", title, text)
    known = list(dict.fromkeys(rows["against"]))
    chosen = against or known[0]
    frame = rows[rows["against"] == chosen].reset_index(drop=True)
    if frame.empty:
        text = f"Profit of the last round is set against {' and '.join(known)} only."
        return nothing_yet("profit_variance", title, text)
    label = say_span(str(frame["round"].iloc[0]))
    steps = [Step(f"Profit of {chosen}", float(frame["reference"].iloc[0]), "forecast")]
    steps += [
        Step(str(row["bar"]).capitalize(), float(row["effect"]), "change")
        for row in list_rows(frame)
        if row["effect"]
    ]
    steps.append(Step("Profit that came", float(frame["actual"].iloc[0]), "actual"))
    chart = draw_waterfall(steps, name="profit-variance", title=title, unit=view.currency, period=label)
    table = _table(view, frame, chosen, label)
    return Answer("profit_variance", title, _say(view, frame, chosen, label), frame, chart, table)


def _say(view: RoundView, frame: pd.DataFrame, against: str, label: str) -> str:
    actual, reference = float(frame["actual"].iloc[0]), float(frame["reference"].iloc[0])
    scale = choose_scale([actual, reference], view.currency)
    gap = actual - reference
    side = "more" if gap >= 0 else "less"
    named = "planned" if against == "plan" else f"in {against}"
    text = f"Profit of {label} came to {scale.say(actual)}, {scale.write(abs(gap))} {side} than {named}"
    ranked = list_rows(frame.sort_values("effect", key=abs, ascending=False, kind="stable").head(2))
    said = " and ".join(f"{row['bar']} ({scale.write(row['effect'], signed=True)})" for row in ranked)
    text = f"{text}; most is moved by {said}."
    left_out = float(frame["left_out"].iloc[0])
    if left_out > 0:
        money = choose_scale([left_out], view.currency).say(left_out)
        text += f" Sales of {money} have no known cost and stand outside."

    return text


def _table(view: RoundView, frame: pd.DataFrame, against: str, label: str) -> Table:
    columns = [
        Column("bar", f"Against {against}"),
        Column("effect", "Effect on profit", "number", view.currency, signed=True),
        Column("owner_function", "Whose"),
    ]
    total = {"bar": "Actual less reference", "effect": float(frame["effect"].sum()), "owner_function": ""}
    note = (
        "Each part is the mean of what its change does over all orders of change: they add up and depend on "
        "none. A product's units are added up, different products' are not."
    )
    return Table(f"What moved profit of {label}", columns, frame, total=total, note=note)
