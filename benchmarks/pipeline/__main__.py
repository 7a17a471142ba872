"""Open opportunities on systems with a known truth: ``python -m benchmarks.pipeline [worlds [first]]``.

How often the 80 % band of a quarter's won value holds what was won, and how far its mean lies off, beside the
stage-weighted sum and the quarter before. What worlds are drawn from is printed before the first fit.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.deals.closing import fit_closing
from alignment_lib.funnel.deals.deals import Deals, read_deals
from alignment_lib.funnel.deals.pipeline import Span, draw_pipeline
from benchmarks.pipeline.worlds import Settings, World, draw_world

QUARTERS = pd.period_range("2024Q1", "2025Q4", freq="Q")
WORLDS, FIRST = 20, 3000
"""Worlds 0 to 7, 1000 to 1024 and 2000 to 2011 were looked at while the model was built."""


@dataclass(frozen=True)
class Quarter:
    """One quarter of one world: what was won, and what each way expected."""

    actual: float
    expected: float
    low: float
    high: float
    stages: float
    stages_and_new: float
    before: float


def meet(world: World, quarter: pd.Period, *, has_changes: bool) -> Quarter:
    """Expect a quarter from its first day, and see what came."""
    start, end = quarter.start_time, quarter.end_time.normalize() + pd.Timedelta(days=1)
    table, changes = world.as_of(start)
    deals = read_deals(table, start, [], changes if has_changes else None)
    model = fit_closing(deals, 1)
    assert model is not None
    drawn = draw_pipeline(deals, model, [Span(str(quarter), start, end)], 1)
    total = sum(values[:, 0] for values in drawn.member_sums().values())
    low, high = np.quantile(total, (0.1, 0.9))
    stages = weigh_stages(deals, table, changes, end)
    return Quarter(
        actual=_won(world, start, end),
        expected=float(np.mean(total)),
        low=float(low),
        high=float(high),
        stages=stages,
        stages_and_new=stages + _usual_new(world, quarter),
        before=_won(world, (quarter - 1).start_time, start),
    )


def weigh_stages(deals: Deals, table: pd.DataFrame, changes: pd.DataFrame, end: pd.Timestamp) -> float:
    """The usual sum: money of deals due in the quarter × the share won of all that reached their stage."""
    closed = table.loc[table["outcome"] != "", ["opportunity_id", "outcome"]]
    reached = changes[changes["stage"] != ""].merge(closed, on="opportunity_id")
    share = (reached["outcome"] == "won").groupby(reached["stage"]).mean()
    due = deals.open_ones[table.loc[deals.open_ones.index, "expected_close"] < end]
    return float((due["amount"] * table.loc[due.index, "stage"].map(share)).sum())


def _won(world: World, start: pd.Timestamp, end: pd.Timestamp) -> float:
    deals = world.deals
    inside = (deals["closed_at"] >= start) & (deals["closed_at"] < end) & (deals["outcome"] == "won")
    return float(deals.loc[inside, "amount"].sum())


def _usual_new(world: World, quarter: pd.Period) -> float:
    """Mean money of deals opened and won within one quarter, of the four before."""
    deals = world.deals[world.deals["outcome"] == "won"]
    sums = []
    for back in range(1, 5):
        start, end = (quarter - back).start_time, (quarter - back + 1).start_time
        inside = (deals["opened"] >= start) & (deals["closed_at"] < end)
        sums.append(deals.loc[inside, "amount"].sum())
    return float(np.mean(sums))


def measure(worlds: int, first: int, *, has_changes: bool) -> str:
    """Coverage and errors over all quarters of all worlds, in lines."""
    begun = time.process_time()
    found = []
    for seed in range(first, first + worlds):
        world = draw_world(Settings(), seed)
        found += [meet(world, quarter, has_changes=has_changes) for quarter in QUARTERS]
    seconds = (time.process_time() - begun) / len(found)
    rows = pd.DataFrame(found)
    whole = rows["actual"].sum()
    inside = ((rows["low"] <= rows["actual"]) & (rows["actual"] <= rows["high"])).mean()
    errors = {
        name: (rows[name] - rows["actual"]).abs().sum() / whole
        for name in ("expected", "stages", "stages_and_new", "before")
    }
    error = np.sqrt(inside * (1 - inside) / len(rows))
    return (
        f"{'with' if has_changes else 'without'} a table of changes, {len(rows)} quarters: 80 % band holds "
        f"{inside:.1%} (standard error {error:.1%}); mean {rows['expected'].sum() / whole - 1:+.1%} off; "
        f"WAPE {errors['expected']:.1%}, stage-weighted {errors['stages']:.1%}, stage-weighted with the "
        f"usual new ones {errors['stages_and_new']:.1%}, same as last quarter {errors['before']:.1%}; "
        f"{seconds:.2f} s of processor a quarter"
    )


def main(arguments: list[str]) -> int:
    """Print the settings, then what was found."""
    worlds, first = ([int(word) for word in arguments] + [WORLDS, FIRST][len(arguments) :])[:2]
    print(f"worlds {first} to {first + worlds - 1}, quarters {QUARTERS[0]} to {QUARTERS[-1]}: {Settings()}")
    for has_changes in (True, False):
        print(measure(worlds, first, has_changes=has_changes), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
