from __future__ import annotations

import numpy as np

from alignment_lib.forecasting.effects.drivers.moves import Moves


def test_what_a_run_brought_may_be_missing_after_its_last_period() -> None:
    strength = np.array([[0, 1, 1, 0, 0, 0]], dtype=float)
    gross = np.array([[0, 10, 20, 0, 0, 0]], dtype=float)
    moves = Moves({"promo": strength}, 4)
    assert moves.after(gross, "promo", 1).tolist() == [[0, 0, 0, 30, 0, 0]]
    assert moves.after(gross, "promo", 2).tolist() == [[0, 0, 0, 0, 30, 0]]
    assert moves.before(gross, "promo").tolist() == [[30, 0, 0, 0, 0, 0]]


def test_an_endless_run_borrows_no_more_than_its_last_four_periods() -> None:
    strength = np.ones((1, 9))
    strength[0, 8] = 0
    moves = Moves({"promo": strength}, 4)
    assert moves.after(strength * 5.0, "promo", 1)[0, 8] == 20.0


def test_two_runs_are_kept_apart() -> None:
    strength = np.array([[1, 0, 1, 0]], dtype=float)
    gross = np.array([[7, 0, 3, 0]], dtype=float)
    assert Moves({"promo": strength}, 1).after(gross, "promo", 1).tolist() == [[0, 7, 0, 3]]
