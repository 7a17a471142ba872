"""Parts of a forecast: a total that is forecast as a whole, and what share of it each part takes.

Parts that history only tells by a rule (types of sale told from transactions) must not change the sum: the
total is forecast as if it had none, and the parts are fitted to it. Which shares they get is chosen by
backtest; see `choose_shares`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.learning.adjustment import scale_series
from alignment_lib.forecasting.learning.members import FAST_MEMBERS, forecast_fast, prepare
from alignment_lib.forecasting.past.history import History

__all__ = ["Parting", "choose_shares", "part_forecast", "usual_shares", "whole_history"]

_LEAST_ORIGINS = 3
_STANDARD_ERRORS = 2.0
USUAL, SAME_PERIOD, OWN = "usual shares", "shares of the same period a year before", "each part by itself"


@dataclass(frozen=True)
class Parting:
    """How each part shares in its total.

    Attributes
    ----------
    shares : ndarray, shape (parts, horizon)
        They sum to one over the parts of a total.
    method : str
    errors : dict of str to float
        Mean absolute error of the parts at past origins, as a share of what they sold, by method tried.
    origins : int
        Past origins compared.
    """

    shares: np.ndarray
    method: str
    errors: dict[str, float]
    origins: int


def whole_history(history: History, part: str) -> tuple[History, np.ndarray]:
    """The history without one dimension, and the row in it of every series of the parted one."""
    names = [name for name in history.dimensions if name != part]
    if names:
        grouped = history.keys.groupby(names, sort=True, observed=True)
        group = grouped.ngroup().to_numpy()
        keys = history.keys[names].drop_duplicates().sort_values(names, ignore_index=True)
    else:
        group, keys = np.zeros(len(history.keys), dtype=np.int64), pd.DataFrame(index=pd.RangeIndex(1))
    known = np.isfinite(history.values)
    values = np.where(_sums(known, group) > 0, _sums(np.where(known, history.values, 0.0), group), np.nan)
    price = None
    if history.price is not None:
        # A type has no price of its own: every part of a row bears that of the row.
        priced = np.isfinite(history.price)
        seen = _sums(priced, group)
        sums = _sums(np.where(priced, history.price, 0.0), group)
        price = np.where(seen > 0, sums / np.maximum(seen, 1), np.nan)
    stated = None
    if history.stated is not None:
        stated = np.full(len(keys), "", dtype=object)
        stated[group] = history.stated
    return replace(history, keys=keys, values=values, price=price, stated=stated), group


def _sums(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Sums over the parts of each total; parts on the first axis."""
    out = np.zeros((int(group.max()) + 1, *values.shape[1:]))
    np.add.at(out, group, values)
    return out


def usual_shares(values: np.ndarray, group: np.ndarray, first: int, season: int) -> np.ndarray:
    """Share of each part in its total over the last season that began at `first` at the earliest.

    Before `first` a part may be told wrongly (a customer seen for the first time need not be new), so that
    neither its share nor a trend of it is read there; with too little after it, what there is.

    >>> usual_shares(np.array([[9.0, 1.0], [1.0, 3.0]]), np.array([0, 0]), 1, 12).tolist()
    [0.25, 0.75]
    """
    count = values.shape[1]
    start = min(max(first, count - season), count - max(season // 4, 1))
    sold = np.nansum(np.maximum(np.where(np.isfinite(values), values, 0.0), 0.0)[:, start:], axis=1)
    ever = np.nansum(np.maximum(np.where(np.isfinite(values), values, 0.0), 0.0), axis=1)
    shares = np.full(len(values), np.nan)
    for measure in (sold, ever, np.ones(len(values))):
        whole = _sums(measure, group)[group]
        shares = np.where(np.isnan(shares) & (whole > 0), measure / np.where(whole > 0, whole, 1.0), shares)
    return shares


def _year_before(values: np.ndarray, group: np.ndarray, steps: int, season: int) -> np.ndarray:
    """Shares of the same periods a year before, shape (parts, steps); NaN where nothing was sold."""
    count = values.shape[1]
    ahead = np.arange(steps)
    column = count + ahead - season * (1 + ahead // season)
    sold = np.maximum(np.where(np.isfinite(values), values, 0.0), 0.0)[:, np.maximum(column, 0)]
    whole = _sums(sold, group)[group]
    return np.where((whole > 0) & (column >= 0), sold / np.where(whole > 0, whole, 1.0), np.nan)


def choose_shares(
    values: np.ndarray, group: np.ndarray, first: int, season: int, horizon: int, *, only_usual: bool = False
) -> Parting:
    """Shares for the horizon, by the method that parted past totals best.

    Tried are the usual shares, those of the same periods a year before, and those that the parts take when
    each is forecast by itself (theta, damped trend and temporal aggregation, from `first` on). At each past
    origin every method parts what was really sold; its error is the mean absolute one of the parts. The usual
    shares stay unless another is better by two standard errors of the paired difference.

    Parameters
    ----------
    values : ndarray, shape (parts, periods)
        What each part sold.
    group : ndarray of int, shape (parts,)
        Total of each part.
    first : int
        First column in which parts are told rightly.
    season, horizon : int
    only_usual : bool
        Whether the parts are a split and no forecast.
    """
    steps = min(horizon, season)
    stops = range(first + season, values.shape[1] - steps + 1, max(steps // 3, 1))
    losses: dict[str, list[float]] = {USUAL: [], SAME_PERIOD: [], OWN: []}
    for stop in () if only_usual else stops:
        ahead = values[:, stop : stop + steps]
        sold = np.where(np.isfinite(ahead), ahead, 0.0)
        whole = _sums(sold, group)[group]
        for name in losses:
            shares = _shares_by(name, values[:, :stop], group, first, season, steps)
            losses[name].append(float(np.abs(sold - whole * shares).sum() / max(np.abs(sold).sum(), 1e-300)))
    method = _best(losses)
    errors = {name: float(np.mean(found)) for name, found in losses.items() if found}
    shares = _shares_by(method, values, group, first, season, horizon)
    return Parting(shares, method, errors, len(losses[USUAL]))


def _shares_by(
    method: str, values: np.ndarray, group: np.ndarray, first: int, season: int, steps: int
) -> np.ndarray:
    usual = np.repeat(usual_shares(values, group, first, season)[:, None], steps, axis=1)
    if method == USUAL:
        return usual
    if method == SAME_PERIOD:
        return _filled(_year_before(values, group, steps, season), usual, group)
    return _filled(_of_whole(_own_forecasts(values[:, first:], season, steps), group), usual, group)


def _own_forecasts(values: np.ndarray, season: int, steps: int) -> np.ndarray:
    """Each part by the fast members, as a mean of three."""
    known = np.maximum(np.where(np.isfinite(values), values, 0.0), 0.0)
    scaled = scale_series(known, np.zeros(len(known), dtype=np.int64))
    made = forecast_fast(prepare(scaled, season), steps, FAST_MEMBERS)
    return np.asarray(np.mean(list(made.values()), axis=0) * scaled.unit[:, None])


def _of_whole(parts: np.ndarray, group: np.ndarray) -> np.ndarray:
    sold = np.maximum(parts, 0.0)
    whole = _sums(np.where(np.isfinite(sold), sold, 0.0), group)[group]
    return np.where(whole > 0, sold / np.where(whole > 0, whole, 1.0), np.nan)


def _filled(shares: np.ndarray, usual: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The usual shares wherever a total has no others in some period."""
    known = _sums(np.isfinite(shares).astype(float), group)[group]
    return np.where(known == _sums(np.ones(len(shares)), group)[group][:, None], shares, usual)


def _best(losses: dict[str, list[float]]) -> str:
    base = np.array(losses[USUAL])
    if len(base) < _LEAST_ORIGINS:
        return USUAL
    best, least = USUAL, 0.0
    for name, found in losses.items():
        gain = base - np.array(found)
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        if gain.mean() > max(_STANDARD_ERRORS * error, least):
            best, least = name, float(gain.mean())
    return best


def part_forecast(
    total: Forecast, history: History, group: np.ndarray, parting: Parting, first: int, seed: int
) -> Forecast:
    """The forecast of a total laid out over its parts: sums, draws and effects stay those of the total.

    Each draw takes the departure of the shares from the usual ones in one period of the past, the same for
    all series: what parts have done to each other is what they may do again.

    Parameters
    ----------
    total : Forecast
        Of `whole_history`.
    history : History
        Of the parts.
    group : ndarray of int, shape (parts,)
        Row in `total` of every part.
    parting : Parting
    first : int
        First column in which parts are told rightly.
    seed : int
    """
    shares = parting.shares
    samples = np.empty((len(total.samples), *shares.shape))
    departures = _departures(history, group, first)
    chosen = np.random.default_rng([seed, shares.shape[0]]).integers(0, len(departures), len(samples))
    for draw, at in enumerate(chosen):
        drawn = shares * departures[at][:, None]
        whole = _sums(drawn, group)[group]
        drawn = np.where(whole > 0, drawn / np.where(whole > 0, whole, 1.0), shares)
        samples[draw] = np.asarray(total.samples[draw])[group] * drawn
    reason = f"a share of the total's forecast: {parting.method}"
    why = history.keys.assign(
        member="total", weight=1.0, backtest_error=np.nan, naive_error=np.nan, reason=reason
    )
    return Forecast(
        history.keys,
        total.periods,
        total.baseline[group] * shares,
        samples,
        total.naive[group] * shares,
        {name: effect[group] * shares for name, effect in total.driver_effects.items()},
        why,
        total.notices,
    )


def _departures(history: History, group: np.ndarray, first: int) -> np.ndarray:
    """Past shares over usual ones, shape (periods, parts); ones where nothing is known."""
    season, count = history.calendar.season, history.values.shape[1]
    start = min(max(first, count - 2 * season), count - max(season // 4, 1))
    values = np.maximum(np.where(np.isfinite(history.values), history.values, 0.0), 0.0)[:, start:]
    whole = _sums(values, group)[group]
    usual = usual_shares(history.values, group, first, season)[:, None]
    known = (whole > 0) & (usual > 0)
    ratio = np.where(known, values / np.where(known, whole * usual, 1.0), 1.0)
    return np.asarray(ratio.T)
