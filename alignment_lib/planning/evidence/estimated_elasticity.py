"""Elasticities that a claim leaves to history: what prices did to its products before.

A price change whose ``lever`` is ``price`` states its values in percent of price. Where it names no
elasticity, the one measured in its scope is taken; where history has none, volume is left as it is and the
plan says so: revenue then follows the price alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.kind_checks import MOST_FOLD
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.evidence.scope_effects import ScopeEffect, find_effect, told_apart
from alignment_lib.planning.plan.grid import PlanGrid, scope_rows
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.driver_cover import covered_drivers

__all__ = ["fill_elasticities"]


def fill_elasticities(
    register: Sequence[Assumption], effects: pd.DataFrame | None, grid: PlanGrid
) -> tuple[tuple[Assumption, ...], list[Notice]]:
    """The register with measured elasticities where a claim in percent of price names none.

    Parameters
    ----------
    register : sequence of Assumption
        As read.
    effects : DataFrame or None
        `effects_table`; None where the workspace has no drivers.
    grid : PlanGrid
        Gives the sizes of the products in scope and the kind of every driver.

    Returns
    -------
    register : tuple of Assumption
    notices : list of Notice
        One a claim, with the elasticity and its standard error, or that there is none.
    """
    result, notices = [], []
    for row in register:
        if not row.asks_elasticity:
            result.append(row)
            continue
        found = _measured(row, effects, grid)
        if found is None:
            text = (
                f"{row.id} states a price and no elasticity, and history has none for its scope: volume is "
                "left as it is, revenue follows the price"
            )
            notices.append(Notice("elasticity_unknown", text, 1))
            result.append(replace(row, elasticity=0.0))
            continue
        text = (
            f"{row.id} names no elasticity: {Said(found.estimate):.2f} measured in its scope is taken "
            f"(standard error {found.error:.2f}, {found.events} past price changes)"
        )
        if found.estimate * np.log1p(max(row.expected, -99.9) / 100.0) > np.log(MOST_FOLD):
            text += f"; so large a change of price is planned as {MOST_FOLD:g} times the volume, no more"
        notices.append(Notice("elasticity_estimated", text, 1))
        result.append(replace(row, elasticity=round(found.estimate, 6)))
    return tuple(result), notices


def _measured(row: Assumption, effects: pd.DataFrame | None, grid: PlanGrid) -> ScopeEffect | None:
    if effects is None or not len(effects):
        return None
    drivers = [name for name in covered_drivers(row, grid.driver_kinds) if grid.driver_kinds[name] == "price"]
    series = scope_rows(grid, row.scope)
    if not drivers or not len(series):
        return None
    name = told_apart(effects)
    size = np.maximum(grid.baseline[series], 0.0).sum(axis=1)
    labels = grid.keys[name].astype(str).to_numpy()[series] if name else np.full(len(series), "")
    sizes = pd.Series(size).groupby(labels).sum()
    return find_effect(
        effects, drivers[0], "elasticity", {str(key): float(value) for key, value in sizes.items()}
    )
