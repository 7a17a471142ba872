"""What promotions bring under a truth: gross, borrowed from other weeks, taken from other products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.generator.moves import Ledger, Places, spread_over
from data.generator.promotions import Promotion, calendar
from data.generator.truth import Truth

__all__ = ["Promoted", "promote"]

_DONOR_LIMIT = 0.25
"""Most that one promoted series takes of a donor's baseline in a week; binds in a donor's first weeks."""


@dataclass(frozen=True)
class Promoted:
    """Promotions' effects on the baseline.

    Attributes
    ----------
    gross, temporary : ndarray, shape (series, weeks)
        Extra units before moves; units moved between weeks and products, companions included.
    events : list of dict
        One row per promotion, see `promote`.
    moves : list of dict
        The ledger of what was taken from other products.
    """

    gross: np.ndarray
    temporary: np.ndarray
    events: list[dict[str, object]]
    moves: list[dict[str, object]]


def promote(
    truth: Truth, series: pd.DataFrame, baseline: np.ndarray, events: Sequence[Promotion] | None = None
) -> Promoted:
    """Work out every promotion's effect in its own weeks, before, after and on other products.

    Everything is in units and relative to the baseline, so no promotion's effect depends on another. Without
    `events` they are those of the calendar.
    """
    places = Places.of(series)
    gross, temporary = np.zeros(baseline.shape), np.zeros(baseline.shape)
    ledger = Ledger(places, np.zeros(baseline.shape))
    described: list[dict[str, object]] = []
    for event in calendar() if events is None else events:
        rows = event.rows(series)
        uplift = truth.uplift[event.mechanic][event.product] * event.depth
        extra = np.zeros(baseline.shape)
        extra[rows, event.weeks] = baseline[rows, event.weeks] * (np.exp(uplift) - 1.0)
        change, borrowed = _borrow(truth, event, extra)
        taken = _cannibalise(truth, event, baseline, extra, ledger, rows)
        companions = _accompany(truth, event, baseline, extra, places, rows)
        gross += extra
        temporary += change + companions
        total = float(extra.sum())
        described.append(_describe(event, uplift) | _account(total, borrowed, taken, float(companions.sum())))
    return Promoted(gross, temporary + ledger.change, described, ledger.rows)


def _borrow(
    truth: Truth, event: Promotion, extra: np.ndarray
) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Units missing before and after, and the sums: lead-in, pulled forward, of it beyond the horizon."""
    change = np.zeros(extra.shape)
    total = extra.sum(axis=1)
    lead_in = truth.lead_in_share[event.mechanic] * total
    change[:, event.weeks.start - 1] -= lead_in
    share, spread = truth.pull_forward[event.mechanic]
    owed = 0.0
    for ahead, weight in enumerate(spread):
        pulled = share * weight * total
        if event.weeks.stop + ahead < extra.shape[1]:
            change[:, event.weeks.stop + ahead] -= pulled
        else:
            owed += float(pulled.sum())
    return change, (float(lead_in.sum()), share * float(total.sum()), owed)


def _cannibalise(
    truth: Truth, event: Promotion, baseline: np.ndarray, extra: np.ndarray, ledger: Ledger, rows: np.ndarray
) -> float:
    """Take shares of the extra units from rivals in the same channel and week; returns the units."""
    taken = 0.0
    for (promoted, donor), share in truth.cannibalisation.items():
        if promoted == event.product:
            for taker in rows:
                donors = ledger.places.rivals(taker, donor)
                wanted = np.minimum(share * extra[taker], _DONOR_LIMIT * baseline[donors].sum(axis=0))
                lost = spread_over(baseline[donors], wanted)
                taken += ledger.take(("promotion", event.id), taker, donors, lost)
    return taken


def _accompany(
    truth: Truth, event: Promotion, baseline: np.ndarray, extra: np.ndarray, places: Places, rows: np.ndarray
) -> np.ndarray:
    """Extra units of companions in the same channel and week, shape (series, weeks)."""
    change = np.zeros(extra.shape)
    for (promoted, companion), share in truth.halo.items():
        if promoted == event.product:
            for row in rows:
                others = places.rivals(row, companion)
                change[others] += spread_over(baseline[others], share * extra[row])
    return change


def _describe(event: Promotion, uplift: float) -> dict[str, object]:
    return {
        "id": event.id,
        "product": event.product,
        "mechanic": event.mechanic,
        "depth": event.depth,
        "start": event.start,
        "end": event.start + pd.Timedelta(days=7 * event.length - 1),
        "channels": "; ".join(event.channels) or "all",
        "uplift_log": uplift,
    }


def _account(
    gross: float, borrowed: tuple[float, float, float], taken: float, companions: float
) -> dict[str, object]:
    lead_in, pulled, owed = borrowed
    return {
        "gross_units": gross,
        "lead_in_units": lead_in,
        "pull_forward_units": pulled,
        "owed_beyond_horizon_units": owed,
        "cannibalised_units": taken,
        "halo_units": companions,
        "net_units": gross - lead_in - pulled - taken + companions,
    }
