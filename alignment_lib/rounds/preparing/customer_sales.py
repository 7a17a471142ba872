"""Use case: customers who buy again, and what each type of sale brought, from a workspace's transactions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar, Grain
from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.plan.sale_types import repeat_cohorts, sales_by_type
from alignment_lib.rounds.preparing.typed_sales import classify_transactions

__all__ = ["CustomerSales", "find_customers"]


@dataclass(frozen=True)
class CustomerSales:
    """What transactions say of customers.

    Attributes
    ----------
    span : {"month", "quarter"}
        Length of the spans below, in calendar months.
    cohorts : DataFrame
        As `repeat_cohorts`.
    by_type : DataFrame
        As `sales_by_type`.
    """

    span: Grain
    cohorts: pd.DataFrame
    by_type: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables as a round publishes them."""
        return {"cohorts": self.cohorts, "customer_sales": self.by_type}


def find_customers(
    workspace: Workspace, planned: Round, span: Literal["month", "quarter", ""] = ""
) -> CustomerSales | None:
    """Cohorts and sales by type from the transactions known at the as-of date; None where there are none.

    Parameters
    ----------
    workspace : Workspace
        Already cut at the as-of date.
    planned : Round
        Its length is that of the spans; a year's round is followed by quarters.
    span : {"month", "quarter", ""}
        Another length of the spans.
    """
    classified = classify_transactions(workspace)
    if classified is None:
        return None
    grain: Grain = span or ("month" if planned.cycle == "month" else "quarter")
    calendar: Calendar = replace(workspace.calendar, grain=grain)
    return CustomerSales(
        grain,
        repeat_cohorts(classified, calendar, planned.as_of),
        sales_by_type(classified, calendar),
    )
