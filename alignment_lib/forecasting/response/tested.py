"""What the model says of an experiment's weeks without having seen any: to set beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from alignment_lib.forecasting.response.curves import stock_before
from alignment_lib.forecasting.response.data import Experiment, ResponseData
from alignment_lib.forecasting.response.fitting import ResponseFit, fit_response

__all__ = ["Compared", "compare_tests", "effect_of", "widen_test"]

_DRAWS = 200


@dataclass(frozen=True)
class Compared:
    """An experiment beside the model without any, in what its money brought in its weeks.

    Attributes
    ----------
    measured, error : float
        What was measured, and its standard error.
    modelled, spread : float
        What the model says, and its standard deviation.
    total : float
        All that came in these weeks.
    """

    measured: float
    error: float
    modelled: float
    spread: float
    total: float

    @property
    def away(self) -> float:
        """Distance in standard errors of both."""
        return float(abs(self.measured - self.modelled) / np.hypot(self.error, self.spread))


def compare_tests(data: ResponseData, seed: int = 0, cache: Path | None = None) -> list[Compared]:
    """Every experiment beside the model fitted without experiments."""
    if not data.experiments:
        return []
    fit = fit_response(replace(data, experiments=()), _DRAWS, seed, cache)
    found = []
    for test in data.experiments:
        total = float(data.outcomes[test.first : test.last + 1, data.moved[test.channel]].sum())
        effect = effect_of(fit, test.channel, test.first, test.last, test.share)
        measured, error = total * test.lift / (1.0 + test.lift), total * test.error / (1.0 + test.lift) ** 2
        found.append(Compared(measured, error, float(effect.mean()), float(effect.std()), total))
    return found


def widen_test(test: Experiment, found: Compared) -> Experiment:
    """A test without a lot counts as far as it agrees with the model; one by lot is believed as it is.

    What it lies off beyond both errors is a bias of unknown sign, and counts as more variance (between-study
    variance by moments, DerSimonian and Laird 1986, Controlled Clinical Trials 7, 177).
    """
    if test.by_lot or found.total <= 0:
        return test
    off = (found.measured - found.modelled) ** 2 - found.error**2 - found.spread**2
    error = float(np.sqrt(found.error**2 + max(off, 0.0)))
    return replace(test, error=error * (1.0 + test.lift) ** 2 / found.total)


def effect_of(fit: ResponseFit, channel: int, first: int, last: int, share: float = 1.0) -> np.ndarray:
    """What a share of a channel's money of some weeks brought within them, by draw."""
    money = fit.data.spend[:, channel]
    without = money.copy()
    without[first : last + 1] *= 1.0 - share
    before = np.full(len(fit.curves.carry), stock_before(money))
    gained = fit.curves.bring(money, channel, before) - fit.curves.bring(without, channel, before)
    return np.asarray(gained[first : last + 1].sum(axis=0))
