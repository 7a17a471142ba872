"""What the planning meeting goes through: item by item, with what each moves and how long it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import Scale, choose_scale, write_count, write_number

__all__ = ["agenda", "say_stake"]

_LEAST_POINTS = 0.5
"""Percentage points of chance below which a change is not told."""


def agenda(items: pd.DataFrame, round_name: str, currency: str, minutes: int) -> Answer:
    """The agenda in one view.

    Parameters
    ----------
    items : DataFrame
        `meeting_agenda`.
    round_name, currency : str
        Of which round, in which money.
    minutes : int
        Length of the meeting.
    """
    money = choose_scale(items["money"], currency)
    columns = [
        Column("place", "no."),
        Column("title", "item", below="topic"),
        Column("odds", "chance of the target", "share", "percentage points", signed=True),
        Column("money", f"in {round_name}", "amount", signed=True),
        Column("minutes", "minutes", "number"),
        Column("owner", "prepared by"),
    ]
    note = "First the gap, then decisions by what they change in the chance of the target, then risks."
    title = "The agenda in one view"
    text = (
        f"{write_count(len(items), 'item')} in {minutes} minutes: {int(items['minutes'].sum())} for the "
        "items, the rest to open and to close. The moderator comes from neither marketing nor sales."
    )
    return Answer("agenda", title, text, items, None, Table(title, columns, items, money, None, note))


def say_stake(row: Mapping[Any, Any], money: Scale) -> str:
    """What an item is about, what it moves, how long it takes and who prepared it."""
    worth, odds = float(row["money"]), 100 * float(row["odds"])
    said = [str(row["topic"])]
    if abs(odds) >= _LEAST_POINTS:
        said.append(f"moves the chance of the target by {write_number(odds, signed=True)} percentage points")
    said += [money.say(worth, signed=True)] if math.isfinite(worth) else []
    said += [f"{row['minutes']} minutes", *([f"prepared by {row['owner']}"] if row["owner"] else [])]
    return " · ".join(said)
