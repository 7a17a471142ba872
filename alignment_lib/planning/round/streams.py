"""Streams: the same periods as each voice sees them, so that each can be scored later.

``naive`` and ``baseline`` are the forecast's; ``marketing`` and ``sales`` are the baseline with the driver
calendar and that function's own proposals, whoever has accepted them, unless the function made a forecast of
its own; a function that wrote neither is not there, nor is ``finance`` without a forecast; ``combined`` joins
the forecasts that functions handed in, where two did at least, by what each got right before; ``consensus``
is the signed plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.plan.grid import PlanGrid, scope_rows

__all__ = [
    "FUNCTIONS",
    "STREAMS",
    "StreamErrors",
    "combine_by_lag",
    "combine_streams",
    "own_stream",
    "read_own_forecasts",
    "stream_table",
]

STREAMS = ("naive", "baseline", "marketing", "sales", "finance", "combined", "consensus")
FUNCTIONS = ("sales", "marketing", "finance")
"""Who may hand in a forecast, as column ``<function>_forecast`` of the table `forecasts`."""
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class StreamErrors:
    """How far each stream lay off in earlier rounds, by how many cycles ahead it spoke.

    Attributes
    ----------
    cycle : {"month", "quarter", "year"}
        What a lag counts; the round's own cycle is lag 1.
    errors : dict of (stream, lag) to float
        Typical error of the total, in any unit common to all streams of a lag. A stream without enough
        closed rounds at a lag is not there.
    """

    cycle: Cycle = "quarter"
    errors: Mapping[tuple[str, int], float] = field(default_factory=dict)

    def at(self, lag: int) -> dict[str, float]:
        """Error by stream at one lag."""
        return {stream: error for (stream, ahead), error in self.errors.items() if ahead == lag}


def stream_table(labels: pd.DataFrame, values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Streams as rows.

    Parameters
    ----------
    labels : DataFrame, shape (cells, 1 + dimensions)
        ``period`` and the dimensions of each cell, series by series.
    values : mapping of str to ndarray, shape (series, periods)
        By stream name; a stream that is not there gives no rows.

    Returns
    -------
    DataFrame
        ``stream, period``, the dimensions, ``value``.
    """
    parts = [
        labels.assign(stream=name, value=values[name].ravel())[["stream", *labels.columns, "value"]]
        for name in STREAMS
        if name in values
    ]
    return pd.concat(parts, ignore_index=True)


def own_stream(
    grid: PlanGrid, table: pd.DataFrame, name: str, otherwise: np.ndarray
) -> tuple[np.ndarray, list[Notice]]:
    """A function's own forecast, spread over the grid.

    Each statement replaces what `otherwise` says for its series and period; a statement about several
    series is spread in the proportions of `otherwise`. The broadest statements are taken first, so that
    a narrower one overrides its part of them.

    Parameters
    ----------
    grid : PlanGrid
        Series and periods.
    table : DataFrame
        ``period``, any dimensions (blank or absent = all), ``value`` in the plan's measure.
    name : str
        The stream, for the notice.
    otherwise : ndarray, shape (series, periods)
        Used where the function says nothing.

    Returns
    -------
    values : ndarray, shape (series, periods)
    notices : list of Notice
        Statements that meet no series or period of the plan, and cells filled from `otherwise`.
    """
    result = otherwise.astype(float)
    stated = np.zeros(result.shape, dtype=bool)
    named = [dimension for dimension in grid.dimensions if dimension in table.columns]
    columns = grid.periods.get_indexer(pd.DatetimeIndex(table["period"]))
    scopes = [
        {key: str(row[key]) for key in named if str(row[key]) not in ("", "nan", "None")}
        for row in table.assign(period=0)[["period", *named]].to_dict("records")
    ]
    figures = table["value"].to_numpy(dtype=float)
    lost = 0
    for at in sorted(range(len(table)), key=lambda at: (len(scopes[at]), at)):
        rows = scope_rows(grid, scopes[at])
        if columns[at] < 0 or not len(rows):
            lost += 1
            continue
        size = np.maximum(otherwise[rows, columns[at]], 0.0)
        share = size / size.sum() if size.sum() > 0 else np.full(len(rows), 1.0 / len(rows))
        result[rows, columns[at]] = figures[at] * share
        stated[rows, columns[at]] = True
    notices = []
    if lost:
        text = f"{lost} rows of the {name} forecast meet no series or open period and were left out"
        notices.append(Notice("stream_unplaced", text, lost))
    silent = int((~stated).sum())
    if silent and silent < stated.size:
        text = f"the {name} forecast says nothing of {silent} cells of the plan; there its proposals stand"
        notices.append(Notice("stream_filled", text, silent))
    return result, notices


def combine_streams(
    values: Mapping[str, np.ndarray], errors: Mapping[str, float] | None = None
) -> tuple[np.ndarray, dict[str, float]]:
    """A consensus of streams, weighted by what each got right before.

    Weights are inverse to each stream's mean squared error at the same lag (Bates and Granger 1969,
    Operational Research Quarterly 20, without covariances), and equal until every stream has a record.

    Parameters
    ----------
    values : mapping of str to ndarray
        By stream, all of one shape.
    errors : mapping of str to float, optional
        Root mean squared error of each stream's earlier forecasts at the same lag.

    Returns
    -------
    combined : ndarray
    weights : dict of str to float
        By stream, summing to 1.

    Examples
    --------
    >>> streams = {"sales": np.array([100.0]), "finance": np.array([130.0])}
    >>> combine_streams(streams, {"sales": 10.0, "finance": 20.0})
    (array([106.]), {'finance': 0.2, 'sales': 0.8})
    """
    names = sorted(values)
    known = errors is not None and all(errors.get(name, 0.0) > 0 for name in names)
    raw = np.array([1.0 / errors[name] ** 2 if known and errors else 1.0 for name in names])
    share = raw / raw.sum()
    combined = sum((part * values[name] for part, name in zip(share, names, strict=True)), np.zeros(()))
    weights = {name: float(round(part, 12)) for name, part in zip(names, share, strict=True)}
    return np.asarray(combined), weights


def combine_by_lag(
    values: Mapping[str, np.ndarray], known: StreamErrors, calendar: Calendar, periods: pd.DatetimeIndex
) -> tuple[np.ndarray, pd.DataFrame]:
    """A consensus of streams, cycle by cycle: each lag has the weights its own record gives.

    Parameters
    ----------
    values : mapping of str to ndarray, shape (series, periods)
        By stream.
    known : StreamErrors
        Record of earlier rounds.
    calendar, periods : Calendar, DatetimeIndex
        The plan's periods, the first of which lies in the round's own cycle.

    Returns
    -------
    combined : ndarray, shape (series, periods)
    weights : DataFrame
        ``lag, stream, weight, error, basis``: ``record`` where every stream has one at that lag, else
        ``equal``.
    """
    cycles = calendar.fiscal_month(periods) // _MONTHS[known.cycle]
    lags = cycles - cycles[0] + 1
    combined = np.zeros(next(iter(values.values())).shape)
    rows = []
    for lag in np.unique(lags):
        inside = np.flatnonzero(lags == lag)
        errors = known.at(int(lag))
        part, weights = combine_streams({name: found[:, inside] for name, found in values.items()}, errors)
        combined[:, inside] = part
        basis = "record" if all(errors.get(name, 0.0) > 0 for name in weights) else "equal"
        rows += [(int(lag), name, share, errors.get(name, np.nan), basis) for name, share in weights.items()]
    return combined, pd.DataFrame(rows, columns=["lag", "stream", "weight", "error", "basis"])


def read_own_forecasts(table: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Each function's own forecast, from the table in which they stand side by side.

    Parameters
    ----------
    table : DataFrame or None
        Canonical `forecasts`: ``period``, the dimensions, ``recorded``, a column ``<function>_forecast``
        each. Of several statements about the same period and scope the one recorded last counts.

    Returns
    -------
    dict of str to DataFrame
        ``period``, the dimensions, ``value`` by function; a function that says nothing is not there.

    Examples
    --------
    >>> week = pd.Timestamp("2026-01-05")
    >>> days = pd.to_datetime(["2025-12-01", "2025-12-15"])
    >>> table = pd.DataFrame({"period": week, "recorded": days, "sales_forecast": [500.0, 540.0]})
    >>> read_own_forecasts(table)["sales"]["value"].tolist()
    [540.0]
    """
    if table is None or not len(table):
        return {}
    columns = {name: f"{name}_forecast" for name in FUNCTIONS if f"{name}_forecast" in table}
    keys = [name for name in table.columns if name not in (*columns.values(), "recorded")]
    found = {}
    for name, column in columns.items():
        rows = table[table[column].notna()]
        if len(rows):
            newest = rows.sort_values("recorded", kind="stable", na_position="first")
            newest = newest.drop_duplicates(keys, keep="last").sort_index()
            found[name] = newest[[*keys, column]].rename(columns={column: "value"}).reset_index(drop=True)
    return found
