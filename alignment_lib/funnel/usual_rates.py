"""Whether a step of the funnel fell: its latest quarters against what its true rate usually is.

Shares are compared on the scale asin(sqrt(p)), on which chance moves every one alike: variance 1 / (4 n +
2) of n leads (Freeman and Tukey 1950, Annals of Mathematical Statistics 21, 607; Anscombe 1948, Biometrika
35, 246). The model has two levels: the true rate of a source's quarters varies about the source's usual
rate, and usual rates vary about that of all sources; both variances are estimated by moments (DerSimonian
and Laird 1986, Controlled Clinical Trials 7, 177), the first from all sources together.

What a fall is worth is an expectation over whether it is one at all: a step fell with a chance of one in
five before anything is seen, then by about ten points; the data raise or lower that (spike and slab:
Mitchell and Beauchamp 1988, JASA 83, 1023), as much as all spans looked at do in the mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

__all__ = ["LONGEST", "find_falls", "smallest_fall"]

LONGEST = 4
"""A fall is looked for in the last one to four quarters."""

_CRITICAL = (1.282, 1.527, 1.649, 1.729)
"""What the largest of one to four nested standardised sums exceeds in one case of ten where nothing fell."""

_FEWEST_QUARTERS = 3
_FEWEST_LEADS = 30.0
_SOURCES_DIFFER = 0.05
"""Usual rates of sources are never taken to differ by less than about five points."""
_FALLS = 0.2
"""Chance, before anything is seen, that a step of a source fell in some of its last quarters."""
_USUAL_FALL = 0.1
"""Scale of a fall on the scale of angles: about ten points where half of the leads pass."""
_GRID = (np.arange(199) + 0.5) / 199
_COLUMNS = [
    *("source", "quarters", "since", "entering", "rate", "reference_rate", "reference_error", "is_promise"),
    *("gap", "gap_low", "gap_high", "chance", "z", "is_named"),
]


def find_falls(cohorts: pd.DataFrame, latest: int = LONGEST, promise: float = float("nan")) -> pd.DataFrame:
    """The latest quarters of each source against its usual rate, or a promise that is higher.

    Parameters
    ----------
    cohorts : DataFrame
        ``source, cohort, base, passed``: leads that entered the step, and those that passed it, by quarter of
        creation.
    latest : int
        How many of the last quarters may be a fall, four at most.
    promise : float
        Share that was agreed on; NaN where none is.

    Returns
    -------
    DataFrame
        ``source, quarters`` (length of the span that stands out most), ``since`` (its first cohort),
        ``entering, rate`` (in it), ``reference_rate, reference_error`` (the usual rate with its standard
        error, or the promise), ``is_promise, gap`` (expected shortfall of the true rate), ``gap_low,
        gap_high`` (80 %), ``chance`` (that it fell at all), ``z`` and ``is_named``: whether chance makes
        such a fall in one case of ten at most.

    Examples
    --------
    >>> rows = [("web", f"{year}Q{q}", 150, 75) for year in (2024, 2025) for q in (1, 2, 3, 4)]
    >>> rows[-1] = ("web", "2025Q4", 150, 54)
    >>> found = find_falls(pd.DataFrame(rows, columns=["source", "cohort", "base", "passed"])).iloc[0]
    >>> bool(found["is_named"]), int(found["quarters"]), round(float(found["reference_rate"]), 2)
    (True, 1, 0.5)
    """
    rows = cohorts[cohorts["base"] > 0].sort_values(["source", "cohort"])
    parts = {str(name): _Quarters.of(part) for name, part in rows.groupby("source", sort=True)}
    found = []
    for length in range(1, min(latest, LONGEST) + 1):
        usual = _usual_rates(parts, length)
        for name, part in parts.items():
            row = _fall(part, length, usual[name], promise)
            if row is not None:
                found.append({"source": name, "quarters": length, **row})
    if not found:
        return pd.DataFrame(columns=_COLUMNS)
    table = pd.DataFrame(found)
    groups = table.groupby("source")
    table["is_named"] = table["z"] > np.asarray(_CRITICAL)[groups["quarters"].transform("size") - 1]
    odds = groups["evidence"].transform("mean") * _FALLS / (1.0 - _FALLS)
    table["chance"] = odds / (1.0 + odds)
    best = table.sort_values(["source", "z", "quarters"], ascending=[True, False, True])
    best = best.drop_duplicates("source").reset_index(drop=True)
    workings = best[["angle", "apart", "variance", "chance"]].to_numpy(float)
    gaps = pd.DataFrame([_shortfall(*row) for row in workings], columns=["gap", "gap_low", "gap_high"])
    return best.join(gaps)[_COLUMNS]


def smallest_fall(leads: float, rate: float, power: float = 0.8) -> float:
    """Fall of a rate that so many leads in its span show with a chance of `power`.

    >>> round(smallest_fall(150, 0.5), 3)
    0.104
    """
    reach = (_CRITICAL[-1] + float(ndtri(power))) / np.sqrt(4.0 * leads + 2.0)
    level = float(np.arcsin(np.sqrt(rate)))
    return float(rate - np.sin(max(level - reach, 0.0)) ** 2)


@dataclass(frozen=True)
class _Quarters:
    """Quarters of one source: leads in and through, shares as asin(sqrt(p)), their variances by chance."""

    cohort: np.ndarray
    base: np.ndarray
    passed: np.ndarray
    angle: np.ndarray
    chance: np.ndarray

    @classmethod
    def of(cls, part: pd.DataFrame) -> _Quarters:
        base, passed = part["base"].to_numpy(float), part["passed"].to_numpy(float)
        angle = np.arcsin(np.sqrt((passed + 0.375) / (base + 0.75)))
        return cls(part["cohort"].to_numpy(), base, passed, angle, 1.0 / (4.0 * base + 2.0))


def _between(values: list[np.ndarray], variances: list[np.ndarray]) -> float:
    """Variance between the members of groups beyond chance, from all groups together."""
    squares, free, scale = 0.0, 0, 0.0
    for angle, variance in zip(values, variances, strict=True):
        weight = 1.0 / variance
        if len(angle) > 1:
            squares += float((weight * (angle - np.average(angle, weights=weight)) ** 2).sum())
            free += len(angle) - 1
            scale += float(weight.sum() - (weight**2).sum() / weight.sum())
    return max((squares - free) / scale, 0.0) if scale > 0 else 0.0


def _usual_rates(parts: dict[str, _Quarters], length: int) -> dict[str, tuple[float, float, float]]:
    """Angle of each source's usual rate, its variance, and how much true rates of quarters vary.

    From the quarters before the last `length` ones; NaN where these are too few to say what is usual.
    """
    angles, variances = {}, {}
    for name, part in parts.items():
        before = max(len(part.base) - length, 0)
        if before < _FEWEST_QUARTERS or part.base[:before].sum() < _FEWEST_LEADS:
            before = 0
        angles[name], variances[name] = part.angle[:before], part.chance[:before]
    within = _between(list(angles.values()), list(variances.values()))
    own: dict[str, tuple[float, float]] = {}
    for name, angle in angles.items():
        weight = 1.0 / (variances[name] + within)
        if len(angle):
            own[name] = float(np.average(angle, weights=weight)), float(1.0 / weight.sum())
    result = {name: (float("nan"), float("nan"), within) for name in parts}
    if not own:
        return result
    means, errors = (np.array([pair[at] for pair in own.values()]) for at in (0, 1))
    among = max(_between([means], [errors]), _SOURCES_DIFFER**2)
    middle = float(np.average(means, weights=1.0 / (errors + among)))
    for name, (mean, error) in own.items():
        kept = among / (among + error) if len(own) > 1 else 1.0
        result[name] = (kept * mean + (1.0 - kept) * middle, kept * error, within)
    return result


def _fall(
    part: _Quarters, length: int, usual: tuple[float, float, float], promise: float
) -> dict[str, Any] | None:
    """How far the last `length` quarters lie below what is usual or promised; None where that is unknown."""
    if len(part.base) < length:
        return None
    angle, error, within = usual
    agreed = float(np.arcsin(np.sqrt(promise))) if promise == promise else float("nan")
    is_promise = agreed == agreed and not angle > agreed
    if is_promise:
        angle, error = agreed, 0.0
    if angle != angle:
        return None
    values, weight = part.angle[-length:], 1.0 / (part.chance[-length:] + within)
    now, spread = float(np.average(values, weights=weight)), float(1.0 / weight.sum()) + error
    z = (angle - now) / np.sqrt(spread)
    reference = float(np.sin(angle) ** 2)
    base = float(part.base[-length:].sum())
    return {
        "since": str(part.cohort[-length]),
        "entering": base,
        "rate": float(part.passed[-length:].sum()) / base,
        "reference_rate": reference,
        "reference_error": float(np.sqrt(error) * np.sin(2.0 * angle)),
        "is_promise": bool(is_promise),
        "z": float(z),
        "angle": angle,
        "apart": angle - now,
        "variance": spread,
        "evidence": _evidence(angle - now, spread),
    }


def _evidence(gap: float, variance: float) -> float:
    """How much likelier the gap is where the step fell than where it did not (Bayes factor).

    A fall is half-normal of scale `_USUAL_FALL`: what is seen is then normal with both variances, cut at
    none.
    """
    kept = _USUAL_FALL**2 / (_USUAL_FALL**2 + variance)
    inside = ndtr(gap * np.sqrt(kept / variance))
    return float(2.0 * inside * np.sqrt(1.0 - kept) * np.exp(kept * gap**2 / (2.0 * variance)))


def _shortfall(angle: float, gap: float, variance: float, chance: float) -> tuple[float, float, float]:
    """Expected shortfall of the true rate and its 80 % range, where it fell at all with a chance.

    A gap much larger than a usual fall is not drawn toward one: its prior is as wide as the gap itself says.
    """
    prior = max(_USUAL_FALL**2, gap**2 - variance)
    kept = prior / (prior + variance)
    mean, spread = kept * gap, np.sqrt(kept * variance)
    below = ndtr(-mean / spread)
    drawn = mean + spread * ndtri(below + (1.0 - below) * _GRID)
    fell = np.sin(angle) ** 2 - np.sin(np.clip(angle - drawn, 0.0, np.pi / 2)) ** 2
    ends = [float(np.quantile(fell, max(1.0 - (1.0 - end) / chance, 0.0))) if 1.0 - end < chance else 0.0
            for end in (0.1, 0.9)]  # fmt: skip
    return float(chance * fell.mean()), ends[0], ends[1]
