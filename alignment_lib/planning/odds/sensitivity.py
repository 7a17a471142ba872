"""Which assumption moves the plan most: swing and share of variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.planning.odds.drawing import planned_ranges
from alignment_lib.planning.plan.bridge import Block
from alignment_lib.planning.plan.moves import move_volumes
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.layout import Key, Layout

__all__ = ["sensitivity_table", "variance_share"]

_RECOMPUTED = 30
"""Rows whose swing is worked out by planning again; beyond them it is scaled from the row's own effect."""
_BINS = 20
_COLUMNS = (
    *("assumption", "low", "expected", "high", "at_low", "at_high", "swing", "variance_share", "method"),
)


def sensitivity_table(
    layout: Layout, rows: Sequence[Assumption], total: np.ndarray, drawn: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Swing and share of variance of every assumption, the largest first.

    Parameters
    ----------
    layout : Layout
        The register on the grid.
    rows : sequence of Assumption
        The rows that count, with the values and ranges they have in this plan.
    total : ndarray, shape (draws,)
        Drawn sales over the whole horizon.
    drawn : mapping of str to ndarray, shape (draws,)
        Drawn value of every row.

    Returns
    -------
    DataFrame
        ``assumption, low, expected, high``, ``at_low, at_high`` (the plan's total over the horizon with
        this row at its 10 % and 90 % point and all others at theirs), ``swing`` (their distance),
        ``variance_share`` of the drawn total (what is left is the baseline's own error), ``method``.
    """
    values = {row.id: row.expected for row in rows}
    ranges = planned_ranges(rows)
    claims, own, known = layout.work_out(values)
    base = float(layout.grid.baseline.sum())
    moved = move_volumes(layout.grid, claims, own)
    effects = {name: float(block.sum()) for name, (_, block) in moved.blocks.items()}
    unchanged = float(sum(effects.values()))
    plan = base + unchanged
    ranked = sorted(ranges, key=lambda name: (-abs(effects.get(name, 0.0)), name))
    result = []
    for number, name in enumerate(ranked):
        low, expected, high = ranges[name]
        if number < _RECOMPUTED:
            idle = all(claim.is_idle for claim in layout.claims[name])
            ends = [
                base + (unchanged if idle else _change(layout, values | {name: end}, known))
                for end in (low, high)
            ]
        else:
            effect = effects.get(name, 0.0) / expected if expected else 0.0
            ends = [plan + effect * (end - expected) for end in (low, high)]
        result.append(
            {
                "assumption": name,
                "low": low,
                "expected": expected,
                "high": high,
                "at_low": ends[0],
                "at_high": ends[1],
                "swing": abs(ends[1] - ends[0]),
                "variance_share": variance_share(total, drawn[name]) if name in drawn else 0.0,
                "method": "recomputed" if number < _RECOMPUTED else "scaled",
            }
        )
    frame = pd.DataFrame(result, columns=list(_COLUMNS))
    return frame.sort_values(["swing", "assumption"], ascending=[False, True], ignore_index=True)


def _change(
    layout: Layout, values: Mapping[str, float], known: Mapping[tuple[str, int], tuple[Key, Block]]
) -> float:
    claims, own, _ = layout.work_out(values, known)
    moved = move_volumes(layout.grid, claims, own)
    return float(sum(block.sum() for _, block in moved.blocks.values()))


def variance_share(total: np.ndarray, drawn: np.ndarray) -> float:
    """Share of the total's variance explained by one input alone, from 0 to 1.

    The correlation ratio: variance of the total's mean within twenty equal-count slices of the input,
    less what chance alone gives (first-order sensitivity index; Saltelli et al. 2008, Global Sensitivity
    Analysis, section 1.2; the correction is Kelley's 1935 for the correlation ratio).

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(2, 20000))
    >>> round(variance_share(x[0] + x[1], x[0]), 1)
    0.5
    """
    if np.ptp(drawn) == 0 or np.ptp(total) == 0:
        return 0.0
    bins = min(_BINS, max(len(total) // 10, 2))
    order = np.argsort(drawn, kind="stable")
    slices = np.array_split(total[order], bins)
    within = sum(float(((part - part.mean()) ** 2).sum()) for part in slices) / (len(total) - bins)
    return float(np.clip(1.0 - within / total.var(ddof=1), 0.0, 1.0))
