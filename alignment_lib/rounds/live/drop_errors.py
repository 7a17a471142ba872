"""How sure it is what dropping an action loses: the errors of everything that goes with it, together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.planning.evidence.claim_scale import scale_claim
from alignment_lib.planning.evidence.scope_effects import told_apart
from alignment_lib.planning.register.actions import action_drivers, claim_cells
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["drop_error"]

_TENTH = 1.2815515655446004


def drop_error(ready: PreparedRound, said: Assumption, lost: np.ndarray) -> float:
    """Standard error of the volume that goes with an action; NaN where nothing is known of any error.

    What the action sells itself is uncertain by the error of its evidence-weighted value, wider where past
    events were longer (errors of their periods are taken as independent), and by that of the baseline it
    multiplies. What is borrowed from later and taken from others has the errors of these shares, or, where
    the plan moves more than they say, as much of what it moves. All are added as variances.

    Parameters
    ----------
    ready : PreparedRound
        The round.
    said : Assumption
        The claim as the evidence weighs it.
    lost : ndarray, shape (series, periods)
        The plan as it stands less the plan without the action, in the round's open periods.
    """
    scale = scale_claim(said, ready.history.measure)
    reach, claim = scale.high - scale.low, scale.claim
    if not (np.isfinite(reach) and claim):
        return float("nan")
    grid = ready.horizon.grid
    cells = claim_cells(said, grid.keys, grid.periods, grid.calendar)
    mine = cells.any(axis=1)
    own = float(lost[cells].sum())
    after, others = float(lost[mine].sum()) - own, float(lost[~mine].sum())
    names, effects = _drivers(ready, said), ready.effects or DriverEffects()
    spread = reach / (2 * _TENTH) / abs(claim) * _shorter(effects.events, names, cells)
    variance = own**2 * spread**2 + _base_variance(ready, lost, cells)
    pulled = _share(effects.effects, "pull_forward_share", "driver", names)
    apart = told_apart(effects.effects)
    taken = _share(effects.effects, "cannibalisation_share", apart, [said.scope.get(apart, "")])
    for (share, error), moved in ((pulled, after), (taken, others)):
        relative = error / abs(share) if share else 0.0
        variance += max(error * abs(own), relative * abs(moved)) ** 2
    return float(np.sqrt(variance))


def _drivers(ready: PreparedRound, said: Assumption) -> tuple[str, ...]:
    drivers = ready.workspace.settings.drivers
    kinds = {name: column.kind for name, column in drivers.columns.items()} if drivers else {}
    return action_drivers(said, kinds)


def _shorter(events: pd.DataFrame, names: Sequence[str], cells: np.ndarray) -> float:
    """How much less sure an action is that is shorter than those of the past: √(their periods / its own)."""
    if not len(events) or not cells.any():
        return 1.0
    past = events.loc[events["driver"].isin(list(names)), "periods"]
    own = int(cells.any(axis=0).sum())
    return float(np.sqrt(max(1.0, past.mean() / own))) if len(past) else 1.0


def _base_variance(ready: PreparedRound, lost: np.ndarray, cells: np.ndarray) -> float:
    """Variance of what is lost as the baseline below it varies over the error paths."""
    rows, columns = np.nonzero(cells & (ready.horizon.grid.baseline > 0))
    known = rows < ready.horizon.samples.shape[1]
    rows, columns = rows[known], columns[known]
    if not len(rows):
        return 0.0
    rate = lost[rows, columns] / ready.horizon.grid.baseline[rows, columns]
    return float(np.var(ready.horizon.samples[:, rows, columns] @ rate))


def _share(effects: pd.DataFrame, effect: str, column: str, names: Sequence[str]) -> tuple[float, float]:
    """Estimate and error of a share; the least sure of several, none where it was not measured."""
    if not len(effects) or not column:
        return 0.0, 0.0
    rows = effects[(effects["effect"] == effect) & effects[column].astype(str).isin(list(names))]
    if not len(rows):
        return 0.0, 0.0
    least = rows.loc[rows["standard_error"].idxmax()]
    return float(least["estimate"]), float(least["standard_error"])
