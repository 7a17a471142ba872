"""Streams: the same periods as each voice sees them, so that each can be scored later.

``naive`` and ``baseline`` are the forecast's; ``marketing`` and ``sales`` are the baseline with the driver
calendar and that function's own proposals, whoever has accepted them; ``consensus`` is the signed plan.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

__all__ = ["STREAMS", "stream_table"]

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
