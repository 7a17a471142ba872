"""The plan over time: spans beside their year before, and how the year adds up against target and last year."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import get_args

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Question, ask
from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.facts import shift_history, sum_spans
from alignment_lib.answers.tables import Column, Table, sum_columns
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    say_change,
    say_span,
    write_count,
)
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.periods.round_names import CYCLE_MONTHS
from alignment_lib.rounds.view import RoundView

__all__ = ["add_up", "over_time", "through_the_year"]

_MOST_PAST = 15
_LEAST_COMPARED = 0.9
"""Share of a span's periods that must have a year before for the two to be compared at all."""

_STEPS: tuple[Cycle, ...] = ("quarter", "month")


def over_time(
    view: RoundView,
    *,
    span: str | None = None,
    part: Mapping[str, str] | None = None,
    scenario: str | None = None,
) -> Answer:
    """History and plan by month, quarter or year.

    Parameters
    ----------
    view : RoundView
        The round.
    span : str, optional
        ``month``, ``quarter`` or ``year``: what a row sums; the view the round was published with by default.
    part, scenario
        As `ask` takes them.
    """
    question = ask(view, part=part, scenario=scenario)
    cycle: Cycle = span if span in get_args(Cycle) else view.view  # type: ignore[assignment]
    finest: Cycle = "quarter" if view.calendar.grain == "quarter" else "month"
    drawn: Cycle = "quarter" if cycle == "year" else finest
    shown = finest if cycle == "month" else cycle
    spans = compare_years(sum_spans(view, shown, question.members, question.scenario))
    drawing = sum_spans(view, drawn, question.members, question.scenario)
    first = max(0, int(drawing["plan"].isna().sum()) - _MOST_PAST)
    chart = draw_fan(drawing.iloc[first:], name="fan", title="Sales, history and plan", unit=view.unit)
    text = _say_horizon(question)
    return Answer("over_time", "The plan over time", text, spans, chart, _table(question, shown, spans))


def compare_years(spans: pd.DataFrame) -> pd.DataFrame:
    """Spans with ``year_before`` and ``change``: like with like where a period has no year before.

    A 53rd week has no week a year before it. The span's year before is then the sum of those that are known,
    and the change is that of the periods that have one; where too few have, there is none.
    """
    known = spans["compared_periods"] / spans["periods"] >= _LEAST_COMPARED
    before = spans["prior_known"].where(known)
    change = spans["compared"] / before.where(before > 0) - 1
    return spans.assign(year_before=before, change=change)


def _say_horizon(question: Question) -> str:
    quarters = compare_years(sum_spans(question.view, "quarter", question.members, question.scenario))
    planned = quarters[quarters["plan"].notna()]
    total = float(planned["plan"].sum())
    scale = choose_scale([total], question.view.unit)
    text = f"Over {write_count(len(planned), 'planned quarter')} the plan comes to {scale.say(total)}"
    compared = planned[planned["year_before"].notna()]
    if compared.empty:
        return f"{text}; the year before is not known."
    change = say_change(float(compared["compared"].sum()), float(compared["year_before"].sum()))
    grain = question.view.calendar.grain
    without = int((planned["periods"] - planned["compared_periods"]).sum())
    if not without:
        return f"{text}, {change} than in the same {grain}s a year earlier."
    left = write_count(without, f"{grain} has", f"{grain}s have")
    return f"{text}. Like for like it is {change} than a year earlier; {left} no year before to compare with."


def _table(question: Question, cycle: Cycle, spans: pd.DataFrame) -> Table:
    planned = spans[spans["plan"].notna()].copy()
    planned["effects"] = planned["plan"] - planned["baseline"]
    planned["name"] = planned["label"].map(say_span)
    columns = [Column("name", humanise(cycle)), Column("plan", "Plan", "amount")]
    if planned["target"].notna().any():
        columns += [Column("target", "Target", "amount"), Column("probability", "Chance of target", "odds")]
    columns += [
        Column("year_before", "Year before", "amount"),
        Column("change", "Change on year before", "share", decimals=1, signed=True),
        Column("baseline", "Baseline", "amount"),
        Column("effects", "Drivers and assumptions", "amount", signed=True),
        Column("p10", "P10", "amount"),
        Column("p90", "P90", "amount"),
    ]
    sums = sum_columns(planned, ["year_before", "baseline", "effects", "plan", "compared"], whole=True)
    sums["change"] = sums.pop("compared") / sums["year_before"] - 1 if sums["year_before"] > 0 else math.nan
    scale = choose_scale([*planned["plan"], sums["plan"]], question.view.unit)
    note = "P10 and P90 do not add up over periods, so they have no total." + _say_weeks(question.view, planned)
    caption = f"Plan by {cycle}, {scale.unit}, scenario {humanise(question.scenario).lower()}"
    if question.part:
        caption += f", {question.part_words}"
    return Table(caption, columns, planned, scale, {"name": "Total", **sums}, note)


def _say_weeks(view: RoundView, planned: pd.DataFrame) -> str:
    if view.calendar.grain != "week":
        return ""
    text = " The year before is that of the same weeks, 52 earlier."
    short = planned[(planned["compared_periods"] < planned["periods"]) & planned["year_before"].notna()]
    for name, periods, compared in zip(short["name"], short["periods"], short["compared_periods"], strict=True):
        text += f" {name} has {periods} weeks, of which {compared} have a year before: they are compared."
    return text


def through_the_year(
    view: RoundView,
    *,
    span: str | None = None,
    part: Mapping[str, str] | None = None,
    scenario: str | None = None,
) -> Answer:
    """How the fiscal year adds up, month by month: sold so far and planned, the target, the year before."""
    question = ask(view, span=span, part=part, scenario=scenario)
    frame = add_up(question)
    title = "How the year adds up"
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
    return Answer("through_the_year", title, _say_year(question, frame), frame, None, table)


def add_up(question: Question) -> pd.DataFrame:
    """Running sums over the fiscal year that holds the span asked about.

    Returns
    -------
    DataFrame
        ``year, label, name, is_planned, plan, prior, target, gap, change`` by month (by quarter where sales
        are). `plan` is what was sold in closed periods and what is planned in the others. `target` stands
        where the targets of consecutive spans from the year's start reach.
    """
    view = question.view
    year = str(view.calendar.label(question.periods[:1], "year")[0])
    plan = question.rows("plan", any_time=True).groupby("period")["plan"].sum()
    history = question.rows("history", any_time=True)
    sold = history.groupby("period")["value"].sum() if len(history) else plan.iloc[:0]
    before = question.choose(shift_history(view))
    prior = before.groupby("period")["value"].sum() if len(before) else plan.iloc[:0]
    sales = pd.concat([sold[~sold.index.isin(plan.index)], plan]).sort_index()
    periods = pd.DatetimeIndex(sales.index)
    sales = sales[view.calendar.label(periods, "year") == year] if len(periods) else sales
    if sales.empty:
        return pd.DataFrame()
    periods = pd.DatetimeIndex(sales.index)
    finest: Cycle = "quarter" if view.calendar.grain == "quarter" else "month"
    frame = pd.DataFrame({"plan": sales, "prior": prior.reindex(periods), "is_planned": periods.isin(plan.index)})
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
    result["is_planned"] = sums["is_planned"].to_numpy()
    result["plan"], result["prior"] = totals["plan"].to_numpy(), known.to_numpy()
    result["target"] = _add_up_targets(question, sums["start"])
    result["gap"] = result["plan"] - result["target"]
    result["change"] = totals["both"].to_numpy() / result["prior"].where(result["prior"] > 0) - 1
    return result


def _add_up_targets(question: Question, starts: pd.Series[pd.Timestamp]) -> list[float]:
    """The target up to the end of each span, as far as targets that follow one another from the first reach."""
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
        fitting = [c for c, name in names.items() if months[done] % CYCLE_MONTHS[c] == 0 and name in asked.index]
        if not fitting:
            break
        total += float(asked[names[fitting[0]]])
        done = int((months < months[done] + CYCLE_MONTHS[fitting[0]]).sum())
        reached[done - 1] = total
    year = str(view.calendar.label(pd.DatetimeIndex(starts.iloc[:1]), "year")[0])
    if months[0] % 12 == 0 and year in asked.index:
        reached[-1] = float(asked[year])
    return reached


def _say_year(question: Question, frame: pd.DataFrame) -> str:
    scale = choose_scale(frame["plan"], question.view.unit)
    last = frame.iloc[-1]
    words = [f"By the end of {last['name']} {frame['year'].iloc[0]} adds up to {scale.say(last['plan'])}"]
    if math.isfinite(last["change"]):
        words.append(f"{say_change(1 + last['change'], 1.0)} than a year before")
    text = ", ".join(words) + "."
    reached = frame[frame["target"].notna()]
    if len(reached):
        row = reached.iloc[-1]
        side = "above" if row["gap"] > 0 else "below"
        text += (
            f" Targets are known up to the end of {row['name']}: there it stands {scale.say(abs(row['gap']))} "
            f"{side} them."
        )
    return text
