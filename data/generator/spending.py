"""Money spent on leads, and what it brings: a truth that leads already drawn obey to the last one.

In every week and source ``leads = base + response + noise``. The response is the truth below of the money
in ``spend.csv``: geometric carry-over, ``stock[t] = carry × stock[t-1] + (1 − carry) × money[t]``, and
saturation, ``most × stock^shape / (half^shape + stock^shape)``. The base is what is expected of the
source (growth and season) less what its usual money brings.

Leads are not touched, and so neither are sales. Instead the money is chosen so that they could have come
of it: what leads of a week lie off their expectation (``e``, a chance of variance ``v``) is split into a
part that money moved and noise, two parts that know nothing of each other. With the covariance ``K`` that
the first part shall have and ``V = diag(v)`` for their sum, it is drawn from the normal distribution with
mean ``K V⁻¹ e`` and covariance ``K − K V⁻¹ K``: as if the money had been drawn first and leads after it.
The money is that which brings this part, in whole euros; the noise is what then is left. Leads come by
pure chance, so their noise is a little less than that.

Lists are bought under a contract at one rate: their money never moved. Fairs cost the same each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.generator.funnel_truth import SOURCES, FunnelTruth
from data.generator.leads import FAIR_LEADS, FAIRS, CampaignWindow, expected_leads
from data.generator.weeks import AS_OF, week_index, weeks, years_since_start

__all__ = ["CHANNELS", "Channel", "Spending", "draw_spending", "respond", "true_lift"]


@dataclass(frozen=True)
class Channel:
    """What a source's money does.

    Attributes
    ----------
    share : float
        Share of the source's expected leads that its usual money brings.
    carry : float
        Share of the stock that is left a week later.
    half : float
        Half-saturation, over the usual money of a week.
    shape : float
        1 is concave, above 1 S-shaped.
    moved : float
        Standard deviation of what the money's movement brings, over what it brings; 0 where it never moves.
    planned : float
        Money of 2026 over the usual.
    """

    share: float
    carry: float
    half: float
    shape: float
    moved: float
    planned: float = 1.0


CHANNELS = {
    "bought list": Channel(0.90, 0.10, 1.5, 1.0, 0.0),
    "partner referral": Channel(0.35, 0.20, 1.2, 1.0, 0.30),
    "search ads": Channel(0.50, 0.15, 1.2, 1.0, 0.26, 1.10),
    "social ads": Channel(0.45, 0.30, 1.2, 1.0, 0.27, 1.20),
    "trade fair": Channel(1.00, 0.15, 0.5, 1.0, 0.0),
}
_CONTRACT = 67.0
"""Euros a week for bought lists."""
_FAIR = 5200.0
_FAIRS_AHEAD = ("2026-03-16", "2026-10-05")
_CAMPAIGN_SHARE = 0.45
"""Share of the money for search ads that goes to a promotion's own campaign while it runs."""
_TESTS = (
    ("Search regions, autumn 2025", "search ads", "geo", "2025-09-01", "2025-10-19", 1.0, 9.0),
    ("Social before Christmas", "social ads", "before-after", "2025-10-27", "2025-12-07", 3.0, 8.0),
)
"""Name, source, design, first and last day, factor on the true lift, standard error in per cent points. The
first is good. The second took the weeks before for what would have been, and so the season for the money."""


@dataclass(frozen=True)
class Spending:
    """One draw of the money and what came of it.

    Attributes
    ----------
    spend, experiments : DataFrame
        The workspace's tables; spend goes on beyond the as-of date as planned.
    truth : DataFrame
        ``period, source, spend, base, response, noise, leads`` by week of history: the middle three add up
        to the last.
    curves : DataFrame
        ``source, carry, half, shape, most``: half in euros a week.
    """

    spend: pd.DataFrame
    experiments: pd.DataFrame
    truth: pd.DataFrame
    curves: pd.DataFrame


def draw_spending(
    seed: int, funnel: FunnelTruth, windows: Sequence[CampaignWindow], leads: pd.DataFrame
) -> Spending:
    """Draw the money that leads could have come of.

    Parameters
    ----------
    seed : int
        Equal seeds give equal draws; no other draw depends on these.
    funnel : FunnelTruth
    windows : sequence of CampaignWindow
        Promotions whose campaign takes its part of the money for search ads.
    leads : DataFrame
        The table, with ``created`` and ``source``.
    """
    rng = np.random.default_rng([seed, 9])
    past = week_index(AS_OF)
    week = ((leads["created"] - weeks()[0]).dt.days // 7).to_numpy()
    money, truths, curves = {}, [], []
    for name in CHANNELS:
        came = np.bincount(week[(leads["source"] == name).to_numpy()], minlength=past).astype(float)
        spent, curve = _spend(rng, name, came)
        base = _base(name, curve)
        response = respond(spent[:past], curve)
        money[name] = spent
        curves.append({"source": name, **curve})
        truths.append(
            pd.DataFrame({
                "period": weeks()[:past], "source": name, "spend": spent[:past], "base": base,
                "response": response, "noise": came - base - response, "leads": came.astype(int),
            })
        )  # fmt: skip
    truth = pd.concat(truths).sort_values(["period", "source"], ignore_index=True)
    table = pd.DataFrame(curves)
    tests = _experiments(rng, truth, table)
    return Spending(_by_campaign(money, funnel, windows), tests, truth, table)


def respond(money: np.ndarray, curve: dict[str, float], before: float | None = None) -> np.ndarray:
    """Leads that weekly money brings; before the first week it ran as in it, unless a stock is given.

    >>> respond(np.array([100.0, 0.0]), {"carry": 0.5, "half": 50.0, "shape": 1.0, "most": 3.0}, 0.0).tolist()
    [1.5, 1.0]
    """
    stock, result = curve["before"] if before is None else before, np.zeros(len(money))
    for week, joins in enumerate(money):
        stock = curve["carry"] * stock + (1.0 - curve["carry"]) * joins
        result[week] = curve["most"] * _share(stock, curve)
    return result


def true_lift(truth: pd.DataFrame, curves: pd.DataFrame, source: str, start: str, end: str) -> float:
    """What a source's money of some weeks added within them, over what would have come without it."""
    mine = truth[truth["source"] == source]
    inside = mine["period"].between(start, end).to_numpy()
    curve = curves.set_index("source").loc[source].to_dict()
    held = np.where(inside, 0.0, mine["spend"])
    without = (mine["base"] + respond(held, curve)).to_numpy()[inside].sum()
    return float((mine["base"] + mine["response"]).to_numpy()[inside].sum() / without - 1.0)


def _share(stock: float | np.ndarray, curve: dict[str, float]) -> np.ndarray:
    power = np.asarray(stock, dtype=float) ** curve["shape"]
    return np.asarray(power / (power + curve["half"] ** curve["shape"]))


def _usual(name: str) -> np.ndarray:
    """Money by week, planned weeks included, as the budget has it."""
    source, years = SOURCES[name], years_since_start()
    if name == "bought list":
        return np.full(len(years), _CONTRACT)
    if name == "trade fair":
        money = np.zeros(len(years))
        money[[week_index(fair) for fair in (*FAIRS, *_FAIRS_AHEAD)]] = _FAIR
        return money
    return np.asarray(source.cost * source.leads * np.exp((source.growth_rate + 0.02) * years))


def _spend(rng: np.random.Generator, name: str, came: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
    """Money by week, whole euros, and the curve it obeys."""
    channel, usual, past = CHANNELS[name], _usual(name), len(came)
    expected = expected_leads(name)
    size = _FAIR if name == "trade fair" else float(usual[:past].mean())
    before = 0.0 if name == "trade fair" else float(usual[0])
    curve = {
        "carry": channel.carry, "half": channel.half * size, "shape": channel.shape, "most": 1.0,
        "before": before,
    }  # fmt: skip
    if name == "trade fair":
        one = respond(np.append(_FAIR, np.zeros(25)), curve).sum()
        curve["most"] = FAIR_LEADS / float(one)
    else:
        curve["most"] = channel.share * float(expected.mean() / _share(usual[:past], curve).mean())
    ahead = np.round(usual * channel.planned)
    if not channel.moved:
        return np.append(np.round(usual[:past]), ahead[past:]), curve
    brings = curve["most"] * _share(usual[:past], curve)
    moved = brings + _moved(rng, channel, brings, expected, came - expected)
    return np.append(_money_for(moved, curve), ahead[past:]), curve


def _moved(
    rng: np.random.Generator, channel: Channel, brings: np.ndarray, variance: np.ndarray, off: np.ndarray
) -> np.ndarray:
    """The part of what leads lie off their expectation that money moved: see the module."""
    apart = np.abs(np.subtract.outer(np.arange(len(off)), np.arange(len(off))))
    own = channel.moved**2 * np.outer(brings, brings) * channel.carry**apart
    weights = own / variance
    left = own - weights @ own
    root = np.linalg.cholesky(left + 1e-9 * np.eye(len(off)))
    return np.asarray(weights @ off + root @ rng.normal(size=len(off)))


def _money_for(wanted: np.ndarray, curve: dict[str, float]) -> np.ndarray:
    """Whole euros a week that bring what is wanted, as near as money at or above nothing can."""
    share = np.clip(wanted / curve["most"], 0.02, 0.75)
    aims = curve["half"] * (share / (1.0 - share)) ** (1.0 / curve["shape"])
    stock, money = curve["before"], np.zeros(len(wanted))
    for week, aim in enumerate(aims):
        money[week] = max(np.round((aim - curve["carry"] * stock) / (1.0 - curve["carry"])), 0.0)
        stock = curve["carry"] * stock + (1.0 - curve["carry"]) * money[week]
    return money


def _base(name: str, curve: dict[str, float]) -> np.ndarray:
    """Leads that come without money: growth and season of the source less what its usual money brings."""
    expected = expected_leads(name)
    if name == "trade fair":
        return np.zeros(len(expected))
    return np.asarray(expected - curve["most"] * _share(_usual(name)[: len(expected)], curve))


def _experiments(rng: np.random.Generator, truth: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name, source, design, start, end, factor, error in _TESTS:
        lift = 100.0 * factor * true_lift(truth, curves, source, start, end) + rng.normal(0.0, error)
        rows.append({
            "experiment": name, "design": design, "start": pd.Timestamp(start), "end": pd.Timestamp(end),
            "source": source, "lift": round(float(lift), 1), "standard_error": error,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _by_campaign(
    money: dict[str, np.ndarray], funnel: FunnelTruth, windows: Sequence[CampaignWindow]
) -> pd.DataFrame:
    """Euros a week by source and campaign, in whole euros; they add up to the source's money."""
    frames = []
    for name, whole in money.items():
        left = whole.copy()
        for window in windows if name == "search ads" else ():
            inside = np.arange(week_index(window.start), min(week_index(window.end) + 1, len(whole)))
            taken = np.minimum(np.round(_CAMPAIGN_SHARE * whole[inside]), left[inside])
            frames.append(_rows(name, window.campaign, taken, weeks()[inside]))
            left[inside] -= taken
        campaigns = SOURCES[name].campaigns
        second = np.zeros(len(whole))
        if len(campaigns) > 1:
            second = np.round(left * (funnel.lookalike_share() if name == "social ads" else 0.35))
            frames.append(_rows(name, campaigns[1], second, weeks()))
        frames.append(_rows(name, campaigns[0], left - second, weeks()))
    table = pd.concat(frames, ignore_index=True)
    return table[table["amount"] > 0.0].sort_values(["period", "source", "campaign"], ignore_index=True)


def _rows(source: str, campaign: str, amount: np.ndarray, periods: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame({"period": periods, "source": source, "campaign": campaign, "amount": amount})
