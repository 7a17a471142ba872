"""Scenarios side by side: span by span, part by part, or the round as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import ask
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.scenario_lines import draw_scenario_lines
from alignment_lib.answers.side_by_side import draw_totals, tabulate_totals
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, humanise, say_span, say_value, write_number
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.words.nearest import UnknownWord, check_word
from alignment_lib.planning.register.assumptions import PLANS
from alignment_lib.rounds.view import RoundView

__all__ = ["compare_plans"]

_Compared = Sequence[tuple[str, pd.DataFrame, pd.DataFrame]]
_ROUND = "round"


def compare_plans(
    view: RoundView,
    scenarios: _Compared,
    *,
    by: str = _ROUND,
    span: str | None = None,
    part: Mapping[str, str] | None = None,
) -> Answer:
    """Compare scenarios.

    Parameters
    ----------
    view : RoundView
        The round they are of.
    scenarios : sequence of (name, plan, odds)
        Each with its rows of the published tables' form; the first is what the others are compared with.
    by : str
        ``month``, ``quarter``, ``year``, a dimension, or ``round``.
    span, part : optional
        Only that span or that part.

    Returns
    -------
    Answer
        Its frame holds ``scenario``, the span's ``label`` or the dimension's ``member``, ``baseline, plan``
        and ``difference`` from the first; for the round also ``p10, p90, target, probability``.

    Raises
    ------
    UnknownWord
        Nothing can be compared by that word; two scenarios bear one name.
    """
    names = [name for name, _, _ in scenarios]
    if len(set(names)) < len(names):
        raise UnknownWord("two of the scenarios bear one name; give one of them another with .named(…)")
    by = check_word(by, [_ROUND, *_cycles(view), *view.dimensions], "way to compare")
    question = ask(view, span=span, part=part)
    parts = [
        _sums(view, name, plan, by, question.part, question.periods, span) for name, plan, _ in scenarios
    ]
    frame = pd.concat(parts, ignore_index=True)
    key = _key(view, by)
    first = frame[frame["scenario"] == names[0]].set_index(key)["plan"]
    frame["difference"] = frame["plan"] - frame[key].map(first)
    over = by in _cycles(view) and span is None
    words = question.words if not over else ", ".join([*question.words.split(", ")[:-1], f"by {by}"])
    title = f"Scenarios side by side, {words}" + (f", by {by}" if by in view.dimensions else "")
    if by == _ROUND:
        frame = _with_odds(frame, scenarios, question.part, question.cycle, question.span, view)
    chart, sentence = _draw(frame, title, view, by), _say(frame, names, view.unit)
    if by == _ROUND:
        period = title.partition(", ")[2]
        shown = tabulate_totals(_totals(frame), unit=view.unit, currency=view.currency, period=period)
    else:
        shown = _table(title, frame, names, key, view.unit)
    return Answer("compare", title, sentence, frame, chart=chart, shown=shown)


def _cycles(view: RoundView) -> list[Cycle]:
    return [cycle for cycle in get_args(Cycle) if not (cycle == "month" and view.calendar.grain == "quarter")]


def _key(view: RoundView, by: str) -> str:
    return "member" if by in view.dimensions else "label"


def _sums(
    view: RoundView,
    name: str,
    plan: pd.DataFrame,
    by: str,
    part: Mapping[str, str],
    periods: pd.DatetimeIndex,
    span: str | None,
) -> pd.DataFrame:
    """One scenario's baseline and plan by label, in time order, or by member, the largest first."""
    chosen = plan
    for dimension, member in part.items():
        chosen = chosen[chosen[dimension].astype(str) == member]
    cycles = {str(cycle): cycle for cycle in _cycles(view)}
    if span is not None or by not in cycles:
        chosen = chosen[chosen["period"].isin(periods)]
    if by in cycles:
        chosen = chosen.assign(label=view.labels(chosen["period"], cycles[by]))
    elif by == _ROUND:
        chosen = chosen.assign(label=span or view.round)
    else:
        chosen = chosen.assign(member=chosen[by].astype(str))
    key = _key(view, by)
    sums = chosen.groupby(key, sort=False)[["baseline", "plan"]].sum().reset_index()
    order = ["plan", key] if key == "member" else [key]
    sums = sums.sort_values(order, ascending=[key != "member", True][: len(order)], ignore_index=True)
    sums.insert(0, "scenario", name)
    return sums


def _with_odds(
    frame: pd.DataFrame,
    scenarios: _Compared,
    part: Mapping[str, str],
    cycle: Cycle,
    span: str,
    view: RoundView,
) -> pd.DataFrame:
    """The round's sums with the odds that stand for just this span and part."""
    rows = []
    for name, _, odds in scenarios:
        chosen = (odds["span"] == cycle) & (view.labels(odds["start"], cycle) == span)
        for dimension in view.dimensions:
            chosen &= odds[dimension].astype(str) == part.get(dimension, "")
        found = odds[chosen].head(1)
        rows.append(found[["p10", "p90", "target", "probability"]].assign(scenario=name))
    return frame.merge(pd.concat(rows, ignore_index=True), on="scenario", how="left")


def _say(frame: pd.DataFrame, names: list[str], unit: str) -> str:
    totals = frame.groupby("scenario", sort=False)["plan"].sum()
    first = f"{_label(names[0])} comes to {write_number(totals[names[0]])} {unit}"
    others = [
        f"{_label(name)} {write_number(totals[name] - totals[names[0]], signed=True)}" for name in names[1:]
    ]
    return f"{first}; against it: {', '.join(others)}." if others else f"{first}."


def _label(name: str) -> str:
    return humanise(name) if name in PLANS else name


def _draw(frame: pd.DataFrame, title: str, view: RoundView, by: str) -> Chart:
    period = title.partition(", ")[2]
    if by != _ROUND:
        key = _key(view, by)
        wide = frame.pivot(index=key, columns="scenario", values="plan")
        wide = wide.loc[list(dict.fromkeys(frame[key])), list(dict.fromkeys(frame["scenario"]))]
        wide.index = wide.index.map(say_span if key == "label" else say_value)
        wide.columns = wide.columns.map(_label)
        return draw_scenario_lines(
            wide,
            name="compare",
            title="Scenarios side by side",
            unit=view.unit,
            period=period,
            over_time=key == "label",
        )
    return draw_totals(_totals(frame), unit=view.unit, period=period, target=float(frame["target"].iloc[0]))


def _totals(frame: pd.DataFrame) -> pd.DataFrame:
    labels = frame["scenario"].map(_label)
    return frame.assign(label=labels, gap=frame["plan"] - frame["target"])


def _table(title: str, frame: pd.DataFrame, names: list[str], key: str, unit: str) -> Table:
    """Labels down, scenarios across."""
    wide = frame.pivot(index=key, columns="scenario", values="plan")[names]
    wide = wide.reindex(list(dict.fromkeys(frame[key])))
    columns = {name: f"s{place}" for place, name in enumerate(names)}
    rows = wide.rename(columns=columns).reset_index(names="what")
    rows["what"] = rows["what"].map(say_span if key == "label" else say_value)
    scale = choose_scale(frame["plan"], unit)
    shown = [Column("what", "span" if key == "label" else "part")]
    shown += [Column(columns[name], _label(name), "amount") for name in names]
    total = {"what": "all", **{columns[name]: float(wide[name].sum()) for name in names}}
    return Table(title, shown, rows, scale, total=total if len(rows) > 1 else None)
