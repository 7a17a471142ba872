"""Will we make it: the plan beside its target, in units and in money, with its odds and the year before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.facts import shift_history
from alignment_lib.answers.odds_words import OddsWords, years_known
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    say_share,
    share_of,
    write_count,
)
from alignment_lib.inputs.periods.round_days import find_year_before, sum_where_whole
from alignment_lib.rounds.view import RoundView

__all__ = ["answer_now", "find_money_target", "say_money", "say_odds", "say_year_before"]

_QUANTILES = ("p2_5", "p10", "p50", "p90", "p97_5")


def answer_now(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """Will we make the number, in the plan's measure and in money.

    Returns
    -------
    Answer
        Its frame has a row a measure: ``measure, unit, plan, target, gap, gap_share, prior, change, p2_5,
        p10, p50, p90, p97_5, probability``; NaN where not known. Money has its odds where a target in
        money stands or costs are known.
    """
    question = ask(view, **asked)
    frame = pd.DataFrame([_in_measure(question), *_in_money(question)])
    frame["gap"] = frame["plan"] - frame["target"]
    frame["gap_share"] = [share_of(gap, of) for gap, of in zip(frame["gap"], frame["target"], strict=True)]
    frame["change"] = frame["plan"] / frame["prior"].where(frame["prior"] > 0) - 1
    now = frame.iloc[0]
    chart = draw_odds_strip(
        {key: float(now[key]) for key in ("plan", *_QUANTILES, "target", "probability")},
        name="strip",
        title="Plan, target and what may come" if math.isfinite(now["target"]) else "Plan and what may come",
        unit=view.unit,
        period=question.words,
    )
    return Answer(
        "answer_now", "Will we make it?", _say(question, frame), frame, chart, _table(question, frame)
    )


def _in_measure(question: Question) -> dict[str, object]:
    view, plan = question.view, question.rows("plan")
    odds = question.odds()
    return {
        "measure": view.measure,
        "unit": view.unit,
        "plan": float(plan["plan"].sum()),
        "prior": _sum_prior(question, plan),
        "target": float(odds["target"]),
        **{key: float(odds[key]) for key in (*_QUANTILES, "probability")},
    }


def _sum_prior(question: Question, plan: pd.DataFrame) -> float:
    """Sales a year before; NaN unless every period of the plan has one."""
    prior = shift_history(question.view)
    for name, member in question.part.items():
        prior = prior[prior[name].astype(str) == member] if len(prior) else prior
    prior = prior[prior["period"].isin(plan["period"])] if len(prior) else prior
    whole = len(prior) and prior["period"].nunique() == plan["period"].nunique()
    return float(prior["value"].sum()) if whole else math.nan


def _in_money(question: Question) -> list[dict[str, object]]:
    view, plan = question.view, question.rows("plan")
    if view.measure == "revenue" or "revenue" not in plan or not plan["revenue"].notna().any():
        return []
    target = find_money_target(question)
    row = {
        "measure": "revenue",
        "unit": view.currency,
        "plan": float(plan["revenue"].sum()),
        "target": target,
    }
    return [row | {"prior": math.nan} | _money_odds(question)]


def _money_odds(question: Question) -> dict[str, float]:
    """The odds of revenue in just this span and part; NaN where none were drawn."""
    found = question.money_odds()
    found = found[found["measure"] == "revenue"] if len(found) else found
    keys = (*_QUANTILES, "probability")
    return {key: float(found[key].iloc[0]) if len(found) else math.nan for key in keys}


def find_money_target(question: Question) -> float:
    """What is asked for in money of just this span and part; NaN where nothing is."""
    targets = question.view.table("targets")
    if targets.empty:
        return math.nan
    chosen = (targets["measure"] == "revenue") & (targets["round"] == question.span)
    for name in question.view.dimensions:
        chosen &= targets[name].fillna("").astype(str) == question.part.get(name, "")
    return float(targets.loc[chosen, "target"].sum()) if chosen.any() else math.nan


def _say(question: Question, frame: pd.DataFrame) -> str:
    now = frame.iloc[0]
    scale = choose_scale([now["plan"], now["target"]], question.view.unit, each=True)
    plan = f"The plan for {question.words} is {scale.say(now['plan'])}"
    if not math.isfinite(now["target"]):
        return f"{plan}. No target has been set, so there are no odds of making it."
    text = f"{plan}, {_say_gap(now, scale)}"
    if not math.isfinite(now["probability"]):
        return f"{text}."
    chance = say_odds(question.view, now).say(scale.say(now["p50"]))
    return f"{text}. The chance of making the target is {chance}."


def _say_gap(row: pd.Series[float], scale: Scale) -> str:
    """Plan against target. A share of a target of nothing, or of one of another size, says nothing."""
    if not row["gap"]:
        return "which is the target"
    side = "above" if row["gap"] > 0 else "below"
    if math.isfinite(row["gap_share"]):
        return f"{say_share(abs(row['gap_share']))} {side} the target"
    return f"{scale.say(abs(row['gap']))} {side} the target of {scale.write(row['target'])}"


def say_money(frame: pd.DataFrame) -> str:
    """The same in money; empty where the plan has no money of its own, or its measure is money."""
    if len(frame) < 2:
        return ""
    row = frame.iloc[1]
    scale = choose_scale([row["plan"], row["target"]], str(row["unit"]), each=True)
    if not math.isfinite(row["target"]):
        return f"In money the plan comes to {scale.say(row['plan'])}; no target in money has been set."
    if not row["gap"]:
        return f"In money the plan comes to {scale.say(row['plan'])}, which is the target."
    side = "more" if row["gap"] > 0 else "less"
    return (
        f"In money the plan comes to {scale.say(row['plan'])}, {scale.write(abs(row['gap']))} {side} than "
        f"the target of {scale.write(row['target'])}."
    )


def say_odds(view: RoundView, row: Mapping[str, float] | pd.Series[float]) -> OddsWords:
    """The odds of a row of figures, with what must be said beside them."""
    periods = view.table("history")["period"] if view.has_rows("history", "period") else pd.DatetimeIndex([])
    years = years_known(periods, view.as_of)
    return OddsWords(row["probability"], row["plan"], row["target"], row["p50"], years)


def say_year_before(view: RoundView, prior: float, scale: Scale) -> str:
    """What the year before was, and which periods it is where weeks do not make it the cycle of that name."""
    text = f"year before {scale.write(prior)}"
    before = find_year_before(view.calendar, view.periods, view.cycle)
    if not before.is_restated:
        return text
    text += f" in {write_count(len(before.compared), view.calendar.grain)}, {before.days}"
    whole = sum_where_whole(view.table("history"), before.named)
    if math.isfinite(whole):
        text += f"; {before.name} had {len(before.named)} and came to {scale.write(whole)}"
    return text


def _table(question: Question, frame: pd.DataFrame) -> Table:
    rows = frame.assign(words=[f"In {unit}" for unit in frame["unit"]])
    columns = [
        Column("words", "Plan and target"),
        Column("plan", "Plan", "number"),
        Column("target", "Target", "number"),
        Column("gap", "Plan less target", "number", signed=True),
        Column("gap_share", "of target", "share", decimals=1, signed=True),
        Column("probability", "Chance of target", "odds"),
        Column("p10", "P10", "number"),
        Column("p90", "P90", "number"),
        Column("prior", "Year before", "number"),
        Column("change", "Change on year before", "share", decimals=1, signed=True),
    ]
    note = "The chance is drawn in the plan's measure; there is none for money."
    said = len(rows) > 1 and rows["p50"].iloc[1:].isna().all()
    return Table(f"Plan and target, {question.words}", columns, rows, note=note if said else "")
