"""The known truth of sales: every effect the demo holds, and how it is redrawn for benchmarks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from data.generator.actions import ACTIONS, Action
from data.generator.funnel_truth import FunnelTruth

__all__ = ["POPULATIONS", "Noise", "Truth", "base_truth", "redraw_truth"]

Pair = tuple[str, str]
Key = TypeVar("Key")

_UPLIFT = {
    "price_cut": {
        "Espresso Machine": 2.40, "Compact Machine": 2.60, "Filter Machine": 2.20, "House Blend": 2.30,
        "Single Origin": 2.00, "Decaf Blend": 1.90, "Barista Blend": 2.10, "Care Kit": 2.00,
    },
    "feature": {
        "Espresso Machine": 0.26, "Compact Machine": 0.30, "Filter Machine": 0.22, "House Blend": 0.30,
        "Single Origin": 0.27, "Decaf Blend": 0.24, "Barista Blend": 0.32, "Care Kit": 0.25,
    },
    "loyalty": {
        "House Blend": 0.22, "Single Origin": 0.25, "Decaf Blend": 0.20, "Barista Blend": 0.23,
        "Care Kit": 0.28,
    },
}  # fmt: skip
_ELASTICITY = {
    "Espresso Machine": -2.2, "Compact Machine": -2.6, "Filter Machine": -1.9, "House Blend": -1.3,
    "Single Origin": -1.8, "Decaf Blend": -1.2, "Barista Blend": -1.5, "Cold Brew Pack": -1.4,
    "Care Kit": -1.0,
}  # fmt: skip
_CANNIBALISATION = {
    ("House Blend", "Single Origin"): 0.10, ("House Blend", "Decaf Blend"): 0.06,
    ("House Blend", "Barista Blend"): 0.04, ("Single Origin", "House Blend"): 0.16,
    ("Single Origin", "Decaf Blend"): 0.04, ("Single Origin", "Barista Blend"): 0.08,
    ("Decaf Blend", "House Blend"): 0.14, ("Decaf Blend", "Single Origin"): 0.06,
    ("Barista Blend", "Single Origin"): 0.18, ("Barista Blend", "House Blend"): 0.10,
    ("Espresso Machine", "Compact Machine"): 0.14, ("Espresso Machine", "Filter Machine"): 0.08,
    ("Compact Machine", "Espresso Machine"): 0.18, ("Compact Machine", "Filter Machine"): 0.05,
    ("Filter Machine", "Compact Machine"): 0.10, ("Filter Machine", "Espresso Machine"): 0.10,
}  # fmt: skip

POPULATIONS = {
    "uplift price_cut": (2.2, 0.30),
    "uplift feature": (0.27, 0.06),
    "uplift loyalty": (0.24, 0.05),
    "elasticity machines": (-2.2, 0.35),
    "elasticity beans": (-1.5, 0.30),
    "elasticity care": (-1.1, 0.25),
}
"""Mean and standard deviation from which `redraw_truth` draws each product's effect. Shares are
redrawn around their base value with a standard deviation of 0.25 on the logit scale."""

_CATEGORY = {"Espresso Machine": "machines", "Compact Machine": "machines", "Filter Machine": "machines"}
_LOGIT_SPREAD = 0.25


@dataclass(frozen=True)
class Noise:
    """How sales scatter around their mean.

    Attributes
    ----------
    week, product_week, series : float
        Standard deviations, in log points, of shocks common to all series, to a product, to none.
    memory : float
        Autocorrelation from week to week of the product and series shocks.
    dispersion : float
        Size of the negative binomial: variance = mean + mean² / size.
    market : float
        Standard deviation of the weekly step of the log market index.
    """

    week: float = 0.02
    product_week: float = 0.03
    series: float = 0.04
    memory: float = 0.4
    dispersion: float = 120.0
    market: float = 0.012


@dataclass(frozen=True)
class Truth:
    """Everything that estimates from the demo can be checked against.

    Attributes
    ----------
    uplift : dict
        By mechanic and product: log points, per unit of depth for a price cut, per week on otherwise.
        The same in every channel and type of sale.
    pull_forward : dict
        By mechanic: share of the gross extra units that later weeks lack, and how it is spread over
        them.
    lead_in_share : dict
        By mechanic: share of the gross extra units missing the week before, because customers wait.
    elasticity : dict
        Own list price elasticity by product.
    cannibalisation : dict
        By promoted product and donor: share of the gross extra units taken from the donor in the same
        channel and week. Nothing is taken where the donor is not on sale in the channel.
    halo : dict
        By promoted product and companion: extra companion units per gross extra unit.
    launch_curve : dict
        By launched product or opened channel: weekly Bass p and q; sales follow the share of adopters.
    launch_share : dict
        By launched product (or opened channel) and donor: share of its volume taken from the donor.
    delisting_share : dict
        By delisted product and successor: share of the lost volume that turns to it.
    market_elasticity : float
        Elasticity of all sales to the market index.
    market_shift : dict
        By channel: lasting step in log points, reached in even steps over twelve weeks from 2024-01-08.
    lead_share : float
        Share of new sales that answers to the funnel's strength (see `FunnelTruth`).
    actions : tuple of Action
        True effects of what marketing and sales did or will do beside promotions and prices.
    noise, funnel : Noise, FunnelTruth
        Scatter of sales; the truth of leads.
    """

    uplift: dict[str, dict[str, float]]
    pull_forward: dict[str, tuple[float, tuple[float, ...]]]
    lead_in_share: dict[str, float]
    elasticity: dict[str, float]
    cannibalisation: dict[Pair, float]
    halo: dict[Pair, float]
    launch_curve: dict[str, tuple[float, float]]
    launch_share: dict[Pair, float]
    delisting_share: dict[Pair, float]
    market_elasticity: float
    market_shift: dict[str, float]
    lead_share: float
    actions: tuple[Action, ...]
    noise: Noise
    funnel: FunnelTruth


def base_truth() -> Truth:
    """Return the truth of the committed demo."""
    return Truth(
        uplift=_UPLIFT,
        pull_forward={
            "price_cut": (0.30, (0.4, 0.3, 0.2, 0.1)),
            "feature": (0.15, (0.6, 0.4)),
            "loyalty": (0.25, (0.5, 0.3, 0.2)),
        },
        lead_in_share={"price_cut": 0.0, "feature": 0.0, "loyalty": 0.08},
        elasticity=_ELASTICITY,
        cannibalisation=_CANNIBALISATION,
        halo={("Espresso Machine", "Care Kit"): 0.12, ("Compact Machine", "Care Kit"): 0.10},
        launch_curve={
            "Decaf Blend": (0.030, 0.14),
            "Compact Machine": (0.030, 0.11),
            "Barista Blend": (0.060, 0.14),
            "Cold Brew Pack": (0.030, 0.13),
            "marketplace": (0.025, 0.12),
        },
        launch_share={
            ("Decaf Blend", "House Blend"): 0.10,
            ("Compact Machine", "Espresso Machine"): 0.30,
            ("Compact Machine", "Filter Machine"): 0.15,
            ("Barista Blend", "Single Origin"): 0.35,
            ("Cold Brew Pack", "Single Origin"): 0.15,
            ("marketplace", "web"): 0.30,
        },
        delisting_share={
            ("Filter Machine", "Compact Machine"): 0.30,
            ("Filter Machine", "Espresso Machine"): 0.15,
        },
        market_elasticity=0.6,
        market_shift={"shop": -0.09, "web": 0.05, "mobile app": 0.09, "partner": 0.0, "marketplace": 0.0},
        lead_share=0.30,
        actions=ACTIONS,
        noise=Noise(),
        funnel=FunnelTruth(),
    )


def redraw_truth(seed: int) -> Truth:
    """Draw another truth from `POPULATIONS`: the same company, other effects.

    Promotion calendar, prices and launches stay as they are; uplifts, elasticities, shares, the true
    effects of actions and the funnel's slopes change. Meant for benchmarks over many redraws.

    >>> redraw_truth(1).elasticity == redraw_truth(1).elasticity != redraw_truth(2).elasticity
    True
    """
    base, rng = base_truth(), np.random.default_rng([seed, 7])
    pull = {name: (_redraw_share(rng, share), spread) for name, (share, spread) in base.pull_forward.items()}
    return replace(
        base,
        uplift={
            name: {product: _draw(rng, f"uplift {name}") for product in products}
            for name, products in base.uplift.items()
        },
        pull_forward=pull,
        lead_in_share=_redraw_shares(rng, base.lead_in_share),
        elasticity={name: _draw(rng, f"elasticity {_category(name)}") for name in base.elasticity},
        cannibalisation=_redraw_shares(rng, base.cannibalisation),
        halo=_redraw_shares(rng, base.halo),
        launch_share=_redraw_shares(rng, base.launch_share),
        delisting_share=_redraw_shares(rng, base.delisting_share),
        market_elasticity=float(rng.normal(base.market_elasticity, 0.15)),
        actions=tuple(action.redrawn(rng) for action in base.actions),
        funnel=base.funnel.redrawn(rng),
    )


def _category(product: str) -> str:
    return "care" if product == "Care Kit" else _CATEGORY.get(product, "beans")


def _draw(rng: np.random.Generator, population: str) -> float:
    mean, spread = POPULATIONS[population]
    return float(rng.normal(mean, spread))


def _redraw_share(rng: np.random.Generator, share: float) -> float:
    if share <= 0.0:
        return 0.0
    logit = np.log(share / (1.0 - share)) + rng.normal(0.0, _LOGIT_SPREAD)
    return float(1.0 / (1.0 + np.exp(-logit)))


def _redraw_shares(rng: np.random.Generator, shares: dict[Key, float]) -> dict[Key, float]:
    return {key: _redraw_share(rng, share) for key, share in shares.items()}
