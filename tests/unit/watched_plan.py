"""A published plan with draws, and sales of its first weeks, for tests of watching."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from round_fixture import AS_OF, CALENDAR, DIMENSIONS, make_round

from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.publishing.snapshot_writer import publish_round

__all__ = ["CALENDAR", "DIMENSIONS", "publish_plan", "sales_of", "week"]

DRAWS = 300


def week(number: int) -> pd.Timestamp:
    """First day of a week of the round, counted from 0."""
    return AS_OF + pd.Timedelta(days=7 * number)


def headline_of(plan: pd.DataFrame) -> pd.DataFrame:
    """The headline's rows of the round."""
    return plan[(plan["scenario"] == "consensus") & (plan["period"] < week(13))]


def publish_plan(folder: Path, *, draws: bool = True, round_name: str = "2026Q1") -> Snapshot:
    """A plan whose draws scatter by week (5 %) and as a whole (3 %), published."""
    result = make_round(round_name=round_name)
    plan, bridge = headline_of(result.tables["plan"]), result.tables["bridge"]
    touched = bridge[
        (bridge["scenario"] == "consensus") & (bridge["assumption"] == "A1") & (bridge["effect"] != 0)
    ]
    keys = pd.MultiIndex.from_frame(touched[list(DIMENSIONS)].drop_duplicates())
    inside = pd.MultiIndex.from_frame(plan[list(DIMENSIONS)]).isin(keys)
    rng = np.random.default_rng(7)
    level = rng.normal(1.0, 0.03, DRAWS)
    lines = {}
    for name, rows in (("whole", plan), ("claim:A1", plan[inside])):
        weeks = rows.groupby("period")["plan"].sum().to_numpy()
        lines[name] = (weeks * level[:, None] * np.exp(rng.normal(0, 0.05, (DRAWS, 13)))).ravel()
    frame = pd.DataFrame(
        {
            "draw": np.repeat(np.arange(DRAWS), 13),
            "period": np.tile([week(at) for at in range(13)], DRAWS),
            **lines,
        }
    )
    if draws:
        result = replace(result, tables={**result.tables, "watch_draws": frame})
    publish_round(result, folder, notebook=Path("unused"), timings={}, render=False)
    return Snapshot(folder / round_name / "demo")


def sales_of(snapshot: Snapshot, weeks: int, share: float = 1.0) -> pd.DataFrame:
    """What was sold in the first weeks: a share of what was planned, series by series."""
    plan = headline_of(snapshot.read("plan"))
    plan = plan[plan["period"] < week(weeks)]
    return plan[["period", *DIMENSIONS]].assign(units=plan["plan"] * share)
