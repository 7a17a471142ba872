"""When deals close and how: hazards of winning and losing by week, competing with each other.

Discrete-time competing risks (Prentice and Gloeckler 1978, Biometrics 34; Allison 1982, Sociological
Methodology 13): in each week an open deal is won, lost, or stays open, by a multinomial logit whose two
equations are fitted apart (Begg and Gray 1984, Biometrika 71), each with a ridge on its levels (Gelman et al.
2008, Annals of Applied Statistics 2), so that a level with few deals says little. How much quarters differ
beyond chance is a frailty with mean one (Hougaard 2000, chapter 7), found by moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.deals.deals import Deals
from alignment_lib.funnel.deals.weeks import Coding, Looks, code_weeks, look_at_deals, make_coding

__all__ = ["FEWEST", "ClosingModel", "fit_closing", "incidence", "places_of"]

FEWEST = 20
"""Wins, and losses, below which no chance is told."""
_SPREADS = (2.5, 1.0, 1.5, 1.0, 1.0, 1.0)
_SPREAD = 1.0
_STEPS, _LONGEST, _SETTLED = 40, 1.0, 1e-8
_MOST_FRAILTY = 0.25
_PRIOR_FRAILTY, _PRIOR_QUARTERS = 0.15**2, 4.0


@dataclass(frozen=True)
class ClosingModel:
    """Hazards of winning and of losing.

    Attributes
    ----------
    coding : Coding
        What the coefficients stand for.
    won, lost : ndarray
        Coefficients: intercept, then every level of every factor.
    won_root, lost_root : ndarray
        Roots of their covariances: a draw is ``won + won_root @ normal``.
    frailty : float
        Variance of what a quarter's wins are multiplied by.
    wins, losses : int
        What it was fitted on.
    """

    coding: Coding
    won: np.ndarray
    lost: np.ndarray
    won_root: np.ndarray
    lost_root: np.ndarray
    frailty: float
    wins: int
    losses: int

    def effect(self, factor: int, level: int) -> float:
        """What a level adds to the log odds of winning rather than losing."""
        place = 1 + sum(self.coding.sizes[:factor]) + level
        return float(self.won[place] - self.lost[place])


def fit_closing(deals: Deals, first_month: int) -> ClosingModel | None:
    """Fit on closed and open deals; None where fewer than 20 were won or lost.

    Parameters
    ----------
    deals : Deals
        As known.
    first_month : int
        First month of the fiscal year.
    """
    closed = deals.closed
    wins, losses = (int((closed["outcome"] == name).sum()) for name in ("won", "lost"))
    if min(wins, losses) < FEWEST:
        return None
    looks = look_at_deals(deals)
    coding = make_coding(deals, looks, first_month)
    number = np.repeat(np.arange(len(looks.weeks)), looks.weeks)
    week = np.arange(len(number)) - np.repeat(np.cumsum(looks.weeks) - looks.weeks, looks.weeks)
    codes = code_weeks(coding, looks.table, number, week)
    last = week == looks.weeks[number] - 1
    events = {name: last & (looks.outcome[number] == name) for name in ("won", "lost")}
    groups, inverse = _grouped(codes, coding.sizes)
    count = np.bincount(inverse, minlength=len(groups)).astype(float)
    sums = {name: np.bincount(inverse, event, len(groups)) for name, event in events.items()}
    design, precision = _design(groups, coding.sizes), _precision(coding.sizes)
    # Weeks seen from several days count once for how sure the coefficients are.
    seen = max(
        1.0, len(week) / max(float(looks.weeks[looks.table["at"] == looks.table["opened"]].sum()), 1.0)
    )
    won, won_root = _fit(design, sums["won"], count - sums["lost"], precision, seen)
    lost, lost_root = _fit(design, sums["lost"], count - sums["won"], precision, seen)
    expected = _chances(design @ won, design @ lost)[0][inverse]
    frailty = _frailty(looks, number, week, events["won"], expected)
    return ClosingModel(coding, won, lost, won_root, lost_root, frailty, wins, losses)


def _grouped(codes: np.ndarray, sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of levels, and which of them each row is."""
    key = np.ravel_multi_index(tuple(codes.T), sizes)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return codes[first], inverse


def _design(groups: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    blocks = [np.ones((len(groups), 1))]
    blocks += [np.eye(size)[groups[:, at]] for at, size in enumerate(sizes)]
    return np.hstack(blocks)


def _precision(sizes: tuple[int, ...]) -> np.ndarray:
    spreads = [*_SPREADS, *[_SPREAD] * (len(sizes) - len(_SPREADS))]
    return np.concatenate([[1e-6], np.repeat(np.power(spreads, -2.0), sizes)])


def _fit(
    design: np.ndarray, events: np.ndarray, count: np.ndarray, precision: np.ndarray, seen: float
) -> tuple[np.ndarray, np.ndarray]:
    """Ridge logit of grouped rows by Newton's method, and a root of its covariance."""
    at = np.zeros(design.shape[1])
    share = events.sum() / count.sum()
    at[0] = np.log(share / (1.0 - share))
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-(design @ at)))
        curve = design.T @ (design * (count * chance * (1.0 - chance))[:, None]) + np.diag(precision)
        step = np.linalg.solve(curve, design.T @ (events - count * chance) - precision * at)
        largest = np.abs(step).max()
        at = at + step * min(1.0, _LONGEST / largest)
        if largest < _SETTLED:
            break
    covariance = np.linalg.inv((curve - np.diag(precision)) / seen + np.diag(precision))
    return at, np.linalg.cholesky((covariance + covariance.T) / 2.0)


def _chances(won: np.ndarray, lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chance to be won and to be lost in a week, from the two log odds."""
    wins, losses = np.exp(won), np.exp(lost)
    whole = 1.0 + wins + losses
    return wins / whole, losses / whole


def _frailty(
    looks: Looks, number: np.ndarray, week: np.ndarray, won: np.ndarray, expected: np.ndarray
) -> float:
    """How much more quarters' wins differ from what was expected than chance alone lets them."""
    table = looks.table
    whole = (table["at"] == table["opened"]).to_numpy()[number]
    begins = table["at"].to_numpy().astype("datetime64[ns]")[number] + week * np.timedelta64(7, "D")
    days = pd.DatetimeIndex(begins[whole])
    place = np.asarray(days.year * 4 + days.quarter)
    place -= place.min()
    seen, hoped = np.bincount(place, won[whole]), np.bincount(place, expected[whole])
    used = hoped > 5.0
    if used.sum() < 2:
        return _PRIOR_FRAILTY
    seen, hoped = seen[used], hoped[used]
    # The fit has made the sums equal: one quarter fewer is free.
    beyond = (np.square(seen - hoped) * len(seen) / (len(seen) - 1.0) - hoped).sum()
    own = float(np.clip(beyond / np.square(hoped).sum(), 0.0, _MOST_FRAILTY))
    return (len(seen) * own + _PRIOR_QUARTERS * _PRIOR_FRAILTY) / (len(seen) + _PRIOR_QUARTERS)


def places_of(model: ClosingModel, looks: pd.DataFrame, weeks: int) -> np.ndarray:
    """Places of the coefficients of every look and week ahead, ``(looks, weeks, factors)``.

    ``won[0] + won[places].sum(-1)`` are the log odds to be won.
    """
    number, week = np.divmod(np.arange(len(looks) * weeks), weeks)
    codes = code_weeks(model.coding, looks, number, week)
    offsets = 1 + np.concatenate([[0], np.cumsum(model.coding.sizes)[:-1]])
    return np.asarray((codes + offsets).reshape(len(looks), weeks, len(offsets)))


def incidence(
    model: ClosingModel,
    places: np.ndarray,
    normal: np.ndarray | None = None,
    frailty: np.ndarray | None = None,
) -> np.ndarray:
    """Chance to have been won by the end of each week ahead, ``(looks, weeks)``.

    Parameters
    ----------
    model : ClosingModel
        The fitted model.
    places : ndarray
        Of `places_of`.
    normal : ndarray, optional
        Two rows of standard normals: a draw of the coefficients instead of their estimate.
    frailty : ndarray, optional
        What the odds to win are multiplied by, week by week.
    """
    won, lost = model.won, model.lost
    if normal is not None:
        won, lost = won + model.won_root @ normal[0], lost + model.lost_root @ normal[1]
    wins, losses = (_sum_places(values, places) for values in (won, lost))
    if frailty is not None:
        wins = wins + np.log(frailty)
    chance, loss = _chances(wins, losses)
    still = np.cumprod(1.0 - chance - loss, axis=1)
    before = np.hstack([np.ones((len(still), 1)), still[:, :-1]])
    return np.asarray(np.cumsum(before * chance, axis=1))


def _sum_places(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    total = np.full(places.shape[:2], values[0])
    for factor in range(places.shape[2]):
        total += values[places[:, :, factor]]
    return total
