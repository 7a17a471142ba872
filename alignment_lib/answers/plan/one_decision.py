"""What each open decision does, as it stands beside its claim: from the published consequences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from alignment_lib.answers.plan.decisions import OPTION_WORDS, find_consequences
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, write_number, write_odds
from alignment_lib.rounds.view import RoundView

__all__ = ["OneDecision", "decide_each"]


@dataclass(frozen=True)
class OneDecision:
    """What deciding one claim does to the round.

    Attributes
    ----------
    line : str
        Accepting it alone, in a line.
    table : Table
        Every option: in the measure, in money, and the chance of the target then.
    """

    line: str
    table: Table


def decide_each(view: RoundView, plan: float) -> Mapping[str, OneDecision]:
    """By id, what each open decision does.

    Parameters
    ----------
    view : RoundView
        The round.
    plan : float
        What the round's plan comes to: figures are written as beside it.
    """
    # Whether anything is open is told by the register: what it would do takes every plan to tell.
    statuses = view.table("assumptions").get("status", pd.Series(dtype=str))
    if not (statuses == "proposed").any():
        return {}
    found = find_consequences(view)
    return {str(name): _tell(view, str(name), rows, plan) for name, rows in found.groupby("assumption")}


def _tell(view: RoundView, name: str, found: pd.DataFrame, plan: float) -> OneDecision:
    known = found.set_index("option")
    rows = known.reindex([option for option in OPTION_WORDS if option in known.index]).reset_index()
    rows["what"] = rows["option"].map(OPTION_WORDS)
    scale = choose_scale([plan], view.unit)
    columns = [Column("what", "If it is"), Column("units", "plan changes by", "amount", signed=True)]
    if {"units_low", "units_high"} <= set(rows):
        rows["range"] = [
            f"{scale.write(low, signed=True)} to {scale.write(high, signed=True)}" if high > low else ""
            for low, high in zip(rows["units_low"], rows["units_high"], strict=True)
        ]
        columns[1] = replace(columns[1], below="range")
    if rows["revenue"].notna().any() and view.measure != "revenue":
        columns.append(Column("revenue", "money", "number", view.currency, signed=True))
    if "profit" in rows and rows["profit"].notna().any():
        columns.append(Column("profit", "profit", "number", view.currency, signed=True))
    if rows["probability"].notna().any():
        columns.append(Column("probability_before", "chance without it", "odds"))
        columns.append(Column("probability", "chance then", "odds"))
    caption = f"What deciding {name} does, {view.round}"
    first = rows.iloc[0]
    line = f"{first['what']} {scale.say(float(first['units']), signed=True)}"
    if "profit" in rows and math.isfinite(first["profit"]):
        line += f", profit {write_number(float(first['profit']), signed=True)} {view.currency}"
    if math.isfinite(first["probability"]):
        before, after = write_odds(first["probability_before"]), write_odds(first["probability"])
        line += f", chance {before}" + (f" to {after}" if before != after else " as before")
    return OneDecision(line, Table(caption, columns, rows, scale))
