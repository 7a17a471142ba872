"""Every assumption of the register with what history says of it and what it does to the round."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.facts import has_ended, sum_effects
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import Scale, choose_scale, join_words, say_unit, write_count, write_number
from alignment_lib.rounds.view import RoundView

__all__ = ["ended_table", "verdicts"]

_MOST_ROWS = 60
_TOLD = ("owner", "status", "start", "end", "expected", "low", "high", "unit")
_SEEN = ("supported", "events", "verdict", "sentence")


@of_the_whole
def verdicts(view: RoundView) -> Answer:
    """The whole register, drafts and rejected rows listed though never counted.

    Returns
    -------
    Answer
        Its frame: ``assumption, title, owner, status, start, end, expected, low, high, unit, supported,
        events, verdict, sentence, overlap, effect, remarks, is_over``; `effect` is what it does to the
        round as proposed, `overlap` what of it stands in the plan already. Rows that ended before the round
        are not in its table but in `ended_table`.
    """
    title = "Assumptions and their evidence"
    if not view.has_rows("assumptions", "id", "title"):
        text = "Assumptions with their evidence appear once an assumptions table is among the inputs."
        return nothing_yet("verdicts", title, text)
    frame = _join(view)
    caption = "Assumptions that reach into the round or beyond"
    return Answer("verdicts", title, _say(frame), frame, None, _table(view, frame, caption, is_over=False))


def ended_table(view: RoundView, answer: Answer) -> Table | None:
    """Assumptions that ended before the round; None where there are none."""
    return _table(view, answer.frame, f"Assumptions that ended before {view.round}", is_over=True)


def _join(view: RoundView) -> pd.DataFrame:
    register, evidence = view.table("assumptions"), view.table("evidence")
    frame = register[["id", "title"]].astype(str).rename(columns={"id": "assumption"})
    frame = frame.join(register.reindex(columns=list(_TOLD)))
    found = evidence.rename(columns={"id": "assumption", "overlap_units": "overlap"})
    found = found.reindex(columns=["assumption", *_SEEN, "overlap"]).drop_duplicates("assumption")
    frame = frame.merge(found, on="assumption", how="left")
    effects = sum_effects(view, "as_proposed").set_index("assumption")["effect"]
    frame["effect"] = frame["assumption"].map(effects).astype(float).fillna(0.0)
    said = register.reindex(columns=["id", "remarks"]).set_index("id")["remarks"]
    frame["remarks"] = frame["assumption"].map(said).astype(object).fillna("")
    return frame.assign(is_over=has_ended(view, frame))


def _say(frame: pd.DataFrame) -> str:
    words = []
    for column, opening in (("status", "By status"), ("verdict", "By verdict")):
        counts = frame[column].dropna().value_counts(sort=False).sort_index()
        if len(counts):
            words.append(f"{opening}: {join_words([f'{count} {name}' for name, count in counts.items()])}.")
    return " ".join(words)


def _table(view: RoundView, frame: pd.DataFrame, caption: str, *, is_over: bool) -> Table | None:
    chosen = frame[frame["is_over"] == is_over]
    if chosen.empty:
        return None
    scale = choose_scale(frame["effect"], view.unit)
    lines = list_rows(chosen.head(_MOST_ROWS))
    rows = chosen.head(_MOST_ROWS).assign(
        what=[f"{line['assumption']} {line['title']}" for line in lines],
        claim=[_say_claim(line) for line in lines],
        when=[_say_dates(line["start"], line["end"]) for line in lines],
        behind=[_say_events(line["events"]) for line in lines],
        within=[_say_overlap(line["overlap"], scale) for line in lines],
    )
    columns = [Column("what", "What and whose", below="owner")]
    marks = {"status": "Status", "verdict": "Verdict"}
    columns += [Column(key, word, "mark") for key, word in marks.items() if frame[key].notna().any()]
    columns.append(Column("claim", "Claim", below="when"))
    if len(view.table("evidence")):
        said = Column("supported", "History supports", "number", "as the claim", 1, below="behind")
        columns.append(said)
    columns.append(Column("effect", f"In {view.round}, as proposed", "amount", signed=True, below="within"))
    if chosen["remarks"].any():
        columns.append(Column("remarks", "Said of it"))
    note = (
        "Claims in per cent are of the baseline in scope. Drafts and rejected rows are listed, never counted."
    )
    return Table(f"{caption}, {len(chosen)} of {len(frame)}", columns, rows, scale, None, note)


def _say_events(count: object) -> str:
    return write_count(int(count), "event") if isinstance(count, int | float) and count > 0 else ""


def _say_overlap(amount: object, scale: Scale) -> str:
    if not isinstance(amount, int | float) or not abs(amount) >= scale.factor / 2:
        return ""
    return f"{scale.write(float(amount))} already in plan"


def _say_claim(row: Mapping[str, object]) -> str:
    value, low, high = (row[name] for name in ("expected", "low", "high"))
    unit = "" if pd.isna(row["unit"]) else str(row["unit"])  # type: ignore[call-overload]
    if not isinstance(value, int | float) or pd.isna(value):
        return "–"
    text = write_number(float(value), 0 if float(value).is_integer() else 1, signed=unit == "percent")
    text += say_unit(unit)
    if isinstance(low, int | float) and isinstance(high, int | float) and low < high:
        text += f" ({write_number(float(low))} to {write_number(float(high))})"
    return text


def _say_dates(start: object, end: object) -> str:
    if not isinstance(start, pd.Timestamp) or not isinstance(end, pd.Timestamp):
        return ""
    first = f"{start.day} {start:%b}" + ("" if start.year == end.year else f" {start.year}")
    return f"{first} to {end.day} {end:%b} {end.year}"
