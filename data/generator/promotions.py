"""The promotion calendar: what was run and what is planned, by product, channel and week."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from data.generator.weeks import week_index, weeks

__all__ = ["MECHANICS", "Promotion", "calendar", "depth_by_week"]

MECHANICS = ("price_cut", "feature", "loyalty")
"""Cut of the list price (depth), newsletter and front page (0 or 1), extra loyalty points (0 or 1)."""

_CALENDAR = """
House Blend      | feature   | 1    | 2022-09-05 | 2 | shop, web
Filter Machine   | price_cut | 0.15 | 2022-09-26 | 2 | shop, web
House Blend      | price_cut | 0.15 | 2022-10-03 | 2 | all
Single Origin    | feature   | 1    | 2022-10-31 | 2 | shop, web
Care Kit         | loyalty   | 1    | 2022-11-07 | 2 | all
Espresso Machine | price_cut | 0.10 | 2022-11-21 | 1 | all
House Blend      | loyalty   | 1    | 2022-11-21 | 2 | web, mobile app
House Blend      | feature   | 1    | 2023-01-23 | 2 | all
Espresso Machine | feature   | 1    | 2023-02-13 | 2 | all
Single Origin    | price_cut | 0.15 | 2023-02-20 | 2 | all
House Blend      | price_cut | 0.20 | 2023-03-13 | 2 | shop, partner
Care Kit         | feature   | 1    | 2023-03-27 | 2 | all
Decaf Blend      | feature   | 1    | 2023-04-17 | 2 | all
Filter Machine   | feature   | 1    | 2023-04-17 | 2 | shop
House Blend      | loyalty   | 1    | 2023-05-08 | 2 | web, mobile app
Espresso Machine | price_cut | 0.15 | 2023-05-15 | 2 | all
Single Origin    | loyalty   | 1    | 2023-06-12 | 2 | all
House Blend      | feature   | 1    | 2023-07-03 | 2 | shop, partner
Care Kit         | price_cut | 0.20 | 2023-08-07 | 2 | all
Decaf Blend      | price_cut | 0.20 | 2023-08-28 | 2 | all
House Blend      | price_cut | 0.10 | 2023-09-18 | 2 | web, mobile app
Single Origin    | feature   | 1    | 2023-10-16 | 2 | all
Filter Machine   | price_cut | 0.20 | 2023-10-23 | 2 | shop, web
Espresso Machine | price_cut | 0.15 | 2023-11-20 | 1 | all
House Blend      | loyalty   | 1    | 2023-11-27 | 2 | all
House Blend      | feature   | 1    | 2024-01-22 | 2 | all
Care Kit         | loyalty   | 1    | 2024-01-29 | 2 | all
Decaf Blend      | loyalty   | 1    | 2024-02-12 | 2 | all
Single Origin    | price_cut | 0.20 | 2024-03-11 | 2 | shop, web
House Blend      | price_cut | 0.20 | 2024-04-08 | 2 | all
Espresso Machine | feature   | 1    | 2024-04-22 | 2 | all
Compact Machine  | feature   | 1    | 2024-05-13 | 2 | web, mobile app
Decaf Blend      | feature   | 1    | 2024-05-20 | 2 | all
Filter Machine   | price_cut | 0.20 | 2024-06-10 | 2 | shop, web
House Blend      | loyalty   | 1    | 2024-06-17 | 2 | web, mobile app
Single Origin    | loyalty   | 1    | 2024-07-15 | 2 | all
Decaf Blend      | price_cut | 0.15 | 2024-08-26 | 2 | shop
House Blend      | price_cut | 0.15 | 2024-09-09 | 2 | shop, web
Compact Machine  | price_cut | 0.15 | 2024-09-23 | 2 | all
Care Kit         | feature   | 1    | 2024-09-30 | 2 | all
House Blend      | feature   | 1    | 2024-10-21 | 2 | all
Single Origin    | feature   | 1    | 2024-11-11 | 2 | all
Espresso Machine | price_cut | 0.20 | 2024-11-25 | 1 | all
Compact Machine  | price_cut | 0.20 | 2024-11-25 | 1 | web, mobile app
House Blend      | loyalty   | 1    | 2024-11-25 | 2 | web, mobile app
Filter Machine   | feature   | 1    | 2025-01-13 | 2 | shop, web
House Blend      | feature   | 1    | 2025-01-20 | 2 | all
Espresso Machine | feature   | 1    | 2025-02-03 | 2 | all
Single Origin    | price_cut | 0.15 | 2025-02-24 | 2 | all
Decaf Blend      | loyalty   | 1    | 2025-03-10 | 2 | all
Compact Machine  | price_cut | 0.15 | 2025-03-17 | 2 | all
House Blend      | feature   | 1    | 2025-04-07 | 2 | all
Espresso Machine | price_cut | 0.15 | 2025-05-05 | 2 | all
Filter Machine   | price_cut | 0.25 | 2025-05-19 | 2 | shop, web
Single Origin    | loyalty   | 1    | 2025-06-09 | 2 | all
Care Kit         | price_cut | 0.20 | 2025-06-23 | 2 | all
House Blend      | price_cut | 0.20 | 2025-07-14 | 2 | all
Compact Machine  | feature   | 1    | 2025-08-18 | 2 | all
Espresso Machine | feature   | 1    | 2025-09-08 | 2 | shop, web
Single Origin    | feature   | 1    | 2025-10-06 | 2 | all
Barista Blend    | feature   | 1    | 2025-10-20 | 2 | all
Care Kit         | loyalty   | 1    | 2025-10-27 | 2 | all
House Blend      | loyalty   | 1    | 2025-11-24 | 2 | all
Compact Machine  | price_cut | 0.20 | 2025-11-24 | 1 | all
House Blend      | feature   | 1    | 2026-01-19 | 2 | all
Care Kit         | loyalty   | 1    | 2026-01-26 | 2 | all
Single Origin    | loyalty   | 1    | 2026-02-16 | 2 | all
Espresso Machine | price_cut | 0.15 | 2026-03-09 | 2 | all
House Blend      | feature   | 1    | 2026-04-20 | 2 | all
Compact Machine  | price_cut | 0.15 | 2026-05-11 | 2 | all
Single Origin    | price_cut | 0.15 | 2026-05-18 | 2 | all
Barista Blend    | loyalty   | 1    | 2026-06-01 | 2 | all
House Blend      | price_cut | 0.20 | 2026-07-13 | 2 | all
Decaf Blend      | price_cut | 0.15 | 2026-08-24 | 2 | all
Espresso Machine | feature   | 1    | 2026-09-14 | 2 | all
Care Kit         | feature   | 1    | 2026-10-05 | 2 | all
Single Origin    | feature   | 1    | 2026-10-12 | 2 | all
House Blend      | loyalty   | 1    | 2026-11-23 | 2 | all
Espresso Machine | price_cut | 0.15 | 2026-11-23 | 1 | all
"""


@dataclass(frozen=True)
class Promotion:
    """One promotion of one product.

    Attributes
    ----------
    id : str
        ``P01`` and on, by start.
    depth : float
        Cut as a share of the list price, or 1 for a mechanic that is either on or off.
    start : Timestamp
        Monday of its first week.
    length : int
        Weeks.
    channels : tuple of str
        Channels it ran in; empty for all.
    """

    id: str
    product: str
    mechanic: str
    depth: float
    start: pd.Timestamp
    length: int
    channels: tuple[str, ...]

    @property
    def weeks(self) -> slice:
        """Positions in `weeks`."""
        first = week_index(self.start)
        return slice(first, first + self.length)

    def rows(self, series: pd.DataFrame) -> np.ndarray:
        """Numbers of the series promoted."""
        here = series["product"].to_numpy() == self.product
        if self.channels:
            here &= np.isin(series["channel"].to_numpy(dtype=str), self.channels)
        return np.flatnonzero(here)


@cache
def calendar() -> tuple[Promotion, ...]:
    """All promotions, past and planned, in order of start."""
    events = []
    for number, line in enumerate(_CALENDAR.strip().splitlines(), start=1):
        product, mechanic, depth, start, length, channels = (cell.strip() for cell in line.split("|"))
        places = () if channels == "all" else tuple(name.strip() for name in channels.split(","))
        events.append(
            Promotion(
                f"P{number:02d}", product, mechanic, float(depth), pd.Timestamp(start), int(length), places
            )
        )
    return tuple(events)


def depth_by_week(series: pd.DataFrame) -> dict[str, np.ndarray]:
    """Depth of each mechanic by series and week, shape (series, weeks) each; 0 where nothing runs."""
    depths = {mechanic: np.zeros((len(series), len(weeks()))) for mechanic in MECHANICS}
    for event in calendar():
        depths[event.mechanic][event.rows(series), event.weeks] = event.depth
    return depths
