"""Profit's variance: exact, the same in any order, nothing for what did not change."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.review.profit_variance import PROFIT_BARS, share_of_three, split_profit


def side(seed: int, missing: tuple[int, ...] = ()) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    keys = [(product, channel) for product in "ABC" for channel in ("shop", "web")]
    units = random.integers(-5, 400, len(keys)).astype(float)
    frame = pd.DataFrame(keys, columns=["product", "channel"]).assign(
        units=units,
        revenue=units * random.uniform(2, 9, len(keys)),
        cost=units * random.uniform(1, 6, len(keys)),
        funding=random.uniform(0, 50, len(keys)),
    )
    return frame.drop(index=list(missing)).reset_index(drop=True)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("product", ["product", None])
def test_the_parts_sum_to_the_difference(seed: int, product: str | None) -> None:
    before, after = side(seed, (1,)), side(seed + 100, (4, 5))
    spend, share = (120.0, 175.0), 0.1
    found = split_profit(after, before, ["product", "channel"], product, spend, share)
    profits = [
        part["revenue"].sum() * 0.9 - part["cost"].sum() - part["funding"].sum() - money
        for part, money in zip((before, after), spend, strict=True)
    ]
    assert found["effect"].sum() == pytest.approx(profits[1] - profits[0], abs=1e-8)
    assert found["bar"].tolist() == list(PROFIT_BARS)
    back = split_profit(before, after, ["product", "channel"], product, spend[::-1], share)
    np.testing.assert_allclose(back["effect"], -found["effect"], atol=1e-8)


def test_a_part_is_the_mean_over_all_orders_of_change() -> None:
    random = np.random.default_rng(3)
    pairs = [tuple(random.uniform(1, 5, (2, 4))) for _ in range(3)]
    sums = [np.zeros(4) for _ in range(3)]
    for order in permutations(range(3)):
        now = [pair[0] for pair in pairs]
        for at in order:
            was = np.prod(now, axis=0)
            now[at] = pairs[at][1]
            sums[at] += (np.prod(now, axis=0) - was) / 6
    for at in range(3):
        others = [pairs[other] for other in range(3) if other != at]
        np.testing.assert_allclose(share_of_three(pairs[at], *others), sums[at], atol=1e-12)


def test_what_did_not_change_moved_nothing() -> None:
    before = side(4)
    dearer = before.assign(cost=before["cost"] * 1.1)
    found = split_profit(dearer, before, ["product", "channel"], "product").set_index("bar")["effect"]
    assert found["unit cost"] == pytest.approx(-0.1 * before["cost"].sum())
    assert found.drop("unit cost").abs().max() == pytest.approx(0.0, abs=1e-9)
