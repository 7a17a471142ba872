"""The season of weeks: a profile by week of the year, shared among siblings as far as they have earned it.

Two or three years show each week two or three times: too few for a series alone, plenty for a department or a
product together. What the groups of a series show is believed as far as one year of it foretold the next, and
what a series shows beyond its groups likewise. Nothing is smoothed by decree: slow, middle and sharp parts
of a profile each have their own trust, so that a sale that returns every year in one week stays sharp.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.forecasting.combining.hierarchy import build_levels
from alignment_lib.forecasting.learning.adjustment import Scaled, pad_start
from alignment_lib.forecasting.seasons.dated_peaks import find_dated_peaks
from alignment_lib.forecasting.seasons.week_places import PLACES, WeekSeason, dated_part, place_weeks

__all__ = ["Siblings", "find_siblings", "measure_profiles", "measure_season"]

_DECAY = 0.85
"""Weight of a year against the one after it: seasons change."""
_SLOPE_PRIOR = 3.0
_WIDTHS = (4.0, 1.0)
"""Weeks over which the slow and the middle part of a profile are averaged; what is left is the sharp part."""
_PRIOR = (0.9, 0.8, 0.8)
"""Trust in a year of a group, slow to sharp, before it has foretold another."""
_OWN_PRIOR = 0.5
_PRIOR_WEEKS = (40.0, 20.0, 10.0)
"""Weeks seen twice that outweigh the prior: the slower a part, the less a week says of it."""
_OWN_WEEKS = (60.0, 60.0, 20.0)
"""Weeks of a series' own, slow to sharp, that outweigh what all series together earned."""
_NOISE_WEEKS = 8.0
_FAR = 3.0
_LEAST_NOISE = 0.003


@dataclass(frozen=True)
class Siblings:
    """Groups that share a season, the whole first.

    Attributes
    ----------
    codes : tuple of ndarray of int, shape (series,) each
        Group of each series at each level above the series.
    """

    codes: tuple[np.ndarray, ...]

    def rows(self, chosen: np.ndarray) -> Siblings:
        """The chosen series only."""
        return Siblings(tuple(code[chosen] for code in self.codes))


def find_siblings(keys: pd.DataFrame) -> Siblings:
    """Groups over the dimensions of `keys`, as the hierarchy has them."""
    return Siblings(tuple(level.codes for level in build_levels(keys)) if len(keys) else ())


@dataclass(frozen=True)
class _Years:
    """Deviations from level and trend by year and place, shape (years, series, places)."""

    apart: np.ndarray
    known: np.ndarray
    weight: np.ndarray
    trust: np.ndarray

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Each year and the one after it."""
        return zip(range(len(self.apart) - 1), range(1, len(self.apart)), strict=True)


def measure_season(scaled: Scaled, siblings: Siblings | None = None) -> WeekSeason:
    """Peaks that keep to a date or to a weekday of a month, and the profile of what is left.

    Parameters
    ----------
    scaled : Scaled
        Weekly histories up to the date seen from.
    siblings : Siblings, optional
        Groups of the series; none where each stands alone.
    """
    peaks = find_dated_peaks(scaled, () if siblings is None else siblings.codes)
    if scaled.first_day is not None and peaks.nnz:
        columns = np.arange(scaled.z.shape[1])
        z = scaled.z - dated_part(peaks, scaled.first_day, columns)
        scaled = replace(scaled, z=pad_start(z, scaled.start))
    return WeekSeason(measure_profiles(scaled, siblings), peaks)


def measure_profiles(scaled: Scaled, siblings: Siblings | None = None) -> np.ndarray:
    """Seasonal profile of every series by week of the year, additive on the scale of `Scaled.z`.

    All series at once: a profile leans on siblings, so it is measured before a unit is cut into parts.

    Parameters
    ----------
    scaled : Scaled
        Weekly histories up to the date seen from.
    siblings : Siblings, optional
        Groups of the series; none where each stands alone.

    Returns
    -------
    ndarray, shape (series, 52)
        Each with mean zero. Zero where nothing can be known.
    """
    years = _by_year(scaled)
    codes = () if siblings is None else siblings.codes
    groups = [
        sparse.csr_matrix((np.ones(len(code)), (code, np.arange(len(code)))), dtype=np.float64)
        for code in codes
    ]
    profile, single = _shared_part(years, groups)
    profile = profile + _own_part(years, profile, single)
    return np.asarray(profile - profile.mean(axis=1, keepdims=True))


def _by_year(scaled: Scaled) -> _Years:
    """Each year's deviations from the series' line, the line's own error of each year taken out."""
    count = scaled.z.shape[1]
    places, years = place_weeks(scaled.first_day, np.arange(count))
    first, number = years[0], years[-1] - years[0] + 1
    column = np.full((number, PLACES), -1)
    column[years - first, places] = np.arange(count)
    known = (column >= 0)[:, None, :] & (column[:, None, :] >= scaled.start[None, :, None])
    values = scaled.z[:, column.ravel()].reshape(-1, number, PLACES).transpose(1, 0, 2)
    values = np.where(known, values, 0.0)
    weight = known * (_DECAY ** np.arange(number)[::-1])[:, None, None]
    time = (column - (count - 1.0))[:, None, :] / PLACES
    apart = np.where(known, values - _line(values, time, weight), 0.0)
    own = _mean(apart, weight)
    # A year's level is not quite the line's: few known weeks tell little of it.
    seen = known.sum(axis=2, keepdims=True)
    offset = (apart - own * known).sum(axis=2, keepdims=True) / (seen + _NOISE_WEEKS)
    apart = np.clip(np.where(known, apart - offset, 0.0), -_FAR, _FAR)
    return _Years(apart, known, weight, _trust_of(apart, known, weight))


def _mean(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted mean over the years, shape (series, places); zero where there is none."""
    total = weight.sum(axis=0)
    return np.asarray((values * weight).sum(axis=0) / np.where(total > 0, total, 1.0))


def _line(values: np.ndarray, time: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Level and growth of each series: growth only from weeks seen in several years, held towards none."""
    mean, when = _mean(values, weight), _mean(np.broadcast_to(time, values.shape), weight)
    apart, moved = (values - mean) * (weight > 0), (time - when) * (weight > 0)
    slope = (weight * apart * moved).sum(axis=(0, 2))
    slope = (slope / ((weight * moved**2).sum(axis=(0, 2)) + _SLOPE_PRIOR))[:, None]
    seen = weight.sum(axis=0) > 0
    level = ((mean - slope * when) * seen).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return np.asarray(level[:, None] + slope * time)


def _trust_of(apart: np.ndarray, known: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weight of a series in its groups: the inverse of the variance of a week between years."""
    square = (known * (apart - _mean(apart, weight)) ** 2).sum(axis=(0, 2))
    degrees = np.maximum(known.sum(axis=0) - 1, 0).sum(axis=1)
    pooled = square.sum() / degrees.sum() if degrees.any() else 0.05
    noise = (square + _NOISE_WEEKS * pooled) / (degrees + _NOISE_WEEKS)
    return np.asarray(1.0 / (noise + _LEAST_NOISE))


def _kernel(width: float) -> np.ndarray:
    """Weights of neighbouring places, the year being a circle."""
    apart = np.arange(PLACES)
    apart = np.minimum(apart, PLACES - apart)
    row = np.exp(-0.5 * (apart / width) ** 2)
    return np.stack([np.roll(row, place) for place in range(PLACES)])


_KERNELS = tuple(_kernel(width) for width in _WIDTHS)


def _split(profile: np.ndarray, seen: np.ndarray) -> list[np.ndarray]:
    """Slow, middle and sharp part of each profile; places not seen are bridged in all but the last."""
    parts, left = [], np.where(seen, profile, 0.0)
    for kernel in _KERNELS:
        weight = seen.astype(np.float64) @ kernel
        smooth = (left @ kernel) / np.maximum(weight, 1e-9)
        parts.append(smooth)
        left = np.where(seen, left - smooth, 0.0)
    return [*parts, left]


def _group_parts(
    profile: np.ndarray, weight: np.ndarray, groups: list[sparse.csr_matrix]
) -> list[np.ndarray]:
    """Profiles of the groups in parts: of the whole first, of the others beside the whole."""
    parts: list[np.ndarray] = []
    whole: np.ndarray | None = None
    for group in groups:
        total = group @ weight
        seen = total > 1e-9
        mean = (group @ (weight * profile)) / np.where(seen, total, 1.0)
        if whole is None:
            whole = mean
            parts += _split(mean, seen)
        else:
            parts += _split(mean - whole, seen)
    return parts


def _shared_part(years: _Years, groups: list[sparse.csr_matrix]) -> tuple[np.ndarray, list[np.ndarray]]:
    """What the groups say of each series' profile: from all years, and from each year alone."""
    number, count = len(years.apart), years.apart.shape[1]
    if not groups:
        return np.zeros((count, PLACES)), [np.zeros((count, PLACES))] * number
    said = [
        _group_parts(apart, known * years.trust[:, None], groups)
        for apart, known in zip(years.apart, years.known, strict=True)
    ]
    slopes = _group_trust(years, said, groups)
    there = years.known.any(axis=1)
    fade = _DECAY ** np.arange(number)[::-1, None] * there
    worth = np.maximum(fade.sum(axis=0) ** 2 / np.maximum((fade**2).sum(axis=0), 1e-9), 1.0)
    seen = (years.weight > 0).any(axis=0)
    every = _group_parts(_mean(years.apart, years.weight), seen * years.trust[:, None], groups)
    profile = _sum_parts(every, _several(slopes[:, None], worth[None, :]), groups)
    return profile, [_sum_parts(parts, slopes[:, None], groups) for parts in said]


def _several(trust: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Trust in a mean of several years where one year has earned `trust` (Spearman 1910, Brown 1910).

    British Journal of Psychology 3, 271-295 and 296-322.
    """
    return np.asarray(years * trust / (1 + (years - 1) * trust))


def _sum_parts(parts: list[np.ndarray], slopes: np.ndarray, groups: list[sparse.csr_matrix]) -> np.ndarray:
    each = len(parts) // len(groups)
    total = np.zeros((groups[0].shape[1], PLACES))
    for place, group in enumerate(groups):
        mine = range(place * each, (place + 1) * each)
        total += group.T @ sum(parts[at] * slopes[at] for at in mine)
    return total


def _group_trust(years: _Years, said: list[list[np.ndarray]], groups: list[sparse.csr_matrix]) -> np.ndarray:
    """How far one year of each part foretold the year after it and before it, between none and all.

    Least squares with weights of no less than nought over all series and weeks seen twice, held towards
    the prior as by `_PRIOR_WEEKS` weeks more.
    """
    from scipy.optimize import nnls

    each = len(said[0]) // len(groups)
    size = len(said[0])
    gram, moment, weeks = np.zeros((size, size)), np.zeros(size), 0
    product = np.empty(years.apart.shape[1:])
    for one, other in years.pairs():
        both = years.known[one] & years.known[other]
        weight = both * years.trust[:, None]
        weeks += int(both.any(axis=0).sum())
        for source, target in ((one, other), (other, one)):
            spread = [groups[at // each].T @ part for at, part in enumerate(said[source])]
            aim = weight * years.apart[target]
            for row, part in enumerate(spread):
                moment[row] += np.multiply(part, aim, out=product).sum()
                weighed = weight * part
                for column in range(row, size):
                    gram[row, column] += np.multiply(weighed, spread[column], out=product).sum()
    gram = np.triu(gram) + np.triu(gram, 1).T
    prior = np.tile(_PRIOR, len(groups))
    if not weeks:
        return prior
    held = np.diag(gram) * np.tile(_PRIOR_WEEKS, len(groups)) / weeks + 1e-9
    root = np.linalg.cholesky(gram + np.diag(held)).T
    found, _ = nnls(root, np.linalg.solve(root.T, moment + held * prior))
    return np.asarray(np.minimum(found, 1.0))


def _own_part(years: _Years, profile: np.ndarray, single: list[np.ndarray]) -> np.ndarray:
    """What each series shows beyond its groups, as far as it came again from year to year."""
    left = [
        _split(apart - part, known)
        for apart, part, known in zip(years.apart, single, years.known, strict=True)
    ]
    seen = years.weight.sum(axis=0)
    worth = seen**2 / np.maximum((years.weight**2).sum(axis=0), 1e-9)
    every = _split(_mean(years.apart, years.weight) - profile, seen > 0)
    total = np.zeros_like(profile)
    for place, mine in enumerate(every):
        earned = _own_trust(years, [parts[place] for parts in left], place)
        share = _several(earned[:, None], np.maximum(worth, 1.0)) * (worth > 0)
        total += mine * (share if place == len(every) - 1 else share.mean(axis=1, keepdims=True))
    return total


def _own_trust(years: _Years, parts: list[np.ndarray], place: int) -> np.ndarray:
    """Correlation of a part from one year to the next, of each series, shrunk to that of all together."""
    count = years.apart.shape[1]
    common, size, weeks = np.zeros(count), np.zeros(count), np.zeros(count)
    for one, other in years.pairs():
        both = years.known[one] & years.known[other]
        common += (both * parts[one] * parts[other]).sum(axis=1)
        size += (both * (parts[one] ** 2 + parts[other] ** 2)).sum(axis=1) / 2
        weeks += both.sum(axis=1)
    least = _OWN_WEEKS[place]
    prior = _PRIOR_WEEKS[place] / max(float(weeks.max(initial=0.0)), 1.0)
    total = float((size * years.trust).sum())
    if total <= 0:
        return np.full(count, _OWN_PRIOR)
    pooled = max(float((common * years.trust).sum()), 0.0) + prior * _OWN_PRIOR * total
    pooled /= total * (1 + prior)
    usual = size / np.maximum(weeks, 1)
    usual = np.where(usual > 0, usual, 1.0)
    return np.asarray(np.clip((common + least * pooled * usual) / (size + least * usual), 0.0, 0.98))
