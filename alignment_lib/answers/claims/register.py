"""The register: every claim with its range, its owner, where it stands and the reason given."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, ask, refuse
from alignment_lib.answers.facts import sum_effects
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    join_words,
    say_unit,
    write_count,
    write_date,
    write_number,
)
from alignment_lib.rounds.view import RoundView

__all__ = ["register"]

_TITLE = "Assumptions of this horizon"
_SHOWN = (
    *("id", "title", "kind", "owner", "function", "status", "start", "end"),
    *("low", "expected", "high", "unit", "rationale", "remarks"),
)


def register(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """Claims whose dates reach into the horizon, with what each does to the round as proposed.

    Parameters
    ----------
    view : RoundView
        The round.
    span : str, optional
        Refused: dates stand in the rows.
    part : Mapping of str to str, optional
        Claims whose scope holds it.
    scenario : str, optional
        Whose effects are shown; as proposed by default, so that what awaits a decision has one.

    Returns
    -------
    Answer
        Its frame holds ``id, title, kind, owner, function, status, start, end, low, expected, high, unit,
        rationale`` of the published register, ``remarks`` (what was said of it, from the log), and
        ``effect``, in the measure, over the round.
    """
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("register", span=span)
    question = ask(view, part=part, scenario=scenario or "as_proposed")
    title = f"{_TITLE}, {question.words}" if part else _TITLE
    table = view.table("assumptions")
    if table.empty:
        return nothing_yet("register", title, "The register is empty: add assumptions.csv.")
    first = view.table("plan")["period"].min()
    end = pd.to_datetime(table["end"])
    inside = end.isna() | (end >= first)
    for name, member in question.part.items():
        if name in table:
            inside &= table[name].fillna("").astype(str).isin(["", member])
    rows = table[inside].reset_index(drop=True).reindex(columns=list(_SHOWN))
    rows["remarks"] = rows["remarks"].astype(object).fillna("")
    if rows.empty:
        left = write_count(len(table), "row")
        return nothing_yet("register", title, f"No claim reaches into this horizon; {left} ended before it.")
    sums = sum_effects(view, question.scenario).set_index("assumption")["effect"]
    frame = rows.assign(effect=rows["id"].map(sums).fillna(0.0))
    counts = frame["status"].value_counts()
    said = join_words([f"{counts[name]} {name}" for name in counts.index])
    ended = len(table) - len(frame)
    note = f"{ended} more have ended before the horizon." if ended else ""
    scale = choose_scale(frame["effect"], view.unit)
    sentence = f"{write_count(len(frame), 'claim')}: {said}."
    shown = Table(title, _columns(view, frame), _words(frame), scale, note=note)
    return Answer("register", title, sentence, frame, shown=shown)


def _words(frame: pd.DataFrame) -> pd.DataFrame:
    ends = [[_say(row, name) for row in list_rows(frame)] for name in ("low", "expected", "high")]
    return frame.assign(
        name=frame["id"] + " " + frame["title"].astype(str),
        whose=[f"{humanise(row['kind'])}; {row['owner']} ({row['function']})" for row in list_rows(frame)],
        dates=[f"{_day(row['start'])} to {_day(row['end'])}" for row in list_rows(frame)],
        low_said=ends[0],
        expected_said=ends[1],
        high_said=ends[2],
    )


def _day(day: pd.Timestamp) -> str:
    number, month, year = write_date(day).split()
    return f"{number} {month[:3]} {year}"


def _say(row: Mapping[str, Any], name: str) -> str:
    value = float(row[name])
    if not math.isfinite(value):
        return "–"
    text = write_number(value, 0 if value.is_integer() else 1, signed=row["unit"] == "percent")
    return text + (say_unit(row["unit"]) if row["unit"] == "percent" or name == "expected" else "")


def _columns(view: RoundView, frame: pd.DataFrame) -> list[Column]:
    return [
        Column("name", "assumption", below="whose"),
        Column("dates", "dates"),
        Column("low_said", "low", "number"),
        Column("expected_said", "expected", "number"),
        Column("high_said", "high", "number"),
        Column("status", "status", "mark"),
        Column("effect", f"does to {view.round}", "amount", signed=True),
        Column("rationale", "reason given"),
        *([Column("remarks", "said of it")] if frame["remarks"].any() else []),
    ]
