"""What a win brought: its amount, or what wins usually bring where it bears none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["size_wins"]

_YEAR = pd.Timedelta(days=364)


def size_wins(leads: FunnelLeads, sold: pd.DataFrame | None) -> FunnelLeads:
    """Leads with an order size from sales, where no win bears an amount; else as they are.

    Each win then counts with the sales of the last year over the wins of the last year, so that wins are
    counted though nobody recorded what they brought; every sale is taken to have a lead.

    Parameters
    ----------
    leads : FunnelLeads
        Prepared leads.
    sold : DataFrame or None
        ``period, value``: sales of the types that leads bring.
    """
    table = leads.table
    if sold is None or not len(sold) or not table["is_won"].any() or table["value"].notna().any():
        return leads
    recent = sold[sold["period"] >= leads.now - _YEAR]
    first = recent["period"].min()
    wins = int((table["is_won"] & (table["closed_at"] >= first) & (table["closed_at"] < leads.now)).sum())
    total = float(recent["value"].sum())
    if not wins or total <= 0:
        return leads
    text = (
        f"No win bears an amount: each counts as {Said(total / wins):,.0f}, the sales of the last year "
        f"over its {wins:,} wins, and every sale is taken to have a lead."
    )
    valued = table.assign(value=np.where(table["is_won"], total / wins, np.nan))
    return replace(leads, table=valued, notices=(*leads.notices, Notice("order_size_from_sales", text, wins)))
