"""How the fiscal year adds up, month by month: sold and planned, beside the target and the year before."""

from __future__ import annotations

import math
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.charts.year import draw_year
from alignment_lib.answers.facts import shift_history
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, say_change, say_span
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.periods.round_names import CYCLE_MONTHS
from alignment_lib.rounds.view import RoundView

__all__ = ["add_up", "through_the_year"]

_STEPS: tuple[Cycle, ...] = ("quarter", "month")


def through_the_year(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """How the fiscal year adds up, month by month: sold so far and planned, the target, the year before."""
    question = ask(view, **asked)
    frame = add_up(question)
    title = "How the year adds up" + question.aside
    if frame.empty:
        return nothing_yet("through_the_year", title, "Nothing of this year is planned.")
    columns = [
        Column("name", "Up to the end of"),
        Column("plan", "Sold and planned", "amount"),
        Column("target", "Target", "amount"),
        Column("gap", "Less target", "amount", signed=True),
        Column("prior", "Year before", "amount"),
        Column("change", "Change on year before", "share", decimals=1, signed=True),
    ]
    if frame["target"].isna().all():
        columns = [column for column in columns if column.key not in ("target", "gap")]
    scale = choose_scale(frame["plan"], view.unit)
    table = Table(f"{title}, {frame['year'].iloc[0]}, {scale.unit}", columns, frame, scale)
    chart = draw_year(frame, name="year", title=title, unit=view.unit, period=str(frame["year"].iloc[0]))
    return Answer("through_the_year", title, _say_year(question, frame), frame, chart, table)


def add_up(question: Question) -> pd.DataFrame:
    """Running sums over the fiscal year that holds the span asked about.

    Returns
    -------
    DataFrame
        ``year, label, name, start, is_planned, plan, prior, target, gap, change`` by month, or by quarter
        where sales are. `plan` is what was sold in closed periods and what is planned in the others; `target`
        stands where the targets of consecutive spans from the year's start reach.
    """
    view = question.view
    year = str(view.calendar.label(question.periods[:1], "year")[0])
    plan = question.rows("plan", any_time=True).groupby("period")["plan"].sum()
    history = question.rows("history", any_time=True)
    sold = history.groupby("period")["value"].sum() if len(history) else plan.iloc[:0]
    before = shift_history(view, tuple(question.part.items()))
    prior = before.groupby("period")["value"].sum() if len(before) else plan.iloc[:0]
    sales = pd.concat([sold[~sold.index.isin(plan.index)], plan]).sort_index()
    periods = pd.DatetimeIndex(sales.index)
    sales = sales[view.calendar.label(periods, "year") == year] if len(periods) else sales
    if sales.empty:
        return pd.DataFrame()
    periods = pd.DatetimeIndex(sales.index)
    finest: Cycle = "quarter" if view.calendar.grain == "quarter" else "month"
    frame = pd.DataFrame(
        {"plan": sales, "prior": prior.reindex(periods), "is_planned": periods.isin(plan.index)}
    )
    frame["start"] = periods
    frame["both"] = frame["plan"].where(frame["prior"].notna(), 0.0)
    frame["label"] = view.calendar.label(periods, finest)
    sums = frame.groupby("label", sort=False).agg(
        plan=("plan", "sum"),
        prior=("prior", "sum"),
        both=("both", "sum"),
        known=("prior", "count"),
        is_planned=("is_planned", "any"),
        start=("start", "min"),
    )
    totals = sums[["plan", "prior", "both"]].cumsum()
    known = totals["prior"].where((sums["known"] > 0).cummin())
    result = pd.DataFrame({"year": year, "label": sums.index, "name": [say_span(str(x)) for x in sums.index]})
    result["start"] = sums["start"].to_numpy()
    result["is_planned"] = sums["is_planned"].to_numpy()
    result["plan"], result["prior"] = totals["plan"].to_numpy(), known.to_numpy()
    result["target"] = _add_up_targets(question, sums["start"])
    result["gap"] = result["plan"] - result["target"]
    result["change"] = totals["both"].to_numpy() / result["prior"].where(result["prior"] > 0) - 1
    return result


def _add_up_targets(question: Question, starts: pd.Series[pd.Timestamp]) -> list[float]:
    """The target up to the end of each span, as far as targets that follow one another reach."""
    view, targets = question.view, question.view.table("targets")
    reached = [math.nan] * len(starts)
    if targets.empty:
        return reached
    chosen = targets["measure"] == view.measure
    for name in view.dimensions:
        chosen &= targets[name].fillna("").astype(str) == question.part.get(name, "")
    asked = targets[chosen].groupby("round")["target"].sum()
    months = view.calendar.fiscal_month(pd.DatetimeIndex(starts))
    done, total = 0, 0.0
    while done < len(months):
        first = pd.DatetimeIndex([starts.iloc[done]])
        names = {cycle: str(view.calendar.label(first, cycle)[0]) for cycle in _STEPS}
        fitting = [
            c for c, name in names.items() if months[done] % CYCLE_MONTHS[c] == 0 and name in asked.index
        ]
        if not fitting:
            break
        total += float(asked[names[fitting[0]]])
        done = int((months < months[done] + CYCLE_MONTHS[fitting[0]]).sum())
        reached[done - 1] = total
    year = str(view.calendar.label(pd.DatetimeIndex(starts.iloc[:1]), "year")[0])
    if months[0] % 12 == 0 and year in asked.index:
        reached[-1] = float(asked[year])
    return reached


def _length(question: Question) -> int:
    """Months that a row sums."""
    return 3 if question.view.calendar.grain == "quarter" else 1


def _say_year(question: Question, frame: pd.DataFrame) -> str:
    scale = choose_scale(frame["plan"], question.view.unit)
    last, year = frame.iloc[-1], frame["year"].iloc[0]
    ends = (
        question.view.calendar.fiscal_month(pd.DatetimeIndex([last["start"]]))[0] % 12 + _length(question)
        == 12
    )
    head = f"The year {year}" if ends else f"Up to the end of {last['name']} the year {year}"
    text = f"{head} comes to {scale.say(last['plan'])}"
    if math.isfinite(last["change"]):
        like = ", week for week" if question.view.calendar.grain == "week" else ""
        text += f", {say_change(1 + last['change'], 1.0)} than the year before{like}"
    reached = frame[frame["target"].notna()]
    if reached.empty:
        return f"{text}. No target is set that it could be added up against."
    row = reached.iloc[-1]
    side = "above" if row["gap"] > 0 else "below"
    return (
        f"{text}. Targets reach to the end of {row['name']}; by then it stands {scale.say(abs(row['gap']))} "
        f"{side} them."
    )
