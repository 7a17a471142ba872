"""Drivers known for less than a year: what they do and what the season does cannot be told apart.

A driver that began in one season was never seen in the others: whatever that season did unlike the one a
year before would be taken for its effect. A step that is on since it began takes that up (Frisch & Waugh
1933), so that its effect rests on its ups and downs since alone. Trees, which could join the two anew, do
not see it. It is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import numpy as np

from alignment_lib.inputs.problems import Notice

__all__ = ["began_at", "features_of", "in_one_season", "one_season_notices", "steps_since"]

_LEAST_YEARS = 1.25


def began_at(kinds: Mapping[str, str], raw: Mapping[str, np.ndarray], known: int) -> dict[str, int]:
    """First period in which each driver was there: a promotion above zero, another driver given at all.

    Parameters
    ----------
    kinds : mapping of str to {"price", "promotion", "market"}
    raw : mapping of str to ndarray, shape (series, known + horizon)
        As given; NaN where none.
    known : int

    Examples
    --------
    >>> began_at({"x": "promotion", "y": "market"}, {"x": np.array([[0, 0, 2.0]]), "y": np.zeros((1, 3))}, 3)
    {'x': 2, 'y': 0}
    """
    places = {}
    for name, kind in kinds.items():
        past = raw[name][:, :known]
        there = (np.nan_to_num(past) > 0 if kind == "promotion" else np.isfinite(past)).any(axis=0)
        places[name] = int(there.argmax()) if there.any() else known
    return places


def in_one_season(began: Mapping[str, int], known: int, season: int) -> dict[str, float]:
    """Years for which each driver has been there, of those that began less than a year before the wall.

    Histories of less than a year and a quarter tell no driver from the season: none is singled out.

    >>> in_one_season({"x": 91, "y": 0}, 104, 52)
    {'x': 0.25}
    """
    if known < _LEAST_YEARS * season:
        return {}
    years = {name: (known - place) / season for name, place in began.items()}
    return {name: its for name, its in years.items() if 0 < its < 1}


def steps_since(
    began: Mapping[str, int], known: int, periods: int, season: int
) -> tuple[np.ndarray, list[str]]:
    """One step per moment at which such drivers began, on from there to the end; shape (periods, steps).

    >>> steps_since({"x": 91, "y": 91}, 104, 117, 52)[0].sum(axis=0).tolist()
    [26.0]
    """
    places = sorted({began[name] for name in in_one_season(began, known, season)})
    steps = np.arange(periods)[:, None] >= np.array(places, dtype=int)[None, :]
    return steps.astype(float), [f"since:{place}" for place in places]


def features_of(names: Collection[str], drivers: Collection[str]) -> np.ndarray:
    """Which features are made from any of the drivers.

    >>> features_of(["on:deal*depth:price", "others:on:feature", "year_sin1"], ["price"]).tolist()
    [True, False, False]
    """
    found = np.zeros(len(names), dtype=bool)
    for driver in drivers:
        made = re.compile(
            rf"(?:^|[:*])(?:on|depth|regular|up|rise|deepest|market):(?:log )?{re.escape(driver)}(?=$|\*|@)"
        )
        found |= np.array([bool(made.search(name)) for name in names], dtype=bool)
    return found


def one_season_notices(began: Mapping[str, int], known: int, season: int) -> list[Notice]:
    """What is said of such drivers, those of one moment together."""
    groups: dict[int, list[str]] = {}
    for name in in_one_season(began, known, season):
        groups.setdefault(began[name], []).append(name)
    notices = []
    for place, names in sorted(groups.items()):
        months = max(1, round(12 * (known - place) / season))
        ago = "1 month" if months == 1 else f"{months} months"
        whose = "its effect" if len(names) == 1 else "their effects"
        text = (
            f"{', '.join(map(repr, names))} began {ago} before the as-of date and {_was(names)} never seen "
            f"in the other seasons: {whose} cannot be told from that season's. Only what followed the ups "
            "and downs since is counted as an effect."
        )
        notices.append(Notice("driver_one_season", text, len(names)))
    return notices


def _was(names: list[str]) -> str:
    return "was" if len(names) == 1 else "were"
