"""What promotions took off the price: that part of a price change is the promotion's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

__all__ = ["paid_share", "planned_promotions"]

_NOTHING = 0.02
"""A discount below this share of the price is noise of the price paid."""


def paid_share(
    sales: pd.DataFrame,
    listed: pd.DataFrame,
    promoted: pd.DataFrame,
    dimensions: Sequence[str],
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

    Returns
    -------
    DataFrame
        The dimensions, ``paid`` (1 where nothing was taken off).

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
    sums = cells.groupby(list(dimensions), observed=True)[["revenue", "off"]].sum()
    whole = sums["revenue"] + sums["off"]
    paid = (sums["revenue"] / whole.where(whole > 0)).where(sums["revenue"] > 0).fillna(1.0)
    return paid.rename("paid").reset_index()


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
