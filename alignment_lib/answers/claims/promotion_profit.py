"""Every promotion by what it earned or lost: those of the past year, and the planned by their evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask, refuse
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.scenario_ranges import draw_scenario_ranges
from alignment_lib.answers.earnings.profit import no_profit_yet
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    humanise,
    say_part,
    write_count,
    write_date,
    write_share,
)
from alignment_lib.rounds.view import RoundView

__all__ = ["promotion_profit"]

_Z80 = 1.2816
_MOST_DRAWN = 12
_MOST_ROWS = 30


def promotion_profit(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """What each action earned or lost after its funding, dearest losses last.

    Parameters
    ----------
    span : str, optional
        Actions that begin within it; by default those of the year before the round's date, and all planned.
    part : Mapping of str to str, optional
        Actions whose scope may hold it.
    scenario : str, optional
        Refused: what history supports of an action is the same in every scenario.

    Returns
    -------
    Answer
        Its frame: the published table ``promotion_profit`` with ``name``, by net margin, those that cannot be
        told last.
    """
    refuse("promotion_profit", scenario=asked.get("scenario"))
    question = ask(view, **asked)
    title = f"What promotions earn{question.aside}"
    if not view.has_rows("promotion_profit", "net_margin"):
        return no_profit_yet("promotion_profit", title)
    frame = _frame(question, within=asked.get("span") is not None)
    if frame.empty:
        return nothing_yet("promotion_profit", title, f"No promotion begins in {question.words}.")
    chart = _draw(view, frame, title) if frame["net_margin"].notna().any() else None
    return Answer("promotion_profit", title, _say(view, frame), frame, chart, _table(view, frame, title))


def _frame(question: Question, *, within: bool) -> pd.DataFrame:
    view, rows = question.view, question.view.table("promotion_profit")
    if within:
        last = view.calendar.ends(question.periods[-1:])[0]
        rows = rows[(rows["start"] >= question.periods[0]) & (rows["start"] < last)]
    else:
        recent = rows["start"] >= view.as_of - pd.DateOffset(years=1)
        rows = rows[recent | (rows["when"] == "planned")]
    for name, member in question.part.items():
        rows = rows[rows[name].fillna("").astype(str).isin(["", member])]
    frame = rows.sort_values("net_margin", ascending=False, kind="stable", ignore_index=True)
    return frame.assign(name=[_name(view, row) for row in frame.to_dict("records")])


def _name(view: RoundView, row: Mapping[object, object]) -> str:
    where = ", ".join(say_part(name, str(row[name])) for name in view.dimensions if row[name])
    what = f"{row['action']} {row['title']}" if row["title"] else humanise(str(row["driver"]))
    place = f", {where}" if where and where not in what else ""
    return f"{what}{place}, {write_date(pd.Timestamp(str(row['start'])))}"


def _draw(view: RoundView, frame: pd.DataFrame, title: str) -> Chart:
    """The largest gains and losses, with the range of eight in ten."""
    told = frame[frame["net_margin"].notna()]
    if len(told) > _MOST_DRAWN:
        half = _MOST_DRAWN // 2
        told = pd.concat([told.head(half), told.tail(half)])
    reach = _Z80 * told["net_margin_error"]
    rows = pd.DataFrame(
        {
            "label": told["name"],
            "plan": told["net_margin"],
            "p10": told["net_margin"] - reach,
            "p90": told["net_margin"] + reach,
            "probability": np.nan,
        }
    )
    return draw_scenario_ranges(
        rows,
        name="promotion-profit",
        title=title,
        unit=view.currency,
        period="the past year and what is planned",
        word="net margin",
    )


def _say(view: RoundView, frame: pd.DataFrame) -> str:
    told = frame[frame["net_margin"].notna()]
    if told.empty:
        return f"None of {write_count(len(frame), 'promotion')} can be judged: no cost is known for them."
    past = told[told["when"] == "past"]
    scale = choose_scale(told["net_margin"], view.currency)
    said = []
    if len(past):
        losing = past[past["net_margin"] < 0]
        total = scale.say(float(past["net_margin"].sum()), signed=True)
        count = write_count(len(past), "past promotion")
        said.append(f"Of {count} {len(losing)} lost money; together they come to {total}.")
        if len(losing):
            said.append(_say_loss(list_rows(losing.sort_values("net_margin", kind="stable"))[0], scale))
    ahead = told[told["when"] == "planned"]
    if len(ahead):
        short = ahead[ahead["uplift"] < ahead["break_even_uplift"]]
        count = write_count(len(ahead), "planned one")
        said.append(f"Of {count} history supports less than break-even in {len(short)}.")
    unknown = len(frame) - len(told)
    if unknown:
        more = write_count(unknown, "more is", "more are")
        said.append(f"{more} not judged: a cost or the evidence is missing.")
    return " ".join(said)


def _say_loss(row: Mapping[str, Any], scale: Scale) -> str:
    text = f"{row['name']} lost {scale.say(abs(float(row['net_margin'])))}"
    if math.isinf(row["break_even_uplift"]):
        return f"{text}: no uplift would have paid for it."
    return (
        f"{text}: it brought {write_share(float(row['uplift']), 0, signed=True)}, and would have needed "
        f"{write_share(float(row['break_even_uplift']), 0, signed=True)}."
    )


def _table(view: RoundView, frame: pd.DataFrame, title: str) -> Table:
    rows = frame.assign(
        needs=[
            "none is enough" if math.isinf(value) else write_share(value, 0, signed=True)
            if math.isfinite(value) else ""
            for value in frame["break_even_uplift"]
        ]
    )  # fmt: skip
    unit, money = view.unit, view.currency
    columns = [
        Column("name", "Promotion", below="status"),
        Column("when", "When", "mark"),
        Column("gross", "Gross", "number", unit),
        Column("pull_forward", "Pulled forward", "number", unit),
        Column("cannibalised", "Cannibalised", "number", unit),
        Column("net", "Net", "number", unit),
        Column("uplift", "Uplift", "share", decimals=0, signed=True),
        Column("needs", "Break-even"),
        Column("claimed_uplift", "Claimed", "share", decimals=0, signed=True),
        Column("funding", "Funding", "number", money),
        Column("net_margin", "Net margin", "number", money, signed=True),
        Column("net_margin_error", "±", "number", money),
    ]
    left = len(rows) - _MOST_ROWS
    note = (
        "Net margin: what the units gained leave at the action's price, less margin given away on sales that "
        "would have come anyway, what is pulled forward and cannibalised, and funding; ± one standard error. "
        "Planned ones at the uplift that history supports."
    )
    if left > 0:
        note += f" The {_MOST_ROWS} largest by amount; {left} more are in the frame."
        order = rows["net_margin"].abs().sort_values(ascending=False, kind="stable").index[:_MOST_ROWS]
        rows = rows.loc[sorted(order)]
    return Table(f"{title}, by net margin", columns, rows, note=note)
