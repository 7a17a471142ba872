"""Accepted leads that the plan needs, against those to be expected and what can be handled."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.required_bars import draw_required_bars
from alignment_lib.answers.tables import Column, Table, sum_columns
from alignment_lib.answers.wording import say_span, write_count, write_number
from alignment_lib.rounds.preparing.measured_funnel import sum_requirements
from alignment_lib.rounds.view import RoundView

__all__ = ["answer_leads", "draw_leads", "leads_needed", "sources_table"]

_TITLE = "Accepted leads the plan needs"
_SEEN = 0.5
"""Less than half a lead short is none."""


@of_the_whole
def leads_needed(view: RoundView) -> Answer:
    """Leads that the headline plan needs, by month of creation."""
    months = sum_requirements(view.table("funnel"), view.calendar)
    if months.empty or not months["required"].notna().any():
        text = "The leads a plan needs appear once there is a table leads, or funnel, with outcomes."
        return nothing_yet("leads_needed", _TITLE, text)
    return answer_leads(months)


def answer_leads(months: pd.DataFrame) -> Answer:
    """Months of `sum_requirements` as an answer, for any plan."""
    columns = [
        Column("label", "month of creation"),
        Column("leads", "leads required", "number"),
        Column("required", "accepted required", "number"),
        Column("available", "accepted to be expected", "number"),
        Column("capacity", "can be handled", "number"),
    ]
    shown = Table("Leads required, to be expected and to be handled", columns, months)
    return Answer("leads_needed", _TITLE, _say(months), months, draw_leads(months), shown)


def draw_leads(months: pd.DataFrame) -> Chart:
    """Months of `sum_requirements` as a chart, on every face the same."""
    return draw_required_bars(months, name="leads", title=_TITLE, unit="accepted leads")


def _say(months: pd.DataFrame) -> str:
    spans = [say_span(str(months["label"].iloc[at])) for at in (0, -1)]
    span = f"From {spans[0]} to {spans[1]}" if spans[0] != spans[1] else f"In {spans[0]}"
    text = (
        f"{span} the plan needs {write_number(float(months['leads'].sum()))} leads, "
        f"{write_number(float(months['required'].sum()))} of them accepted"
    )
    if months["available"].notna().all():
        text += f"; {write_number(float(months['available'].sum()))} accepted are to be expected"
    known = months[months["capacity"].notna()]
    if known.empty:
        return f"{text}. How many can be handled is not known; a capacity table would say."
    over = known[known["required"] >= known["capacity"] + _SEEN]
    if over.empty:
        return f"{text}. No month needs more than can be handled."
    short = float((over["required"] - over["capacity"]).sum())
    falls = write_count(len(over), "month needs", "months need")
    return f"{text}. {falls} more than can be handled, {write_number(short)} accepted leads in all."


def sources_table(view: RoundView) -> Table | None:
    """Leads by source over the horizon; None where the funnel knows no sources."""
    funnel = view.table("funnel")
    if funnel.empty:
        return None
    rows = funnel[(funnel["source"].fillna("") != "") & (funnel["stage"] == "leads")]
    if rows.empty:
        return None
    if "is_past" in rows:
        rows = rows[~rows["is_past"].astype(bool)]
    amounts = [name for name in ("required", "available") if name in rows]
    sums = rows.groupby("source", as_index=False)[amounts].sum(min_count=1)
    sums = sums.sort_values("required", ascending=False, kind="stable", ignore_index=True)
    columns = [Column("source", "Source"), Column("required", "Leads needed", "number")]
    if "available" in sums:
        sums = sums.assign(gap=sums["available"] - sums["required"])
        columns += [
            Column("available", "To be expected", "number"),
            Column("gap", "Expected less needed", "number", signed=True),
        ]
    total = {"source": "All sources", **sum_columns(sums, [c.key for c in columns[1:]])}
    return Table("Leads by source over the horizon", columns, sums, total=total)
