"""What was sold: over time beside the year before, all together or by the members of a dimension."""

from __future__ import annotations

import math
from typing import Unpack, get_args

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask, refuse
from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.small_multiples import draw_small_multiples
from alignment_lib.answers.tables import Column, Table, count_note, list_rows
from alignment_lib.answers.wording import choose_scale, say_span, say_value, write_change
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["history"]

_MOST_PANELS = 12


def history(view: RoundView, *, by: str = "", cycle: str = "quarter", **asked: Unpack[Asked]) -> Answer:
    """Actual sales span by span, each beside the one a year before.

    Parameters
    ----------
    view : RoundView
        The round.
    span : str, optional
        Refused: `cycle` says how long the spans are.
    part : Mapping of str to str, optional
        Member by dimension.
    scenario : str, optional
        Refused: what was sold is the same in every scenario.
    by : str
        A dimension: one panel a member, the largest first. Blank for all together.
    cycle : str
        ``month``, ``quarter`` or ``year``.

    Returns
    -------
    Answer
        Its frame holds ``label, actual, prior, change``, with `by` also ``member``; spans of which the
        history holds only a part are left out.
    """
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("history", scenario=scenario, span=span)
    question = ask(view, part=part)
    named = check_word(cycle, _cycles(view), "length of a span")
    words = ", ".join([*question.words.split(", ")[:-1], f"by {named}"])
    title = f"Sales by {by.replace('_', ' ')}, {words}" if by else f"Sales, {words}"
    rows = question.rows("history", any_time=True)
    if rows.empty:
        return nothing_yet("history", title, "There are no sales before the as-of date.")
    length = next(one for one in get_args(Cycle) if one == named)
    if not by:
        frame = _spans(view, rows, length)
        chart: Chart = draw_fan(frame, name="history", title=title, unit=view.unit)
        table = _table(title, frame, question)
    else:
        dimension = check_word(by, view.dimensions, "dimension")
        frame, chart, table = _by_member(question, rows, dimension, length, title)
    return Answer("history", title, _say(frame, view, bool(by)), frame, chart, table)


def _cycles(view: RoundView) -> list[str]:
    return [one for one in get_args(Cycle) if not (one == "month" and view.calendar.grain == "quarter")]


def _spans(view: RoundView, rows: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    """Sums of whole spans: ``label, actual, prior, change`` in time order."""
    calendar, sums = view.calendar, rows.groupby("period")["value"].sum(min_count=1)
    every = view.table("history")["period"]
    periods = pd.DatetimeIndex(np.unique(every.to_numpy()))
    grid = [periods[0]]
    while grid[-1] < periods[-1]:
        grid.append(calendar.shift(grid[-1], 1))
    total = sums.reindex(pd.DatetimeIndex(grid))
    frame = pd.DataFrame({"label": calendar.label(pd.DatetimeIndex(grid), cycle), "actual": total.to_numpy()})
    frame["prior"] = frame["actual"].shift(calendar.season)
    around = pd.DatetimeIndex([calendar.shift(periods[0], -1), calendar.shift(periods[-1], 1)])
    cut = set(calendar.label(around, cycle).tolist())
    spans = frame.groupby("label", sort=False).agg(
        actual=("actual", lambda part: part.sum(min_count=1)),
        prior=("prior", lambda part: part.sum() if part.notna().all() else math.nan),
    )
    spans = spans[~spans.index.isin(cut)].reset_index()
    return spans.assign(change=spans["actual"] / spans["prior"].where(spans["prior"] > 0) - 1)


def _by_member(
    question: Question, rows: pd.DataFrame, dimension: str, cycle: Cycle, title: str
) -> tuple[pd.DataFrame, Chart, Table]:
    view = question.view
    sizes = rows.groupby(rows[dimension].astype(str))["value"].sum().sort_values(ascending=False)
    parts = {name: rows[rows[dimension].astype(str) == name] for name in sizes.index}
    frame = pd.concat(
        [_spans(view, part, cycle).assign(member=name) for name, part in parts.items()], ignore_index=True
    )[["member", "label", "actual", "prior", "change"]]
    drawn = sizes.index[:_MOST_PANELS]
    panels = frame[frame["member"].isin(drawn)].assign(baseline=math.nan, plan=math.nan)
    chart = draw_small_multiples(
        panels.assign(member=panels["member"].map(say_value)), name="history", title=title, unit=view.unit
    )
    last = frame.groupby("member", sort=False).tail(1)
    note = count_note(len(drawn), len(sizes), "member").partition(";")[0]
    columns = [
        Column("member", dimension.replace("_", " ")),
        Column("label", "last whole span"),
        Column("actual", "sold", "amount"),
        Column("prior", "a year before", "amount"),
        Column("change", "change", "share", signed=True),
    ]
    scale = choose_scale(last["actual"], view.unit)
    said = last.assign(member=last["member"].map(say_value), label=last["label"].map(say_span))
    return frame, chart, Table(title, columns, said, scale, note=f"Drawn: {note}" if note else "")


def _table(title: str, frame: pd.DataFrame, question: Question) -> Table:
    columns = [
        Column("label", "span"),
        Column("actual", "sold", "amount"),
        Column("prior", "a year before", "amount"),
        Column("change", "change", "share", signed=True),
    ]
    said = frame.assign(label=frame["label"].map(say_span))
    return Table(title, columns, said, choose_scale(frame["actual"], question.view.unit))


def _say(frame: pd.DataFrame, view: RoundView, is_parted: bool) -> str:
    """The last whole span beside the year before; of members the one that changed most."""
    known = frame.groupby("member", sort=False).tail(1) if is_parted else frame.tail(1)
    known = known[known["change"].notna()]
    if known.empty:
        return "Less than two years of it are known: there is no year before to compare with."
    row = list_rows(known.loc[[(known["actual"] - known["prior"]).abs().idxmax()]])[0]
    now, before = float(row["actual"]), float(row["prior"])
    who = f"{say_value(row['member'])} changed most: " if is_parted else ""
    what = f"{who}{say_span(str(row['label']))} came to {choose_scale([now], view.unit).say(now)}"
    return f"{what}, {write_change(now, before)} on the year before."
