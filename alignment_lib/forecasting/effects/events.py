"""Past promotions one by one: gross, pulled forward, cannibalised, net, and set beside placebo dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.moves import runs_of
from alignment_lib.forecasting.effects.measured import Measured
from alignment_lib.forecasting.effects.tables import group_names

__all__ = ["EVENT_COLUMNS", "cleanse_history", "event_table", "without_promotions"]

EVENT_COLUMNS = (
    "driver", "start", "end", "periods", "series", "strength", "actual", "without", "without_low",
    "without_high", "gross", "gross_error", "pull_forward", "cannibalised", "net", "net_error",
    "placebo_dates", "placebo_p", "pre_event_gap", "verdict",
)  # fmt: skip
_Z90 = 1.6449
_PRE_PERIODS = 8
_FEWEST_PLACEBOS = 9
_LEVEL = 0.10
_LONGEST = 4


@dataclass(frozen=True)
class _Event:
    driver: str
    product: int
    first: int
    last: int
    rows: np.ndarray


def cleanse_history(measured: Measured) -> np.ndarray:
    """History without past promotions and temporary price cuts, in the measure; NaN where unknown.

    Actual sales times base over expected sales, so that what no driver explains stays in.
    """
    return np.asarray(measured.panel.values * measured.base / measured.expected)


def without_promotions(measured: Measured) -> np.ndarray:
    """What the model expects had nothing been promoted, shape (series, known)."""
    return measured.base


def event_table(measured: Measured) -> pd.DataFrame:
    """One row per past promotion event: a run of periods in which a driver is on for a product anywhere.

    Returns
    -------
    DataFrame
        The dimensions as scope (blank = all), then `EVENT_COLUMNS`. ``gross - pull_forward - cannibalised =
        net`` in the measure; ``without`` is what would have been sold without this event, with a 90 % band;
        ``placebo_p`` is the share of placebo windows of the same length, at dates without the driver, whose
        unexplained change is at least as large as the event's (Abadie, Diamond & Hainmueller 2010);
        ``verdict`` is ``established``, ``not established`` or ``too few placebo dates``.
    """
    name, labels = group_names(measured)
    rows = []
    for event in _events(measured):
        row: dict[str, object] = dict.fromkeys(map(str, measured.panel.keys.columns), "")
        if name:
            row[name] = labels[event.product]
        rows.append(row | _describe(measured, event))
    return pd.DataFrame(rows, columns=[*measured.panel.keys.columns, *EVENT_COLUMNS])


def _events(measured: Measured) -> list[_Event]:
    events = []
    for driver, strength in measured.moves.mechanics.items():
        for product in range(int(measured.panel.product.max()) + 1):
            its = np.flatnonzero(measured.panel.product == product)
            on = np.abs(strength[its]) > 0
            first, last = runs_of(on.any(axis=0))
            for start, end in zip(np.flatnonzero(first), np.flatnonzero(last), strict=True):
                rows = its[on[:, start : end + 1].any(axis=1)]
                events.append(_Event(driver, product, int(start), int(end), rows))
    return events


def _describe(measured: Measured, event: _Event) -> dict[str, object]:
    window = slice(event.first, event.last + 1)
    panel = measured.panel
    gross_cells = measured.gross[event.driver][event.rows, window]
    seen = np.isfinite(panel.values[event.rows, window])
    expected = measured.expected[event.rows, window]
    actual = float(np.where(seen, panel.values[event.rows, window], 0.0).sum())
    without = float(np.where(seen, expected - gross_cells, 0.0).sum())
    error = _sum_error(measured, np.where(seen, np.maximum(expected - gross_cells, 0.0), 0.0))
    gross = float(gross_cells.sum())
    strength = np.abs(measured.moves.mechanics[event.driver][event.rows, window])
    moved = _moved(measured, event, gross)
    return {
        "driver": event.driver,
        "start": panel.periods[event.first],
        "end": panel.periods[event.last],
        "periods": event.last - event.first + 1,
        "series": len(event.rows),
        "strength": float(strength[strength > 0].mean()),
        "actual": actual,
        "without": without,
        "without_low": max(0.0, without - _Z90 * error),
        "without_high": without + _Z90 * error,
        "gross": gross,
        **moved,
        **_placebo(measured, event, actual, without),
    }


def _moved(measured: Measured, event: _Event, gross: float) -> dict[str, float]:
    """Gross error, units moved from later and from other products, and the net with its error."""
    layout = measured.layout
    kind = "price" if event.driver in layout.prices else "own"
    index = [
        place for (product, _), place in layout.place(kind, event.driver).items() if product == event.product
    ]
    variance = float(measured.covariance[index[0], index[0]]) if index else 0.0
    window = slice(event.first, event.last + 1)
    strength = measured.moves.mechanics[event.driver][event.rows, window]
    slope = float((strength * measured.promoted[event.rows, window]).sum())
    gross_error = abs(slope) * np.sqrt(max(variance, 0.0))
    tail = gross * min(1.0, _LONGEST / (event.last - event.first + 1))
    shares = [*layout.place("after", event.driver).values(), *layout.place("before", event.driver).values()]
    pulled = tail * float(measured.estimate[shares].sum())
    pulled_variance = tail**2 * float(measured.covariance[np.ix_(shares, shares)].sum())
    taken, taken_variance = _taken(measured, event)
    return {
        "gross_error": float(gross_error),
        "pull_forward": pulled,
        "cannibalised": taken,
        "net": gross - pulled - taken,
        "net_error": float(np.sqrt(gross_error**2 + max(pulled_variance, 0.0) + max(taken_variance, 0.0))),
    }


def _taken(measured: Measured, event: _Event) -> tuple[float, float]:
    """Units other products of the same stores lose by this event, and the variance of that."""
    places = measured.layout.place("pair", "")
    panel = measured.panel
    window = slice(event.first, event.last + 1)
    units = measured.gross[event.driver][event.rows, window].sum(axis=1)
    stores = panel.others[event.rows]
    index, weights = [], []
    sizes = measured.sizes
    for (donor, other), place in places.items():
        if donor == event.product or other not in (event.product, -1):
            continue
        met = float(units[np.isin(stores, panel.others[panel.product == donor])].sum())
        part = sizes[donor] / max(float(sizes.sum() - sizes[event.product]), 1e-9) if other < 0 else 1.0
        index.append(place)
        weights.append(met * part)
    if not index:
        return 0.0, 0.0
    size = np.array(weights)
    covariance = measured.covariance[np.ix_(index, index)]
    return float(size @ measured.estimate[index]), float(size @ covariance @ size)


def _sum_error(measured: Measured, mean: np.ndarray) -> float:
    """Standard deviation of a sum of sales over series and periods under the error model."""
    errors = measured.errors
    own = (errors.variance(np.maximum(mean, 0.1)) - errors.week - errors.product).clip(0) * mean**2
    periods = mean.sum(axis=0)
    memory = errors.memory ** np.abs(np.subtract.outer(np.arange(len(periods)), np.arange(len(periods))))
    common = (errors.week + errors.product) * float(periods @ memory @ periods)
    return float(np.sqrt(own.sum() * (1 + errors.memory) + common))


def _placebo(measured: Measured, event: _Event, actual: float, without: float) -> dict[str, object]:
    """The event's unexplained change against windows of the same length without the driver."""
    panel = measured.panel
    seen = np.isfinite(panel.values[event.rows])
    left = np.where(seen, panel.values[event.rows] - measured.expected[event.rows], 0.0).sum(axis=0)
    size = np.where(seen, measured.expected[event.rows], 0.0).sum(axis=0)
    off = ~(np.abs(measured.moves.mechanics[event.driver][event.rows]) > 0).any(axis=0) & (size > 0)
    length = event.last - event.first + 1
    kernel = np.ones(length)
    free = np.convolve(off, kernel, "valid") > length - 0.5
    changes = (np.convolve(left, kernel, "valid") / np.maximum(np.convolve(size, kernel, "valid"), 1e-9))[
        free
    ]
    effect = (actual - without) / max(without, 1e-9)
    before = slice(max(0, event.first - _PRE_PERIODS), event.first)
    gap = float(left[before].sum() / size[before].sum()) if size[before].sum() > 0 else np.nan
    share = float((1 + (np.abs(changes) >= abs(effect)).sum()) / (1 + len(changes)))
    verdict = "established" if share <= _LEVEL else "not established"
    if len(changes) < _FEWEST_PLACEBOS:
        share, verdict = np.nan, "too few placebo dates"
    return {"placebo_dates": len(changes), "placebo_p": share, "pre_event_gap": gap, "verdict": verdict}
