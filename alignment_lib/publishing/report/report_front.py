"""The front of the report, two pages that answer: will we make it, what changed and why, what to decide.

It arranges answers and works nothing out. What does not answer one of its questions stands in the appendix.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from alignment_lib.answers.asking import ask
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.claims.due import due
from alignment_lib.answers.earnings.profit import say_earnings
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.past.accuracy import accuracy
from alignment_lib.answers.past.variance import say_closed
from alignment_lib.answers.plan.answer_now import answer_now, say_money, say_odds, say_year_before
from alignment_lib.answers.plan.bridge import bridge, draw_bridge
from alignment_lib.answers.plan.changes import say_changes
from alignment_lib.answers.plan.decisions import decisions, say_aside
from alignment_lib.answers.plan.swings import draw_widest, swings
from alignment_lib.answers.plan.through_the_year import through_the_year
from alignment_lib.answers.tables import Table, list_rows, render_table
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    write_change,
    write_count,
    write_date,
    write_odds,
)
from alignment_lib.inputs.periods.round_days import round_title
from alignment_lib.publishing.report.report_frame import found, section
from alignment_lib.rounds.view import RoundView

__all__ = [
    "answer_section",
    "decide_section",
    "differently_section",
    "due_section",
    "masthead",
    "why_section",
]

_MOST_DECISIONS = 4
_MOST_DUE = 4
_MOST_STEPS = 4
_MOST_RISKS = 4


def masthead(view: RoundView) -> Html:
    """The business, the round and where it stands."""
    status = str(view.manifest.get("status", "draft"))
    facts = tag(
        "dl",
        *_pair("Round", round_title(view.calendar, view.round)),
        *_pair("As of", write_date(view.as_of)),
        *_pair("Scenario", humanise(view.headline)),
        *_pair("Status", humanise(status)),
    )
    name = tag("p", str(view.manifest["business"]), class_="business")
    skip = tag("a", "Skip to the report", href="#answer", class_="skip")
    return join([skip, tag("header", tag("div", name, facts, class_="inner"))])


def _pair(term: str, text: str) -> tuple[Html, Html]:
    return tag("dt", term), tag("dd", text)


def answer_section(view: RoundView) -> Html:
    """Will we make the number: in a sentence, in figures, and on one line with what may come."""
    answer = answer_now(view)
    money = " ".join(filter(None, (say_money(answer.frame), say_earnings(view))))
    return tag(
        "section",
        tag("h1", answer.sentence, id="answer-title"),
        tag("p", money, class_="lead") if money else None,
        _say_modest(view),
        _figures(view, answer.frame),
        _picture(answer.chart),
        id="answer",
        aria_labelledby="answer-title",
    )


def _picture(chart: Chart | None) -> Html | None:
    return chart.to_html() if chart is not None else None


def _small_picture(chart: Chart | None) -> Html | None:
    """A chart for half the width of the page: drawn once, as for a phone."""
    return None if chart is None else replace(chart, sheets=chart.sheets[-1:]).to_html()


def _say_modest(view: RoundView) -> Html | None:
    """Said first of all: where last year's period is all the forecast is."""
    for notice in view.manifest.get("warnings", []):
        if notice["code"] == "naive_is_what_we_have":
            count = write_count(int(notice["count"]), "series", "series")
            return tag("p", f"{count}: {notice['text']}", class_="lead")
    return None


def _figures(view: RoundView, frame: pd.DataFrame) -> Html:
    """Plan, target, gap, chance and change: each in the plan's measure, with its money below."""
    now = frame.iloc[0]
    money = frame.iloc[1] if len(frame) > 1 else None
    scale = choose_scale([now["plan"], now["target"]], view.unit, each=True)
    worth = choose_scale(money[["plan", "target"]], view.currency, each=True) if money is not None else None

    def amount(term: str, key: str, *, tone: str = "", signed: bool = False) -> Html:
        second = ""
        if money is not None and worth is not None and math.isfinite(money[key]):
            second = worth.say(money[key], signed=signed)
        value = scale.write(now[key], signed=signed)
        small = tag("small", scale.unit)
        return _figure(term, value, small, tag("b", second, class_="second") if second else None, tone=tone)

    items = [amount("Plan", "plan")]
    if math.isfinite(now["target"]):
        tone = "good" if now["gap"] >= 0 else "bad"
        items += [amount("Target", "target"), amount("Plan less target", "gap", tone=tone, signed=True)]
    if math.isfinite(now["probability"]):
        note = say_odds(view, now).caution() or "from the simulation"
        items.append(_figure("Chance of target", write_odds(now["probability"]), tag("small", note)))
    if math.isfinite(now["prior"]):
        note = say_year_before(view, float(now["prior"]), scale)
        change = write_change(now["plan"], now["prior"])
        items.append(_figure("On the year before", change, tag("small", note)))
    return tag("dl", *items, class_="figures")


def _figure(term: str, value: str, *below: Html | None, tone: str = "") -> Html:
    return tag("div", tag("dt", term), tag("dd", tag("b", value, class_=tone or None), *below))


def decide_section(view: RoundView) -> Html:
    """What is to be decided now, the decision that moves most first."""
    answer = found(view, decisions)
    aside = say_aside(view)
    parts = [tag("p", answer.sentence if answer.shown else f"{answer.sentence} {aside}".strip())]
    if answer.shown is not None:
        parts.append(render_table(_shorten(view, answer.shown, aside)))
    return section("decide", answer.title, *parts)


def _shorten(view: RoundView, shown: Table, aside: str) -> Table:
    """The decisions that move most, with what a leader asks of each."""
    rows = shown.rows.head(_MOST_DECISIONS)
    left = len(shown.rows) - len(rows)
    more = write_count(left, "smaller one stands", "smaller ones stand")
    note = f"{more} in the appendix. " if left > 0 else ""
    columns = [column for column in shown.columns if column.key not in ("accept with all", "drop")]
    caption = f"What accepting does to {view.round}, {shown.scale.unit}"
    return Table(caption, columns, rows, shown.scale, None, f"{note}{aside} {shown.note}".strip(), "decide")


def why_section(view: RoundView) -> Html:
    """What changed since the last round, what the plan is made of, and how the year adds up."""
    said = say_changes(view)
    year, steps = found(view, through_the_year), found(view, bridge)
    note = view.manifest.get("previous") or {}
    if said:
        heading = f"What changed since {note['round']}"
        words = tag("ul", *(tag("li", line) for line in said))
    else:
        heading = "What changed since the last round"
        reason = note.get("reason", "")
        text = "What changed appears once an earlier round of this unit has been published."
        text = f"The earlier round cannot be compared: {reason}." if reason else text
        words = tag("p", text, class_="hint")
    closed = say_closed(view)
    told = tag("p", closed) if closed else None
    left = tag("div", words, told, tag("p", year.sentence), _small_picture(year.chart))
    right: list[Html | None] = [tag("p", steps.sentence)]
    if steps.is_answered:
        title = f"{steps.title}, largest steps"
        right.append(_small_picture(draw_bridge(ask(view), steps.frame, title, _MOST_STEPS)))
    return section("why", f"{heading}, and why", tag("div", left, tag("div", *right), class_="pair"))


def differently_section(view: RoundView) -> Html:
    """What could come differently: what moves the plan most, and how earlier plans came out."""
    past = found(view, accuracy)
    said = [found(view, swings).sentence, *([past.sentence] if past.is_answered else [])]
    words = tag("div", *(tag("p", text) for text in said))
    chart = draw_widest(view, _MOST_RISKS)
    return section(
        "differently",
        "What could come differently",
        tag("div", words, tag("div", _small_picture(chart)), class_="pair") if chart is not None else words,
    )


def due_section(view: RoundView) -> Html:
    """What earlier meetings decided and is still owed."""
    answer = found(view, due)
    waiting = answer.frame[answer.frame["state"].isin(["overdue", "open"])]
    items = []
    for row in list_rows(waiting.head(_MOST_DUE)):
        day = f", due {write_date(row['due'])}" if pd.notna(row["due"]) else ""
        owner = f"{row['owner']}{day}" if row["owner"] else day.removeprefix(", ")
        late = tag("span", "overdue", class_="mark bad") if row["state"] == "overdue" else None
        items.append(tag("li", tag("b", str(row["text"])), f" ({owner}) " if owner else " ", late))
    left = len(waiting) - _MOST_DUE
    items += [tag("li", f"and {left} more in the appendix")] if left > 0 else []
    listed = tag("ul", *items) if items else None
    return section("due", answer.title, tag("p", answer.sentence), listed)
