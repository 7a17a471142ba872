"""What a unit costs, and what actions cost beside the price: the costs table on series and periods.

A cost holds from its day until the next row of the same scope; of several scopes the one that names most
dimensions holds. Costs of different names add up. Funding is what an action costs beside what its lower price
already shows; the price cut itself is in revenue and never stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.configuration.settings import ProfitSettings
from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["Costs", "Funding", "MoneyGrid", "lay_out_costs", "name_unknown"]


@dataclass(frozen=True)
class Funding:
    """Money that an action costs beside its price.

    Attributes
    ----------
    pays_for : str
        Id of an assumption, or a promotion column of the driver calendar.
    paid_by : str
        Role or partner; blank is the business itself.
    is_ours : bool
        Whether it takes off the margin.
    per_unit : bool
        Whether `amount` is for every unit sold while the action runs, or once an action.
    amount : ndarray, shape (series, periods)
        In the plan's currency, zero outside scope and dates.
    """

    pays_for: str
    paid_by: str
    is_ours: bool
    per_unit: bool
    amount: np.ndarray


@dataclass(frozen=True)
class Costs:
    """The costs table on series and periods.

    Attributes
    ----------
    unit_cost : ndarray, shape (series, periods)
        NaN where no row speaks.
    funding : tuple of Funding
        What is paid once an action has one for each scope.
    """

    unit_cost: np.ndarray
    funding: tuple[Funding, ...] = ()

    def during(self, periods: slice | np.ndarray) -> Costs:
        """The same in some of the periods."""
        return Costs(
            self.unit_cost[:, periods],
            tuple(replace(one, amount=one.amount[:, periods]) for one in self.funding),
        )


@dataclass(frozen=True)
class MoneyGrid:
    """Costs on the plan's grid, and when the promotions of the calendar run.

    Attributes
    ----------
    costs : Costs
        Over the open periods.
    running : mapping of str to ndarray of bool, shape (series, periods)
        By promotion column: where the calendar has it on.
    before : mapping of str to ndarray of bool, shape (series, earlier periods)
        The same in the periods just before: an action may be under way.
    """

    costs: Costs
    running: Mapping[str, np.ndarray] = field(default_factory=dict)
    before: Mapping[str, np.ndarray] = field(default_factory=dict)

    def with_calendar(self, changed: Mapping[str, np.ndarray]) -> MoneyGrid:
        """The same where some columns of the calendar run otherwise."""
        return replace(self, running={**self.running, **changed})


def lay_out_costs(
    table: pd.DataFrame,
    keys: pd.DataFrame,
    periods: pd.DatetimeIndex,
    calendar: Calendar,
    settings: ProfitSettings,
) -> Costs:
    """Costs of every series in every period.

    Parameters
    ----------
    table : DataFrame
        Canonical `costs`.
    keys : DataFrame, shape (series, dimensions)
    periods : DatetimeIndex, shape (periods,)
        First days, past or planned.
    calendar : Calendar
        A cost that begins within a period holds for all of it.
    settings : ProfitSettings
        Which costs count and whose funding is not ours.

    Examples
    --------
    >>> table = pd.DataFrame({"period": [pd.NaT, pd.Timestamp("2026-01-14")], "item": ["", "A"], "cost": "",
    ...     "unit_cost": [2.0, 3.0], "funding": np.nan, "funding_per": "unit", "pays_for": "", "paid_by": ""})
    >>> weeks = pd.DatetimeIndex(["2026-01-05", "2026-01-12"])
    >>> keys = pd.DataFrame({"item": ["A", "B"]})
    >>> lay_out_costs(table, keys, weeks, Calendar("week"), ProfitSettings()).unit_cost.tolist()
    [[2.0, 3.0], [2.0, 2.0]]
    """
    frame = table.assign(begins=_first_places(table["period"], periods, calendar))
    goods = frame[frame["unit_cost"].notna()]
    if settings.costs:
        goods = goods[goods["cost"].isin(settings.costs)]
    total, known = np.zeros((len(keys), len(periods))), np.zeros((len(keys), len(periods)), dtype=bool)
    for _, rows in goods.groupby("cost", sort=True):
        values = _spread(rows, "unit_cost", keys, len(periods))
        total += np.nan_to_num(values)
        known |= np.isfinite(values)
    return Costs(np.where(known, total, np.nan), _lay_out_funding(frame, keys, len(periods), settings))


def _lay_out_funding(
    frame: pd.DataFrame, keys: pd.DataFrame, periods: int, settings: ProfitSettings
) -> tuple[Funding, ...]:
    """Every funding; what is paid once an action is one for each scope, whose actions are its own."""
    paid = frame[frame["funding"].notna()]
    found = []
    for (pays_for, paid_by, _, per), rows in paid.groupby(
        ["pays_for", "paid_by", "cost", "funding_per"], sort=True
    ):
        amount = np.nan_to_num(_spread(rows, "funding", keys, periods))
        whole = Funding(
            str(pays_for), str(paid_by), str(paid_by) not in settings.others_pay, per == "unit", amount
        )
        if whole.per_unit:
            found.append(whole)
            continue
        scopes = _scopes(rows, keys).agg("\0".join, axis=1)
        holders = _spread(rows.assign(holder=pd.factorize(scopes, sort=True)[0]), "holder", keys, periods)
        for holder in np.unique(holders[np.isfinite(holders)]):
            found.append(replace(whole, amount=np.where(holders == holder, amount, 0.0)))
    return tuple(found)


def _first_places(days: pd.Series, periods: pd.DatetimeIndex, calendar: Calendar) -> np.ndarray:
    """Place of the first period in which each row holds; rows without a day always hold."""
    places = np.zeros(len(days), dtype=int)
    dated = days.notna().to_numpy()
    if dated.any():
        first = calendar.floor(pd.DatetimeIndex(days[dated]))
        places[dated] = np.searchsorted(periods.to_numpy(), first.to_numpy())
    return places


def _spread(rows: pd.DataFrame, column: str, keys: pd.DataFrame, periods: int) -> np.ndarray:
    """Broad scopes first, then by day: what is written later is narrower, or newer in the same scope."""
    values = np.full((len(keys), periods), np.nan)
    scopes, texts = _scopes(rows, keys), keys.astype(str)
    anywhere = (scopes == "").to_numpy()
    codes = [pd.factorize(pd.concat([scopes[name], texts[name]]))[0] for name in scopes]
    asked, own = (np.column_stack([code[part] for code in codes])
                  for part in (slice(len(rows)), slice(len(rows), None)))  # fmt: skip
    begins, amounts = rows["begins"].to_numpy(), rows[column].to_numpy(float)
    for at in np.lexsort((rows["period"].to_numpy("datetime64[ns]").view("i8"), (~anywhere).sum(axis=1))):
        values[(anywhere[at] | (own == asked[at])).all(axis=1), begins[at] :] = amounts[at]
    return values


def _scopes(rows: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    names = [str(name) for name in keys.columns]
    return rows.reindex(columns=names).astype(object).fillna("").astype(str)


def name_unknown(keys: pd.DataFrame, unknown: np.ndarray) -> Sequence[str]:
    """The series marked, by the broadest dimension that tells them from all others.

    >>> keys = pd.DataFrame({"item": ["A", "A", "B"], "shop": ["x", "y", "x"]})
    >>> name_unknown(keys, np.array([True, True, False]))
    ['A']
    """
    lost = keys[unknown]
    for name in keys.columns:
        its, others = set(lost[name].astype(str)), set(keys.loc[~unknown, name].astype(str))
        if not its & others:
            return sorted(its)
    return sorted({" / ".join(map(str, row)) for row in lost.itertuples(index=False)})
