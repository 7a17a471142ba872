"""What leads bring: which types of sale, and how much a win is worth where no win says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["NEW", "size_wins", "types_from_leads"]

NEW = "new"
_YEAR = pd.Timedelta(days=364)
_CLEARLY = 1.1
"""Won leads worth this much more than all new sales cannot all be new ones."""
_FEWEST_WINS = 5


def types_from_leads(
    leads: FunnelLeads, sold: pd.DataFrame, column: str, stated: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
    """Types of sale that leads bring.

    As stated in the settings; else those of which the leads' own column of types names five wins; else all of
    them where won leads are worth more than a tenth above all new sales; else new ones.

    Parameters
    ----------
    leads : FunnelLeads
        Prepared leads.
    sold : DataFrame
        ``period``, the column of types, ``value``: sales in money.
    column : str
        Name of the dimension that says the type.
    stated : collection of str
        ``from_leads`` of the settings.

    Returns
    -------
    types : tuple of str
    notices : tuple of Notice
        What was told from the data, unless it is new sales alone.
    """
    types = sorted(set(sold[column].astype(str)))
    if stated:
        return tuple(name for name in types if name in set(stated)), ()
    won = leads.table[leads.table["is_won"]]
    if column in won:
        counts = won[column].astype(str).value_counts()
        named = tuple(name for name in types if name == NEW or counts.get(name, 0) >= _FEWEST_WINS)
        return named, _say(named, "the leads name their types")
    recent = sold[sold["period"] >= leads.now - _YEAR]
    sums = recent.groupby(recent[column].astype(str))["value"].sum()
    first, new = recent["period"].min(), float(sums.get(NEW, 0.0))
    closed = won[(won["closed_at"] >= first) & (won["closed_at"] < leads.now)]
    worth = float(closed["amount"].sum())
    if new > 0 and worth > _CLEARLY * new and len(types) > 1:
        why = f"won leads of the last year are worth {Said(worth):,.0f}, new sales alone {Said(new):,.0f}"
        return tuple(types), _say(tuple(types), why)
    return (NEW,), ()


def _say(types: tuple[str, ...], why: str) -> tuple[Notice, ...]:
    others = [name for name in types if name != NEW]
    if not others:
        return ()
    text = f"Leads bring {', '.join(types)} sales here ({why}); from_leads in [funnel] says otherwise."
    return (Notice("types_from_leads", text, len(others)),)


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
    kept = tuple(notice for notice in leads.notices if notice.code != "won_without_amount")
    return replace(leads, table=valued, notices=(*kept, Notice("order_size_from_sales", text, wins)))
