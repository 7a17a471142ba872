"""Natural scales of drivers, and how far past what history saw a planned value is believed.

Money, contacts or minutes behind a promotion differ by orders of magnitude, and twice the money does not
bring twice the effect: such a driver acts by the logarithm of its size. Depths and flags, at most 1, are
taken as they are. And no effect is carried on much further than history went: beyond, it is taken at the
edge.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["hold_within_reach", "log_scales", "natural_scale"]

_WIDE = 5.0
"""Largest over usual value from which a promotion counts by the logarithm of its size."""
_PRICE_REACH = 0.3
"""Log points by which a price may leave its mean at least, however little it moved."""


def log_scales(
    drivers: pd.DataFrame, kinds: Mapping[str, str], first_unknown: pd.Timestamp
) -> dict[str, tuple[float, float, int]]:
    """Promotions taken in logarithms: usual and largest known value above zero, and how many there are."""
    known = (drivers["period"] < first_unknown).to_numpy()
    found = {}
    for name in (name for name, kind in kinds.items() if kind == "promotion" and name in drivers):
        values = pd.to_numeric(drivers[name], errors="coerce").to_numpy(dtype=float)
        past = values[known & np.isfinite(values) & (values > 0)]
        if not len(past):
            continue
        usual, largest = float(np.median(past)), float(past.max())
        if largest > 1 and largest > _WIDE * usual:
            found[name] = (usual, largest, len(past))
    return found


def natural_scale(
    drivers: pd.DataFrame, kinds: Mapping[str, str], first_unknown: pd.Timestamp
) -> tuple[pd.DataFrame, list[Notice]]:
    """The driver table with promotions of very different sizes in logarithms: log(1 + value / usual).

    The usual value is the median of the known values above zero. A promotion is taken so where its largest
    known value is above 1 and over five times the usual one; diminishing returns of this form are those of
    the sales-response models with a logarithm (Hanssens, Parsons & Schultz 2001, ch. 3).

    Parameters
    ----------
    drivers : DataFrame
        ``period`` and one column per driver.
    kinds : mapping of str to {"price", "promotion", "market"}
    first_unknown : Timestamp
        First period that is not known: scales come from those before it.

    Returns
    -------
    drivers : DataFrame
    notices : list of Notice

    Examples
    --------
    >>> days = pd.date_range("2026-01-05", periods=4, freq="7D")
    >>> table = pd.DataFrame({"period": days, "money": [0.0, 100.0, 100.0, 1e6]})
    >>> first_unknown = days[3] + pd.Timedelta(days=7)
    >>> natural_scale(table, {"money": "promotion"}, first_unknown)[0]["money"].round(2).tolist()
    [0.0, 0.69, 0.69, 9.21]
    """
    scaled, notices = {}, []
    for name, (usual, largest, count) in log_scales(drivers, kinds, first_unknown).items():
        values = pd.to_numeric(drivers[name], errors="coerce").to_numpy(dtype=float)
        scaled[name] = np.log1p(np.maximum(values, 0.0) / usual)
        text = (
            f"Promotion {name!r} comes in very different sizes (usually {Said(usual):,.4g}, up to "
            f"{Said(largest):,.4g}): its effect follows the logarithm of its size, so that twice as much "
            "does not bring twice as much."
        )
        notices.append(Notice("driver_scale", text, count))
    return (drivers.assign(**scaled) if scaled else drivers), notices


def hold_within_reach(
    name: str, kind: str, values: np.ndarray, known: int
) -> tuple[np.ndarray, list[Notice]]:
    """Planned values held to what the history's range can speak for, widened by its own width on each side.

    For a price the range is that of its departures from each series' mean, in logs, and at least 0.3: a
    demand curve of constant elasticity bears some extension, a straight line through a narrow range little.

    Parameters
    ----------
    name, kind : str
    values : ndarray, shape (series, known + horizon)
        Filled; prices positive.
    known : int

    Returns
    -------
    values : ndarray
    notices : list of Notice
        How many planned values were held, and what the farthest was.

    Examples
    --------
    >>> values = np.array([[0.0, 1.0, 0.0, 50.0]])
    >>> hold_within_reach("x", "promotion", values, 3)[0].tolist()
    [[0.0, 1.0, 0.0, 2.0]]
    """
    if not known or known == values.shape[1]:
        return values, []
    past = values[:, :known]
    if kind == "price":
        center = np.log(past).mean(axis=1, keepdims=True)
        reach = max(2 * float(np.abs(np.log(past) - center).max(initial=0.0)), _PRICE_REACH)
        low, high = np.exp(center - reach), np.exp(center + reach)
    else:
        least, most = float(past.min(initial=np.inf)), float(past.max(initial=-np.inf))
        low, high = np.array([[2 * least - most]]), np.array([[2 * most - least]])
    ahead = values[:, known:]
    held = np.clip(ahead, low, high)
    moved = np.abs(held - ahead) > 1e-9 * np.maximum(1.0, np.abs(ahead))
    if not moved.any():
        return values, []
    farthest = np.unravel_index(np.argmax(np.where(moved, np.abs(held - ahead), -1.0)), ahead.shape)
    text = (
        f"Driver {name!r} is planned far outside what history has seen (as far as "
        f"{Said(float(ahead[farthest])):,.4g}) in {int(moved.sum())} "
        f"{'cell' if moved.sum() == 1 else 'cells'}: its effect there is taken as at "
        f"{Said(float(held[farthest])):,.4g}, as far as history can speak for."
    )
    result = values.copy()
    result[:, known:] = np.where(moved, held, ahead)
    return result, [Notice("driver_beyond", text, int(moved.sum()))]
