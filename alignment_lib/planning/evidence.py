"""Evidence: every claim set beside what history supports, with a verdict by stated rules.

Verdicts compare the claim with history's estimate by the distance between them in standard errors of
their difference: within 1.645 (the two-sided 90 % bound) the claim is *supported*; above it *optimistic*,
below it *pessimistic*; where nothing in history speaks to it, *no history*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.planning.assumptions import Assumption
from alignment_lib.planning.effects import covered_drivers
from alignment_lib.planning.grid import PlanGrid, scope_rows
from alignment_lib.planning.timing import period_weights

__all__ = ["VERDICT_BOUND", "HistoryRecord", "gather_evidence", "weigh_claims"]

VERDICT_BOUND = 1.645
_RANGE_WIDTH = 2 * 1.2816
"""A normal's 90 % point less its 10 % point, in standard deviations."""


@dataclass(frozen=True)
class HistoryRecord:
    """What history says of one driver in the claim's scope.

    Attributes
    ----------
    standard_error : float
        Of the effect, as a decimal of the baseline.
    events : int
        Past events behind it.
    """

    standard_error: float = float("nan")
    events: int = 0


def gather_evidence(
    grid: PlanGrid, assumptions: Sequence[Assumption], records: Mapping[str, HistoryRecord] | None = None
) -> pd.DataFrame:
    """One row per assumption: claim, what history supports, verdict, overlap and a sentence.

    Parameters
    ----------
    grid : PlanGrid
        Baseline and the driver calendar's effects.
    assumptions : sequence of Assumption
        The register.
    records : mapping of str to HistoryRecord, optional
        Per driver column, how well history knows its effect.

    Returns
    -------
    DataFrame
        ``assumption, unit, claim_low, claim, claim_high, supported, standard_error, events, verdict,
        already_in_plan, overlap_units, weighted, sentence``; claim columns in the row's own unit,
        `overlap_units` in the plan's measure.
    """
    columns = "assumption unit claim_low claim claim_high supported standard_error events verdict"
    rows = [_one(grid, row, records or {}) for row in assumptions]
    frame = pd.DataFrame(rows, columns=[*columns.split(), "already_in_plan", "overlap_units", "sentence"])
    weighted = weigh_claims(frame)
    frame.insert(len(frame.columns) - 1, "weighted", frame["assumption"].map(weighted).astype(float))
    return frame


def _one(grid: PlanGrid, row: Assumption, records: Mapping[str, HistoryRecord]) -> dict[str, object]:
    rows = scope_rows(grid, row.scope)
    active = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp) > 0
    covered = [name for name in covered_drivers(row, grid.driver_kinds) if name in grid.driver_effects]
    overlap = sum(float(grid.driver_effects[name][rows][:, active].sum()) for name in covered)
    base = float(grid.baseline[rows][:, active].sum())
    supported, error, events = np.nan, np.nan, 0
    if overlap and base > 0:
        known = [records[name] for name in covered if name in records]
        supported = 100.0 * overlap / base
        events = max((record.events for record in known), default=0)
        error = 100.0 * float(np.sqrt(sum(record.standard_error**2 for record in known))) if known else np.nan
    verdict = _verdict(row, supported, error)
    return {
        "assumption": row.id,
        "unit": row.unit,
        "claim_low": row.low,
        "claim": row.expected,
        "claim_high": row.high,
        "supported": supported,
        "standard_error": error,
        "events": events,
        "verdict": verdict,
        "already_in_plan": overlap != 0,
        "overlap_units": overlap,
        "sentence": _sentence(row, supported, error, events, verdict),
    }


def _claim_error(row: Assumption) -> float:
    return (row.high - row.low) / _RANGE_WIDTH if row.low < row.high else 0.0


def _verdict(row: Assumption, supported: float, error: float) -> str:
    if not np.isfinite(supported):
        return "no history"
    spread = float(np.hypot(_claim_error(row), error if np.isfinite(error) else 0.0))
    distance = row.expected - supported
    if abs(distance) <= VERDICT_BOUND * spread:
        return "supported"
    return "optimistic" if distance > 0 else "pessimistic"


def _sentence(row: Assumption, supported: float, error: float, events: int, verdict: str) -> str:
    if verdict == "no history":
        return f"Nothing in the sales history speaks to {row.id}; the plan rests on its owner's word."
    spread = f" give or take {error:.0f}" if np.isfinite(error) else ""
    stands = f", from {events} past events" if events else ""
    claim = f"{row.id} claims {row.expected:+.0f} %"
    return f"{claim}; history supports {supported:+.0f} %{spread}{stands}: {verdict}."


def weigh_claims(evidence: pd.DataFrame) -> dict[str, float]:
    """Evidence-weighted value by assumption: claim and history combined by precision.

    The claim's standard deviation is its range over 2.563 (10 % to 90 % point of a normal); history's is
    its standard error. The weighted value is the precision-weighted mean (the posterior mean of two
    independent normal readings; Gelman et al., Bayesian Data Analysis, 3rd ed., eq. 2.10). Where history
    is silent or its error unknown the claim stands.
    """
    claim_error = (evidence["claim_high"] - evidence["claim_low"]) / _RANGE_WIDTH
    claim_weight = 1.0 / claim_error.where(claim_error > 0) ** 2
    history_weight = 1.0 / evidence["standard_error"].where(evidence["standard_error"] > 0) ** 2
    both = claim_weight.notna() & history_weight.notna() & evidence["supported"].notna()
    total = claim_weight + history_weight
    mean = (claim_weight * evidence["claim"] + history_weight * evidence["supported"]) / total
    return dict(zip(evidence["assumption"], mean.where(both, evidence["claim"]).astype(float), strict=True))
