"""The planning meeting: the house rules, the sheet of decisions, and what became of the last ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["HOUSE_RULES", "decision_sheet", "what_became"]

HOUSE_RULES = (
    "The moderator comes from neither marketing nor sales.",
    "Facts first: each item opens with its chart, views come after it.",
    "Variance has no names: we speak of stages, sources, claims and roles.",
    "Each item ends with a decision, an owner role and a date, or is put off to a named day.",
    "What history does not support may still be decided, and is written down as a bet.",
    "The time box holds; what does not fit becomes an action.",
)


def decision_sheet(
    decisions: pd.DataFrame | None, round_name: str, as_of: pd.Timestamp, blank_rows: int = 8
) -> pd.DataFrame:
    """The sheet filled in at the meeting: earlier decisions with what became of them, then empty rows.

    Returns
    -------
    DataFrame
        ``decision, round, date, text, assumptions, expected_effect, owner, due, status, outcome`` (as the
        canonical table) and ``state``: ``done, dropped, open, overdue``, or ``new`` on the empty rows.
    """
    columns = [
        "decision",
        "round",
        "date",
        "text",
        "assumptions",
        "expected_effect",
        "owner",
        "due",
        "status",
    ]
    columns.append("outcome")
    given = pd.DataFrame(columns=columns) if decisions is None else decisions.reindex(columns=columns)
    given = given.sort_values(["due", "decision"], na_position="last", ignore_index=True)
    states = [_state(row, as_of) for row in given.to_dict("records")]
    given["state"] = np.asarray(states, dtype=object)
    names = set(given["decision"].astype(str))
    fresh = [name for name in (f"{round_name}-{number}" for number in range(1, 1_000)) if name not in names]
    rows: list[Mapping[str, Any]] = [
        {"decision": name, "round": round_name, "date": as_of, "status": "open", "state": "new"}
        for name in fresh[:blank_rows]
    ]
    records = [*given.to_dict("records"), *rows]
    table = pd.DataFrame(records, columns=[*columns, "state"])
    texts = ["text", "assumptions", "owner", "outcome"]
    table[texts] = table[texts].fillna("")
    return table


def what_became(decisions: pd.DataFrame, claims: pd.DataFrame | None, as_of: pd.Timestamp) -> list[str]:
    """What became of each decision: its own outcome, then what came true of the claims it rests on.

    Parameters
    ----------
    decisions : DataFrame
        `decision_sheet`.
    claims : DataFrame, optional
        `Record.table`; of a claim scored in several rounds the latest counts.

    Returns
    -------
    list of str
        One a row, blank for empty rows.
    """
    told = {}
    for row in [] if claims is None else claims.to_dict("records"):
        told[str(row["assumption"])] = str(row["sentence"])
    said = []
    for row in decisions.to_dict("records"):
        parts = [str(row["outcome"]).strip().rstrip(".") + "."] if row["outcome"] else []
        if row["state"] == "overdue":
            late = (as_of - pd.Timestamp(row["due"])).days
            parts.append(f"Open, {late} {'day' if late == 1 else 'days'} past its date.")
        ids = [part.strip() for part in str(row["assumptions"] or "").split(";")]
        parts += [told[name] for name in ids if name in told]
        said.append(" ".join(parts))
    return said


def _state(row: Mapping[Any, Any], as_of: pd.Timestamp) -> str:
    status = str(row.get("status") or "open")
    if status != "open":
        return status
    due = row.get("due")
    return "overdue" if due is not None and pd.notna(due) and pd.Timestamp(due) < as_of else "open"
