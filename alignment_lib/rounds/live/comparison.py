"""Scenarios side by side: totals, odds, and the bridge from the first of them to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.planning.plan.comparison import compare_bridges
from alignment_lib.rounds.live.choices import Choices
from alignment_lib.rounds.live.figures import Figures, SpanOdds
from alignment_lib.rounds.live.live_round import LiveRound

__all__ = ["COMPARED", "Comparison", "compare_choices"]

COMPARED = (
    *("label", "plan", "difference", "baseline", "gap", "p10", "p50", "p90", "probability", "error_share"),
    *("revenue", "counted"),
)
_NOTHING = 5e-10
_LISTED = 12


@dataclass(frozen=True)
class Comparison:
    """What several scenarios come to.

    Attributes
    ----------
    totals : DataFrame
        One row a scenario: ``label, plan, difference`` (from the first), ``baseline, gap`` (from the
        target), ``p10, p50, p90, probability, error_share`` (standard error of the quantiles), ``revenue,
        counted`` (assumptions).
    steps : DataFrame
        ``step`` (an id or a driver), a column per scenario: for the first its effects, for the others the
        differences from them; the last row sums them to plan less baseline and to the difference of plans.
    """

    totals: pd.DataFrame
    steps: pd.DataFrame


def compare_choices(
    live: LiveRound,
    chosen: Mapping[str, Choices],
    scope: Mapping[str, str] | None = None,
    is_void: Callable[[], bool] = bool,
) -> Comparison | None:
    """Work out and compare scenarios.

    Parameters
    ----------
    live : LiveRound
        The round.
    chosen : mapping of str to Choices
        By label, the reference first.
    scope : mapping of str to str, optional
        Dimension values the sums are limited to.
    is_void : callable
        Asked between scenarios; when it says so, nothing is returned.
    """
    lines, effects = [], {}
    for label, choices in chosen.items():
        if is_void():
            return None
        figures = live.evaluate(choices, label, scope)
        lines.append(_line(label, figures, live.simulate(figures)))
        effects[label] = dict(figures.effects)
    totals = pd.DataFrame(lines, columns=list(COMPARED))
    if len(totals):
        totals["difference"] = totals["plan"] - totals["plan"].iloc[0]
    return Comparison(totals, _steps(effects))


def _line(label: str, figures: Figures, odds: SpanOdds) -> dict[str, object]:
    return {
        "label": label,
        "plan": figures.total,
        "baseline": figures.baseline,
        "gap": figures.total - figures.target,
        "p10": odds.round["p10"],
        "p50": odds.round["p50"],
        "p90": odds.round["p90"],
        "probability": odds.round.get("probability", np.nan),
        "error_share": odds.round["error_share"],
        "revenue": figures.revenue,
        "counted": len(figures.rows),
    }


def _steps(effects: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    if not effects:
        return pd.DataFrame(columns=["step"])
    reference = next(iter(effects))
    table = compare_bridges(effects, reference)
    own = table["scenario"] == reference
    table["shown"] = table["difference"].where(~own, table["effect"])
    order = list(dict.fromkeys(table["assumption"]))
    wide = table.pivot_table(index="assumption", columns="scenario", values="shown").reindex(order)
    wide = wide[list(effects)]
    others = wide.drop(columns=reference)
    differs = (others.abs() > _NOTHING).any(axis=1) if others.shape[1] else pd.Series(True, wide.index)
    shown = wide[differs].head(_LISTED)
    rest = wide.drop(shown.index).sum().to_frame("all others").T
    whole = wide.sum().to_frame("together").T
    return pd.concat([shown, rest, whole]).rename_axis("step").reset_index()
