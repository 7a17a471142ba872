"""The bridge by level, of every product, channel, type of sale and quarter, and the bridge in money."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from alignment_lib.answers.markup import Html
from alignment_lib.answers.tables import Column, Table, render_table
from alignment_lib.answers.wording import Scale, choose_scale, say_span, say_value

__all__ = ["SPAN", "money_table", "part_table", "pick_level"]

SPAN = "span"
"""Asks `part_table` for one column a span instead of one a member of a dimension."""

_MOST_PARTS = 6
_MOST_STEPS = 12
_ENDS = ("baseline", "plan")
_AMOUNTS = ["effect", "revenue", "price_revenue"]


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
) -> Html:
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
    wide = wide.loc[(wide != 0).any(axis=1) | wide.index.isin(_ENDS), (wide != 0).any()]
    wide, left = _largest_parts(wide, in_order=by == SPAN)
    steps = wide.drop(index=[name for name in _ENDS if name in wide.index])
    shown, rest = _largest_steps(steps, steps.abs().sum(axis=1))
    parts = [wide.loc[["baseline"]], shown]
    if len(rest):
        parts.append(rest.sum().to_frame(f"{len(rest)} others").T)
    frame = pd.concat(parts).reset_index(names="assumption")
    # A step that rounds to nothing everywhere is still there, in its rounded row: sums stay what they are.
    frame["what"] = [_say_step(str(name), say) for name in frame["assumption"]]
    names = [str(name) for name in wide.columns]
    if len(names) > 1 and not left:
        frame["all"] = frame[names].sum(axis=1)
    word = say_span if by == SPAN else say_value
    columns = [Column("what", "From baseline to plan")]
    columns += [Column(name, word(name), "amount", signed=False) for name in names]
    if "all" in frame:
        columns.append(Column("all", "Together", "amount"))
    sums = {column.key: float(frame[column.key].sum()) for column in columns[1:]}
    scale = choose_scale(sums.values(), unit)
    words = [note, f"Rounded to {scale.factor:,.0f}; every column sums from its baseline to its plan."]
    words += [f"{left} smaller ones are together in the column of the others."] if left else []
    return render_table(
        Table(caption, columns, frame, scale, {"what": "Plan", **sums}, " ".join(filter(None, words)))
    )


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


def _largest_steps(steps: pd.DataFrame, size: pd.Series[float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The steps shown, the largest first, and those that are summed: never one alone."""
    order = size.sort_values(ascending=False, kind="stable").index
    most = _MOST_STEPS if len(order) > _MOST_STEPS + 1 else len(order)
    return steps.loc[order[:most]], steps.loc[order[most:]]


def money_table(rows: pd.DataFrame, say: Callable[[str], str], currency: str, caption: str) -> Html | None:
    """From the baseline's revenue to the plan's: by volume and by price, side by side; None without prices.

    Parameters
    ----------
    rows : DataFrame
        ``assumption, revenue, price_revenue`` of one level and span.
    say, currency, caption
        As for `part_table`.
    """
    sums = rows.set_index("assumption")[_AMOUNTS]
    ends = sums["revenue"].reindex(list(_ENDS)).to_numpy(dtype=float)
    if not np.isfinite(ends).all():
        return None
    start, end = (float(value) for value in ends)
    steps = sums.drop(index=list(_ENDS)).fillna(0.0)
    steps["both"] = steps["revenue"] + steps["price_revenue"]
    size = steps[["revenue", "price_revenue"]].abs().sum(axis=1)
    shown, rest = _largest_steps(steps, size[size > 0])
    lines = [shown]
    if len(rest):
        lines.append(rest.sum().to_frame(f"{len(rest)} others").T)
    frame = pd.concat(lines).reset_index(names="assumption")
    whole = frame[["revenue", "price_revenue", "both"]].sum()
    frame["what"] = [_say_step(str(name), say) for name in frame["assumption"]]
    first = pd.DataFrame([{"what": "Baseline, at regular prices", "both": start}])
    change = pd.DataFrame([{"what": "Plan less baseline", **whole.to_dict()}])
    frame = pd.concat([first, frame, change], ignore_index=True)
    columns = [
        Column("what", "From baseline to plan"),
        Column("revenue", "By volume", "number", currency, signed=True),
        Column("price_revenue", "By price", "number", currency, signed=True),
        Column("both", "Together", "number", currency),
    ]
    note = (
        "By volume: units at the regular price. By price: what the plan's whole volume earns more or less "
        "because it sells above or below that price. Cells without a known price are left out."
    )
    total = {"what": "Plan's revenue", "both": end}
    return render_table(Table(caption, columns, frame, Scale(1.0, 0, ""), total, note))


def _say_step(name: str, say: Callable[[str], str]) -> str:
    if name == "baseline":
        return "Baseline"
    return say(name)
