"""The next test worth making: what settling each disputed claim would change, and what could settle it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.tornado import draw_tornado
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    say_share,
    write_count,
    write_number,
    write_odds,
)
from alignment_lib.inputs.written_numbers import PER_CENT
from alignment_lib.rounds.view import RoundView

__all__ = ["next_tests", "say_test"]

_TITLE = "The next test worth making"
_MOST_ROWS = 12


@of_the_whole
def next_tests(view: RoundView) -> Answer:
    """Disputed claims with what settling them would change, and the best test of each.

    Returns
    -------
    Answer
        Its frame is the published table ``next_tests`` with ``title, owner, claim, claim_unit`` beside.
    """
    if not view.has_rows("assumptions", "id", "title"):
        return nothing_yet(
            "next_tests", _TITLE, "Add assumptions.csv to see which claims a test could settle."
        )
    if not view.has_rows("next_tests", "assumption", "settled"):
        return nothing_yet("next_tests", _TITLE, f"No claim is disputed in {view.round}.")
    known = view.table("assumptions").reindex(columns=["id", "title", "owner", "expected", "unit"])
    named = {"id": "assumption", "expected": "claim", "unit": "claim_unit"}
    frame = view.table("next_tests").merge(known.rename(columns=named), on="assumption", how="left")
    unit = str(frame["unit"].iloc[0])
    swings = pd.DataFrame(
        {
            "label": frame["assumption"] + " " + frame["title"].astype(str),
            "low": frame["money_low"],
            "high": frame["money_high"],
        }
    )
    chart = draw_tornado(
        swings, name="next-tests", title="What settling each disputed claim would move", unit=unit,
        period=view.round,
    )  # fmt: skip
    return Answer("next_tests", _TITLE, _say(view, frame, unit), frame, chart, _table(view, frame, unit))


def _say(view: RoundView, frame: pd.DataFrame, unit: str) -> str:
    rows = list_rows(frame)
    worth = [row for row in rows if row["is_useful"] and row["net"] > 0]
    count = write_count(len(rows), "disputed claim")
    scale = choose_scale([*frame["settled"], *frame["net"].dropna()], unit)
    if worth:
        first = worth[0]
        more = f" {write_count(len(worth) - 1, 'more test')} would pay." if len(worth) > 1 else ""
        sees = say_share(first["smallest_effect"] / 100)
        return (
            f"Of {count}, {_name(first)} is the next to test: {_design(first, view.calendar.grain)}. "
            f"It sees effects from {sees} on, four times in five, and is worth {scale.say(first['net'])} "
            f"more than it costs.{more}"
        )
    most = max(rows, key=lambda row: (row["settled"], row["assumption"]))
    why = most["reason"] or "a test costs more than it is worth"
    chance = write_odds(most["change_probability"])
    return (
        f"Of {count} none has a test that is worth its cost. Most would be changed by {_name(most)}: "
        f"knowing it is worth {scale.say(most['settled'])}, and leads elsewhere with {chance}; {why}."
    )


def _name(row: Mapping[Any, Any]) -> str:
    return f"{row['assumption']} {row['title']}"


def say_test(row: Mapping[Any, Any], grain: str) -> str:
    """Until when a claim may be put off: its best test with what that is worth, or why there is none.

    Parameters
    ----------
    row : mapping
        A row of the table ``next_tests``.
    grain : str
        What its periods are called.
    """
    if not row["is_useful"]:
        return f"though no test of use can be made: {row['reason']}"
    scale = choose_scale([row["net"]], str(row["unit"]))
    worth = f"worth {scale.say(row['net'])} more than it costs"
    if row["net"] <= 0:
        worth = f"it costs {scale.say(-row['net'])} more than it is worth"
    test = f"until a test has settled it: {_design(row, grain)}"
    return f"{test} (sees effects from {say_share(row['smallest_effect'] / 100)} on; {worth})"


def _design(row: Mapping[Any, Any], grain: str) -> str:
    """The test in words: how many of what are left out by lot, for how long; blank where there is none."""
    if not row["dimension"]:
        return ""
    length, kind = write_count(int(row["periods"]), grain), str(row["dimension"]).replace("_", " ")
    return (
        f"by {kind}, leave it out in {row['held_out']:,.0f} of {row['units']:,.0f} drawn by lot for {length}"
    )


def _why(row: Mapping[Any, Any]) -> str:
    """Why a claim is disputed, in words."""
    words = {
        "sign": "its sign is open",
        "decision": "the decision turns on it",
        "odds": "the odds turn on it",
    }
    parts = [part.strip() for part in str(row["disputed"]).split(";")]
    return "; ".join(words.get(part, part.replace("evidence:", "history calls it")) for part in parts)


def _value(row: Mapping[Any, Any], name: str) -> str:
    """A value of a claim in its own unit."""
    value = float(row[name])
    if row["claim_unit"] != "percent":
        return write_number(value, 0, signed=True)
    return f"{write_number(value, 0 if abs(value) >= 10 else 1, signed=True)}{PER_CENT}"


def _table(view: RoundView, frame: pd.DataFrame, unit: str) -> Table:
    shown = frame.head(_MOST_ROWS)
    rows = pd.DataFrame(
        {
            "what": [_name(row) for row in list_rows(shown)],
            "why": [_why(row) for row in list_rows(shown)],
            "believed": [
                f"{_value(row, 'belief')} ({_value(row, 'belief_low')} to {_value(row, 'belief_high')})"
                for row in list_rows(shown)
            ],
            "change": shown["change_probability"],
            "settled": shown["settled"],
            "test": [_design(row, view.calendar.grain) or "none" for row in list_rows(shown)],
            "reason": shown["reason"],
            "sees": [
                say_share(row["smallest_effect"] / 100) if math.isfinite(row["smallest_effect"]) else "–"
                for row in list_rows(shown)
            ],
            "cost": shown["cost"],
            "net": shown["net"],
        }
    )
    scale: Scale = choose_scale([*frame["settled"], *frame["net"].dropna(), *frame["cost"].dropna()], unit)
    columns = [
        Column("what", "Claim", below="why"),
        Column("believed", "What may be true (8 in 10)"),
        Column("change", "Another decision", "odds"),
        Column("settled", "Worth of knowing", "amount"),
        Column("test", "Best test", below="reason"),
        Column("sees", "Sees effects from"),
        Column("cost", "Cost", "amount", signed=True),
        Column("net", "Worth less cost", "amount", signed=True),
    ]
    note = (
        "Worth: money by which the plan lies nearer to what comes, and from running only what pays. A test "
        "finds its smallest effect four times in five and raises one false alarm in twenty. Cost: what is "
        "forgone where the action is left out, and what the claim states beside; below zero, it saves money."
    )
    left = len(frame) - len(rows)
    note += f" {write_count(left, 'smaller one')} not listed." if left > 0 else ""
    caption = f"Disputed claims and their tests in {view.round}, {scale.unit}"
    return Table(caption, columns, rows.reset_index(drop=True), scale, None, note)
