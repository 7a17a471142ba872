"""The headline plan's draws period by period: what sales are held against as they come in."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.planning.evidence.weighing import weighted_rows
from alignment_lib.planning.odds.cell_draws import Paths
from alignment_lib.planning.odds.drawing import draw_values
from alignment_lib.planning.odds.simulation import draw_sums
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.scenarios import resolve_scenario
from alignment_lib.planning.round.round_tables import RoundPlans
from alignment_lib.review.watching import CLAIM
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, correlation_of

__all__ = ["watched_draws"]

_MOST_CLAIMS = 12
"""Claims whose series are drawn by themselves: those that move the round most."""
_FINENESS = 64
"""Draws are written to this part of their spread: far finer than any sum of them is known."""


def watched_draws(ready: PreparedRound, plans: RoundPlans, headline: str) -> dict[str, pd.DataFrame]:
    """Draws of the round's open periods: of all sales, and of the series each claim is about.

    Parameters
    ----------
    ready : PreparedRound
        The round.
    plans : RoundPlans
        Its plans.
    headline : str
        The scenario that is watched.

    Returns
    -------
    dict of str to DataFrame
        ``watch_draws``: ``draw, period, whole`` and a column for each of the claims that move it most.
    """
    horizon, plan = ready.horizon, plans.plans[headline]
    weighted = weighted_rows(ready.register, plans.workings["weighing"])
    rows = resolve_scenario(ready.register, headline, ready.scenarios, weighted)
    seed, count = ready.workspace.settings.plan.seed, len(horizon.samples)
    periods = plan.grid.periods
    inside = np.flatnonzero(periods.isin(ready.round.cycle_periods))
    scopes = _scopes(plan, inside)
    draws = draw_sums(
        plan,
        Paths(horizon.samples, inside),
        draw_values(rows, count, seed, correlation_of(ready.workspace)),
        sparse.csr_matrix(np.vstack([np.ones(len(plan.grid.keys)), *scopes.values()])),
        np.eye(len(periods))[inside],
    )
    names = ["whole", *(CLAIM + name for name in scopes)]
    columns = {name: _rounded(line).T.ravel() for name, line in zip(names, draws, strict=True)}
    frame = pd.DataFrame({"draw": np.repeat(np.arange(count, dtype=float), len(inside))})
    frame["period"] = np.tile(periods[inside].to_numpy(), count)
    return {"watch_draws": frame.assign(**columns)}


def _scopes(plan: Plan, inside: np.ndarray) -> dict[str, np.ndarray]:
    """Which series each of the largest claims adds to, or takes from, whichever it does in all."""
    found: dict[str, tuple[float, np.ndarray]] = {}
    for name, (rows, block) in plan.blocks.items():
        sums = block[:, inside].sum(axis=1)
        total = float(sums.sum())
        if name.startswith("driver:") or not sums.any():
            continue
        scope = np.zeros(len(plan.grid.keys))
        scope[rows] = (sums * (total or 1.0)) > 0
        found[name] = (-abs(total), scope)
    largest = sorted(found, key=lambda name: (found[name][0], name))[:_MOST_CLAIMS]
    return {name: found[name][1] for name in sorted(largest)}


def _rounded(line: np.ndarray) -> np.ndarray:
    """Draws of a line, shape (periods, draws), as multiples of a power of two that their spread sets."""
    spread = line.std(axis=1, keepdims=True)
    part = np.exp2(np.floor(np.log2(np.where(spread > 0, spread, 1.0) / _FINENESS)))
    return np.asarray(np.where(spread > 0, np.rint(line / part) * part, line))
