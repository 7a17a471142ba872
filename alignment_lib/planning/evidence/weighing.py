"""The evidence-weighted plan: every claim corrected by its owner's record and combined with history.

1. *Record.* Where its owner's earlier claims have been scored often enough, the claim is multiplied by the
   share that came true. Where history is silent its range is too, and the error of that share widens it.
   Where history speaks, the range is left as wide as it was stated and the correction itself is added to
   the claim's error: whether this one claim carries its owner's bias is for the evidence to say (mean squared
   error = variance + bias²). So the record corrects only what history does not settle, and a poor record
   never makes a claim count for more.
2. *History.* Claim and history are combined by precision (posterior mean of two independent normal
   readings; Gelman et al., Bayesian Data Analysis, 3rd ed., eq. 2.10-2.12). An upward claim needs more:
   until its owner has a record it counts half of what a downward one does, for upward adjustments are
   the ones that do harm (Fildes, Goodwin, Lawrence and Nikolopoulos 2009, Int. J. of Forecasting 25).
3. Where history is silent the corrected claim stands.

All steps are symmetrical but for that one, and are shown for every row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.written_numbers import PER_CENT, Said
from alignment_lib.planning.evidence.claim_scale import claim_range
from alignment_lib.planning.evidence.evidence import MATERIALITY_SHARE, gather_evidence
from alignment_lib.planning.evidence.owner_records import OwnerRecord
from alignment_lib.planning.evidence.past import Reading
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.register.assumptions import Assumption

__all__ = [
    "UPWARD_WEIGHT",
    "OwnerRecord",
    "WeighedRegister",
    "weigh_evidence",
    "weigh_register",
    "weighted_rows",
]

UPWARD_WEIGHT = 0.5
"""Weight of an upward claim whose owner has no record yet, beside that of a downward one."""
_UNSTATED = 0.5
"""Error of a claim without a range beside a cited study, as a share of the claim."""
_TENTH = 1.2815515655446004
"""A normal's 90 % point in standard deviations."""
_COLUMNS = (
    *("assumption", "owner", "unit", "claim", "claim_error", "record_cases", "came_true_share"),
    *("corrected", "corrected_error", "supported", "supported_error", "claim_weight", "history_weight"),
    *("weighted", "weighted_low", "weighted_high", "arithmetic"),
)


@dataclass(frozen=True)
class WeighedRegister:
    """Every row of the register beside its evidence, and at its evidence-weighted value.

    Attributes
    ----------
    evidence : DataFrame
        `gather_evidence`, with ``weighted`` (the evidence-weighted value, in the row's own unit).
    weighing : DataFrame
        `weigh_register`: every step of the weighting.
    rows : tuple of Assumption
        The register at weighted values and ranges.
    readings : mapping of str to Reading
        What the past says, by id.
    """

    evidence: pd.DataFrame
    weighing: pd.DataFrame
    rows: tuple[Assumption, ...]
    readings: Mapping[str, Reading]


def weigh_evidence(
    grid: PlanGrid,
    register: Sequence[Assumption],
    readings: Mapping[str, Reading] | None = None,
    owners: Mapping[str, OwnerRecord] | None = None,
    materiality_share: float = MATERIALITY_SHARE,
) -> WeighedRegister:
    """Set every row beside its evidence and weigh it: the one way to verdicts and weighted values.

    Parameters
    ----------
    grid : PlanGrid
        The round's series and open periods.
    register : sequence of Assumption
        Every row.
    readings : mapping of str to Reading, optional
        What the past says, by id.
    owners : mapping of str to OwnerRecord, optional
        By owner role.
    materiality_share : float
        See `gather_evidence`.
    """
    evidence = gather_evidence(grid, register, readings, owners, materiality_share)
    weighing = weigh_register(evidence, register, owners)
    values = dict(zip(weighing["assumption"], weighing["weighted"], strict=True))
    weighted = evidence["assumption"].map(values).astype(float)
    evidence.insert(len(evidence.columns) - 1, "weighted", weighted)
    return WeighedRegister(evidence, weighing, weighted_rows(register, weighing), readings or {})


def weigh_register(
    evidence: pd.DataFrame, register: Sequence[Assumption], owners: Mapping[str, OwnerRecord] | None = None
) -> pd.DataFrame:
    """Weigh every row of the register.

    Parameters
    ----------
    evidence : DataFrame
        ``assumption, supported, standard_error`` in the row's own unit, NaN where history is silent.
    register : sequence of Assumption
        The claims.
    owners : mapping of str to OwnerRecord, optional
        By owner role.

    Returns
    -------
    DataFrame
        One row an assumption with every step: ``assumption, owner, unit, claim, claim_error,
        record_cases, came_true_share, corrected, corrected_error, supported, supported_error,
        claim_weight, history_weight`` (shares of 1), ``weighted, weighted_low, weighted_high,
        arithmetic`` (the same in words). A claim without a range is given history's own error.
    """
    columns = ["supported", "standard_error", "source"]
    known = evidence.set_index("assumption").reindex(columns=columns).to_dict("index")
    silent = {"supported": np.nan, "standard_error": np.nan}
    rows = [_weigh(row, known.get(row.id, silent), (owners or {}).get(row.owner)) for row in register]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _weigh(row: Assumption, history: Mapping[Any, Any], record: OwnerRecord | None) -> dict[str, Any]:
    # A budget's value is money, which is decided: what an owner's claims came to says nothing of it.
    used = record if record is not None and record.is_enough and row.kind != "budget" else None
    share = used.came_true_share if used else 1.0
    claimed_low, claimed_high = claim_range(row)
    error = (claimed_high - claimed_low) / (2 * _TENTH) if claimed_low < claimed_high else np.nan
    corrected = row.expected * share
    supported, supported_error = float(history["supported"]), float(history["standard_error"])
    speaks = bool(np.isfinite(supported) and supported_error > 0)
    if speaks and not error > 0 and history.get("source") == "research":
        # A vague study is no reason to doubt a claim that states no range as much as the study itself.
        error = min(supported_error, _UNSTATED * abs(row.expected)) or error
    stated = supported_error if used and speaks and not error > 0 else error
    widened = _corrected_error(row.expected, stated, used, speaks=speaks)
    weight = _claim_share(widened, supported_error, row.expected > 0 and used is None) if speaks else 1.0
    weighted = weight * corrected + (1.0 - weight) * (supported if speaks else 0.0)
    low, high = _band(row, corrected, share, widened, supported_error if speaks else np.nan, weighted)
    values = {
        "assumption": row.id,
        "owner": row.owner,
        "unit": row.unit,
        "claim": row.expected,
        "claim_error": error,
        "record_cases": record.cases if record else 0,
        "came_true_share": share,
        "corrected": corrected,
        "corrected_error": widened,
        "supported": supported,
        "supported_error": supported_error,
        "claim_weight": weight,
        "history_weight": 1.0 - weight,
        "weighted": weighted,
        "weighted_low": low,
        "weighted_high": high,
    }
    return values | {"arithmetic": _arithmetic(values, used, speaks)}


def _corrected_error(claim: float, error: float, record: OwnerRecord | None, *, speaks: bool) -> float:
    """Standard deviation of the corrected claim; NaN without a range and without a record's correction.

    Beside evidence the range keeps its stated width and the correction counts as an error of its own.
    """
    if record is None:
        return error
    doubt = claim * record.error
    if not speaks:
        return float(np.hypot(error * record.came_true_share, doubt))
    return float(np.sqrt(error**2 + doubt**2 + (claim * (1.0 - record.came_true_share)) ** 2))


def _claim_share(claim_error: float, history_error: float, is_unproven_rise: bool) -> float:
    """The claim's part of the weight, by precision."""
    own = claim_error if claim_error > 0 else history_error
    precision = (UPWARD_WEIGHT if is_unproven_rise else 1.0) / own**2
    return float(precision / (precision + 1.0 / history_error**2))


def _band(
    row: Assumption, corrected: float, share: float, claim_error: float, history_error: float, weighted: float
) -> tuple[float, float]:
    """10 % and 90 % point around the weighted value; a claim that stands keeps its own skew."""
    if not claim_error > 0 and not history_error > 0:
        return np.nan, np.nan
    if not history_error > 0:
        first, last = claim_range(row)
        width = abs(last - first) * abs(share) / (2 * _TENTH)
        stretch = share * claim_error / width if width > 0 else 0.0
        ends = sorted(corrected + (end - row.expected) * stretch for end in (first, last))
        return ends[0], ends[1]
    own = claim_error if claim_error > 0 else history_error
    spread = _TENTH / np.sqrt(1.0 / own**2 + 1.0 / history_error**2)
    floor = -100.0 if row.unit == "percent" else -np.inf
    return float(max(weighted - spread, floor)), float(weighted + spread)


def _arithmetic(values: Mapping[str, Any], record: OwnerRecord | None, speaks: bool) -> str:
    sign = PER_CENT if values["unit"] == "percent" else ""
    text = f"{Said(values['claim']):+,.4g}{sign} claimed"
    if record is not None:
        text += f" × {record.came_true_share:.2f} (came true in {record.cases} cases)"
        text += f" = {Said(values['corrected']):+,.4g}{sign}"
        if speaks and values["corrected_error"] > 0:
            text += f" ± {Said(values['corrected_error']):,.3g}"
            text += " (range, error of the record and the correction itself)"
    if not speaks:
        return f"{text}; history is silent: {Said(values['weighted']):+,.4g}{sign}"
    return (
        f"{text}; {Said(values['claim_weight']):.2f} × {Said(values['corrected']):+,.4g} + "
        f"{Said(values['history_weight']):.2f} × {Said(values['supported']):+,.4g}"
        f" = {Said(values['weighted']):+,.4g}{sign}"
    )


def weighted_rows(register: Sequence[Assumption], weighed: pd.DataFrame) -> tuple[Assumption, ...]:
    """The register with weighted values and ranges in place of the claimed ones."""
    found = weighed.set_index("assumption").to_dict("index")
    return tuple(
        replace(
            row,
            expected=float(found[row.id]["weighted"]),
            low=float(found[row.id]["weighted_low"]),
            high=float(found[row.id]["weighted_high"]),
        )
        if row.id in found
        else row
        for row in register
    )
