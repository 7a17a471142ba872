"""Worlds of marketing spend whose truth is known: every figure here was fixed before the first fit.

A world has 156 weeks of spend by channel, prices and promotions, and the leads that came of them; then 13
weeks to plan. A channel's spend carries over (geometric, by week) and saturates (Hill); the base has a
trend, a season that differs from year to year a little, a price and promotions; the noise is correlated
from week to week. `python -m benchmarks.response.worlds` prints what the worlds are like.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

__all__ = [
    "BOUNDS",
    "HORIZON",
    "REPORTED",
    "STALE_DRIFT",
    "TAIL",
    "TEST_ERROR",
    "TEST_WEEKS",
    "WEEKS",
    "Truth",
    "World",
    "bring",
    "brought_by",
    "describe",
    "draw_world",
    "oracle_split",
]

WEEKS = 156
HORIZON = 13
TAIL = 13
"""Weeks after the horizon in which what was spent in it still works."""
SEED = 20261130
CHANNELS = (3, 4, 5, 6, 8)
LEADS = (150.0, 3000.0)
"""Leads of the base in a week, drawn evenly on the log scale."""
TREND = 0.06
SEASON = (0.05, 0.20)
NOISE = 0.05
"""Standard deviation of a week's noise as a share of the base."""
NOISE_MEMORY = 0.3
MEDIA_SHARE = (0.20, 0.50)
"""Share of all leads that come of spend."""
RETURN_SPREAD = 0.7
"""Spread of returns between channels on the log scale: this is how far business as usual is from the best."""
SPEND_SPREAD, SPEND_MEMORY, SPEND_CORRELATION = 0.45, 0.5, 0.3
SPEND_SEASON = 0.5
"""How far money follows the season that leads follow too."""
FLIGHTED = 0.4
"""Share of channels that run in bursts of three to eight weeks."""
S_SHAPED = 0.3
STILL = 0.25
"""Share of worlds with one channel whose money never moved by more than rounding."""
STILL_JITTER = 0.01
PRICE_ELASTICITY, PROMOTION_UPLIFT = (-1.5, -0.5), (0.05, 0.25)
BOUNDS = (0.5, 2.0)
"""A plan may take a channel to half and to double of business as usual."""
TEST_WEEKS = (8, 8)
"""An experiment holds a channel's money back for so many weeks, so many weeks before the last."""
TEST_ERROR = 1.0 / 3.0
"""Its standard error as a share of the error that the model without it states for that channel."""
STALE_DRIFT = 0.7
"""How far, on the log scale, a stale test or one of another place lies from what holds here and now."""
REPORTED = range(1000, 1200)
"""Worlds that are reported; those with smaller seeds are there to develop on."""


@dataclass(frozen=True)
class Truth:
    """Carry-over, half-saturation in money a week, shape, and most leads a week, by channel."""

    carry: np.ndarray
    half: np.ndarray
    shape: np.ndarray
    most: np.ndarray


@dataclass(frozen=True)
class World:
    """Spend (weeks, channels), leads, price and promotion (weeks), the truth, which channel stood still."""

    spend: np.ndarray
    leads: np.ndarray
    price: np.ndarray
    promotion: np.ndarray
    truth: Truth
    base: np.ndarray
    still: int

    @property
    def usual(self) -> np.ndarray:
        """Business as usual: the mean week of the last year, by channel."""
        return np.asarray(self.spend[-52:].mean(axis=0))


def bring(truth: Truth, spend: np.ndarray) -> np.ndarray:
    """Leads that spend brings, (weeks, channels), from a start at which nothing was carried over."""
    stock, brought = np.zeros(spend.shape[1]), np.zeros(spend.shape)
    for week, money in enumerate(spend):
        stock = truth.carry * stock + (1.0 - truth.carry) * money
        power = (stock / truth.half) ** truth.shape
        brought[week] = truth.most * power / (1.0 + power)
    return brought


def draw_world(seed: int) -> World:
    """One world; equal seeds give equal worlds."""
    rng = np.random.default_rng([SEED, seed])
    count = int(rng.choice(CHANNELS))
    weeks = np.arange(WEEKS)
    level = np.exp(rng.uniform(*np.log(LEADS)))
    season = _season(rng, weeks)
    price, promotion = _price(rng), (rng.random(WEEKS) < 0.12).astype(float) * rng.uniform(0.5, 1.0, WEEKS)
    base = level * np.exp(rng.normal(0.0, TREND) * weeks / 52.0) * (1.0 + season)
    base *= price ** rng.uniform(*PRICE_ELASTICITY) * (1.0 + rng.uniform(*PROMOTION_UPLIFT) * promotion)
    still = int(rng.integers(count)) if rng.random() < STILL else -1
    spend = _spend(rng, season, count, still)
    truth = _truth(rng, spend, float(base.mean()))
    noise = _memory(rng.normal(size=WEEKS), NOISE_MEMORY) * NOISE * base
    leads = np.maximum(base + bring(truth, spend).sum(axis=1) + noise, 0.0)
    return World(spend, np.round(leads), price, promotion, truth, base, still)


def oracle_split(world: World, budget: float) -> tuple[np.ndarray, float]:
    """Money a week by channel that brings most leads within a budget, the truth known; and the leads."""
    usual, grid = world.usual, 60
    levels = np.linspace(BOUNDS[0], BOUNDS[1], grid)
    gains = np.column_stack([brought_by(world, usual * level) for level in levels])
    return _best(usual, levels, gains, budget)


def brought_by(world: World, weekly: np.ndarray) -> np.ndarray:
    """Leads by channel in the horizon and its tail, with even spend in it and the past carried over."""
    ahead = np.vstack([world.spend, np.tile(weekly, (HORIZON, 1)), np.zeros((TAIL, len(weekly)))])
    return np.asarray(bring(world.truth, ahead)[WEEKS:].sum(axis=0))


def _best(
    usual: np.ndarray, levels: np.ndarray, gains: np.ndarray, budget: float
) -> tuple[np.ndarray, float]:
    """Exact on a grid: channels are added one after the other, each budget's best kept."""
    steps = 400
    unit = budget / steps
    best, choice = np.zeros(steps + 1), []
    for number, gain in enumerate(gains):
        money = np.round(usual[number] * levels / unit).astype(int)
        table = np.full((len(levels), steps + 1), -np.inf)
        for row, cost in enumerate(money):
            if cost <= steps:
                table[row, cost:] = best[: steps + 1 - cost] + gain[row]
        choice.append((table.argmax(axis=0), money))
        best = table.max(axis=0)
    left, split = int(best.argmax()), np.zeros(len(usual))
    for number in range(len(usual) - 1, -1, -1):
        rows, money = choice[number]
        split[number] = usual[number] * levels[rows[left]]
        left -= int(money[rows[left]])
    return split, float(best.max())


def _season(rng: np.random.Generator, weeks: np.ndarray) -> np.ndarray:
    angle = 2.0 * np.pi * weeks / 52.18
    waves = sum(
        rng.normal(0.0, 1.0 / order) * np.cos(order * angle + rng.uniform(0.0, 2.0 * np.pi))
        for order in (1, 2, 3)
    )
    yearly = 1.0 + 0.1 * np.repeat(rng.normal(size=4), 52)[: len(weeks)]
    return np.asarray(rng.uniform(*SEASON) * np.asarray(waves) / np.std(waves) * yearly)


def _price(rng: np.random.Generator) -> np.ndarray:
    steps = np.where(rng.random(WEEKS) < 0.06, rng.normal(0.0, 0.05, WEEKS), 0.0)
    return np.asarray(np.exp(np.clip(np.cumsum(steps), -0.2, 0.2)))


def _memory(shocks: np.ndarray, share: float) -> np.ndarray:
    kept = np.zeros_like(shocks)
    kept[0] = shocks[0]
    for week in range(1, len(shocks)):
        kept[week] = share * kept[week - 1] + np.sqrt(1.0 - share**2) * shocks[week]
    return kept


def _spend(rng: np.random.Generator, season: np.ndarray, count: int, still: int) -> np.ndarray:
    shared = _memory(rng.normal(size=WEEKS), SPEND_MEMORY)
    columns = []
    for number in range(count):
        own = _memory(rng.normal(size=WEEKS), SPEND_MEMORY)
        moved = np.sqrt(SPEND_CORRELATION) * shared + np.sqrt(1.0 - SPEND_CORRELATION) * own
        logs = SPEND_SPREAD * moved + SPEND_SEASON * season / season.std() * SPEND_SPREAD
        if rng.random() < FLIGHTED:
            logs = logs + np.where(_bursts(rng), 0.5, -2.5)
        mean = np.exp(rng.normal(np.log(5000.0), 0.6))
        if number == still:
            logs = STILL_JITTER * rng.normal(size=WEEKS)
        columns.append(np.round(mean * np.exp(logs) / np.exp(logs).mean(), 2))
    return np.column_stack(columns)


def _bursts(rng: np.random.Generator) -> np.ndarray:
    on: list[bool] = []
    while len(on) < WEEKS:
        on += [True] * int(rng.integers(3, 9)) + [False] * int(rng.integers(3, 9))
    return np.array(on[:WEEKS])


def _truth(rng: np.random.Generator, spend: np.ndarray, base: float) -> Truth:
    count, mean = spend.shape[1], np.asarray(spend.mean(axis=0))
    carry = np.asarray(rng.beta(2.0, 3.0, count))
    half = np.asarray(mean) * np.exp(rng.normal(0.3, 0.5, count))
    shape = np.where(rng.random(count) < S_SHAPED, rng.uniform(1.5, 3.0, count), 1.0)
    share = float(rng.uniform(*MEDIA_SHARE))
    wanted = mean * np.exp(rng.normal(0.0, RETURN_SPREAD, count))
    wanted *= share / (1.0 - share) * base / wanted.sum()
    one = Truth(carry, half, shape, np.ones(count))
    return Truth(carry, half, shape, np.asarray(wanted / bring(one, spend).mean(axis=0)))


def describe(seeds: range) -> str:
    """What worlds are like, and what an oracle would gain in them."""
    gains, shares = [], []
    for seed in seeds:
        world = draw_world(seed)
        usual = brought_by(world, world.usual).sum()
        gains.append(oracle_split(world, float(world.usual.sum()))[1] / usual - 1.0)
        shares.append(1.0 - world.base.sum() / world.leads.sum())
    low, middle, high = np.quantile(gains, [0.1, 0.5, 0.9])
    return (
        f"{len(gains)} worlds: {min(CHANNELS)} to {max(CHANNELS)} channels, {WEEKS} weeks, noise {NOISE:.0%}"
        f" of the base (memory {NOISE_MEMORY}), correlation of channels {SPEND_CORRELATION}, season"
        f" {SEASON[0]:.0%} to {SEASON[1]:.0%}, {S_SHAPED:.0%} S-shaped, {STILL:.0%} of worlds with a channel"
        f" that never moved.\nLeads that come of spend: {np.median(shares):.0%} (median). A split with the"
        f" truth known, each channel between {BOUNDS[0]:.0%} and {BOUNDS[1]:.0%} of business as usual, brings"
        f" {middle:.1%} more of them for the same money (80 % of worlds: {low:.1%} to {high:.1%}).\n"
    )


if __name__ == "__main__":
    sys.stdout.write(describe(range(int(sys.argv[1]) if len(sys.argv) > 1 else 20)))
