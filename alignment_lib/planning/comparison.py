"""Scenarios side by side: what makes the difference, contributor by contributor, at any level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.planning.levels import Levels, Spans
from alignment_lib.planning.plan import Plan

__all__ = ["bridge_at_levels", "compare_bridges"]


def compare_bridges(effects: Mapping[str, Mapping[str, float]], reference: str) -> pd.DataFrame:
    """What every contributor adds in each scenario, and more or less than in the reference.

    Parameters
    ----------
    effects : mapping of str to mapping of str to float
        By scenario: effect by contributor, over the same series and periods.
    reference : str
        The scenario compared with.

    Returns
    -------
    DataFrame
        ``scenario, assumption, effect, difference``; per scenario the differences sum to the difference
        of the plans. Scenarios in the order given; contributors by their largest difference.

    Raises
    ------
    KeyError
        Where no scenario bears the reference's name.

    Examples
    --------
    >>> table = compare_bridges({"a": {"A1": 5.0}, "b": {"A1": 7.0, "A2": 1.0}}, "a")
    >>> table[table["scenario"] == "b"][["assumption", "difference"]].values.tolist()
    [['A1', 2.0], ['A2', 1.0]]
    """
    if reference not in effects:
        raise KeyError(f"no scenario is called {reference!r}; there are: {', '.join(sorted(effects))}")
    before = effects[reference]
    names = {name for found in effects.values() for name in found}
    largest = {
        name: max(abs(found.get(name, 0.0) - before.get(name, 0.0)) for found in effects.values())
        for name in names
    }
    rows = [
        {
            "scenario": scenario,
            "assumption": name,
            "effect": found.get(name, 0.0),
            "difference": found.get(name, 0.0) - before.get(name, 0.0),
        }
        for scenario, found in effects.items()
        for name in sorted(names, key=lambda name: (-largest[name], name))
    ]
    return pd.DataFrame(rows, columns=["scenario", "assumption", "effect", "difference"])


def bridge_at_levels(
    plan: Plan, levels: Levels, spans: Spans, chosen: Sequence[int] | None = None
) -> pd.DataFrame:
    """The bridge summed to any levels and spans: total, product, channel, sale type, quarter.

    Parameters
    ----------
    plan : Plan
        The plan.
    levels, spans : Levels, Spans
        The sums wanted; closed periods of the spans add nothing to a bridge.
    chosen : sequence of int, optional
        Levels shown; all by default.

    Returns
    -------
    DataFrame
        ``span, label, start``, the dimensions (blank = all), ``assumption, effect``; ``baseline`` and
        ``plan`` are among the assumptions, so each group starts and ends the bridge.
    """
    periods = plan.plan.shape[1]
    over = spans.matrix[:, -periods:].T
    matrix = levels.matrix if chosen is None else levels.matrix[list(chosen)]
    keys = levels.keys if chosen is None else levels.keys.iloc[list(chosen)]
    parts = {"baseline": matrix @ plan.grid.baseline @ over}
    for name, (rows, block) in sorted(plan.blocks.items()):
        parts[name] = matrix[:, rows] @ block @ over
    parts["plan"] = matrix @ plan.plan @ over
    count = len(keys) * over.shape[1]
    frame = pd.concat(
        [
            spans.table.iloc[np.tile(np.arange(over.shape[1]), len(keys))].reset_index(drop=True),
            keys.iloc[np.repeat(np.arange(len(keys)), over.shape[1])].reset_index(drop=True),
        ],
        axis=1,
    )
    whole = pd.concat([frame] * len(parts), ignore_index=True)
    whole["assumption"] = np.repeat(list(parts), count)
    whole["effect"] = np.concatenate([np.asarray(part).ravel() for part in parts.values()])
    return whole
