"""Days as people write them."""

from __future__ import annotations

import pytest

from alignment_lib.inputs.periods.written_days import NotADay, read_day


def test_a_blank_day_is_left_to_the_round() -> None:
    assert read_day("") is None


@pytest.mark.parametrize(
    "text",
    ["01.02.2026", "2026-02-30", "2026-2-1", "2026-01-01 ", "2026-01-01\n", "٢٠٢٦-٠١-٠١", "x" * 500, "\0"],
)
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(NotADay) as caught:
        read_day(text, "--as-of")
    told = str(caught.value)
    assert told.startswith("--as-of '")
    assert told.endswith("is not a date; write it as year-month-day, such as 2026-01-01")
    assert told.isprintable()
    assert len(told) < 150
