"""Series whose sales stop: late, out of stock, ended, renamed, out of season, or only pausing.

How likely the silence at a series' end is by chance decides: each silent period counts with how often the
series sold at that place of the year before, together with how often it sells at all. Below,
*a month* and *a quarter* are twelfths and fourths of a season, one period at least.

| state | silence at the end |
|---|---|
| ``pause`` | as often before (5 % or more by chance): rows that lack are zero sales |
| ``late`` | rows lack for up to a month: filled |
| ``unclear`` | rows lack for more than a month, up to a quarter: filled, and asked about |
| ``sold_out`` | zeros for up to a quarter after hardly any before: filled, and asked about |
| ``ended`` | over a quarter (irregular: half a season), 1.5 of any pause, chance under 0.1 %; or a season |
| ``renamed`` | it stops where another begins at a like level (`find_renamed`): planned at zero, asked about |
| ``continues`` | somebody says that it goes on: filled |
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History

__all__ = [
    "STATES",
    "Silences",
    "find_renamed",
    "find_silences",
    "inherit",
    "judge_ends",
    "late_periods",
    "longest_pause",
]

STATES = ("", "pause", "late", "unclear", "sold_out", "ended", "renamed", "continues")
_PAUSES = 1.5
"""How many times its longest earlier pause a series must have been without sales to count as ended."""
_CHANCE, _ORDINARY = float(np.log(0.001)), float(np.log(0.05))
"""Under a thousandth: of ten thousand slow movers a handful may still be taken for ended by chance."""
_SUREST = 0.98
_SELDOM = 0.1
"""Share of periods without a sale up to which zeros at the end are an empty shelf."""
_REGULAR = 0.75
"""Share of periods with a sale from which on a series sells regularly: the rare ones meet by chance."""
_LIKE_LEVEL = 2.0
"""A successor sells between half and twice of what its predecessor did."""


@dataclass(frozen=True)
class Silences:
    """How each series ends.

    Attributes
    ----------
    idle : ndarray of int, shape (series,)
        Periods since the last sale, those left out in which no series has a row.
    state : ndarray of int, shape (series,)
        Place in `STATES`.
    """

    idle: np.ndarray
    state: np.ndarray

    def are(self, *names: str) -> np.ndarray:
        """Which series are in one of these states."""
        return np.isin(self.state, [STATES.index(name) for name in names])


def late_periods(values: np.ndarray) -> int:
    """Periods at the end of the table in which no series has a row."""
    known = np.isfinite(values).any(axis=0)
    return int(known[::-1].argmax()) if known.any() else 0


def longest_pause(sells: np.ndarray) -> np.ndarray:
    """Longest run of periods without sales between two with sales, per series.

    >>> longest_pause(np.array([[True, False, False, True], [False, True, True, False]])).tolist()
    [2, 0]
    """
    count = sells.shape[1]
    last = np.maximum.accumulate(np.where(sells, np.arange(count), -1), axis=1)
    before = np.concatenate([np.full((len(sells), 1), -1), last[:, :-1]], axis=1)
    gap = np.where(sells & (before >= 0), np.arange(count) - before - 1, 0)
    return np.asarray(gap.max(axis=1, initial=0))


def find_silences(values: np.ndarray, season: int, late: int, stated: np.ndarray | None = None) -> Silences:
    """How each series ends, by the rules of this module.

    Parameters
    ----------
    values : ndarray, shape (series, periods)
        NaN where there is no row.
    season : int
        Periods in a year.
    late : int
        Periods at the end in which no series of the table has a row: a late feed, not dead products.
    stated : ndarray of str, shape (series,), optional
        ``ended``, ``renamed`` or ``continues`` where that is known; blank elsewhere.
    """
    sells = np.isfinite(values) & (values != 0)
    some = sells.any(axis=1)
    idle = np.where(some, sells[:, ::-1].argmax(axis=1) - late, 0).clip(min=0)
    pause = longest_pause(sells)
    first = sells.argmax(axis=1)
    state = np.zeros(len(values), dtype=np.int8)
    end = values.shape[1] - late
    lacking = ~np.isfinite(values[:, end - 1])
    sold = sells.sum(axis=1) / np.maximum(end - idle - first, 1)
    # Zeros of a series that often has them, for no longer than before, are what they say: nothing to judge.
    plain = ~lacking & (idle < _PAUSES * pause) & (sold < 1 - _SELDOM)
    for row in np.flatnonzero((idle > 0) & ~(plain if stated is None else plain & (stated == ""))):
        said = "" if stated is None else str(stated[row])
        lacks = bool(lacking[row])
        missing = int(np.isfinite(values[row, :end])[::-1].argmax())
        name = said or _judge(sells[row, first[row] : end], int(idle[row]), int(pause[row]), season)
        if name in ("late", "sold_out"):
            name = _by_rows(name, lacks, missing, season)
        state[row] = STATES.index(name)
    return Silences(idle, state)


def _judge(sold: np.ndarray, idle: int, pause: int, season: int) -> str:
    quarter = max(season // 4, 1)
    chance = _log_chance(sold, idle, season)
    longer = idle >= _PAUSES * pause
    steady = sold[: len(sold) - idle].mean() >= _REGULAR
    enough = quarter if steady else max(season // 2, quarter)
    if longer and (idle >= season or (idle > enough and chance < _CHANCE)):
        return "ended"
    if chance < _CHANCE:
        seldom = (~sold[: len(sold) - idle]).mean() <= _SELDOM
        return "sold_out" if seldom and idle <= quarter else "late"
    return "pause" if pause and chance >= _ORDINARY else "late"


def _by_rows(name: str, lacks: bool, missing: int, season: int) -> str:
    """Rows that lack are late or unclear; zeros as they stand say that there was nothing to sell."""
    if lacks:
        return "late" if missing <= max(season // 12, 1) else "unclear"
    return "sold_out" if name == "sold_out" else ""


def _log_chance(sold: np.ndarray, idle: int, season: int) -> float:
    """Logarithm of the chance that a series which goes on is silent for its last `idle` periods."""
    seen = len(sold) - idle
    at = np.arange(seen, len(sold))
    hits = np.full(idle, (sold[:seen].sum() + 0.5) / (seen + 1.0))
    count = np.ones(idle)
    for back in range(season, len(sold), season):
        earlier = at - back
        known = (earlier >= 0) & (earlier < seen)
        hits[known] += sold[earlier[known]]
        count[known] += 1
    return float(np.log1p(-np.minimum(hits / count, _SUREST)).sum())


def find_renamed(keys: pd.DataFrame, values: np.ndarray, season: int, ends: Silences) -> dict[int, int]:
    """Series that stop where another, apart from it in one dimension only, begins at a like level.

    The newcomer's first sale lies within a month of the other's last, and its mean is between half and twice
    of what the other sold in as many periods before; both sell in three quarters of their periods, the other
    for a quarter of a season at least; only pairs of which neither fits a third series count.

    Returns
    -------
    dict of int to int
        Row of the successor by row of the series that stopped.
    """
    sells = np.isfinite(values) & (values != 0)
    count = values.shape[1] - late_periods(values)
    month = max(season // 12, 1)
    first, last = sells.argmax(axis=1), values.shape[1] - 1 - sells[:, ::-1].argmax(axis=1)
    stopped = np.flatnonzero(ends.are("late", "unclear", "sold_out", "ended"))
    begun = np.flatnonzero(sells.any(axis=1) & (first > month) & (last >= count - 1 - month))
    stopped = stopped[sells[stopped].sum(axis=1) >= max(season // 4, 2)]
    pairs: list[tuple[int, int]] = []
    for name in keys.columns if len(stopped) and len(begun) else ():
        rest = keys.drop(columns=name).astype(str)
        others = np.array(["\x1f".join(row) for row in rest.to_numpy()], dtype=object)
        old = pd.DataFrame({"old": stopped, "group": others[stopped], "at": last[stopped] + 1})
        new = pd.DataFrame({"new": begun, "group": others[begun], "at": first[begun]})
        for shift in range(-month, month + 1):
            met = old.assign(at=old["at"] + shift).merge(new, on=["group", "at"])
            pairs += [(int(one), int(other)) for one, other in zip(met["old"], met["new"], strict=True)]
    good = [
        (old, new)
        for old, new in dict.fromkeys(pairs)
        if old != new and _is_like(values, old, new, int(first[new]), int(last[old]))
    ]
    olds, news = Counter(old for old, _ in good), Counter(new for _, new in good)
    return {old: new for old, new in good if olds[old] == 1 and news[new] == 1}


def _is_like(values: np.ndarray, old: int, new: int, first: int, last: int) -> bool:
    """Whether both sell regularly, and the one at the level of the other."""
    lives = (values[new, first:], values[old, max(last + 1 - (values.shape[1] - first), 0) : last + 1])
    if any((np.nan_to_num(life) > 0).mean() < _REGULAR for life in lives):
        return False
    now, before = (float(np.nanmean(life)) for life in lives)
    return before > 0 and 1 / _LIKE_LEVEL <= now / before <= _LIKE_LEVEL


def inherit(values: np.ndarray, renamed: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Values in which successors go on from what they took the place of, and where they do.

    >>> joined, where = inherit(np.array([[5.0, 6.0, np.nan], [np.nan, 1.0, 7.0]]), {0: 1})
    >>> joined[1].tolist(), where[1].tolist()
    ([5.0, 7.0, 7.0], [True, True, False])
    """
    inherited = np.zeros(values.shape, dtype=bool)
    if not renamed:
        return values, inherited
    joined = np.array(values)
    for old, new in renamed.items():
        inherited[new] = np.isfinite(values[old]) & (values[old] != 0)
        joined[new] = np.where(inherited[new], values[old] + np.nan_to_num(values[new]), values[new])
    return joined, inherited


def judge_ends(history: History) -> tuple[Silences, dict[int, int]]:
    """How each series of a history ends, and which took the place of which; what is stated goes first."""
    values, season = history.whole, history.calendar.season
    ends = find_silences(values, season, late_periods(values), history.stated)
    renamed = find_renamed(history.keys, values, season, ends)
    if history.stated is not None:
        renamed = {old: new for old, new in renamed.items() if history.stated[old] != "continues"}
    if not renamed:
        return ends, renamed
    state = ends.state.copy()
    state[list(renamed)] = STATES.index("renamed")
    return Silences(ends.idle, state), renamed
