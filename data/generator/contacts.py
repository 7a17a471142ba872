"""Draws attempts to reach leads: when, by whom, whether reached, how well the talk went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.generator.funnel_truth import HANDLERS, FunnelTruth
from data.generator.weeks import FIRST_WEEK, quarters_of

__all__ = ["Attempts", "draw_attempts", "open_hours"]

_MINUTES = 24 * 60
_OPENS, _CLOSES = 8 * 60, 18 * 60
_SCORED_SHARE = 0.6


@dataclass(frozen=True)
class Attempts:
    """Attempts of every lead.

    Attributes
    ----------
    minutes : ndarray, shape (leads, attempts)
        Minutes from the first week; only the first `made` of a row count.
    made : ndarray, shape (leads,)
        Attempts made.
    reached : ndarray of bool, shape (leads,)
        Whether the last of them reached the lead.
    call_quality : ndarray, shape (leads,)
        Quality of the talk, 0 to 1; scored for some only.
    scored : ndarray of bool, shape (leads,)
    wait_days : ndarray, shape (leads,)
        Days from creation to the first attempt; NaN where none was made.
    handler : ndarray of str, shape (leads,)
    """

    minutes: np.ndarray
    made: np.ndarray
    reached: np.ndarray
    call_quality: np.ndarray
    scored: np.ndarray
    wait_days: np.ndarray
    handler: np.ndarray

    def last(self) -> np.ndarray:
        """Minute of the last attempt; of the first slot where none was made."""
        return np.asarray(self.minutes[np.arange(len(self.made)), np.maximum(self.made - 1, 0)])

    def table(self, lead_ids: np.ndarray, before: int) -> pd.DataFrame:
        """Return the `contacts` table: attempts before a minute, by lead and time."""
        lead, number = np.nonzero(np.arange(self.minutes.shape[1]) < self.made[:, None])
        minute = self.minutes[lead, number]
        hit = self.reached[lead] & (number == self.made[lead] - 1)
        table = pd.DataFrame(
            {
                "lead_id": lead_ids[lead],
                "at": FIRST_WEEK + pd.to_timedelta(minute, unit="min"),
                "reached": np.where(hit, "yes", "no"),
                "call_quality": np.where(hit & self.scored[lead], self.call_quality[lead], np.nan),
                "handler": self.handler[lead],
            }
        )
        return table[minute < before].reset_index(drop=True)


def open_hours(minutes: np.ndarray) -> np.ndarray:
    """Move a minute outside 8 to 18 o'clock to the next opening, later by the same clock minute.

    >>> open_hours(np.array([9 * 60, 3 * 60 + 5, 20 * 60 + 5])) // 60
    array([ 9,  8, 32])
    """
    day, clock = np.divmod(minutes, _MINUTES)
    opening = _OPENS + clock % 60
    return np.asarray(
        np.where(
            clock < _OPENS,
            day * _MINUTES + opening,
            np.where(clock >= _CLOSES, (day + 1) * _MINUTES + opening, minutes),
        )
    )


def draw_attempts(
    rng: np.random.Generator,
    truth: FunnelTruth,
    leads: pd.DataFrame,
    accepted: np.ndarray,
    briefed: np.ndarray,
) -> Attempts:
    """Draw attempts of all leads; those rejected, or never taken up, have none.

    Parameters
    ----------
    rng : Generator
    truth : FunnelTruth
    leads : DataFrame
        ``created`` (minutes from the first week) and ``handler``.
    accepted : ndarray of bool, shape (leads,)
    briefed : ndarray, shape (leads,)
        Minute from which the lead's offer was known to its handler.
    """
    count = len(leads)
    created = leads["created"].to_numpy()
    handler = leads["handler"].to_numpy(dtype=object)
    median, contacted = _handling(truth, created, handler)
    limit = np.array([HANDLERS[name].attempts for name in handler])
    wait = median * 60.0 * np.exp(truth.wait_spread * rng.normal(size=count))
    first = open_hours(created + np.maximum(wait, 5.0).astype(np.int64))
    gaps = (_MINUTES * rng.gamma(2.0, 0.9, (count, int(limit.max()) - 1))).astype(np.int64) + 60
    minutes = _in_order(open_hours(first[:, None] + np.pad(gaps.cumsum(axis=1), ((0, 0), (1, 0)))))
    needed = rng.geometric(truth.reach_share, count)
    worked = accepted & (rng.random(count) < contacted)
    made = np.where(worked, np.minimum(needed, limit), 0)
    reached = worked & (needed <= limit)
    talk_at = minutes[np.arange(count), np.maximum(made - 1, 0)]
    quality = rng.normal(0.65, 0.12, count) + truth.unbriefed_talk * (talk_at < briefed)
    return Attempts(
        minutes=minutes,
        made=made,
        reached=reached,
        call_quality=np.round(np.clip(quality, 0.05, 1.0), 2),
        scored=rng.random(count) < _SCORED_SHARE,
        wait_days=np.where(worked, (first - created) / _MINUTES, np.nan),
        handler=handler,
    )


def _in_order(minutes: np.ndarray) -> np.ndarray:
    """Put an attempt that opening hours moved before its predecessor a day after that one."""
    result = minutes.copy()
    for number in range(1, minutes.shape[1]):
        before = result[:, number - 1]
        result[:, number] = np.where(result[:, number] <= before, before + _MINUTES, result[:, number])
    return result


def _handling(truth: FunnelTruth, created: np.ndarray, handler: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median wait in hours and share contacted, by lead."""
    day = FIRST_WEEK + pd.to_timedelta(created // _MINUTES, unit="D")
    quarter = quarters_of(pd.DatetimeIndex(day - pd.to_timedelta(day.weekday, unit="D")))
    wait, contacted = np.empty(len(created)), np.empty(len(created))
    for label in dict.fromkeys(quarter):
        for name in HANDLERS:
            here = (quarter == label) & (handler == name)
            wait[here], contacted[here] = truth.handling(label, name)
    return wait, contacted
