"""The path of a launch: what it may sell period by period, from earlier launches or an adoption curve.

A row states its path by its ramp. One that states none takes the path of its analog, scaled to the claim.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.launches import BassCurve, analog_curve, fit_bass, launch_log_error
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.launch_bands import launch_type
from alignment_lib.planning.register.timing import period_weights

__all__ = ["LaunchPath", "launch_shares", "trace_launch"]

_UNSEEN = 4
"""Periods without sales at the head of the history from which on a first sale is a launch."""
_FEWEST_OWN = 5
"""Periods a launch must have been sold before its own sales speak rather than its analogs."""
_BASS = re.compile(r"bass:\s*([^;]+)", re.IGNORECASE)
_NUMBER = re.compile(r"\b(market|p|q)\s*[= ]\s*([0-9][0-9_,]*\.?[0-9]*)", re.IGNORECASE)
_BUILD_UP = "s-curve"
_LAUNCHES = ("new_product", "new_channel")


@dataclass(frozen=True)
class LaunchPath:
    """What a launch may sell over the claim's own span.

    Attributes
    ----------
    periods : DatetimeIndex, shape (periods,)
        Every period the claim touches, beyond the horizon too.
    volume : ndarray, shape (periods,)
        In the measure of the history; the part of a period outside the claim's days left out.
    log_error : float
        Standard deviation of the log of the whole volume.
    analogs : int
        Earlier launches behind it.
    words : str
        What stands behind it.
    sold : tuple of (str, float)
        What each analog sold over as many periods from its launch, as far as it has lived.
    has_shape : bool
        Whether the way it builds up was seen, or stated as an adoption curve.
    """

    periods: pd.DatetimeIndex
    volume: np.ndarray
    log_error: float
    analogs: int
    words: str
    sold: tuple[tuple[str, float], ...] = ()
    has_shape: bool = True


def trace_launch(row: Assumption, history: History) -> LaunchPath | None:
    """The path of a new product or channel; None where nothing earlier speaks to it.

    In this order: an adoption curve the evidence states (``bass: market 20000, p 0.03, q 0.38``, a year; p
    and q are the stated defaults where left out, and fitted where five periods have been sold); the
    product's own first periods where there are five; the analog named; every launch seen in the dimension.
    """
    calendar = history.calendar
    first = calendar.floor(pd.DatetimeIndex([row.start]))[0]
    periods = calendar.between(first, calendar.floor(pd.DatetimeIndex([row.end]))[0])
    cover = period_weights(calendar, periods, row.start, row.end, "step")
    season = _season(history)
    own = _own_sales(row, history)
    stated = _stated_bass(row)
    if stated:
        return _bass_path(stated, own, periods, cover, history)
    if own is not None and len(own[1]) - (_launched(own[1]) or 0) >= _FEWEST_OWN:
        name, sales = own
        waited = calendar.count(_launch_day(history, sales), periods[0])
        return _analog_path(row, history, {name: sales}, season, periods, cover, max(waited, 0))
    named = _analogs(row, history)
    if row.analog:
        seen = {name: sales for name, sales in named.items() if _launched(sales) is not None}
        if seen:
            return _analog_path(row, history, seen, season, periods, cover)
        return _level_path(row, history, named, season, periods, cover) if named else None
    return _analog_path(row, history, named, season, periods, cover) if named else None


def launch_shares(
    register: Sequence[Assumption], history: History, periods: pd.DatetimeIndex
) -> dict[str, np.ndarray]:
    """Share of each launch's whole volume in each period, for rows that state no path; by id."""
    shares = {}
    for row in register:
        if row.states_path or row.kind not in _LAUNCHES or row.unit == "percent":
            continue
        path = trace_launch(row, history)
        if path is not None and path.has_shape and path.volume.sum() > 0:
            volume = pd.Series(path.volume / path.volume.sum(), index=path.periods)
            shares[row.id] = volume.reindex(periods, fill_value=0.0).to_numpy()
    return shares


def _total(history: History, name: str, value: str, scope: Mapping[str, str]) -> np.ndarray:
    """Sales of all series bearing a value, within the scope's other dimensions where that leaves any."""
    match = (history.keys[name] == value).to_numpy()
    narrow = match.copy()
    for other, wanted in scope.items():
        if other != name:
            narrow &= (history.keys[other] == wanted).to_numpy()
    chosen = narrow if narrow.any() else match
    return np.asarray(np.nansum(history.values[chosen], axis=0))


def _launched(sales: np.ndarray) -> int | None:
    """Position of the first sale, where the history saw what came before; else None."""
    sold = np.flatnonzero(sales > 0)
    return int(sold[0]) if len(sold) and sold[0] >= _UNSEEN else None


def _launch_day(history: History, sales: np.ndarray) -> pd.Timestamp:
    return history.periods[_launched(sales) or 0]


def _dimension(row: Assumption, history: History) -> str:
    """The dimension in which the row opens something new; blank where none can be told."""
    for name, value in row.scope.items():
        if not (history.keys[name] == value).any():
            return name
    for name in history.dimensions:
        if row.analog and (history.keys[name] == row.analog).any():
            return name
    for name, value in row.scope.items():
        if _launched(_total(history, name, value, {})) is not None:
            return name
    return ""


def _own_sales(row: Assumption, history: History) -> tuple[str, np.ndarray] | None:
    """The product's own sales, where it was launched within the history."""
    name = _dimension(row, history)
    value = row.scope.get(name, row.title) if name else ""
    if not name or not (history.keys[name] == value).any():
        return None
    sales = _total(history, name, value, row.scope)
    return None if _launched(sales) is None else (value, sales)


def _analogs(row: Assumption, history: History) -> dict[str, np.ndarray]:
    """The analog named, else every value of the dimension that was launched within the history."""
    name = _dimension(row, history)
    if not name:
        return {}
    if row.analog:
        return {row.analog: _total(history, name, row.analog, row.scope)}
    values = sorted(history.keys[name].unique())
    sales = {str(value): _total(history, name, str(value), row.scope) for value in values}
    return {value: sold for value, sold in sales.items() if _launched(sold) is not None}


def _analog_path(
    row: Assumption,
    history: History,
    analogs: Mapping[str, np.ndarray],
    season: pd.Series,
    periods: pd.DatetimeIndex,
    cover: np.ndarray,
    skip: int = 0,
) -> LaunchPath:
    sales = np.array(list(analogs.values()))
    starts = [position for one in sales if (position := _launched(one)) is not None]
    past = np.tile(season.reindex(history.periods.month).to_numpy(), (len(sales), 1))
    length = len(periods)
    curve, log_errors = analog_curve(sales, starts, [1.0] * len(sales), periods=length + skip, baselines=past)
    volume = curve[skip:] * season.reindex(periods.month).to_numpy() * cover
    error = launch_log_error(launch_type(row))
    if len(sales) > 1 and volume.sum() > 0:
        error = float((log_errors[skip:] * volume).sum() / volume.sum())
    lived = max(len(history.periods) - start for start in starts)
    words = _analog_words(history.calendar, analogs, lived, length + skip)
    if skip:
        words = f"its own first {lived} {history.calendar.grain}s (1 launch under way, carried on)"
    sold = tuple(
        (name, float(one[start : start + length].sum()))
        for (name, one), start in zip(analogs.items(), starts, strict=True)
    )
    return LaunchPath(periods, volume, error, len(sales), words, sold)


def _analog_words(calendar: Calendar, analogs: Mapping[str, np.ndarray], lived: int, wanted: int) -> str:
    names = list(analogs)
    count = "1 earlier launch" if len(names) == 1 else f"{len(names)} earlier launches"
    held = "" if lived >= wanted else f", its {lived} {calendar.grain}s so far carried on"
    return f"{count} ({', '.join(names)}{held})"


def _level_path(
    row: Assumption,
    history: History,
    analogs: Mapping[str, np.ndarray],
    season: pd.Series,
    periods: pd.DatetimeIndex,
    cover: np.ndarray,
) -> LaunchPath | None:
    """An analog older than the history: its usual level, built up as the row states."""
    name, sales = next(iter(analogs.items()))
    year = history.calendar.season
    level = float(np.mean(sales[-year:]))
    if level <= 0:
        return None
    ramp = row.ramp if row.states_path else _BUILD_UP
    build_up = period_weights(history.calendar, periods, row.start, row.end, ramp)
    volume = level * season.reindex(periods.month).to_numpy() * build_up
    words = f"1 analog ({name}, whose own launch lies before the history: its usual sales, built up)"
    # Nothing was seen of how it began: an error as of a product new to the company.
    error = max(launch_log_error(launch_type(row)), launch_log_error("new to company"))
    whole = float((level * season.reindex(periods.month).to_numpy() * cover).sum())
    return LaunchPath(periods, volume, error, 1, words, ((name, whole),), has_shape=False)


def _stated_bass(row: Assumption) -> dict[str, float]:
    match = _BASS.search(str(row.fields.get("evidence") or ""))
    if match is None:
        return {}
    found = {key.lower(): text for key, text in _NUMBER.findall(match.group(1))}
    values = {key: float(text.rstrip(",").replace(",", "").replace("_", "")) for key, text in found.items()}
    return values if values.get("market", 0.0) > 0 else {}


def _bass_path(
    stated: Mapping[str, float],
    own: tuple[str, np.ndarray] | None,
    periods: pd.DatetimeIndex,
    cover: np.ndarray,
    history: History,
) -> LaunchPath:
    year = history.calendar.season
    sales = own[1][_launched(own[1]) or 0 :] if own is not None else np.array([])
    curve = fit_bass(sales, periods_a_year=year, market=stated["market"])
    if not curve.fitted and {"p", "q"} & set(stated):
        p, q = stated.get("p", 0.03) / year, stated.get("q", 0.38) / year
        curve = BassCurve(p, q, curve.market, curve.log_error, fitted=False)
    waited = history.calendar.count(_launch_day(history, own[1]), periods[0]) if own is not None else 0
    volume = curve.sales(max(waited, 0), len(periods)) * cover
    basis = f"fitted to {len(sales)} periods" if curve.fitted else "as stated, with wide bands"
    words = f"an adoption curve over a market of {stated['market']:,.0f} ({basis})"
    return LaunchPath(periods, volume, curve.log_error, int(own is not None), words)


def _season(history: History) -> pd.Series:
    """Index of each calendar month (1 is usual) from the series sold all through the history."""
    flat = pd.Series(1.0, index=range(1, 13))
    year = history.calendar.season
    if len(history.periods) < 1.5 * year:
        return flat
    values = np.nan_to_num(history.values)
    quarter = max(1, year // 4)
    steady = (values[:, :quarter] > 0).any(axis=1) & (values[:, -quarter:] > 0).any(axis=1)
    total = pd.Series(values[steady].sum(axis=0), index=history.periods)
    usual = total.rolling(year, center=True, min_periods=year // 2).mean()
    ratio = (total / usual.where(usual > 0)).dropna()
    index = (
        ratio.groupby(pd.DatetimeIndex(ratio.index).month)
        .mean()
        .reindex(flat.index)
        .fillna(1.0)
        .clip(lower=0.05)
    )
    return index / float(index.mean())
