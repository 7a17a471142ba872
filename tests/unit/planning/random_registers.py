"""Random grids and registers, for tests of what must always hold."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.register.assumptions import Assumption, example_assumption

FIRST = pd.Timestamp("2026-01-05")
PRODUCTS = ("Small", "Large", "Giant")
CHANNELS = ("shop", "web")


def random_grid(seed: int, weeks: int = 8, zeros: float = 0.1) -> PlanGrid:
    random = np.random.default_rng(seed)
    keys = pd.DataFrame(list(product(PRODUCTS, CHANNELS)), columns=["product", "channel"])
    shape = (len(keys), weeks)
    baseline = random.lognormal(3, 1, shape) * (random.random(shape) > zeros)
    deal = baseline * random.uniform(0, 1, shape) * (random.random(shape) > 0.5)
    price = baseline * random.uniform(-0.3, 0.3, shape)
    return PlanGrid(
        Calendar("week"),
        keys,
        Calendar("week").range(FIRST, weeks),
        "units",
        baseline,
        price=random.uniform(1, 9, (len(keys), 1)) * np.ones(shape),
        driver_effects={"deal": deal, "price": price},
        driver_kinds={"deal": "promotion", "price": "price"},
    )


def random_register(seed: int, size: int = 6, weeks: int = 8) -> list[Assumption]:
    random = np.random.default_rng([seed, 1])
    return [_random_row(random, f"A{number}", weeks) for number in range(size)]


def _random_row(random: np.random.Generator, name: str, weeks: int) -> Assumption:
    start = FIRST + pd.Timedelta(days=int(random.integers(-7, 7 * weeks)))
    scope = {}
    if random.random() < 0.7:
        scope["product"] = str(random.choice(PRODUCTS))
    if random.random() < 0.4:
        scope["channel"] = str(random.choice(CHANNELS))
    percent = random.random() < 0.6
    partner = str(random.choice(PRODUCTS))
    return example_assumption(
        id=name,
        kind=str(random.choice(["promotion", "market_shift", "price_change", "one_off", "delisting"])),
        start=start,
        end=start + pd.Timedelta(days=int(random.integers(0, 40))),
        unit="percent" if percent else str(random.choice(["units", "revenue"])),
        expected=float(
            random.choice([-100, *random.uniform(-90, 150, 5)]) if percent else random.normal(0, 300)
        ),
        scope=scope,
        ramp=str(random.choice(["step", "linear", "s-curve", "fade"])),
        moves_from=(partner,) if random.random() < 0.5 else (),
        moved_share=float(random.random()) if random.random() < 0.6 else 0.0,
        pull_forward_share=float(random.random()) if random.random() < 0.4 else 0.0,
    )
