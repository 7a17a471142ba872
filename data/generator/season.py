"""Known season and holidays of the demo, by category, in log points."""

from __future__ import annotations

import numpy as np

from data.generator.weeks import easter, week_index, weeks

__all__ = ["HARMONICS", "HOLIDAYS", "holiday_weeks", "seasonal_effect"]

HARMONICS = {
    "machines": (0.10, -0.04, 0.05, 0.02),
    "beans": (0.14, 0.03, 0.03, -0.02),
    "care": (0.05, 0.02, 0.02, 0.00),
}
"""Coefficients of cos and sin of one and two turns a year, the year being 365.25 days from 1 January."""

HOLIDAYS = {
    "machines": {
        "easter": 0.10,
        "before easter": 0.06,
        "advent": 0.28,
        "christmas": -0.10,
        "new year": -0.22,
    },
    "beans": {"easter": 0.18, "before easter": 0.08, "advent": 0.16, "christmas": -0.12, "new year": -0.18},
    "care": {"easter": 0.05, "before easter": 0.00, "advent": 0.08, "christmas": -0.15, "new year": -0.15},
}
"""``easter``: the week that ends on Easter Sunday; ``advent``: the two weeks before the week that holds
25 December; ``christmas``: that week; ``new year``: the week that holds 1 January."""


def holiday_weeks() -> dict[str, np.ndarray]:
    """1 in the weeks of each holiday of `HOLIDAYS`, 0 elsewhere, shape (weeks,) each."""
    marks = {name: np.zeros(len(weeks())) for name in HOLIDAYS["beans"]}
    for year in range(2022, 2028):
        feast, christmas = week_index(easter(year)), week_index(f"{year}-12-25")
        places = {
            "easter": [feast],
            "before easter": [feast - 1],
            "advent": [christmas - 2, christmas - 1],
            "christmas": [christmas],
            "new year": [week_index(f"{year}-01-01")],
        }
        for name, found in places.items():
            inside = [place for place in found if 0 <= place < len(weeks())]
            marks[name][inside] = 1.0
    return marks


def seasonal_effect(category: str) -> np.ndarray:
    """Season and holidays of a category in log points, shape (weeks,)."""
    turn = 2.0 * np.pi * np.asarray(weeks().dayofyear + 3.0) / 365.25
    a1, b1, a2, b2 = HARMONICS[category]
    effect = a1 * np.cos(turn) + b1 * np.sin(turn) + a2 * np.cos(2 * turn) + b2 * np.sin(2 * turn)
    for name, mark in holiday_weeks().items():
        effect = effect + HOLIDAYS[category][name] * mark
    return np.asarray(effect)
