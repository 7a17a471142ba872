"""Sizes the orders of won leads so that they are part of the new sales of their week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.generator.funnel_truth import LEAD_PRODUCTS

__all__ = ["LARGEST_SHARE", "Bookings", "book_orders"]

LARGEST_SHARE = 0.9
"""Won leads never make up more than this share of a product's new units in a week."""
_SIZE_SPREAD = 0.4


@dataclass(frozen=True)
class Bookings:
    """Leads with their amounts.

    Attributes
    ----------
    leads : DataFrame
        With `amount` for every lead won.
    orders : DataFrame
        ``lead_id, period, product, units, amount``: one row a won lead.
    cut : int
        Orders made smaller because the week's new sales were too small for them.
    """

    leads: pd.DataFrame
    orders: pd.DataFrame
    cut: int


def book_orders(seed: int, leads: pd.DataFrame, sales: pd.DataFrame) -> Bookings:
    """Draw an order size for each won lead; the amount is at the average price new customers paid.

    An order is invoiced in the week in which the lead is closed, as part of the ``new`` sales of its
    product in any channel. Where the week's won leads ask for more than `LARGEST_SHARE` of its new
    units, all of them are made smaller in proportion; where not even one unit each is left, the lead is
    set to lost.
    """
    rng = np.random.default_rng([seed, 4])
    won = leads[leads["outcome"] == "won"]
    day = won["closed_at"].dt.normalize()
    orders = pd.DataFrame(
        {
            "lead_id": won["lead_id"],
            "period": day - pd.to_timedelta(day.dt.weekday, unit="D"),
            "product": won["product"],
        }
    )
    mean = won["product"].map(lambda name: LEAD_PRODUCTS[name][2]).to_numpy(dtype=float)
    scatter = np.exp(rng.normal(-(_SIZE_SPREAD**2) / 2.0, _SIZE_SPREAD, len(won)))
    wanted = np.maximum(np.rint(mean * scatter), 1.0)
    new = sales[sales["sale_type"] == "new"].groupby(["period", "product"])[["units", "revenue"]].sum()
    week = orders[["period", "product"]].merge(new.reset_index(), how="left", on=["period", "product"])
    limit = np.floor(LARGEST_SHARE * week["units"].fillna(0.0).to_numpy())
    asked = (
        pd.Series(wanted)
        .groupby([orders["period"].to_numpy(), orders["product"].to_numpy()])
        .transform("sum")
    )
    granted = np.minimum(1.0, limit / asked.to_numpy())
    size = np.where(granted < 1.0, np.floor(wanted * granted), wanted)
    # A cent less than the average price times units, so that rounding cannot pass the week's revenue.
    price = np.floor(100.0 * (week["revenue"] / week["units"]).fillna(0.0).to_numpy()) / 100.0
    orders = orders.assign(units=size.astype(np.int64), amount=np.round(size * price, 2))
    kept = orders["units"] > 0
    outcome = leads["outcome"].where(~leads["lead_id"].isin(set(orders.loc[~kept, "lead_id"])), "lost")
    orders = orders[kept].reset_index(drop=True)
    amount = leads["lead_id"].map(orders.set_index("lead_id")["amount"])
    return Bookings(leads.assign(outcome=outcome, amount=amount), orders, int((granted < 1.0).sum()))
