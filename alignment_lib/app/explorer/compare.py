"""Scenarios side by side: totals, odds, and the bridge from the first of them to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.answers.markup import Html, join
from alignment_lib.answers.tables import Column, Table, render_table
from alignment_lib.answers.wording import Scale, say_value, write_share
from alignment_lib.planning.plan.comparison import compare_bridges
from alignment_lib.rounds.live.choices import Choices
from alignment_lib.rounds.live.figures import Figures, SpanOdds
from alignment_lib.rounds.live.live_round import LiveRound

__all__ = ["COMPARED", "Comparison", "compare_choices", "comparison_tables"]

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
        ``step``, a column per scenario: for the first its effects, for the others the differences from
        them, contributor by contributor; the last row sums them to plan less baseline and to the
        difference of the plans.
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
    return Comparison(totals, _steps(effects, live))


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


def _steps(effects: Mapping[str, Mapping[str, float]], live: LiveRound) -> pd.DataFrame:
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
    frame = pd.concat([shown, rest, whole]).rename_axis("step").reset_index()
    names = {row.id: f"{row.id} {row.title}" for row in live.register}
    frame["step"] = [_say(str(step), names) for step in frame["step"]]
    return frame


def _say(step: str, names: Mapping[str, str]) -> str:
    if step.startswith("driver:"):
        return f"Driver calendar: {say_value(step.removeprefix('driver:'))}"
    return names.get(step, step)


def comparison_tables(found: Comparison, unit: str, currency: str, period: str) -> Html:
    """Both tables, ready to be shown."""
    plain = Scale(1.0, 0, "")
    columns = [
        Column("label", "scenario"),
        Column("plan", "plan", "number", unit),
        Column("difference", "against the first", "number", unit, signed=True),
        Column("gap", "plan less target", "number", unit, signed=True),
        *(Column(name, name.upper(), "number", unit) for name in ("p10", "p50", "p90")),
        Column("probability", "odds of the target", "odds"),
        Column("revenue", "revenue", "number", currency),
        Column("counted", "assumptions", "number", "counted"),
    ]
    known = [one for one in columns if one.key in ("label", "counted") or found.totals[one.key].notna().any()]
    error = found.totals["error_share"].max()
    sure = write_share(error) if error > 0 else "0"
    note = f"P10, P50 and P90 rest on draws: their standard error is at most {sure} of P50."
    first, *others = [str(name) for name in found.steps.columns[1:]] or [""]
    steps = [Column("step", "step"), Column(first, first, "number", f"{unit}, effect", signed=True)]
    steps += [Column(name, name, "number", f"{unit}, against the first", signed=True) for name in others]
    return join(
        [
            render_table(Table(f"Scenarios, {period}", known, found.totals, plain, note=note)),
            render_table(
                Table(f"What makes the difference, {period}", steps, found.steps, plain, classes="steps")
            )
            if others
            else None,
        ]
    )
