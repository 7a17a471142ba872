"""Notebook 1: customers who buy again, and what each type of sale brought."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from alignment_lib.answers.markup import Html
from alignment_lib.answers.past.customers import cohort_table, type_table
from alignment_lib.answers.tables import Column, render_table
from alignment_lib.answers.wording import say_value
from alignment_lib.app.notebook_pages.frame import plain_table, remark, show, unit_of
from alignment_lib.app.notebook_pages.history import sum_history
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.rounds.preparing.customer_sales import find_customers
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["show_customers", "show_types"]

_SPANS = 8


def show_types(ready: PreparedRound, cycle: Cycle = "quarter") -> Html:
    """Sales by type of sale over time, as they are planned: from a column, or told by transactions."""
    column = ready.workspace.settings.sales.sale_type
    if not column:
        return show(
            "Sales name no type (new, repeat, upsell, cross-sell): declare the column as sale_type in "
            "planning.toml, or add a table of transactions, from which the type is worked out."
        )
    keys = ready.history.keys[column].astype(str).to_numpy()
    sums = {
        name: sum_history(ready, cycle, np.flatnonzero(keys == name)).set_index("label")["actual"]
        for name in sorted(set(keys))
    }
    wide = pd.DataFrame(sums).tail(_SPANS)
    names = [str(name) for name in wide.columns]
    frame = wide.assign(together=wide.sum(axis=1)).rename_axis("label").reset_index()
    columns = [
        Column("label", cycle),
        *(Column(name, say_value(name), "number", unit_of(ready)) for name in names),
    ]
    columns.append(Column("together", "together", "number", unit_of(ready)))
    return show(plain_table(frame, "Sales by type", columns))


def show_customers(ready: PreparedRound, span: Literal["month", "quarter", ""] = "") -> Html:
    """Cohorts of customers by first purchase and how many bought again; needs a table of transactions.

    Spans are as long as the round unless `span` says otherwise.
    """
    found = find_customers(ready.workspace, ready.round, span)
    if found is None:
        return show(
            "Nothing says who bought: add a table of transactions (date, customer, amount) to see how many "
            "customers come back."
        )
    currency = ready.workspace.settings.business.currency
    remarks = [remark(f"{notice.text[:1].upper()}{notice.text[1:]}.") for notice in found.classified.notices]
    return show(
        render_table(cohort_table(found.cohorts, currency)),
        render_table(type_table(found.by_type, currency)),
        *remarks,
    )
