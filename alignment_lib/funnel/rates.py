"""Rates measured per source: what a lead became in the last year, and the best any quarter reached.

They are never worked back from the plan or the target.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import LagDistribution, conversion_by_cohort, estimate_conversion
from alignment_lib.funnel.factors import funnel_factors
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.shifts import find_shifts
from alignment_lib.funnel.win_model import WinModel
from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["measure_rates"]

_PRIOR_LEADS = 10.0
_BEST_LEADS = 30.0


def measure_rates(
    leads: FunnelLeads,
    lag: LagDistribution,
    model: WinModel | None,
    calendar: Calendar,
    counts: pd.DataFrame | None = None,
    window_days: int = 364,
) -> pd.DataFrame:
    """Rates of each source over leads created in the last `window_days`.

    The conversion is the cure form's (`estimate_conversion`), drawn toward all sources together by the
    weight of ten leads so that a source with few does not swing (beta prior: Gelman et al., Bayesian Data
    Analysis, 3rd ed., section 2.4). Acceptance, contact and opportunity are measured on leads old enough;
    the win rate is what makes the product of the four equal the conversion.

    Returns
    -------
    DataFrame
        ``source, leads, run_rate`` (leads a day over the last quarter of the window), ``lead_rate`` (leads
        per visitor), ``accepted_rate, contacted_rate, opportunity_rate, win_rate, conversion_rate,
        standard_error, best_rate, best_cohort`` (best quarter with 30 leads or more), ``quality, contact,
        speed, win, order_size`` (see `funnel_factors`; their product with leads is money); ``rate_since``
        (where the conversion shifted within the window: the creation from which on it is measured, see
        `find_shifts`) and ``rate_before``.
    """
    leads = leads.whole
    table = leads.table
    recent = (table["age_days"] <= window_days).to_numpy()
    source = table["source"].astype(str).to_numpy()
    names, codes = np.unique(source[recent], return_inverse=True)
    share = lag.share_by(table["age_days"].to_numpy()[recent])
    won = table["is_won"].to_numpy()[recent]
    rates = estimate_conversion(codes, len(names), won, share)
    pooled = estimate_conversion(np.zeros(len(codes), dtype=np.int64), 1, won, share)["conversion_rate"]
    result = pd.DataFrame({"source": names, "leads": rates["leads"]})
    result["run_rate"] = _run_rate(table, source, names, window_days)
    result["lead_rate"] = _visit_rates(names, counts)
    mature = (rates["maturity"] * rates["leads"]).to_numpy()
    base = float(pooled.iloc[0]) if len(pooled) and np.isfinite(pooled.iloc[0]) else 0.0
    measured = np.nan_to_num(rates["conversion_rate"].to_numpy(), nan=base)
    result["conversion_rate"] = (mature * measured + _PRIOR_LEADS * base) / (mature + _PRIOR_LEADS)
    result["standard_error"] = rates["standard_error"]
    result = _with_shifts(result, leads, lag, calendar, recent)
    _add_stage_rates(result, leads, recent, codes)
    best = _best_quarters(leads, lag, calendar)
    result["best_rate"] = result["source"].map(best["conversion_rate"])
    result["best_cohort"] = result["source"].map(best["cohort"]).fillna("")
    return _add_factors(result, leads, lag, model, window_days)


def _with_shifts(
    result: pd.DataFrame, leads: FunnelLeads, lag: LagDistribution, calendar: Calendar, recent: np.ndarray
) -> pd.DataFrame:
    """Where a source's conversion shifted within the window, the rate since then in place of the mean."""
    shifts = find_shifts(leads, lag, calendar).set_index("source")
    result["rate_since"] = pd.to_datetime(result["source"].map(shifts["since"]))
    result["rate_before"] = result["source"].map(shifts["rate_before"]).astype(float)
    since = leads.table["source"].astype(str).map(shifts["since"])
    new = recent & (leads.table["created"] >= pd.to_datetime(since)).to_numpy()
    if not new.any():
        return result
    table = leads.table[new]
    names, codes = np.unique(table["source"].astype(str), return_inverse=True)
    share = lag.share_by(table["age_days"].to_numpy())
    rates = estimate_conversion(codes, len(names), table["is_won"].to_numpy(), share)
    own = rates.assign(source=names).set_index("source")
    for name in ("conversion_rate", "standard_error"):
        result[name] = result["source"].map(own[name]).fillna(result[name])
    return result


def _run_rate(table: pd.DataFrame, source: np.ndarray, names: np.ndarray, window_days: int) -> np.ndarray:
    """Leads a day over the last quarter of the window."""
    days = window_days / 4
    late = source[(table["age_days"] <= days).to_numpy()]
    return np.asarray([float((late == name).sum()) / days for name in names])


def _visit_rates(names: np.ndarray, counts: pd.DataFrame | None) -> np.ndarray:
    if counts is None or "visitors" not in counts or "leads" not in counts:
        return np.full(len(names), np.nan)
    known = counts[counts["visitors"].notna() & counts["leads"].notna()]
    sums = known.groupby(known["source"].astype(str))[["visitors", "leads"]].sum()
    ratio = sums["leads"] / sums["visitors"].where(sums["visitors"] > 0)
    return np.asarray([ratio.get(name, np.nan) for name in names], dtype=float)


def _add_stage_rates(result: pd.DataFrame, leads: FunnelLeads, recent: np.ndarray, codes: np.ndarray) -> None:
    table = leads.table[recent]
    stage = table["stage"].to_numpy()
    decided = table["is_decided"].to_numpy()
    old = decided & (table["age_days"] >= leads.promise.attempts_within_days).to_numpy()
    settled = old & (table["closed_at"].notna() | table["is_won"]).to_numpy()
    steps = {
        "accepted_rate": ("accepted", decided, 1),
        "contacted_rate": ("contacted", old & (stage >= 1), 2),
        "opportunity_rate": ("opportunities", settled & (stage >= 2), 3),
    }
    left = np.ones(len(result))
    for name, (word, base, reached) in steps.items():
        if word not in leads.recorded:
            result[name] = np.nan
            continue
        top = np.bincount(codes[base & (stage >= reached)], minlength=len(result))
        bottom = np.bincount(codes[base], minlength=len(result))
        pooled = top.sum() / max(bottom.sum(), 1)
        result[name] = (top + _PRIOR_LEADS * pooled) / (bottom + _PRIOR_LEADS)
        left = left * result[name].to_numpy()
    result["win_rate"] = result["conversion_rate"] / np.where(left > 0, left, np.nan)


def _best_quarters(leads: FunnelLeads, lag: LagDistribution, calendar: Calendar) -> pd.DataFrame:
    cohorts = conversion_by_cohort(leads, lag, calendar)
    mature = cohorts["leads"] * cohorts["maturity"]
    enough = cohorts[mature >= _BEST_LEADS].sort_values(["source", "conversion_rate", "cohort"])
    return enough.drop_duplicates("source", keep="last").set_index("source")


def _add_factors(
    result: pd.DataFrame, leads: FunnelLeads, lag: LagDistribution, model: WinModel | None, window_days: int
) -> pd.DataFrame:
    """Factors measured on the window's sales; the win factor closes the product on the conversion."""
    start = leads.now - pd.Timedelta(days=window_days)
    factors = funnel_factors(leads, lag, model, start, leads.now)
    overall = float(factors["value"].sum() / max(factors["customers"].sum(), 1)) or np.nan
    merged = result.merge(
        factors[["source", "quality", "contact", "speed", "order_size"]], on="source", how="left"
    )
    merged["order_size"] = merged["order_size"].fillna(overall)
    product = merged["quality"] * merged["contact"] * merged["speed"]
    merged["win"] = merged["conversion_rate"] / product.where(product > 0)
    columns = [*result.columns, "quality", "contact", "speed", "win", "order_size"]
    return merged[columns].sort_values("source", ignore_index=True)
