"""Streams: the same periods as each voice sees them, so that each can be scored later.

``naive`` and ``baseline`` are the forecast's; ``marketing`` and ``sales`` are the baseline with the driver
calendar and that function's own proposals, whoever has accepted them, unless the function made a
forecast of its own; ``finance`` is there only where it did; ``consensus`` is the signed plan.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.grid import PlanGrid, scope_rows

__all__ = ["STREAMS", "combine_streams", "own_stream", "stream_table"]

STREAMS = ("naive", "baseline", "marketing", "sales", "finance", "consensus")


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
