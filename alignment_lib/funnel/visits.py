"""What a visit is worth: leads a visit, sales a lead and size of an order, for claims counted in visits."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["sales_per_visit", "visit_rates"]


def visit_rates(rates: pd.DataFrame, counts: pd.DataFrame | None) -> pd.DataFrame:
    """Sources whose visits are counted, with what a visit to each becomes.

    Parameters
    ----------
    rates : DataFrame
        `measure_rates`: ``source, lead_rate, conversion_rate, order_size``.
    counts : DataFrame or None
        The `funnel` table: ``source, visitors``.

    Returns
    -------
    DataFrame
        ``source, visitors`` (as counted), ``customers_per_visit, order_size``; without rows where no visits
        are counted.
    """
    columns = ["source", "visitors", "customers_per_visit", "order_size"]
    if counts is None or "visitors" not in counts or not len(rates):
        return pd.DataFrame(columns=columns)
    visitors = counts.groupby(counts["source"].astype(str))["visitors"].sum(min_count=1)
    found = rates.assign(
        visitors=rates["source"].map(visitors),
        customers_per_visit=rates["lead_rate"] * rates["conversion_rate"],
    )
    known = found["visitors"].gt(0) & found["customers_per_visit"].notna() & found["order_size"].notna()
    return found.loc[known, columns].reset_index(drop=True)


def sales_per_visit(visits: pd.DataFrame, price: float | None = None) -> float | None:
    """Sales a visit brings, all counted sources together by their visits; None where nothing is counted.

    Parameters
    ----------
    visits : DataFrame
        `visit_rates`.
    price : float, optional
        Money for one unit: given where sales are counted in units and orders in money.

    Examples
    --------
    >>> visits = pd.DataFrame({"visitors": [900.0, 100.0], "customers_per_visit": [0.01, 0.03],
    ...                        "order_size": [50.0, 100.0]})
    >>> round(sales_per_visit(visits), 4), round(sales_per_visit(visits, 10.0), 4)
    (0.75, 0.075)
    """
    if not len(visits) or (price is not None and not price > 0):
        return None
    value = (visits["customers_per_visit"] * visits["order_size"]).to_numpy(dtype=float)
    mean = float(np.average(value, weights=visits["visitors"].to_numpy(dtype=float)))
    return mean / price if price is not None else mean
