"""Which level stands beside the model's own."""

from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.forecasting.effects.standing import DRIVERLESS, LAST_YEAR, Source, Standing
from alignment_lib.forecasting.effects.standing_choice import _best_standing

OWN = Standing()
NAIVE = Standing(Source(LAST_YEAR, False), 1.0)
PLAIN = Standing(Source(DRIVERLESS, False), 1.0)


@pytest.mark.parametrize(
    ("own", "plain", "naive", "chosen"),
    [
        ((0.10, 0.05), (0.099, 0.0499), (0.20, 0.10), OWN),
        ((0.10, 0.05), (0.09, 0.045), (0.20, 0.10), PLAIN),
        ((0.143, 0.071), (0.100, 0.050), (0.122, 0.035), PLAIN),
        ((0.143, 0.071), (0.130, 0.050), (0.122, 0.035), NAIVE),
        ((0.1001, 0.0501), (0.1005, 0.0505), (0.1000, 0.0500), NAIVE),
        ((0.100, 0.050), (0.102, 0.052), (0.110, 0.030), OWN),
    ],
    ids=["no gain", "plain methods", "naive on totals alone", "naive", "loses by a little", "model holds"],
)
def test_the_choice_worked_by_hand(
    own: tuple[float, float], plain: tuple[float, float], naive: tuple[float, float], chosen: Standing
) -> None:
    scores = {OWN: np.array([own]), PLAIN: np.array([plain]), NAIVE: np.array([naive])}
    assert _best_standing(scores, np.array([naive])) == chosen
