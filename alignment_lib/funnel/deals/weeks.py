"""Weeks of deals' lives as rows of factors: what the chances of closing are learnt from and applied to.

A deal is looked at when it is opened, knowing nothing but what it is, and again at landmarks (van Houwelingen
2007, Scandinavian Journal of Statistics 34): earlier days on which it was open, with the state it was in
then. From each look it is followed week by week until it closes. So a state teaches what came after it, and
never what was written once the outcome was known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.deals.deals import UNKNOWN_DAY, Deals, count_weeks

__all__ = ["FOLLOWED", "Coding", "Looks", "code_weeks", "ends_quarter", "look_at_deals", "make_coding"]

FOLLOWED = 52
"""Weeks for which a deal is followed from each look at it."""
_WEEK = np.timedelta64(7, "D")
_NEAR = 13
_LANDMARKS, _SPACING = 40, 13
_LEVEL_DEALS, _LEVELS = 30, 12
_LIFE_SHARES = (0.01, 0.03, 0.07, 0.12, 0.2, 0.3, 0.45, 0.6, 0.75, 0.88, 0.95)
_SIZE_SHARES = (0.2, 0.4, 0.6, 0.8, 0.9, 0.96)
_DUE_EDGES = np.array([-4, 0, 1, 3, 9])
_MOST_DEALS = 6000
_FRESH_DAYS = 14


@dataclass(frozen=True)
class Looks:
    """Deals as seen on a day: one row a look.

    Attributes
    ----------
    table : DataFrame
        ``deal, at, opened, stage, expected_close, pushes, amount, source, owner`` and dimensions; a state
        that is not known is blank or NaN.
    weeks : ndarray
        Whole weeks for which each was followed.
    outcome : ndarray of str
        ``won`` or ``lost`` where it closed in the last of them, else blank.
    """

    table: pd.DataFrame
    weeks: np.ndarray
    outcome: np.ndarray


@dataclass(frozen=True)
class Coding:
    """How a look and a week become factors.

    Attributes
    ----------
    ages : ndarray
        Edges of the age of a deal, in weeks: shares of the lives of closed ones.
    amounts : ndarray
        Edges of amounts: shares of the closed ones, the largest apart.
    levels : dict of str to tuple of str
        Levels of stage, source, owner and dimensions; what is rare or unknown is level 0.
    first_month : int
        First month of the fiscal year: says where quarters end.
    """

    ages: np.ndarray
    amounts: np.ndarray
    levels: Mapping[str, tuple[str, ...]]
    first_month: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of levels of each factor, in the order of `code_weeks`."""
        stages = len(self.levels["stage"]) + 1
        others = [len(names) + 1 for name, names in self.levels.items() if name != "stage"]
        return (
            2 * len(self.ages) + 2,
            2,
            len(_DUE_EDGES) + 2,
            2 * stages - 1,
            5,
            4 * len(self.amounts) + 5,
            *others,
        )


def make_coding(deals: Deals, looks: Looks, first_month: int) -> Coding:
    """Edges and levels, from closed deals and what was seen of them."""
    closed = deals.closed
    lives = count_weeks(closed["closed_at"] - closed["opened"])
    ages = np.unique(np.maximum(np.ceil(np.quantile(lives, _LIFE_SHARES)), 1.0))
    known = closed["amount"].dropna().to_numpy()
    amounts = np.unique(np.quantile(known, _SIZE_SHARES)) if len(known) >= _LEVEL_DEALS else np.zeros(0)
    seen = looks.table.loc[looks.table["stage"].notna() & (looks.table["stage"] != ""), "stage"]
    levels = {"stage": _common(seen)}
    levels |= {name: _common(closed[name]) for name in ("source", "owner", *deals.dimensions)}
    # A factor with one level says nothing beside the intercept.
    kept = {name: names if name == "stage" or len(names) > 1 else () for name, names in levels.items()}
    return Coding(ages, amounts, kept, first_month)


def _common(words: pd.Series) -> tuple[str, ...]:
    counts = words.astype(str).value_counts()
    counts = counts[(counts >= _LEVEL_DEALS) & (counts.index != "")]
    return tuple(sorted(str(name) for name in counts.index[:_LEVELS]))


def look_at_deals(deals: Deals) -> Looks:
    """Every look at the deals that teach: at their opening, and at landmarks with their state then."""
    known = deals.table[deals.table["is_usable"]]
    known = known.sort_values("opened", kind="stable").tail(_MOST_DEALS)
    known = known[["opened", "closed_at", "outcome", "amount", "source", "owner", *deals.dimensions]]
    known = known.rename_axis("deal").reset_index()
    fresh = known.assign(at=known["opened"], stage="", expected_close=UNKNOWN_DAY, pushes=np.nan)
    table = pd.concat([fresh, _at_landmarks(deals, known)], ignore_index=True)
    ended = table["closed_at"].to_numpy()
    until = np.where(np.isnat(ended), np.datetime64(deals.now), ended).astype("datetime64[ns]")
    lived = (until - table["at"].to_numpy()) / _WEEK
    closes = ~np.isnat(ended) & (lived <= FOLLOWED)
    weeks = np.where(closes, np.floor(lived) + 1, np.minimum(np.floor(lived), FOLLOWED)).astype(np.int64)
    outcome, seen = np.where(closes, table["outcome"].to_numpy(), ""), weeks > 0
    table = table.drop(columns=["closed_at", "outcome"])
    return Looks(table[seen].reset_index(drop=True), weeks[seen], outcome[seen])


def _at_landmarks(deals: Deals, known: pd.DataFrame) -> pd.DataFrame:
    """Deals open at each landmark in their state then; what nobody kept is unknown, but for an amount."""
    opened, closed = (known[name].to_numpy().astype("datetime64[ns]") for name in ("opened", "closed_at"))
    days = [np.datetime64(day, "ns") for day in _landmarks(deals)]
    rows = [np.flatnonzero((opened < day) & ~(closed <= day)) for day in days]
    then = known.take(np.concatenate(rows) if rows else np.zeros(0, dtype=int))
    then = then.assign(at=np.repeat(np.array(days, dtype="datetime64[ns]"), [len(row) for row in rows]))
    states = deals.states.rename(columns={"amount": "amount_then"})
    if not len(states):
        return then.assign(stage="", expected_close=UNKNOWN_DAY, pushes=np.nan)
    tolerance = pd.Timedelta(days=_FRESH_DAYS) if deals.moments else None
    typed = states.astype({"at": "datetime64[ns]", "deal": then["deal"].dtype})
    found = pd.merge_asof(
        then.sort_values("at", kind="stable"), typed, on="at", by="deal", tolerance=tolerance
    )
    return found.assign(
        stage=found["stage"].astype(object).where(found["stage"].notna(), ""),
        expected_close=found["expected_close"].astype("datetime64[ns]"),
        pushes=found["pushes"].astype(float),
        amount=found["amount_then"].astype(float).fillna(found["amount"]),
    ).drop(columns="amount_then")


def _landmarks(deals: Deals) -> list[pd.Timestamp]:
    """Earlier days to look from: as far apart as deals live, and those on which a round kept them."""
    closed = deals.closed
    life = float((closed["closed_at"] - closed["opened"]).dt.days.median()) / 7.0 if len(closed) else 1.0
    apart = int(np.clip(round(life), 1, _SPACING))
    days = [deals.now - pd.Timedelta(weeks=apart * number) for number in range(1, _LANDMARKS + 1)]
    close_by = pd.Timedelta(days=3.5 * apart)
    days = [day for day in days if all(abs(day - kept) > close_by for kept in deals.moments)]
    return sorted({*days, *(kept for kept in deals.moments if kept < deals.now)})


def code_weeks(coding: Coding, looks: pd.DataFrame, number: np.ndarray, week: np.ndarray) -> np.ndarray:
    """Levels of every factor, one row for each week of a look.

    Parameters
    ----------
    coding : Coding
        Edges and levels.
    looks : DataFrame
        As in `Looks`.
    number, week : ndarray
        Which look, and how many weeks after it the week begins.

    Returns
    -------
    ndarray of int
        Columns: age, end of quarter, time to the expected close, stage, pushes, amount, then source, owner
        and the dimensions.
    """
    at = looks["at"].to_numpy().astype("datetime64[ns]")
    begins = at[number] + week * _WEEK
    aged = (begins - looks["opened"].to_numpy().astype("datetime64[ns]")[number]) / _WEEK
    # A deal of which nothing is known yet closes otherwise than one that is seen in a stage.
    fresh = (at == looks["opened"].to_numpy().astype("datetime64[ns]"))[number]
    due = looks["expected_close"].to_numpy().astype("datetime64[ns]")[number]
    ahead = np.floor((due - begins) / _WEEK)
    close_by = np.where(np.isnat(due), 0, 1 + np.digitize(np.nan_to_num(ahead), _DUE_EDGES))
    stage = _levels(coding.levels["stage"], looks["stage"])[number]
    stage = np.where((stage > 0) & (week >= _NEAR), stage + len(coding.levels["stage"]), stage)
    pushed = looks["pushes"].to_numpy(dtype=float)
    pushes = np.where(np.isnan(pushed), 0, 1 + np.clip(np.nan_to_num(pushed), 0, 3)).astype(int)[number]
    money = looks["amount"].to_numpy(dtype=float)
    sized = np.where(np.isnan(money), 0, 1 + np.digitize(np.nan_to_num(money), coding.amounts))[number]
    # Large deals take longer: what their size says of young ones is not what it says of old ones.
    apart = np.where(aged >= np.median(coding.ages), 1, 0) + np.where(fresh, 0, 2)
    sized = np.where(sized > 0, sized + apart * (len(coding.amounts) + 1), sized)
    age = np.digitize(aged, coding.ages) + np.where(fresh, 0, len(coding.ages) + 1)
    columns = [age, ends_quarter(begins, coding.first_month), close_by, stage]
    columns += [pushes, sized]
    columns += [
        _levels(names, looks[name])[number] for name, names in coding.levels.items() if name != "stage"
    ]
    return np.column_stack(columns).astype(np.int64)


def _levels(names: tuple[str, ...], words: pd.Series) -> np.ndarray:
    place = {name: at for at, name in enumerate(names, start=1)}
    codes, distinct = pd.factorize(words.astype(str))
    return np.array([place.get(str(word), 0) for word in distinct], dtype=np.int64)[codes]


def ends_quarter(begins: np.ndarray, first_month: int) -> np.ndarray:
    """Whether a week begins in the last fortnight of a fiscal quarter."""
    days = pd.DatetimeIndex(begins) + pd.Timedelta(days=14)
    now = pd.DatetimeIndex(begins)
    quarter = [(moment.year * 12 + moment.month - first_month) // 3 for moment in (now, days)]
    return np.asarray(quarter[0] != quarter[1]).astype(np.int64)
