"""Does a holdout see what it says? Worlds of units whose future is known: false alarms, and effects found.

Run: ``python -m benchmarks.next_test_power [WORLDS]``. The noise is measured on a unit's past as the product
does; then the test is made on weeks that follow: units drawn by lot, the action taken out in them, the change
of each unit against the weeks before compared by Student's t. The effect is none, or the smallest that the
test says it finds.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy import stats

from alignment_lib.planning.evidence.holdouts import (
    SIGNIFICANCE,
    Holdout,
    UnitNoise,
    list_holdouts,
    measure_noise,
)

PAST, BEFORE, SEED = 130, 13, 20261201
KINDS = {
    "even": {},
    "uneven noise": {"uneven": 0.6},
    "memory": {"memory": 0.7},
    "drift": {"drift": 0.02},
    "own seasons": {"season": 0.15},
    "small counts": {"level": 4.0},
}


def draw_sales(
    rng: np.random.Generator,
    units: int,
    weeks: int,
    level: float = 80.0,
    noise: float = 0.12,
    uneven: float = 0.0,
    memory: float = 0.0,
    drift: float = 0.0,
    season: float = 0.0,
) -> np.ndarray:
    """What is expected by unit and week: common season and shocks, own noise, memory, drift and seasons."""
    week = np.arange(weeks)
    size = level * rng.lognormal(0.0, 0.7, units)[:, None]
    own = rng.normal(0.0, 1.0, (units, weeks)) * noise * rng.lognormal(0.0, uneven, units)[:, None]
    for at in range(1, weeks):
        own[:, at] = memory * own[:, at - 1] + np.sqrt(1 - memory**2) * own[:, at]
    own += np.cumsum(rng.normal(0.0, drift, (units, weeks)), axis=1)
    own += season * np.sin(2 * np.pi * week / 52 + rng.uniform(0, 2 * np.pi, units)[:, None])
    common = 0.3 * np.sin(2 * np.pi * week / 52) + rng.normal(0.0, 0.08, weeks)
    return np.asarray(size * np.exp(own + common))


def found(rng: np.random.Generator, expected: np.ndarray, test: Holdout, effect: float) -> bool | None:
    """Whether a test on the last weeks finds an effect; None where a unit sold nothing in it."""
    length = test.noise.periods
    runs = np.ones(len(expected), dtype=bool)
    runs[rng.permutation(len(expected))[: test.held_out]] = False
    lifted = expected[:, -length:] * np.where(runs, 1.0 + effect, 1.0)[:, None]
    within = rng.poisson(lifted).sum(axis=1).astype(float)
    before = rng.poisson(expected[:, -length - BEFORE : -length]).sum(axis=1).astype(float)
    if min(within.min(), before.min()) <= 0:
        return None
    changes = np.log(within / before)
    return bool(stats.ttest_ind(changes[runs], changes[~runs]).pvalue < SIGNIFICANCE)


def score(kind: str, units: int, length: int, worlds: int) -> tuple[float, float, float]:
    """False alarms, share found of the smallest effect, and the mean of that effect."""
    alarms, hits, sizes = [], [], []
    for world in range(worlds):
        rng = np.random.default_rng([SEED, list(KINDS).index(kind), units, length, world])
        sales = draw_sales(rng, units, PAST + length, **KINDS[kind])
        past = rng.poisson(sales[:, :PAST]).astype(float)
        noise: UnitNoise | None = measure_noise(past, "store", length, BEFORE)
        if noise is None or noise.left_out:
            continue
        test = list_holdouts(noise)[-2]
        sizes.append(test.smallest_effect)
        alarms.append(found(rng, sales, test, 0.0))
        hits.append(found(rng, sales, test, test.smallest_effect))
    shares = [np.mean([one for one in seen if one is not None]) for seen in (alarms, hits)]
    return float(shares[0]), float(shares[1]), float(np.mean(sizes))


def main() -> None:
    """Print false alarms and power by kind of noise, units and length."""
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    sure = 1.96 * np.sqrt(0.16 / worlds)
    print(f"{worlds} worlds each; stated are 5 % false alarms and 80 % found (± {sure:.1%} by chance)")
    print("noise          units  weeks  false alarms  found  smallest effect")
    for kind in KINDS:
        for units, length in ((8, 2), (30, 2), (100, 4)):
            alarms, hits, size = score(kind, units, length, worlds)
            print(f"{kind:14s} {units:5d}  {length:5d}  {alarms:12.1%}  {hits:5.1%}  {size:15.1%}")


if __name__ == "__main__":
    main()
