"""What the model says of an experiment's weeks without having seen any: to set beside what was measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from alignment_lib.forecasting.response.curves import stock_before
from alignment_lib.forecasting.response.data import ResponseData
from alignment_lib.forecasting.response.fitting import ResponseFit, fit_response

__all__ = ["lift_of", "modelled_lift"]

_DRAWS = 200


def modelled_lift(data: ResponseData, seed: int = 0) -> list[tuple[float, float]]:
    """Mean and standard deviation of each experiment's lift, by the model fitted without experiments."""
    fit = fit_response(replace(data, experiments=()), _DRAWS, seed)
    found = [lift_of(fit, test.channel, test.first, test.last, test.share) for test in data.experiments]
    return [(float(lift.mean()), float(lift.std())) for lift in found]


def lift_of(fit: ResponseFit, channel: int, first: int, last: int, share: float = 1.0) -> np.ndarray:
    """What a share of a channel's money of some weeks added within them, over the rest, by draw."""
    money = fit.data.spend[:, channel]
    without = money.copy()
    without[first : last + 1] *= 1.0 - share
    before = np.full(len(fit.curves.carry), stock_before(money))
    inside = slice(first, last + 1)
    gained = fit.curves.bring(money, channel, before) - fit.curves.bring(without, channel, before)
    effect = gained[inside].sum(axis=0)
    total = float(fit.data.outcomes[inside, fit.data.moved[channel]].sum())
    return np.asarray(effect / np.maximum(total - effect, 1e-9 * max(total, 1.0)))
