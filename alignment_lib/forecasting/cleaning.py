"""Finds what is odd in a history by stated rules, and treats it only where the rule says so.

| rule | what it finds | treatment |
|---|---|---|
| ``before_launch`` | leading zeros for a quarter of a season (3 periods at least) | outside the life |
| ``gap`` | a period without a row inside the life | filled: season on a straight line |
| ``late`` | no rows at the end, for less than a season | filled: season on the last level |
| ``ended`` | no sales for a season, and 1.5 of its longest pause, at the end | forecast is zero |
| ``return`` | a negative value where nine tenths of the values are positive | set to zero |
| ``stock_out`` | zeros for up to a month between sales, in a series with at most a tenth of zeros | filled |
| ``outlier`` | a lone value 8 robust deviations off its neighbours that does not return | to neighbours |
| ``level_shift`` | medians of half a season before and after differ by 4 robust deviations | none |

The last value of a series is never treated: whether it is an outlier or news is not yet known. A value
returns where another as large stands a year apart, or where the same place of the calendar (time of the
year, distance from Easter or another moving feast) shows one in half of the years at least.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.history import History
from alignment_lib.forecasting.large_arrays import parts_of
from alignment_lib.forecasting.recurrence import Places, calendar_places, find_returning
from alignment_lib.inputs.problems import Notice

__all__ = ["RULES", "Cleaned", "clean_history", "find_stock_outs", "list_treatments"]

RULES = {
    "before_launch": "Leading zeros read as before the launch: not used.",
    "gap": "Periods without a row inside a series' life: filled by season and a straight line.",
    "late": "Periods without a row at a series' end, shorter than a season: filled by season and last level.",
    "ended": "Series without sales for a season at the end, and half as long again as ever before: forecast "
    "is zero.",
    "return": "Negative values in series that otherwise sell: taken as zero.",
    "stock_out": "Zeros for up to a month between sales, in series that rarely have any: stock-outs, filled.",
    "outlier": "Lone values over 8 robust deviations from their neighbours that no time of the year and no "
    "feast brings back: brought to the neighbours.",
    "level_shift": "Lasting jumps of over 4 robust deviations: reported only, the models adapt.",
    "sparse_rows": "Series with rows for less than half of their life: missing rows are taken as zero sales.",
}
_CODES = {rule: code for code, rule in enumerate(RULES, start=1)}
_OUTLIER_DEVIATIONS = 8.0
_SHIFT_DEVIATIONS = 4.0
_ORDINARY_ZERO = 5.0
"""Below so many usual units a period without a sale is ordinary chance (Poisson: e^-5 is under 1 %)."""
_PAUSES = 1.5
"""How many times its longest earlier pause a series must have been without sales to count as ended."""


@dataclass(frozen=True)
class Cleaned:
    """A history ready to forecast, the original beside it.

    Attributes
    ----------
    values : ndarray, shape (series, periods)
        Finite from `start` on; NaN before. All NaN for a series without any value.
    original : ndarray, shape (series, periods)
        As read.
    rule : ndarray of int8, shape (series, periods)
        Which rule concerned each cell: 0 none, else the place of the rule in `RULES`, from 1.
    start : ndarray of int, shape (series,)
        First column of each series' life; the last column where it has no value.
    ended : ndarray of bool, shape (series,)
        No sales for a season or more at the end.
    observed : ndarray of int, shape (series,)
        Number of values actually read within the life.
    notices : tuple of Notice
        Counts by rule.
    """

    values: np.ndarray
    original: np.ndarray
    rule: np.ndarray
    start: np.ndarray
    ended: np.ndarray
    observed: np.ndarray
    notices: tuple[Notice, ...]


def clean_history(history: History, holidays: tuple[str, ...] = ()) -> Cleaned:
    """Apply the rules of this module, in their order, to every series.

    Parameters
    ----------
    history : History
    holidays : tuple of str
        Codes of the countries whose moving feasts bring values back, beside those kept everywhere.
    """
    places = calendar_places(history.calendar, history.periods, holidays)
    return clean_values(history.values, history.calendar.season, history.measure, places)


def clean_values(
    original: np.ndarray, season: int, measure: str = "units", places: Places | None = None
) -> Cleaned:
    """As `clean_history`, on a bare array of shape (series, periods); a part of the series at a time."""
    original = np.asarray(original, dtype=np.float64)
    late = _late_periods(original)
    places = np.zeros((original.shape[1], 0), dtype=bool) if places is None else places
    parts = [_clean_part(original[rows], season, measure, late, places) for rows in parts_of(len(original))]
    values, rule, start, ended, observed = (np.concatenate(found) for found in zip(*parts, strict=True))
    return Cleaned(values, original, rule, start, ended, observed, _notices(rule))


def _clean_part(
    original: np.ndarray, season: int, measure: str, late: int, places: Places
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Values, rule, start, ended and observed of some series, as in `Cleaned`."""
    values = np.array(original)
    rule = np.zeros(values.shape, dtype=np.int8)
    _mark_sparse(values, rule)
    start = _mark_launch(values, rule, season)
    ended = _mark_end(values, rule, season, late)
    observed = (np.isfinite(values) & _after(start, values.shape[1])).sum(axis=1)
    if measure == "units":
        _treat_returns(values, rule, start)
    _mark_stock_outs(values, rule, start, season)
    _mark_outliers(values, rule, start, season, places)
    _fill(values, rule, start, season)
    values[np.arange(values.shape[1]) < start[:, None]] = np.nan
    _mark_level_shifts(values, rule, start, season)
    return values, rule, start, ended, observed


def list_treatments(history: History, cleaned: Cleaned) -> pd.DataFrame:
    """Every cell a rule concerned: dimensions, ``period, rule, original, cleaned``."""
    row, column = np.nonzero(cleaned.rule)
    table = history.keys.iloc[row].reset_index(drop=True)
    names = np.array(["", *RULES], dtype=object)
    return table.assign(
        period=history.periods[column],
        rule=names[cleaned.rule[row, column]],
        original=cleaned.original[row, column],
        cleaned=cleaned.values[row, column],
    )


def _notices(rule: np.ndarray) -> tuple[Notice, ...]:
    by_series = {"before_launch", "ended", "sparse_rows"}
    notices = []
    for name, code in _CODES.items():
        hit = rule == code
        count = int(hit.any(axis=1).sum() if name in by_series else hit.sum())
        if count:
            notices.append(Notice(name, RULES[name], count))
    return tuple(notices)


def _after(start: np.ndarray, count: int) -> np.ndarray:
    return np.asarray(np.arange(count) >= start[:, None])


def _mark_sparse(values: np.ndarray, rule: np.ndarray) -> None:
    known = np.isfinite(values)
    count = values.shape[1]
    first = known.argmax(axis=1)
    last = count - 1 - known[:, ::-1].argmax(axis=1)
    life = last - first + 1
    sparse = known.any(axis=1) & (life >= 6) & (known.sum(axis=1) * 2 < life)
    column = np.arange(count)
    fill = sparse[:, None] & (column >= first[:, None]) & ~known
    values[fill] = 0.0
    rule[fill] = _CODES["sparse_rows"]


def _mark_launch(values: np.ndarray, rule: np.ndarray, season: int) -> np.ndarray:
    count = values.shape[1]
    known = np.isfinite(values)
    first = np.where(known.any(axis=1), known.argmax(axis=1), count - 1)
    sells = known & (values != 0)
    launch = np.where(sells.any(axis=1), sells.argmax(axis=1), first)
    wait = launch - first >= max(3, season // 4)
    column = np.arange(count)
    before = wait[:, None] & (column >= first[:, None]) & (column < launch[:, None])
    rule[before] = _CODES["before_launch"]
    return np.asarray(np.where(wait, launch, first))


def _late_periods(values: np.ndarray) -> int:
    """Periods at the end of the table in which no series has a row."""
    known = np.isfinite(values).any(axis=0)
    return int(known[::-1].argmax()) if known.any() else 0


def _mark_end(values: np.ndarray, rule: np.ndarray, season: int, late_table: int) -> np.ndarray:
    count = values.shape[1]
    known = np.isfinite(values)
    sells = known & (values != 0)
    idle = np.where(sells.any(axis=1), sells[:, ::-1].argmax(axis=1), 0)
    # A table that stops early as a whole is a late feed, not a range of dead products; and a product that
    # has paused as long before and come back has not ended yet.
    pause = _longest_pause(sells)
    ended = (idle - late_table >= np.maximum(season, _PAUSES * pause)) & sells.any(axis=1)
    column = np.arange(count)
    tail = ended[:, None] & (column >= count - idle[:, None])
    rule[tail] = _CODES["ended"]
    values[tail] = 0.0
    return np.asarray(ended)


def _longest_pause(sells: np.ndarray) -> np.ndarray:
    """Longest run of periods without sales between two with sales, per series.

    >>> _longest_pause(np.array([[True, False, False, True], [False, True, True, False]])).tolist()
    [2, 0]
    """
    count = sells.shape[1]
    last = np.maximum.accumulate(np.where(sells, np.arange(count), -1), axis=1)
    before = np.concatenate([np.full((len(sells), 1), -1), last[:, :-1]], axis=1)
    gap = np.where(sells & (before >= 0), np.arange(count) - before - 1, 0)
    return np.asarray(gap.max(axis=1, initial=0))


def _treat_returns(values: np.ndarray, rule: np.ndarray, start: np.ndarray) -> None:
    life = _after(start, values.shape[1]) & np.isfinite(values)
    positive = (life & (values > 0)).sum(axis=1)
    mostly = positive >= 0.9 * np.maximum(life.sum(axis=1), 1)
    negative = mostly[:, None] & life & (values < 0)
    rule[negative] = _CODES["return"]
    values[negative] = 0.0


def _neighbour_median(values: np.ndarray, reach: int) -> np.ndarray:
    """Median of up to `reach` known values on either side, the value itself left out."""
    padded = np.pad(values, ((0, 0), (reach, reach)), constant_values=np.nan)
    count = values.shape[1]
    offsets = [k for k in range(-reach, reach + 1) if k]
    stack = np.stack([padded[:, reach + k : reach + k + count] for k in offsets])
    return _nanmedian(stack)


def _nanmedian(stack: np.ndarray) -> np.ndarray:
    """Median over the first axis ignoring NaN, without the warnings of all-NaN slices."""
    ordered = np.sort(stack, axis=0)
    seen = np.isfinite(ordered).sum(axis=0)
    low = np.take_along_axis(ordered, np.maximum((seen - 1) // 2, 0)[None], axis=0)[0]
    high = np.take_along_axis(ordered, np.maximum(seen // 2, 0)[None], axis=0)[0]
    return np.where(seen > 0, (low + high) / 2, np.nan)


def find_stock_outs(history: History) -> np.ndarray:
    """Where `clean_history` finds a stock-out, shape (series, periods); nothing else of it is worked out."""
    values = np.array(history.values, dtype=np.float64)
    rule = np.zeros(values.shape, dtype=np.int8)
    season = history.calendar.season
    _mark_sparse(values, rule)
    start = _mark_launch(values, rule, season)
    _mark_end(values, rule, season, _late_periods(values))
    if history.measure == "units":
        _treat_returns(values, rule, start)
    _mark_stock_outs(values, rule, start, season)
    return np.asarray(rule == _CODES["stock_out"])


def _mark_stock_outs(values: np.ndarray, rule: np.ndarray, start: np.ndarray, season: int) -> None:
    life = _after(start, values.shape[1]) & np.isfinite(values)
    zeros = (life & (values == 0)).sum(axis=1)
    rare = (zeros > 0) & (zeros * 10 <= life.sum(axis=1))
    rows = np.flatnonzero(rare)
    if not len(rows):
        return
    part = np.where(life[rows], values[rows], np.nan)
    typical = _nanmedian(part.T)
    counted = (np.isnan(part) | (part == np.round(part))).all(axis=1)
    enough = (typical > 0) & ~(counted & (typical < _ORDINARY_ZERO))
    length, before, after, open_end = _zero_runs(part)
    sells = np.fmin(before, after) >= 0.25 * typical[:, None]
    short = (length <= max(1, season // 13)) & ~open_end
    out = (part == 0) & sells & short & enough[:, None] & (rule[rows] == 0)
    rule[rows] = np.where(out, _CODES["stock_out"], rule[rows])
    values[rows] = np.where(out, np.nan, values[rows])


def _zero_runs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each cell of a run of zeros: its length, the values before and after it, whether it is the last."""
    zero = values == 0
    done, before = _look_back(values, zero)
    left, after = (part[:, ::-1] for part in _look_back(values[:, ::-1], zero[:, ::-1]))
    last = np.logical_and.accumulate(zero[:, ::-1], axis=1)[:, ::-1]
    return done + left - 1, before, after, last


def _look_back(values: np.ndarray, zero: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Zeros up to and with each cell, and the value before the first of them (NaN where none)."""
    count = np.zeros(values.shape, dtype=int)
    before = np.full(values.shape, np.nan)
    for column in range(values.shape[1]):
        again = zero[:, column - 1] if column else np.zeros(len(values), dtype=bool)
        count[:, column] = np.where(zero[:, column], 1 + (count[:, column - 1] if column else 0), 0)
        if column:
            before[:, column] = np.where(again, before[:, column - 1], values[:, column - 1])
    return count, before


def _mark_outliers(
    values: np.ndarray, rule: np.ndarray, start: np.ndarray, season: int, places: Places
) -> None:
    """Lone spikes and dips, on logs where the series is positive."""
    life = _after(start, values.shape[1])
    part = np.where(life, values, np.nan)
    positive = np.nanmin(np.where(np.isfinite(part), part, np.inf), axis=1) > 0
    scale = np.where(positive[:, None], np.log(np.where(part > 0, part, 1.0)), part)
    scale = np.where(np.isfinite(part), scale, np.nan)
    centre = _neighbour_median(scale, 3)
    apart = scale - centre
    deviation = 1.4826 * _nanmedian(np.abs(apart).T)
    far = np.abs(apart) > _OUTLIER_DEVIATIONS * deviation[:, None]
    beside = np.zeros_like(far)
    beside[:, 1:] |= far[:, :-1]
    beside[:, :-1] |= far[:, 1:]
    enough = np.isfinite(part).sum(axis=1) >= max(2 * season, 12)
    big = np.abs(apart) > 0.5 * _OUTLIER_DEVIATIONS * deviation[:, None]
    again = _comes_back(apart, big, life, season, places)
    lone = far & ~again & ~beside & (deviation > 0)[:, None] & enough[:, None] & (rule == 0)
    lone[:, -1] = False
    rule[lone] = _CODES["outlier"]
    # Only positive rows are in logs: raw units of the others would overflow.
    in_logs = positive[:, None] & np.isfinite(centre)
    mended = np.where(positive[:, None], np.exp(np.where(in_logs, centre, 0.0)), centre)
    values[lone] = mended[lone]


def _comes_back(
    apart: np.ndarray, big: np.ndarray, life: np.ndarray, season: int, places: Places
) -> np.ndarray:
    """Values repeated a year apart, or at a place of the calendar: a season, a feast, a yearly promotion."""
    again = np.zeros_like(big)
    for shift in (season - 1, season, season + 1):
        if 0 < shift < big.shape[1]:
            again[:, shift:] |= big[:, :-shift]
            again[:, :-shift] |= big[:, shift:]
    years = -(-big.shape[1] // season)
    for large in (big & (apart > 0), big & (apart < 0)):
        again |= find_returning(large, life, places, years)
    return again


def _fill(values: np.ndarray, rule: np.ndarray, start: np.ndarray, season: int) -> None:
    """Fill gaps, late ends and stock-outs: the season on a straight line between known levels."""
    count = values.shape[1]
    missing = _after(start, count) & ~np.isfinite(values)
    for row in np.flatnonzero(missing.any(axis=1) & np.isfinite(values).any(axis=1)):
        known = np.flatnonzero(np.isfinite(values[row]))
        holes = np.flatnonzero(missing[row])
        shape = _row_season(values[row], known, season)
        level = np.interp(np.arange(count), known, values[row, known] - shape[known % season])
        filled = level[holes] + shape[holes % season]
        lowest, highest = values[row, known].min(), values[row, known].max()
        values[row, holes] = np.clip(filled, lowest, highest)
        plain = holes[rule[row, holes] == 0]
        rule[row, plain] = np.where(plain > known[-1], _CODES["late"], _CODES["gap"])


def _row_season(row: np.ndarray, known: np.ndarray, season: int) -> np.ndarray:
    """Seasonal deviations of one series about its line; zero under two full years of values."""
    if season > 24 or len(known) < 2 * season + 1:
        return np.zeros(season)
    line = np.polyval(np.polyfit(known, row[known], 1), known)
    sums = np.bincount(known % season, weights=row[known] - line, minlength=season)
    seen = np.bincount(known % season, minlength=season)
    return np.asarray(np.where(seen >= 2, sums / np.maximum(seen, 1), 0.0))


def _mark_level_shifts(values: np.ndarray, rule: np.ndarray, start: np.ndarray, season: int) -> None:
    width = max(season // 2, 4)
    count = values.shape[1]
    if count < 2 * width + 1:
        return
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=1)
    medians = _nanmedian(np.moveaxis(windows, 2, 0))
    jump = medians[:, width:] - medians[:, :-width]
    noise = 1.4826 * _nanmedian(np.abs(np.diff(values, axis=1)).T)
    size = np.where(np.isfinite(jump), np.abs(jump), 0.0)
    fits = np.arange(width, width + size.shape[1]) >= (start + width)[:, None]
    big = fits & (size > _SHIFT_DEVIATIONS * noise[:, None]) & (noise > 0)[:, None]
    best = np.where(big, size, 0.0).argmax(axis=1)
    rows = np.flatnonzero(big.any(axis=1))
    columns = best[rows] + width
    free = rule[rows, columns] == 0
    rule[rows[free], columns[free]] = _CODES["level_shift"]
