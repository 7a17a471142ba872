"""What the sales of a span came from: leads due x quality x contact x speed x win rate x order size.

A lead is *due* in a span by the share of its eventual sale that the lag puts there, so that wins of the
span are set against the leads they can have come from, and the product of the factors is the span's sales
with a lead, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import LagDistribution
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.win_model import WinModel, predict_wins

__all__ = ["FACTORS", "due_weights", "funnel_factors"]

FACTORS = ("leads", "quality", "contact", "speed", "win", "order_size")
"""In the order of the funnel; the first two are marketing's, the next three sales', the last both's."""


def due_weights(
    leads: FunnelLeads, lag: LagDistribution, start: pd.Timestamp, end: pd.Timestamp
) -> np.ndarray:
    """Share of each lead's eventual sale that falls from `start` up to but not including `end`."""
    created = leads.table["created"]
    day = 86_400.0
    until = (end - created).dt.total_seconds().to_numpy() / day
    since = (start - created).dt.total_seconds().to_numpy() / day
    return np.asarray(_smooth_share(lag, until) - _smooth_share(lag, since))


def _smooth_share(lag: LagDistribution, days: np.ndarray) -> np.ndarray:
    """Lag share between whole days, even within a day."""
    whole = np.floor(days)
    before, after = lag.share_by(whole - 1), lag.share_by(whole)
    return np.asarray(np.where(days < 0, 0.0, before + (days - whole) * (after - before)))


def funnel_factors(
    leads: FunnelLeads,
    lag: LagDistribution,
    model: WinModel | None,
    start: pd.Timestamp,
    end: pd.Timestamp,
    by: Sequence[str] = ("source",),
) -> pd.DataFrame:
    """Factors of the sales with a lead closed from `start` up to but not including `end`.

    With a chance ``p`` to win at the promise and ``p'`` at the actual wait (both by the model):
    ``quality`` = mean over leads of accepted x p; ``contact`` = the share of that chance that was reached;
    ``speed`` = p' against p over those reached; ``win`` = actual wins against what p' would have given;
    ``order_size`` = money per win. Without a model p = p' = 1: quality is the accepted share, speed is 1
    and the win rate takes the rest.

    Returns
    -------
    DataFrame
        `by`, ``leads`` (due), ``quality, contact, speed, win, order_size, customers, value``. A factor
        that cannot be known (no leads, no wins) is NaN.
    """
    table = leads.table
    due = due_weights(leads, lag, start, end)
    if not lag.won:
        due = ((table["created"] >= start) & (table["created"] < end)).to_numpy().astype(float)
    closed = (table["is_won"] & (table["closed_at"] >= start) & (table["closed_at"] < end)).to_numpy()
    used = (due > 0) | closed
    chosen, due, closed = table[used], due[used], closed[used]
    promise, actual = _chances(model, chosen)
    accepted = chosen["is_accepted"].to_numpy()
    reached = accepted & chosen["is_contacted"].to_numpy() if "contacted" in leads.recorded else accepted
    amount = np.nan_to_num(chosen["value"].to_numpy(), nan=0.0)
    numbers = {
        "leads": due,
        "at_promise": due * np.where(accepted, promise, 0.0),
        "reached": due * np.where(reached, promise, 0.0),
        "as_handled": due * np.where(reached, actual, 0.0),
        "customers": closed.astype(float),
        "value": np.where(closed, amount, 0.0),
    }
    frame = chosen[list(by)].assign(**numbers)
    sums = frame.groupby(list(by), observed=True, sort=True)[list(numbers)].sum().reset_index()
    for name in by:
        sums[name] = sums[name].astype(str)
    sums["quality"] = _ratio(sums["at_promise"], sums["leads"])
    sums["contact"] = _ratio(sums["reached"], sums["at_promise"])
    sums["speed"] = _ratio(sums["as_handled"], sums["reached"])
    sums["win"] = _ratio(sums["customers"], sums["as_handled"])
    sums["order_size"] = _ratio(sums["value"], sums["customers"].where(sums["value"] > 0))
    return sums[[*by, *FACTORS, "customers", "value"]]


def _chances(model: WinModel | None, chosen: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    if model is None:
        return np.ones(len(chosen)), np.ones(len(chosen))
    return predict_wins(model, chosen), predict_wins(
        model, chosen, chosen["wait_hours"].to_numpy(dtype=float)
    )


def _ratio(top: pd.Series, bottom: pd.Series) -> pd.Series:
    return top / bottom.where(bottom > 0)
