from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.forecasting.effects.attribution import carry_to_units, shapley_values


def test_two_players_share_their_joint_gain_equally_worked_by_hand() -> None:
    worth = {frozenset(): 0.0, frozenset("a"): 1.0, frozenset("b"): 3.0, frozenset("ab"): 6.0}
    shares = shapley_values(lambda on: np.array([worth[on]]), ["a", "b"], seed=0)
    assert shares["a"].tolist() == [2.0]
    assert shares["b"].tolist() == [4.0]


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(0, 1000))
def test_shares_add_up_to_the_difference_whatever_the_number_of_drivers(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"d{place}" for place in range(count)]
    weight = rng.normal(size=(count, 3))

    def value(on: frozenset[str]) -> np.ndarray:
        total = sum((weight[names.index(name)] for name in sorted(on)), np.zeros(3))
        return np.asarray(np.tanh(total) + total**2)

    shares = shapley_values(value, names, seed=seed)
    difference = value(frozenset(names)) - value(frozenset())
    assert np.allclose(sum(shares.values()), difference, atol=1e-9)


def test_shares_do_not_depend_on_the_order_of_the_drivers() -> None:
    def value(on: frozenset[str]) -> np.ndarray:
        return np.array([len(on) ** 2 + ("a" in on) * ("c" in on) * 2.0])

    one = shapley_values(value, ["a", "b", "c"], seed=1)
    other = shapley_values(value, ["c", "a", "b"], seed=1)
    assert {name: share.tolist() for name, share in one.items()} == {
        name: other[name].tolist() for name in one
    }


@pytest.mark.parametrize("shares", [(0.4, 0.2), (0.5, -0.5), (1e-12, -1e-12), (0.0, 0.0)])
def test_units_add_up_even_where_log_shares_cancel(shares: tuple[float, float]) -> None:
    baseline = np.array([10.0])
    plan = baseline * np.exp(sum(shares))
    units = carry_to_units({"a": np.array([shares[0]]), "b": np.array([shares[1]])}, baseline, plan, baseline)
    assert np.allclose(units["a"] + units["b"], plan - baseline, atol=1e-9)


def test_opposite_effects_keep_their_signs() -> None:
    units = carry_to_units({"up": np.array([0.5]), "down": np.array([-0.5])}, *[np.array([10.0])] * 3)
    assert units["up"].tolist() == [5.0]
    assert units["down"].tolist() == [-5.0]
