"""Where the plan is made: one dimension down, another across, each cell beside the year before."""

from __future__ import annotations

import math
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.facts import shift_history
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    say_part,
    say_share,
    write_change,
)
from alignment_lib.inputs.words.nearest import UnknownWord, check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["part_map"]

_MOST_DOWN = 12
_MOST_ACROSS = 6


def part_map(view: RoundView, *, down: str = "", across: str = "", **asked: Unpack[Asked]) -> Answer:
    """The plan by two dimensions at once: which product sells where.

    Parameters
    ----------
    view : RoundView
        The round.
    span, part, scenario
        As `ask` takes them.
    down, across : str
        Two different dimensions; the two broadest by default.

    Returns
    -------
    Answer
        Its frame has a row a cell: ``down, across, plan, prior, change``.
    """
    question = ask(view, **asked)
    if len(view.dimensions) < 2:
        text = "A map of two dimensions appears once the sales table has two, such as product and channel."
        return nothing_yet("part_map", "Where the plan is made", text)
    one = check_word(down, view.dimensions, "dimension") if down else view.dimensions[0]
    left = [name for name in view.dimensions if name != one]
    other = check_word(across, view.dimensions, "dimension") if across else left[0]
    if one == other:
        raise UnknownWord(f"a map needs two different dimensions, not {one!r} twice")
    frame = _sum_cells(question, one, other)
    title = f"Where the plan is made: {_word(one)} by {_word(other)}{question.aside}"
    return Answer(
        "part_map", title, _say(frame, one, other), frame, None, _table(question, frame, one, other)
    )


def _word(dimension: str) -> str:
    return humanise(dimension).lower()


def _sum_cells(question: Question, down: str, across: str) -> pd.DataFrame:
    plan = question.rows("plan")
    sums = plan.groupby([down, across], observed=True)["plan"].sum().rename("plan").to_frame()
    prior = shift_history(question.view, tuple(question.part.items()))
    prior = prior[prior["period"].isin(plan["period"].unique())] if len(prior) else prior
    sums["prior"] = prior.groupby([down, across], observed=True)["value"].sum() if len(prior) else math.nan
    sums["change"] = sums["plan"] / sums["prior"].where(sums["prior"] > 0) - 1
    frame = sums.rename_axis(["down", "across"]).reset_index()
    return frame.sort_values("plan", ascending=False, kind="stable", ignore_index=True)


def _say(frame: pd.DataFrame, down: str, across: str) -> str:
    first, total = frame.iloc[0], float(frame["plan"].sum())
    if not total > 0:
        return "Nothing is planned in any of them."
    place = f"{say_part(down, first['down'])}, {say_part(across, first['across'])}"
    text = f"The largest place is {place}, with {say_share(first['plan'] / total)} of the plan"
    most = int((frame["plan"].cumsum() < 0.8 * total).sum()) + 1
    return f"{text}; {most} of {len(frame)} places bring four fifths of it."


def _table(question: Question, frame: pd.DataFrame, down: str, across: str) -> Table:
    rows, downs = _gather(frame, "down", _MOST_DOWN, down)
    rows, acrosses = _gather(rows, "across", _MOST_ACROSS, across)
    sums = rows.groupby(["down", "across"], as_index=False)[["plan", "prior"]].sum(min_count=1)
    lines = []
    for name in downs:
        own = sums[sums["down"] == name].set_index("across")
        lines.append({"name": name, **_cells(own, acrosses)})
    total = rows.groupby("across")[["plan", "prior"]].sum(min_count=1)
    columns = [Column("name", humanise(down))]
    columns += [Column(f"plan {n}", name, "amount", below=f"change {n}") for n, name in enumerate(acrosses)]
    columns.append(Column("all", "Together", "amount", below="all change"))
    scale = choose_scale(rows["plan"], question.view.unit)
    note = "Below each figure: its change on the year before; a dash where nothing was sold then."
    caption = f"{question.words} by {_word(down)} and {_word(across)}, {scale.unit}"
    foot = {"name": "Total", **_cells(total, acrosses)}
    return Table(caption, columns, pd.DataFrame(lines), scale, foot, note)


def _gather(frame: pd.DataFrame, side: str, most: int, dimension: str) -> tuple[pd.DataFrame, list[str]]:
    """Members as they are named, the largest first; what is beyond the most that are shown is one of them."""
    order = frame.groupby(side)["plan"].sum().sort_values(ascending=False, kind="stable")
    names = {member: say_part(dimension, member) for member in order.index}
    if len(order) > most:
        rest = f"{len(order) - most + 1} others"
        names |= dict.fromkeys(order.index[most - 1 :], rest)
    shown = frame.assign(**{side: frame[side].map(names)})
    return shown, list(dict.fromkeys(names.values()))


def _cells(sums: pd.DataFrame, names: list[str]) -> dict[str, object]:
    cells: dict[str, object] = {}
    known = {str(name): (row["plan"], row["prior"]) for name, row in sums.iterrows()}
    for number, name in enumerate(names):
        there = name in known
        plan, prior = known.get(name, (math.nan, math.nan))
        cells |= {f"plan {number}": plan, f"change {number}": write_change(plan, prior) if there else ""}
    whole = sums[["plan", "prior"]].sum(min_count=1)
    return cells | {"all": float(whole["plan"]), "all change": write_change(whole["plan"], whole["prior"])}
