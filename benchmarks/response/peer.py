"""PyMC-Marketing's optimiser on the same worlds: ``python -m benchmarks.response.peer [worlds [first]]``.

To be run by the Python of an environment of its own that has ``pymc-marketing`` and ``numpyro``: it is no
part of this product's. Where it is not installed this says so and does nothing. Beside it stands
``python -m benchmarks.response 10 1000`` on the same worlds.
"""

from __future__ import annotations

import sys
import time
import warnings
from importlib.util import find_spec

import numpy as np
import pandas as pd

from benchmarks.response import worlds
from benchmarks.response.worlds import World

_DRAWS = 500
_START = "2024-12-30"
"""First of the weeks to plan, after 156 weeks from 2022-01-03."""


def split_by_peer(world: World, seed: int, draws: int = _DRAWS) -> tuple[np.ndarray, float, float]:
    """Money a week by channel, and processor seconds of fit and of optimiser."""
    import xarray as xr
    from pymc_marketing.mmm import GeometricAdstock, LogisticSaturation
    from pymc_marketing.mmm.multidimensional import MMM, MultiDimensionalBudgetOptimizerWrapper

    names = [f"channel {number}" for number in range(world.spend.shape[1])]
    table = pd.DataFrame(world.spend, columns=names)
    table["date"] = pd.date_range("2022-01-03", periods=worlds.WEEKS, freq="7D")
    table["price"], table["promotion"] = np.log(world.price), world.promotion
    model = MMM(
        date_column="date",
        target_column="y",
        channel_columns=names,
        control_columns=["price", "promotion"],
        adstock=GeometricAdstock(l_max=worlds.TAIL),
        saturation=LogisticSaturation(),
        yearly_seasonality=3,
    )
    begun = time.process_time()
    asked = {"nuts_sampler": "numpyro", "chains": 2, "tune": draws, "draws": draws}
    model.fit(table, pd.Series(world.leads, name="y"), random_seed=seed, progressbar=False, **asked)
    fitted = time.process_time()
    end = pd.Timestamp(_START) + pd.Timedelta(weeks=worlds.HORIZON - 1)
    ahead = MultiDimensionalBudgetOptimizerWrapper(model=model, start_date=_START, end_date=f"{end:%Y-%m-%d}")
    low, high = worlds.BOUNDS
    bounds = xr.DataArray(
        np.column_stack([low * world.usual, high * world.usual]),
        dims=["channel", "bound"],
        coords={"channel": names, "bound": ["lower", "upper"]},
    )
    found = ahead.optimize_budget(budget=float(world.usual.sum()), budget_bounds=bounds)[0]
    money = found.sel(channel=names).to_numpy().astype(float)
    return money, fitted - begun, time.process_time() - fitted


def main(count: int, first: int, draws: int) -> None:
    """Print what the peer's splits gain."""
    if find_spec("pymc_marketing") is None:
        print("pymc-marketing is not installed here: skipped.")
        return
    warnings.filterwarnings("ignore")
    shares, fits = [], []
    for seed in range(first, first + count):
        world = worlds.draw_world(seed)
        money, fit, split = split_by_peer(world, seed, draws)
        before = worlds.brought_by(world, world.usual).sum()
        best = worlds.oracle_split(world, float(world.usual.sum()))[1]
        shares.append(float((worlds.brought_by(world, money).sum() - before) / (best - before)))
        fits.append(fit)
        print(f"world {seed}: {shares[-1]:.0%} of the oracle's gain; fit {fit:.0f} s, split {split:.0f} s")
    better = float(np.mean(np.array(shares) > 0))
    print(f"median {np.median(shares):.0%}, better than usual {better:.0%}, fit {np.median(fits):.0f} s")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:4]] + [10, 1000, _DRAWS][len(sys.argv[1:4]) :]
    main(*given)
