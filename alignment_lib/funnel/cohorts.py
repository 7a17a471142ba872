"""Cohorts of leads by creation: conversion that allows for leads still young, and the lag to the sale.

Leads not won yet, lost ones among them, are watched up to the as-of date and censored there, so that
``1 - S(t)`` of the Kaplan-Meier estimate is the share of all leads won within t days (the cumulative
incidence under administrative censoring; Kaplan and Meier 1958, JASA 53; Fine and Gray 1999, JASA 94,
section 3.1). A cohort's eventual conversion is the cure form of Boag (1949, JRSS B 11): a share p
converts, with the lag's distribution F, the rest never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.leads import FunnelLeads, label_periods
from alignment_lib.inputs.periods.calendar import Calendar, Cycle

__all__ = [
    "LagDistribution",
    "conversion_by_cohort",
    "estimate_conversion",
    "fit_lag",
    "period_weights",
    "survival_curve",
    "survival_median",
]

_WATCHED_SHARE = 0.05
_WATCHED_LEADS = 20
_SETTLED_SHARE = 0.98
_NOBODY = 1e-16
"""A step that keeps less than this share keeps nobody."""
_Z90 = 1.6448536


@dataclass(frozen=True)
class LagDistribution:
    """How long a sale takes from the lead's creation, among leads that become sales.

    Attributes
    ----------
    share : ndarray, shape (horizon_days + 1,)
        Share of the eventual sales made within 0, 1, 2 … whole days.
    incidence, standard_error : ndarray, shape (horizon_days + 1,)
        Share of all leads won within that many days, and its error (Greenwood 1926).
    horizon_days : int
        *Eventual* means within this many days: the lag by which 98 % of the sales are made that were
        seen up to the longest lag at which enough leads (5 %, at least 20) have been watched.
    leads, won : int
        What it rests on.
    """

    share: np.ndarray
    incidence: np.ndarray
    standard_error: np.ndarray
    horizon_days: int
    leads: int
    won: int

    @property
    def conversion(self) -> float:
        """Eventual share of leads won."""
        return float(self.incidence[-1])

    def share_by(self, days: np.ndarray) -> np.ndarray:
        """Share of eventual sales made within `days`; 0 before the lead, 1 beyond the horizon."""
        whole = np.floor(np.nan_to_num(np.asarray(days, dtype=float), nan=-1.0)).astype(np.int64)
        inside = self.share[np.clip(whole, 0, self.horizon_days)]
        return np.where(whole < 0, 0.0, np.where(whole >= self.horizon_days, 1.0, inside))

    def quantile(self, share: float) -> float:
        """Days within which that share of the eventual sales is made; NaN where nothing was won."""
        return float(np.searchsorted(self.share, share - 1e-12)) if self.won else float("nan")


def survival_curve(time: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kaplan-Meier survival: event times, survival, Greenwood error.

    Step for step the arithmetic of statsmodels' ``SurvfuncRight``, to which a test holds it; statsmodels
    itself takes longer to import than a round's whole funnel takes to measure. Equal times are counted
    together first, so that a million rows cost little.
    """
    cells, place = np.unique(time, return_inverse=True)
    events = np.bincount(place, weights=event.astype(float), minlength=len(cells))
    at_risk = np.cumsum(np.bincount(place, minlength=len(cells))[::-1])[::-1].astype(float)
    cells, events, at_risk = (part[events > 0] for part in (cells, events, at_risk))
    kept = 1.0 - events / at_risk
    survival = np.exp(np.cumsum(np.log(np.maximum(kept, _NOBODY))))
    survival[kept < _NOBODY] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(at_risk > events, events / (at_risk * (at_risk - events)), 0.0)
    return np.asarray(cells, dtype=float), survival, survival * np.sqrt(np.cumsum(steps))


def survival_median(time: np.ndarray, event: np.ndarray) -> float:
    """Median time to the event where some have not had it yet; NaN where fewer than half have.

    >>> survival_median(np.array([1.0, 2.0, 3.0, 9.0]), np.array([True, True, True, False]))
    3.0
    """
    times, survival, _ = survival_curve(time, event)
    below = np.flatnonzero(survival < 0.5)
    return float(times[below[0]]) if len(below) else float("nan")


def fit_lag(leads: FunnelLeads) -> LagDistribution:
    """Lag from creation to the win over all leads with a usable date, recorded whatever became of them."""
    table = leads.whole.table
    undated = table["is_won"] & table["lag_days"].isna()
    used = (~undated & table["age_days"].notna()).to_numpy()
    won = table["is_won"].to_numpy()[used]
    age = np.floor(table["age_days"].to_numpy()[used])
    days = np.where(won, np.floor(table["lag_days"].to_numpy()[used]), age)
    return _lag_of(np.maximum(days, 0.0), won)


def _lag_of(days: np.ndarray, won: np.ndarray) -> LagDistribution:
    times, survival, error = survival_curve(days, won)
    total = len(days)
    if not len(times):
        horizon = int(days.max()) if total else 0
        flat = np.zeros(horizon + 1)
        return LagDistribution(np.ones(horizon + 1), flat, flat, horizon, total, 0)
    at_risk = total - np.searchsorted(np.sort(days), np.arange(int(days.max()) + 1), side="left")
    watched = np.flatnonzero(at_risk >= max(_WATCHED_LEADS, _WATCHED_SHARE * total))
    longest = max(int(watched[-1]) if len(watched) else int(days.max()), int(times[0]))
    place = np.searchsorted(times, np.arange(longest + 1), side="right")
    incidence = np.concatenate([[0.0], 1.0 - survival])[place]
    horizon = int(np.searchsorted(incidence, _SETTLED_SHARE * incidence[-1]))
    incidence = incidence[: horizon + 1]
    errors = np.concatenate([[0.0], error])[place][: horizon + 1]
    return LagDistribution(incidence / incidence[-1], incidence, errors, horizon, total, int(won.sum()))


def estimate_conversion(group: np.ndarray, groups: int, won: np.ndarray, share: np.ndarray) -> pd.DataFrame:
    """Eventual conversion of each group by the cure form, given how far each lead has matured.

    With F the share of eventual sales a lead of its age would have made, the likelihood of a rate p is
    ``p^wins x product over leads not won of (1 - p F)`` (Boag 1949). Solved by Newton's method; the error
    is from the observed information, bounds on the logit scale, 90 %.

    Parameters
    ----------
    group : ndarray of int, shape (leads,)
        Group of each lead.
    won : ndarray of bool
        Whether it is won.
    share : ndarray
        F at the lead's age.

    Returns
    -------
    DataFrame
        ``leads, won, observed_rate, maturity, conversion_rate, standard_error, low, high``.
    """
    leads = np.bincount(group, minlength=groups).astype(float)
    wins = np.bincount(group, weights=won.astype(float), minlength=groups)
    mature = np.bincount(group, weights=np.where(won, 1.0, share), minlength=groups)
    waiting, waiting_share = group[~won], share[~won]
    rate = np.clip(wins / np.maximum(mature, 1e-12), 0.0, 1.0 - 1e-9)
    information = np.zeros(groups)
    for _ in range(40):
        left = waiting_share / np.maximum(1.0 - rate[waiting] * waiting_share, 1e-12)
        first = np.bincount(waiting, weights=left, minlength=groups)
        second = np.bincount(waiting, weights=left**2, minlength=groups)
        safe = np.maximum(rate, 1e-12)
        information = wins / safe**2 + second
        step = (wins / safe - first) / np.maximum(information, 1e-12)
        after = np.where(wins > 0, np.clip(rate + step, rate / 4, (1.0 + 3.0 * rate) / 4), 0.0)
        done = np.abs(after - rate).max(initial=0.0) < 1e-12
        rate = np.minimum(after, 1.0 - 1e-9)
        if done:
            break
    return _conversion_table(leads, wins, mature, rate, information)


def _conversion_table(
    leads: np.ndarray, wins: np.ndarray, mature: np.ndarray, rate: np.ndarray, information: np.ndarray
) -> pd.DataFrame:
    # Beside 0 or 1 the odds leave the range of numbers, and the limits are then 0 and 1, as they should be.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        error = np.where(wins > 0, 1.0 / np.sqrt(information), np.nan)
        logit = np.log(rate / (1.0 - rate))
        spread = _Z90 * error / (rate * (1.0 - rate))
        low, high = 1.0 / (1.0 + np.exp(spread - logit)), 1.0 / (1.0 + np.exp(-spread - logit))
        # No win in n mature leads: the rate that would give none in one case of twenty.
        none = np.where(mature > 0, 1.0 - 0.05 ** (1.0 / np.maximum(mature, 1e-12)), np.nan)
    return pd.DataFrame(
        {
            "leads": leads.astype(np.int64),
            "won": wins.astype(np.int64),
            "observed_rate": np.where(leads > 0, wins / np.maximum(leads, 1), np.nan),
            "maturity": np.where(leads > 0, mature / np.maximum(leads, 1), np.nan),
            "conversion_rate": np.where(mature > 0, rate, np.nan),
            "standard_error": error,
            "low": np.where(wins > 0, low, 0.0),
            "high": np.where(wins > 0, high, none),
        }
    )


def conversion_by_cohort(
    leads: FunnelLeads,
    lag: LagDistribution,
    calendar: Calendar,
    cycle: Cycle = "quarter",
    by: Sequence[str] = ("source",),
) -> pd.DataFrame:
    """Conversion of each cohort so far and eventually.

    Returns
    -------
    DataFrame
        ``cohort``, `by`, then as `estimate_conversion`, and ``is_young``: less than nine tenths of its
        eventual sales can have been made yet, so that its observed rate must not be read as bad.
    """
    leads = leads.whole
    cohort = pd.Series(label_periods(leads.table["created"], calendar, cycle), name="cohort")
    placed = cohort.notna().to_numpy()
    keys = pd.concat([cohort.astype(object), leads.table[list(by)].astype(object)], axis=1)[placed]
    index = pd.MultiIndex.from_frame(keys) if by else pd.Index(keys["cohort"])
    codes, unique = pd.factorize(index, sort=True)
    table = leads.table[placed]
    rates = estimate_conversion(
        codes, len(unique), table["is_won"].to_numpy(), lag.share_by(table["age_days"].to_numpy())
    )
    names = pd.DataFrame(list(unique), columns=["cohort", *by])
    return pd.concat([names, rates, (rates["maturity"] < 0.9).rename("is_young")], axis=1)


def period_weights(lag: LagDistribution, period_days: int, tail_share: float = 0.05) -> np.ndarray:
    """Share of eventual sales made 0, 1, 2 … periods after the period of creation.

    Leads are taken to arrive evenly over the period; the tail beyond `1 - tail_share` is folded in pro rata.

    >>> lag = LagDistribution(np.array([0.5, 1.0]), np.array([0.1, 0.2]), np.zeros(2), 1, 100, 20)
    >>> period_weights(lag, 2, tail_share=0.0).tolist()
    [0.75, 0.25]
    """
    if not lag.won:
        return np.ones(1)
    periods = lag.horizon_days // period_days + 2
    start = np.arange(period_days)[:, None]
    edges = np.arange(periods + 1)[None, :] * period_days - 1 - start
    weights = np.diff(lag.share_by(edges.astype(float)), axis=1).mean(axis=0)
    enough = np.searchsorted(np.cumsum(weights), 1.0 - tail_share - 1e-12) + 1
    kept = weights[:enough]
    return np.asarray(kept / kept.sum())
