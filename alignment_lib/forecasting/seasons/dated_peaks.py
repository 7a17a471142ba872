"""Peaks that keep to a date or to a weekday of a month, and so change their week by number over the years.

A week that holds a fixed date, and a week that holds the n-th or the last weekday of a month, are one thing:
the week that begins on one of seven days of the calendar in a row, so the week that holds a certain day of
the year. Days whose week has the same number in every year known cannot be told from that number and are
left to the profile. Of the others, two neighbouring weeks of each year stand against each other: the day
says which of them was the higher one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse

from alignment_lib.forecasting.learning.adjustment import Scaled
from alignment_lib.forecasting.seasons.week_places import COMMON_YEAR, days_held, place_weeks

__all__ = ["find_dated_peaks"]

_FIRST_DAY, _LAST_DAY = 3, 359
"""Days whose week never belongs to another year: 4 January to 26 December."""
_TAIL = 4.0
"""Degrees of freedom of a year's error: what happened once in one year is no surprise."""
_SURE = 20.0
"""Odds asked against chance, over all days tried together."""
_SHOWN = 0.8
"""Share of the years that must show at least half of the peak."""
_LEAST_YEARS = 3
"""Two peaks in neighbouring weeks of two years are met by chance too often."""
_MOST = 12
"""Most such peaks in a year of a series or of a group."""
_ROWS = 512
_LEAST_SIGMA = 0.01


@dataclass(frozen=True)
class _Days:
    """Days that tell neighbouring weeks apart, those alike over the known years taken together.

    Attributes
    ----------
    earlier : ndarray of int, shape (kinds, years)
        Column of the earlier of the two weeks.
    sign : ndarray, shape (kinds, years)
        1 where the day lies in the later week, -1 in the earlier one, 0 where the year is not known.
    place : ndarray of int, shape (kinds,)
        Place in the year of the earlier week.
    days : tuple of ndarray of int
        The days of each kind.
    """

    earlier: np.ndarray
    sign: np.ndarray
    place: np.ndarray
    days: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class _Told:
    """What the kinds of days say of some rows, shape (rows, kinds) each."""

    share: np.ndarray
    size: np.ndarray


def find_dated_peaks(scaled: Scaled, codes: tuple[np.ndarray, ...] = ()) -> sparse.csr_matrix:
    """Peaks of every series by day of the year, on the scale of `Scaled.z`; shape (series, 365).

    What groups share is found first, each member at its own size, then what series have of their own.

    Parameters
    ----------
    scaled : Scaled
        Weekly histories up to the date seen from.
    codes : tuple of ndarray of int, shape (series,) each
        Group of each series at each level above it.
    """
    count = scaled.z.shape[1]
    found = sparse.csr_matrix((len(scaled.z), COMMON_YEAR))
    if scaled.first_day is None or not len(scaled.z):
        return found
    days = _tell_days(scaled.first_day.astype("datetime64[D]"), count)
    if not len(days.place):
        return found
    change = np.diff(scaled.z, axis=1)
    known = np.arange(count - 1) >= scaled.start[:, None]
    change = np.where(known, change, 0.0)
    sigma = _usual(change, known)
    held = _held(scaled.first_day, count)
    for code in codes:
        if int(code.max()) + 1 < len(code):
            peaks = _shared_peaks(change, known, sigma, code, days)
            found, change = found + peaks, _less(change, known, peaks, held)
    return found + _own_peaks(change, known, sigma, days)


@lru_cache(maxsize=32)
def _tell_days(first_day: np.datetime64, count: int) -> _Days:
    columns = np.arange(count)
    places, years = place_weeks(first_day, columns)
    number = years[-1] - years[0] + 1
    hit = np.full((COMMON_YEAR, number), -1)
    held = days_held(first_day, columns)
    for weekday in range(7):
        inside = (held[:, weekday] >= _FIRST_DAY) & (held[:, weekday] <= _LAST_DAY)
        hit[held[inside, weekday], years[inside] - years[0]] = columns[inside]
    met = hit >= 0
    place = places[hit]
    low = np.where(met, place, places.max() + 1).min(axis=1)
    high = np.where(met, place, -1).max(axis=1)
    later = met & (place == high[:, None])
    earlier = hit - later
    met &= (earlier >= 0) & (earlier + 1 < count)
    sign = np.where(met, np.where(later, 1.0, -1.0), 0.0)
    tells = (high == low + 1) & (sign > 0).any(axis=1) & (sign < 0).any(axis=1)
    earlier, sign = np.where(met, earlier, 0)[tells], sign[tells]
    _, one, kind = np.unique(np.hstack([earlier, sign]), axis=0, return_index=True, return_inverse=True)
    days = np.flatnonzero(tells)
    of_kind = tuple(days[kind.ravel() == at] for at in range(len(one)))
    return _Days(earlier[one], sign[one], low[tells][one], of_kind)


def _usual(change: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Usual change from week to week: of the middle of the weeks, no less than half of all weeks'."""
    seen = known.sum(axis=1)
    size = np.sort(np.where(known, np.abs(change), np.inf), axis=1)
    middle = np.take_along_axis(size, np.maximum((seen - 1) // 2, 0)[:, None], axis=1)[:, 0]
    middle = np.where(seen > 0, middle, 0.0)
    whole = np.sqrt((change**2).sum(axis=1) / np.maximum(seen, 1))
    return np.asarray(np.maximum(np.maximum(1.4826 * middle, whole / 2), _LEAST_SIGMA))


def _held(first_day: np.datetime64, count: int) -> np.ndarray:
    """Change of holding each day from one week to the next, shape (365, periods - 1)."""
    days = np.arange(COMMON_YEAR)[:, None, None]
    inside = (days_held(first_day, np.arange(count))[None] == days).any(axis=2)
    return np.diff(inside.astype(np.float64), axis=1)


def _less(change: np.ndarray, known: np.ndarray, peaks: sparse.csr_matrix, held: np.ndarray) -> np.ndarray:
    return np.where(known, change - peaks @ held, 0.0) if peaks.nnz else change


def _contrast(change: np.ndarray, known: np.ndarray, days: _Days) -> tuple[np.ndarray, np.ndarray]:
    """Later less earlier week of each pair, and whether it is known; shape (rows, kinds, years)."""
    seen = known[:, days.earlier] & (days.sign != 0)
    return np.where(seen, change[:, days.earlier], 0.0), seen


def _told(change: np.ndarray, known: np.ndarray, sigma: np.ndarray, days: _Days) -> _Told:
    """How much each kind of day is believed, and the mean contrast by it."""
    later, seen = _contrast(change, known, days)
    number = seen.sum(axis=2)
    by_day, by_day_loss = _left_out(later * days.sign, seen, sigma)
    _, by_place_loss = _left_out(later, seen, sigma)
    gain = by_place_loss - by_day_loss
    side = np.sign(by_day)[:, :, None]
    shown = (seen & (later * days.sign * side >= np.abs(by_day)[:, :, None] / 2)).sum(axis=2)
    sure = np.log(_SURE * len(days.place))
    passes = (number >= _LEAST_YEARS) & (gain > sure) & (shown >= _SHOWN * number)
    return _Told(_choose(np.where(passes, gain, -np.inf), np.sign(by_day), days), by_day)


def _left_out(values: np.ndarray, seen: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the years, and how badly each year was foretold by the others (Student's t)."""
    number = seen.sum(axis=2)
    mean = values.sum(axis=2) / np.maximum(number, 1)
    apart = np.where(seen, values - mean[:, :, None], 0.0) / sigma[:, None, None]
    square = apart**2 * (number / np.maximum(number - 1, 1))[:, :, None]
    return mean, (_TAIL + 1) / 2 * np.log1p(square / _TAIL).sum(axis=2)


def _choose(gain: np.ndarray, side: np.ndarray, days: _Days) -> np.ndarray:
    """Shares of the kinds of day in each peak: by odds among those of the same two weeks."""
    share = np.zeros(gain.shape)
    left = gain.copy()
    rows = np.flatnonzero(np.isfinite(left).any(axis=1))
    many = np.log([len(each) for each in days.days])
    for _ in range(_MOST):
        if not len(rows):
            break
        best = left[rows].argmax(axis=1)
        near = np.abs(days.place[None, :] - days.place[best][:, None])
        same = (near == 0) & (side[rows] == side[rows, best][:, None])
        odds = np.exp(np.where(same, left[rows] - left[rows, best][:, None], -np.inf)) * np.exp(many)
        share[rows] += odds / odds.sum(axis=1, keepdims=True)
        left[rows] = np.where(near <= 1, -np.inf, left[rows])
        rows = rows[np.isfinite(left[rows]).any(axis=1)]
    return share


def _own_peaks(change: np.ndarray, known: np.ndarray, sigma: np.ndarray, days: _Days) -> sparse.csr_matrix:
    """Peaks of each row by itself."""
    parts = []
    for begin in range(0, len(change), _ROWS):
        some = slice(begin, begin + _ROWS)
        told = _told(change[some], known[some], sigma[some], days)
        at, kind = np.nonzero(told.share)
        number = (known[some][at[:, None], days.earlier[kind]] & (days.sign[kind] != 0)).sum(axis=1)
        size = told.size[at, kind]
        kept = number * size**2 / (number * size**2 + sigma[some][at] ** 2)
        parts.append(_by_day(at, kind, told.share[at, kind] * size * kept, len(sigma[some]), days))
    return sparse.vstack(parts, format="csr")


def _by_day(
    rows: np.ndarray, kinds: np.ndarray, sizes: np.ndarray, count: int, days: _Days
) -> sparse.csr_matrix:
    """Sizes of kinds spread evenly over their days, shape (count, 365)."""
    many = np.array([len(each) for each in days.days])[kinds]
    at = np.concatenate([days.days[kind] for kind in kinds]) if len(kinds) else np.zeros(0, dtype=np.int64)
    held = (np.repeat(sizes / many, many), (np.repeat(rows, many), at))
    return sparse.csr_matrix(held, shape=(count, COMMON_YEAR))


def _shared_peaks(
    change: np.ndarray, known: np.ndarray, sigma: np.ndarray, code: np.ndarray, days: _Days
) -> sparse.csr_matrix:
    """Peaks that groups show together, at the size each member shows, held towards that of its group."""
    size = int(code.max()) + 1
    trust = np.where(np.bincount(code, minlength=size)[code] > 1, 1.0 / sigma**2, 0.0)
    group = sparse.csr_matrix((trust, (code, np.arange(len(code)))), shape=(size, len(code)))
    weight = group @ known.astype(np.float64)
    there = weight > 0
    mean = (group @ change) / np.where(there, weight, 1.0)
    rows, kinds, sizes = [], [], []
    usual = _usual(mean, there)
    for begin in range(0, size, _ROWS):
        some = slice(begin, begin + _ROWS)
        told = _told(mean[some], there[some], usual[some], days)
        for at, kind in zip(*np.nonzero(told.share), strict=True):
            members = np.flatnonzero((code == begin + at) & (trust > 0))
            rows.append(members)
            kinds.append(np.full(len(members), kind))
            mine = _member_sizes(
                change[members], known[members], sigma[members], kind, told.size[at, kind], days
            )
            sizes.append(told.share[at, kind] * mine)
    if not rows:
        return sparse.csr_matrix((len(code), COMMON_YEAR))
    return _by_day(np.concatenate(rows), np.concatenate(kinds), np.concatenate(sizes), len(code), days)


def _member_sizes(
    change: np.ndarray, known: np.ndarray, sigma: np.ndarray, kind: int, shared: float, days: _Days
) -> np.ndarray:
    """Mean contrast of each member, shrunk to the group's (empirical Bayes, Morris 1983, JASA 78, 47-55)."""
    seen = known[:, days.earlier[kind]] & (days.sign[kind] != 0)
    number = seen.sum(axis=1)
    own = (change[:, days.earlier[kind]] * seen * days.sign[kind]).sum(axis=1) / np.maximum(number, 1)
    noise = sigma**2 / np.maximum(number, 1)
    has = number > 0
    between = max(float((((own - shared) ** 2 - noise) * has).sum() / max(int(has.sum()), 1)), 0.0)
    return np.asarray(shared + np.where(has, between / (between + noise), 0.0) * (own - shared))
