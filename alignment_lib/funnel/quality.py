"""Lead quality, marketing's side: acceptance, reasons, the chance to win given proper handling, cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import LagDistribution
from alignment_lib.funnel.lead_faults import find_idle_sources
from alignment_lib.funnel.leads import UNTARGETED, FunnelLeads, label_periods
from alignment_lib.funnel.win_model import WinModel, calibrate_wins, predict_wins
from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.problems import Notice

__all__ = ["LeadQuality", "lead_quality"]


@dataclass(frozen=True)
class LeadQuality:
    """Marketing's side of the funnel.

    Attributes
    ----------
    table : DataFrame
        One row per cut: the cut's columns, ``leads, decided, accepted, rejected, disqualified,
        accepted_share, keeps_promise`` (accepted share at or above the agreed one), ``untargeted_share``
        (rejected or disqualified as outside the audience, of the decided), ``win_given_handling`` (mean
        chance of an accepted lead to be won if reached and called as promised), ``quality`` (the same
        per lead: accepted share x chance), ``spend, cost_per_lead, cost_per_accepted``.
    reasons : DataFrame
        ``source, step`` (``rejected`` or ``disqualified``), ``reason, leads, share`` of the source's
        decided leads.
    calibration : DataFrame
        Predicted against observed wins on leads kept out of the fit (`calibrate_wins`).
    notices : tuple of Notice
        What was assumed.
    """

    table: pd.DataFrame
    reasons: pd.DataFrame
    calibration: pd.DataFrame
    notices: tuple[Notice, ...] = ()


def lead_quality(
    leads: FunnelLeads,
    lag: LagDistribution,
    model: WinModel | None,
    calendar: Calendar,
    seed: int,
    cycle: Cycle | None = None,
    by: Sequence[str] = ("source",),
    spend: pd.DataFrame | None = None,
) -> LeadQuality:
    """Measure what marketing hands over.

    Parameters
    ----------
    leads, lag, model
        Prepared leads, their lag and win model (None where too few outcomes are known).
    seed : int
        For the folds of the calibration.
    cycle : {"month", "quarter", "year"}, optional
        Cut by cohort of creation too.
    by : sequence of str
        Cut by these columns of the leads.
    spend : DataFrame, optional
        Canonical table; cost is given only where all of `by` stand in it.
    """
    idle, notices = find_idle_sources(leads.table["source"], spend)
    if model is None:
        text = "Fewer than 20 leads are won or lost for certain: no chance to win is estimated."
        notices = [*notices, Notice("no_win_model", text)]
    table = _quality_table(leads, model, calendar, cycle, by)
    table, cost_notices = _with_cost(table, spend, calendar, cycle, by, idle)
    bins, _ = calibrate_wins(leads, lag, seed)
    return LeadQuality(
        table,
        _reasons(leads),
        bins,
        (*notices, *cost_notices, *(model.notices if model else ())),
    )


def _cut(leads: FunnelLeads, calendar: Calendar, cycle: Cycle | None, by: Sequence[str]) -> pd.DataFrame:
    keys = pd.DataFrame(index=leads.table.index)
    if cycle:
        keys["cohort"] = label_periods(leads.table["created"], calendar, cycle)
    for name in by:
        keys[name] = leads.table[name]
    return keys


def _quality_table(
    leads: FunnelLeads, model: WinModel | None, calendar: Calendar, cycle: Cycle | None, by: Sequence[str]
) -> pd.DataFrame:
    table = leads.table
    keys = _cut(leads, calendar, cycle, by)
    chance = predict_wins(model, table) if model else np.zeros(len(table))
    accepted = table["is_accepted"].to_numpy()
    away = table["is_rejected"].to_numpy() | table["is_disqualified"].to_numpy()
    numbers = {
        "leads": np.ones(len(table)),
        "decided": table["is_decided"].to_numpy(dtype=float),
        "accepted": accepted.astype(float),
        "rejected": table["is_rejected"].to_numpy(dtype=float),
        "disqualified": table["is_disqualified"].to_numpy(dtype=float),
        "untargeted": (away & np.isin(table["reason"].astype(str), UNTARGETED)).astype(float),
        "chance": np.where(accepted, chance, 0.0),
    }
    frame = keys.assign(**numbers)
    sums = frame.groupby(list(keys.columns), observed=True, sort=True)[list(numbers)].sum().reset_index()
    for name in keys.columns:
        sums[name] = sums[name].astype(str)
    decided = sums["decided"].where(sums["decided"] > 0)
    known = "accepted" in leads.recorded
    sums["accepted_share"] = sums["accepted"] / decided if known else np.nan
    sums["keeps_promise"] = sums["accepted_share"] >= leads.promise.accepted_share if known else pd.NA
    sums["untargeted_share"] = sums["untargeted"] / decided if known else np.nan
    mean = sums["chance"] / sums["accepted"].where(sums["accepted"] > 0)
    sums["win_given_handling"] = mean if model else np.nan
    sums["quality"] = sums["accepted"] / decided * sums["win_given_handling"]
    counts = ["leads", "decided", "accepted", "rejected", "disqualified"]
    sums[counts] = sums[counts].astype(np.int64)
    return sums.drop(columns=["chance", "untargeted"])


def _with_cost(
    table: pd.DataFrame,
    spend: pd.DataFrame | None,
    calendar: Calendar,
    cycle: Cycle | None,
    by: Sequence[str],
    idle: Sequence[str],
) -> tuple[pd.DataFrame, list[Notice]]:
    """Spend in the cut, whatever lead it bought; only over the span the leads cover."""
    blank = table.assign(spend=np.nan, cost_per_lead=np.nan, cost_per_accepted=np.nan)
    if spend is None or not len(spend):
        return blank, []
    if any(name not in spend for name in by):
        missing = ", ".join(name for name in by if name not in spend)
        return blank, [Notice("spend_not_cut", f"Spend is not given by {missing}: no cost is shown there.")]
    keys = pd.DataFrame({name: spend[name].fillna("").astype(str).to_numpy() for name in by})
    if cycle:
        keys["cohort"] = label_periods(spend["period"], calendar, cycle).astype(str)
    names = [name for name in ("cohort", *by) if name in keys]
    keys["spend"] = spend["amount"].to_numpy(dtype=float)
    totals = keys.groupby(names, sort=True)["spend"].sum().reset_index()
    merged = table.merge(totals, on=names, how="left")
    without = totals.merge(table[names], on=names, how="left", indicator=True)
    lost = without.loc[(without["_merge"] == "left_only") & (without["spend"] > 0), "spend"]
    merged["cost_per_lead"] = merged["spend"] / merged["leads"].where(merged["leads"] > 0)
    merged["cost_per_accepted"] = merged["spend"] / merged["accepted"].where(merged["accepted"] > 0)
    notices = []
    if len(lost):
        text = f"Spend of {lost.sum():,.0f} went where no lead was created in the same cut."
        notices.append(Notice("spend_without_leads", text, len(lost)))
    if idle and "source" in names:
        merged = pd.concat([merged, _idle_rows(idle, totals, names)], ignore_index=True)
    return merged.sort_values(names, ignore_index=True), notices


def _idle_rows(idle: Sequence[str], totals: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    rows = totals[totals["source"].isin(idle)].copy()
    rows[["leads", "decided", "accepted", "rejected", "disqualified"]] = 0
    return rows[[*names, "spend", "leads", "decided", "accepted", "rejected", "disqualified"]]


def _reasons(leads: FunnelLeads) -> pd.DataFrame:
    table = leads.table
    columns = ["source", "step", "reason", "leads", "share"]
    decided = table.loc[table["is_decided"], "source"].value_counts()
    parts = []
    for step, flag in (("rejected", "is_rejected"), ("disqualified", "is_disqualified")):
        chosen = table.loc[table[flag], ["source", "reason"]].astype(str)
        counts = chosen.groupby(["source", "reason"], sort=True).size().rename("leads").reset_index()
        parts.append(counts.assign(step=step))
    rows = pd.concat(parts, ignore_index=True)
    base = rows["source"].map({str(name): int(number) for name, number in decided.items()}).astype(float)
    rows["share"] = rows["leads"] / base
    ordered = rows.sort_values(["source", "step", "leads", "reason"], ascending=[True, False, False, True])
    return ordered[columns].reset_index(drop=True)
