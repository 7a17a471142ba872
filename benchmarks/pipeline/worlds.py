"""Customer-relationship systems drawn from a known truth, which is no model of ours.

A deal has a quality nobody sees; it passes stages at its own pace; sellers guess closing days and put them
off; some closings are pulled into the last fortnight of a quarter; arrivals have a season and a level that
wanders; each quarter's market helps or hurts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

__all__ = ["STAGES", "Settings", "World", "draw_world"]

STAGES = ("qualified", "meeting", "proposal", "negotiation")
_SOURCES = {"web": (0.40, -0.6), "fair": (0.15, -0.9), "partner": (0.20, 0.3), "outbound": (0.25, -1.3)}
_OWNERS = {"north": 0.4, "south": 0.4, "key accounts": 0.2}
_AMOUNT, _SIZE_LOGIT, _SIZE_LIFE = 8000.0, -0.25, 0.15
_LOST_LIFE, _PUSH_DAYS, _MOST_PUSHES = 0.85, 28.0, 20
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Settings:
    """What worlds are drawn from; fixed before the first fit, and printed.

    Attributes
    ----------
    start, end : str
        First and last day of openings.
    weekly : float
        Deals opened a week.
    season, level_step : float
        Swing of the year; standard deviation of the level's step from quarter to quarter (log).
    amount_spread : float
        Standard deviation of log amounts.
    life_weeks, life_spread : float
        Median life and its spread (log).
    market_spread : float
        Standard deviation of a quarter's shift of the log odds to win.
    quarter_end_share : float
        Closings that move to the last fortnight of their quarter.
    guess_spread, lost_optimism : float
        How far sellers' guesses of the closing day lie off (log), and by what they are shorter where the deal
        will be lost.
    """

    start: str = "2021-01-04"
    end: str = "2026-06-30"
    weekly: float = 12.0
    season: float = 0.2
    level_step: float = 0.08
    amount_spread: float = 0.9
    life_weeks: float = 9.0
    life_spread: float = 0.6
    market_spread: float = 0.2
    quarter_end_share: float = 0.4
    guess_spread: float = 0.5
    lost_optimism: float = 0.75

    def __str__(self) -> str:
        """One line."""
        return ", ".join(f"{name} {value}" for name, value in asdict(self).items())


@dataclass(frozen=True)
class World:
    """Every deal to its end, and every change of it, as nobody knows them on the way."""

    deals: pd.DataFrame
    changes: pd.DataFrame

    def as_of(self, day: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Opportunities and their changes as exported at the end of the day before."""
        known = self.deals[self.deals["opened"] < day]
        ids = known["opportunity_id"]
        changes = self.changes[(self.changes["at"] < day) & self.changes["opportunity_id"].isin(ids)]
        told = changes.assign(stage=changes["stage"].where(changes["stage"] != ""))
        last = told.groupby("opportunity_id")[["stage", "expected_close"]].last()
        pushes = changes.groupby("opportunity_id")["pushed"].sum()
        later = (known["closed_at"] >= day).to_numpy()
        table = known.assign(
            closed_at=known["closed_at"].mask(later),
            outcome=known["outcome"].mask(later, ""),
            stage=ids.map(last["stage"]).to_numpy(),
            expected_close=ids.map(last["expected_close"]).to_numpy(),
            pushes=ids.map(pushes).to_numpy(dtype=float),
        )
        return table.reset_index(drop=True), changes.drop(columns="pushed").reset_index(drop=True)


def draw_world(settings: Settings, seed: int) -> World:
    """Draw one system."""
    rng = np.random.default_rng([seed, 77])
    opened = _draw_openings(settings, rng)
    count = len(opened)
    source = rng.choice(list(_SOURCES), count, p=[share for share, _ in _SOURCES.values()])
    owner = rng.choice(list(_OWNERS), count, p=list(_OWNERS.values()))
    size = rng.normal(0.0, settings.amount_spread, count)
    lean = np.array([_SOURCES[name][1] for name in source])
    quality = lean + _SIZE_LOGIT * size + rng.logistic(0.0, 1.0, count)
    life = settings.life_weeks * np.exp(_SIZE_LIFE * size + settings.life_spread * rng.standard_normal(count))
    days = np.maximum(7.0 * life, 2.0)
    quarter = _quarters(opened + _days(days))
    numbers, place = np.unique(quarter, return_inverse=True)
    won = quality + rng.normal(0.0, settings.market_spread, len(numbers))[place] > 0
    closed = _pull(settings, rng, opened + _days(days * np.where(won, 1.0, _LOST_LIFE)))
    closed = np.maximum(closed, opened + _DAY)
    lost_at = np.clip(1 + rng.poisson(np.clip(1.4 + 0.35 * quality, 0.1, 3.0)), 1, len(STAGES))
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"O{number:06d}" for number in range(count)],
            "opened": opened,
            "source": source,
            "owner": owner,
            "amount": np.round(_AMOUNT * np.exp(size), 2),
            "closed_at": closed,
            "outcome": np.where(won, "won", "lost"),
        }
    )
    stages = _draw_stages(rng, deals, np.where(won, len(STAGES), lost_at))
    guesses = _draw_guesses(settings, rng, deals, days, won)
    changes = pd.concat([stages, guesses], ignore_index=True).sort_values("at", kind="stable")
    changes = changes.assign(stage=changes["stage"].fillna(""), pushed=changes["pushed"].fillna(0.0))
    return World(deals, changes.assign(amount=np.nan).reset_index(drop=True))


def _draw_openings(settings: Settings, rng: np.random.Generator) -> np.ndarray:
    weeks = pd.date_range(settings.start, settings.end, freq="7D")
    steps = np.repeat(rng.normal(0.0, settings.level_step, len(weeks) // 13 + 1), 13)[: len(weeks)] / 13.0
    season = 1.0 + settings.season * np.cos(2.0 * np.pi * (np.asarray(weeks.dayofyear) - 60) / 365.25)
    rate = settings.weekly * np.exp(np.cumsum(steps)) * season
    opened = np.repeat(weeks.to_numpy(), rng.poisson(rate))
    return np.asarray(opened + _days(7.0 * rng.random(len(opened))))


def _days(days: np.ndarray) -> np.ndarray:
    return np.asarray((days * 86400.0).astype("timedelta64[s]"))


def _quarters(days: np.ndarray) -> np.ndarray:
    dates = pd.DatetimeIndex(days)
    return np.asarray(dates.year * 4 + dates.quarter)


def _pull(settings: Settings, rng: np.random.Generator, closed: np.ndarray) -> np.ndarray:
    """Some closings that lie within five weeks of the quarter's end go to its last fortnight."""
    ends = pd.DatetimeIndex(closed).to_period("Q").end_time.normalize().to_numpy()
    pulled = (rng.random(len(closed)) < settings.quarter_end_share) & (ends - closed < 35 * _DAY)
    return np.where(pulled, ends - rng.integers(0, 13, len(closed)) * _DAY, closed)


def _draw_stages(rng: np.random.Generator, deals: pd.DataFrame, reached: np.ndarray) -> pd.DataFrame:
    """When each deal entered each stage it reached."""
    shares = np.sort(rng.random((len(deals), len(STAGES) - 1)) ** 0.8, axis=1)
    life = deals["closed_at"] - deals["opened"]
    parts = []
    for place, stage in enumerate(STAGES):
        there = reached > place
        share = shares[there, place - 1] if place else np.zeros(int(there.sum()))
        row = {"opportunity_id": deals["opportunity_id"][there], "stage": stage}
        parts.append(pd.DataFrame(row | {"at": deals["opened"][there] + life[there] * share}))
    return pd.concat(parts, ignore_index=True)


def _draw_guesses(
    settings: Settings, rng: np.random.Generator, deals: pd.DataFrame, days: np.ndarray, won: np.ndarray
) -> pd.DataFrame:
    """Guesses of the closing day, put off each time they pass."""
    guess = days * np.exp(settings.guess_spread * rng.standard_normal(len(deals)))
    guess = np.maximum(guess * np.where(won, 1.0, settings.lost_optimism), 5.0)
    ids, opened = deals["opportunity_id"].to_numpy(), deals["opened"].to_numpy()
    closed = deals["closed_at"].to_numpy()
    due = (opened + _days(guess)).astype("datetime64[D]").astype("datetime64[ns]")
    parts = [pd.DataFrame({"opportunity_id": ids, "at": opened, "expected_close": due})]
    for _ in range(_MOST_PUSHES):
        at = due + rng.integers(0, 4, len(due)) * _DAY
        off = at < closed
        ids, closed, at = ids[off], closed[off], at[off]
        due = at + _days(7.0 + rng.exponential(_PUSH_DAYS, len(at)))
        due = due.astype("datetime64[D]").astype("datetime64[ns]")
        row = {"opportunity_id": ids, "at": at, "expected_close": due, "pushed": 1.0}
        parts.append(pd.DataFrame(row))
    return pd.concat(parts, ignore_index=True)
