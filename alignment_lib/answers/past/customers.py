"""Customers who buy again, and what each type of sale brought, as transactions tell."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import say_share, say_value, write_number
from alignment_lib.rounds.view import RoundView

__all__ = ["cohort_table", "customers", "type_table"]

_MOST_COHORTS = _MOST_SPANS = 12
_MOST_AGES = 8


@of_the_whole
def customers(view: RoundView) -> Answer:
    """How many customers of each span's first purchase came back.

    Returns
    -------
    Answer
        Its frame is the published table ``cohorts``; `type_table` shows ``customer_sales`` beside it.
    """
    title = "Customers who buy again"
    if not view.has_rows("cohorts", "cohort", "age", "repeat_rate"):
        text = "How many customers buy again appears once the workspace has a transactions table."
        return nothing_yet("customers", title, text)
    frame = view.table("cohorts")
    return Answer("customers", title, _say(frame), frame, None, cohort_table(frame, view.currency))


def _say(cohorts: pd.DataFrame) -> str:
    """Of those who have lived one span more, how many came back in it."""
    text = "A cohort is all customers whose first purchase in the data fell into one span."
    next_span = cohorts[cohorts["age"] == 1]
    there = float(next_span["customers"].sum())
    if not there > 0:
        return f"{text} None has lived long enough to come back."
    share = say_share(float(next_span["active"].sum()) / there)
    return f"{share} of {write_number(there)} customers bought again in the span after their first. {text}"


def cohort_table(cohorts: pd.DataFrame, currency: str) -> Table:
    """Share of each cohort that bought again, by spans since its first purchase.

    Parameters
    ----------
    cohorts : DataFrame
        ``cohort, age, customers, active, repeat_rate, revenue``.
    currency : str
        Of the revenue.
    """
    ages = [age for age in sorted(set(cohorts["age"].astype(int))) if 0 < age <= _MOST_AGES]
    rates = cohorts.pivot_table(index="cohort", columns="age", values="repeat_rate")
    sums = cohorts.groupby("cohort").agg(customers=("customers", "first"), revenue=("revenue", "sum"))
    later = cohorts[cohorts["age"] > 0].groupby("cohort")["revenue"].sum()
    frame = sums.assign(
        later_share=later.reindex(sums.index).fillna(0.0) / sums["revenue"].where(sums["revenue"] > 0)
    )
    for age in ages:
        frame[f"age_{age}"] = rates[age] if age in rates else float("nan")
    total = _whole(cohorts, frame, ages)
    left = max(0, len(frame) - _MOST_COHORTS)
    columns = [
        Column("cohort", "First bought from", "date"),
        Column("customers", "customers", "number"),
        *(Column(f"age_{age}", f"after {age}", "share", decimals=0) for age in ages),
        Column("revenue", "spent so far", "number", currency),
        Column("later_share", "of it after the first span", "share", decimals=0),
    ]
    note = "Share of the cohort's customers who bought in each span after their first; a dash: not lived yet."
    if left:
        note += f" The {_MOST_COHORTS} youngest cohorts; {left} older ones are not listed."
    shown = frame.tail(_MOST_COHORTS).reset_index()
    return Table("Customers who bought again", columns, shown, total=total, note=note)


def _whole(cohorts: pd.DataFrame, frame: pd.DataFrame, ages: list[int]) -> dict[str, object]:
    """All cohorts together: at each age only those that have lived so long."""
    total: dict[str, object] = {"cohort": "All cohorts", "customers": float(frame["customers"].sum())}
    for age in ages:
        there = cohorts[cohorts["age"] == age]
        total[f"age_{age}"] = float(there["active"].sum() / there["customers"].sum())
    revenue = float(frame["revenue"].sum())
    later = float(cohorts.loc[cohorts["age"] > 0, "revenue"].sum())
    return total | {"revenue": revenue, "later_share": later / revenue if revenue > 0 else float("nan")}


def type_table(types: pd.DataFrame, currency: str) -> Table | None:
    """Money by span and type of sale, the latest spans, with purchases; None where nothing tells.

    Parameters
    ----------
    types : DataFrame
        ``period, sale_type, revenue, purchases, customers``.
    currency : str
        Of the revenue.
    """
    if types.empty:
        return None
    wide = types.pivot_table(
        index="period", columns="sale_type", values="revenue", aggfunc="sum", fill_value=0.0
    )
    names = [str(name) for name in wide.columns]
    bought = types.groupby("period")["purchases"].sum()
    frame = wide.assign(together=wide.sum(axis=1), purchases=bought)
    left = max(0, len(frame) - _MOST_SPANS)
    columns = [
        Column("period", "Span from", "date"),
        *(Column(name, say_value(name), "number", currency) for name in names),
        Column("together", "together", "number", currency),
        Column("purchases", "purchases", "number"),
    ]
    total = {"period": "All spans", **{name: float(frame[name].sum()) for name in frame.columns}}
    note = "Types by the stated rules; returns count against the type they bear."
    if left:
        note += f" The latest {_MOST_SPANS} spans; {left} earlier ones are only in the sum."
    shown = frame.tail(_MOST_SPANS).reset_index()
    return Table("Sales by type, as transactions tell", columns, shown, total=total, note=note)
