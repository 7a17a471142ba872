"""The promotion calendar: what runs when and where, from the driver calendar and the register."""

from __future__ import annotations

import math
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.charts.year import draw_calendar
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import (
    PLAIN,
    choose_scale,
    humanise,
    join_words,
    say_part,
    write_count,
    write_share,
)
from alignment_lib.rounds.view import RoundView

__all__ = ["promotions"]

_MOST_ROWS = 24
_MOST_NAMED = 3


def promotions(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """Promotions of the span asked about: planned in the driver calendar, or claimed by an assumption.

    Returns
    -------
    Answer
        Its frame: ``what, where, start, end, depth, status, effect``; `effect` is what the claim adds to the
        plan of the span, and not known for single rows of the driver calendar, whose effect stands in the
        bridge as a whole.
    """
    question = ask(view, **asked)
    title = f"Promotion calendar{question.aside}"
    found = [table for table in (_planned(question), _claimed(question)) if len(table)]
    if not found:
        text = (
            f"No promotion is planned or claimed in {question.words}: promotion columns of a drivers table "
            "and assumptions of the kind promotion fill this calendar."
        )
        return nothing_yet("promotions", title, text)
    frame = pd.concat(found, ignore_index=True)
    frame = frame.sort_values(["start", "end", "what"], kind="stable", ignore_index=True)
    chart = draw_calendar(frame, _days(question), name="promotions", title=title, period=question.words)
    return Answer("promotions", title, _say(question, frame), frame, chart, _table(question, frame))


def _days(question: Question) -> tuple[pd.Timestamp, pd.Timestamp]:
    periods = question.periods
    return periods[0], question.view.calendar.ends(periods[-1:])[0] - pd.Timedelta(days=1)


def _planned(question: Question) -> pd.DataFrame:
    """Rows of the driver calendar; those that differ in their place alone are one."""
    first, last = _days(question)
    rows = question.rows("promotions", any_time=True)
    if rows.empty:
        return rows
    rows = rows[(rows["start"] <= last) & (rows["end"] >= first)]
    dimensions = [name for name in question.view.dimensions if name in rows]
    lead = dimensions[:1]
    keys = ["driver", *lead, "start", "end", "depth"]
    lines = []
    for values, inside in rows.groupby(keys, sort=False):
        line = dict(zip(keys, values, strict=True))
        places = [_say_members(name, inside[name]) for name in dimensions]
        line |= {"what": humanise(str(line["driver"])), "where": ", ".join(filter(None, places))}
        lines.append(line)
    frame = pd.DataFrame(lines, columns=[*keys, "what", "where"])
    shown = frame[["what", "where", "start", "end", "depth"]]
    return shown.assign(status="in the calendar", effect=float("nan"))


def _say_members(dimension: str, members: pd.Series[str]) -> str:
    names = sorted({str(name) for name in members if name})
    if len(names) > _MOST_NAMED:
        return write_count(len(names), dimension.replace("_", " "))
    return join_words([say_part(dimension, name) for name in names])


def _claimed(question: Question) -> pd.DataFrame:
    first, last = _days(question)
    register = question.view.table("assumptions")
    if not {"kind", "start", "end"} <= set(register.columns):
        return pd.DataFrame()
    rows = register[
        (register["kind"] == "promotion") & (register["start"] <= last) & (register["end"] >= first)
    ]
    rows = rows[~rows["status"].isin(["rejected", "draft"])] if "status" in rows else rows
    dimensions = [name for name in question.view.dimensions if name in rows]
    for name, member in question.part.items():
        texts = rows[name].fillna("").astype(str) if name in rows else pd.Series("", rows.index)
        rows = rows[texts.isin(["", member])]
    bridge = question.rows("bridge")
    effects = bridge.groupby("assumption")["effect"].sum().to_dict() if len(bridge) else {}
    scopes = rows[dimensions].fillna("").astype(str).to_dict("records")
    where = [
        ", ".join(say_part(str(n), m) for n, m in scope.items() if m) or "everywhere" for scope in scopes
    ]
    return pd.DataFrame(
        {
            "what": rows["id"].astype(str) + " " + rows["title"].astype(str),
            "where": where,
            "start": rows["start"],
            "end": rows["end"],
            "depth": rows["depth"].astype(float) if "depth" in rows else float("nan"),
            "status": rows.get("status", ""),
            "effect": [float(effects.get(name, 0.0)) for name in rows["id"]],
        }
    )


def _say(question: Question, frame: pd.DataFrame) -> str:
    first = frame.iloc[0]
    count = write_count(len(frame), "promotion runs", "promotions run")
    begins = f"{first['start'].day} {first['start']:%B}"
    place = f" ({first['where']})" if first["where"] else ""
    return f"{count} in {question.words}; the first is {first['what']}{place} from {begins} on."


def _table(question: Question, frame: pd.DataFrame) -> Table:
    rows = frame.assign(depth=[_say_depth(value) for value in frame["depth"]])
    columns = [
        Column("what", "Promotion", below="where"),
        Column("start", "From", "date"),
        Column("end", "To", "date"),
        Column("depth", "Depth"),
        Column("status", "Status", "mark"),
    ]
    scale = PLAIN
    if rows["effect"].notna().any():
        scale = choose_scale(rows["effect"], question.view.unit)
        columns.append(Column("effect", "Adds to the plan", "amount", signed=True))
    note = (
        "Of a claim that repeats the calendar only the difference is its own; the calendar's part stands in "
        "the bridge."
    )
    left = len(rows) - _MOST_ROWS
    if left > 0:
        note += f" The first {_MOST_ROWS}; {left} later ones are not listed."
    return Table(f"Promotions in {question.words}", columns, rows.head(_MOST_ROWS), scale, None, note)


def _say_depth(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return "on" if value >= 1 else write_share(float(value), 0)
