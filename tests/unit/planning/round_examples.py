"""A small horizon with joint error paths, for tests of whole rounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.levels import find_levels, find_spans
from tests.unit.planning.random_registers import random_grid


def small_horizon(
    seed: int = 1, closed: int = 0, paths: int = 400, weeks: int = 12, spread: float = 0.1
) -> Horizon:
    """A quarter of weeks from 5 January 2026, the first `closed` of them sold already."""
    whole = random_grid(seed, weeks=weeks, zeros=0.0)
    grid = open_part(whole, closed)
    random = np.random.default_rng([seed, 2])
    common = random.normal(0, spread, (paths, 1, 1))
    noise = common + random.normal(0, spread, (paths, *grid.baseline.shape))
    return Horizon(
        grid=grid,
        samples=grid.baseline * np.exp(noise - spread**2),
        naive=grid.baseline * 0.9,
        closed=whole.baseline[:, :closed].round(),
        closed_periods=whole.periods[:closed],
        levels=find_levels(grid.keys),
        spans=find_spans(grid.calendar, whole.periods),
    )


def netting_returns(horizon: Horizon) -> Horizon:
    """The same with a line whose returns often exceed its sales: planned below zero in every other week."""
    baseline, samples = horizon.grid.baseline.copy(), horizon.samples.copy()
    baseline[0, ::2] *= -1.0
    samples[:, 0, ::2] *= -1.0
    # In the other weeks the line sells, but not in every draw.
    samples[::3, 0, 1::2] *= -1.0
    return replace(horizon, grid=replace(horizon.grid, baseline=baseline), samples=samples)


def open_part(grid: PlanGrid, closed: int) -> PlanGrid:
    return replace(
        grid,
        periods=grid.periods[closed:],
        baseline=grid.baseline[:, closed:],
        price=grid.price[:, closed:],
        driver_effects={name: effect[:, closed:] for name, effect in grid.driver_effects.items()},
    )


def no_targets(horizon: Horizon) -> pd.DataFrame:
    return pd.DataFrame(columns=["label", *horizon.grid.dimensions, "target"]).astype({"target": float})
