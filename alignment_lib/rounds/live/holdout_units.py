"""Units in which an action can be left out by lot: stores, regions, channels or customers."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import product_dimension
from alignment_lib.planning.evidence.holdouts import Holdout, UnitNoise, list_holdouts, measure_noise
from alignment_lib.planning.evidence.past import Past
from alignment_lib.planning.evidence.usual_movement import counted_visits
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["CUSTOMERS", "VISITORS", "HoldoutUnits", "find_units"]

CUSTOMERS = "group of customers"
"""What units are called that are customers put into groups by lot."""
VISITORS = "visitor"
_PLACES = (
    *("store", "shop", "branch", "outlet", "region", "state", "city", "country", "area", "district"),
    *("territory", "market", "channel", "customer", "account"),
)
_GROUPS, _FEWEST_CUSTOMERS = 100, 10


@dataclass(frozen=True)
class HoldoutUnits:
    """What a claim could be tested on.

    Attributes
    ----------
    noises : tuple of UnitNoise
        One for every kind of unit and length of a test.
    own_cost : float
        What a test costs beside what it forgoes, as the claim states it.
    spans : float
        Periods of the round in which the claim runs.
    missing : str
        Why there are none, and what would make a test possible; blank where there are.
    """

    noises: tuple[UnitNoise, ...]
    own_cost: float
    spans: float
    missing: str = ""

    def holdouts(self) -> list[Holdout]:
        """Every test that could be made."""
        return [holdout for noise in self.noises for holdout in list_holdouts(noise)]

    def forgone(self, holdout: Holdout, brings: float) -> float:
        """What is not earned where the action is held out; below zero where it loses money.

        Parameters
        ----------
        holdout : Holdout
        brings : float
            What the action brings in the round.
        """
        noise = holdout.noise
        return brings * holdout.held_out / (noise.units + noise.left_out) * noise.periods / self.spans


def find_units(ready: PreparedRound, row: Assumption, past: Past) -> HoldoutUnits:
    """What a claim could be tested on, with its noise; nothing is told apart that buyers move between."""
    claimed, year = _claimed_periods(ready, row), ready.workspace.calendar.season
    inside = claimed[claimed.isin(ready.round.cycle_periods)]
    cost = row.fields.get("test_cost")
    own_cost = float(cost) if isinstance(cost, int | float) and np.isfinite(cost) else 0.0
    panels, most = dict(_panels(ready, row, past)), min(len(claimed), max(year // 2, 1))
    noises = [
        noise
        for name, values in panels.items()
        for length in _lengths(most)
        if (noise := measure_noise(values, name, length, max(length, year // 4, 1))) is not None
    ]
    noises += [noise for length in _lengths(most) for noise in _visitor_noise(ready, row, length)]
    missing = "" if noises else _say_missing(panels)
    return HoldoutUnits(tuple(noises), own_cost, float(max(len(inside), 1)), missing)


def _claimed_periods(ready: PreparedRound, row: Assumption) -> pd.DatetimeIndex:
    periods = ready.horizon.grid.periods
    first = ready.workspace.calendar.floor(pd.DatetimeIndex([row.start]))[0]
    return periods[(periods >= first) & (periods <= row.end)]


def _lengths(most: int) -> list[int]:
    """Lengths of a test in periods: doubling, and as long as the claim runs."""
    doubled = [2**power for power in range(max(most, 1).bit_length())]
    return sorted({*doubled, max(most, 1)})


def _panels(ready: PreparedRound, row: Assumption, past: Past) -> Iterator[tuple[str, np.ndarray]]:
    """Past sales in the claim's scope without promotions, by unit; one table for each kind of unit."""
    values = past.history.values if past.cleansed is None else past.cleansed
    keys = past.history.keys
    here = np.ones(len(keys), dtype=bool)
    for name, value in row.scope.items():
        here &= (keys[name].astype(str) == value).to_numpy() if name in keys else True
    for name in _dimensions(ready, row):
        codes, names = pd.factorize(keys.loc[here, name].astype(str), sort=True)
        sums = np.zeros((len(names), values.shape[1]))
        np.add.at(sums, codes, np.nan_to_num(values[here]))
        yield name, sums
    customers = _customer_groups(ready, row)
    if customers is not None:
        yield CUSTOMERS, customers


def _dimensions(ready: PreparedRound, row: Assumption) -> list[str]:
    """Dimensions whose values can be drawn by lot.

    Not what the claim is about, no type of sale, no products (buyers choose between them), and nothing
    between whose values the claim itself moves sales: what is held out in one would turn up in another.
    """
    keys = ready.history.keys
    product, sale_type = product_dimension(keys), ready.workspace.settings.sales.sale_type
    moved = {*row.moves_from, *row.moves_to}
    return [
        name
        for name in map(str, keys.columns)
        if name not in row.scope
        and name not in (sale_type, "sale_type")
        and (name != product or any(word in name.lower() for word in _PLACES))
        and not moved & set(keys[name].astype(str))
    ]


def _customer_groups(ready: PreparedRound, row: Assumption) -> np.ndarray | None:
    """Money of customers in groups drawn by lot, shape (groups, periods); None where they are not known.

    A single customer buys too seldom for a rate of change; groups by lot vary as the means of as many
    customers do (random groups; Wolter 2007, Introduction to Variance Estimation, chapter 2).
    """
    table = ready.workspace.tables.get("transactions")
    if table is None or not len(table) or row.unit != "percent":
        return None
    here = np.ones(len(table), dtype=bool)
    for name, value in row.scope.items():
        if name not in table:
            return None
        here &= (table[name].astype(str) == value).to_numpy()
    table = table[here]
    names, customers = pd.factorize(table["customer"].astype(str), sort=True)
    groups = min(_GROUPS, len(customers) // _FEWEST_CUSTOMERS)
    if groups < 1:
        return None
    lot = np.array([zlib.crc32(name.encode()) for name in customers])
    group = (np.argsort(np.argsort(lot, kind="stable"), kind="stable") % groups)[names]
    periods = ready.history.periods
    place = periods.get_indexer(ready.workspace.calendar.floor(pd.DatetimeIndex(table["date"])))
    sums = np.zeros((groups, len(periods)))
    known = place >= 0
    np.add.at(sums, (group[known], place[known]), table["amount"].to_numpy(dtype=float)[known])
    return sums


def _visitor_noise(ready: PreparedRound, row: Assumption, periods: int) -> list[UnitNoise]:
    """Visitors drawn by lot, for claims about conversion: whether one becomes a lead is a coin toss.

    Of n visitors a share p becomes leads; its logarithm has the error √((1 - p) / (n p)) (the delta method).
    """
    if row.kind != "digital" or row.lever != "conversion":
        return []
    found = counted_visits(row, ready.workspace.tables.get("funnel"))
    if found is None or len(found) < periods:
        return []
    visitors, leads = found.tail(ready.workspace.calendar.season).sum()
    count = int(visitors / min(len(found), ready.workspace.calendar.season) * periods)
    if not 0 < leads < visitors or count < _FEWEST_CUSTOMERS:
        return []
    share = leads / visitors
    return [UnitNoise(VISITORS, count, 0, periods, len(found), float(np.sqrt((1 - share) / share)))]


def _say_missing(panels: dict[str, np.ndarray]) -> str:
    wished = "sales by store, by region or by customer would make a test possible"
    if not panels:
        return f"nothing in its scope can be left out by lot without buyers moving there: {wished}"
    name, values = max(panels.items(), key=lambda panel: len(panel[1]))
    return (
        f"by {name.replace('_', ' ')}, too few of {len(values):,} sell in nearly every span, or the history "
        f"is too short: {wished}"
    )
