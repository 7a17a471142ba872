"""The different texts of a column and where each stands: what is read once serves all rows that bear it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["coded_words", "distinct_words"]

_WORTH = 20_000
_KEPT = 24
_seen: OrderedDict[tuple[int, int, int], tuple[np.ndarray, np.ndarray, np.ndarray]] = OrderedDict()
"""Of large columns, by place in memory; the array is held, so that no other takes its place meanwhile."""


def distinct_words(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Codes by row and the texts they stand for, anything else than text as ``""``.

    Tables of exports are never changed in place: what was worked out for a large column is kept for the next
    question about it.

    >>> codes, words = distinct_words(pd.Series(["b", "a", "b"], dtype=object))
    >>> codes.tolist(), words.tolist()
    ([0, 1, 0], ['b', 'a'])
    """
    array = values.to_numpy(dtype=object)
    if len(array) < _WORTH:
        return _factorize(array)
    key = (array.__array_interface__["data"][0], len(array), array.strides[0])
    if key in _seen:
        _seen.move_to_end(key)
        return _seen[key][1:]
    found = _factorize(array)
    _seen[key] = (array, *found)
    while len(_seen) > _KEPT:
        _seen.popitem(last=False)
    return found


def coded_words(values: pd.Series, blank: str = "") -> pd.Series:
    """The column as categories, a blank cell named so: a million rows bear a few hundred words."""
    codes, words = distinct_words(values)
    texts = np.where(words == "", blank, words)
    names, places = np.unique(texts.astype(str), return_inverse=True)
    placed: Any = places[codes]
    coded = pd.Categorical.from_codes(placed, pd.Index(names, dtype=object))
    return pd.Series(coded, index=values.index)


def _factorize(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    codes, words = pd.factorize(array, use_na_sentinel=False)
    texts = np.empty(len(words), dtype=object)
    texts[:] = [word if isinstance(word, str) else "" for word in words]
    return codes.astype(np.int32), texts
