"""A small world for the tests of this folder: two channels that moved, and whatever else is asked for."""

import numpy as np

from alignment_lib.forecasting.response.curves import Curves
from alignment_lib.forecasting.response.data import ResponseData

TRUTH = Curves(
    np.array([[0.5, 0.2, 0.4]]),
    np.array([[900.0, 500.0, 600.0]]),
    np.array([[1.0, 1.0, 1.0]]),
    np.array([[400.0, 150.0, 200.0]]),
)


def make_world(weeks: int = 130, third: np.ndarray | None = None, noise: float = 12.0) -> ResponseData:
    """Leads of a base of 300 with a season, of two channels that moved and of a third, if there is one."""
    rng = np.random.default_rng(7)
    phase = np.arange(weeks) / 52.0 % 1.0
    columns = [900.0 * np.exp(rng.normal(0.0, 0.6, weeks)), 400.0 * np.exp(rng.normal(0.0, 0.6, weeks))]
    names = ("search", "social")
    if third is not None:
        columns, names = [*columns, third], (*names, "radio")
    spend = np.column_stack(columns)
    outcome = 300.0 + 40.0 * np.cos(2.0 * np.pi * phase) + rng.normal(0.0, noise, weeks)
    for at in range(spend.shape[1]):
        outcome = outcome + TRUTH.bring(spend[:, at], at, np.array([spend[:8, at].mean()]))[:, 0]
    return ResponseData(outcome[:, None], spend, names, (0,) * len(names), np.zeros((weeks, 0)), phase)


def true_return(data: ResponseData, at: int) -> float:
    """What a unit of money of the last year brings."""
    spend = data.spend[:, at]
    one = Curves(*(part[:, [at]] for part in (TRUTH.carry, TRUTH.half, TRUTH.shape, TRUTH.most)))
    without = np.append(spend[:-52], np.zeros(52))
    return float(one.caused(spend, 0, without)[0] / spend[-52:].sum())
