"""Past events as evidence: which a claim may be compared with, what each brought, how they differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import comb

import numpy as np
import pandas as pd

__all__ = [
    "count_events",
    "event_readings",
    "match_events",
    "outcome_table",
    "placebo_verdict",
    "spread_between",
]

_Z90 = 1.6449
_LEVEL = 0.10
_FEWEST = 3


def match_events(events: pd.DataFrame, drivers: Collection[str], scope: Mapping[str, str]) -> pd.DataFrame:
    """Events of these drivers in the scope: dimensions an event does not tell apart match anything."""
    if not len(events):
        return events
    inside = events["driver"].isin(list(drivers)).to_numpy()
    for name in (name for name in scope if name in events):
        inside &= events[name].isin([scope[name], ""]).to_numpy()
    return events[inside].reset_index(drop=True)


def count_events(events: pd.DataFrame) -> int:
    """Events, those of several drivers that overlap in time for the same product counted once."""
    if not len(events):
        return 0
    known = ("driver", "start", "end")
    names = [name for name in events.columns[: list(events.columns).index("driver")] if name not in known]
    times = events[["start", "end"]].to_numpy(dtype="datetime64[ns]").tolist()
    scopes = zip(*(events[name].tolist() for name in names), strict=True) if names else [()] * len(times)
    count, before, last = 0, None, 0
    for scope, (start, end) in sorted(zip(scopes, times, strict=True)):
        starts_anew = scope != before or start > last
        count += starts_anew
        last = end if scope != before else max(last, end)
        before = scope
    return count


def placebo_verdict(events: pd.DataFrame) -> str:
    """``established`` where more events beat their placebo dates than chance would let, else not.

    Each event by itself beats its placebos in one case of ten though nothing happened, so n events are
    read together by the binomial probability of as many (Wilkinson 1951, Psychological Bulletin 48). Blank
    where no event could be tested.

    >>> placebo_verdict(pd.DataFrame({"verdict": ["established", "not established", "established"]}))
    'established'
    >>> placebo_verdict(pd.DataFrame({"verdict": ["established", *["not established"] * 6]}))
    'not established'
    """
    if not len(events):
        return ""
    tested = events[events["verdict"].isin(["established", "not established"])]
    count, hits = len(tested), int((tested["verdict"] == "established").sum())
    if not count:
        return ""
    chance = sum(comb(count, k) * _LEVEL**k * (1 - _LEVEL) ** (count - k) for k in range(hits, count + 1))
    return "established" if chance <= _LEVEL + 1e-9 else "not established"


def event_readings(events: pd.DataFrame) -> pd.DataFrame:
    """What each event brought by itself, as logarithms of a factor on what would have been sold.

    Returns
    -------
    DataFrame
        One row an event: ``own`` (log of actual over without), ``own_error`` (of that: ordinary scatter),
        ``model`` (what the pooled model says of it), ``model_error``.
    """
    without = events["without"].to_numpy(dtype=float).clip(1e-9)
    actual = events["actual"].to_numpy(dtype=float)
    with_event = (without + events["gross"].to_numpy(dtype=float)).clip(1e-9)
    return pd.DataFrame(
        {
            "own": np.log((actual + 0.5) / (without + 0.5)),
            "own_error": (events["without_high"].to_numpy(dtype=float) - without) / _Z90 / without,
            "model": np.log(with_event / without),
            "model_error": events["gross_error"].to_numpy(dtype=float) / with_event,
        },
        index=events.index,
    )


def spread_between(events: pd.DataFrame) -> float:
    """Standard deviation between events, in logs, beyond what ordinary scatter explains.

    The moment estimate of DerSimonian and Laird (1986, Controlled Clinical Trials 7) on the departure
    of each event from what the model says of it; 0 with fewer than three events.
    """
    if len(events) < _FEWEST:
        return 0.0
    found = event_readings(events)
    weight = 1.0 / found["own_error"].to_numpy().clip(1e-6) ** 2
    gap = (found["own"] - found["model"]).to_numpy()
    mean = float((weight * gap).sum() / weight.sum())
    excess = float((weight * (gap - mean) ** 2).sum()) - (len(gap) - 1)
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    return float(np.sqrt(max(excess / scale, 0.0))) if scale > 0 else 0.0


def outcome_table(events: pd.DataFrame) -> pd.DataFrame:
    """What each event really brought, its own figure drawn toward the model's as far as its scatter asks.

    With s the event's ordinary scatter and t the spread between events of its driver, its own figure has
    the weight t² / (t² + s²) (Efron and Morris 1975, J. of the American Statistical Association 70).

    Returns
    -------
    DataFrame
        The events with ``effect`` (sales brought, before moves), ``baseline`` (sales without it) and
        ``standard_error`` (of the effect) beside, in the plan's measure.
    """
    parts = [_drawn_in(part) for _, part in events.groupby("driver", sort=True)] if len(events) else []
    extra = pd.concat(parts) if parts else pd.DataFrame(columns=["effect", "baseline", "standard_error"])
    return events.join(extra)


def _drawn_in(events: pd.DataFrame) -> pd.DataFrame:
    found, spread = event_readings(events), spread_between(events)
    noise = found["own_error"].clip(lower=1e-6) ** 2
    own = spread**2 / (spread**2 + noise)
    log = found["model"] + own * (found["own"] - found["model"])
    error = np.sqrt(own * noise + ((1.0 - own) * found["model_error"]) ** 2)
    without = events["without"].astype(float)
    return pd.DataFrame(
        {
            "effect": without * np.expm1(log),
            "baseline": without,
            "standard_error": without * np.exp(log) * error,
        }
    )
