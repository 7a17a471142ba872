"""The agenda of the planning meeting: first the gap to the target, then decisions, then what puts it at risk.

Decisions come in the order of what they change in the odds of the target, then of their money. Every option
carries what it does when it is planned, in the span the meeting plans, and the sign that has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import PER_CENT, Said

__all__ = ["meeting_agenda"]

_COLUMNS = [
    *("place", "topic", "title", "money", "odds", "chart", "question", "options", "minutes", "owner", "ids"),
    "source",
]
_LONGEST = 30.0
"""Minutes that no item exceeds: with little to decide the meeting is short."""
_TOPICS = ("gap", "contested claim", "broken promise", "due action", "change")
"""In the order in which they are taken."""
_CHOICES = {
    "accept alone": "Accept the claim of {claim}",
    "accept as history says": "Take what history supports",
    "accept with all": "Accept it with all others that are open",
    "drop": "Drop claim and action",
}
_FORECAST = ("baseline", "driver:*")
"""What changed of itself: nobody's to accept or to reject."""
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
    consequences: pd.DataFrame | None = None,
    span: str = "",
    unit: str = "",
    year_share: float = 1.0,
    tests: Mapping[str, str] | None = None,
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Items topic by topic, each with its chart, question, options and time box.

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
    consequences : DataFrame, optional
        ``assumption, option, units, revenue, probability_before, probability`` of open decisions.
    span, unit : str
        The span planned, which is the time base of every figure, and what its plan counts.
    year_share : float
        Share of a year that the span is: what weak points are worth in it.
    tests : mapping of str to str, optional
        By id of a disputed claim, until when it may be put off: the test that could settle it, in words.

    Returns
    -------
    DataFrame
        ``place, topic, title, money`` (of the item itself in the span, NaN where none is known), ``odds``
        (what it changes in the chance of the target), ``chart`` (name of the chart to draw), ``question,
        options`` (one per line, with numbers), ``minutes, owner, ids, source`` (of the leads that a promise
        concerns). What did not fit is a notice, not lost silently.
    """
    items: list[dict[str, Any]] = [
        *_gap_items(gaps),
        *_contested_items(contested, consequences, tests or {}, currency, span, unit),
        *_promise_items(weak_points, currency, span, year_share),
    ]
    items += [*_due_items(decisions, as_of), *_change_items(changes)]
    ordered = sorted(items, key=_rank)
    kept, left = _choose(ordered, most)
    shares = np.array([_SHARES[item["topic"]] for item in kept])
    time = max(minutes - 10, 0)
    boxes = np.clip(np.floor(time * shares / shares.sum()), 1.0, _LONGEST).astype(int) if len(kept) else []
    rows = [item | {"place": place + 1, "minutes": int(boxes[place])} for place, item in enumerate(kept)]
    notices = []
    if left:
        text = f"Items that did not fit: {', '.join(item['title'] for item in left)}."
        notices.append(Notice("agenda_full", text, len(left)))
    if not ordered:
        notices.append(Notice("agenda_empty", "Nothing is contested, broken or due: sign and go."))
    agenda = pd.DataFrame(rows, columns=_COLUMNS)
    return agenda.assign(source=agenda["source"].fillna(""), odds=agenda["odds"].fillna(0.0)), tuple(notices)


def _rank(item: Mapping[str, Any]) -> tuple[Any, ...]:
    money = abs(item["money"]) if np.isfinite(item["money"]) else 0.0
    return (_TOPICS.index(item["topic"]), -abs(item.get("odds", 0.0)), -money, item["title"])


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
                "money": -float(row["money_short"]) if pd.notna(row.get("money_short")) else float("nan"),
                "short": float(short),
                "chart": "fan",
                "question": f"The target is made with odds of {Said(row['probability']):.0%}: what do we do?",
                "options": "\n".join(options),
                "owner": "",
                "ids": "",
            }
        )
    return [item for item in items if item["short"] > 0]


def _contested_items(
    contested: pd.DataFrame | None,
    consequences: pd.DataFrame | None,
    tests: Mapping[str, str],
    currency: str,
    span: str,
    unit: str,
) -> list[dict[str, Any]]:
    planned: dict[str, list[dict[Any, Any]]] = {}
    for row in _records(consequences):
        planned.setdefault(str(row["assumption"]), []).append(row)
    items = []
    for row in _records(contested):
        name = str(row["assumption"])
        found = planned.get(name, [])
        options = [_planned(row, line, currency, span, unit) for line in found]
        alone = next((line for line in found if line["option"] == "accept alone"), None)
        options = options or _claimed(row, currency, span)
        options.append(f"Put it off {tests.get(name, 'until a test has settled it')}.")
        difference = row["money_claimed"] - (row["money_supported"] if pd.notna(row["supported"]) else 0.0)
        money = difference if alone is None or pd.isna(alone["revenue"]) else alone["revenue"]
        items.append(
            {
                "topic": "contested claim",
                "title": f"{name} {row['title']}",
                "money": float(money),
                "odds": max((_shift(line) for line in found), key=abs, default=0.0),
                "chart": "evidence",
                "question": f"The claim is {row['verdict']}: which number goes into the plan?",
                "options": "\n".join(options),
                "owner": row["owner"],
                "ids": name,
            }
        )
    return items


def _shift(line: Mapping[Any, Any]) -> float:
    """What an option changes in the chance of the target; 0 where none stands."""
    change = float(line["probability"]) - float(line["probability_before"])
    return change if np.isfinite(change) else 0.0


def _planned(row: Mapping[Any, Any], line: Mapping[Any, Any], currency: str, span: str, unit: str) -> str:
    """An option with what it does when planned."""
    mark = PER_CENT if row["unit"] == "percent" else f" {row['unit']}"
    words = _CHOICES[line["option"]].format(claim=f"{Said(row['claim']):+,.0f}{mark}")
    worth = f"{Said(line['units']):+,.0f} {unit}".strip()
    if pd.notna(line["revenue"]) and unit != currency:
        worth += f", {_money(line['revenue'], currency, '+')}"
    base = f" in {span}" if span else ""
    if pd.isna(line["probability"]):
        return f"{words}: {worth}{base}."
    return f"{words}: {worth}{base}; the target is then made with {Said(line['probability']):.0%}."


def _claimed(row: Mapping[Any, Any], currency: str, span: str) -> list[str]:
    """Options of a claim that is accepted already: what it is worth as claimed and as supported."""
    unit = PER_CENT if row["unit"] == "percent" else f" {row['unit']}"
    base = f" in {span}" if span else ""
    claimed = _money(row["money_claimed"], currency, "+")
    options = [f"Keep the claim of {Said(row['claim']):+,.0f}{unit}: {claimed}{base}."]
    if pd.notna(row["supported"]):
        supported = f"{Said(row['supported']):+,.0f}{unit}: {_money(row['money_supported'], currency, '+')}"
        options.append(f"Take what history supports, {supported}{base}.")
    return options


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _promise_items(
    weak_points: pd.DataFrame | None, currency: str, span: str, year_share: float
) -> list[dict[str, Any]]:
    """The dearest weak point of each side and stage, and every campaign without a working brief."""
    if weak_points is None or not len(weak_points):
        return []
    first = weak_points.drop_duplicates(["side", "stage"]) if len(weak_points) else weak_points
    items = []
    for row in _records(first):
        worth = year_share * float(row["value"])
        whole, half = (_money(share * worth, currency, "+") for share in (1.0, 0.5))
        base = f" in {span}" if span else " a year"
        options = [
            f"Mend it ({row['reference']}): {whole}{base}.",
            f"Go half of the way: {half}{base}.",
            "Leave it, and change the promise or say so in the plan.",
        ]
        if not row["value"]:
            options = [f"Mend it before the start: {row['reference']}.", "Put the campaign off.", "Leave it."]
        items.append(
            {
                "topic": "broken promise",
                "title": f"{_capital(str(row['source']))}: {row['stage']}",
                "money": worth,
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
        back = f"Keep the new value{_amount(row, 'after')}.\nGo back to the old one{_amount(row, 'before')}."
        seen = "Take note.\nAsk for the reason, with a date."
        items.append(
            {
                "topic": "change",
                "title": _change_title(row),
                "money": float(row["money"]),
                "chart": "bridge",
                "question": f"Since the last round: {row['details']}. Why?"
                if row.get("details")
                else f"Changed from {row['before']} to {row['after']} since the last round: why?",
                "options": seen if row["assumption"] in _FORECAST else back,
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
