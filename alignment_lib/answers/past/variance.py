"""What came of the last closed round: actual against plan or the year before, and what moved it."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, refuse
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.variance_tree import Branch, draw_variance_tree
from alignment_lib.answers.tables import Column, Table, sum_columns
from alignment_lib.answers.wording import choose_scale, humanise, join_words, say_value, write_change
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.review.closed_story import say_reconciled
from alignment_lib.review.variance import REST
from alignment_lib.rounds.view import RoundView

__all__ = ["causes_table", "new_by_cause", "references", "say_closed", "variance"]

_SMALL = 0.5
_MOST_ROWS = 40
_TITLE = "What came of the last closed round"
_UNNAMED = (REST, "sales without a lead", "win rate")
"""Remainders explain nothing and are not named first."""


def variance(
    view: RoundView, *, against: str | None = None, by: str = "type", **asked: Unpack[Asked]
) -> Answer:
    """Actual against the plan (or the year before), by type of sale, then by stage of the funnel or cause.

    Parameters
    ----------
    view : RoundView
        The round; it looks back on the last one that had closed.
    span : str, optional
        The closed round.
    part, scenario
        Refused: a look back is told for the whole business.
    against : str, optional
        ``plan`` or ``the year before``; the plan where one was published.
    by : {"type", "cause"}
        By type of sale with its steps and causes, or new sales once more by cause: a second view with the
        same total, never added to the first.
    """
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("variance", part=part, scenario=scenario)
    table, closed = _closed(view, span)
    if table.empty:
        text = "No round has closed yet that had a plan or a year before it: what came of one appears then."
        return nothing_yet("variance", _TITLE, text)
    chosen = check_word(against or references(view)[0], references(view), "reference")
    if check_word(by, ["type", "cause"], "choice of by") == "cause":
        return new_by_cause(view, chosen)
    rows = table[table["against"] == chosen].reset_index(drop=True)
    unit = _unit(view, rows)
    kinds = rows[rows["view"] == "type"]
    scale = choose_scale([*kinds["actual"], *kinds["reference"]], unit)
    columns = [
        Column("what", "Type of sale"),
        Column("reference", humanise(chosen), "amount"),
        Column("actual", "Actual", "amount"),
        Column("effect", "Difference", "amount", signed=True),
    ]
    shown = Table(
        f"{closed} against {_the(chosen)}, by type of sale, {scale.unit}",
        columns,
        kinds.assign(what=kinds["sale_type"].map(_type_name)),
        scale,
        {"what": "All", **sum_columns(kinds, ["reference", "actual", "effect"])},
    )
    chart, text = _draw_tree(rows, chosen, unit, closed), _sum_up(rows, chosen, closed, unit)
    return Answer("variance", f"What came of {closed}", text, rows, chart, shown)


def references(view: RoundView) -> list[str]:
    """What the last closed round can be set against: its plan first, where it had one."""
    table, _ = _closed(view, None)
    return sorted(table["against"].unique(), key=lambda name: name != "plan") if len(table) else []


def say_closed(view: RoundView) -> str:
    """The last closed round against its plan, units and money in one story; blank where either is unknown."""
    table, closed = _closed(view, None)
    rows = table[table["against"] == "plan"] if len(table) else table
    story = say_reconciled(rows, _unit(view, rows)) if len(rows) else ""
    return f"{closed} against its plan. {story}" if story else ""


def _closed(view: RoundView, span: str | None) -> tuple[pd.DataFrame, str]:
    """Rows of the latest closed round, and its label."""
    table = view.table("variance")
    if table.empty:
        return table, ""
    rounds = sorted(table["round"].astype(str).unique())
    closed = check_word(span, rounds, "closed round") if span else rounds[-1]
    return table[table["round"] == closed], closed


def _unit(view: RoundView, rows: pd.DataFrame) -> str:
    return view.currency if (rows["unit"] == view.currency).any() else view.unit


def _type_name(sale_type: object) -> str:
    name = str(sale_type or "all")
    return "All sales" if name == "all" else say_value(name)


def _the(reference: str) -> str:
    return "the plan" if reference == "plan" else reference


def _sum_up(table: pd.DataFrame, reference: str, label: str, unit: str) -> str:
    kinds = table[table["view"] == "type"]
    start, end = float(kinds["reference"].sum()), float(kinds["actual"].sum())
    scale = choose_scale([start, end], unit)
    text = (
        f"{label} came to {scale.say(end)}, {write_change(end, start)} against {_the(reference)} of "
        f"{scale.write(start)} ({scale.write(end - start, signed=True)})."
    )
    text = f"{text} {say_reconciled(table, unit)}".rstrip()
    bars = table[table["view"].isin(["funnel", "cause"])]
    sums = bars.groupby("bar", sort=False)["effect"].sum()
    named = [name for name in sums.index if name not in _UNNAMED]
    largest = sums[named].abs().sort_values(ascending=False, kind="stable").head(3).index
    words = [
        f"{bar} {scale.write(float(sums[bar]), signed=True)}" for bar in largest if abs(sums[bar]) >= _SMALL
    ]
    return f"{text} The largest of what was measured: {join_words(words)}." if words else text


def _draw_tree(table: pd.DataFrame, reference: str, unit: str, label: str) -> Chart:
    kinds = table[table["view"] == "type"]
    branches = [Branch("All sales", float(kinds["effect"].sum()), 0, "")]
    for kind in kinds.to_dict("records"):
        inside = table["view"].isin(["funnel", "cause"]) & (table["sale_type"] == kind["sale_type"])
        branches.append(Branch(_type_name(kind["sale_type"]), float(kind["effect"]), 1))
        branches += _twigs(table[inside])
    name = f"variance-{reference.replace(' ', '-')}"
    title = f"Actual against {_the(reference)}: what moved it"
    return draw_variance_tree(branches, name=name, title=title, unit=unit, period=label)


def _twigs(own: pd.DataFrame) -> list[Branch]:
    rows = own.assign(square=own["standard_error"].fillna(0.0) ** 2)
    sums = rows.groupby("bar", sort=False).agg(
        effect=("effect", "sum"),
        square=("square", "sum"),
        owner=("owner_function", "first"),
        confidence=("confidence", "first"),
    )
    return [
        Branch(
            humanise(str(bar)),
            float(row["effect"]),
            2,
            f"{row['owner']}; {row['confidence']}",
            float(np.sqrt(row["square"])) or float("nan"),
        )
        for bar, row in sums.iterrows()
        if abs(row["effect"]) >= _SMALL or row["square"] > 0
    ]


def causes_table(answer: Answer) -> Table | None:
    """Every step and cause behind the difference, the largest first; None where none is told."""
    table, closed = answer.frame, str(answer.frame["round"].iloc[0])
    causes = table[table["view"].isin(["funnel", "cause"])]
    if causes.empty:
        return None
    keys = ["sale_type", "bar", "owner_function", "confidence"]
    rows = causes.groupby(keys, as_index=False, sort=False)["effect"].sum()
    rows = rows.assign(what=rows["bar"].map(humanise), kind=rows["sale_type"].map(_type_name))
    rows = rows.loc[rows["effect"].abs().sort_values(ascending=False, kind="stable").index].head(_MOST_ROWS)
    columns = [
        Column("what", "Step or cause"),
        Column("kind", "Type of sale"),
        Column("effect", "Effect", "amount", signed=True),
        Column("owner_function", "Whose"),
        Column("confidence", "How known", "mark"),
    ]
    note = "Owners are functions, not people. A remainder is what nothing else explains."
    scale = answer.shown.scale if answer.shown is not None else choose_scale(rows["effect"], "")
    against = _the(str(table["against"].iloc[0]))
    return Table(
        f"{closed} against {against}, by step and cause, {scale.unit}", columns, rows, scale, None, note
    )


def new_by_cause(view: RoundView, against: str) -> Answer:
    """New sales once more, by cause: a second view with the same total, never added to the first."""
    table, closed = _closed(view, None)
    title = f"New sales by cause, against {_the(against)}"
    rows = table[(table["view"] == "new by cause") & (table["against"] == against)] if len(table) else table
    if rows.empty:
        text = "New sales are not seen by funnel here, so there is no second view of them."
        return nothing_yet("new_by_cause", title, text)
    branches = [Branch("New sales", float(rows["effect"].sum()), 0), *_twigs(rows)]
    chart = draw_variance_tree(
        branches,
        name=f"new-{against.replace(' ', '-')}",
        title=title,
        unit=_unit(view, rows),
        period=closed,
    )
    text = "The same difference in new sales as above, seen by cause. It is not added to the view by funnel."
    return Answer("new_by_cause", title, text, rows.reset_index(drop=True), chart)
