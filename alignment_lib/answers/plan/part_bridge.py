"""The bridge by part: of every product, channel, type of sale or quarter, each column adding up by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, ask
from alignment_lib.answers.facts import name_contributors
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, humanise, say_part, say_span
from alignment_lib.inputs.words.nearest import UnknownWord, check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["ENDS", "SPAN", "largest_steps", "part_bridge", "part_table", "pick_level", "say_step"]

SPAN = "span"
"""Asks for one column a span instead of one a member of a dimension."""
ENDS = ("baseline", "plan")
"""The two rows of a bridge by level that are no steps."""

_MOST_PARTS = 6
_MOST_STEPS = 12


def part_bridge(view: RoundView, *, by: str = SPAN, **asked: Unpack[Asked]) -> Answer:
    """The bridge with one column a part: it starts at its own baseline and ends at its own plan.

    Parameters
    ----------
    view : RoundView
        The round.
    span : str, optional
        A quarter, a year or the round.
    part, scenario
        Refused where they are not the whole and the headline: only that bridge is published by level.
    by : str
        A dimension, or ``span`` for quarter by quarter.

    Returns
    -------
    Answer
        Its frame: ``assumption, title, part, effect, revenue, price_revenue``; `assumption` is ``baseline``
        and ``plan`` at the two ends.
    """
    question = ask(view, **asked)
    if question.part or question.scenario != view.headline:
        raise UnknownWord("the bridge by part is published for the whole business in its headline plan only")
    dimension = by if by == SPAN else check_word(by, view.dimensions, "dimension")
    words = "quarter" if by == SPAN else humanise(dimension).lower()
    title = f"The bridge by {words}"
    levels = view.table("level_bridge")
    if not view.has_rows("level_bridge", "assumption", "effect", "revenue"):
        text = "The bridge by product, channel, type of sale and quarter appears once a round has stored it."
        return nothing_yet("part_bridge", title, text)
    say = name_contributors(view)
    if by == SPAN:
        rows = pick_level(levels, view.dimensions)
        rows, caption = rows[rows["span"] == "quarter"], "Bridge by quarter, all sales"
    else:
        rows = pick_level(levels, view.dimensions, dimension, question.span)
        caption = f"Bridge of {question.words} by {words}"
    if rows.empty:
        return nothing_yet("part_bridge", title, f"No bridge by {words} is stored for {question.words}.")
    key = "label" if by == SPAN else dimension
    frame = rows[["assumption", key, "effect", "revenue", "price_revenue"]].rename(columns={key: "part"})
    frame.insert(1, "title", [say_step(str(name), say) for name in frame["assumption"]])
    text = (
        "Every column starts at its own baseline and ends at its own plan; the columns add up to all sales."
    )
    note = "Periods still open; what has been sold already has no bridge."
    table = part_table(rows, dimension, say, view.unit, caption, note)
    return Answer("part_bridge", title, text, frame.reset_index(drop=True), None, table)


def pick_level(
    bridge: pd.DataFrame, dimensions: Sequence[str], dimension: str = "", label: str | None = None
) -> pd.DataFrame:
    """Rows of the bridge at one level: all sales, or every member of one dimension.

    Parameters
    ----------
    bridge : DataFrame
        As `bridge_by_parts` gives it.
    dimensions : sequence of str
        The dimensions, broadest first.
    dimension : str
        Blank for all sales.
    label : str, optional
        Only this span.
    """
    chosen = bridge if label is None else bridge[bridge["label"] == label]
    for name in dimensions:
        blank = chosen[name].isna() | (chosen[name] == "")
        chosen = chosen[~blank] if name == dimension else chosen[blank]
    return chosen


def part_table(
    rows: pd.DataFrame, by: str, say: Callable[[str], str], unit: str, caption: str, note: str = ""
) -> Table:
    """Contributors down, parts across: each column starts at its baseline and sums to its plan.

    Parameters
    ----------
    rows : DataFrame
        ``assumption, effect`` and the column `by`, of one level and span, or of one level over spans.
    by : str
        A dimension, or `SPAN` for one column a span.
    say : callable
        A contributor's name in words.
    unit : str
        The measure's unit.
    caption, note : str
        Above and below the table.
    """
    key = "label" if by == SPAN else by
    wide = rows.pivot_table(index="assumption", columns=key, values="effect", aggfunc="sum", fill_value=0.0)
    # What sells nothing and is changed by nothing has no column, and what only changes the price no line.
    wide = wide.loc[(wide != 0).any(axis=1) | wide.index.isin(ENDS), (wide != 0).any()]
    wide, left = _largest_parts(wide, in_order=by == SPAN)
    steps = wide.drop(index=[name for name in ENDS if name in wide.index])
    shown, rest = largest_steps(steps, steps.abs().sum(axis=1))
    parts = [wide.loc[["baseline"]], shown]
    if len(rest):
        parts.append(rest.sum().to_frame(f"{len(rest)} others").T)
    frame = pd.concat(parts).reset_index(names="assumption")
    # A step that rounds to nothing everywhere is still there, in its rounded row: sums stay what they are.
    frame["what"] = [say_step(str(name), say) for name in frame["assumption"]]
    names = [str(name) for name in wide.columns]
    if len(names) > 1 and not left:
        frame["all"] = frame[names].sum(axis=1)
    columns = [Column("what", "From baseline to plan")]
    columns += [
        Column(name, say_span(name) if by == SPAN else say_part(by, name), "amount") for name in names
    ]
    if "all" in frame:
        columns.append(Column("all", "Together", "amount"))
    sums = {column.key: float(frame[column.key].sum()) for column in columns[1:]}
    scale = choose_scale(sums.values(), unit)
    words = [note, "Every column sums from its baseline to its plan."]
    words += [f"{left} smaller ones are together in the column of the others."] if left else []
    return Table(caption, columns, frame, scale, {"what": "Plan", **sums}, " ".join(filter(None, words)))


def _largest_parts(wide: pd.DataFrame, *, in_order: bool) -> tuple[pd.DataFrame, int]:
    """The parts with the largest plans, all others in a column of their own; spans as they follow."""
    if in_order:
        return wide, 0
    order = list(wide.T.sort_values("plan", ascending=False, kind="stable").index)
    if len(order) <= _MOST_PARTS:
        return wide[order], 0
    kept, others = order[: _MOST_PARTS - 1], order[_MOST_PARTS - 1 :]
    result = wide[kept].copy()
    result[f"{len(others)} others"] = wide[others].sum(axis=1)
    return result, len(others)


def largest_steps(steps: pd.DataFrame, size: pd.Series[float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The steps shown, the largest first, and those that are summed: never one alone."""
    order = size.sort_values(ascending=False, kind="stable").index
    most = _MOST_STEPS if len(order) > _MOST_STEPS + 1 else len(order)
    return steps.loc[order[:most]], steps.loc[order[most:]]


def say_step(name: str, say: Callable[[str], str]) -> str:
    """A row of the bridge by level in words."""
    if name == "baseline":
        return "Baseline"
    return say(name)
