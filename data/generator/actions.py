"""What marketing and sales did, or will do, beside promotions, prices, launches and delistings.

Each has a true effect on sales. Those that an assumption claims bear the assumption's id, so that a
claim can be scored against what came true.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.generator.weeks import week_index, weeks

__all__ = ["ACTIONS", "Action"]


@dataclass(frozen=True)
class Action:
    """One true effect.

    Attributes
    ----------
    id : str
        Id of the assumption that claims it, or ``X…`` where nobody does.
    title : str
        What was done.
    start, end : str
        First and last day; a blank end lasts.
    effect : float
        Log points on sales in scope (``units`` 0 and no ``to_channel``), or, with ``to_channel``, the
        share of volume that moves there.
    units : int
        Units in all, for a single order; exact, without scatter.
    product, channel, sale_type : str
        Scope; blank means all.
    to_channel : str
        Channel to which the volume moves within product and type of sale.
    spread : float
        Standard deviation with which `redrawn` draws the effect (relative, for units).
    weeks_to_full : int
        Weeks over which the effect grows evenly to its full size.
    """

    id: str
    title: str
    start: str
    end: str = ""
    effect: float = 0.0
    units: int = 0
    product: str = ""
    channel: str = ""
    sale_type: str = ""
    to_channel: str = ""
    spread: float = 0.015
    weeks_to_full: int = 1

    def rows(self, series: pd.DataFrame) -> np.ndarray:
        """Numbers of the series in scope."""
        here = np.ones(len(series), dtype=bool)
        for name in ("product", "channel", "sale_type"):
            if getattr(self, name):
                here &= (series[name] == getattr(self, name)).to_numpy()
        return np.flatnonzero(here)

    def strength(self) -> np.ndarray:
        """Share of full effect in each week, shape (weeks,)."""
        count = len(weeks())
        first = week_index(self.start)
        last = week_index(self.end) if self.end else count - 1
        week = np.arange(count)
        grown = np.clip((week - first + 1) / self.weeks_to_full, 0.0, 1.0)
        return np.asarray(np.where((week >= first) & (week <= last), grown, 0.0))

    def redrawn(self, rng: np.random.Generator) -> Action:
        """Return the same action with another true effect, drawn around this one."""
        if self.units:
            return replace(self, units=max(1, round(self.units * float(np.exp(rng.normal(0.0, 0.3))))))
        return replace(self, effect=float(rng.normal(self.effect, self.spread)))


_EARLIER = (
    Action(
        "X1", "Repeat orders by phone closed at the partner", "2023-09-04", effect=-0.04, channel="partner"
    ),
    Action(
        "X2",
        "New shop window programme",
        "2023-03-06",
        effect=0.04,
        channel="shop",
        product="Espresso Machine",
    ),
    Action(
        "X3", "Web shop rebuilt", "2024-09-02", effect=0.05, channel="web", sale_type="new", weeks_to_full=6
    ),
)
_ROUND_2025Q2 = (
    Action(
        "R25Q2-3",
        "Reminder to reorder in the app",
        "2025-04-14",
        effect=0.050,
        channel="mobile app",
        sale_type="repeat",
    ),
    Action(
        "R25Q2-4",
        "First order of a hotel group",
        "2025-05-19",
        "2025-05-25",
        units=104,
        product="Espresso Machine",
        channel="partner",
        sale_type="new",
    ),
    Action(
        "R25Q2-6",
        "Roadworks before the largest shops",
        "2025-04-21",
        "2025-06-29",
        effect=-0.010,
        channel="shop",
    ),
)
_ROUND_2025Q3 = (
    Action(
        "R25Q3-4", "Shorter checkout on the web", "2025-07-21", effect=0.062, channel="web", sale_type="new"
    ),
    Action(
        "R25Q3-6",
        "University canteens stock up",
        "2025-09-01",
        "2025-09-07",
        units=262,
        product="House Blend",
        channel="partner",
        sale_type="repeat",
    ),
    Action("R25Q3-7", "Free delivery over the summer", "2025-07-07", "2025-08-31", effect=0.0, channel="web"),
)
_ROUND_2025Q4 = (
    Action(
        "R25Q4-3",
        "Gift finder in the app",
        "2025-11-03",
        "2025-12-21",
        effect=0.085,
        channel="mobile app",
        sale_type="new",
    ),
    Action(
        "R25Q4-4", "A competitor for machines closes", "2025-10-13", effect=0.070, product="Espresso Machine"
    ),
    Action(
        "R25Q4-5",
        "Shop customers move to the app",
        "2025-09-29",
        effect=0.035,
        channel="shop",
        to_channel="mobile app",
        weeks_to_full=8,
        spread=0.01,
    ),
)
_ROUND_2026Q1 = (
    Action("R26Q1-01", "Coffee outside the home recovers", "2025-12-29", effect=0.022, weeks_to_full=53),
    Action(
        "R26Q1-09",
        "One-tap reorder in the app",
        "2026-01-12",
        effect=0.055,
        channel="mobile app",
        sale_type="repeat",
    ),
    Action(
        "R26Q1-10",
        "Faster product pages on the web",
        "2026-02-09",
        effect=0.030,
        channel="web",
        sale_type="new",
    ),
    Action(
        "R26Q1-11",
        "More shop customers move to the app",
        "2025-12-29",
        effect=0.030,
        channel="shop",
        to_channel="mobile app",
        weeks_to_full=13,
        spread=0.01,
    ),
    Action(
        "R26Q1-12",
        "A hotel group opens three houses",
        "2026-02-23",
        "2026-03-01",
        units=150,
        product="Espresso Machine",
        channel="partner",
        sale_type="new",
    ),
    Action(
        "R26Q1-13",
        "Vending corners at stations",
        "2026-02-02",
        effect=0.008,
        channel="mobile app",
        sale_type="new",
    ),
    Action(
        "R26Q1-14",
        "A competitor opens next to the largest shops",
        "2026-03-02",
        effect=-0.012,
        channel="shop",
    ),
)

ACTIONS = _EARLIER + _ROUND_2025Q2 + _ROUND_2025Q3 + _ROUND_2025Q4 + _ROUND_2026Q1
