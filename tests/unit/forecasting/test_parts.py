"""Parts of a total: shares by backtest, sums and draws those of the total."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sales_histories import MONTH

from alignment_lib.forecasting.combining.parts import (
    OWN,
    SAME_PERIOD,
    USUAL,
    choose_shares,
    part_forecast,
    usual_shares,
    whole_history,
)
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.history import History

GROUP = np.array([0, 0])


def parts_of_sales(share: np.ndarray, seed: int = 1) -> np.ndarray:
    """Two parts of a total, the first with the share given."""
    total = np.random.default_rng(seed).lognormal(5, 0.1, len(share))
    return np.stack([total * share, total * (1 - share)])


def typed_history(values: np.ndarray) -> History:
    keys = pd.DataFrame({"product": ["Tea"] * 2, "sale_type": ["new", "repeat"]}, dtype=object)
    periods = MONTH.range(pd.Timestamp("2021-01-01"), values.shape[1])
    return History(MONTH, keys, periods, values, "units")


def total_forecast(history: History, draws: int = 40) -> tuple[Forecast, np.ndarray]:
    whole, group = whole_history(history, "sale_type")
    periods = MONTH.range(MONTH.shift(history.periods[-1], 1), 12)
    samples = np.random.default_rng(0).lognormal(5, 0.2, (draws, len(whole.keys), 12))
    baseline = samples.mean(axis=0)
    return Forecast(whole.keys, periods, baseline, samples, baseline, {"promo": baseline * 0.1}), group


def test_sums_and_draws_of_the_parts_are_those_of_the_total() -> None:
    history = typed_history(parts_of_sales(np.linspace(0.4, 0.2, 48)))
    total, group = total_forecast(history)
    parting = choose_shares(history.values, group, 6, 12, 12)
    made = part_forecast(total, history, group, parting, 6, seed=1)
    assert np.allclose(made.baseline.sum(axis=0), total.baseline[0], rtol=1e-12)
    assert np.allclose(made.samples.sum(axis=1), total.samples[:, 0], rtol=1e-12)
    assert np.allclose(made.driver_effects["promo"].sum(axis=0), total.driver_effects["promo"][0], rtol=1e-12)
    again = part_forecast(total, history, group, parting, 6, seed=1)
    assert np.array_equal(made.samples, again.samples)


def test_what_is_told_wrongly_at_first_makes_no_trend() -> None:
    share = np.concatenate([np.linspace(1.0, 0.2, 12), np.full(36, 0.2)])
    parting = choose_shares(parts_of_sales(share), GROUP, 12, 12, 12)
    assert np.allclose(parting.shares[0], 0.2, atol=1e-9)


@pytest.mark.parametrize(
    ("share", "method"),
    [
        (0.5 + 0.3 * np.sin(2 * np.pi * np.arange(84) / 12), SAME_PERIOD),
        (np.linspace(0.9, 0.1, 84), OWN),
        (0.3 + np.random.default_rng(2).normal(0, 0.03, 84), USUAL),
    ],
)
def test_shares_are_chosen_by_how_they_parted_the_past(share: np.ndarray, method: str) -> None:
    parting = choose_shares(parts_of_sales(share), GROUP, 0, 12, 12)
    assert parting.method == method
    assert np.allclose(parting.shares.sum(axis=0), 1.0)
    assert choose_shares(parts_of_sales(share), GROUP, 0, 12, 12, only_usual=True).method == USUAL


def test_a_total_without_sales_is_parted_evenly() -> None:
    assert usual_shares(np.zeros((2, 24)), GROUP, 3, 12).tolist() == [0.5, 0.5]


def test_the_whole_history_adds_up_its_parts_and_knows_what_is_not_known() -> None:
    values = parts_of_sales(np.full(24, 0.25))
    values[:, 3] = np.nan
    values[0, 5] = np.nan
    whole, group = whole_history(typed_history(values), "sale_type")
    assert group.tolist() == [0, 0]
    assert np.isnan(whole.values[0, 3])
    assert whole.values[0, 5] == values[1, 5]
    assert whole.dimensions == ["product"]
