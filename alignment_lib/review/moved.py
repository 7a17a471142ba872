"""What moved at all between plan and result: only that can have a part in the difference.

A price paid as planned, or a promotion that ran as planned and about which nobody claimed anything, explains
nothing, however the estimate of its effect was revised since: such revisions stay in what is not explained.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import grid_drivers

__all__ = [
    "PricesOfSpan",
    "moved_prices",
    "moved_promotions",
    "planned_on",
    "planned_strengths",
    "price_per_unit",
]

_SAME_PRICE = 0.001
"""Prices closer than this share are the same price."""


@dataclass(frozen=True)
class PricesOfSpan:
    """Prices of a closed span: ``period``, the dimensions, ``price`` per unit.

    Attributes
    ----------
    planned : DataFrame
        What the plan counted on.
    paid : DataFrame
        What a unit fetched; the calendar's price where no money is recorded.
    """

    planned: pd.DataFrame
    paid: pd.DataFrame


def price_per_unit(sales: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    """``period``, the dimensions, ``price``: revenue per unit of every cell in which something was sold.

    >>> sales = pd.DataFrame({"period": [1, 1], "shop": "A", "units": [2, 2], "revenue": [18.0, 22.0]})
    >>> float(price_per_unit(sales, ["shop"])["price"].iloc[0])
    10.0
    """
    sums = sales.groupby(["period", *dimensions], observed=True)[["units", "revenue"]].sum(min_count=1)
    price = sums["revenue"] / sums["units"].where(sums["units"] > 0)
    return price[price > 0].rename("price").reset_index()


def moved_prices(
    labels: pd.DataFrame, planned: pd.DataFrame, paid: pd.DataFrame, promoted: np.ndarray
) -> np.ndarray:
    """Logarithm of the price paid over the planned one, shape (series, periods); 0 where they are the same.

    Cells under a promotion on either side say nothing of the list price: they take the gap of the series'
    nearest cell without one, and 0 where there is none.

    Parameters
    ----------
    labels : DataFrame, shape (series x periods, 1 + dimensions)
        ``period`` and the dimensions, series by series.
    planned, paid : DataFrame
        ``period``, the dimensions, ``price`` per unit.
    promoted : ndarray of bool, shape (series, periods)
        Cells under a promotion on either side.

    Examples
    --------
    >>> labels = pd.DataFrame({"period": [1, 2], "shop": "A"})
    >>> planned, paid = labels.assign(price=[10.0, 10.0]), labels.assign(price=[10.0, 11.0])
    >>> moved_prices(labels, planned, paid, np.zeros((1, 2), dtype=bool)).round(4).tolist()
    [[0.0, 0.0953]]
    """
    keys = list(labels.columns)
    sides = [
        labels.merge(table[[*keys, "price"]].drop_duplicates(keys), on=keys, how="left")["price"].to_numpy(
            float
        )
        for table in (paid, planned)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log(sides[0] / sides[1]).reshape(promoted.shape)
    gap = np.where(np.isfinite(gap) & ~promoted, gap, np.nan)
    gap = np.where(np.abs(gap) <= _SAME_PRICE, 0.0, gap)
    return pd.DataFrame(gap.T).ffill().bfill().fillna(0.0).to_numpy().T


def planned_on(
    labels: pd.DataFrame, bridge: pd.DataFrame, names: Collection[str], least: float = 0.0
) -> np.ndarray:
    """Whether a plan's bridge has an effect of one of `names` in each cell of `labels`, flat.

    Parameters
    ----------
    bridge : DataFrame
        ``assumption, period``, the dimensions, ``effect``.
    least : float
        Only effects above this count.
    """
    keys = list(labels.columns)
    rows = bridge[bridge["assumption"].isin(list(names)) & (bridge["effect"] > least)]
    cells = rows[keys].drop_duplicates().assign(is_on=True)
    return np.asarray(labels.merge(cells, on=keys, how="left")["is_on"].notna())


def planned_strengths(
    keys: pd.DataFrame, calendar: pd.DataFrame, names: Collection[str], periods: pd.DatetimeIndex
) -> dict[str, np.ndarray]:
    """Each promotion driver as it was planned, shape (series, periods); 0 where nothing was.

    Parameters
    ----------
    keys : DataFrame
        The series.
    calendar : DataFrame
        ``promotions.parquet`` of the round: ``driver``, the dimensions, ``start, end, depth``.
    names : collection of str
        The promotion drivers.
    """
    dimensions = [name for name in keys.columns if name in calendar]
    result = {name: np.zeros((len(keys), len(periods))) for name in names}
    for name, runs in calendar[calendar["driver"].isin(list(names))].groupby("driver", sort=True):
        rows = runs.merge(pd.DataFrame({"period": periods}), how="cross")
        rows = rows[rows["period"].between(rows["start"], rows["end"])]
        table = rows[["period", *dimensions]].assign(**{str(name): rows["depth"]})
        values, _ = grid_drivers(keys, table, [str(name)], periods)
        result[str(name)] = np.nan_to_num(values[str(name)])
    return result


def moved_promotions(
    labels: pd.DataFrame,
    on: np.ndarray,
    bridge: pd.DataFrame,
    register: pd.DataFrame,
    kinds: Mapping[str, str],
    planned: np.ndarray | None = None,
    other: np.ndarray | None = None,
) -> np.ndarray:
    """Cells in which promotions may explain a difference, flat.

    They may in a series with a promotion on one side only, or with one that somebody made a claim about;
    and, where any series has one such, in those without a promotion of their own, whose sales it moves.

    Parameters
    ----------
    on : ndarray of bool, shape (cells,)
        Where the calendar, as it came, had a promotion on.
    bridge : DataFrame
        Rows of the plan's scenario in the span.
    register : DataFrame
        The round's ``assumptions.parquet``.
    kinds : mapping of str to {"price", "promotion", "market"}
        By driver column.
    planned, other : ndarray of bool, shape (cells,), optional
        Where the plan's calendar had a promotion on, and where its strength was another; told from the bridge
        where the round did not keep its calendar.
    """
    drivers = [f"driver:{name}" for name, kind in kinds.items() if kind == "promotion"]
    claims = register.loc[register["kind"] == "promotion", "id"].astype(str).tolist()
    counted = planned
    if counted is None:
        counted = planned_on(labels, bridge, drivers)
        # A promotion whose usual effect is a loss was planned all the same.
        counted |= on & planned_on(labels, bridge.assign(effect=bridge["effect"].abs()), drivers)
    apart = (on != counted) if other is None else other
    claimed = planned_on(labels, bridge.assign(effect=bridge["effect"].abs()), claims)
    dimensions = [name for name in labels.columns if name != "period"]
    series = labels.groupby(dimensions, sort=False, observed=True).ngroup().to_numpy()
    count = int(series.max(initial=-1)) + 1
    differs = np.bincount(series, weights=apart | claimed, minlength=count) > 0
    has_own = np.bincount(series, weights=on | counted | claimed, minlength=count) > 0
    return np.asarray((differs | (~has_own & differs.any()))[series])
