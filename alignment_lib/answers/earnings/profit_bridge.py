"""Why the plan earns what it earns: from the baseline's profit to the plan's, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.earnings.profit import no_profit_yet
from alignment_lib.answers.facts import name_contributors
from alignment_lib.answers.plan.bridge import draw_steps, moves
from alignment_lib.answers.plan.part_bridge import say_step
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView

__all__ = ["profit_bridge"]

_ENDS = ("baseline", "plan")
_AMOUNTS = ("by_volume", "by_price", "by_cost", "funding", "overhead", "spend", "effect")


def profit_bridge(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """From the baseline's profit to the plan's, every contributor at what its units bring and cost.

    Returns
    -------
    Answer
        Its frame: ``assumption, title, by_volume, by_price, by_cost, funding, overhead, spend, effect``, in
        the currency, over the open periods of the span; ``baseline`` and ``plan`` are its two ends.
    """
    question = ask(view, **asked)
    title = "From the baseline's profit to the plan's"
    if question.scenario != view.headline:
        raise UnknownWord("the bridge in profit is published for the headline plan only")
    if not view.has_rows("profit_bridge", "assumption", "effect"):
        return no_profit_yet("profit_bridge", title)
    rows = _level(question)
    if rows.empty:
        text = "The bridge in profit is told of all sales and of each member, by quarter and year."
        return nothing_yet("profit_bridge", title, text)
    say = name_contributors(view)
    frame = rows[["assumption", *_AMOUNTS]].reset_index(drop=True)
    names = [_name(str(name), say) for name in frame["assumption"]]
    frame.insert(1, "title", names)
    chart = _draw(question, frame, title)
    return Answer("profit_bridge", title, _say(view, frame), frame, chart, _table(question, frame))


def _level(question: Question) -> pd.DataFrame:
    rows = question.view.table("profit_bridge")
    chosen = (rows["label"] == question.span).to_numpy()
    for name in question.view.dimensions:
        chosen &= (rows[name].fillna("").astype(str) == question.part.get(name, "")).to_numpy()
    return rows[chosen]


def _name(name: str, say: Callable[[str], str]) -> str:
    return "Marketing spend" if name == "spend" else say_step(name, say)


def _steps(frame: pd.DataFrame) -> pd.DataFrame:
    inner = frame[~frame["assumption"].isin(_ENDS)]
    order = inner["effect"].abs().sort_values(ascending=False, kind="stable").index
    return inner.loc[order]


def _draw(question: Question, frame: pd.DataFrame, title: str) -> Chart:
    ends = frame.set_index("assumption")["effect"]
    return draw_steps(
        _steps(frame),
        (float(ends["baseline"]), float(ends["plan"]), float("nan")),
        name="profit-bridge",
        title=title,
        unit=question.view.currency,
        period=question.span,
    )


def _say(view: RoundView, frame: pd.DataFrame) -> str:
    ends = frame.set_index("assumption")["effect"]
    scale = choose_scale([ends["plan"], ends["baseline"]], view.currency)
    steps = _steps(frame)
    steps = steps[moves(steps["effect"])]
    text = f"The baseline earns {scale.say(ends['baseline'])}, the plan {scale.write(ends['plan'])}"
    said = [
        f"{row['title']} ({scale.write(row['effect'], signed=True)})" for _, row in steps.head(2).iterrows()
    ]
    return f"{text}; most is moved by {' and '.join(said)}." if said else f"{text}."


def _table(question: Question, frame: pd.DataFrame) -> Table:
    unit = question.view.currency
    ends = frame.set_index("assumption")
    inner = _steps(frame)
    rows = pd.concat([ends.loc[["baseline"]].reset_index(), inner[moves(inner["effect"])]], ignore_index=True)
    titles = {
        "by_volume": "By volume",
        "by_price": "By price",
        "by_cost": "Unit costs",
        "funding": "Funding",
        "overhead": "Overhead",
        "spend": "Spend",
        "effect": "Together",
    }
    columns = [Column("title", "From baseline to plan")]
    columns += [
        Column(key, words, "number", unit, signed=key != "effect")
        for key, words in titles.items()
        if key == "effect" or (frame[key] != 0).any()
    ]
    plan = frame[frame["assumption"] == "plan"]
    total = {"title": "Plan", **{key: float(plan[key].sum()) for key in _AMOUNTS}}
    note = (
        "Volume is worth the regular price; price is what the whole volume earns more or less; open periods "
        "only. Steps add up whatever their order."
    )
    return Table(f"Bridge in profit of {question.words}", columns, rows, total=total, note=note)
