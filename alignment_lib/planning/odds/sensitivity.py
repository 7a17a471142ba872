"""Which assumption moves the plan most: swing and share of variance, span by span."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.planning.odds.drawing import planned_ranges
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.nearby import NearbyPlans
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.layout import Layout

__all__ = ["sensitivity_table", "variance_share"]

_BINS = 20
_ROUNDING = 1e-10
"""Sums closer than this share are the same: what differs is rounding."""
_COLUMNS = (
    *("span", "label", "start", "assumption", "low", "expected", "high"),
    *("at_low", "plan", "at_high", "swing", "variance_share"),
)


def sensitivity_table(
    horizon: Horizon,
    layout: Layout,
    rows: Sequence[Assumption],
    totals: np.ndarray | None = None,
    drawn: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Swing and share of variance of every assumption in every span, the largest first.

    Parameters
    ----------
    horizon : Horizon
        Spans, and what was sold in closed periods.
    layout : Layout
        The register on the grid.
    rows : sequence of Assumption
        The rows that count, with the values and ranges they have in this plan.
    totals : ndarray, shape (spans, draws), optional
        Drawn sales of every span.
    drawn : mapping of str to ndarray, shape (draws,), optional
        Drawn value of every row; without draws no share of variance is told.

    Returns
    -------
    DataFrame
        ``span, label, start`` of the span, ``assumption, low, expected, high``, ``plan`` and ``at_low,
        at_high`` (the span's plan, and the plan worked out anew with this row at its 10 % and 90 % point
        and all others at theirs; closed periods as sold), ``swing`` (the distance of the two), and
        ``variance_share`` of the drawn total (what is left is the baseline's own error).
    """
    plans = NearbyPlans(layout, {row.id: row.expected for row in rows})
    ranges = sorted(planned_ranges(rows).items())
    middle = _sum_spans(horizon, plans.plan)

    def end(name: str, value: float) -> np.ndarray:
        found = _sum_spans(horizon, plans.at(name, value))
        return np.where(np.abs(found - middle) < _ROUNDING * (1.0 + np.abs(middle)), middle, found)

    count = len(horizon.spans.table)
    frame = horizon.spans.table[["span", "label", "start"]].iloc[np.tile(np.arange(count), len(ranges))]
    names = np.repeat(np.array([name for name, _ in ranges], dtype=object), count)
    points = np.repeat(np.array([values for _, values in ranges]).reshape(-1, 3), count, axis=0)
    ends = {
        column: np.array([end(name, values[at]) for name, values in ranges]).ravel()
        for column, at in (("at_low", 0), ("at_high", 2))
    }
    shares = [
        np.full(count, np.nan) if totals is None or drawn is None else variance_share(totals, drawn[name])
        for name, _ in ranges
    ]
    frame = frame.assign(
        assumption=names,
        **dict(zip(("low", "expected", "high"), points.T, strict=True)),
        **ends,
        plan=np.tile(middle, len(ranges)),
        swing=np.abs(ends["at_high"] - ends["at_low"]),
        variance_share=np.array(shares).ravel(),
        place=np.tile(np.arange(count), len(ranges)),
    )
    # What changes nothing in a span explains nothing of it: the estimate itself is never quite zero.
    idle = (frame["at_low"] == frame["plan"]) & (frame["at_high"] == frame["plan"])
    frame["variance_share"] = frame["variance_share"].mask(idle & frame["variance_share"].notna(), 0.0)
    order = ["place", "swing", "assumption"]
    return frame.sort_values(order, ascending=[True, False, True], ignore_index=True)[list(_COLUMNS)]


def _sum_spans(horizon: Horizon, plan: np.ndarray) -> np.ndarray:
    return np.asarray(horizon.with_closed(plan).sum(axis=0) @ horizon.spans.matrix.T)


def variance_share(totals: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Share of each total's variance explained by one input alone, from 0 to 1.

    The correlation ratio: variance of the total's mean within twenty equal-count slices of the input,
    less what chance alone gives (first-order sensitivity index; Saltelli et al. 2008, Global Sensitivity
    Analysis, section 1.2; the correction is Kelley's 1935 for the correlation ratio).

    Parameters
    ----------
    totals : ndarray, shape (..., draws)
        What is to be explained.
    drawn : ndarray, shape (draws,)
        The input.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(2, 20000))
    >>> variance_share(np.stack([x[0] + x[1], x[1]]), x[0]).round(1)
    array([0.5, 0. ])
    """
    count = totals.shape[-1]
    spread = totals.var(axis=-1, ddof=1)
    if np.ptp(drawn) == 0:
        return np.zeros(totals.shape[:-1])
    bins = min(_BINS, max(count // 10, 2))
    order = np.argsort(drawn, kind="stable")
    slices = np.array_split(totals[..., order], bins, axis=-1)
    within = sum(part.var(axis=-1) * part.shape[-1] for part in slices) / (count - bins)
    ratio = np.divide(within, spread, out=np.ones_like(spread), where=spread > 0)
    return np.asarray(np.clip(1.0 - ratio, 0.0, 1.0))
