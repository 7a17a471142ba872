"""Numbers in words."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.answers.wording import (
    choose_scale,
    choose_short_scale,
    humanise,
    join_words,
    write_change,
    write_count,
    write_date,
    write_number,
    write_odds,
)


@pytest.mark.parametrize(
    ("number", "decimals", "signed", "text"),
    [
        (1234567.0, 0, False, "1,234,567"),
        (-0.4, 0, True, "0"),
        (-1.5, 1, False, "−1.5"),
        (2.0, 0, True, "+2"),
        (math.nan, 0, False, "–"),
        (math.inf, 0, False, "–"),
    ],
)
def test_numbers(number: float, decimals: int, signed: bool, text: str) -> None:
    assert write_number(number, decimals, signed=signed) == text


@given(st.floats(min_value=-1e12, max_value=1e12))
def test_a_written_number_reads_back_to_what_was_rounded(number: float) -> None:
    read = float(write_number(number, 2).replace(",", "").replace("−", "-"))
    assert read == pytest.approx(number, abs=0.00501, rel=1e-12)


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "below 1 %"), (1.0, "above 99 %"), (0.005, "below 1 %"), (0.5, "50 %"), (math.nan, "–")],
)
def test_odds_are_never_certain(probability: float, text: str) -> None:
    assert write_odds(probability).replace("\u202f", " ") == text


def test_scales_by_size() -> None:
    assert choose_scale([], "EUR").say(0) == "0 EUR"
    assert choose_scale([12.345], "EUR").say(12.345) == "12 EUR"
    assert choose_scale([2_500_000], "EUR").say(2_500_000) == "2,500,000 EUR"
    assert choose_scale([math.nan, 2.5e10], "EUR").say(2.5e10) == "25,000 million EUR"
    assert choose_short_scale([9_999], "units").say(9_999) == "9,999 units"
    assert choose_short_scale([1_234_567], "units").say(1_234_567) == "1.23 million units"
    assert choose_short_scale([12_345_678], "units").say(12_345_678) == "12.3 million units"


def test_words() -> None:
    assert write_change(1.0, 0.0) == "–"
    assert write_change(math.nan, 1.0) == "–"
    assert write_count(2, "assumption awaits", "assumptions await") == "2 assumptions await"
    assert write_date(pd.NaT) == "no date"  # type: ignore[arg-type]
    assert join_words([]) == ""
    assert join_words(["one"]) == "one"
    assert humanise("as_proposed") == "As proposed"
