"""Draws leads and contacts from the funnel's truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.generator.contacts import Attempts, draw_attempts, open_hours
from data.generator.funnel_truth import LEAD_PRODUCTS, SOURCES, FunnelTruth
from data.generator.products import PRODUCTS
from data.generator.weeks import AS_OF, FIRST_WEEK, week_index, weeks, years_since_start

__all__ = [
    "FAIRS",
    "FAIR_LEADS",
    "REJECTION_REASONS",
    "CampaignWindow",
    "LeadsDraw",
    "draw_leads",
    "expected_leads",
]

REJECTION_REASONS = ("wrong contact details", "not a business", "no need", "outside region", "duplicate")
_REASON_ODDS = {
    "social ads": (0.15, 0.45, 0.25, 0.10, 0.05),
    "bought list": (0.45, 0.10, 0.20, 0.15, 0.10),
    "": (0.20, 0.15, 0.35, 0.20, 0.10),
}
FAIRS = ("2022-10-10", "2023-03-20", "2023-10-09", "2024-03-18", "2024-10-07", "2025-03-17", "2025-10-06")
"""First weeks of the trade fairs."""
FAIR_LEADS = 44.0
_DIGITAL = ("web form", "search ads", "social ads")
_DAY_ODDS = (0.18, 0.18, 0.17, 0.16, 0.15, 0.07, 0.09)
_MINUTES = 24 * 60
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class CampaignWindow:
    """When a promotion's campaign brings leads, and when its brief was acknowledged.

    Attributes
    ----------
    campaign, product : str
    start, end : Timestamp
        First and last day.
    acknowledged : str
        Day from which the handlers knew the offer.
    """

    campaign: str
    product: str
    start: pd.Timestamp
    end: pd.Timestamp
    acknowledged: str


@dataclass(frozen=True)
class LeadsDraw:
    """One draw of the funnel, as of the current round.

    Attributes
    ----------
    leads, contacts : DataFrame
        The workspace's tables; `leads.amount` is still empty, see `bookings`.
    chances : DataFrame
        By lead: ``lead_id, wait_days, call_quality, reached, win_probability``: what was drawn from.
    """

    leads: pd.DataFrame
    contacts: pd.DataFrame
    chances: pd.DataFrame


def draw_leads(seed: int, truth: FunnelTruth, windows: Sequence[CampaignWindow] = ()) -> LeadsDraw:
    """Draw leads from the first week to the as-of date, with what became of them by then.

    Parameters
    ----------
    seed : int
        Equal seeds give equal draws.
    truth : FunnelTruth
    windows : sequence of CampaignWindow
        Promotions that bring leads under a campaign name of their own.
    """
    rng = np.random.default_rng([seed, 3])
    leads = _draw_arrivals(rng, truth)
    leads["campaign"] = _draw_campaigns(rng, truth, leads, windows)
    leads = leads.sort_values(["created", "source", "product"], kind="stable", ignore_index=True)
    leads.insert(0, "lead_id", [f"L{number:05d}" for number in range(1, len(leads) + 1)])
    leads["customer"] = _draw_customers(rng, len(leads))
    rejected = rng.random(len(leads)) < _rejected_share(truth, leads)
    briefed = _briefed(leads, windows)
    attempts = draw_attempts(rng, truth, leads, ~rejected, briefed)
    probability = _win_probability(truth, leads, attempts)
    won = rng.random(len(leads)) < probability
    leads = _date_stages(rng, leads, rejected, attempts, won)
    chances = pd.DataFrame(
        {
            "lead_id": leads["lead_id"],
            "wait_days": attempts.wait_days,
            "call_quality": attempts.call_quality,
            "reached": attempts.reached,
            "win_probability": probability,
        }
    )
    return LeadsDraw(_as_known(leads), attempts.table(leads["lead_id"].to_numpy(), _as_of_minute()), chances)


def _as_of_minute() -> int:
    return int((AS_OF - FIRST_WEEK).days) * _MINUTES


def expected_leads(name: str) -> np.ndarray:
    """Leads of a source that are expected by week of history, shape (weeks,)."""
    past = week_index(AS_OF)
    years, source = years_since_start()[:past], SOURCES[name]
    season = 1.0 + 0.12 * np.cos(2.0 * np.pi * np.asarray(weeks()[:past].dayofyear - 25) / 365.25)
    mean = np.asarray(source.leads * np.exp(source.growth_rate * years) * season)
    if name == "trade fair":
        for fair in FAIRS:
            mean[week_index(fair) : week_index(fair) + 2] = (0.75 * FAIR_LEADS, 0.25 * FAIR_LEADS)
    return mean


def _draw_arrivals(rng: np.random.Generator, truth: FunnelTruth) -> pd.DataFrame:
    """One row a lead: minute of creation, source, device, product and handler."""
    past = week_index(AS_OF)
    mobile = 0.36 + 0.07 * years_since_start()[:past]
    frames = []
    for name, source in SOURCES.items():
        mean = expected_leads(name)
        week = np.repeat(np.arange(past), rng.poisson(mean))
        device = np.where(rng.random(len(week)) < mobile[week], "mobile", "web")
        frames.append(
            pd.DataFrame(
                {
                    "created": _minute_in_week(rng, week),
                    "source": name,
                    "device": device if name in _DIGITAL else "",
                    "product": _draw_products(rng, week),
                    "handler": rng.choice(list(source.handlers), len(week), p=list(source.handlers.values())),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _minute_in_week(rng: np.random.Generator, week: np.ndarray) -> np.ndarray:
    day = rng.choice(7, len(week), p=_DAY_ODDS)
    clock = np.clip(rng.normal(13.5 * 60, 3.5 * 60, len(week)), 6 * 60, 23 * 60).astype(np.int64)
    return np.asarray((week * 7 + day) * _MINUTES + clock)


def _draw_products(rng: np.random.Generator, week: np.ndarray) -> np.ndarray:
    """Product asked for: what is on sale; nobody asks for a product in its last ten weeks."""
    names = list(LEAD_PRODUCTS)
    odds = np.array([share for share, _, _ in LEAD_PRODUCTS.values()])[None, :] * np.ones((len(week), 1))
    for column, name in enumerate(names):
        made = PRODUCTS[name]
        first = week_index(made.launched) if made.launched else 0
        last = week_index(made.delisted) - 10 if made.delisted else _NEVER
        odds[(week < first) | (week >= last), column] = 0.0
    odds = np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)
    drawn = (rng.random((len(week), 1)) > odds).sum(axis=1)
    return np.asarray(np.array(names, dtype=object)[drawn])


def _draw_campaigns(
    rng: np.random.Generator, truth: FunnelTruth, leads: pd.DataFrame, windows: Sequence[CampaignWindow]
) -> np.ndarray:
    """Standing campaign of the source, or a promotion's own while it runs."""
    chance = rng.random(len(leads))
    campaign = leads["source"].map(lambda name: SOURCES[name].campaigns[0]).to_numpy(dtype=object)
    week = leads["created"].to_numpy() // (7 * _MINUTES)
    for name, source in SOURCES.items():
        if len(source.campaigns) > 1:
            share = truth.lookalike_share()[week] if name == "social ads" else np.full(len(leads), 0.35)
            other = (leads["source"] == name).to_numpy() & (chance < share)
            campaign[other] = source.campaigns[1]
    promoted = rng.random(len(leads)) < 0.5
    digital = leads["source"].isin(_DIGITAL).to_numpy()
    day = leads["created"].to_numpy() // _MINUTES
    for window in windows:
        inside = (day >= _day(window.start)) & (day <= _day(window.end))
        inside &= digital & promoted & (leads["product"] == window.product).to_numpy()
        campaign[inside] = window.campaign
    return np.asarray(campaign)


def _day(date: str | pd.Timestamp) -> int:
    return int((pd.Timestamp(date) - FIRST_WEEK).days)


def _draw_customers(rng: np.random.Generator, count: int) -> list[str]:
    """A key each; about one lead in sixteen comes from a customer who asked before."""
    number = np.arange(1, count + 1)
    again = (rng.random(count) < 1.0 / 16.0) & (number > 100)
    number[again] = (rng.random(count) * (number - 1)).astype(np.int64)[again] + 1
    return [f"K{value:05d}" for value in number]


def _rejected_share(truth: FunnelTruth, leads: pd.DataFrame) -> np.ndarray:
    source = leads["source"].map(lambda name: SOURCES[name].rejected_share).to_numpy(dtype=float)
    campaign = leads["campaign"].map(lambda name: truth.campaign_rejected_share.get(name, 0.0))
    return np.asarray(source + campaign.to_numpy(dtype=float))


def _briefed(leads: pd.DataFrame, windows: Sequence[CampaignWindow]) -> np.ndarray:
    """First minute at which the handlers knew the lead's offer; 0 for standing campaigns."""
    known = {window.campaign: _day(window.acknowledged) * _MINUTES for window in windows}
    return leads["campaign"].map(lambda name: known.get(name, 0)).to_numpy(dtype=np.int64)


def _win_probability(truth: FunnelTruth, leads: pd.DataFrame, attempts: Attempts) -> np.ndarray:
    """Chance to win: logistic in quality, wait and talk; 0 where the lead was never reached."""
    logit = leads["source"].map(truth.logits).to_numpy(dtype=float)
    logit = logit + leads["product"].map(lambda name: LEAD_PRODUCTS[name][1]).to_numpy(dtype=float)
    logit = logit + leads["campaign"].map(lambda name: truth.campaign_logit.get(name, 0.0)).to_numpy(
        dtype=float
    )
    logit = logit + truth.mobile_logit * (leads["device"] == "mobile").to_numpy()
    wait = np.where(attempts.reached, attempts.wait_days, 0.0)
    talk = np.where(attempts.reached, attempts.call_quality, 0.65)
    logit = logit + truth.wait_slope * np.log1p(wait) + truth.talk_slope * (talk - 0.65)
    return np.where(attempts.reached, 1.0 / (1.0 + np.exp(-logit)), 0.0)


def _date_stages(
    rng: np.random.Generator, leads: pd.DataFrame, rejected: np.ndarray, attempts: Attempts, won: np.ndarray
) -> pd.DataFrame:
    """Date acceptance, rejection, opportunity and close, in minutes; -1 where they never came."""
    count = len(leads)
    created = leads["created"].to_numpy()
    first = np.where(attempts.made > 0, attempts.minutes[:, 0], created + 3 * _MINUTES)
    silent = rng.random(count) < 0.05
    decided = created + ((first - created) * rng.uniform(0.1, 0.7, count)).astype(np.int64)
    refused = open_hours(created + (_MINUTES * rng.lognormal(0.0, 0.7, count)).astype(np.int64))
    last = attempts.last()
    chance = rng.random(count) < 0.35
    opened = attempts.reached & (won | chance)
    opportunity = open_hours(last + (_MINUTES * rng.lognormal(1.2, 0.7, count)).astype(np.int64))
    decision = open_hours(opportunity + (_MINUTES * rng.lognormal(2.4, 0.6, count)).astype(np.int64))
    given_up = open_hours(last + (_MINUTES * rng.lognormal(2.0, 0.5, count)).astype(np.int64))
    dropped = (attempts.made > 0) & ~opened & (attempts.reached | (rng.random(count) < 0.6))
    closed = np.where(opened, decision, np.where(dropped, given_up, -1))
    reason = [
        rng.choice(REJECTION_REASONS, p=_REASON_ODDS.get(source, _REASON_ODDS[""])) if refusal else ""
        for source, refusal in zip(leads["source"], rejected, strict=True)
    ]
    return leads.assign(
        accepted_at=np.where(rejected | silent, -1, decided),
        rejected_at=np.where(rejected, refused, -1),
        rejected_reason=reason,
        opportunity_at=np.where(opened, opportunity, -1),
        closed_at=closed,
        outcome=np.where(closed < 0, "", np.where(won, "won", "lost")),
    )


def _as_known(leads: pd.DataFrame) -> pd.DataFrame:
    """Blank whatever happens on or after the as-of date, and turn minutes into timestamps."""
    wall = _as_of_minute()
    known = {}
    for name in ("accepted_at", "rejected_at", "opportunity_at", "closed_at"):
        minute = leads[name].to_numpy()
        known[name] = (minute >= 0) & (minute < wall)
    result = leads.assign(
        rejected_reason=leads["rejected_reason"].where(known["rejected_at"], ""),
        outcome=leads["outcome"].where(known["closed_at"], ""),
        created=_timestamps(leads["created"].to_numpy()),
        amount=np.nan,
        **{name: _timestamps(np.where(inside, leads[name], -1)) for name, inside in known.items()},
    )
    columns = ["lead_id", "created", "source", "customer", "campaign", "device", "product", "accepted_at"]
    columns += [
        "rejected_at",
        "rejected_reason",
        "opportunity_at",
        "closed_at",
        "outcome",
        "amount",
        "handler",
    ]
    return result[columns]


def _timestamps(minutes: np.ndarray) -> pd.Series:
    stamps = pd.Series(FIRST_WEEK + pd.to_timedelta(np.maximum(minutes, 0), unit="min"))
    return stamps.where(minutes >= 0)
