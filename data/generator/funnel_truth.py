"""The known truth of leads: who sends good ones, who handles them well, and what waiting costs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from data.generator.weeks import quarters_of, week_index, weeks

__all__ = [
    "HANDLERS",
    "LEAD_PRODUCTS",
    "SOURCES",
    "FunnelTruth",
    "Handler",
    "Source",
    "expected_wins",
    "funnel_strength",
]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Source:
    """Where leads come from.

    Attributes
    ----------
    leads : float
        Leads a week at the start; 0 for fairs, which come in bursts.
    growth_rate : float
        Trend a year, in log points.
    logit : float
        Quality: log odds that a reached lead is won, before product, device, campaign, wait and talk.
    rejected_share : float
        Share rejected by sales, before the campaign's own addition.
    cost : float
        Euros a lead, before scatter; 0 where nothing is paid.
    campaigns : tuple of str
        Standing campaigns, the main one first.
    handlers : dict of str to float
        Share of leads by handling role.
    """

    leads: float
    growth_rate: float
    logit: float
    rejected_share: float
    cost: float
    campaigns: tuple[str, ...]
    handlers: dict[str, float]


@dataclass(frozen=True)
class Handler:
    """How a role handles leads in an ordinary quarter.

    Attributes
    ----------
    wait_hours : float
        Median hours from creation to the first attempt.
    contacted_share : float
        Share of accepted leads that are contacted at all.
    attempts : int
        Attempts after which it gives up.
    capacity : int
        Leads it can handle a week.
    """

    wait_hours: float
    contacted_share: float
    attempts: int
    capacity: int


SOURCES = {
    "web form": Source(8.8, 0.05, -0.05, 0.06, 0.0, ("organic",),
                       {"inside sales": 0.75, "field sales": 0.25}),
    "search ads": Source(6.6, 0.06, -0.35, 0.09, 52.0, ("office coffee", "brand terms"),
                         {"inside sales": 0.85, "field sales": 0.15}),
    "social ads": Source(4.4, 0.16, -0.80, 0.08, 34.0, ("video stories", "lookalike audience"),
                         {"inside sales": 0.70, "call centre": 0.30}),
    "trade fair": Source(0.0, 0.00, 0.25, 0.07, 118.0, ("hospitality fair",),
                         {"field sales": 0.70, "inside sales": 0.30}),
    "partner referral": Source(4.0, 0.04, 0.70, 0.04, 25.0, ("referral bonus",),
                               {"partner desk": 0.70, "field sales": 0.30}),
    "bought list": Source(4.2, -0.05, -1.70, 0.22, 16.0, ("list A", "list B"),
                          {"call centre": 0.80, "inside sales": 0.20}),
}  # fmt: skip

HANDLERS = {
    "inside sales": Handler(9.0, 0.95, 5, 22),
    "field sales": Handler(30.0, 0.90, 4, 8),
    "partner desk": Handler(20.0, 0.94, 4, 5),
    "call centre": Handler(14.0, 0.86, 3, 7),
}

LEAD_PRODUCTS = {
    "Espresso Machine": (0.34, -0.10, 11.0),
    "Compact Machine": (0.25, 0.10, 12.0),
    "Filter Machine": (0.12, 0.00, 8.0),
    "House Blend": (0.29, 0.15, 27.0),
}
"""By product: share of leads while all are on sale, addition to the log odds, mean units of an order."""


@dataclass(frozen=True)
class FunnelTruth:
    """Slopes and disturbances of the funnel.

    The log odds that a lead, once reached, is won are: source + product + device + campaign +
    ``wait_slope`` × log(1 + days from creation to the first attempt) + ``talk_slope`` × (call quality −
    0.65). A lead never reached is never won.

    Attributes
    ----------
    wait_slope, talk_slope, mobile_logit : float
        Log odds per log day, per point of call quality, and for leads from a mobile device.
    campaign_logit, campaign_rejected_share : dict
        Additions by standing campaign.
    wait_spread : float
        Standard deviation of the log wait.
    reach_share : float
        Chance that one attempt reaches the lead.
    unbriefed_talk : float
        Addition to call quality where a promotion's lead is handled before the brief was acknowledged.
    slow : dict
        By quarter and handler (blank: all others): factor on the wait and on the share contacted.
    logits : dict
        By source, where redrawn; blank means those of `SOURCES`.
    """

    wait_slope: float = -0.75
    talk_slope: float = 1.6
    mobile_logit: float = -0.25
    campaign_logit: dict[str, float] = field(
        default_factory=lambda: {"lookalike audience": -0.35, "list B": -0.20, "brand terms": 0.25}
    )
    campaign_rejected_share: dict[str, float] = field(
        default_factory=lambda: {"lookalike audience": 0.34, "list B": 0.10}
    )
    wait_spread: float = 0.9
    reach_share: float = 0.5
    unbriefed_talk: float = -0.15
    slow: dict[tuple[str, str], tuple[float, float]] = field(
        default_factory=lambda: {
            ("2025Q3", "inside sales"): (3.4, 0.80),
            ("2025Q3", ""): (1.6, 0.92),
            ("2024Q4", ""): (1.4, 0.97),
            ("2025Q4", "field sales"): (1.5, 0.95),
        }
    )
    logits: dict[str, float] = field(
        default_factory=lambda: {name: source.logit for name, source in SOURCES.items()}
    )

    def handling(self, quarter: str, handler: str) -> tuple[float, float]:
        """Median wait in hours and share contacted of a role in a quarter."""
        role = HANDLERS[handler]
        slower, contacted = self.slow.get((quarter, handler), self.slow.get((quarter, ""), (1.0, 1.0)))
        return role.wait_hours * slower, role.contacted_share * contacted

    def lookalike_share(self) -> np.ndarray:
        """Share of social ads on the lookalike audience by week: none to the end of 2024, then rising."""
        since = np.arange(len(weeks())) - week_index("2024-12-30")
        return np.asarray(np.clip(since / 52.0 * 0.85, 0.0, 0.85))

    def redrawn(self, rng: np.random.Generator) -> FunnelTruth:
        """Return the same funnel with other slopes and source qualities."""
        return replace(
            self,
            wait_slope=float(rng.normal(self.wait_slope, 0.15)),
            talk_slope=float(rng.normal(self.talk_slope, 0.3)),
            logits={name: float(rng.normal(value, 0.15)) for name, value in self.logits.items()},
        )


def expected_wins(truth: FunnelTruth, source: str, quarter: str, campaign: str = "") -> float:
    """Expected wins per lead of a source and campaign created in a quarter, over handlers and waits.

    The log-normal wait is integrated by Gauss-Hermite quadrature with nine nodes; product and call
    quality are held at their means, the share of mobile devices at 0.4. A blank quarter is an ordinary
    one, a blank campaign the source's first.
    """
    made = SOURCES[source]
    campaign = campaign or made.campaigns[0]
    logit = truth.logits[source] + truth.campaign_logit.get(campaign, 0.0) + 0.4 * truth.mobile_logit
    accepted = 1.0 - made.rejected_share - truth.campaign_rejected_share.get(campaign, 0.0)
    total = 0.0
    for handler, share in made.handlers.items():
        hours, contacted = truth.handling(quarter, handler)
        days = hours / 24.0 * np.exp(truth.wait_spread * _NODES)
        reached = contacted * (1.0 - (1.0 - truth.reach_share) ** HANDLERS[handler].attempts)
        won = _WEIGHTS @ (1.0 / (1.0 + np.exp(-(logit + truth.wait_slope * np.log1p(days)))))
        total += share * accepted * reached * float(won)
    return total


def funnel_strength(truth: FunnelTruth) -> np.ndarray:
    """Expected wins per lead against an ordinary quarter, by week of closing, shape (weeks,).

    Leads of a week close over the following eight weeks with geometric weights (0.75 a week); the mix
    of sources is held at its start, so that only quality and handling move the figure.
    """
    labels, lookalike = quarters_of(weeks()), truth.lookalike_share()
    ordinary = sum(_size(name) * expected_wins(truth, name, "") for name in SOURCES)
    made = np.zeros(len(labels))
    for quarter in dict.fromkeys(labels):
        here = labels == quarter
        for name in SOURCES:
            won = np.full(here.sum(), expected_wins(truth, name, quarter))
            if name == "social ads":
                other = expected_wins(truth, name, quarter, "lookalike audience")
                won += lookalike[here] * (other - won)
            made[here] += _size(name) * won
    lag = 0.75 ** np.arange(9)
    lag /= lag.sum()
    padded = np.concatenate([np.full(len(lag) - 1, made[0]), made])
    return np.asarray(np.convolve(padded, lag, mode="valid") / ordinary)


def _size(source: str) -> float:
    """Leads a week at the start; fairs spread over the year."""
    return SOURCES[source].leads or 1.7
