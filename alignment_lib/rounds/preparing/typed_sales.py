"""Use case: sales that bear no type are parted by the types which transactions tell, to plan each of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from alignment_lib.forecasting.combining.parts import Parting
from alignment_lib.forecasting.effects.drivers.panel import product_dimension
from alignment_lib.inputs.checking.sales_checks import SALE_TYPE
from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.plan.sale_types import ClassifiedSales, classify_sales, split_sales

__all__ = [
    "LEAST_RETURNING",
    "are_told_by_transactions",
    "classify_transactions",
    "say_parting",
    "type_sales",
]

_COLUMN = SALE_TYPE
LEAST_RETURNING = 0.05
"""With fewer customers who ever come back, types of sale are a split of the total and no forecast."""


def type_sales(workspace: Workspace) -> Workspace:
    """The workspace with its sales by type of sale, where transactions tell the type and no column does.

    Each transaction gets its type by the stated rules; every row of sales is then parted by the types'
    shares of the money in its period. All that follows plans each type as a series of its own.

    Parameters
    ----------
    workspace : Workspace
        Already cut at the as-of date.

    Returns
    -------
    Workspace
        Unchanged where a sale type is declared, there are no transactions or ``types = "off"`` is set; where
        none was known yet, rows that speak of one type are left out, and that is said.
    """
    transactions = workspace.tables.get("transactions")
    given = workspace.settings.sales
    if given.sale_type or _COLUMN in given.dimensions or transactions is None or given.types == "off":
        return workspace
    if not len(transactions):
        return _without_types(workspace)
    sales = workspace.tables["sales"]
    told = _stated(workspace)
    classified = _classify(workspace, told)
    parted, notices = split_sales(sales, classified, workspace.calendar, told)
    dimensions = (*given.dimensions, _COLUMN)
    parted = parted.astype({_COLUMN: "category"})
    parted = parted.sort_values([*dimensions, "period"], kind="stable", ignore_index=True)
    sale = given.model_copy(update={"dimensions": dimensions, "sale_type": _COLUMN})
    tables = {name: _with_blank(table, given.dimensions) for name, table in workspace.tables.items()}
    return replace(
        workspace,
        settings=workspace.settings.model_copy(update={"sales": sale}),
        tables=tables | {"sales": parted, "transactions": classified.table},
        notices=(*workspace.notices, *classified.notices, *notices),
    )


def are_told_by_transactions(workspace: Workspace) -> bool:
    """Whether the sales were parted by `type_sales`: their types are a rule's, not the business's own."""
    return _COLUMN in workspace.dimensions and _COLUMN in workspace.tables.get("transactions", ())


def say_parting(parting: Parting, until: pd.Timestamp, returning: float, *, asked: bool) -> Notice:
    """How the types got their shares of the total, in one sentence."""
    # Where every purchase lies past the as-of date there is no day from which types are known.
    read = "" if pd.isna(until) else f", read after {until:%Y-%m-%d}"
    text = (
        "Sales are forecast as a whole and parted by type of sale, so that the total is what it would be "
        f"without types: {parting.method}{read}"
    )
    if asked:
        text += ', as types = "split" asks'
    elif returning < LEAST_RETURNING:
        text += f"; {Said(returning):.1%} of the customers ever bought again: a split, not a forecast"
    elif parting.origins:
        tried = ", ".join(f"{name} {Said(error):.1%}" for name, error in parting.errors.items())
        text += f"; error of the parts at {counted(parting.origins, 'past origin')}: {tried}"
    else:
        text += "; too little is known after it to compare other ways"
    return Notice("types_parted", text + ".", parting.origins)


def classify_transactions(workspace: Workspace) -> ClassifiedSales | None:
    """Every transaction with its type, whether sales are parted by it or not; None where there is none.

    Parameters
    ----------
    workspace : Workspace
        Already cut at the as-of date.
    """
    transactions = workspace.tables.get("transactions")
    if transactions is None or not len(transactions):
        return None
    return _classify(workspace, _stated(workspace))


def _stated(workspace: Workspace) -> list[str]:
    """Dimensions that every transaction states."""
    transactions = workspace.tables["transactions"]
    names = [name for name in workspace.settings.sales.dimensions if name in transactions and name != _COLUMN]
    return [name for name in names if (transactions[name].astype(str) != "").all()]


def _classify(workspace: Workspace, told: list[str]) -> ClassifiedSales:
    given = [name for name in workspace.settings.sales.dimensions if name != _COLUMN]
    product = product_dimension(workspace.tables["sales"][given])
    transactions = workspace.tables["transactions"]
    # A category of which there is one only tells nothing apart: that cross-sell cannot be told is then said.
    tells = product in told and bool((transactions[product] != transactions[product].iloc[0]).any())
    return classify_sales(transactions, [product] if tells else [])


def _without_types(workspace: Workspace) -> Workspace:
    """No transaction is known at the wall: what speaks of one type of sale cannot be applied to any."""
    tables, notices = dict(workspace.tables), []
    for name, table in workspace.tables.items():
        named = table[_COLUMN].astype(str) != "" if _COLUMN in table else pd.Series(False, index=table.index)
        if named.any():
            tables[name] = table[~named].reset_index(drop=True)
            text = (
                f"{counted(int(named.sum()), 'row')} of {name} name a type of sale, which no transaction "
                "known at the as-of date tells: left out."
            )
            notices.append(Notice("types_unknown", text, int(named.sum())))
    return replace(workspace, tables=tables, notices=(*workspace.notices, *notices)) if notices else workspace


def _with_blank(table: pd.DataFrame, dimensions: tuple[str, ...]) -> pd.DataFrame:
    """Tables that may name a scope say of the new dimension what they say of any they leave blank: all."""
    scoped = any(name in table for name in dimensions)
    return table.assign(**{_COLUMN: ""}) if scoped and _COLUMN not in table else table
