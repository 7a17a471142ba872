"""Evidence: every claim set beside what history supports, with a verdict by stated rules.

A claim is *supported* where it and the past allow for each other: its most likely value lies in the 90 %
interval of what the past supports (1.645 standard errors either side), or the past's estimate lies in the
claimed range. Else it is *optimistic* above and *pessimistic* below; a difference of less than
`materiality_share` of the sales concerned is none. Where the sales history is silent and a cited
study bears the claim out it is *supported by research*. Where neither speaks there is *no history*; how far
such a figure moves by itself then serves as a yardstick, and a claim beyond it is not left at its word.

The rule is the same on both sides unless the record of its owner says otherwise: where earlier claims of
the owner came true only in part, by more than the record's 90 % error, interval and range shrink to that
part for claiming too much; where they came true more than claimed, they do for claiming too little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.planning.evidence.budget_readings import judge_budget
from alignment_lib.planning.evidence.claim_scale import ClaimScale, scale_claim
from alignment_lib.planning.evidence.evidence_words import Overlap, say_evidence
from alignment_lib.planning.evidence.owner_records import OwnerRecord
from alignment_lib.planning.evidence.past import Reading
from alignment_lib.planning.plan.grid import PlanGrid, place_launch, scope_rows
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.driver_cover import covered_drivers
from alignment_lib.planning.register.overlaps import find_overlaps
from alignment_lib.planning.register.timing import period_weights

__all__ = ["MATERIALITY_SHARE", "VERDICT_BOUND", "gather_evidence", "judge_claim"]

VERDICT_BOUND = 1.645
MATERIALITY_SHARE = 0.01
_NOTHING = 0.0005
_COLUMNS = [
    *("assumption", "unit", "claim_low", "claim", "claim_high", "supported", "standard_error", "events"),
    *("verdict", "already_in_plan", "overlap_units", "overlap_with", "source", "placebo", "range_place"),
    *(
        "effect_low",
        "effect_claim",
        "effect_high",
        "effect_supported",
        "effect_error",
        "is_small",
        "sentence",
    ),
]


def gather_evidence(
    grid: PlanGrid,
    register: Sequence[Assumption],
    readings: Mapping[str, Reading] | None = None,
    owners: Mapping[str, OwnerRecord] | None = None,
    materiality_share: float = MATERIALITY_SHARE,
) -> pd.DataFrame:
    """One row per assumption: claim, what history supports, verdict, overlap and a sentence.

    Parameters
    ----------
    grid : PlanGrid
        Baseline and the driver calendar's effects.
    register : sequence of Assumption
        Every row.
    readings : mapping of str to Reading, optional
        What the past says, by id (`read_register`).
    owners : mapping of str to OwnerRecord, optional
        How earlier claims of each owner role came out.
    materiality_share : float
        Share of the sales concerned below which a difference is none and a claim is small.

    Returns
    -------
    DataFrame
        ``claim_low, claim, claim_high, supported, standard_error`` in the row's own unit; ``effect_…`` the
        same as effects on the plan's measure, which differ for claims about a price or an indicator;
        ``events`` past events or analogs; ``verdict``; ``already_in_plan`` with ``overlap_units`` (in the
        plan's measure) and ``overlap_with``; ``source`` and ``placebo`` of what history says;
        ``range_place``, where the claimed range falls in its 90 % interval; ``is_small``; ``sentence``.
    """
    placed = [place_launch(grid, row) for row in register]
    overlaps = _overlaps(grid, placed)
    rows = [
        _one(
            grid,
            row,
            (readings or {}).get(row.id, Reading()),
            (owners or {}).get(row.owner),
            overlaps.get(row.id, Overlap()),
            materiality_share,
        )
        for row in placed
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _one(
    grid: PlanGrid,
    row: Assumption,
    reading: Reading,
    record: OwnerRecord | None,
    overlap: Overlap,
    materiality_share: float,
) -> dict[str, Any]:
    scale = scale_claim(row, grid.measure)
    tolerance = materiality_share * (100.0 if row.unit == "percent" else abs(reading.estimate))
    verdict = judge_claim(scale, reading, record, tolerance)
    spoken = reading.speaks and not (reading.source == "usual movement" and verdict == "no history")
    supported, error = scale.to_own_unit(reading) if spoken else (np.nan, np.nan)
    share = _share_of_plan(grid, row, scale)
    budget = judge_budget(grid, row) if row.kind == "budget" else None
    verdict = budget[0] if budget else verdict
    is_small = bool(np.isfinite(share) and _NOTHING < abs(share) < materiality_share)
    return {
        "assumption": row.id,
        "unit": row.unit,
        "claim_low": row.low,
        "claim": row.expected,
        "claim_high": row.high,
        "supported": supported,
        "standard_error": error,
        "events": reading.events if reading.source != "usual movement" else 0,
        "verdict": verdict,
        "already_in_plan": overlap.amount != 0,
        "overlap_units": overlap.amount,
        "overlap_with": "; ".join(overlap.partners),
        "source": reading.source if spoken else "",
        "placebo": reading.placebo if spoken else "",
        "range_place": _place(scale, reading) if spoken else "",
        "effect_low": scale.low,
        "effect_claim": scale.claim,
        "effect_high": scale.high,
        "effect_supported": reading.estimate if spoken else np.nan,
        "effect_error": reading.error if spoken else np.nan,
        "is_small": is_small,
        "sentence": budget[1]
        if budget
        else say_evidence(row, scale, reading, verdict, overlap, share if is_small else np.nan),
    }


def judge_claim(
    scale: ClaimScale, reading: Reading, record: OwnerRecord | None = None, tolerance: float = 0.0
) -> str:
    """The verdict on one claim.

    Parameters
    ----------
    scale : ClaimScale
        The claim as an effect.
    reading : Reading
        What the past says, on the same scale.
    record : OwnerRecord, optional
        The owner's.
    tolerance : float
        A difference that counts as none.
    """
    if not reading.speaks:
        return "no history"
    gap = scale.claim - reading.estimate
    interval = VERDICT_BOUND * (reading.error if np.isfinite(reading.error) else 0.0)
    reach = max(interval, scale.reach_towards(reading.estimate))
    sign = -1.0 if scale.claim < 0 else 1.0
    bound = reach * _bound_share(record, is_overstated=gap * sign > 0)
    if abs(gap) <= max(bound, tolerance):
        return {"research": "supported by research", "usual movement": "no history"}.get(
            reading.source, "supported"
        )
    return "optimistic" if gap > 0 else "pessimistic"


def _bound_share(record: OwnerRecord | None, *, is_overstated: bool) -> float:
    """What is left of the bound on this side, by the owner's record."""
    if record is None or not record.is_enough:
        return 1.0
    share, reach = record.came_true_share, VERDICT_BOUND * record.error
    if is_overstated and share + reach < 1.0:
        return max(share, 0.0)
    if not is_overstated and share - reach > 1.0:
        return 1.0 / share
    return 1.0


def _place(scale: ClaimScale, reading: Reading) -> str:
    """Where the claimed range falls in the 90 % interval of what history supports."""
    reach = VERDICT_BOUND * (reading.error if np.isfinite(reading.error) else 0.0)
    low, high = reading.estimate - reach, reading.estimate + reach
    first = scale.low if np.isfinite(scale.low) else scale.claim
    last = scale.high if np.isfinite(scale.high) else scale.claim
    if first > high or last < low:
        return "above" if first > high else "below"
    if first >= low and last <= high:
        return "inside"
    if first < low and last > high:
        return "wider"
    return "reaches above" if last > high else "reaches below"


def _share_of_plan(grid: PlanGrid, row: Assumption, scale: ClaimScale) -> float:
    """The claim's effect as a share of all planned sales in its dates; NaN where it has none there."""
    weights = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp)
    whole = float((grid.baseline * (weights > 0)).sum())
    if whole <= 0:
        return float("nan")
    if row.unit == "percent":
        base = float((grid.baseline[scope_rows(grid, row.scope)] * weights).sum())
        return scale.claim / 100.0 * base / whole
    return scale.claim / whole if row.unit == grid.measure else float("nan")


def _overlaps(grid: PlanGrid, register: Sequence[Assumption]) -> dict[str, Overlap]:
    """What the plan holds already of each row: the driver calendar, and other rows that count."""
    found = find_overlaps(grid, register)
    # What the calendar does the other way is no part of the claim.
    found = found[(found["sort"] != "trend") & (found["share_of_claim"] > 0)]
    result = {
        str(name): Overlap(tuple(zip(part["with"], part["overlap"].astype(float), strict=True)))
        for name, part in found.groupby("assumption", sort=True)
    }
    for row in register:
        if row.status not in ("proposed", "accepted"):
            claimed = scale_claim(row, grid.measure).claim
            held = {name: size for name, size in _in_calendar(grid, row).items() if size * claimed > 0}
            if held:
                result[row.id] = Overlap(tuple((f"driver:{name}", held[name]) for name in sorted(held)))
    return result


def _in_calendar(grid: PlanGrid, row: Assumption) -> dict[str, float]:
    rows = scope_rows(grid, row.scope)
    active = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp) > 0
    covered = [name for name in covered_drivers(row, grid.driver_kinds) if name in grid.driver_effects]
    held = {name: float(grid.driver_effects[name][rows][:, active].sum()) for name in covered}
    return {name: amount for name, amount in held.items() if amount}
