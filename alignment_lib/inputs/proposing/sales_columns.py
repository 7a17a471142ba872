"""Order lines: which column is the money of a line, where several could be, or only a unit price is there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.inputs.proposing.column_contents import Contents
from alignment_lib.inputs.proposing.export_kinds import Kind
from alignment_lib.inputs.words.column_words import SURE, plain_words
from alignment_lib.inputs.words.export_numbers import find_number_forms, parse_figures
from alignment_lib.inputs.words.trade_words import words_of

__all__ = ["settle_sales"]

_PER_UNIT = words_of("columns", "per_unit")
_SAMPLE = 5_000
_MOST_BLANK = 0.02
_FEWEST_ORDERS = 3
_ORDERS = words_of("columns", "orders")


def settle_sales(
    columns: dict[str, str],
    kind: Kind,
    contents: Mapping[str, Contents],
    table: pd.DataFrame,
    doubts: list[str],
) -> None:
    """Leave one way to a line's money in `columns`: a column of its own, or unit price × units."""
    if kind.name != "order_lines":
        return
    if "unit_price" not in columns:
        _doubt_order_totals(columns, table, doubts)
        return
    price = columns["unit_price"]
    if "units" not in columns:
        _take_price_alone(columns, doubts)
    elif "revenue" not in columns:
        if not set(plain_words(price)) & _PER_UNIT:
            doubts.append(
                f"revenue is {price!r} × {columns['units']!r}; if {price!r} is the money of the whole "
                "line, name it revenue under [columns] instead of unit_price"
            )
        _doubt_discounts(contents, doubts)
    else:
        _choose_between(columns, kind, contents, table, doubts)


def _take_price_alone(columns: dict[str, str], doubts: list[str]) -> None:
    price = columns.pop("unit_price")
    if "revenue" not in columns:
        columns["revenue"] = price
        doubts.append(f"{price!r} was taken for the revenue of a row, since no column holds a quantity")


def _choose_between(
    columns: dict[str, str],
    kind: Kind,
    contents: Mapping[str, Contents],
    table: pd.DataFrame,
    doubts: list[str],
) -> None:
    """The column of money where it stands in every line; an order's total, on its first line only, never."""
    revenue, price = columns["revenue"], columns["unit_price"]
    priced = table[price] != ""
    blank = float(((table[revenue] == "") & priced).sum()) / max(1.0, float(priced.sum()))
    sure = kind.matches["revenue"].column != revenue or kind.matches["revenue"].score >= SURE
    product = _is_product(table, columns)
    repeated = not product and _is_of_orders(table, revenue)
    if blank <= _MOST_BLANK and (sure or product) and not repeated:
        del columns["unit_price"]
        return
    del columns["revenue"]
    why = "is not price × quantity of its line"
    if blank > _MOST_BLANK:
        why = "stands on some lines only, as the total of an order does"
    elif repeated:
        why = "is the same on every line of an order, as its total is"
    doubts.append(
        f"revenue is {price!r} × {columns['units']!r}: {revenue!r} {why}; "
        f"name {revenue!r} revenue under [columns] if it is the money of each line"
    )
    _doubt_discounts(contents, doubts)


def _doubt_order_totals(columns: Mapping[str, str], table: pd.DataFrame, doubts: list[str]) -> None:
    revenue = columns.get("revenue", "")
    if revenue and _is_of_orders(table, revenue):
        doubts.append(
            f"{revenue!r} is the same on every line of an order, as its total is: it would count once for "
            "each line; name the money of a line under [columns]"
        )


def _is_of_orders(table: pd.DataFrame, revenue: str) -> bool:
    """Whether money repeats on all lines of each order of several lines, though the lines differ."""
    sample = table.head(_SAMPLE)
    orders = [name for name in table.columns if set(plain_words(name)) & _ORDERS and name != revenue]
    for order in orders:
        groups = sample[sample[order] != ""].groupby(order, sort=False)
        several = groups[revenue].transform("size") > 1
        count = sample.loc[several.index[several], order].nunique()
        if count < _FEWEST_ORDERS or count * 10 < sample[order].nunique():
            continue
        alike = groups[revenue].transform("first") == sample[revenue]
        if bool(alike[several.index].all()) and not (sample[revenue] == sample[revenue].iloc[0]).all():
            return True
    return False


def _is_product(table: pd.DataFrame, columns: Mapping[str, str]) -> bool:
    """Whether the money is unit price × units in nearly every line."""
    sample = table.iloc[:: max(1, len(table) // _SAMPLE)]
    values = [_figures(sample[columns[name]]) for name in ("revenue", "unit_price", "units")]
    if any(value is None for value in values):
        return False
    money, price, units = (np.asarray(value, dtype=float) for value in values)
    known = ~np.isnan(money + price + units)
    near = np.abs(money - price * units) <= 0.011 * np.maximum(1.0, np.abs(units))
    return bool(known.any()) and float(near[known].mean()) >= 0.95


def _figures(values: pd.Series) -> pd.Series | None:
    forms = find_number_forms(values)
    return parse_figures(values, *forms[0]) if forms else None


def _doubt_discounts(contents: Mapping[str, Contents], doubts: list[str]) -> None:
    cuts = [
        name
        for name, held in contents.items()
        if set(plain_words(name)) & {"discount", "rabatt", "remise", "descuento", "sconto"}
        and held.numbers >= 0.6
        and held.different > 1
    ]
    if cuts:
        named = " and ".join(map(repr, cuts))
        doubts.append(f"{named} left aside: revenue is before these discounts")
