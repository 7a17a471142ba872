"""Weak points that are not noise: worlds whose rates never changed, and worlds in which one step really fell.

Run: ``python -m benchmarks.weak_points [worlds]``. A world has fourteen quarters and two sources with true
rates drawn once; leads pass the four steps by chance. In worlds with a fall one step of one source loses
ten points in the last quarter, or in the last three; their leads are as many as bring the wanted number
into that step.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import fit_lag
from alignment_lib.funnel.leads import FunnelLeads, prepare_leads
from alignment_lib.funnel.weak_points import weak_points
from alignment_lib.inputs.periods.calendar import Calendar

QUARTERS = 14
STEPS = ("accepted", "contacted", "opportunities", "customers")
FIRST = pd.Timestamp("2022-07-01")
FALL = 0.10
WORLDS = 200
SEED = 20261130
"""Fixed before the first fit, as were the rates' ranges."""
_RANGES = ((0.90, 0.97), (0.70, 0.90), (0.40, 0.60), (0.20, 0.40))
_CLOSED = pd.Timedelta(days=40)


@dataclass(frozen=True)
class World:
    """True rates by source (rows) and step (columns), what a quarter brings, and which step falls, if any."""

    rates: np.ndarray
    leads: np.ndarray
    step: int = -1
    quarters: int = 0


def draw_world(seed: int, entering: int = 50, quarters: int = 0) -> World:
    """A world; with `quarters`, one step of the first source falls in as many, with `entering` leads each."""
    rng = np.random.default_rng([SEED, seed, entering, quarters])
    rates = np.column_stack([rng.uniform(low, high, 2) for low, high in _RANGES])
    if not quarters:
        return World(rates, np.full(2, entering))
    step = int(rng.integers(0, len(STEPS)))
    return World(rates, np.ceil(entering / rates[:, :step].prod(axis=1)).astype(int), step, quarters)


def draw_leads(world: World, seed: int) -> FunnelLeads:
    """Leads of a world, every outcome known."""
    rng = np.random.default_rng([SEED, 1, seed])
    starts = pd.date_range(FIRST, periods=QUARTERS, freq="QS")
    parts = []
    for source in range(2):
        for quarter, start in enumerate(starts):
            count, rates = int(world.leads[source]), world.rates[source].copy()
            if source == 0 and world.step >= 0 and quarter >= QUARTERS - world.quarters:
                rates[world.step] -= FALL
            passed = np.cumprod(rng.random((count, 4)) < rates, axis=1).astype(bool)
            created = start + pd.to_timedelta(np.sort(rng.uniform(0, 89, count)), unit="D")
            parts.append(pd.DataFrame({"created": created, "source": f"source {source}"}).join(
                pd.DataFrame(passed, columns=list(STEPS))
            ))  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    table["lead_id"] = [f"L{number}" for number in range(len(table))]
    return _prepared(table, starts[-1] + pd.offsets.QuarterEnd() + _CLOSED)


def _prepared(table: pd.DataFrame, as_of: pd.Timestamp) -> FunnelLeads:
    later = table["created"] + pd.Timedelta(days=1)
    leads = table[["lead_id", "created", "source"]].assign(
        accepted_at=later.where(table["accepted"]),
        rejected_at=later.where(~table["accepted"]),
        rejected_reason="no need",
        opportunity_at=(later + pd.Timedelta(days=2)).where(table["opportunities"]),
        closed_at=(later + pd.Timedelta(days=5)).where(table["accepted"]),
        outcome=np.where(table["customers"], "won", np.where(table["accepted"], "lost", "")),
        amount=np.where(table["customers"], 100.0, np.nan),
    )
    worked = table["accepted"].to_numpy()
    contacts = pd.DataFrame({"lead_id": table["lead_id"][worked], "at": later[worked]})
    contacts["reached"] = table["contacted"][worked].astype(float)
    return prepare_leads(leads, as_of, contacts.reset_index(drop=True))


def map_of(leads: FunnelLeads) -> pd.DataFrame:
    """The weak points of the last year of a world."""
    end = FIRST + pd.DateOffset(months=3 * QUARTERS)
    start = FIRST + pd.DateOffset(months=3 * (QUARTERS - 4))
    return weak_points(leads, fit_lag(leads), None, Calendar("month"), start, end)


def constant_worlds(count: int) -> tuple[float, float]:
    """Share of steps named, and mean worth as a share of a year's customers, where no rate ever changed."""
    named, worth = [], []
    for seed in range(count):
        leads = draw_leads(draw_world(seed), seed)
        found = map_of(leads)
        year = leads.table["created"] >= FIRST + pd.DateOffset(months=3 * (QUARTERS - 4))
        named.append(len(found) / (2 * len(STEPS)))
        worth.append(float(found["customers"].sum()) / float((leads.table["is_won"] & year).sum()))
    return float(np.mean(named)), float(np.mean(worth))


def fallen_worlds(count: int, entering: int, quarters: int) -> pd.DataFrame:
    """``step, named, covered``: whether the fall was named, and its true worth inside the 80 % range."""
    rows = []
    for seed in range(count):
        world = draw_world(seed, entering, quarters)
        found = map_of(draw_leads(world, seed))
        row = found[(found["stage"] == STEPS[world.step]) & (found["source"] == "source 0")]
        lost = entering * quarters * FALL * world.rates[0, world.step + 1 :].prod()
        inside = len(row) > 0 and row["customers_low"].iloc[0] <= lost <= row["customers_high"].iloc[0]
        value = float(row["customers"].iloc[0]) / lost if len(row) else np.nan
        rows.append({"step": STEPS[world.step], "named": len(row) > 0, "covered": inside, "value": value})
    return pd.DataFrame(rows)


def main() -> None:
    """Print what is named where nothing fell, and the power where something did."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS
    named, worth = constant_worlds(count)
    print(
        f"{count} worlds whose rates never changed, 14 quarters of 50 leads a source: "
        f"{named:.1%} of steps named, worth {worth:.2%} of a year's customers"
    )
    print(
        "leads a quarter  quarters  named  "
        + "  ".join(STEPS)
        + "  value / true  true inside 80 % where named"
    )
    for entering, quarters in ((50, 1), (50, 3), (100, 1), (150, 1), (150, 3), (300, 1)):
        table = fallen_worlds(count, entering, quarters)
        by_step = table.groupby("step")["named"].mean().reindex(list(STEPS))
        shares = "  ".join(f"{share:{len(step)}.0%}" for step, share in by_step.items())
        seen = table[table["named"]]
        print(
            f"{entering:15d}  {quarters:8d}  {table['named'].mean():5.0%}  {shares}  "
            f"{seen['value'].mean():12.2f}  {seen['covered'].mean():.0%}"
        )


if __name__ == "__main__":
    main()
