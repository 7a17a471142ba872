"""A past event period by period: what was sold, and what would have been sold without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History

__all__ = ["study_event"]

_BEFORE, _AFTER = 8, 6
_ECHO = 4
"""Periods after an event in which what it borrowed may be missing."""
_Z90 = 1.6449


def study_event(
    history: History, expected: np.ndarray, without: np.ndarray, event: Mapping[Any, Any]
) -> pd.DataFrame:
    """Sales around a past event beside what the model would have expected without it.

    Parameters
    ----------
    history : History
        What was sold.
    expected, without : ndarray, shape (series, periods)
        What the model expects with everything that was done, and with nothing promoted.
    event : mapping
        A row of `event_table`.

    Returns
    -------
    DataFrame
        ``period, actual, without, low, high, is_event`` from eight periods before the event to six after
        it, summed over the series concerned. Up to the event ``without`` is what the model expects; within
        it, what would have been sold without this event, in all as the table of events says; for four
        periods after it, what would have been sold had nothing been borrowed. ``low`` and ``high`` hold nine
        ordinary periods in ten, by the residuals of the same sales over the whole history.
    """
    first = int(history.periods.get_indexer(pd.DatetimeIndex([event["start"]]))[0])
    last = int(history.periods.get_indexer(pd.DatetimeIndex([event["end"]]))[0])
    rows = _series_of(history, expected, without, event, slice(first, last + 1))
    actual = np.nansum(history.values[rows], axis=0)
    model, quiet = (np.nansum(part[rows], axis=0) for part in (expected, without))
    line = model.copy()
    window = slice(first, last + 1)
    inside = quiet[window].sum()
    line[window] = quiet[window] * (float(event["without"]) / inside if inside > 0 else 1.0)
    echo = slice(last + 1, min(last + 1 + _ECHO, len(line)))
    line[echo] = np.maximum(quiet[echo], model[echo])
    usable = (actual > 0) & (model > 0)
    spread = float(np.std(np.log(actual[usable] / model[usable]))) if usable.sum() > 2 else 0.0
    shown = slice(max(0, first - _BEFORE), min(len(line), last + 1 + _AFTER))
    places = np.arange(len(line))
    return pd.DataFrame(
        {
            "period": history.periods[shown],
            "actual": actual[shown],
            "without": line[shown],
            "low": line[shown] * np.exp(-_Z90 * spread),
            "high": line[shown] * np.exp(_Z90 * spread),
            "is_event": ((places >= first) & (places <= last))[shown],
        }
    )


def _series_of(
    history: History, expected: np.ndarray, without: np.ndarray, event: Mapping[Any, Any], window: slice
) -> np.ndarray:
    """The series the event was on for: those of its scope whose expected sales it lifts most."""
    match = np.ones(len(history.keys), dtype=bool)
    for name in (name for name in history.dimensions if event.get(name)):
        match &= (history.keys[name] == event[name]).to_numpy()
    rows = np.flatnonzero(match)
    base = np.nansum(without[rows][:, window], axis=1)
    lifted = np.nansum(expected[rows][:, window], axis=1) / np.maximum(base, 1e-9)
    order = np.argsort(-lifted, kind="stable")[: int(event["series"])]
    return np.sort(rows[order])
