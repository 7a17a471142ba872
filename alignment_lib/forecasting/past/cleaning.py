"""Finds what is odd in a history by stated rules, and treats it only where the rule says so.

| rule | what it finds | treatment |
|---|---|---|
| ``before_launch`` | leading zeros for a quarter of a season (3 periods at least) | outside the life |
| ``unfinished`` | a first or last period of which the table holds only part | filled |
| ``out_of_season`` | rows that lack at the same place of every year | zero sales |
| ``gap`` | a period without a row inside the life | filled: season on a straight line |
| ``pause``, ``late``, ``unclear``, ``sold_out``, ``ended``, ``renamed`` | a silent end | see `silences` |
| ``return`` | a negative value where nine tenths of the values are positive | set to zero |
| ``season_return`` | the same at a place of the year where it is usual | kept |
| ``stock_out`` | zeros for up to a quarter between sales, not yearly, where few are zero | filled |
| ``outlier`` | a lone value 8 robust deviations off its neighbours that does not return | to neighbours |
| ``level_shift`` | medians of half a season before and after differ by 4 robust deviations | none |

The last value of a series is never treated: whether it is an outlier or news is not yet known. A value
returns where another as large stands a year apart, or where the same place of the calendar (time of the
year, distance from Easter or another moving feast) shows one in two fifths of the years.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.large_arrays import parts_of
from alignment_lib.forecasting.past.breaks import find_breaks, find_level_shifts, rescale_before
from alignment_lib.forecasting.past.calendar_places import Places, calendar_places, find_returning
from alignment_lib.forecasting.past.end_notices import ask_about_ends
from alignment_lib.forecasting.past.filling import fill_holes
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.past.recurrence import median_of_known, years_alike
from alignment_lib.forecasting.past.silences import (
    Silences,
    find_silences,
    inherit,
    judge_ends,
    late_periods,
)
from alignment_lib.forecasting.past.stock_outs import find_empty_shelves
from alignment_lib.inputs.problems import Notice

__all__ = ["RULES", "Cleaned", "clean_history", "count_rules", "find_stock_outs", "list_treatments"]

RULES = {
    "before_launch": "Leading zeros read as before the launch: not used.",
    "gap": "Periods without a row inside a series' life: filled by season and a straight line.",
    "late": "Periods without a row at a series' end, for up to a month, while others go on: filled by season "
    "and last level.",
    "ended": "Series silent at the end for over a quarter, longer than ever before: forecast is zero.",
    "return": "Negative values in series that otherwise sell, at no usual time of the year: taken as zero "
    "where levels are learnt.",
    "stock_out": "Zeros for up to a quarter between sales, in series that rarely have any and not every "
    "year: stock-outs, filled.",
    "outlier": "Lone values over 8 robust deviations from their neighbours that no time of the year and no "
    "feast brings back: brought to the neighbours.",
    "level_shift": "Lasting jumps of over 4 robust deviations: reported only, the models adapt.",
    "sparse_rows": "Series with rows for less than half of their life: missing rows are taken as zero sales.",
    "pause": "Periods without a row at a series' end, as often before: zero sales.",
    "unclear": "Periods without a row at a series' end, for over a month: filled until it is said what they "
    "are.",
    "sold_out": "Zeros at the end of series that rarely have any: read as out of stock, filled.",
    "renamed": "Series that stop where another begins at a like level: forecast is zero.",
    "level_break": "Periods before a lasting change of level by a factor of five or more: brought to the new "
    "level where season and noise are learnt.",
    "inherited": "Periods before the first sale of a series that took another's place: learnt from that.",
    "continues": "Periods at the end of series that are said to go on: filled.",
    "out_of_season": "Periods without a row at the same place of every year: zero sales.",
    "season_return": "Negative values at a time of the year when returns usually exceed sales: kept, and "
    "planned below zero.",
    "unfinished": "First or last periods of which the sales hold only part: shown, and not learnt from.",
}
_CODES = {rule: code for code, rule in enumerate(RULES, start=1)}
_FILLED = tuple(_CODES[name] for name in ("gap", "late", "unclear"))
_OUTLIER_DEVIATIONS = 8.0


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
    ends, renamed = judge_ends(history)
    places = calendar_places(history.calendar, history.periods, holidays)
    whole, inherited = inherit(history.whole, renamed)
    cleaned = clean_values(whole, history.calendar.season, history.measure, ends, places)
    rule = np.where(inherited & (cleaned.rule == 0), _CODES["inherited"], cleaned.rule).astype(np.int8)
    for column in history.unfinished:
        mine = np.isfinite(history.values[:, column]) & np.isin(rule[:, column], (0, *_FILLED))
        rule[mine, column] = _CODES["unfinished"]
    notices = (*_notices(rule), *ask_about_ends(history, ends, renamed))
    return replace(cleaned, original=history.values, rule=rule, notices=notices)


def clean_values(
    original: np.ndarray,
    season: int,
    measure: str = "units",
    ends: Silences | None = None,
    places: Places | None = None,
) -> Cleaned:
    """As `clean_history`, on a bare array of shape (series, periods); a part of the series at a time."""
    original = np.asarray(original, dtype=np.float64)
    late = late_periods(original)
    ends = find_silences(original, season, late) if ends is None else ends
    places = np.zeros((original.shape[1], 0), dtype=bool) if places is None else places
    parts = [
        _clean_part(
            original[rows], season, measure, late, Silences(ends.idle[rows], ends.state[rows]), places
        )
        for rows in parts_of(len(original))
    ]
    values, rule, start, observed = (np.concatenate(found) for found in zip(*parts, strict=True))
    ended = ends.are("ended", "renamed")
    return Cleaned(values, original, rule, start, ended, observed, _notices(rule))


def _clean_part(
    original: np.ndarray, season: int, measure: str, late: int, ends: Silences, places: Places
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Values, rule, start and observed of some series, as in `Cleaned`."""
    values = np.array(original)
    rule = np.zeros(values.shape, dtype=np.int8)
    start = _mark_life(values, rule, season, late, ends)
    observed = (np.isfinite(values) & _after(start, values.shape[1])).sum(axis=1)
    if measure == "units":
        _treat_returns(values, rule, start, season)
    _mark_stock_outs(values, rule, start, season)
    _mark_outliers(values, rule, start, season, places)
    _fill(values, rule, start, season)
    values[np.arange(values.shape[1]) < start[:, None]] = np.nan
    _mend_breaks(values, rule, start, season)
    rows, columns = find_level_shifts(values, start, season)
    free = rule[rows, columns] == 0
    rule[rows[free], columns[free]] = _CODES["level_shift"]
    return values, rule, start, observed


def _mark_life(values: np.ndarray, rule: np.ndarray, season: int, late: int, ends: Silences) -> np.ndarray:
    """What rows that lack mean, when each series begins, and how it ends."""
    _mark_sparse(values, rule, late)
    _mark_out_of_season(values, rule, season, late)
    start = _mark_launch(values, rule, season)
    _mark_end(values, rule, late, ends)
    return start


def list_treatments(history: History, cleaned: Cleaned) -> pd.DataFrame:
    """Every cell that a rule changed or filled: dimensions, ``period, rule, original, cleaned``."""
    changed = np.abs(cleaned.values - np.nan_to_num(cleaned.original)) > 0
    row, column = np.nonzero((cleaned.rule > 0) & changed)
    names = np.array(["", *RULES], dtype=object)
    table = history.keys.iloc[row].reset_index(drop=True)
    return table.assign(
        period=history.periods[column],
        rule=names[cleaned.rule[row, column]],
        original=cleaned.original[row, column],
        cleaned=cleaned.values[row, column],
    )


def count_rules(cleaned: Cleaned) -> pd.DataFrame:
    """Every rule with how often it applied: ``rule, text, periods, series``; zeros where it found nothing."""
    hits = [cleaned.rule == _CODES[name] for name in RULES]
    return pd.DataFrame(
        {
            "rule": list(RULES),
            "text": list(RULES.values()),
            "periods": [int(hit.sum()) for hit in hits],
            "series": [int(hit.any(axis=1).sum()) for hit in hits],
        }
    )


def _notices(rule: np.ndarray) -> tuple[Notice, ...]:
    by_series = {"before_launch", "ended", "level_break", "renamed", "sparse_rows"}
    # Whoever built the history has said of unfinished periods which they are.
    notices = []
    for name, code in _CODES.items():
        hit = (rule == code) & (name != "unfinished")
        count = int(hit.any(axis=1).sum() if name in by_series else hit.sum())
        if count:
            notices.append(Notice(name, RULES[name], count))
    return tuple(notices)


def _after(start: np.ndarray, count: int) -> np.ndarray:
    return np.asarray(np.arange(count) >= start[:, None])


def _mark_sparse(values: np.ndarray, rule: np.ndarray, late: int) -> None:
    known = np.isfinite(values)
    count = values.shape[1]
    first = known.argmax(axis=1)
    last = count - 1 - known[:, ::-1].argmax(axis=1)
    life = last - first + 1
    sparse = known.any(axis=1) & (life >= 6) & (known.sum(axis=1) * 2 < life)
    column = np.arange(count)
    # Such a table lists sales, not periods: it says as much after the last sale as between two.
    fill = sparse[:, None] & (column >= first[:, None]) & (column < count - late) & ~known
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


def _mark_out_of_season(values: np.ndarray, rule: np.ndarray, season: int, late: int) -> None:
    """Rows that lack at the same place of every other year lived through: nothing is sold then."""
    count = values.shape[1]
    column = np.arange(count)
    known = np.isfinite(values)
    inside = (column >= known.argmax(axis=1)[:, None]) & (column < count - late) & known.any(axis=1)[:, None]
    lacks = inside & ~known
    rows = np.flatnonzero(lacks.any(axis=1))
    yearly = years_alike(lacks[rows], inside[rows], season)
    found = lacks[rows] & (yearly == 1.0)
    values[rows] = np.where(found, 0.0, values[rows])
    rule[rows] = np.where(found, _CODES["out_of_season"], rule[rows])


def _mark_end(values: np.ndarray, rule: np.ndarray, late: int, ends: Silences) -> None:
    """Write the judged end of each series into its silent tail: zeros, or holes to be filled."""
    count = values.shape[1]
    column = np.arange(count)
    tail = column >= (count - ends.idle - late)[:, None]
    for name in ("ended", "renamed", "pause", "late", "unclear", "sold_out", "continues"):
        mine = tail & ends.are(name)[:, None]
        if name in ("pause", "late", "unclear"):
            mine &= ~np.isfinite(values) & (column < count - late if name == "pause" else True)
        rule[mine] = _CODES[name]
        if name in ("sold_out", "continues"):
            values[mine] = np.nan
        elif name == "pause":
            values[mine] = 0.0
    values[tail & ends.are("ended", "renamed")[:, None]] = 0.0


def _treat_returns(values: np.ndarray, rule: np.ndarray, start: np.ndarray, season: int) -> None:
    """Lone returns are no level; returns that come back every year are the season's."""
    life = _after(start, values.shape[1]) & np.isfinite(values)
    negative = life & (values < 0)
    rows = np.flatnonzero(negative.any(axis=1))
    usual = np.zeros(values.shape, dtype=bool)
    sells = (life[rows] & (values[rows] > 0)).sum(axis=1) * 2 > life[rows].sum(axis=1)
    usual[rows] = sells[:, None] & negative[rows] & (years_alike(negative[rows], life[rows], season) >= 0.5)
    # What returns every year is no exception to a series that sells.
    plain = life & ~usual
    mostly = (plain & (values > 0)).sum(axis=1) >= 0.9 * np.maximum(plain.sum(axis=1), 1)
    lone = mostly[:, None] & negative & ~usual
    rule[usual] = _CODES["season_return"]
    rule[lone] = _CODES["return"]
    values[lone] = 0.0


def _neighbour_median(values: np.ndarray, reach: int) -> np.ndarray:
    """Median of up to `reach` known values on either side, the value itself left out."""
    padded = np.pad(values, ((0, 0), (reach, reach)), constant_values=np.nan)
    count = values.shape[1]
    offsets = [k for k in range(-reach, reach + 1) if k]
    stack = np.stack([padded[:, reach + k : reach + k + count] for k in offsets])
    return median_of_known(stack)


def find_stock_outs(history: History) -> np.ndarray:
    """Where `clean_history` finds a stock-out, shape (series, periods); nothing else of it is worked out."""
    values = np.array(history.whole, dtype=np.float64)
    rule = np.zeros(values.shape, dtype=np.int8)
    season = history.calendar.season
    ends, _ = judge_ends(history)
    start = _mark_life(values, rule, season, late_periods(history.whole), ends)
    if history.measure == "units":
        _treat_returns(values, rule, start, season)
    _mark_stock_outs(values, rule, start, season)
    return np.asarray((rule == _CODES["stock_out"]) | (rule == _CODES["sold_out"]))


def _mark_stock_outs(values: np.ndarray, rule: np.ndarray, start: np.ndarray, season: int) -> None:
    life = _after(start, values.shape[1]) & np.isfinite(values)
    out = find_empty_shelves(np.where(life, values, np.nan), season) & (rule == 0)
    rule[out] = _CODES["stock_out"]
    values[out] = np.nan


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
    deviation = 1.4826 * median_of_known(np.abs(apart).T)
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
    """Fill what is not known inside each life; a hole that no rule has named is a gap, or late."""
    missing = _after(start, values.shape[1]) & ~np.isfinite(values)
    for row in np.flatnonzero(missing.any(axis=1) & np.isfinite(values).any(axis=1)):
        holes = np.flatnonzero(missing[row])
        last = np.flatnonzero(~missing[row])[-1]
        life = np.where(np.arange(values.shape[1]) < start[row], np.nan, values[row])
        values[row, holes] = fill_holes(life, holes, season)
        plain = holes[rule[row, holes] == 0]
        rule[row, plain] = np.where(plain > last, _CODES["late"], _CODES["gap"])


def _mend_breaks(values: np.ndarray, rule: np.ndarray, start: np.ndarray, season: int) -> None:
    """What was sold at another size altogether teaches the season, not the level."""
    breaks = find_breaks(values, start, season)
    rescale_before(values, breaks)
    for row, (at, _) in breaks.items():
        plain = np.flatnonzero(rule[row, :at] == 0)
        rule[row, plain[plain >= start[row]]] = _CODES["level_break"]
