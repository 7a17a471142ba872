"""What became of prices between two sides, and which part of it promotions took off.

Prices are compared cell by cell and joined by the index of Törnqvist (1936, Bank of Finland Monthly Bulletin
10; Diewert 1976, Journal of Econometrics 4, 115): the mean of both sides' shares of revenue weighs the
logarithms. Sales that move between weeks of different prices change the average, but no price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

__all__ = ["paid_share", "planned_promotions", "price_changes"]

_NOTHING = 0.02
"""A discount below this share of the price is noise of the price paid."""

_SAME_PRICE = 0.001
"""Prices closer than this share are the same price."""


def paid_share(
    sales: pd.DataFrame,
    listed: pd.DataFrame,
    promoted: pd.DataFrame,
    dimensions: Sequence[str],
    by: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Share of the list price that was paid because of promotions, by series over the whole span.

    With R the revenue of a cell and N what its units would have fetched at the list price, the discount of a
    cell under a promotion is N - R where that is 2 % of N or more, else nothing; the share is
    sum R / (sum R + sum of discounts).

    Parameters
    ----------
    sales : DataFrame
        ``period``, the dimensions, ``units, revenue``: one side of a comparison.
    listed : DataFrame
        ``period``, the dimensions, ``list_price``: what a unit fetches without a promotion.
    promoted : DataFrame
        ``period``, the dimensions: cells under a promotion.
    dimensions : sequence of str
    by : sequence of str, optional
        What a share is told for; by default the dimensions.

    Returns
    -------
    DataFrame
        `by`, ``paid`` (1 where nothing was taken off).

    Examples
    --------
    Ten units at 8 under a promotion and ten at 10 without one, listed at 10: 180 of 200 were paid.

    >>> sales = pd.DataFrame({"period": [1, 2], "shop": "A", "units": [10, 10], "revenue": [80.0, 100.0]})
    >>> listed = sales[["period", "shop"]].assign(list_price=10.0)
    >>> float(paid_share(sales, listed, listed.iloc[:1], ["shop"])["paid"].iloc[0])
    0.9
    """
    keys = ["period", *dimensions]
    cells = sales.groupby(keys, observed=True)[["units", "revenue"]].sum().reset_index()
    cells = cells.astype(dict.fromkeys(dimensions, str))
    for table in (listed[[*keys, "list_price"]], promoted[keys].drop_duplicates().assign(is_on=True)):
        cells = cells.merge(table.astype(dict.fromkeys(dimensions, str)), on=keys, how="left")
    full = cells["units"] * cells["list_price"]
    off = (full - cells["revenue"]).where(cells["is_on"].notna() & (full > 0), 0.0).fillna(0.0)
    cells["off"] = np.where(off >= _NOTHING * full, off, 0.0)
    sums = cells.groupby(list(by or dimensions), observed=True)[["revenue", "off"]].sum()
    whole = sums["revenue"] + sums["off"]
    paid = (sums["revenue"] / whole.where(whole > 0)).where(sums["revenue"] > 0).fillna(1.0)
    return paid.rename("paid").reset_index()


def price_changes(
    reference: pd.DataFrame,
    actual: pd.DataFrame,
    dimensions: Sequence[str],
    paid: Sequence[pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """By how much the price of each series changed, and by how much because of promotions.

    Parameters
    ----------
    reference, actual : DataFrame
        ``period``, the dimensions, ``units, revenue``.
    paid : pair of DataFrame, optional
        `paid_share` of either side by period and dimensions; without it no promotion changed a price.

    Returns
    -------
    DataFrame
        The dimensions, ``price_log`` (Törnqvist index over cells sold on both sides, as a logarithm; 0 where
        every price is the same) and ``discount_log``, the part of it that promotions took.

    Examples
    --------
    The same prices in both weeks, the sales in other weeks: no price has changed.

    >>> weeks = pd.DataFrame({"period": [1, 2], "shop": "A"})
    >>> plan = weeks.assign(units=[10, 5], revenue=[100.0, 40.0])
    >>> made = weeks.assign(units=[5, 10], revenue=[50.0, 80.0])
    >>> price_changes(plan, made, ["shop"])["price_log"].tolist()
    [0.0]
    """
    keys = ["period", *dimensions]
    sides = []
    for number, frame in enumerate((reference, actual)):
        sums = frame.groupby(keys, observed=True)[["units", "revenue"]].sum().reset_index()
        sums = sums[(sums["units"] > 0) & (sums["revenue"] > 0)].astype(dict.fromkeys(dimensions, str))
        if paid is not None:
            sums = sums.merge(paid[number], on=keys, how="left")
        sides.append(sums.rename(columns={name: f"{name}_{number}" for name in sums if name not in keys}))
    cells = sides[0].merge(sides[1], on=keys, how="inner")
    shares = [
        cells[side] / cells.groupby(list(dimensions), observed=True)[side].transform("sum")
        for side in ("revenue_0", "revenue_1")
    ]
    weight = (shares[0] + shares[1]) / 2
    price = [cells[f"revenue_{side}"] / cells[f"units_{side}"] for side in (0, 1)]
    ratio = pd.Series(np.log(price[1] / price[0]), index=cells.index)
    moved = ratio.abs() > _SAME_PRICE
    off = pd.Series(0.0, index=cells.index)
    if paid is not None:
        off = pd.Series(np.log(cells["paid_1"].fillna(1.0) / cells["paid_0"].fillna(1.0)), index=cells.index)
    found = cells.assign(
        price_log=(weight * ratio).where(moved, 0.0), discount_log=(weight * off).where(moved, 0.0)
    )
    return found.groupby(list(dimensions), observed=True)[["price_log", "discount_log"]].sum().reset_index()


def planned_promotions(
    bridge: pd.DataFrame, register: pd.DataFrame, kinds: Mapping[str, str], dimensions: Sequence[str]
) -> pd.DataFrame:
    """Cells in which a plan counts on a promotion: one of its contributors there adds sales.

    Parameters
    ----------
    bridge : DataFrame
        ``bridge.parquet`` rows of one scenario.
    register : DataFrame
        The round's ``assumptions.parquet``.
    kinds : mapping of str to {"price", "promotion", "market"}
        By driver column.
    """
    names = {f"driver:{name}" for name, kind in kinds.items() if kind == "promotion"}
    names |= set(register.loc[register["kind"] == "promotion", "id"].astype(str))
    rows = bridge[bridge["assumption"].isin(names) & (bridge["effect"] > 0)]
    return rows[["period", *dimensions]].drop_duplicates(ignore_index=True)
