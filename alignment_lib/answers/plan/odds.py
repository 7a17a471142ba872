"""How sure the plan is at every level: what may come of the whole and of each part, beside its target."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask, refuse
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, say_part, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["odds"]

_MOST_ROWS = 24


def odds(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """The band and the chance of the target of all sales and of every member of every dimension.

    Parameters
    ----------
    view : RoundView
        The round.
    span, scenario
        As `ask` takes them.
    part
        Refused: every part has its row.

    Returns
    -------
    Answer
        Its frame: ``level, p10, p50, p90, width, target, probability``, all sales first, then each dimension
        with its largest part first; finer levels stand in the published table ``odds``.
    """
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("odds", part=part)
    question = ask(view, span=span, scenario=scenario)
    title = f"Odds of {question.words}"
    frame = _list_levels(question)
    if frame.empty:
        return nothing_yet("odds", title, "Odds appear once the simulation has been run.")
    whole, scale = frame.iloc[0], choose_scale(frame["p90"], view.unit)
    text = f"Eight outcomes in ten lie from {scale.write(whole['p10'])} to {scale.say(whole['p90'])}."
    columns = [Column("level", "Level")]
    columns += [Column(key, key.upper(), "amount") for key in ("p10", "p50", "p90")]
    columns.append(Column("width", "Band, share of P50", "share", decimals=0))
    rows = frame.head(_MOST_ROWS)
    if rows["target"].notna().any():
        columns += [Column("target", "Target", "amount"), Column("probability", "Chance of target", "odds")]
    note = (
        "The quantiles of parts do not add up to those of the whole: misses of one are made good by another."
    )
    if len(frame) > _MOST_ROWS:
        left = write_count(len(frame) - _MOST_ROWS, "smaller level")
        note += f" {left} not shown; odds.parquet holds all."
    scale = choose_scale(rows["p90"], view.unit)
    table = Table(f"{title}, {scale.unit}", columns, rows, scale, None, note)
    return Answer("odds", title, text, frame, None, table)


def _list_levels(question: Question) -> pd.DataFrame:
    """The whole and single members of one dimension; what sells nothing has no odds."""
    view, found = question.view, question.view.scenario("odds", question.scenario)
    if found.empty:
        return found
    found = found[found["span"] == question.cycle]
    named = found[view.dimensions].fillna("").astype(str) != ""
    chosen = (named.sum(axis=1) <= 1) & (found["p90"] != 0)
    chosen &= view.labels(found["start"], question.cycle) == question.span
    rows = found[chosen].copy()
    members = rows[view.dimensions].fillna("").to_dict("records")
    rows["level"] = ["".join(say_part(str(n), m) for n, m in one.items() if m) or "All" for one in members]
    rows["place"] = [next((at for at, m in enumerate(one.values()) if m), -1) for one in members]
    rows["width"] = (rows["p90"] - rows["p10"]) / rows["p50"].where(rows["p50"] > 0)
    rows = rows.sort_values(["place", "p50"], ascending=[True, False], kind="stable", ignore_index=True)
    found = rows.reindex(columns=["level", "p10", "p50", "p90", "width", "target", "probability"])
    return pd.DataFrame(found)
