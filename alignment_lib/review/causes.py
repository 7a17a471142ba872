"""What promotions, list prices and market indicators moved in a closed span, on either side.

Actual effects come from the drivers' measured effects; those of the plan from its bridge, those of the
year before from the same measured effects a year earlier. Errors of one event, or of one product's
elasticity, are common to its cells; they are spread over these so that their squares add up to the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import grid_drivers
from alignment_lib.forecasting.effects.drivers.references import regular_price
from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.forecasting.past.history import History
from alignment_lib.review.indicators import Indicator, effect_of_scope, measure_indicators
from alignment_lib.review.moved import (
    PricesOfSpan,
    moved_prices,
    moved_promotions,
    planned_on,
    planned_strengths,
)

__all__ = [
    "MARKET",
    "MeasuredDrivers",
    "causes_against_plan",
    "causes_against_year_before",
    "elasticities_of",
    "measure_drivers",
]

MARKET = "market, measured"
"""Cause of what market indicators moved by their measured effect."""
_PRICE_KIND = "price_change"
_SAME_STRENGTH = 0.005
"""Strengths of a promotion that are closer than this are the same."""


@dataclass(frozen=True)
class MeasuredDrivers:
    """Measured effects laid out over series and known periods.

    Attributes
    ----------
    keys : DataFrame
        The series.
    periods : DatetimeIndex
        Known periods.
    values : ndarray, shape (series, periods)
        Sales in the measure.
    promoted : ndarray, shape (series, periods)
        What promotions added, pull-forward and cannibalisation taken off; 0 where unknown.
    promoted_variance : ndarray, shape (series, periods)
        Squared standard errors, events spread over their cells.
    prices : ndarray, shape (series, periods)
        Regular list price; NaN where unknown.
    elasticity, elasticity_error : ndarray, shape (series,)
        Of each series' product; 0 where none was measured.
    promotion_on : ndarray of bool, shape (series, periods)
        Whether the calendar had a promotion on.
    usual_paid : float
        Price paid over listed where nothing is promoted (median); 1 where unknown.
    indicators : tuple of Indicator
        Market drivers with a measured effect.
    calendar : ndarray or None, shape (series, periods)
        The price as the calendar names it, deals included; None without a price column.
    strengths : dict of str to ndarray, shape (series, periods) each
        Every promotion driver as it came; 0 where it was not on.
    """

    keys: pd.DataFrame
    periods: pd.DatetimeIndex
    values: np.ndarray
    promoted: np.ndarray
    promoted_variance: np.ndarray
    prices: np.ndarray
    elasticity: np.ndarray
    elasticity_error: np.ndarray
    promotion_on: np.ndarray
    usual_paid: float = 1.0
    indicators: tuple[Indicator, ...] = ()
    calendar: np.ndarray | None = None
    strengths: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def dimensions(self) -> list[str]:
        """Names of the dimensions, broadest first."""
        return [str(name) for name in self.keys.columns]

    def list_prices(self, periods: pd.DatetimeIndex, back: int = 0) -> pd.DataFrame:
        """``period``, the dimensions, ``list_price``: of a unit without a promotion, `back` earlier."""
        places = self.periods.get_indexer(periods)
        shown = places[places >= back]
        frame = _labels(self, shown)
        return frame.assign(list_price=(self.prices[:, shown - back] * self.usual_paid).ravel())

    def calendar_prices(self, periods: pd.DatetimeIndex) -> pd.DataFrame | None:
        """``period``, the dimensions, ``price``: as the calendar names it; None without a price column."""
        if self.calendar is None:
            return None
        places = self.periods.get_indexer(periods)
        shown = places[places >= 0]
        return _labels(self, shown).assign(price=self.calendar[:, shown].ravel())

    def promoted_cells(self, periods: pd.DatetimeIndex, back: int = 0) -> pd.DataFrame:
        """``period`` and the dimensions of cells under a promotion, `back` periods earlier."""
        places = self.periods.get_indexer(periods)
        shown = places[places >= back]
        return _labels(self, shown)[self.promotion_on[:, shown - back].ravel()].reset_index(drop=True)


def measure_drivers(
    history: History, effects: DriverEffects, drivers: pd.DataFrame, kinds: Mapping[str, str]
) -> MeasuredDrivers:
    """Lay measured effects out over the history.

    Parameters
    ----------
    history : History
        Sales up to the wall.
    effects : DriverEffects
        What drivers did in it.
    drivers : DataFrame
        Canonical table of drivers.
    kinds : mapping of str to {"price", "promotion", "market"}
        By driver column.
    """
    values = np.nan_to_num(history.values)
    known = np.isfinite(history.values) & np.isfinite(effects.cleansed)
    promoted = np.where(known, values - np.nan_to_num(effects.cleansed), 0.0)
    columns = [name for name, kind in sorted(kinds.items()) if kind == "price" and name in drivers]
    grids, _ = grid_drivers(history.keys, drivers, columns[:1], history.periods)
    prices = np.full(values.shape, np.nan)
    given: np.ndarray | None = None
    if columns:
        given = grids[columns[0]]
        filled = pd.DataFrame(given.T).ffill().bfill().to_numpy().T
        prices = np.where(np.isfinite(given), regular_price(filled, history.calendar.season), np.nan)
    estimate, error = elasticities_of(history.keys, effects.effects)
    strengths = _strengths(history, drivers, kinds)
    on = sum((values > 0 for values in strengths.values()), np.zeros(values.shape, dtype=bool))
    return MeasuredDrivers(
        history.keys,
        history.periods,
        values,
        promoted,
        _event_variance(history, promoted, effects.events),
        prices,
        estimate,
        error,
        on,
        _usual_paid(history, prices, on),
        measure_indicators(history, effects.effects, drivers, kinds),
        given,
        strengths,
    )


def elasticities_of(keys: pd.DataFrame, effects: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Elasticity and standard error of each series: the narrowest scope that speaks of it, else 0."""
    return effect_of_scope(keys, effects[effects["effect"] == "elasticity"] if len(effects) else effects)


def _strengths(history: History, drivers: pd.DataFrame, kinds: Mapping[str, str]) -> dict[str, np.ndarray]:
    names = [name for name, kind in sorted(kinds.items()) if kind == "promotion" and name in drivers]
    grids, _ = grid_drivers(history.keys, drivers, names, history.periods)
    return {name: np.nan_to_num(grids[name]) for name in names}


def _usual_paid(history: History, prices: np.ndarray, on: np.ndarray) -> float:
    if history.price is None:
        return 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = history.price / prices
    quiet = ratio[np.isfinite(ratio) & (ratio > 0) & ~on]
    return float(np.median(quiet)) if len(quiet) else 1.0


def _event_variance(history: History, promoted: np.ndarray, events: pd.DataFrame) -> np.ndarray:
    """Each event's squared error shared over its cells in proportion to what they moved."""
    variance = np.zeros(promoted.shape)
    keys = history.keys
    for row in events.to_dict("records"):
        inside = np.ones(len(keys), dtype=bool)
        for name in keys.columns:
            if row.get(name, ""):
                inside &= (keys[name].astype(str) == row[name]).to_numpy()
        when = (history.periods >= row["start"]) & (history.periods <= row["end"])
        size = np.abs(promoted) * inside[:, None] * when[None, :]
        if size.sum() > 0:
            variance += float(row["net_error"]) ** 2 * size / size.sum()
    return variance


def causes_against_plan(
    measured: MeasuredDrivers,
    periods: pd.DatetimeIndex,
    bridge: pd.DataFrame,
    register: pd.DataFrame,
    kinds: Mapping[str, str],
    prices: PricesOfSpan | None = None,
    known_ahead: Collection[str] = (),
    calendar: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What prices, promotions and market indicators did in `periods` because they came other than planned.

    A cause has a part only where it moved. Prices: where the price paid is not the planned one, by the
    measured elasticity of the difference. Promotions: see `moved_promotions`. Indicators: unless the plan
    knew their values.

    Parameters
    ----------
    bridge : DataFrame
        ``bridge.parquet`` rows of the plan's scenario.
    register : DataFrame
        The round's ``assumptions.parquet``.
    prices : PricesOfSpan, optional
        Planned and paid. Without them a list price is set against the last one known before the span, and
        explains only where either it or the plan moved, not where both did.
    known_ahead : collection of str
        Market drivers whose values the plan knew: they cannot have come otherwise.
    calendar : DataFrame, optional
        ``promotions.parquet`` of the round: what was planned, told from the bridge where it is not kept.

    Returns
    -------
    DataFrame
        ``period``, the dimensions, ``cause`` (price, promotion, `MARKET`), ``actual, reference,
        standard_error`` in the measure; rows without any effect are left out. An indicator is set against its
        seasonal norm as known before the span, as the plan's baseline was.
    """
    places = measured.periods.get_indexer(periods)
    places = places[places >= 0]
    labels, on = _labels(measured, places), measured.promotion_on[:, places]
    rows = bridge[bridge["period"].isin(periods) & ~bridge["assumption"].isin(_driver_names(known_ahead))]
    planned = _planned_rows(rows, register, kinds, measured.dimensions)
    left = tuple(one for one in measured.indicators if one.name not in known_ahead)
    known, other = _calendars(measured, places, calendar)
    if prices is None:
        before = max(int(places.min()) - 1, 0) if len(places) else 0
        gap = _list_gap(measured, places, np.full(len(places), before))
    else:
        is_promotion = [f"driver:{name}" for name, kind in kinds.items() if kind == "promotion"]
        is_promotion += register.loc[register["kind"] == "promotion", "id"].astype(str).tolist()
        planned_too = planned_on(labels, rows, is_promotion).reshape(on.shape) if known is None else known
        either = on | planned_too
        gap = moved_prices(labels, prices.planned, prices.paid, either)
        planned = planned[planned["cause"] != "price"]
    gaps = [one.gap_to_norm(places) for one in left]
    actual = _actual_rows(replace(measured, indicators=left), places, gap, gaps)
    joined = _joined(actual, planned, measured.dimensions)
    as_planned = (joined["cause"] == "price") & (joined["actual"] * joined["reference"] > 0)
    flat = [None if part is None else part.ravel() for part in (known, other)]
    moved = moved_promotions(labels, on.ravel(), rows, register, kinds, *flat)
    still = labels[~moved].assign(cause="promotion")
    keys = list(still.columns)
    untouched = joined[keys].merge(still.assign(is_still=True), on=keys, how="left")["is_still"].notna()
    return joined[~as_planned & ~untouched.to_numpy()].reset_index(drop=True)


def _calendars(
    measured: MeasuredDrivers, places: np.ndarray, calendar: pd.DataFrame | None
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Where the plan's calendar had a promotion on, and where its strength was another than came."""
    if calendar is None:
        return None, None
    names = list(measured.strengths)
    planned = planned_strengths(measured.keys, calendar, names, measured.periods[places])
    shape = (len(measured.keys), len(places))
    on, other = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for name in names:
        on |= planned[name] > 0
        other |= np.abs(planned[name] - measured.strengths[name][:, places]) > _SAME_STRENGTH
    return on, other


def _driver_names(names: Collection[str]) -> list[str]:
    return [f"driver:{name}" for name in names]


def _list_gap(measured: MeasuredDrivers, places: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Logarithm of the list price at `places` over that at `reference`; 0 where either is unknown."""
    return np.asarray(
        np.nan_to_num(np.log(measured.prices[:, places]) - np.log(measured.prices[:, reference]))
    )


def causes_against_year_before(
    measured: MeasuredDrivers, periods: pd.DatetimeIndex, season: int
) -> pd.DataFrame:
    """As `causes_against_plan`, the reference being the same periods a year earlier."""
    places = measured.periods.get_indexer(periods)
    places = places[places >= season]
    gaps = [one.gap_to_year_before(places) for one in measured.indicators]
    actual = _actual_rows(measured, places, _list_gap(measured, places, places - season), gaps)
    rows = _cells(measured, places, places - season, measured.promoted, measured.promoted_variance)
    reference = rows.assign(cause="promotion").rename(columns={"effect": "reference"})
    return _joined(actual, reference, measured.dimensions)


def _actual_rows(
    measured: MeasuredDrivers, places: np.ndarray, gap: np.ndarray, gaps: Sequence[np.ndarray]
) -> pd.DataFrame:
    promotion = _cells(measured, places, places, measured.promoted, measured.promoted_variance)
    found = [promotion.assign(cause="promotion")]
    moved = _log_effect(measured, places, gap, measured.elasticity, measured.elasticity_error)
    found.append(moved.assign(cause="price"))
    for one, away in zip(measured.indicators, gaps, strict=True):
        found.append(_log_effect(measured, places, away, one.estimate, one.error).assign(cause=MARKET))
    rows = pd.concat(found, ignore_index=True)
    keys = ["period", *measured.dimensions, "cause"]
    sums = rows.groupby(keys, sort=False, observed=True)[["effect", "square"]].sum().reset_index()
    return sums.rename(columns={"effect": "actual"})


def _log_effect(
    measured: MeasuredDrivers, places: np.ndarray, gap: np.ndarray, estimate: np.ndarray, error: np.ndarray
) -> pd.DataFrame:
    """Sales that a driver's distance `gap` brought: what was sold less what would have been without it."""
    sold = measured.values[:, places]
    factor = np.exp(-estimate[:, None] * gap)
    whole, variance = np.zeros(measured.values.shape), np.zeros(measured.values.shape)
    whole[:, places] = sold * (1.0 - factor)
    variance[:, places] = _shared_variance(estimate, error, np.abs(sold * gap * factor))
    return _cells(measured, places, places, whole, variance)


def _shared_variance(estimate: np.ndarray, error: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """One effect's error is common to its series: its square over all of them, shared by size."""
    result = np.zeros(slope.shape)
    _, group = np.unique(np.column_stack([estimate, error]), axis=0, return_inverse=True)
    group = group.ravel()
    for number in range(int(group.max(initial=-1)) + 1):
        rows = group == number
        total = float(slope[rows].sum())
        if total > 0:
            result[rows] = (total * float(error[rows][0])) ** 2 * slope[rows] / total
    return result


def _labels(measured: MeasuredDrivers, shown: np.ndarray) -> pd.DataFrame:
    """``period`` and the dimensions of every series in the periods `shown`, series by series."""
    frame = measured.keys.astype(str).loc[np.repeat(measured.keys.index, len(shown))].reset_index(drop=True)
    frame.insert(0, "period", np.tile(measured.periods[shown], len(measured.keys)))
    return frame


def _cells(
    measured: MeasuredDrivers, shown: np.ndarray, taken: np.ndarray, effect: np.ndarray, variance: np.ndarray
) -> pd.DataFrame:
    """Rows of the periods `shown` with the values of the periods `taken`."""
    return _labels(measured, shown).assign(effect=effect[:, taken].ravel(), square=variance[:, taken].ravel())


def _planned_rows(
    bridge: pd.DataFrame, register: pd.DataFrame, kinds: Mapping[str, str], dimensions: Sequence[str]
) -> pd.DataFrame:
    named = {"price": "price", "promotion": "promotion", "market": MARKET}
    cause = {f"driver:{name}": named[kind] for name, kind in kinds.items()}
    for row in register.to_dict("records"):
        if row["kind"] in ("promotion", _PRICE_KIND):
            cause[str(row["id"])] = "price" if row["kind"] == _PRICE_KIND else "promotion"
        elif row["kind"] == "market_shift" and kinds.get(str(row.get("driver") or "")) == "market":
            cause[str(row["id"])] = MARKET
    rows = bridge.assign(cause=bridge["assumption"].map(cause))
    rows = rows[rows["cause"].notna()]
    sums = rows.groupby(["period", *dimensions, "cause"], observed=True)["effect"].sum()
    return sums.reset_index().rename(columns={"effect": "reference"}).assign(square=0.0)


def _joined(actual: pd.DataFrame, reference: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    keys = ["period", *dimensions, "cause"]
    both = actual.merge(reference, on=keys, how="outer", suffixes=("", "_reference"))
    numbers = both.reindex(columns=["actual", "reference", "square", "square_reference"]).astype(float)
    numbers = numbers.fillna(0.0)
    both[["actual", "reference"]] = numbers[["actual", "reference"]]
    both["standard_error"] = np.sqrt(numbers["square"] + numbers["square_reference"])
    kept = both[(both["actual"] != 0) | (both["reference"] != 0)]
    return kept[[*keys, "actual", "reference", "standard_error"]].sort_values(keys, ignore_index=True)
