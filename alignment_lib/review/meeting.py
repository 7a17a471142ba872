"""The planning meeting: what matters most in money, what became of the last decisions, the house rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import PER_CENT, Said

__all__ = ["HOUSE_RULES", "decision_sheet", "meeting_agenda", "what_became"]

HOUSE_RULES = (
    "The moderator comes from neither marketing nor sales.",
    "Facts first: each item opens with its chart, views come after it.",
    "Variance has no names: we speak of stages, sources, claims and roles.",
    "Each item ends with a decision, an owner role and a date, or is put off to a named day.",
    "What history does not support may still be decided, and is written down as a bet.",
    "The time box holds; what does not fit becomes an action.",
)

_COLUMNS = [
    *("place", "topic", "title", "money", "chart", "question", "options", "minutes", "owner", "ids"),
    "source",
]
_LONGEST = 30.0
"""Minutes that no item exceeds: with little to decide the meeting is short."""
_SHARES = {"gap": 1.5, "contested claim": 1.0, "broken promise": 1.0, "due action": 0.5, "change": 0.75}


def meeting_agenda(
    gaps: pd.DataFrame | None = None,
    contested: pd.DataFrame | None = None,
    weak_points: pd.DataFrame | None = None,
    decisions: pd.DataFrame | None = None,
    changes: pd.DataFrame | None = None,
    as_of: pd.Timestamp | None = None,
    minutes: int = 90,
    most: int = 10,
    currency: str = "",
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Items by money, each with its chart, question, options and time box.

    The largest item of each topic is on the agenda where there is room for every topic.

    Parameters
    ----------
    gaps : DataFrame, optional
        Rows of ``odds.parquet`` that have a target: ``span, start, p10, p50, p90, target, probability``, a
        ``level`` in words, and ``money_per_unit`` where the measure is not money.
    contested : DataFrame, optional
        ``assumption, title, owner, verdict, claim, supported, unit, money_claimed, money_supported`` of
        claims that are optimistic, pessimistic or await one side.
    weak_points : DataFrame, optional
        `alignment_lib.funnel.weak_points`.
    decisions : DataFrame, optional
        Canonical table; open ones due by `as_of` are on the agenda.
    changes : DataFrame, optional
        ``assumption, title, before, after, money`` and, where known, ``unit`` (of the two values) and
        ``details`` (in words): what changed since the last round.
    minutes, most : int
        Length of the meeting (five minutes go to opening and close each) and the number of items.
    currency : str
        Code written behind amounts of money.

    Returns
    -------
    DataFrame
        ``place, topic, title, money, chart`` (name of the chart to draw), ``question, options`` (one per
        line, with numbers), ``minutes, owner, ids, source`` (of the leads that a promise concerns). What did
        not fit is a notice, not lost silently.
    """
    items: list[dict[str, Any]] = [
        *_gap_items(gaps),
        *_contested_items(contested, currency),
        *_promise_items(weak_points, currency),
    ]
    items += [*_due_items(decisions, as_of), *_change_items(changes)]
    ordered = sorted(items, key=lambda item: (-abs(item["money"]), item["topic"], item["title"]))
    kept, left = _choose(ordered, most)
    shares = np.array([_SHARES[item["topic"]] for item in kept])
    time = max(minutes - 10, 0)
    boxes = np.clip(np.floor(time * shares / shares.sum()), 1.0, _LONGEST).astype(int) if len(kept) else []
    rows = [item | {"place": place + 1, "minutes": int(boxes[place])} for place, item in enumerate(kept)]
    notices = []
    if left:
        worth = _money(sum(abs(item["money"]) for item in left), currency)
        text = f"Items that did not fit, worth {worth} together."
        notices.append(Notice("agenda_full", text, len(left)))
    if not ordered:
        notices.append(Notice("agenda_empty", "Nothing is contested, broken or due: sign and go."))
    agenda = pd.DataFrame(rows, columns=_COLUMNS)
    return agenda.assign(source=agenda["source"].fillna("")), tuple(notices)


def _choose(ordered: list[dict[str, Any]], most: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The largest items, the largest of each topic among them where there is room for every topic."""
    firsts = {item["topic"]: number for number, item in reversed(list(enumerate(ordered)))}
    sure = set(firsts.values()) if len(firsts) <= most else set()
    rest = [number for number in range(len(ordered)) if number not in sure]
    chosen = sorted(sure | set(rest[: most - len(sure)]))
    return [ordered[n] for n in chosen], [ordered[n] for n in range(len(ordered)) if n not in set(chosen)]


def _money(amount: float, currency: str, sign: str = "") -> str:
    return f"{Said(amount):{sign},.0f} {currency}".strip()


def _records(table: pd.DataFrame | None) -> list[dict[Any, Any]]:
    return [] if table is None else table.to_dict("records")


def _gap_items(gaps: pd.DataFrame | None) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for row in _records(gaps):
        if pd.isna(row.get("target")):
            continue
        short = row["target"] - row["p50"]
        worth = float(row.get("money_per_unit", 1.0))
        level = row.get("level") or "all"
        unit = f" {row['unit']}" if row.get("unit") else ""
        target, missing = Said(row["target"]), Said(max(short, 0.0))
        low, middle, high = (Said(row[name]) for name in ("p10", "p50", "p90"))
        options = [
            f"Keep the target of {target:,.0f}{unit} and find {missing:,.0f} more.",
            f"Plan {middle:,.0f}{unit} (as likely as not), range {low:,.0f} to {high:,.0f}.",
            "Keep both: plan and target apart, with a date to look again.",
        ]
        items.append(
            {
                "topic": "gap",
                "title": f"{_capital(str(level))}: plan against target",
                "money": float(max(short, 0.0)) * worth,
                "chart": "fan",
                "question": f"The target is made with odds of {Said(row['probability']):.0%}: what do we do?",
                "options": "\n".join(options),
                "owner": "",
                "ids": "",
            }
        )
    return [item for item in items if item["money"] > 0]


def _contested_items(contested: pd.DataFrame | None, currency: str) -> list[dict[str, Any]]:
    items = []
    for row in _records(contested):
        unit = PER_CENT if row["unit"] == "percent" else f" {row['unit']}"
        known = pd.notna(row["supported"])
        claimed = _money(row["money_claimed"], currency, "+")
        options = [f"Accept the claim of {Said(row['claim']):+,.0f}{unit}: {claimed}."]
        if known:
            supported = (
                f"{Said(row['supported']):+,.0f}{unit}: {_money(row['money_supported'], currency, '+')}"
            )
            options.append(f"Take what history supports, {supported}.")
        options.append("Reject it, or agree on a test that would settle it.")
        base = row["money_supported"] if known else 0.0
        items.append(
            {
                "topic": "contested claim",
                "title": f"{row['assumption']} {row['title']}",
                "money": abs(float(row["money_claimed"]) - float(base)),
                "chart": "evidence",
                "question": f"The claim is {row['verdict']}: which number goes into the plan?",
                "options": "\n".join(options),
                "owner": row["owner"],
                "ids": str(row["assumption"]),
            }
        )
    return items


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _promise_items(weak_points: pd.DataFrame | None, currency: str) -> list[dict[str, Any]]:
    """The dearest weak point of each side and stage, and every campaign without a working brief."""
    if weak_points is None or not len(weak_points):
        return []
    first = weak_points.drop_duplicates(["side", "stage"]) if len(weak_points) else weak_points
    items = []
    for row in _records(first):
        whole, half = (_money(share * float(row["value"]), currency, "+") for share in (1.0, 0.5))
        options = [
            f"Mend it ({row['reference']}): {whole} a year.",
            f"Half of the way this year: {half}.",
            "Leave it, and change the promise or say so in the plan.",
        ]
        if not row["value"]:
            options = [f"Mend it before the start: {row['reference']}.", "Put the campaign off.", "Leave it."]
        items.append(
            {
                "topic": "broken promise",
                "title": f"{_capital(str(row['source']))}: {row['stage']}",
                "money": float(row["value"]),
                "chart": "funnel",
                "question": _capital(str(row["sentence"])) + " What do we change?",
                "options": "\n".join(options),
                "owner": row["side"],
                "ids": "",
                "source": str(row["source"]),
            }
        )
    return items


def _due_items(decisions: pd.DataFrame | None, as_of: pd.Timestamp | None) -> list[dict[str, Any]]:
    items = []
    for row in _records(decisions):
        is_open = (row.get("status") or "open") == "open"
        due = row.get("due")
        if not is_open or (as_of is not None and pd.notna(due) and pd.Timestamp(due) > as_of):
            continue
        effect = row.get("expected_effect")
        when = (
            f" was due {pd.Timestamp(due):%Y-%m-%d}" if due is not None and pd.notna(due) else " has no date"
        )
        items.append(
            {
                "topic": "due action",
                "title": str(row["text"]),
                "money": float(effect) if effect is not None and pd.notna(effect) else 0.0,
                "chart": "",
                "question": f"{row['decision']}{when} and is open: what became of it?",
                "options": "Done, with its result.\nA new date.\nDropped, with the reason.",
                "owner": str(row.get("owner") or ""),
                "ids": str(row.get("assumptions") or ""),
            }
        )
    return items


def _change_items(changes: pd.DataFrame | None) -> list[dict[str, Any]]:
    items = []
    for row in _records(changes):
        items.append(
            {
                "topic": "change",
                "title": _change_title(row),
                "money": float(row["money"]),
                "chart": "bridge",
                "question": f"Since the last round: {row['details']}. Why?"
                if row.get("details")
                else f"Changed from {row['before']} to {row['after']} since the last round: why?",
                "options": f"Keep the new value{_amount(row, 'after')}.\nGo back to the old one"
                f"{_amount(row, 'before')}.",
                "owner": str(row.get("owner") or ""),
                "ids": str(row["assumption"]),
            }
        )
    return items


def _amount(row: Mapping[Any, Any], name: str) -> str:
    value = row[name]
    text = f"{Said(value):,.0f}" if isinstance(value, float) else str(value)
    return f", {text} {row.get('unit') or ''}".rstrip()


def _change_title(row: Mapping[Any, Any]) -> str:
    name, title = str(row["assumption"]), str(row.get("title") or "")
    # The forecast and the driver calendar have titles of their own, and no id that anyone knows.
    return title if name == "baseline" or name.startswith("driver:") else f"{name} {title}".strip()


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
    for row in _records(claims):
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
