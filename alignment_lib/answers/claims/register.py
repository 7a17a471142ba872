"""The register: every claim with its range, its owner, where it stands and the reason given."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import ask, refuse
from alignment_lib.answers.facts import sum_effects
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, humanise, join_words, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["register"]

_TITLE = "Assumptions of this horizon"


def register(
    view: RoundView,
    *,
    span: str | None = None,
    part: Mapping[str, str] | None = None,
    scenario: str | None = None,
) -> Answer:
    """Claims whose dates reach into the horizon, with what each does to the round as proposed.

    Parameters
    ----------
    view : RoundView
        The round.
    span : str, optional
        Refused: dates stand in the rows.
    part : Mapping of str to str, optional
        Claims whose scope holds it.
    scenario : str, optional
        Whose effects are shown; as proposed by default, so that what awaits a decision has one.

    Returns
    -------
    Answer
        Its frame is the published register with ``effect``, in the measure, over the round.
    """
    refuse("register", span=span)
    question = ask(view, part=part, scenario=scenario or "as_proposed")
    title = f"{_TITLE}, {question.words}" if part else _TITLE
    table = view.table("assumptions")
    if table.empty:
        return nothing_yet("register", title, "The register is empty: add assumptions.csv.")
    first = view.table("plan")["period"].min()
    end = pd.to_datetime(table["end"])
    inside = end.isna() | (end >= first)
    for name, member in question.part.items():
        if name in table:
            inside &= table[name].fillna("").astype(str).isin(["", member])
    rows = table[inside].reset_index(drop=True)
    if rows.empty:
        left = write_count(len(table), "row")
        return nothing_yet("register", title, f"No claim reaches into this horizon; {left} ended before it.")
    sums = sum_effects(view, question.scenario).set_index("assumption")["effect"]
    frame = rows.assign(effect=rows["id"].map(sums).fillna(0.0))
    counts = frame["status"].value_counts()
    said = join_words([f"{counts[name]} {name}" for name in counts.index])
    ended = len(table) - len(frame)
    note = f"{ended} more have ended before the horizon." if ended else ""
    scale = choose_scale(frame["effect"], view.unit)
    sentence = f"{write_count(len(frame), 'claim')}: {said}."
    shown = Table(title, _columns(view, frame), _words(frame), scale, note=note)
    return Answer("register", title, sentence, frame, shown=shown)


def _words(frame: pd.DataFrame) -> pd.DataFrame:
    named = {"percent": "%"}
    return frame.assign(
        name=frame["id"] + " " + frame["title"].astype(str),
        whose=frame["owner"].astype(str) + " (" + frame["function"].astype(str) + ")",
        said_kind=frame["kind"].map(humanise),
        said_unit=frame["unit"].replace(named),
    )


def _columns(view: RoundView, frame: pd.DataFrame) -> list[Column]:
    columns = [
        Column("name", "assumption", below="whose"),
        Column("said_kind", "kind"),
        Column("start", "from", "date"),
        Column("end", "to", "date"),
        Column("low", "low", "number", decimals=1, signed=False),
        Column("expected", "expected", "number", decimals=1),
        Column("high", "high", "number", decimals=1),
        Column("said_unit", "unit"),
        Column("status", "status", "mark"),
        Column("effect", f"does to {view.round}", "amount", signed=True),
        Column("rationale", "reason given"),
    ]
    return [one for one in columns if one.key in (*frame.columns, "name", "said_kind", "said_unit")]
