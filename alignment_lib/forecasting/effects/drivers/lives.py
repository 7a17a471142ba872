"""Lives of series: how long each has been sold, what of that is its launch, when it is closed or ended."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from alignment_lib.forecasting.past.end_notices import ask_about_ends
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.past.silences import Silences, judge_ends
from alignment_lib.inputs.problems import Notice

__all__ = [
    "LaunchTerms",
    "find_closed",
    "find_ended",
    "grown_up",
    "late_starters",
    "launch_terms",
    "wave_stiffness",
    "years_seen",
]

_KNOTS = (0.0, 1 / 13, 1 / 4, 1 / 2, 1.0, 2.0)
"""Ages, in years, between which a launch is followed by straight lines; the last is grown up."""
_SLOW_KNOTS = (0.0, 1 / 2, 1.0)
"""The same for series of less than a year that did not start late: a slow drift, not a launch."""
_WAVE_POWER = 5
_FEWEST_CLOSED, _CLOSED_SHARE, _OPEN_SHARE = 8, 0.95, 0.2
_NONE = 1e6
"""Penalty on yearly waves where less than a year is known: the group's own are those of its parent."""


def years_seen(seen: np.ndarray, season: int) -> np.ndarray:
    """Years in which sales of each series are known, shape (series,)."""
    return np.asarray(seen.sum(axis=1) / season)


def wave_stiffness(years: np.ndarray) -> np.ndarray:
    """Factor on the penalty of yearly waves, by years known.

    Two years tell season from growth; with one to two the waves are held back by (two years / known) to
    the fifth power; under one year there are none of the group's own.

    >>> wave_stiffness(np.array([0.5, 1.0, 3.0])).tolist()
    [1000000.0, 32.0, 1.0]
    """
    held = np.maximum(1.0, 2 / np.maximum(years, 1e-9)) ** _WAVE_POWER
    return np.where(np.asarray(years) < 1, _NONE, held)


class LaunchTerms:
    """What the launch of late starters did to their level, taken out before slopes are estimated.

    A series that starts inside the history grows for reasons that are no driver's and no season's. Its
    logs and features are projected off a broken line in its age (Frisch & Waugh 1933), so that growth is
    neither taken for a yearly wave nor for the effect of whatever happened to move at the time. The
    growth itself stays in the residual, whose level follows it.

    Parameters
    ----------
    rows : ndarray of int
        The late starters.
    basis : ndarray, shape (late starters, periods, terms)
        Broken line in age, 0 before the start.
    """

    def __init__(self, rows: np.ndarray, basis: np.ndarray) -> None:
        self.rows, self.basis = rows, basis

    def of(self, series: slice) -> LaunchTerms:
        """Those of some series, counted from the first of them."""
        its = (self.rows >= series.start) & (self.rows < series.stop)
        return LaunchTerms(self.rows[its] - series.start, self.basis[its])

    def project_off(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """`values` of the late starters, shape (late starters, periods, columns), less their launch."""
        weighted = self.basis * weights[:, :, None]
        gram = np.matmul(weighted.transpose(0, 2, 1), self.basis)
        size = np.einsum("nkk->n", gram)[:, None, None] / gram.shape[1]
        fit = np.linalg.solve(
            gram + (1e-6 * size + 1e-9) * np.eye(gram.shape[1]),
            np.matmul(weighted.transpose(0, 2, 1), values),
        )
        return np.asarray(values - np.matmul(self.basis, fit))


def launch_terms(seen: np.ndarray, season: int) -> LaunchTerms:
    """Launches inside the history: series whose first known period comes after its first month.

    Where less than a year is known of anything, all series are treated so: without yearly waves only a
    broken line keeps the season from being taken for whatever driver moved with it.

    Parameters
    ----------
    seen : ndarray of bool, shape (series, periods)
    season : int
        Periods in a year.
    """
    periods = seen.shape[1]
    first = _first(seen)
    late = _starts_late(first, season)
    rows = np.flatnonzero(late | (periods - first < season))
    age = np.arange(periods)[None, :] - first[rows, None]
    basis = np.where(
        late[rows, None, None], _broken_line(age, _KNOTS, season), _broken_line(age, _SLOW_KNOTS, season)
    )
    return LaunchTerms(rows, basis * (age >= 0)[:, :, None])


def _broken_line(age: np.ndarray, knots: tuple[float, ...], season: int) -> np.ndarray:
    """One, and a hat at every knot but the last; padded with zeros to as many terms as there are knots."""
    places = np.unique(np.round(np.array(knots) * season))
    basis = np.zeros((*age.shape, len(_KNOTS)))
    basis[:, :, 0] = 1.0
    for place in range(len(places) - 1):
        basis[:, :, place + 1] = np.interp(age, places, np.eye(len(places))[place])
    return basis


def grown_up(seen: np.ndarray, season: int) -> np.ndarray:
    """Cells past the first half year of a late starter, shape (series, periods); all cells of the others."""
    first = _first(seen)
    age = np.arange(seen.shape[1])[None, :] - first[:, None]
    return np.asarray((age >= season // 2) | ~_starts_late(first, season)[:, None])


def late_starters(seen: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """First known period of each series, and whether it comes later than a month into the history.

    >>> late_starters(np.array([[True, True], [False, True]]), 1)[0].tolist()
    [0, 1]
    """
    first = _first(seen)
    return first, _starts_late(first, season)


def _first(seen: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(seen.any(axis=1), seen.argmax(axis=1), 0))


def _starts_late(first: np.ndarray, season: int) -> np.ndarray:
    return np.asarray(first > max(1, season // 13))


def find_ended(history: History, raw: Mapping[str, np.ndarray]) -> tuple[np.ndarray, list[Notice]]:
    """Series that are no longer sold, by the rules of `silences` and by the driver calendar.

    Where the driver table speaks of single series after the wall, a series it names is planned whatever its
    silence (a store that is closed for months keeps its rows there), and one it does not name has been taken
    off the calendar: silent for a quarter of a year, it has ended.

    Parameters
    ----------
    history : History
    raw : mapping of str to ndarray, shape (series, known + horizon)
        Drivers as given; NaN where no row speaks.

    Returns
    -------
    ended : ndarray of bool, shape (series,)
    notices : list of Notice
    """
    known, season = len(history.periods), history.calendar.season
    ends, renamed = judge_ends(history)
    named = np.zeros(len(history.keys), dtype=bool)
    telling = False
    for values in raw.values():
        ahead = np.isfinite(values[:, known:]).any(axis=1)
        if ahead.any() and (not ahead.all() or _differ(values[:, known:])):
            telling, named = True, named | ahead
    stated = np.zeros_like(named) if history.stated is None else history.stated != ""
    # Whoever plans a driver for one series alone has answered what its silence would ask.
    ends = Silences(ends.idle, np.where(named & ~stated, 0, ends.state))
    renamed = {old: new for old, new in renamed.items() if not named[old]}
    quiet = (ends.idle >= max(2, season // 4)) & telling & ~named & ~stated
    ended = quiet | ends.are("ended", "renamed")
    asked = Silences(ends.idle, np.where(quiet, 0, ends.state))
    notices = list(ask_about_ends(history, asked, renamed))
    if quiet.any():
        count = int(quiet.sum())
        who, rest = ("1 series has", "it is") if count == 1 else (f"{count} series have", "they are")
        text = (
            f"{who} sold nothing for at least {int(ends.idle[quiet].min())} periods, and no drivers are "
            f"given for the periods planned: {rest} taken as ended and planned at zero."
        )
        notices.append(Notice("series_ended", text, count))
    return ended, notices


def _differ(values: np.ndarray) -> bool:
    """Whether a driver is given series by series: rows for all alike speak of none of them."""
    return bool((np.isfinite(values) & (values != values[:1])).any())


def find_closed(
    sales: np.ndarray, drivers: Mapping[str, np.ndarray], known: int
) -> tuple[dict[str, np.ndarray], list[Notice]]:
    """Periods in which a driver at zero means nothing can be sold: a shop with no opening days.

    A driver closes a series where, at zero, next to nothing was ever sold (95 % of at least eight cells
    hold no sale) while otherwise next to always something was (80 %).

    Parameters
    ----------
    sales : ndarray, shape (series, known)
    drivers : mapping of str to ndarray, shape (series, known + horizon)
        Market drivers as given.
    known : int

    Returns
    -------
    closed : dict of str to ndarray of bool, shape (series, known + horizon)
        By driver that closes.
    notices : list of Notice
    """
    closed: dict[str, np.ndarray] = {}
    notices: list[Notice] = []
    alive = np.maximum.accumulate(np.nan_to_num(sales) > 0, axis=1)
    nothing = ~(np.nan_to_num(sales) > 0)
    for name, values in drivers.items():
        zero = values == 0
        shut = zero[:, :known] & alive
        open_ = np.isfinite(values[:, :known]) & ~zero[:, :known] & alive
        if shut.sum() < _FEWEST_CLOSED or not open_.any():
            continue
        if nothing[shut].mean() < _CLOSED_SHARE or nothing[open_].mean() > _OPEN_SHARE:
            continue
        closed[name] = zero
        text = (
            f"Driver {name!r} at zero means closed: nothing was sold in such periods ({int(shut.sum())} in "
            "the history). They are left out of the estimates, and planned at zero."
        )
        notices.append(Notice("driver_closes", text, int(shut.sum())))
    return closed, notices
