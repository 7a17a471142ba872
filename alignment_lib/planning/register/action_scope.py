"""Where else an action may run: its claim's scope with other members, and its cells of the calendar there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

__all__ = ["Members", "as_members", "carry_over", "moved_scope", "say_members"]

Members = tuple[tuple[str, str], ...]
"""Members by dimension that stand in place of a claim's own; a blank member means all of them."""


def as_members(scope: Mapping[str, str]) -> Members:
    """A scope as it is kept with a move.

    >>> as_members({"product": "Tea", "channel": "web"})
    (('channel', 'web'), ('product', 'Tea'))
    """
    return tuple(sorted((str(name), str(member)) for name, member in scope.items()))


def moved_scope(scope: Mapping[str, str], members: Members) -> dict[str, str]:
    """A claim's scope with other members.

    >>> moved_scope({"product": "Tea", "channel": "web"}, (("channel", "shop"),))
    {'product': 'Tea', 'channel': 'shop'}
    >>> moved_scope({"product": "Tea", "channel": "web"}, (("channel", ""),))
    {'product': 'Tea'}
    """
    return {name: member for name, member in {**scope, **dict(members)}.items() if member}


def say_members(members: Members) -> str:
    """The members in words.

    >>> say_members((("channel", "shop"), ("sale_type", "")))
    'channel shop, every sale type'
    """
    said = [(name.replace("_", " "), member) for name, member in members]
    return ", ".join(f"{name} {member}" if member else f"every {name}" for name, member in said)


def carry_over(
    values: np.ndarray, keys: pd.DataFrame, inside: np.ndarray, changed: Sequence[str]
) -> np.ndarray:
    """What stands in some series of the calendar, in the series of another scope instead.

    Every series of the new scope takes the mean of those of the old that bear the same members of all
    dimensions but the changed ones; where none does, that of all of them.

    Parameters
    ----------
    values : ndarray, shape (series, periods)
        NaN where nothing stands.
    keys : DataFrame, shape (series, dimensions)
    inside : ndarray of bool, shape (series,)
        Series of the new scope.
    changed : sequence of str
        Dimensions whose members change.

    Examples
    --------
    >>> keys = pd.DataFrame({"product": ["Tea", "Tea"], "channel": ["web", "shop"]})
    >>> carry_over(np.array([[0.2], [np.nan]]), keys, np.array([False, True]), ["channel"]).tolist()
    [[nan], [0.2]]
    """
    stands = np.isfinite(values)
    result = np.full(values.shape, np.nan)
    kept = [name for name in keys.columns if name not in changed]
    codes = keys.groupby(kept, sort=False, observed=True).ngroup().to_numpy() if kept else np.zeros(len(keys))
    for code in np.unique(codes[inside]):
        alike = codes == code
        own = alike if stands[alike].any() else np.ones(len(keys), dtype=bool)
        count = stands[own].sum(axis=0)
        sums = np.where(stands[own], values[own], 0.0).sum(axis=0)
        result[inside & alike] = np.where(count > 0, sums / np.maximum(count, 1), np.nan)
    return result
