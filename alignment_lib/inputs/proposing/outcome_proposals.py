"""Outcomes of leads and deals, proposed from the words of stage and status: what is not known is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from alignment_lib.inputs.problems import counted
from alignment_lib.inputs.words.stage_words import (
    is_yes_no,
    read_flag,
    read_milestone,
    read_reached,
    read_stage,
    says_no_lead,
)

__all__ = ["propose_milestones", "propose_outcomes"]

_MOST_DOUBTS = 30
_KEYS = {"leads": "lead_id", "opportunities": "opportunity_id"}
_CLOSING = {"leads": ("closed_at",), "opportunities": ("closed_at", "expected_close")}
_THING = {"leads": "lead", "opportunities": "opportunity"}


def propose_outcomes(
    table: pd.DataFrame,
    kind: str,
    columns: Mapping[str, str],
    doubts: list[str],
    also: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[dict[str, str], dict[str, Any]]:
    """Outcome by word of the stage columns, and decisions about rows without a day or a place in time.

    Parameters
    ----------
    table : DataFrame
        The export.
    kind : str
        Only leads and opportunities have outcomes.
    columns : mapping of str to str
        Column of the export by role.
    doubts : list of str
        Is added to.
    also : mapping of str to tuple of str, optional
        Further columns of a date.
    """
    if kind == "contacts":
        return _read_calls(table, columns.get("reached", ""), doubts), {}
    if kind not in _KEYS:
        return {}, {}
    named = [columns[role] for role in ("stage", "status") if columns.get(role)]
    outcomes: dict[str, str] = {}
    for column in named:
        outcomes |= _read_words(table[column], column, doubts)
    decisions: dict[str, Any] = {}
    if named:
        _doubt_undated(table, kind, columns, outcomes, named, doubts, decisions, also or {})
    _doubt_order(table, kind, columns, doubts)
    return outcomes, decisions


def propose_milestones(
    table: pd.DataFrame, kind: str, columns: Mapping[str, str], outcomes: Mapping[str, str]
) -> dict[str, str]:
    """Steps of the funnel by stage, where leads stand in several rows with the day of each change."""
    key, changed = columns.get("lead_id", ""), columns.get("changed_at", "")
    if kind != "leads" or not changed or key not in table.columns or not table[key].duplicated().any():
        return {}
    found = {word: read_milestone(word) for word, outcome in outcomes.items() if not outcome}
    return {word: step for word, step in found.items() if step and not columns.get(step)}


def _read_calls(table: pd.DataFrame, column: str, doubts: list[str]) -> dict[str, str]:
    """Whether each result of a call means that the customer was reached; what is not known is asked."""
    if column not in table.columns:
        return {}
    counts = table.loc[table[column] != "", column].value_counts()
    found = {str(word): read_reached(str(word)) for word in sorted(counts.index)}
    for word in [word for word, reached in found.items() if not reached][:_MOST_DOUBTS]:
        rows = counted(int(counts[word]), "row")
        text = f"the result {word!r} ({rows}) does not say whether the customer was reached"
        doubts.append(f"{text}; write yes or no for it under [outcomes]")
    return found


def _read_words(values: pd.Series, column: str, doubts: list[str]) -> dict[str, str]:
    counts = {str(word): int(count) for word, count in values[values != ""].value_counts().items()}
    words = sorted(counts)
    if is_yes_no(words):
        outcomes = {word: read_flag(word) or "lost" for word in words}
        said = ", ".join(f"{word} ({counted(counts[word], 'row')}) for {outcomes[word]}" for word in words)
        doubts.append(f'{column!r} was taken as {said}; write "" under [outcomes] for what is still open')
        return outcomes
    stages = {word: read_stage(word) for word in words}
    unsure = sorted(
        (word for word in words if not stages[word].is_sure), key=lambda word: (-counts[word], word)
    )
    for word in unsure[:_MOST_DOUBTS]:
        doubts.append(_doubt_stage(word, stages[word].outcome, counted(counts[word], "row")))
    if len(unsure) > _MOST_DOUBTS:
        rest = unsure[_MOST_DOUBTS:]
        rows = counted(sum(counts[word] for word in rest), "row")
        doubts.append(
            f"{len(rest)} more stages of {column!r} ({rows}) are not known and were taken for still open"
        )
    return {word: stages[word].outcome for word in words}


def _doubt_stage(word: str, outcome: str, rows: str) -> str:
    if says_no_lead(word):
        return (
            f"the stage {word!r} ({rows}) may be leads that were lost or none at all; taken for lost: "
            "correct it under [outcomes], or take these rows out of the export"
        )
    taken = outcome or "still open"
    return f"the stage {word!r} ({rows}) is not known and was taken for {taken}; correct it under [outcomes]"


def _doubt_undated(
    table: pd.DataFrame,
    kind: str,
    columns: Mapping[str, str],
    outcomes: Mapping[str, str],
    named: list[str],
    doubts: list[str],
    decisions: dict[str, Any],
    also: Mapping[str, tuple[str, ...]],
) -> None:
    """Wins and losses without a day: a few are left open and counted, most of them are asked about."""
    ended = pd.Series(False, index=table.index)
    for column in named:
        ended |= table[column].map(dict(outcomes)).fillna("") != ""
    days = [columns[role] for role in _CLOSING[kind] if columns.get(role)]
    days += [*also.get("closed_at", ())] if columns.get("closed_at") else []
    undated = ended.copy()
    for column in days:
        undated &= table[column] == ""
    count = int(undated.sum())
    if count * 2 <= int(ended.sum()) or not count:
        return
    decisions["undated_outcomes"] = "keep"
    where = f"the day in {days[0]!r}" if days else "a column with the closing day"
    doubts.append(
        f"{counted(count, _THING[kind])} won or lost without {where}: kept without a day; name the "
        'column under closed_at, or write undated_outcomes = "open" under [import] to leave them open'
    )


def _doubt_order(table: pd.DataFrame, kind: str, columns: Mapping[str, str], doubts: list[str]) -> None:
    """Several rows of one lead that differ, and nothing that says which is newer."""
    key = columns.get(_KEYS[kind], "")
    if key not in table.columns or columns.get("changed_at"):
        return
    taken = list(dict.fromkeys(column for column in columns.values() if column))
    rows = table[taken].drop_duplicates()
    twice = rows.loc[rows[key] != "", key]
    count = int(twice[twice.duplicated()].nunique())
    if count:
        doubts.append(
            f"{counted(count, _THING[kind])} of {key!r} stand in several rows that differ, and nothing says "
            "which is newer: the last row of each is taken; name the column of the change under changed_at"
        )
