"""Sums of order lines by period and dimensions, with zeros where nothing was sold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.tables.distinct_words import distinct_words

__all__ = ["add_up", "fill_zeros", "iso_texts", "to_table"]


def add_up(frame: pd.DataFrame, keys: list[str], measures: list[str]) -> pd.DataFrame:
    """Sums by ``period`` and keys, sorted by them."""
    codes: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    for name in ["period", *keys]:
        code, label = _sorted_codes(frame[name])
        codes.append(code)
        labels.append(np.asarray(label))
    if not len(frame):
        return frame[["period", *keys, *measures]]
    sizes = [len(label) for label in labels]
    flat = np.ravel_multi_index(codes, sizes)
    present, group = np.unique(flat, return_inverse=True)
    places = np.unravel_index(present, sizes)
    made = {name: label[place] for name, label, place in zip(["period", *keys], labels, places, strict=True)}
    for name in measures:
        made[name] = np.bincount(group, frame[name].to_numpy(dtype=float), len(present))
    return pd.DataFrame(made)


def _sorted_codes(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Codes in the order of what they stand for; of texts the few different ones are sorted, not the rows."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        words = values.cat.categories.to_numpy(dtype=object)
        order = np.argsort(words.astype(str), kind="stable")
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        return place[values.cat.codes.to_numpy()], words[order]
    if values.dtype != object:
        codes, label = pd.factorize(values, sort=True)
        return codes, np.asarray(label)
    codes, words = distinct_words(values)
    order = np.argsort(words.astype(str), kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[codes], words[order]


def fill_zeros(sums: pd.DataFrame, keys: list[str], measures: list[str], calendar: Calendar) -> pd.DataFrame:
    """Rows of zero from each series' first period to the end of the export.

    The end is the export's, not the series': a part not ordered for ten weeks was ordered zero times in each.
    """
    if not len(sums):
        return sums
    series = (
        sums.groupby(keys, sort=True, observed=True).ngroup().to_numpy() if keys else np.zeros(len(sums), int)
    )
    whole = calendar.between(sums["period"].min(), sums["period"].max())
    at = whole.get_indexer(pd.DatetimeIndex(sums["period"]))
    count = int(series.max()) + 1
    first = np.full(count, len(whole))
    np.minimum.at(first, series, at)
    lengths = len(whole) - first
    owner = np.repeat(np.arange(count), lengths)
    place = (
        np.arange(lengths.sum())
        - np.repeat(np.cumsum(lengths) - lengths, lengths)
        + np.repeat(first, lengths)
    )
    example = np.zeros(count, dtype=int)
    example[series] = np.arange(len(sums))
    made: dict[str, object] = {"period": whole[place]}
    made |= {name: sums[name].to_numpy()[example[owner]] for name in keys}
    cells = np.cumsum(lengths)[series] - lengths[series] + at - first[series]
    for name in measures:
        values = np.zeros(len(owner))
        values[cells] = sums[name].to_numpy()
        made[name] = values
    return pd.DataFrame(made)


def to_table(frame: pd.DataFrame, keys: list[str], measures: list[str]) -> pd.DataFrame:
    """The table as written: ISO days, and no traces of adding decimals that nobody's money has."""
    table = frame[["period", *keys, *measures]].reset_index(drop=True)
    table[measures] = table[measures].astype(float).round(6) + 0.0
    return table.assign(period=iso_texts(table["period"]))


def iso_texts(days: pd.Series) -> np.ndarray:
    """Days as ISO text."""
    codes, unique = pd.factorize(pd.DatetimeIndex(days).normalize())
    texts = pd.DatetimeIndex(unique).strftime("%Y-%m-%d").to_numpy(dtype=object)
    return texts[codes] if len(texts) else np.empty(len(days), dtype=object)
