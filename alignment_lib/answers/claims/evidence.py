"""What is claimed, and what the past says of it: one strip, one line and one sentence a claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask, refuse
from alignment_lib.answers.charts.claim_evidence import draw_claims, picture_claim
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import Scale, join_words, say_unit, write_count, write_number
from alignment_lib.rounds.view import RoundView

__all__ = ["evidence"]

_TITLE = "What is claimed, and what was seen"
_REGISTER = ("title", "owner", "function", "status", "start", "end", "rationale", "remarks")


def evidence(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """Each claim beside what history supports.

    Parameters
    ----------
    view : RoundView
        The round.
    span : str, optional
        Claims whose dates reach into it; by default all that have not ended before the round's horizon.
    part : Mapping of str to str, optional
        Claims whose scope holds it.
    scenario : str, optional
        Refused: a claim's evidence is the same in every scenario.

    Returns
    -------
    Answer
        Its frame is the published table of evidence with the register's words beside.
    """
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("evidence", scenario=scenario)
    question = ask(view, span=span, part=part)
    register, found = view.table("assumptions"), view.table("evidence")
    title = _TITLE if span is None and not part else f"{_TITLE}, {question.words}"
    if register.empty or found.empty:
        return nothing_yet("evidence", title, "Add assumptions.csv to see every claim beside the history.")
    known = register.reindex(columns=["id", *_REGISTER]).rename(columns={"id": "assumption"})
    known["remarks"] = known["remarks"].astype(object).fillna("")
    frame = _with_effects(found).merge(known, on="assumption", how="left")
    frame = frame[frame["assumption"].isin(_asked(question, register, span))].reset_index(drop=True)
    if frame.empty:
        return nothing_yet("evidence", title, f"No claim reaches into {question.words}.")
    counts = frame["verdict"].value_counts()
    said = join_words([f"{counts[name]} {name}" for name in sorted(counts.index)])
    lines = frame.assign(name=frame["assumption"] + " " + frame["title"].astype(str))
    seen = _past_events(view)
    chart = draw_claims(
        [picture_claim(line, seen.get(str(line["assumption"]), ())) for line in list_rows(lines)],
        name="evidence",
        title=_TITLE,
        period=question.words if span or part else view.round,
    )
    sentence = f"Of {write_count(len(frame), 'claim')}: {said}."
    return Answer("evidence", title, sentence, frame, chart, _table(title, lines))


def _with_effects(found: pd.DataFrame) -> pd.DataFrame:
    """Rounds published long ago tell of the claim alone: there it stands for its effect."""
    claimed = {"effect_low": "claim_low", "effect_claim": "claim", "effect_high": "claim_high"}
    told = claimed | {"effect_supported": "supported", "effect_error": "standard_error"}
    missing = {
        name: found[source] if source in found else found["claim"]
        for name, source in told.items()
        if name not in found
    }
    return found.assign(**missing, **({} if "unit" in found else {"unit": ""}))


def _past_events(view: RoundView) -> dict[str, tuple[tuple[str, float, bool], ...]]:
    """Single events behind each claim's evidence: label, effect, whether it stands out."""
    table = view.table("past_events")
    if table.empty:
        return {}
    return {
        str(name): tuple(zip(rows["event"], rows["effect"], rows["is_established"], strict=True))
        for name, rows in table.groupby("assumption", sort=False)
    }


def _asked(question: Question, register: pd.DataFrame, span: str | None) -> set[str]:
    """Ids of the claims that reach into the span and whose scope holds the part."""
    plan = question.view.table("plan")["period"]
    first, last = plan.min(), plan.max()
    if span is not None and len(question.periods):
        first, last = question.periods[0], question.periods[-1]
    end, start = pd.to_datetime(register["end"]), pd.to_datetime(register["start"])
    inside = (end.isna() | (end >= first)) & (start.isna() | (start <= last) | (span is None))
    for name, member in question.part.items():
        if name in register:
            inside &= register[name].fillna("").astype(str).isin(["", member])
    return set(register.loc[inside, "id"].astype(str))


def _table(title: str, lines: pd.DataFrame) -> Table:
    rows = lines.assign(
        **{
            name: [_say(line, column) for line in list_rows(lines)]
            for name, column in {
                "low": "effect_low",
                "expected": "effect_claim",
                "high": "effect_high",
                "seen": "effect_supported",
            }.items()
        }
    )
    columns = [
        Column("name", "assumption", below="owner"),
        Column("status", "status", "mark"),
        Column("low", "low", "number"),
        Column("expected", "claimed", "number"),
        Column("high", "high", "number"),
        Column("seen", "the past supports", "number"),
        Column("events", "past events", "number"),
        Column("verdict", "verdict", "mark"),
        Column("sentence", "in words"),
        Column("rationale", "reason given"),
        *([Column("remarks", "said of it")] if rows["remarks"].any() else []),
    ]
    note = (
        "Effects on sales in scope and dates: of a claim about a price, what the price would do. The plan "
        "weighted by evidence takes claim and history by how sure each is, the claim after what came true of "
        "its owner's earlier ones."
    )
    return Table(title, columns, rows, Scale(1.0, 1, ""), note=note)


def _say(line: Mapping[str, Any], name: str) -> str:
    """An effect with its unit and, where history speaks, its standard error."""
    value = float(line[name])
    if not math.isfinite(value):
        return "–"
    unit = say_unit(str(line["unit"]))
    text = write_number(value, 0 if abs(value) >= 10 else 1, signed=True)
    error = float(line["effect_error"]) if name == "effect_supported" else math.nan
    if math.isfinite(error):
        text += f" ± {write_number(error, 0 if error >= 10 else 1)}"
    return f"{text}{unit}"
