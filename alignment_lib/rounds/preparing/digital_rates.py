"""Use case: what visits to web and mobile bring, measured from the funnel, for claims counted in them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from alignment_lib.funnel.cohorts import fit_lag
from alignment_lib.funnel.leads import prepare_leads
from alignment_lib.funnel.rates import measure_rates
from alignment_lib.funnel.visits import sales_per_visit, visit_rates
from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.plan.grid import DigitalRates
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["measure_digital"]

_YEAR = pd.Timedelta(days=364)


def measure_digital(
    workspace: Workspace, planned: Round, register: Sequence[Assumption], measure: str
) -> DigitalRates | None:
    """Rates for claims counted in visits; None where no claim needs them or nothing is counted.

    Orders are counted in money; where the plan counts units they are turned into units by the mean price
    of the last year's sales.
    """
    asked = [row for row in register if row.kind == "digital" and row.lever == "visits"]
    if not any(row.unit == "units" and row.status != "rejected" for row in asked):
        return None
    if not len(workspace.table("leads")) or "funnel" not in workspace.tables:
        return None
    leads = prepare_leads(
        workspace.table("leads"),
        planned.as_of,
        workspace.tables.get("contacts"),
        workspace.settings.funnel,
        workspace.dimensions,
        workspace.tables.get("transactions"),
    )
    counts = workspace.tables["funnel"]
    rates = measure_rates(leads, fit_lag(leads), None, workspace.calendar, counts)
    recent = counts[counts["period"] >= planned.as_of - _YEAR]
    price = _mean_price(workspace, planned) if measure == "units" else None
    found = sales_per_visit(visit_rates(rates, recent), price)
    return None if found is None else DigitalRates(found)


def _mean_price(workspace: Workspace, planned: Round) -> float:
    """Revenue for a unit over the last year; not a number where revenue is not known."""
    sales = workspace.tables["sales"]
    if "revenue" not in sales or "units" not in sales:
        return float("nan")
    recent = sales[sales["period"] >= planned.as_of - _YEAR]
    known = recent[recent["revenue"].notna() & (recent["units"] > 0)]
    units = float(known["units"].sum())
    return float(known["revenue"].sum()) / units if units > 0 else float("nan")
