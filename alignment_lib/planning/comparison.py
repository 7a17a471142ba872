"""Scenarios side by side: totals, odds, and what makes the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.planning.levels import Levels, Spans
from alignment_lib.planning.plan import Plan, plan_revenue

__all__ = ["bridge_at_levels", "compare_bridges", "compare_scenarios"]


def compare_scenarios(
    plans: Mapping[str, Plan], odds: pd.DataFrame, reference: str = "consensus", span: str = "year"
) -> pd.DataFrame:
    """Totals and odds of every scenario beside a reference.

    Parameters
    ----------
    plans : mapping of str to Plan
        By scenario.
    odds : DataFrame
        ``odds`` table of the round.
    reference : str
        The scenario compared with.
    span : {"month", "quarter", "year"}
        Spans shown.

    Returns
    -------
    DataFrame
        ``scenario, span, start, plan, p10, p50, p90, target, probability, difference,
        difference_share`` (against the reference, of the whole business), ``revenue`` (of all open
        periods, NaN without prices), ``assumptions`` (how many count).

    Raises
    ------
    KeyError
        Where no scenario bears the reference's name.
    """
    if reference not in plans:
        raise KeyError(f"no scenario is called {reference!r}; there are: {', '.join(sorted(plans))}")
    names = [name for name in odds.columns if name in plans[reference].grid.dimensions]
    whole = odds[(odds[names] == "").all(axis=1) & (odds["span"] == span)]
    frame = whole[
        ["scenario", "span", "start", "plan", "p10", "p50", "p90", "target", "probability"]
    ].reset_index(drop=True)
    base = frame[frame["scenario"] == reference].set_index("start")["plan"]
    before = frame["start"].map(base)
    frame["difference"] = frame["plan"] - before
    frame["difference_share"] = frame["difference"] / before.where(before != 0)
    revenue = {name: _revenue(plan) for name, plan in plans.items()}
    frame["revenue"] = frame["scenario"].map(revenue)
    frame["assumptions"] = frame["scenario"].map({name: len(plan.values) for name, plan in plans.items()})
    return frame


def _revenue(plan: Plan) -> float:
    revenue = plan_revenue(plan)
    return float("nan") if revenue is None else float(np.nansum(revenue))


def compare_bridges(plans: Mapping[str, Plan], reference: str = "consensus") -> pd.DataFrame:
    """What every contributor adds in each scenario, and more or less than in the reference.

    Returns
    -------
    DataFrame
        ``scenario, assumption, effect, difference``; per scenario the differences sum to the difference
        of the plans.
    """
    names = sorted({name for plan in plans.values() for name in plan.blocks})
    totals = {
        scenario: {name: float(block.sum()) for name, (_, block) in plan.blocks.items()}
        for scenario, plan in plans.items()
    }
    rows = [
        {
            "scenario": scenario,
            "assumption": name,
            "effect": found.get(name, 0.0),
            "difference": found.get(name, 0.0) - totals[reference].get(name, 0.0),
        }
        for scenario, found in totals.items()
        for name in names
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
