"""Which sales are made online: told by the names of channels, for claims about web and mobile."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["is_online", "online_series"]

_WORDS = frozenset(("web", "online", "mobile", "app", "internet", "e-commerce", "webshop"))


def is_online(name: str) -> bool:
    """Whether one of the words of a name says that it is online.

    >>> is_online("Mobile app"), is_online("Shop"), is_online("Weber")
    (True, False, False)
    """
    return not _WORDS.isdisjoint(str(name).casefold().split())


def online_series(keys: pd.DataFrame) -> np.ndarray:
    """Which series are sold online by the name of any of their dimensions; shape (series,), boolean."""
    found = np.zeros(len(keys), dtype=bool)
    for column in keys.columns:
        names = keys[column].astype(str)
        known = {name: is_online(name) for name in names.unique()}
        found |= names.map(known).to_numpy(dtype=bool)
    return found
