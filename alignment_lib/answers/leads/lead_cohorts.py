"""Leads followed from the quarter in which they came in: how far they came, and what they will come to."""

from __future__ import annotations

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.cohort_map import draw_cohort_map
from alignment_lib.answers.leads.lead_words import no_leads, notes_on
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import write_number
from alignment_lib.rounds.view import RoundView

__all__ = ["lead_cohorts"]

_TITLE = "Won in the end, by quarter of creation"
_TABLE = "The funnel by source and quarter of creation"
_LISTED = 4
_DIFFERENT = ("repeat_rate",)
"""Rates of a stage that comes after the sale."""


@of_the_whole
def lead_cohorts(view: RoundView, *, cohorts: int = 8) -> Answer:
    """Eventual conversion by source and quarter of creation; young quarters are estimates, not failures.

    Parameters
    ----------
    view : RoundView
        The round.
    cohorts : int
        The last quarters that are drawn; the table lists the last four of them.

    Returns
    -------
    Answer
        Its frame: a row a quarter and source, with the leads at every stage, the rate of every step and,
        where leads are given one by one, the share that will be won (``conversion_rate``, ``is_young``).
    """
    stages, eventual = view.table("lead_stages"), view.table("lead_cohorts")
    if stages.empty:
        return no_leads(view, "lead_cohorts", _TITLE)
    frame, chart = stages, None
    if len(eventual):
        frame = stages.merge(eventual.drop(columns="leads"), on=["cohort", "source"], how="left")
        last = sorted(eventual["cohort"].unique())[-cohorts:]
        drawn = eventual[eventual["cohort"].isin(last)]
        period = f"{last[0]} to {last[-1]}"
        chart = draw_cohort_map(drawn, name="lead-cohorts", title=_TITLE, period=period)
    rows = stages[stages["cohort"].isin(sorted(stages["cohort"].unique())[-min(cohorts, _LISTED) :])]
    rates = [
        str(name)
        for name in rows
        if str(name).endswith("_rate") and name not in _DIFFERENT and rows[name].notna().any()
    ]
    columns = [
        Column("source", "source", below="cohort"),
        Column("leads", "leads", "number"),
        *(Column(name, name.replace("_", " "), "share", decimals=0) for name in rates),
        Column("customers", "customers", "number"),
    ]
    said = notes_on(view, "lead_lag") or f"{write_number(stages['leads'].sum())} leads, counted by stage."
    shown = rows.sort_values(["source", "cohort"], kind="stable")
    table = Table(_TABLE, columns, shown, note=notes_on(view, "lead_cohorts"))
    return Answer("lead_cohorts", _TITLE, said, frame, chart, table)
