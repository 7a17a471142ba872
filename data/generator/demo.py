"""One whole draw of the demo: every table of the workspace, and the truth behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from data.generator.bookings import Bookings, book_orders
from data.generator.costs import costs_table
from data.generator.leads import LeadsDraw, draw_leads
from data.generator.opportunities import OpportunityDraw, draw_opportunities
from data.generator.plans import capacity_table, targets_table, visitors_table
from data.generator.sales import SalesDraw, draw_sales
from data.generator.spending import Spending, draw_spending
from data.generator.truth import Truth, base_truth
from data.generator.written import campaign_windows, read_written

__all__ = ["DEMO_SEED", "Demo", "draw_demo"]

DEMO_SEED = 2026
"""Seed of the committed demo."""


@dataclass(frozen=True)
class Demo:
    """The demo workspace in memory.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        The workspace's tables, by name, as of the current round.
    truth : Truth
        What they were drawn from.
    sales : SalesDraw
        Sales with their expectation and the horizon's outcome.
    leads : LeadsDraw
        Leads with the chance each had.
    bookings : Bookings
        Orders of won leads.
    opportunities : OpportunityDraw
        What a CRM says of leads that became opportunities, and how those open end.
    spending : Spending
        Money for leads, with what it brings.
    """

    tables: Mapping[str, pd.DataFrame]
    truth: Truth
    sales: SalesDraw
    leads: LeadsDraw
    bookings: Bookings
    opportunities: OpportunityDraw
    spending: Spending


def draw_demo(seed: int = DEMO_SEED, truth: Truth | None = None) -> Demo:
    """Draw the demo.

    Parameters
    ----------
    seed : int
        Equal seeds give equal demos.
    truth : Truth, optional
        `base_truth()` by default; for benchmarks over many truths pass ``redraw_truth(seed)``. Written
        tables (assumptions, briefs, targets, …) stay the same whatever the truth.
    """
    truth = base_truth() if truth is None else truth
    windows = campaign_windows()
    sales = draw_sales(seed, truth)
    leads = draw_leads(seed, truth.funnel, windows)
    bookings = book_orders(seed, leads.leads, sales.sales)
    deals = draw_opportunities(seed, bookings.leads, leads.chances)
    spending = draw_spending(seed, truth.funnel, windows, bookings.leads)
    tables = {
        "sales": sales.sales,
        "drivers": sales.drivers,
        "assumptions": read_written("assumptions"),
        "leads": bookings.leads,
        "contacts": leads.contacts,
        "opportunities": deals.opportunities,
        "opportunity_changes": deals.changes,
        "spend": spending.spend,
        "experiments": spending.experiments,
        "capacity": capacity_table(),
        "costs": costs_table(),
        "funnel": visitors_table(seed, bookings.leads),
        "briefs": read_written("briefs"),
        "research": read_written("research"),
        "targets": targets_table(),
        "decisions": read_written("decisions"),
        "workgroups": read_written("workgroups"),
        "forecasts": read_written("forecasts"),
    }
    return Demo(tables, truth, sales, leads, bookings, deals, spending)
