"""Response to spend on worlds with a known truth: ``python -m benchmarks.response [worlds [first]]``.

What a solved split gains of what an oracle would gain, how often the 80 % range of a channel's return holds
the truth, how often a channel is refused, what an experiment does to a return's error, and how long it takes.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.forecasting.response.data import Experiment, ResponseData
from alignment_lib.forecasting.response.fitting import ResponseFit, fit_response
from alignment_lib.forecasting.response.health import Response, measure_response
from alignment_lib.forecasting.response.tested import effect_of
from alignment_lib.planning.budget.channel_tests import read_channel_tests
from alignment_lib.planning.budget.spending import lay_out_channels
from alignment_lib.planning.budget.splitting import find_frontier
from benchmarks.response import worlds
from benchmarks.response.worlds import World

TESTED = 4
"""Every so manyth world has an experiment."""
TIMED = 10
PERIODS = pd.date_range("2022-01-03", periods=worlds.WEEKS, freq="7D")


@dataclass
class Found:
    """What the worlds showed so far."""

    shares: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    refused_still: list[bool] = field(default_factory=list)
    refused_moved: list[bool] = field(default_factory=list)
    errors: list[tuple[float, float, float, float]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    wide_seconds: list[float] = field(default_factory=list)


def data_of(world: World) -> ResponseData:
    """What a workspace would know of a world."""
    names = tuple(f"channel {number}" for number in range(world.spend.shape[1]))
    causes = np.column_stack([np.log(world.price), world.promotion])
    phase = (np.arange(worlds.WEEKS) / 52.18) % 1.0
    return ResponseData(world.leads[:, None], world.spend, names, (0,) * len(names), causes, phase)


def true_return(world: World, channel: int) -> float:
    """What a unit of the last year's money of a channel brings in truth, until it has faded."""
    without, tail = world.spend.copy(), np.zeros((26, world.spend.shape[1]))
    without[-52:, channel] = 0.0
    spent = [
        worlds.bring(world.truth, np.vstack([one, tail]))[:, channel].sum() for one in (world.spend, without)
    ]
    return float((spent[0] - spent[1]) / world.spend[-52:, channel].sum())


def gain_share(world: World, response: Response) -> float:
    """Share of the oracle's gain over business as usual that the solved split has."""
    usual, names = world.usual, response.data.channels
    low, high = (worlds.HORIZON * bound for bound in worlds.BOUNDS)
    bounds = {name: (low * money, high * money) for name, money in zip(names, usual, strict=True)}
    known = [response.is_known(name) for name in names]
    before = worlds.brought_by(world, usual).sum()
    best = worlds.oracle_split(world, float(usual.sum()))[1]
    if response.fit is None or not any(known):
        return 0.0
    even = np.tile(usual, (worlds.HORIZON, 1))
    channels = lay_out_channels(response.fit.curves, names, world.spend, even, bounds, known)
    split = find_frontier(channels).at(float(worlds.HORIZON * usual.sum()))
    return float((worlds.brought_by(world, split.money / worlds.HORIZON).sum() - before) / (best - before))


def experiment_errors(world: World, fit: ResponseFit, seed: int) -> tuple[float, float, float, float]:
    """Relative error of a channel's return: without a test, with a good one, a stale one, one elsewhere."""
    rng = np.random.default_rng([worlds.SEED, 2, seed])
    channel = int(rng.choice([at for at in range(world.spend.shape[1]) if at != world.still]))
    length, ago = worlds.TEST_WEEKS
    last = worlds.WEEKS - 1 - ago
    first = last - length + 1
    brought = worlds.bring(world.truth, world.spend)[:, channel]
    held = world.spend.copy()
    held[first : last + 1, channel] = 0.0
    effect = float((brought - worlds.bring(world.truth, held)[:, channel])[first : last + 1].sum())
    came = float(world.leads[first : last + 1].sum())
    truth = effect / (came - effect)
    error = (
        float(effect_of(fit, channel, first, last).std()) * worlds.TEST_ERROR * came / (came - effect) ** 2
    )
    good = rng.normal(truth, error)
    wrong = rng.normal(truth * np.exp(rng.normal(0.0, worlds.STALE_DRIFT)), error)
    data = fit.data
    old = PERIODS[0] - pd.Timedelta(weeks=52)
    rows = [
        {"start": PERIODS[first], "end": PERIODS[last] + pd.Timedelta(days=6), "lift": good, "region": ""},
        {"start": old, "end": old + pd.Timedelta(weeks=length), "lift": wrong, "region": ""},
        {"start": PERIODS[first], "end": PERIODS[last], "lift": wrong, "region": "north"},
    ]
    errors = [_error(fit, world, channel)]
    for row in rows:
        words = {"experiment": "T1", "design": "geo", "source": data.channels[channel]}
        table = pd.DataFrame(
            [words | row | {"lift": 100.0 * float(row["lift"]), "standard_error": 100.0 * error}]
        )
        tests, _ = read_channel_tests(table, PERIODS, data.spend, data.channels, ("region",))
        again = fit if not tests else fit_response(_with(data, tests), 500)
        errors.append(_error(again, world, channel))
    return errors[0], errors[1], errors[2], errors[3]


def _with(data: ResponseData, tests: tuple[Experiment, ...]) -> ResponseData:
    return ResponseData(data.outcomes, data.spend, data.channels, data.moved, data.causes, data.phase, tests)


def _error(fit: ResponseFit, world: World, channel: int) -> float:
    truth = true_return(world, channel)
    return abs(float(np.median(fit.returns(channel))) - truth) / truth


def look(seed: int, found: Found) -> None:
    """One world."""
    world = worlds.draw_world(seed)
    data = data_of(world)
    if seed % TIMED == 0:
        begun = time.process_time()
        fit_response(data, 500)
        taken = time.process_time() - begun
        found.seconds.append(taken)
        if world.spend.shape[1] == max(worlds.CHANNELS):
            found.wide_seconds.append(taken)
    response = measure_response(data, 500)
    for at, name in enumerate(data.channels):
        refused = not response.is_known(name)
        (found.refused_still if at == world.still else found.refused_moved).append(refused)
        if not refused and response.fit is not None:
            low, high = np.quantile(response.fit.returns(at), [0.1, 0.9])
            found.covered.append(bool(low <= true_return(world, at) <= high))
    found.shares.append(gain_share(world, response))
    if seed % TESTED == 0 and response.fit is not None:
        found.errors.append(experiment_errors(world, response.fit, seed))


def main(count: int, first: int) -> None:
    """Look at worlds and print what they show."""
    found = Found()
    for seed in range(first, first + count):
        look(seed, found)
    kind = "reported" if first in worlds.REPORTED else "development"
    print(worlds.describe(range(first, first + count)).strip())
    print(f"Worlds {first} to {first + count - 1} ({kind}):")
    print("\n".join(f"  {line}" for line in describe(found)))


def describe(found: Found) -> list[str]:
    """What the worlds showed, line by line."""
    shares, errors = np.array(found.shares), np.array(found.errors).reshape(-1, 4)
    lines = [
        f"share of the oracle's gain: median {np.median(shares):.0%}, lower tenth"
        f" {np.quantile(shares, 0.1):.0%}; better than business as usual: {np.mean(shares > 0):.1%}",
        f"80 % range of a return holds the truth: {_mean(found.covered)} of {len(found.covered)}",
        f"never moved, refused: {_mean(found.refused_still)} of {len(found.refused_still)};"
        f" moved, refused: {_mean(found.refused_moved)} of {len(found.refused_moved)}",
    ]
    if len(errors):
        words = (
            "without a test",
            "with one of a third of its error",
            "with a stale one",
            "with one elsewhere",
        )
        middle, mean = np.median(errors, axis=0), np.sqrt((errors**2).mean(axis=0))
        said = ", ".join(
            f"{word} {one:.1%} ({other:.1%})" for word, one, other in zip(words, middle, mean, strict=True)
        )
        lines += _say_tests(errors)
        lines.append(f"relative error of a return in {len(errors)} worlds, median (root mean square): {said}")
    lines.append(
        f"one fit with 500 draws, processor seconds: median {np.median(found.seconds):.1f};"
        f" eight channels {np.median(found.wide_seconds or [np.nan]):.1f}"
    )
    return lines


def _say_tests(errors: np.ndarray) -> list[str]:
    """Whether a good test halves the error, and whether one that does not count makes it no worse."""
    squares = np.sqrt((errors**2).mean(axis=0))
    middles = np.median(errors, axis=0)
    good = f"median × {middles[1] / middles[0]:.2f}, root mean square × {squares[1] / squares[0]:.2f}"
    lines = [f"a test with a third of the model's error: {good} (reach: at most 0.50)"]
    for at, word in ((2, "a stale test"), (3, "a test elsewhere")):
        worse = int((errors[:, at] > errors[:, 0] + 1e-12).sum())
        lines.append(
            f"{word}: the error is larger than without in {worse} of {len(errors)} worlds (reach: 0)"
        )
    return lines


def _mean(flags: list[bool]) -> str:
    return f"{np.mean(flags):.1%}" if flags else "none"


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    main(given[0] if given else len(worlds.REPORTED), given[1] if len(given) > 1 else worlds.REPORTED[0])
