"""Experiments on channels: which of them speak of this outcome, here and now, and how far to believe them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.forecasting.response.data import Experiment
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.evidence.study_errors import Finding

__all__ = ["read_channel_tests"]

_RANDOMISED = ("holdout", "geo", "split")
_STALE = 52
"""Weeks since its end after which a test no longer speaks of what money brings today."""


def read_channel_tests(
    table: pd.DataFrame | None,
    periods: pd.DatetimeIndex,
    spend: np.ndarray,
    channels: Sequence[str],
    dimensions: Sequence[str],
) -> tuple[tuple[Experiment, ...], list[Notice]]:
    """Experiments that calibrate a response, and a sentence for each that does not.

    A test counts where it names a channel with money, covers the whole business, lies within the weeks known
    and ended within the last year. Its error is its own, widened for design and age by the rules of
    `study_errors`; money it names beyond what the channel spent cannot be its own.

    Parameters
    ----------
    table : DataFrame or None
        The table ``experiments``.
    periods : DatetimeIndex
        First days of the weeks known.
    spend : ndarray, shape (weeks, channels)
    channels, dimensions : sequence of str
    """
    if table is None or "source" not in table or not len(table):
        return (), []
    found, notices = [], []
    for row in table[table["source"].fillna("").astype(str) != ""].to_dict("records"):
        made = _read(row, periods, spend, channels, dimensions)
        if isinstance(made, Experiment):
            found.append(made)
        else:
            text = f"experiments: {row['experiment']} does not count for spend: {made}"
            notices.append(Notice("experiment_aside", text))
    return tuple(found), notices


def _read(
    row: Mapping[Hashable, Any],
    periods: pd.DatetimeIndex,
    spend: np.ndarray,
    channels: Sequence[str],
    dimensions: Sequence[str],
) -> Experiment | str:
    """The experiment, or why it does not count."""
    name, channel = str(row["experiment"]), str(row["source"])
    aside = _aside(row, periods, channels, dimensions)
    if aside:
        return aside
    at = list(channels).index(channel)
    start, end = pd.Timestamp(str(row["start"])), pd.Timestamp(str(row["end"]))
    first = int(periods.searchsorted(start, side="right")) - 1
    last = int(periods.searchsorted(end, side="right")) - 1
    money, spent = float(spend[first : last + 1, at].sum()), _number(row.get("spend"))
    if money <= 0:
        return f"the table spend has no money of {channel} in its weeks."
    if spent > money * 1.005:
        return (
            f"it names {Said(spent):,.0f} spent, the table spend has {Said(money):,.0f} of {channel}"
            " in its weeks."
        )
    lift = _number(row["lift"]) / 100.0
    if lift <= -1.0:
        return f"a lift of {Said(lift):.0%} leaves nothing to compare with."
    years = (len(periods) - 1 - last) / 52.0
    design = "test" if row["design"] in _RANDOMISED else "panel"
    error = Finding(name, design, 100.0 * lift, _number(row.get("standard_error")), years).error / 100.0
    share = spent / money if spent > 0 else 1.0
    by_lot = row["design"] in _RANDOMISED
    return Experiment(name, at, first, last, min(share, 1.0), lift, max(error, 1e-6), by_lot)


def _aside(
    row: Mapping[Hashable, Any], periods: pd.DatetimeIndex, channels: Sequence[str], dimensions: Sequence[str]
) -> str:
    scope = [name for name in dimensions if row.get(name) and not pd.isna(row[name])]
    if str(row["source"]) not in channels:
        return f"no spend is known of a channel {row['source']}; there are: {', '.join(channels)}."
    if scope:
        return f"it speaks of one {scope[0]} only, {row[scope[0]]}, not of the whole business."
    if row.get("start") is None or pd.isna(row["start"]):
        return "its start is not given."
    start, end = pd.Timestamp(str(row["start"])), pd.Timestamp(str(row["end"]))
    if start < periods[0] or end >= periods[-1] + pd.Timedelta(weeks=1):
        span = f"{periods[0]:%Y-%m-%d} to {periods[-1] + pd.Timedelta(days=6):%Y-%m-%d}"
        return f"it is longer than its data, which are known from {span}."
    if (periods[-1] - end) / pd.Timedelta(weeks=1) > _STALE:
        return f"it ended more than a year ago, on {end:%Y-%m-%d}, and is stale."
    return ""


def _number(value: Any) -> float:
    return float("nan") if value is None or value == "" or pd.isna(value) else float(value)
