"""What is to be decided, and what each decision does: the plan and its odds with it and without it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import ask
from alignment_lib.answers.facts import find_answer, find_awaiting, list_scenarios
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import choose_scale, write_count, write_odds
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView

__all__ = ["decisions", "find_consequences", "say_aside"]

_MOST_ROWS = 12
_LEAST_LATER = 0.5


def decisions(
    view: RoundView,
    *,
    span: str | None = None,
    part: Mapping[str, str] | None = None,
    scenario: str | None = None,
) -> Answer:
    """Assumptions that await a decision, with what deciding each of them does to the round.

    Returns
    -------
    Answer
        Its frame: ``assumption, title, owner, verdict, effect, money, horizon, plan_alone, change_alone,
        probability_alone``: `effect` and `money` as proposed in the round, with all others; `plan_alone` the
        plan if this one alone is accepted, NaN where that was not worked out.
    """
    question = ask(view, span=span, part=part, scenario=scenario)
    if not question.is_whole:
        raise UnknownWord("decisions are told for the round and the whole business in its headline plan only")
    waiting, title = find_awaiting(view), "What to decide"
    if waiting.empty:
        return nothing_yet("decisions", title, "No assumption awaits a decision.")
    frame = _join_consequences(view, waiting)
    return Answer("decisions", title, _say(view, frame), frame, None, _table(view, frame))


def find_consequences(view: RoundView) -> pd.DataFrame:
    """What accepting and rejecting the undecided makes of the round, as far as the snapshot holds it.

    Returns
    -------
    DataFrame
        ``assumption, choice, plan, target, probability``. `choice` is ``accept alone`` (the others
        rejected), ``accept`` (with all others) or ``reject``; a blank assumption stands for all of them
        together. A published table ``consequence`` of this form is taken as it is. Without one the plans are
        those that the round worked out for its switches, and its scenarios: nothing is added up from effects.
    """
    if view.has_rows("consequence", "assumption", "choice", "plan", "probability"):
        return view.table("consequence")
    rows = []
    target = find_answer(view).target
    for choice, scenario in (("accept", "as_proposed"), ("reject", "consensus")):
        if scenario in list_scenarios(view):
            found = find_answer(view, scenario)
            rows.append(("", choice, found.plan, target, found.probability))
    rows += _switched(view, target)
    return pd.DataFrame(rows, columns=["assumption", "choice", "plan", "target", "probability"])


def _switched(view: RoundView, target: float) -> list[tuple[str, str, float, float, float]]:
    """Each undecided assumption that has a switch, accepted alone: the combination planned for it."""
    table, switches = view.table("combinations"), view.table("switches")
    if table.empty or switches.empty:
        return []
    bits = {str(row["assumption"]): 1 << int(row["position"]) for row in list_rows(switches)}
    waiting = [name for name in find_awaiting(view)["id"].astype(str) if name in bits]
    counted = sum(bits[str(row["assumption"])] for row in list_rows(switches) if row["on"])
    base = counted & ~sum(bits[name] for name in waiting)
    rounds = table[view.labels(table["start"], view.cycle) == view.round].set_index("combination")
    return [
        (
            name,
            "accept alone",
            float(rounds.loc[base | bits[name], "plan"]),
            target,
            float(rounds.loc[base | bits[name], "probability"]),
        )
        for name in waiting
    ]


def _join_consequences(view: RoundView, waiting: pd.DataFrame) -> pd.DataFrame:
    found = find_consequences(view)
    alone = found[found["choice"] == "accept alone"].set_index("assumption")
    verdicts = view.table("evidence")
    known = dict(zip(verdicts["assumption"], verdicts["verdict"], strict=True)) if len(verdicts) else {}
    ids = waiting["id"].astype(str)
    plan = ids.map(alone["plan"]).astype(float)
    rejected = found[(found["assumption"] == "") & (found["choice"] == "reject")]["plan"]
    without = float(rejected.iloc[0]) if len(rejected) else math.nan
    return pd.DataFrame(
        {
            "assumption": ids,
            "title": waiting["title"].astype(str),
            "owner": waiting["owner"].fillna("").astype(str) if "owner" in waiting else "",
            "verdict": [str(known.get(name) or "") for name in ids],
            "effect": waiting["effect"],
            "money": waiting["money"],
            "horizon": waiting["horizon"],
            "plan_alone": plan,
            "change_alone": plan - without,
            "probability_alone": ids.map(alone["probability"]).astype(float),
        }
    )


def _say(view: RoundView, frame: pd.DataFrame) -> str:
    found = find_consequences(view)
    whole = found[found["assumption"] == ""]
    plans = dict(zip(whole["choice"], whole["plan"], strict=True))
    chances = dict(zip(whole["choice"], whole["probability"], strict=True))
    count = write_count(len(frame), "assumption awaits a decision", "assumptions await a decision")
    if not {"accept", "reject"} <= plans.keys():
        return f"{count}."
    scale = choose_scale([*plans.values(), find_answer(view).target], view.unit, each=True)
    every = "all are" if len(frame) > 1 else "it is"
    text = f"{count}. If {every} rejected the plan is {scale.say(plans['reject'])}"
    text += _say_chance(chances["reject"])
    text += f"; if {every} accepted, {scale.write(plans['accept'])}"
    return text + _say_chance(chances["accept"]) + "."


def _say_chance(probability: float) -> str:
    return f" (chance of the target {write_odds(probability)})" if math.isfinite(probability) else ""


def _table(view: RoundView, frame: pd.DataFrame) -> Table:
    rows = frame.assign(
        what=frame["assumption"] + " " + frame["title"], owner=frame["owner"].replace("", "no owner")
    ).head(_MOST_ROWS)
    columns = [Column("what", "Decision on", below="owner")]
    if (rows["verdict"] != "").any():
        columns.append(Column("verdict", "History says", "mark"))
    if rows["plan_alone"].notna().any():
        columns += [
            Column("change_alone", "Accepted alone it adds", "amount", signed=True),
            Column("plan_alone", "Plan then", "amount"),
        ]
        if rows["probability_alone"].notna().any():
            columns.append(Column("probability_alone", "Chance of target then", "odds"))
    rows["later"] = [_say_later(view, row) for row in list_rows(rows)]
    columns.append(Column("effect", "With all others it adds", "amount", signed=True, below="later"))
    if rows["money"].notna().any() and view.measure != "revenue":
        columns.append(
            Column("money", "In money, with all others", "number", unit=view.currency, signed=True)
        )
    scale = choose_scale([find_answer(view).plan, *rows["effect"]], view.unit)
    note = (
        "They meet in the same sales, so the rows do not add up; the sentence says what all of them come to."
    )
    if rows["plan_alone"].isna().any():
        note += " A dash: not planned by itself."
    left = len(frame) - len(rows)
    if left > 0:
        note += f" {write_count(left, 'smaller one')} not listed."
    return Table(f"Decisions on the plan of {view.round}, {scale.unit}", columns, rows, scale, None, note)


def _say_later(view: RoundView, row: Mapping[str, object]) -> str:
    """What it adds over the whole horizon, where that is not what it adds in the round."""
    now, whole = float(row["effect"]), float(row["horizon"])  # type: ignore[arg-type]
    if abs(whole - now) <= _LEAST_LATER:
        return ""
    scale = choose_scale([whole, find_answer(view).plan], view.unit)
    return f"{scale.write(whole, signed=True)} over the horizon"


def say_aside(view: RoundView) -> str:
    """Drafts, and what is still proposed though it was over before the round; blank where there are none."""
    register = view.table("assumptions")
    statuses = register["status"] if "status" in register else pd.Series(dtype=str)
    drafts = int((statuses == "draft").sum())
    late = int((statuses == "proposed").sum()) - len(find_awaiting(view))
    said = [f"{write_count(drafts, 'draft')} listed, not counted."] if drafts else []
    said += [f"{write_count(late, 'proposal')} ended undecided before {view.round}."] if late > 0 else []
    return " ".join(said)
