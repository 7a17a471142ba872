"""Double counting: claims that say again what the plan holds already, with the overlap in the measure.

Three things are looked for. A claim may restate the *driver calendar*: there it states the whole effect and
nothing is counted twice, but the overlap is shown. It may restate *another assumption* of the same kind
whose scope and dates meet its own: both count, and somebody has to look. It may restate a *trend* the
baseline holds: a claimed market or consumer shift in the direction in which the baseline already
departs from last year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.plan.grid import PlanGrid, place_launch, scope_rows
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.driver_cover import covered_drivers
from alignment_lib.planning.register.timing import period_weights

__all__ = ["find_overlaps"]

_COLUMNS = ["assumption", "with", "sort", "overlap", "share_of_claim", "sentence"]
_TREND_KINDS = ("market_shift", "consumer_shift")
_SAME_CAUSE = {
    "promotion": "promotion",
    "market_shift": "market",
    "price_change": "price",
    "digital": "digital",
}
_RISE = 0.02
"""Departure of the baseline from last year, as a share, below which there is no trend to restate."""


def find_overlaps(
    grid: PlanGrid, register: Sequence[Assumption], last_year: np.ndarray | None = None
) -> pd.DataFrame:
    """Every overlap of rows that are proposed or accepted.

    Parameters
    ----------
    grid : PlanGrid
        Baseline and driver calendar.
    register : sequence of Assumption
        Drafts and rejected rows are left out.
    last_year : ndarray, shape (series, periods), optional
        What was sold in the same periods a year before (the seasonal naive forecast); without it no
        trend is looked for.

    Returns
    -------
    DataFrame
        ``assumption, with, sort`` (driver, assumption or trend), ``overlap`` (in the plan's measure, with
        its sign), ``share_of_claim`` (of the row's own effect), ``sentence``; by id.
    """
    # Money of a budget is no sale: what two of them have in common is said where they are worked out.
    counted = [row for row in register if row.status in ("proposed", "accepted") and row.kind != "budget"]
    rows = [place_launch(grid, row) for row in sorted(counted, key=lambda row: row.id)]
    cells = {row.id: _own_effect(grid, row) for row in rows}
    found = []
    for row in rows:
        found += _with_drivers(grid, row, cells[row.id])
        if last_year is not None and row.kind in _TREND_KINDS:
            found += _with_trend(grid, row, cells[row.id], last_year)
    for first, second in _meeting(grid, rows, cells):
        found += _with_each_other(first, second, cells[first.id], cells[second.id])
    return pd.DataFrame(found, columns=_COLUMNS).sort_values(["assumption", "with"], ignore_index=True)


def _meeting(
    grid: PlanGrid, rows: Sequence[Assumption], cells: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> Iterator[tuple[Assumption, Assumption]]:
    """Pairs of one cause that act on a common series and in a common period: few of all there are."""
    causes: dict[str, list[Assumption]] = {}
    for row in rows:
        causes.setdefault(_SAME_CAUSE.get(row.kind, row.kind), []).append(row)
    for group in causes.values():
        series = np.zeros((len(group), len(grid.keys)), dtype=np.float32)
        periods = np.zeros((len(group), len(grid.periods)), dtype=np.float32)
        for at, row in enumerate(group):
            series[at, cells[row.id][0]] = 1.0
            periods[at] = (cells[row.id][1] != 0).any(axis=0)
        common = np.triu((series @ series.T > 0) & (periods @ periods.T > 0), 1)
        for first, second in np.argwhere(common):
            yield group[first], group[second]


def _own_effect(grid: PlanGrid, row: Assumption) -> tuple[np.ndarray, np.ndarray]:
    """Series concerned and the claim's effect by itself, shape (rows, periods)."""
    series = scope_rows(grid, row.scope)
    weight = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp)
    if row.unit == "percent":
        return series, grid.baseline[series] * row.effect_on(row.expected, grid.measure) * weight
    days = max(float(weight.sum()), 1e-12)
    size = np.maximum(grid.baseline[series], 0.0).sum(axis=1, keepdims=True)
    mix = size / size.sum() if size.sum() > 0 else np.full((len(series), 1), 1.0 / max(len(series), 1))
    return series, row.expected * mix * weight / days


def _with_drivers(
    grid: PlanGrid, row: Assumption, own: tuple[np.ndarray, np.ndarray]
) -> list[dict[str, object]]:
    result = []
    active = np.abs(own[1]).sum(axis=0) > 0
    for name in covered_drivers(row, grid.driver_kinds):
        effect = grid.driver_effects.get(name)
        overlap = 0.0 if effect is None else float(effect[own[0]][:, active].sum())
        if overlap:
            text = (
                f"{row.id} covers {name}: the calendar holds {Said(overlap):+,.0f} of it already, and the "
                "bridge shows only the difference at the claim."
            )
            result.append(_row(row, f"driver:{name}", "driver", overlap, own, text))
    return result


def _with_trend(
    grid: PlanGrid, row: Assumption, own: tuple[np.ndarray, np.ndarray], last_year: np.ndarray
) -> list[dict[str, object]]:
    active = np.abs(own[1]).sum(axis=0) > 0
    now = float(grid.baseline[own[0]][:, active].sum())
    before = float(last_year[own[0]][:, active].sum())
    claim, rise = float(own[1].sum()), now - before
    if before <= 0 or abs(rise) < _RISE * before or np.sign(rise) != np.sign(claim):
        return []
    overlap = float(np.sign(rise) * min(abs(rise), abs(claim)))
    text = (
        f"The baseline stands {Said(rise / before):+.0%} against last year in the scope of {row.id}: up to "
        f"{Said(overlap):+,.0f} of its claim may be in the baseline already."
    )
    return [_row(row, "trend", "trend", overlap, own, text)]


def _with_each_other(
    first: Assumption,
    second: Assumption,
    own: tuple[np.ndarray, np.ndarray],
    other: tuple[np.ndarray, np.ndarray],
) -> list[dict[str, object]]:
    _, mine, theirs = np.intersect1d(own[0], other[0], return_indices=True)
    a, b = own[1][mine], other[1][theirs]
    both = (np.sign(a) == np.sign(b)) & (a != 0)
    overlap = float((np.sign(a) * np.minimum(np.abs(a), np.abs(b)))[both].sum())
    if not overlap:
        return []
    text = (
        f"{first.id} and {second.id} are both of kind {first.kind} for the same sales at the same time: "
        f"{Said(overlap):+,.0f} may be counted twice."
    )
    return [
        _row(first, second.id, "assumption", overlap, own, text),
        _row(second, first.id, "assumption", overlap, other, text),
    ]


def _row(
    row: Assumption, partner: str, sort: str, overlap: float, own: tuple[np.ndarray, np.ndarray], text: str
) -> dict[str, object]:
    claim = float(own[1].sum())
    share = overlap / claim if claim else float("nan")
    values = (row.id, partner, sort, overlap, share, text)
    return dict(zip(_COLUMNS, values, strict=True))
