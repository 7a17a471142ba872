"""What causes moved, in money."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

__all__ = ["value_causes"]


def value_causes(
    effects: pd.DataFrame, actual: pd.DataFrame, reference: pd.DataFrame, dimensions: Sequence[str]
) -> pd.DataFrame:
    """Effects in units as money, at the mean of what a unit fetched on either side of the comparison.

    The mean of both sides keeps the split free of which side is called actual. A cell sold on one side only
    takes that side's price; one without any price drops out, having no money to explain.

    Parameters
    ----------
    effects : DataFrame
        Of `causes_against_plan` or `causes_against_year_before`.
    actual, reference : DataFrame
        ``period``, the dimensions, ``units, revenue``.
    """
    keys = ["period", *dimensions]
    prices = []
    for number, frame in enumerate((actual, reference)):
        sums = frame.groupby(keys, observed=True)[["units", "revenue"]].sum()
        prices.append((sums["revenue"] / sums["units"].where(sums["units"] > 0)).rename(f"price_{number}"))
    price = pd.concat(prices, axis=1).mean(axis=1).rename("price").reset_index()
    merged = effects.merge(price, on=keys, how="inner")
    merged = merged[merged["price"].notna()].reset_index(drop=True)
    columns = ["actual", "reference", "standard_error"]
    return merged.assign(**{name: merged[name] * merged["price"] for name in columns}).drop(columns="price")
