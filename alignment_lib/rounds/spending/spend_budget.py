"""The round's budget by channel: business as usual, as planned, and the split that brings most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.response.health import Response
from alignment_lib.planning.budget.spending import lay_out_channels
from alignment_lib.planning.budget.splitting import find_frontier
from alignment_lib.rounds.preparing.known_round import KnownRound
from alignment_lib.rounds.preparing.planned_spend import spend_by_channel
from alignment_lib.rounds.spending.spend_data import SpendData

__all__ = ["budget_table"]

_COLUMNS = [
    *("source", "usual", "planned", "low", "high", "best", "brought_usual", "brought_planned"),
    *("brought_best", "gain", "gain_p10", "gain_p90", "better", "is_known", "bound", "outcome"),
]
_BOUNDS = (0.5, 2.0)
"""A channel is taken to half and to double of business as usual at most: beyond, nobody has been."""


def budget_table(ready: KnownRound, found: SpendData, response: Response) -> pd.DataFrame:
    """One row a channel; empty where no channel's response is known or no period is open.

    A channel without planned rows in the round is completed with business as usual. The best split spends
    what is planned in all, begins with the money already spent, and holds as usual what history cannot tell.
    """
    names = found.data.channels
    known = [response.is_known(name) for name in names]
    open_periods = ready.round.cycle_periods[ready.round.cycle_periods > found.periods[-1]]
    if response.fit is None or not any(known) or not len(open_periods):
        return pd.DataFrame(columns=_COLUMNS)
    even = found.data.spend[-found.data.year :].mean(axis=0)
    usual = np.tile(even, (len(open_periods), 1))
    planned = _planned(ready, found, open_periods, usual)
    bounds = {
        name: (_BOUNDS[0] * money, max(_BOUNDS[1] * money, spent))
        for name, money, spent in zip(names, usual.sum(axis=0), planned.sum(axis=0), strict=True)
    }
    bounds = {name: (min(low, spent), high) for (name, (low, high)), spent in zip(
        bounds.items(), planned.sum(axis=0), strict=True)}  # fmt: skip
    # What is not known stays as planned, so the split is laid out on the planned weeks.
    channels = lay_out_channels(response.fit.curves, names, found.data.spend, planned, bounds, known)
    split = find_frontier(channels).at(float(planned.sum()))
    spent = {"usual": usual.sum(axis=0), "planned": planned.sum(axis=0), "best": split.money}
    brought = {
        key: np.stack(
            [one.bring(float(amount)).sum(axis=0) for one, amount in zip(channels, money, strict=True)]
        )
        for key, money in spent.items()
    }
    gains = (brought["best"] - brought["planned"])[known].sum(axis=0)
    low, middle, high = np.quantile(gains, [0.1, 0.5, 0.9])
    frame = pd.DataFrame({"source": names, **spent, "is_known": known, "bound": split.said})
    shown = {f"brought_{key}": np.where(known, draws.mean(axis=1), np.nan) for key, draws in brought.items()}
    frame = frame.assign(
        **shown,
        low=[one.low for one in channels],
        high=[one.high for one in channels],
        gain=middle,
        gain_p10=low,
        gain_p90=high,
        better=float((gains > 0).mean()),
        outcome=found.outcome,
    )
    return frame[_COLUMNS]


def _planned(ready: KnownRound, found: SpendData, periods: pd.DatetimeIndex, usual: np.ndarray) -> np.ndarray:
    """Money by open period as planned; as usual for a channel without planned rows in them."""
    table = ready.workspace.tables.get("planned_spend")
    if table is None or not len(table):
        return usual
    rows = table[table["period"].isin(periods)]
    wide = spend_by_channel(rows, periods).reindex(columns=list(found.data.channels))
    return np.where(wide.notna().any(axis=0).to_numpy(), wide.fillna(0.0).to_numpy(dtype=float), usual)
