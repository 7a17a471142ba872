"""A verdict before any number: what may be believed, what wants a second look, and what is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from alignment_lib.forecasting.response.backtest import Backtest, backtest_response
from alignment_lib.forecasting.response.data import ResponseData
from alignment_lib.forecasting.response.fitting import ResponseFit, fit_response
from alignment_lib.forecasting.response.movement import Movement, measure_movement
from alignment_lib.forecasting.response.tested import Compared, compare_tests, widen_test
from alignment_lib.inputs.problems import counted
from alignment_lib.inputs.written_numbers import Said

__all__ = ["LEAST_YEARS", "Check", "Health", "Response", "measure_response"]

Verdict = Literal["pass", "review", "fail"]
_ORDER: tuple[Verdict, ...] = ("pass", "review", "fail")

LEAST_YEARS = 1.5
"""Fewer cannot tell a season from a response."""
_FEW_YEARS = 2.0
_STILL = 0.05
"""Money that moved by itself by less than this share of its mean counts as never moved."""
_TOGETHER = (0.8, 0.9)
"""Shared movement from which it is looked at twice, and from which two channels cannot be told apart."""
_WIDE = 8.0
"""Upper over lower end of the 80 % range of a return from which the range is called wide."""
_DOUBT = (-1.0, -3.0)
"""Backtest against no spend at all, in standard errors: looked at twice, and failed."""
_DISAGREES = (2.0, 4.0)
"""Distance of model and experiment in standard errors of both."""
_FITS = 0.3
_MOST_SHARE = 0.9


@dataclass(frozen=True)
class Check:
    """One thing looked at.

    Attributes
    ----------
    about : str
        identification, fit, backtest, plausibility or experiments.
    channel : str
        Blank where it concerns the whole model.
    verdict : {"pass", "review", "fail"}
    sentence : str
        What was found, and what would mend it.
    bare : str
        The same without figures, said where the verdict is fail; blank where there are none to leave out.
    """

    about: str
    channel: str
    verdict: Verdict
    sentence: str
    bare: str = ""


@dataclass(frozen=True)
class Health:
    """All checks of a response."""

    checks: tuple[Check, ...]

    def of(self, channel: str = "") -> Verdict:
        """The worst verdict on a channel, or on the model as a whole where none is named."""
        mine = [check.verdict for check in self.checks if check.channel in ("", channel)]
        return max(mine, key=_ORDER.index, default="pass")


@dataclass(frozen=True)
class Response:
    """A response with its verdict.

    Attributes
    ----------
    data : ResponseData
    fit : ResponseFit or None
        None where there is nothing to fit.
    backtest : Backtest or None
    health : Health
    """

    data: ResponseData
    fit: ResponseFit | None
    backtest: Backtest | None
    health: Health

    def is_known(self, channel: str) -> bool:
        """Whether numbers of a channel may be shown."""
        return self.fit is not None and self.health.of(channel) != "fail"


def measure_response(
    data: ResponseData, draws: int = 500, seed: int = 0, cache: Path | None = None
) -> Response:
    """Fit the response of an outcome to spend and judge it.

    A channel that experiments speak of is not refused for never having moved: what it brings is then known
    from them alone, and looked at twice.
    """
    early = _too_little(data)
    if early is not None:
        return Response(data, None, None, Health((early,)))
    moves = measure_movement(data.spend, data.phase)
    checks = [_identify(data, at, move) for at, move in enumerate(moves)]
    if not any(check.verdict != "fail" for check in checks):
        return Response(data, None, None, _without_figures(checks))
    compared = compare_tests(data, seed, cache)
    tests = tuple(widen_test(*pair) for pair in zip(data.experiments, compared, strict=True))
    fit = fit_response(replace(data, experiments=tests), draws, seed, cache)
    found = backtest_response(data, seed, cache)
    checks += [_judge_weeks(data), _judge_fit(fit), _judge_backtest(found, _word(data)), _judge_base(fit)]
    checks += [
        _judge_range(fit, at)
        for at, check in enumerate(list(checks[: len(moves)]))
        if check.verdict != "fail"
    ]
    checks += _judge_tests(data, compared)
    return Response(data, fit, found, _without_figures(checks))


def _without_figures(checks: list[Check]) -> Health:
    """The checks; of a channel, or a model, that fails no sentence says a figure of what it brings."""
    judged = Health(tuple(checks))
    failed = [judged.of(check.channel) == "fail" and bool(check.bare) for check in checks]
    said = [
        replace(one, sentence=one.bare) if bare else one for one, bare in zip(checks, failed, strict=True)
    ]
    return Health(tuple(said))


def _too_little(data: ResponseData) -> Check | None:
    weeks = data.weeks
    least = int(np.ceil(LEAST_YEARS * data.year))
    if weeks < least:
        text = (
            f"{counted(weeks, _word(data))} of spend and outcome together are known; {least} are needed to"
            " tell a response from a season."
        )
        return Check("identification", "", "fail", text)
    if not data.spend.sum() > 0:
        return Check(
            "identification", "", "fail", "No money was spent in these weeks: there is nothing to learn from."
        )
    if not data.total.sum() > 0:
        text = (
            "Money was spent and nothing ever came of it in these weeks: look whether both speak of the same."
        )
        return Check("identification", "", "fail", text)
    return None


def _identify(data: ResponseData, at: int, move: Movement) -> Check:
    name = data.channels[at]
    verdict, text = _say_movement(data, name, move)
    tested = any(test.channel == at for test in data.experiments)
    if verdict == "fail" and tested:
        verdict, text = "review", f"{text} What it brings is known from experiments alone."
    return Check(
        "identification", name, verdict, text, "" if verdict == "fail" else f"The money of {name} moved."
    )


def _judge_fit(fit: ResponseFit) -> Check:
    left = fit.data.total - fit.fitted
    share = 1.0 - float(left.var()) / max(float(fit.data.total.var()), 1e-300)
    verdict: Verdict = "review" if share < _FITS else "pass"
    text = f"Base and spend explain {Said(max(share, 0.0)):.0%} of the outcome's movement."
    bare = f"Base and spend explain {'little' if share < _FITS else 'much'} of the outcome's movement."
    return Check("fit", "", verdict, text, bare)


def _say_movement(data: ResponseData, name: str, move: Movement) -> tuple[Verdict, str]:
    if not move.weeks:
        return "fail", f"No money went to {name} in these weeks: history cannot tell what it would bring."
    if move.own < _STILL and move.spread < 2.0 * _STILL:
        return "fail", (
            f"History cannot tell what {name} brings: its money hardly moved, "
            f"so nothing followed that could be seen. {_mend(name)}"
        )
    if move.own < _STILL:
        return "fail", (
            f"History cannot tell what {name} brings: its money moved with the season alone, "
            f"and so did the outcome. {_mend(name)}"
        )
    if move.like >= 0 and move.shared >= _TOGETHER[0]:
        other = data.channels[move.like]
        both = f"{name} and {other} moved together"
        if move.shared >= _TOGETHER[1]:
            return "fail", f"{both}: history cannot tell their effects apart. {_mend(name)}"
        shared = f"({Said(move.shared):.0%} of its movement is shared)"
        return "review", f"{both} {shared}: which of them brought what is uncertain."
    return "pass", f"The money of {name} moved by {Said(move.own):.0%} of its mean by itself."


def _word(data: ResponseData) -> str:
    return "month" if data.year == 12 else "week"


def _mend(name: str) -> str:
    return f"Move it by a third for six weeks, in some regions first, or hold {name} back in a test."


def _judge_weeks(data: ResponseData) -> Check:
    weeks = data.weeks
    verdict: Verdict = "review" if weeks < _FEW_YEARS * data.year else "pass"
    more = ": fewer than two years, season and response are hard to tell apart" if verdict == "review" else ""
    return Check("identification", "", verdict, f"{counted(weeks, _word(data))} known{more}.")


def _judge_backtest(found: Backtest, word: str) -> Check:
    gain, doubt = found.gain, found.doubt
    verdict = _at(doubt < _DOUBT[0] and gain < -0.05, doubt < _DOUBT[1] and gain < -0.10)
    words = "smaller" if gain >= 0 else "larger"
    ago = f"{', '.join(map(str, found.ago[:-1]))} and {found.ago[-1]} {word}s ago"
    text = (
        f"As of {ago} the model with spend would have foreseen what came with errors"
        f" {Said(abs(gain)):.0%} {words} than a model without."
    )
    bare = f"As of {ago} the model with spend would have had {words} errors than a model without."
    return Check("backtest", "", verdict, text, bare)


def _judge_base(fit: ResponseFit) -> Check:
    share = float(fit.brought.sum() / max(float(fit.data.total.sum()), 1e-300))
    verdict = _at(share > 0.7, share > _MOST_SHARE or float((fit.base.sum(axis=1) < 0).mean()) > 0.1)
    text = f"Spend is found to have brought {Said(share):.0%} of the outcome."
    bare = (
        "Spend is found to have brought more of the outcome than can be believed, or the rest less than none."
    )
    return Check(
        "plausibility", "", verdict, text, bare if verdict == "fail" else "Spend brought a likely part."
    )


def _judge_range(fit: ResponseFit, at: int) -> Check:
    name = fit.data.channels[at]
    low, high = np.quantile(fit.returns(at), [0.1, 0.9])
    if not np.isfinite(high):
        return Check(
            "plausibility",
            name,
            "review",
            f"No money went to {name} in the last year: what it brings is old.",
        )
    if high > _WIDE * max(low, 1e-300):
        return Check("fit", name, "review", f"What {name} brings is known within wide bounds only.")
    return Check(
        "fit",
        name,
        "pass",
        f"What {name} brings is known within a factor of {Said(high / low):.1f}.",
        f"By itself what {name} brings is known narrowly.",
    )


def _judge_tests(data: ResponseData, compared: Sequence[Compared]) -> list[Check]:
    """Every experiment beside what the model says without any."""
    checks = []
    for test, found in zip(data.experiments, compared, strict=True):
        name = data.channels[test.channel]
        verdict = _at(found.away > _DISAGREES[0], test.by_lot and found.away > _DISAGREES[1])
        words = (
            f"{test.name} measured {Said(test.lift):+.1%} for {name}; without it the model says"
            f" {_say_modelled(found)}"
        )
        tail = ": they agree."
        if verdict != "pass" and test.by_lot:
            tail = ": they disagree, and one of them is wrong."
        elif verdict != "pass":
            tail = ": they disagree, and the test was not by lot: it counts the less."
        bare = f"{test.name} and the model without it speak of what {name} brings{tail}"
        checks.append(Check("experiments", name, verdict, words + tail, bare))
    return checks


def _say_modelled(found: Compared) -> str:
    """The modelled effect as a lift over the rest of what came, with its standard deviation."""
    rest = found.total - found.modelled
    if rest <= _STILL * found.total:
        return "that nearly all came of it"
    return f"{Said(found.modelled / rest):+.1%} (± {Said(found.spread * found.total / rest**2):.1%})"


def _at(review: bool, fail: bool) -> Verdict:
    return "fail" if fail else "review" if review else "pass"
