"""What prices, promotions and the market add to the plan, and what they did in the past."""

from __future__ import annotations

import math
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.facts import sum_effects
from alignment_lib.answers.tables import Column, Table, sum_columns
from alignment_lib.answers.wording import choose_scale, humanise, say_span, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["drivers"]

_PREFIX = "driver:"


def drivers(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """What the planned calendar adds to the baseline, driver by driver, with its past events.

    Returns
    -------
    Answer
        Its frame: ``driver, effect, horizon, horizon_money, effects_measured, events, percent``: what the
        calendar adds in the span, over the horizon and there in money, how many effects were measured, from
        how many past events, and by what share sales then change at the usual strength (the median over
        scopes).
    """
    question = ask(view, **asked)
    title = "What the driver calendar brings" + question.aside
    frame = _sum_up(question)
    if frame.empty:
        text = "What prices, promotions and markets bring appears once there is a drivers table."
        return nothing_yet("drivers", title, text)
    total = sum_columns(frame, ["effect", "horizon", "horizon_money"])
    scale = choose_scale([*frame["horizon"], *frame["effect"]], view.unit)
    columns = [
        Column("said", "Driver"),
        Column("effect", f"In {say_span(question.span)}", "amount", signed=True),
        Column("horizon", "Over the horizon", "amount", signed=True),
    ]
    if frame["horizon_money"].notna().any() and view.measure != "revenue":
        money = Column("horizon_money", "Over the horizon", "number", unit=view.currency, signed=True)
        columns.append(money)
    if frame["events"].notna().any():
        columns += [
            Column("events", "Past events", "number"),
            Column("percent", "Sales then change by", "share", "at usual strength", signed=True),
        ]
    note = (
        "Each effect is the plan with the driver's calendar less the plan at its reference, within one "
        "model. It holds what promotions and prices of one product take from others sold beside it or bring "
        "them: seen product by product a promotion can show a loss, which is a rival's gain."
    )
    rows = frame.assign(said=frame["driver"].map(humanise))
    caption = f"Driver effects, {scale.unit}{question.aside}"
    shown = Table(caption, columns, rows, scale, {"said": "All drivers", **total}, note)
    does, amount = "add" if total["effect"] >= 0 else "take", abs(total["effect"])
    sentence = f"{write_count(len(frame), 'driver')} together {does} {scale.say(amount)} in {question.words}."
    return Answer("drivers", title, sentence, frame, shown=shown)


def _sum_up(question: Question) -> pd.DataFrame:
    """Every driver of the horizon, the largest effect first."""
    view, whole = question.view, question.rows("bridge", any_time=True)
    whole = whole[whole["assumption"].str.startswith(_PREFIX)] if len(whole) else whole
    if whole.empty:
        return pd.DataFrame()
    inside = whole["effect"].where(whole["period"].isin(question.periods), 0.0)
    sums = whole.assign(inside=inside).groupby("assumption", sort=False)[["inside", "effect"]].sum()
    money = sum_effects(view, question.scenario, whole=True).set_index("assumption")["money"]
    frame = pd.DataFrame(
        {
            "driver": sums.index.str.removeprefix(_PREFIX),
            "effect": sums["inside"],
            "horizon": sums["effect"],
            "horizon_money": math.nan if question.part else money.reindex(sums.index),
        }
    )
    frame = frame.merge(_past(view.table("driver_effects")), on="driver", how="left")
    return frame.sort_values("horizon", key=abs, ascending=False, kind="stable", ignore_index=True)


def _past(effects: pd.DataFrame) -> pd.DataFrame:
    """Measured effects of each driver: how many, from how many events, and the middle one."""
    columns = ["driver", "effects_measured", "events", "percent"]
    if effects.empty:
        return pd.DataFrame(columns=columns)
    kept = effects[effects["effect"].isin(["uplift", "elasticity", "market"])]
    grouped = kept.groupby("driver").agg(
        effects_measured=("estimate", "size"), events=("events", "sum"), percent=("percent", "median")
    )
    return grouped.reset_index()[columns]
