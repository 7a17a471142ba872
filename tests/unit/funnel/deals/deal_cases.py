"""A customer-relationship system with a known truth, as of one day: for tests of open opportunities."""

from __future__ import annotations

from functools import cache

import pandas as pd

from alignment_lib.funnel.deals.deals import Deals, read_deals
from alignment_lib.funnel.deals.pipeline import Span
from benchmarks.pipeline.worlds import Settings, World, draw_world

__all__ = ["DAY", "SPANS", "WORLD_END", "deals_with_changes", "world"]

DAY = pd.Timestamp("2025-01-01")
WORLD_END = pd.Timestamp("2025-07-01")
SPANS = (
    Span("2025Q1", DAY, pd.Timestamp("2025-04-01")),
    Span("2025Q2", pd.Timestamp("2025-04-01"), WORLD_END),
)


@cache
def world() -> World:
    """The system to its end."""
    return draw_world(Settings(start="2022-01-03", weekly=8.0), 4)


@cache
def deals_with_changes() -> Deals:
    """What was known of it on the day, with every change; the source stands as a dimension too."""
    table, changes = world().as_of(DAY)
    return read_deals(table.assign(brand=table["source"]), DAY, ["brand"], changes)
