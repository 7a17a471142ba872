"""How earlier claims came out: each claim with what came true, and each role's record."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, refuse
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import humanise, write_count
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.review.record import summarise_record
from alignment_lib.rounds.view import RoundView

__all__ = ["cuts_table", "record", "roles_table"]

_TITLE = "How earlier assumptions came out"
_SCORED = ("title", "method", "hit", "is_clear", "overclaim_share", "size", "mechanic", "direction")
"""Columns beyond the contract's, which every round scored by this program bears."""
_CUTS = {
    "function": "side",
    "kind": "kind",
    "direction": "direction",
    "size": "size of the claim",
    "mechanic": "mechanic",
}
_ROLE_COLUMNS = [
    Column("name", "role"),
    Column("cases", "claims scored", "number"),
    Column("clear_cases", "that can tell", "number"),
    Column("realised_share", "comes true", "share", "of a claim, few cases drawn to all", 0),
]


def record(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """Claims of closed rounds with what came true; in order of round and of name, ranking nobody."""
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("record", part=part, scenario=scenario)
    table = view.table("record") if view.has_rows("record", *_SCORED) else pd.DataFrame()
    if span and len(table):
        table = table[table["round"] == check_word(span, sorted(table["round"].unique()), "closed round")]
    if table.empty:
        text = (
            "No earlier round with claims has closed yet: each of its claims appears here, with what came "
            "true, as soon as one has."
        )
        return nothing_yet("record", _TITLE, text)
    columns = [
        Column("assumption", "claim", below="title"),
        Column("round", "round"),
        Column("owner", "role"),
        Column("claim", "claimed", "number", "in its unit", 1, signed=True, below="unit"),
        Column("actual", "came true", "number", "in its unit", 1, signed=True),
        Column("standard_error", "give or take", "number", "standard error", 1),
        Column("clear", "outcome", "mark", below="method"),
        Column("verdict", "verdict then"),
    ]
    caption = "Claims of closed rounds" if not span else f"Claims of {span}"
    shown = Table(caption, columns, table.assign(clear=_outcomes(table)))
    return Answer("record", _TITLE, _sum_up(table), table.reset_index(drop=True), shown=shown)


def _outcomes(table: pd.DataFrame) -> np.ndarray:
    hit, clear = (table[name].astype(bool) for name in ("hit", "is_clear"))
    return np.where(hit, "in range", np.where(clear, "out of range", "cannot tell"))


def _sum_up(table: pd.DataFrame) -> str:
    text = f"{write_count(len(table), 'assumption')} of closed rounds have been scored."
    scored = table[table["actual"].notna() & table["claim"].notna()]
    over = int((scored["actual"].abs() < scored["claim"].abs()).sum())
    return f"{text} {over} of {len(scored)} came out smaller than claimed." if len(scored) else text


def roles_table(answer: Answer) -> Table | None:
    """Each role's record, a role's and never a person's; None where nothing has been scored."""
    owners = summarise_record(answer.frame) if answer.is_answered else pd.DataFrame()
    roles = owners[owners["group"] == "owner"] if len(owners) else owners
    if roles.empty:
        return None
    columns = [*_ROLE_COLUMNS, Column("sentence", "in words")]
    note = "Roles stand in the order of their names. Few cases are drawn toward what all claims show."
    return Table("Record by role", columns, roles, note=note)


def cuts_table(answer: Answer) -> Table | None:
    """The same claims by side, kind, direction, size and mechanic."""
    owners = summarise_record(answer.frame) if answer.is_answered else pd.DataFrame()
    others = owners[owners["group"] != "owner"] if len(owners) else owners
    if others.empty:
        return None
    others = others.assign(words=others["group"].map(_CUTS), name=others["name"].map(humanise))
    columns = [
        Column("name", "claims", below="words"),
        *_ROLE_COLUMNS[1:],
        Column("hit_rate_shrunk", "in range", "share", "few cases drawn to all", 0),
    ]
    return Table("The same claims by side, kind, direction, size and mechanic", columns, others)
