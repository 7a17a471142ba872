"""What is to be decided, and what each decision does: the plan and its odds with it and without it."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.facts import find_answer, find_awaiting, list_scenarios
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import choose_scale, join_words, write_count, write_date, write_odds
from alignment_lib.planning.round.late import find_late
from alignment_lib.planning.round.lifecycle import SIDES
from alignment_lib.rounds.view import RoundView

__all__ = ["OPTION_WORDS", "decisions", "find_consequences", "say_aside"]

_MOST_ROWS = 12
_ALONE = "accept alone"
OPTION_WORDS = {
    _ALONE: "Accepted alone",
    "accept as history says": "As history supports",
    "accept with all": "With all others",
    "drop": "Claim and action dropped",
}
"""What may be decided, in words: the options of `rounds.live.consequences`."""


@of_the_whole
def decisions(view: RoundView) -> Answer:
    """Assumptions that await a decision, with what deciding each of them does to the round.

    Returns
    -------
    Answer
        Its frame: ``assumption, title, owner, verdict, option, units, revenue, probability_before,
        probability``, a row for every option of every undecided assumption (`find_consequences`), the one
        that moves most first; an assumption of which nothing was worked out has one row with a blank option.
    """
    waiting, title = find_awaiting(view), "What to decide"
    if waiting.empty:
        return nothing_yet("decisions", title, "No assumption awaits a decision.")
    frame = _join_consequences(view, waiting)
    text = _say(view, frame) + _say_late(view, waiting)
    return Answer("decisions", title, text, frame, None, _table(view, frame))


def find_consequences(view: RoundView) -> pd.DataFrame:
    """What deciding makes of the round: the published table, or what an older round planned for its switches.

    Returns
    -------
    DataFrame
        ``assumption, option, units, revenue, probability_before, probability``. Without the table only
        ``accept alone`` is known, of assumptions that have a switch; nothing is added up from effects.
    """
    if view.has_rows("consequences", "assumption", "option", "units", "probability"):
        return view.table("consequences")
    columns = ["assumption", "option", "units", "revenue", "probability_before", "probability"]
    table, switches = view.table("combinations"), view.table("switches")
    if table.empty or switches.empty:
        return pd.DataFrame(columns=columns)
    bits = {str(row["assumption"]): 1 << int(row["position"]) for row in list_rows(switches)}
    start = sum(bits[str(row["assumption"])] for row in list_rows(switches) if row["on"])
    rounds = table[view.labels(table["start"], view.cycle) == view.round].set_index("combination")
    plans, chances = rounds["plan"].to_dict(), rounds["probability"].to_dict()
    rows = []
    for name in find_awaiting(view)["id"].astype(str):
        if name in bits:
            with_it, without = start | bits[name], start & ~bits[name]
            change = plans[with_it] - plans[without]
            rows.append((name, "accept alone", change, math.nan, chances[without], chances[with_it]))
    return pd.DataFrame(rows, columns=columns)


def _join_consequences(view: RoundView, waiting: pd.DataFrame) -> pd.DataFrame:
    verdicts = view.table("evidence")
    known = dict(zip(verdicts["assumption"], verdicts["verdict"], strict=True)) if len(verdicts) else {}
    ids = waiting["id"].astype(str)
    named = pd.DataFrame(
        {
            "assumption": ids,
            "title": waiting["title"].astype(str),
            "owner": waiting["owner"].fillna("").astype(str) if "owner" in waiting else "",
            "verdict": [str(known.get(name) or "") for name in ids],
        }
    )
    frame = named.merge(find_consequences(view), on="assumption", how="left").fillna({"option": ""})
    size = frame.groupby("assumption")["units"].agg(lambda units: units.abs().max()).fillna(-1.0)
    order = frame["assumption"].map(size).sort_values(ascending=False, kind="stable").index
    ordered: pd.DataFrame = frame.loc[order]
    return ordered.reset_index(drop=True)


def _say(view: RoundView, frame: pd.DataFrame) -> str:
    number = frame["assumption"].nunique()
    count = write_count(number, "assumption awaits a decision", "assumptions await a decision")
    if not {"as_proposed", "consensus"} <= set(list_scenarios(view)):
        return f"{count}."
    none, every = find_answer(view, "consensus"), find_answer(view, "as_proposed")
    scale = choose_scale([none.plan, every.plan, none.target], view.unit, each=True)
    words = "all are" if number > 1 else "it is"
    text = f"{count}. If {words} rejected the plan is {scale.say(none.plan)}{_say_chance(none.probability)}"
    return f"{text}; if {words} accepted, {scale.write(every.plan)}{_say_chance(every.probability)}."


def _say_late(view: RoundView, waiting: pd.DataFrame) -> str:
    """Who had not answered by the day set for it, as of the round's day; blank where nobody is late."""
    days = view.manifest["parameters"].get("round_days", {})
    named = {f"accepted_{side}": side for side in SIDES}
    if "answer" not in days or not {*named, "function"} <= set(waiting):
        return ""
    open_of = {side: set(waiting.loc[waiting[name].eq(""), "id"]) for name, side in named.items()}
    rows = [(str(one["id"]), str(one["owner"]), str(one["function"])) for one in list_rows(waiting)]
    late = find_late(rows, open_of, {"answer": days["answer"]}, f"{view.as_of:%Y-%m-%d}", SIDES, False)
    said = [f"{one.who} ({write_count(len(one.ids), 'claim')})" for one in late]
    due = write_date(pd.Timestamp(days["answer"]))
    return f" Answers were due by {due}; late: {join_words(said)}." if said else ""


def _say_chance(probability: float) -> str:
    return f" (chance of the target {write_odds(probability)})" if math.isfinite(probability) else ""


def _table(view: RoundView, frame: pd.DataFrame) -> Table:
    named = frame.drop_duplicates("assumption").set_index("assumption")
    rows = pd.DataFrame({"what": named.index + " " + named["title"], "verdict": named["verdict"]})
    rows["owner"] = named["owner"].replace("", "no owner")
    columns = [Column("what", "Decision on", below="owner")]
    if (rows["verdict"] != "").any():
        columns.append(Column("verdict", "History says", "mark"))
    for option, words in OPTION_WORDS.items():
        found = frame[frame["option"] == option].set_index("assumption")
        if found["units"].notna().any():
            rows[option] = found["units"]
            columns.append(Column(option, words, "amount", signed=True))
        if option == _ALONE and found["revenue"].notna().any() and view.measure != "revenue":
            rows["money"] = found["revenue"]
            columns.append(Column("money", words, "number", unit=view.currency, signed=True))
        if option == _ALONE and found["probability"].notna().any():
            rows["chance"] = found["probability"]
            columns.append(Column("chance", "Chance then", "odds"))
    scale = choose_scale([find_answer(view).plan], view.unit)
    shown = rows.reset_index(drop=True).head(_MOST_ROWS)
    note = "Each figure is the difference of two plans. Decisions meet in the same sales and do not add up."
    left = len(rows) - len(shown)
    if left > 0:
        note += f" {write_count(left, 'smaller one')} not listed."
    return Table(f"Decisions on the plan of {view.round}, {scale.unit}", columns, shown, scale, None, note)


def say_aside(view: RoundView) -> str:
    """Drafts, and what is still proposed though it was over before the round; blank where there are none."""
    register = view.table("assumptions")
    statuses = register["status"] if "status" in register else pd.Series(dtype=str)
    drafts = int((statuses == "draft").sum())
    late = int((statuses == "proposed").sum()) - len(find_awaiting(view))
    said = [f"{write_count(drafts, 'draft')} listed, not counted."] if drafts else []
    said += [f"{write_count(late, 'proposal')} ended undecided before {view.round}."] if late > 0 else []
    return " ".join(said)
