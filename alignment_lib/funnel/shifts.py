"""Whether a source's conversion shifted within the last year, so that the year's mean is a rate of nothing.

Cohorts by quarter of creation are split in two at each quarter's begin; the split at which the two sides
differ most counts as a shift where chance, allowing for how much quarters differ anyway, would hardly make it
(quasi-binomial dispersion: McCullagh and Nelder 1989, Generalized Linear Models, section 4.5; Bonferroni over
all splits and sources).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from alignment_lib.funnel.cohorts import LagDistribution, conversion_by_cohort
from alignment_lib.funnel.leads import FunnelLeads, label_periods
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["find_shifts", "shift_notices"]

_FEWEST = 30.0
_CHANCE = 0.001
_SPLITS = 4
_QUARTERS = 8
_COLUMNS = ["source", "since", "rate_before", "rate_after", "leads_before", "leads_after"]


def find_shifts(leads: FunnelLeads, lag: LagDistribution, calendar: Calendar) -> pd.DataFrame:
    """Sources whose conversion shifted within the last year, with both rates.

    Each side needs 30 leads old enough; the later side begins with one of the last four quarters, the earlier
    one has up to eight.

    Returns
    -------
    DataFrame
        ``source, since`` (first day of creation at the new rate), ``rate_before, rate_after, leads_before,
        leads_after``.
    """
    cohorts = conversion_by_cohort(leads, lag, calendar)
    cohorts["mature"] = cohorts["leads"] * cohorts["maturity"]
    created = leads.whole.table["created"]
    labels = pd.Series(label_periods(created, calendar, "quarter"), index=created.index)
    firsts = created.groupby(labels, observed=True).min().dt.normalize()
    rows, tried = [], 0
    for source, part in cohorts.groupby("source", sort=True):
        found = _best_split(part.sort_values("cohort").tail(_QUARTERS + _SPLITS))
        tried += found[0]
        if found[1] is not None:
            rows.append({"source": str(source), **found[1]})
    table = pd.DataFrame(rows, columns=["source", "cohort", "z", *_COLUMNS[2:]])
    table = table[2.0 * ndtr(-table["z"].astype(float)) * max(tried, 1) < _CHANCE]
    dated = table.assign(since=pd.to_datetime(table["cohort"].map(firsts)))
    return pd.DataFrame(dated[_COLUMNS]).reset_index(drop=True)


def _best_split(part: pd.DataFrame) -> tuple[int, dict[str, Any] | None]:
    """How many splits were tried, and that at which the sides differ most."""
    won, mature = part["won"].to_numpy(float), part["mature"].to_numpy(float)
    tried = 0
    best: dict[str, Any] | None = None
    for at in range(max(1, len(part) - _SPLITS), len(part)):
        sides = [slice(max(0, at - _QUARTERS), at), slice(at, None)]
        size = np.array([mature[side].sum() for side in sides])
        if (size < _FEWEST).any():
            continue
        tried += 1
        rate = np.array([won[side].sum() for side in sides]) / size
        middle = float(won[sides[0]].sum() + won[sides[1]].sum()) / float(size.sum())
        spread = _dispersion([won[side] for side in sides], [mature[side] for side in sides], rate)
        error = np.sqrt(spread * max(middle * (1.0 - middle), 1e-12) * (1.0 / size).sum())
        z = float(abs(rate[1] - rate[0]) / error)
        if best is None or z > best["z"]:
            best = {"cohort": str(part["cohort"].iloc[at]), "z": z, "rate_before": float(rate[0])}
            best |= {
                "rate_after": float(rate[1]),
                "leads_before": float(size[0]),
                "leads_after": float(size[1]),
            }
    return tried, best


def _dispersion(won: list[np.ndarray], mature: list[np.ndarray], rate: np.ndarray) -> float:
    """How much more quarters of one side differ than chance alone makes them; at least 1."""
    squares, free = 0.0, 0
    for wins, size, level in zip(won, mature, rate, strict=True):
        enough = size >= 5.0
        squares += float(
            ((wins - size * level)[enough] ** 2 / np.maximum(size * level * (1 - level), 1e-12)[enough]).sum()
        )
        free += max(int(enough.sum()) - 1, 0)
    return max(squares / free, 1.0) if free else 1.0


def shift_notices(rates: pd.DataFrame) -> tuple[Notice, ...]:
    """What shifted, and which rate is used: one notice a source."""
    if "rate_since" not in rates:
        return ()
    found = []
    for row in rates[rates["rate_since"].notna()].to_dict("records"):
        text = (
            f"Conversion of {row['source']} shifted from {Said(row['rate_before']):.0%} to "
            f"{Said(row['conversion_rate']):.0%} with leads from {row['rate_since']:%Y-%m-%d} on: the latter "
            "is used, not the mean of the last year."
        )
        found.append(Notice("conversion_shifted", text))
    return tuple(found)
