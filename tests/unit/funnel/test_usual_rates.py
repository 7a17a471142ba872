"""What fell is told from what chance does: by hand, and on worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from alignment_lib.funnel.usual_rates import find_falls, smallest_fall


def _cohorts(*passed: int, base: int = 100, source: str = "web") -> pd.DataFrame:
    names = [f"{2022 + number // 4}Q{number % 4 + 1}" for number in range(len(passed))]
    return pd.DataFrame({"source": source, "cohort": names, "base": float(base), "passed": passed})


def test_the_arithmetic_by_hand() -> None:
    # Usual 50 of 100 in five quarters: angle pi / 4, variance 1 / (5 x 402). Last quarter 30:
    # asin(sqrt(0.3015)).
    row = find_falls(_cohorts(50, 50, 50, 50, 50, 30), latest=1).iloc[0]
    angle = np.arcsin(np.sqrt(30.375 / 100.75))
    spread = 1 / 402 + 1 / (5 * 402)
    z = (np.pi / 4 - angle) / np.sqrt(spread)
    assert row["z"] == pytest.approx(z)
    assert row["reference_rate"] == pytest.approx(0.5)
    assert row["reference_error"] == pytest.approx(np.sqrt(1 / (5 * 402)))
    # That it is a fall, half-normal of scale 0.1, is 2 Phi(..) sqrt(1 - kept) exp(kept z^2 / 2) times
    # likelier than not, kept = 0.01 / (0.01 + spread), at odds of 1 to 4 before. A gap as large as this is
    # drawn by 1 / z^2 only.
    kept = 0.01 / (0.01 + spread)
    factor = 2 * norm.cdf(z * np.sqrt(kept)) * np.sqrt(1 - kept) * np.exp(kept * z**2 / 2)
    assert row["chance"] == pytest.approx(factor / 4 / (1 + factor / 4))
    fallen = 0.5 - np.sin(np.pi / 4 - (1 - 1 / z**2) * (np.pi / 4 - angle)) ** 2
    assert row["gap"] == pytest.approx(row["chance"] * fallen, abs=2e-3)
    assert row["gap_low"] < row["gap"] < row["gap_high"]
    assert row["is_named"]


def test_quarters_that_always_differ_make_a_fall_less_of_a_surprise() -> None:
    steady = find_falls(_cohorts(*[50] * 8, 38), latest=1).iloc[0]
    uneasy = find_falls(_cohorts(38, 62, 38, 62, 38, 62, 38, 62, 38), latest=1).iloc[0]
    assert steady["is_named"]
    assert not uneasy["is_named"]
    assert uneasy["gap"] < steady["gap"]


def test_a_fall_of_three_quarters_is_found_as_one() -> None:
    row = find_falls(_cohorts(*[25] * 10, 18, 18, 18, base=50)).iloc[0]
    assert (row["quarters"], row["since"], row["is_named"]) == (3, "2024Q3", True)
    assert row["entering"] == 150


def test_a_promise_counts_where_it_is_higher_and_is_known_without_error() -> None:
    row = find_falls(_cohorts(*[80] * 6), latest=4, promise=0.9).iloc[0]
    assert (row["is_promise"], row["reference_rate"], row["reference_error"]) == (
        True,
        pytest.approx(0.9),
        0.0,
    )
    assert row["is_named"]
    kept = find_falls(_cohorts(*[80] * 6), latest=4, promise=0.7).iloc[0]
    assert (kept["is_promise"], kept["is_named"]) == (False, False)


def test_too_little_to_say_what_is_usual_says_nothing() -> None:
    assert find_falls(_cohorts(50, 50, 20)).empty
    assert find_falls(_cohorts(50, 50, 50, 50).iloc[:0]).empty


def test_a_source_with_little_past_borrows_from_the_others() -> None:
    old = _cohorts(*[50] * 10)
    young = _cohorts(*[0] * 6, 5, 6, 5, 6, base=10, source="fair").query("passed > 0")
    alone = find_falls(young, latest=1)
    both = find_falls(pd.concat([old, young]), latest=1).set_index("source")
    assert alone["reference_error"].iloc[0] > both.loc["fair", "reference_error"]


@given(st.lists(st.integers(0, 60), min_size=5, max_size=12), st.integers(60, 200))
def test_shortfalls_are_shares_in_order(passed: list[int], base: int) -> None:
    table = find_falls(_cohorts(*passed, base=base))
    for row in table.to_dict("records"):
        assert 0.0 <= row["gap_low"] <= row["gap_high"] <= 1.0
        assert 0.0 <= row["gap"] <= 1.0
        assert np.isfinite(row["z"])


def test_of_steps_that_never_changed_at_most_one_in_ten_is_named_and_real_falls_are() -> None:
    rng = np.random.default_rng(20261130)
    named = [find_falls(_cohorts(*rng.binomial(50, 0.6, 14), base=50))["is_named"].mean() for _ in range(60)]
    assert np.mean(named) <= 0.15
    fell = [
        find_falls(_cohorts(*rng.binomial(150, 0.8, 13), rng.binomial(150, 0.65), base=150))[
            "is_named"
        ].mean()
        for _ in range(20)
    ]
    assert np.mean(fell) >= 0.9


def test_more_leads_show_smaller_falls() -> None:
    reach = [smallest_fall(leads, 0.5) for leads in (50, 150, 600)]
    assert reach == sorted(reach, reverse=True)
    assert smallest_fall(10, 0.05) == pytest.approx(0.05)
