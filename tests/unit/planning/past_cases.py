"""Small pasts worked out by hand: effects, events and histories as the forecasting layer hands them on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.evidence.past import Past
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.register.assumptions import Assumption, example_assumption

WEEK = Calendar("week")
START = pd.Timestamp("2026-01-05")
KEYS = pd.DataFrame({"product": ["Tea", "Tea", "Cake"], "channel": ["shop", "web", "shop"]})


def grid_of(**changes: Any) -> PlanGrid:
    """Four weeks of Tea in shop and web and of Cake in the shop: 100, 50 and 200 a week."""
    values: dict[str, Any] = {
        "calendar": WEEK,
        "keys": KEYS,
        "periods": WEEK.range(START, 4),
        "measure": "units",
        "baseline": np.array([[100.0] * 4, [50.0] * 4, [200.0] * 4]),
        "driver_kinds": {
            "price": "price",
            "feature": "promotion",
            "price_cut": "promotion",
            "index": "market",
        },
    }
    return PlanGrid(**(values | changes))


def claim(**changes: Any) -> Assumption:
    """A feature of Tea over the first two weeks, claimed at +40 %."""
    values: dict[str, Any] = {
        "start": START,
        "end": START + pd.Timedelta(days=13),
        "expected": 40.0,
        "scope": {"product": "Tea"},
        "fields": {"mechanic": "feature"},
    }
    return example_assumption(**(values | changes))


def effect_row(driver: str, effect: str, product: str, estimate: float, error: float, **more: Any) -> dict:
    units = {"uplift": "log points per unit", "elasticity": "log per log", "market": "log per log"}
    row = {"product": product, "channel": "", "driver": driver, "effect": effect, "estimate": estimate}
    row |= {"standard_error": error, "unit": units[effect], "usual": 1.0, "percent": np.expm1(estimate)}
    return row | {"events": 4, "pooled_share": 0.25, "note": ""} | more


def event_row(start: str, actual: float, without: float, gross: float, **more: Any) -> dict:
    """A week in which `without` would have been sold, give or take a tenth of it."""
    row = {"product": "Tea", "channel": "", "driver": "feature", "start": pd.Timestamp(start)}
    row |= {"end": pd.Timestamp(start), "periods": 1, "series": 2, "strength": 1.0, "actual": actual}
    row |= {"without": without, "without_low": without * (1 - 0.16449), "without_high": without * 1.16449}
    row |= {"gross": gross, "gross_error": 5.0, "pull_forward": 0.0, "cannibalised": 0.0, "net": gross}
    row |= {"net_error": 5.0, "placebo_dates": 50, "placebo_p": 0.02, "pre_event_gap": 0.0}
    return row | {"verdict": "established"} | more


def history_of(values: np.ndarray | None = None, weeks: int = 104) -> History:
    """Two years of weeks before the round, the same every week unless given."""
    if values is None:
        values = np.repeat([[100.0], [50.0], [200.0]], weeks, axis=1)
    periods = WEEK.range(WEEK.shift(START, -values.shape[1]), values.shape[1])
    return History(WEEK, KEYS, periods, values, "units")


def past_of(effects: list[dict] | None = None, events: list[dict] | None = None, **more: Any) -> Past:
    return Past(
        history=more.pop("history", None) or history_of(),
        effects=pd.DataFrame(effects or []),
        events=pd.DataFrame(events or []),
        **more,
    )
