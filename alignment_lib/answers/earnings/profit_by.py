"""What the plan earns part by part, or span by span."""

from __future__ import annotations

import math
from typing import Unpack, get_args

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.charts.scenario_ranges import draw_scenario_ranges
from alignment_lib.answers.earnings.profit import MEASURES, no_profit_yet
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    say_part,
    say_share,
    say_span,
    share_of,
)
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["profit_by"]

_MOST_ROWS = 24
_FIGURES = ("p10", "p90", "target", "probability")


def profit_by(view: RoundView, *, by: str = "", **asked: Unpack[Asked]) -> Answer:
    """Revenue, margin and profit by the members of a dimension, or over time.

    Parameters
    ----------
    by : str
        A dimension, the broadest by default; or month, quarter or year for the spans of the horizon.

    Returns
    -------
    Answer
        Its frame: ``member, revenue, margin, profit, share`` (of the last measure in revenue), and ``p10,
        p90, target, probability`` of the last measure. Members add up, spans of one length too.
    """
    question = ask(view, **asked)
    cycles = list(get_args(Cycle))
    word = check_word(by or view.dimensions[0], [*view.dimensions, *cycles], "dimension or length of spans")
    over_time = word in cycles and word not in view.dimensions
    title = f"What the plan earns by {humanise(word).lower()}{question.aside}"
    if not view.has_rows("money_odds", "measure", "plan"):
        return no_profit_yet("profit_by", title)
    rows = _spans(question, word) if over_time else question.money_odds(word)
    rows = rows if over_time or rows.empty else rows.assign(member=rows[word])
    if rows.empty:
        text = "Money is told of all sales and of each member of a dimension: ask of one of them at a time."
        return nothing_yet("profit_by", title, text)
    frame, last = _wide(rows, over_time=over_time)
    say = say_span if over_time else lambda member: say_part(word, member)
    shown = frame.assign(name=[say(str(member)) for member in frame["member"]])
    head = shown.head(_MOST_ROWS)
    chart = draw_scenario_ranges(
        head.assign(label=head["name"], plan=head[last])[["label", "plan", "p10", "p90", "probability"]],
        name=f"earned-{word}",
        title=f"{MEASURES[last]} by {humanise(word).lower()}",
        unit=view.currency,
        period="the horizon" if over_time else question.words,
    )
    table = _table(question, shown, last, word, over_time=over_time)
    return Answer("profit_by", title, _say(question, shown, last), frame, chart, table)


def _spans(question: Question, cycle: str) -> pd.DataFrame:
    """Every span of a length, in time order."""
    view, odds = question.view, question.view.table("money_odds")
    chosen = ((odds["scenario"] == question.scenario) & (odds["span"] == cycle)).to_numpy()
    for name in view.dimensions:
        chosen &= (odds[name].fillna("").astype(str) == question.part.get(name, "")).to_numpy()
    found = odds[chosen].sort_values("start", kind="stable")
    kept: Cycle = next(one for one in get_args(Cycle) if one == cycle)
    return found.assign(member=view.labels(found["start"], kept))


def _wide(rows: pd.DataFrame, *, over_time: bool) -> tuple[pd.DataFrame, str]:
    """A row a member with every measure, and the last measure's odds."""
    measures = [name for name in MEASURES if name in set(rows["measure"])]
    wide = rows.pivot_table(index="member", columns="measure", values="plan", sort=False)
    frame = wide.reindex(columns=measures).reset_index()
    frame.columns.name = None
    last = measures[-1]
    odds = rows[rows["measure"] == last].set_index("member").reindex(frame["member"])
    for name in _FIGURES:
        frame[name] = odds[name].to_numpy(dtype=float)
    frame["share"] = [share_of(a, b) for a, b in zip(frame[last], frame["revenue"], strict=True)]
    if not over_time:
        frame = frame.sort_values(last, ascending=False, kind="stable", ignore_index=True)
    for name in MEASURES:
        frame[name] = frame.get(name, math.nan)
    return frame[["member", *MEASURES, "share", *_FIGURES]], last


def _say(question: Question, shown: pd.DataFrame, last: str) -> str:
    scale = choose_scale(shown[last], question.view.currency)
    ranked = list_rows(shown.sort_values(last, ascending=False, kind="stable"))
    first, worst = ranked[0], ranked[-1]
    text = f"Most {MEASURES[last].lower()} comes from {first['name']}: {scale.say(first[last])}"
    if math.isfinite(first["share"]):
        text += f", {say_share(first['share'])} of its revenue"
    if worst[last] < 0:
        text += f"; {worst['name']} loses {scale.say(abs(worst[last]))}"
    return f"{text}."


def _table(question: Question, shown: pd.DataFrame, last: str, word: str, *, over_time: bool) -> Table:
    unit = question.view.currency
    columns = [Column("name", humanise(word))]
    columns += [
        Column(name, words, "number", unit) for name, words in MEASURES.items() if shown[name].notna().any()
    ]
    columns += [Column("share", "of revenue", "share", decimals=1)]
    columns += [Column("p10", "P10", "number", unit), Column("p90", "P90", "number", unit)]
    if shown["target"].notna().any():
        columns += [Column("target", "Target", "number", unit), Column("probability", "Chance", "odds")]
    total = None
    if not over_time:
        sums = {name: float(shown[name].sum()) for name in MEASURES if shown[name].notna().any()}
        total = {"name": "Together", **sums, "share": share_of(sums[last], sums["revenue"])}
    note = f"P10, P90 and chance are those of {MEASURES[last].lower()}."
    if last == "profit" and not over_time:
        note += " Marketing spend is shared over parts by revenue."
    left = len(shown) - _MOST_ROWS
    if left > 0:
        note += f" The first {_MOST_ROWS}; {left} more are only in the sum."
    caption = f"What the plan earns by {humanise(word).lower()}, {question.words}"
    return Table(caption, columns, shown.head(_MOST_ROWS), total=total, note=note)
