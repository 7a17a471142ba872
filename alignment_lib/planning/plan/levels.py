"""Levels and spans: every sum of the plan that people ask about.

A level is the total, one value of one dimension, or a leaf; a span is a fiscal month, quarter or year
of the horizon. Quantiles do not add, so each level and span gets its own from the same joint draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.inputs.periods.calendar import Calendar, Cycle

__all__ = ["Levels", "Spans", "exact_sums", "find_levels", "find_spans"]


@dataclass(frozen=True)
class Levels:
    """Sums over series.

    Attributes
    ----------
    keys : DataFrame, shape (levels, dimensions)
        Dimension values of each level; blank means all.
    matrix : sparse matrix, shape (levels, series)
        1 where the series belongs to the level.
    """

    keys: pd.DataFrame
    matrix: sparse.csr_matrix


@dataclass(frozen=True)
class Spans:
    """Sums over periods.

    Attributes
    ----------
    table : DataFrame
        ``span`` (``month``, ``quarter`` or ``year``), ``label`` such as ``2026Q1``, ``start``.
    matrix : ndarray, shape (spans, periods)
        1 where the period belongs to the span.
    """

    table: pd.DataFrame
    matrix: np.ndarray


def find_levels(keys: pd.DataFrame) -> Levels:
    """The total, each value of each dimension, and each series.

    Examples
    --------
    >>> levels = find_levels(pd.DataFrame({"shop": ["A", "A"], "brand": ["x", "y"]}))
    >>> levels.keys.to_numpy().tolist()
    [['', ''], ['A', ''], ['', 'x'], ['', 'y'], ['A', 'x'], ['A', 'y']]
    """
    count = len(keys)
    names = list(keys.columns)
    rows = [dict.fromkeys(names, "")]
    members = [np.arange(count)]
    for name in names if len(names) > 1 else []:
        codes, values = pd.factorize(keys[name], sort=True)
        for code, value in enumerate(values):
            rows.append(dict.fromkeys(names, "") | {name: value})
            members.append(np.flatnonzero(codes == code))
    columns = np.concatenate([*members, np.arange(count)])
    sizes = [len(part) for part in members] + [1] * count
    index = np.repeat(np.arange(len(sizes)), sizes)
    matrix = sparse.csr_matrix((np.ones(len(columns)), (index, columns)), shape=(len(sizes), count))
    return Levels(pd.concat([pd.DataFrame(rows, columns=names), keys], ignore_index=True), matrix)


def find_spans(calendar: Calendar, periods: pd.DatetimeIndex) -> Spans:
    """Fiscal months, quarters and years that the periods make up, those a grain can tell apart."""
    tables, blocks = [], []
    for cycle in get_args(Cycle):
        if cycle == "month" and calendar.grain == "quarter":
            continue
        labels = calendar.label(periods, cycle)
        names, first, codes = np.unique(labels, return_index=True, return_inverse=True)
        tables.append(pd.DataFrame({"span": cycle, "label": names, "start": periods[first]}))
        blocks.append(codes[None, :] == np.arange(len(names))[:, None])
    return Spans(pd.concat(tables, ignore_index=True), np.vstack(blocks).astype(float))


def exact_sums(values: np.ndarray, levels: sparse.csr_matrix, spans: np.ndarray) -> np.ndarray:
    """Sums over levels and spans, correctly rounded (Shewchuk 1997): the same however they are asked.

    Parameters
    ----------
    values : ndarray, shape (series, periods)
        What is added up.
    levels : sparse matrix, shape (levels, series)
        1 where a series belongs to a level.
    spans : ndarray, shape (spans, periods)
        1 where a period belongs to a span.

    Returns
    -------
    ndarray, shape (levels, spans)

    Examples
    --------
    >>> exact_sums(np.array([[0.1, 0.2], [0.3, -0.1]]), sparse.csr_matrix([[1, 1]]), np.array([[1, 1]]))
    array([[0.5]])
    """
    found = np.zeros((levels.shape[0], len(spans)))
    for at, span in enumerate(spans > 0):
        if span.any():
            part = values[:, span]
            found[:, at] = [
                math.fsum(part[levels.indices[first:last]].ravel().tolist())
                for first, last in zip(levels.indptr[:-1], levels.indptr[1:], strict=True)
            ]
    return found
