"""Types of sale worked out from transactions: new, repeat, upsell, cross-sell, by stated rules.

1. All a customer buys on the day of the first purchase in the data is *new*.
2. Later, a category this customer never bought before is *cross_sell*.
3. Otherwise a purchase above the customer's usual one, by more than `upsell_step`, is *upsell*; usual is
   the median of the customer's earlier purchases of that category, two at least.
4. All else is *repeat*. Returns (negative amounts) bear the type of the customer's purchase before them.

Data begin somewhere: a customer seen first in the opening weeks may have bought before. Those are counted,
and the share of *new* sales early on is not to be read as acquisition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.sales_checks import SALE_TYPES
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.unfinished_periods import find_unfinished_days
from alignment_lib.inputs.problems import Notice

__all__ = [
    "ClassifiedSales",
    "censored_until",
    "classify_sales",
    "repeat_cohorts",
    "returning_share",
    "sales_by_type",
    "split_sales",
]

_CENSORED_SHARE = 0.9
"""Share of repeat purchases that follow within the window taken as left-censored."""


@dataclass(frozen=True)
class ClassifiedSales:
    """Transactions with their type.

    Attributes
    ----------
    table : DataFrame
        The transactions, ordered by customer and date, with ``sale_type``.
    censored_until : Timestamp
        First purchases up to this day may be repeats of purchases before the data.
    notices : tuple of Notice
        What could not be told and what was assumed, with counts.
    """

    table: pd.DataFrame
    censored_until: pd.Timestamp
    notices: tuple[Notice, ...]


def classify_sales(
    transactions: pd.DataFrame, category: Sequence[str] = (), upsell_step: float = 0.25
) -> ClassifiedSales:
    """Give every transaction its type.

    Parameters
    ----------
    transactions : DataFrame
        ``date, customer, amount`` and the category's columns.
    category : sequence of str
        Columns that say what was bought; without them there is no cross-sell.
    upsell_step : float
        How far above the customer's usual amount a purchase must be, as a share of it.

    Raises
    ------
    ValueError
        Where there are no transactions.
    """
    if not len(transactions):
        raise ValueError("there are no transactions to classify")
    table = transactions.sort_values(["customer", "date"], kind="stable", ignore_index=True)
    customer = pd.factorize(table["customer"])[0]
    first = table.groupby(customer)["date"].transform("min")
    is_new = (table["date"] == first).to_numpy()
    kind = _category_codes(table, category)
    is_cross = ~is_new & _first_of(customer, kind, table["date"])
    bought, usual = _purchases(table, customer, kind)
    amount = table["amount"].to_numpy(dtype=float)
    is_up = ~is_new & ~is_cross & (bought > usual * (1.0 + upsell_step))
    types = np.select([is_new, is_cross, is_up], ["new", "cross_sell", "upsell"], "repeat").astype(object)
    types, returns = _type_returns(types, customer, amount)
    until = _censored_until(table, customer)
    early = int((first[is_new].groupby(customer[is_new]).first() <= until).sum())
    result = table.assign(sale_type=types)
    return ClassifiedSales(result, until, tuple(_notices(until, early, customer, category, returns, amount)))


def _category_codes(table: pd.DataFrame, category: Sequence[str]) -> np.ndarray:
    if not category:
        return np.zeros(len(table), dtype=np.int64)
    return table.groupby(list(category), observed=True, dropna=False).ngroup().to_numpy()


def _first_of(customer: np.ndarray, kind: np.ndarray, date: pd.Series) -> np.ndarray:
    """Whether a row lies on the first day on which its customer bought its category."""
    first = date.groupby([customer, kind]).transform("min")
    return np.asarray(date == first)


def _purchases(table: pd.DataFrame, customer: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each row's purchase came to, and what was usual before it, shape (rows,) each.

    All lines of one customer, category and day are one purchase: an order of five lines is not bought five
    times. Usual is the median of the earlier purchases, infinite with fewer than two.
    """
    paid = table["amount"].where(table["amount"] > 0)
    keys = [pd.Series(customer, name="customer"), pd.Series(kind, name="kind"), table["date"]]
    days = paid.groupby(keys).sum(min_count=1)
    median = days.groupby(level=["customer", "kind"]).expanding(min_periods=2).median().droplevel([0, 1])
    # The expanding median includes the day itself: the one before holds what was usual until then.
    usual = median.groupby(level=["customer", "kind"]).shift(1).fillna(np.inf)
    rows = pd.MultiIndex.from_arrays(keys)
    return days.reindex(rows).to_numpy(dtype=float), usual.reindex(rows).to_numpy(dtype=float)


def _type_returns(types: np.ndarray, customer: np.ndarray, amount: np.ndarray) -> tuple[np.ndarray, int]:
    returned = amount < 0
    if returned.any():
        frame = pd.Series(types, dtype=object).mask(returned).groupby(customer).ffill()
        types = np.where(returned & frame.notna().to_numpy(), frame.to_numpy(dtype=object), types)
    return types, int(returned.sum())


def returning_share(transactions: pd.DataFrame) -> float:
    """Share of the customers who bought on more than one day.

    >>> days = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-02-01", "2025-02-01"])
    >>> returning_share(pd.DataFrame({"customer": ["a", "a", "b", "b"], "date": days}))
    0.5
    """
    days = transactions.groupby("customer", observed=True)["date"].nunique()
    return float((days > 1).mean()) if len(days) else 0.0


def censored_until(transactions: pd.DataFrame) -> pd.Timestamp:
    """The data's first day plus the time within which most customers who come back do so."""
    table = transactions.sort_values(["customer", "date"], kind="stable", ignore_index=True)
    return _censored_until(table, pd.factorize(table["customer"])[0])


def _censored_until(table: pd.DataFrame, customer: np.ndarray) -> pd.Timestamp:
    gaps = table["date"].groupby(customer).diff().dt.days
    gaps = gaps[gaps > 0]
    days = int(np.ceil(gaps.quantile(_CENSORED_SHARE))) if len(gaps) else 0
    return pd.Timestamp(table["date"].min()) + pd.Timedelta(days=days)


def _notices(
    until: pd.Timestamp,
    early: int,
    customer: np.ndarray,
    category: Sequence[str],
    returns: int,
    amount: np.ndarray,
) -> list[Notice]:
    count = int(customer.max()) + 1
    notices = [
        Notice(
            "left_censored",
            f"{early} of {count} customers were first seen up to {until:%Y-%m-%d}, when earlier purchases "
            "may lie before the data: their first sales are called new and may be repeats",
            early,
        )
    ]
    if not category:
        text = "transactions name no category: cross-sell cannot be told from repeat and upsell"
        notices.append(Notice("no_category", text, 0))
    if returns:
        notices.append(
            Notice("returns", f"{returns} returns bear the type of the purchase before them", returns)
        )
    free = int((amount == 0).sum())
    if free:
        notices.append(
            Notice("free", f"{free} transactions of no value keep their type and add nothing", free)
        )
    return notices


def sales_by_type(
    classified: ClassifiedSales, calendar: Calendar, dimensions: Sequence[str] = ()
) -> pd.DataFrame:
    """Sales by period and type, ready to be a sales table.

    Returns
    -------
    DataFrame
        ``period``, the dimensions, ``sale_type, revenue, purchases, customers``.
    """
    table = classified.table
    period = calendar.floor(pd.DatetimeIndex(table["date"]))
    keys = [*dimensions, "sale_type"]
    groups = table.assign(period=period).groupby(["period", *keys], observed=True, sort=True)
    frame = groups.agg(
        revenue=("amount", "sum"), purchases=("amount", "size"), customers=("customer", "nunique")
    )
    return frame.reset_index()


def split_sales(
    sales: pd.DataFrame, classified: ClassifiedSales, calendar: Calendar, shared: Sequence[str] = ()
) -> tuple[pd.DataFrame, list[Notice]]:
    """Part every row of sales by the types' shares of the transactions' money in its period.

    Where a period has no money in transactions, the shares of all periods stand in. Units and money are
    parted alike, so that their sums over types are what they were.

    Parameters
    ----------
    sales : DataFrame
        ``period``, the dimensions, ``units`` and/or ``revenue``.
    classified : ClassifiedSales
        The transactions with their type.
    calendar : Calendar
        The business's periods.
    shared : sequence of str
        Dimensions that every transaction states too: shares are worked out within them.

    Returns
    -------
    sales : DataFrame
        The same with ``sale_type``: a row for every type that occurs in its group.
    notices : list of Notice
        How many rows were parted by the shares of all periods.
    """
    keys = list(shared)
    table = classified.table.astype(dict.fromkeys(keys, str))
    table["period"] = calendar.floor(pd.DatetimeIndex(table["date"]))
    here = _type_shares(table, ["period", *keys])
    ever = _type_shares(table, keys)
    everywhere = _type_shares(table, [])
    rows = sales.astype(dict.fromkeys(keys, str))[["period", *keys]]
    found = rows.merge(here, on=["period", *keys], how="left")[list(SALE_TYPES)].to_numpy()
    spare = rows.merge(ever, on=keys, how="left") if keys else rows.merge(ever, how="cross")
    spare_shares = spare[list(SALE_TYPES)].fillna(everywhere.iloc[0]).to_numpy()
    silent = np.isnan(found).any(axis=1)
    shares = np.where(silent[:, None], spare_shares, found)
    # A type that a group sells at all gets a row in every period: no sale of it is a nought, not a gap.
    occurs = (spare_shares > 0) | (shares > 0)
    at, kind = np.nonzero(occurs)
    measures = [name for name in ("units", "revenue") if name in sales]
    parted = sales.iloc[at].reset_index(drop=True).assign(sale_type=np.array(SALE_TYPES)[kind])
    for name in measures:
        parted[name] = parted[name].to_numpy(dtype=float) * shares[at, kind]
    count = int(silent.sum())
    text = f"{count} rows of sales lie in periods without transactions; the types' usual shares part them"
    return parted, [Notice("types_by_usual_share", text, count)] if count else []


def _unlived(dates: pd.Series, calendar: Calendar, until: pd.Timestamp | None) -> int:
    """1 where the last period of the transactions is not yet lived through, else 0."""
    days = pd.DatetimeIndex(dates)
    final = calendar.ends(calendar.floor(pd.DatetimeIndex([days.max()])))[0]
    cut = any(one.end == "last" for one in find_unfinished_days(days, calendar))
    return int(cut or (until is not None and final > until))


def _type_shares(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Share of each type in the money of every group; returns count against the type they bear."""
    by = [*keys, "sale_type"] if keys else ["whole", "sale_type"]
    sums = table.assign(whole=0).groupby(by, observed=True)["amount"].sum()
    money = sums.unstack("sale_type").reindex(columns=list(SALE_TYPES)).fillna(0.0).clip(lower=0.0)
    whole = money.sum(axis=1)
    shares = money.div(whole.where(whole > 0), axis=0).dropna()
    return shares.reset_index(drop=not keys)


def repeat_cohorts(
    classified: ClassifiedSales, calendar: Calendar, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Share of each cohort that buys again, by periods since its first purchase.

    A period counts where it had ended by `until`, the day up to which transactions are known (by default any
    period counts), and where the list of transactions does not stop in the midst of it.

    Returns
    -------
    DataFrame
        ``cohort`` (period of the first purchase), ``age`` (periods since), ``customers`` (in the cohort),
        ``active`` (who bought at that age), ``repeat_rate``, ``revenue``. Ages a cohort has not reached
        by the last period of the data are not there: a young cohort is not read as a bad one.
    """
    table = classified.table
    customer = pd.factorize(table["customer"])[0]
    period = calendar.floor(pd.DatetimeIndex(table["date"]))
    starts = pd.DatetimeIndex(pd.Series(period).groupby(customer).transform("min"))
    ordinal = {day: at for at, day in enumerate(calendar.between(period.min(), period.max()))}
    frame = pd.DataFrame(
        {"customer": customer, "cohort": starts, "amount": table["amount"].to_numpy(dtype=float)}
    )
    frame["age"] = [ordinal[now] - ordinal[then] for now, then in zip(period, starts, strict=True)]
    sizes = frame.groupby("cohort")["customer"].nunique()
    bought = frame.groupby(["cohort", "age"]).agg(active=("customer", "nunique"), revenue=("amount", "sum"))
    last = len(ordinal) - 1 - _unlived(table["date"], calendar, until)
    full = [(cohort, age) for cohort in sizes.index for age in range(last - ordinal[cohort] + 1)]
    result = bought.reindex(
        pd.MultiIndex.from_tuples(full, names=["cohort", "age"]), fill_value=0
    ).reset_index()
    result["customers"] = result["cohort"].map(sizes)
    result["repeat_rate"] = result["active"] / result["customers"]
    return result[["cohort", "age", "customers", "active", "repeat_rate", "revenue"]]
