"""Choosing by backtest which level without drivers stands beside the model's own, and at what weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.effects.backtest_scores import Row, mix, score_origins, table_rows, to_units
from alignment_lib.forecasting.effects.model import Design, EffectsModel, nothing_sold, predict_logs
from alignment_lib.forecasting.effects.standing import (
    DRIVERLESS,
    LAST_YEAR,
    SOURCES,
    Source,
    Standing,
    level_beside,
    stand_on,
)
from alignment_lib.inputs.configuration.calendar_settings import Holidays

__all__ = ["Trial", "choose_standing"]

_CLEARLY = 0.015
_SHARES = (0.25, 0.5, 0.75, 1.0)
_HOPELESS = 1.25
"""Last year's loss over the model's from which no combination without drivers makes it up: in large
competitions the best lay some 20 % below seasonal naive (Makridakis, Spiliotis & Assimakopoulos 2020)."""


@dataclass(frozen=True)
class Trial:
    """What the backtest stands on: designs cut at each origin, and what was sold after."""

    designs: list[Design]
    actuals: list[np.ndarray]
    decides: np.ndarray
    holidays: Holidays
    jobs: int


def choose_standing(
    trial: Trial,
    models: list[EffectsModel],
    mixture: Mapping[str, float],
    plans: list[np.ndarray],
    naive: list[np.ndarray],
) -> tuple[Standing, list[np.ndarray], list[Row]]:
    """Which level without drivers stands beside the model's own, and its weight.

    A change must gain `_CLEARLY`, unless the model as it stands loses to seasonal naive. Models without
    drivers are not worked out where last year's period is hopeless.
    """
    decides = np.flatnonzero(trial.decides)
    actuals = [trial.actuals[place] for place in decides]
    own = [plans[place] for place in decides]
    base = score_origins(actuals, [to_units(plan) for plan in own])
    if not len(decides):
        return Standing(), plans, []
    owns = _owns(trial, models, mixture, own, decides)
    tried: dict[Standing, list[np.ndarray]] = {}
    naive_loss: dict[bool, float] = {}
    for source in SOURCES:
        if source.method == DRIVERLESS and naive_loss[source.cleaned] > _HOPELESS:
            continue
        made = _stood(trial, source, models, own, owns[source.cleaned], decides)
        tried |= {Standing(source, share): plans for share, plans in made.items()}
        if source.method == LAST_YEAR:
            whole = score_origins(actuals, [to_units(plan) for plan in made[1.0]])
            naive_loss[source.cleaned] = _loss(whole, base)
    scores = {Standing(): base} | {
        its: score_origins(actuals, [to_units(plan) for plan in its_plans])
        for its, its_plans in tried.items()
    }
    yardstick = score_origins(actuals, [naive[place] for place in decides])
    best = _best_standing(scores, yardstick)
    if best.share:
        plans = list(plans)
        for step, place in enumerate(decides):
            plans[place] = tried[best][step]
    return best, plans, _standing_rows(scores, best)


def _owns(
    trial: Trial,
    models: list[EffectsModel],
    mixture: Mapping[str, float],
    own: list[np.ndarray],
    decides: np.ndarray,
) -> dict[bool, list[np.ndarray]]:
    """What a source is set beside: the model at reference drivers if it is cleaned, else as planned."""
    without = []
    for place in decides:
        design = trial.designs[place]
        members = predict_logs(models[place], design, design.panel.kinds)
        without.append(mix(members, mixture))
    return {True: without, False: own}


def _stood(
    trial: Trial,
    source: Source,
    models: list[EffectsModel],
    own: list[np.ndarray],
    beside: list[np.ndarray],
    decides: np.ndarray,
) -> dict[float, list[np.ndarray]]:
    """log(plan + 1) with a source at each share, at each origin that decides."""
    made: dict[float, list[np.ndarray]] = {share: [] for share in _SHARES}
    for step, place in enumerate(decides):
        design = trial.designs[place]
        fit = models[place].explained
        level = level_beside(source, design, fit, trial.holidays, trial.jobs, is_trial=True)
        closed = nothing_sold(design.panel, ())
        for share in _SHARES:
            moved = own[step] + stand_on(beside[step], level, share, design, closed)
            made[share].append(np.where(closed, 0.0, moved))
    return made


def _standing_rows(scores: dict[Standing, np.ndarray], best: Standing) -> list[Row]:
    """The model's own level and each source at the share that suits it best."""
    shown: dict[Source | None, Standing] = {None: Standing()}
    for its in sorted(scores, key=lambda its: -_loss(scores[its], scores[Standing()])):
        shown[its.source] = its
    shown[best.source] = best
    said = {str(its): scores[its] for its in shown.values()}
    return table_rows("level beside", said, str(best), np.ones(len(scores[best]), dtype=bool))


def _best_standing(scores: dict[Standing, np.ndarray], yardstick: np.ndarray) -> Standing:
    """The model's own level unless another is better; any better one where the model loses to naive.

    Totals over three origins are three numbers. Last year's period, which the models without drivers weigh
    themselves on more, is taken before them, or before the model, only where it is better by series and in
    total.
    """
    own = scores[Standing()]
    loss = {its: _loss(score, own) for its, score in scores.items()}
    order = sorted(loss, key=lambda its: (loss[its], its.share))
    loses = _is_better(yardstick, own)
    least = 1.0 if loses else 1 - _CLEARLY
    # A level that lost to naive has no part in the plan.
    order = [its for its in order if not loses or its.share in (0.0, 1.0)]
    models = [its for its in order if its.source is None or its.source.method == DRIVERLESS]
    best = models[0] if loss[models[0]] < least else Standing()
    for its in order:
        if its not in models and loss[its] < least and _is_better(scores[its], scores[best]):
            return its
    return best


def _is_better(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether one is better than another by series and in total, means over the origins."""
    return bool((one.mean(axis=0) < other.mean(axis=0)).all())


def _loss(scores: np.ndarray, base: np.ndarray) -> float:
    """Mean over series and total WAPE of what each is of the base's, over the origins."""
    return float((scores.mean(axis=0) / np.maximum(base.mean(axis=0), 1e-9)).mean())
