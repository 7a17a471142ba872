"""What opportunities bring in a span: closed, open, still to be created, beside what the plan needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, ask, refuse
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    join_words,
    say_part,
    say_span,
    say_value,
    write_count,
    write_odds,
)
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.rounds.view import RoundView

__all__ = ["pipeline", "say_pipeline", "scores_table", "stages_table"]

_TITLE = "Open opportunities beside the plan"
_SIGN = 3


def pipeline(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """Closed so far + open that will close + still to be created, beside what the plan needs of deals.

    Parameters
    ----------
    view : RoundView
        The round.
    span : str, optional
        One of the horizon's cycles; the round itself where nothing is said.
    part : Mapping of str to str, optional
        One member of a dimension that deals bear.
    scenario : str, optional
        Refused: what deals bring does not depend on a plan, and it is set beside the headline.

    Returns
    -------
    Answer
        Its frame: the published table ``pipeline`` of the span, the whole first, then every member.
    """
    refuse("pipeline", scenario=asked.get("scenario"))
    question = ask(view, span=asked.get("span"), part=asked.get("part"))
    if not view.has_rows("pipeline", "span", "total"):
        return _untold(view)
    table = view.table("pipeline")
    table = table.fillna(dict.fromkeys(view.dimensions, ""))
    frame = table[table["span"].astype(str) == question.span]
    for name, member in question.part.items():
        frame = frame[frame[name].astype(str) == member]
    if frame.empty:
        text = f"Opportunities are told by cycle ahead and by what they bear: not of {question.words}."
        return nothing_yet("pipeline", _TITLE, text)
    frame = frame.reset_index(drop=True)
    first = frame.iloc[0]
    scale = choose_scale(frame["total"], view.currency)
    said = say_pipeline(first.to_dict(), question.words, scale)
    said = " ".join([said, _say_where(view, frame, scale), _say_pushes(view, scale)]).strip()
    title = f"{_TITLE}{question.aside}"
    chart = _draw(first, title, view.currency, say_span(question.span))
    return Answer("pipeline", title, said, frame, chart, _table(view, frame, scale, question.span))


def say_pipeline(row: Mapping[Any, Any], words: str, scale: Scale) -> str:
    """What the deals of a span come to, against plan and target, in sentences.

    Parameters
    ----------
    row : Mapping
        Of the table ``pipeline``.
    words : str
        What is meant: ``2026Q1``.
    scale : Scale
        For its money.
    """
    closed = f"{scale.say(row['closed'])} closed so far, " if row["closed"] else ""
    text = (
        f"In {words} opportunities bring about {scale.say(row['total'])} (eight in ten draws: "
        f"{scale.write(row['total_p10'])} to {scale.write(row['total_p90'])}): {closed}"
        f"{scale.say(row['open'])} from {write_count(int(row['open_deals']), 'open one')}, "
        f"{scale.say(row['to_create'])} from ones still to be created."
    )
    if row["needed"] == row["needed"]:
        side = "short of" if row["gap"] < 0 else "more than"
        text += (
            f" The plan needs {scale.say(row['needed'])} through them, at the share they brought in the last "
            f"year: they are {scale.say(abs(row['gap']))} {side} it, and reach it in "
            f"{write_odds(row['probability'])} of the draws."
        )
    if row["target"] == row["target"]:
        text += f" The target's part, {scale.say(row['target'])}, is reached in "
        text += f"{write_odds(row['target_probability'])} of them."
    return text


def stages_table(view: RoundView) -> Table | None:
    """Open opportunities by stage and pushes; None where there are none."""
    rows = view.table("pipeline_stages")
    if rows.empty:
        return None
    rows = rows.assign(put_off=[_say_times(count) for count in rows["pushes"]])
    columns = [
        Column("stage", "Stage"),
        Column("put_off", "Close put off"),
        Column("deals", "Open", "number"),
        Column("overdue", "Overdue", "number"),
        Column("amount", "Their money", "amount"),
    ]
    if rows["chance"].notna().any():
        columns += [
            Column("chance", "Chance to be won", "share"),
            Column("in_span", f"within {say_span(view.round)}", "share"),
            Column("expected", "Expected in it", "amount"),
        ]
    scale = choose_scale(rows["amount"], view.currency)
    return Table(f"Open opportunities by stage, in {scale.unit}", columns, rows, scale)


def scores_table(view: RoundView) -> Table | None:
    """What earlier rounds expected of opportunities, and what was won; None before any has closed."""
    rows = view.table("pipeline_scores")
    if rows.empty:
        return None
    rows = rows.assign(verdict=["inside" if inside else "outside" for inside in rows["inside"]])
    columns = [
        Column("round", "Round"),
        Column("span", "Span"),
        Column("expected", "Expected", "amount"),
        Column("p10", "from", "amount"),
        Column("p90", "to", "amount"),
        Column("actual", "Won", "amount"),
        Column("verdict", "Eight in ten"),
        Column("open_expected", "Open then, expected", "amount"),
        Column("open_actual", "won", "amount"),
        Column("to_create_expected", "To be created, expected", "amount"),
        Column("to_create_actual", "won", "amount"),
    ]
    scale = choose_scale(rows["actual"], view.currency)
    return Table(f"How earlier rounds' opportunities came out, in {scale.unit}", columns, rows, scale)


def _untold(view: RoundView) -> Answer:
    """No table, or too few closed ones: what is open is named, no odds."""
    stages = view.table("pipeline_stages")
    if stages.empty:
        text = "What open opportunities bring appears once there is a table opportunities."
        return nothing_yet("pipeline", _TITLE, text)
    scale = choose_scale([float(stages["amount"].sum())], view.currency)
    count = write_count(int(stages["deals"].sum()), "opportunity is open", "opportunities are open")
    text = (
        f"{count}, worth {scale.say(float(stages['amount'].sum()))} by the CRM. Too few have closed to tell "
        "chances: no odds are given."
    )
    return Answer("pipeline", _TITLE, text, stages, None, stages_table(view))


def _say_where(view: RoundView, frame: pd.DataFrame, scale: Scale) -> str:
    """Where pipeline and plan differ most, by the members of the first dimension that deals bear."""
    for name in view.dimensions:
        rows = frame[(frame[name].astype(str) != "") & frame["gap"].notna()]
        if len(rows) > 1:
            widest = rows.loc[rows["gap"].abs().sort_values(ascending=False, kind="stable").index[:2]]
            told = [
                f"{say_part(name, row[name])} ({scale.write(row['gap'], signed=True)})"
                for row in widest.to_dict("records")
            ]
            return f"They differ most in {join_words(told)}."
    return ""


def _say_pushes(view: RoundView, scale: Scale) -> str:
    """How many of the open ones were put off three times or more, and what chance that leaves."""
    rows = view.table("pipeline_stages")
    often = rows[rows["pushes"] >= _SIGN] if len(rows) else rows
    if often.empty or not often["deals"].sum():
        return ""
    deals = int(often["deals"].sum())
    chance = float((often["chance"] * often["deals"]).sum() / deals)
    each = "its chance is" if deals == 1 else "their chance is"
    told = f"; {each} {Said(chance):.0%}" if chance == chance else ""
    worth = scale.say(float(often["amount"].sum()))
    return (
        f"{write_count(deals, 'open one was', 'open ones were')} put off three times or more ({worth}){told}."
    )


def _say_times(count: float) -> str:
    if count != count:
        return "not known"
    return {0: "never", 1: "once", 2: "twice"}.get(int(count), "three times or more")


def _draw(row: pd.Series[Any], title: str, currency: str, period: str) -> Chart:
    steps = [
        Step("Closed so far", float(row["closed"]), "actual"),
        Step("Open, will close", float(row["open"]), "change"),
        Step("Still to be created", float(row["to_create"]), "change"),
        Step("From opportunities", float(row["total"]), "forecast"),
    ]
    if row["needed"] == row["needed"]:
        steps.append(Step("What the plan needs", float(row["needed"]), "plan"))
    target = float(row["target"]) if row["target"] == row["target"] else None
    return draw_waterfall(steps, name="pipeline", title=title, unit=currency, period=period, target=target)


def _table(view: RoundView, frame: pd.DataFrame, scale: Scale, span: str) -> Table:
    names = [
        next((say_value(row[name]) for name in view.dimensions if row[name]), "All")
        for row in frame.to_dict("records")
    ]
    columns = [
        Column("who", "Part"),
        Column("closed", "Closed", "amount"),
        Column("open", "Open", "amount"),
        Column("to_create", "To be created", "amount"),
        Column("total", "Together", "amount"),
        Column("total_p10", "from", "amount"),
        Column("total_p90", "to", "amount"),
        Column("needed", "Plan needs", "amount"),
        Column("gap", "Difference", "amount", signed=True),
    ]
    note = "From and to: eight in ten draws lie between. Parts of one dimension add up to All."
    caption = f"Opportunities and plan, {say_span(span)}, in {scale.unit}"
    return Table(caption, columns, frame.assign(who=names), scale, note=note)
