"""Why the plan differs from the baseline: one step per driver and assumption, in the plan's measure."""

from __future__ import annotations

import math
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.facts import name_contributors
from alignment_lib.answers.tables import Column, Table, list_rows, sum_columns
from alignment_lib.answers.wording import choose_scale, humanise, join_words, say_share, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["bridge", "draw_bridge", "draw_steps", "moves"]

_MOST_STEPS = 12
_NOTHING = 1e-9


def bridge(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """From baseline to plan, contributor by contributor.

    Returns
    -------
    Answer
        Its frame: ``assumption, title, effect, effect_share, status``, the largest effect first, zeros
        included; effects add up to plan less baseline. Money stands in `money_bridge`.
    """
    question = ask(view, **asked)
    title = f"From baseline to plan{question.aside}"
    frame = _sum_effects(question)
    if not moves(frame["effect"]).any():
        text = (
            "The plan equals the baseline: a bridge appears once a driver or an accepted assumption falls in "
            f"{question.words}."
        )
        return nothing_yet("bridge", title, text)
    chart = draw_bridge(question, frame, title)
    return Answer("bridge", title, _say(question, frame), frame, chart, _table(question, frame))


def moves(effects: pd.Series[float]) -> pd.Series[bool]:
    """Which effects are more than what is left over from adding and taking away the same."""
    return effects.abs() > _NOTHING


def _sum_effects(question: Question) -> pd.DataFrame:
    columns = ["assumption", "title", "effect", "effect_share", "status"]
    rows = question.rows("bridge")
    if rows.empty:
        return pd.DataFrame(columns=columns).astype({"effect": float})
    sums = rows.groupby("assumption", as_index=False, observed=True)["effect"].sum()
    register, say = question.view.table("assumptions"), name_contributors(question.view)
    known = dict(zip(register["id"], register["status"], strict=True)) if "status" in register else {}
    baseline = float(question.rows("plan")["baseline"].sum())
    found = sums.assign(
        title=[say(str(name)) for name in sums["assumption"]],
        effect_share=sums["effect"] / baseline if baseline else math.nan,
        status=[str(known.get(name, "")) for name in sums["assumption"]],
    )
    order = found["effect"].abs().sort_values(ascending=False, kind="stable").index
    ordered: pd.DataFrame = found.loc[order, columns]
    return ordered.reset_index(drop=True)


def draw_bridge(question: Question, frame: pd.DataFrame, title: str, most: int = _MOST_STEPS) -> Chart:
    """The bridge as a chart with so many steps at most; the smaller ones are one step."""
    sums = question.rows("plan")[["baseline", "plan"]].sum()
    ends = (float(sums["baseline"]), float(sums["plan"]), float(question.odds()["target"]))
    name, unit = f"bridge-{most}", question.view.unit
    return draw_steps(frame, ends, name=name, title=title, unit=unit, period=question.span, most=most)


def draw_steps(
    frame: pd.DataFrame,
    ends: tuple[float, float, float],
    *,
    name: str,
    title: str,
    unit: str,
    period: str,
    most: int = _MOST_STEPS,
) -> Chart:
    """From baseline to plan, the same on every face.

    Parameters
    ----------
    frame : DataFrame
        ``title, effect``, the largest effect first.
    ends : tuple of float
        Baseline, plan and target; NaN where there is no target.
    name, title, unit, period
        As for every chart.
    most : int
        Steps at most; the smaller ones are one step.
    """
    moving = frame[moves(frame["effect"])]
    shown = moving if len(moving) <= most else moving.head(most - 1)
    baseline, plan, target = ends
    steps = [Step("Baseline", baseline, "forecast")]
    steps += [Step(row["title"], row["effect"], "change") for row in list_rows(shown)]
    rest = moving.iloc[len(shown) :]
    if len(rest):
        steps.append(Step(f"{len(rest)} others", float(rest["effect"].sum()), "change"))
    steps.append(Step("Plan", plan, "plan"))
    wanted = target if math.isfinite(target) else None
    return draw_waterfall(steps, name=name, title=title, unit=unit, period=period, target=wanted)


def _say(question: Question, frame: pd.DataFrame) -> str:
    sums = question.rows("plan")[["baseline", "plan"]].sum()
    scale = choose_scale([sums["plan"]], question.view.unit)
    change = float(sums["plan"] - sums["baseline"])
    share = f", {say_share(abs(change) / sums['baseline'])} of the baseline" if sums["baseline"] > 0 else ""
    verb = "add" if change >= 0 else "take"
    text = f"Drivers and assumptions {verb} {scale.say(abs(change))}{share}."
    said = []
    for word, sign in (("added", 1), ("taken", -1)):
        rows = frame[frame["effect"] * sign > 0]
        if len(rows) and scale.write(float(rows["effect"].iloc[0])) != scale.write(0.0):
            amount = scale.write(float(rows["effect"].iloc[0]), signed=True)
            name = str(rows["title"].iloc[0]).replace("Driver calendar: ", "the driver calendar's ")
            said.append(f"most is {word} by {name} ({amount})")
    spoken = join_words(said)
    return f"{text} {spoken[:1].upper()}{spoken[1:]}." if said else text


def _table(question: Question, frame: pd.DataFrame) -> Table:
    view, rows = question.view, frame[moves(frame["effect"])]
    columns = [
        Column("title", "Driver or assumption"),
        Column("effect", "Effect", "amount", signed=True),
        Column("effect_share", "On baseline", "share", decimals=1, signed=True),
    ]
    if (rows["status"] != "").any():
        columns.append(Column("status", "Status", "mark"))
    scale = choose_scale([float(question.rows("plan")["plan"].sum())], view.unit)
    total = {"title": "Plan less baseline", **sum_columns(rows, ["effect", "effect_share"])}
    note = "The effects add up to plan less baseline whatever their order."
    idle = len(frame) - len(rows)
    if idle:
        note += f" {write_count(idle, 'more row changes', 'more rows change')} nothing in {question.words}."
    caption = f"Bridge of {question.words}, {scale.unit}, scenario {humanise(question.scenario).lower()}"
    return Table(caption, columns, rows, scale, total, note)
