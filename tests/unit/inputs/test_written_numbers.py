"""Numbers in sentences: one way of writing them, and no module with a way of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.written_numbers import MINUS, NO_NUMBER, PER_CENT, Said

SOURCE = Path(__file__).resolve().parents[3] / "alignment_lib"
# A field of an f-string that writes per cent or a sign by Python's own marks.
_OWN_WAY = re.compile(r"\{(?!Said\()[^{}]*:(?:[+,]*\.\d%|\+,?\.?\d*[fg])\}")


@pytest.mark.parametrize(
    ("number", "spec", "written"),
    [
        (-1234.6, ",.0f", f"{MINUS}1,235"),
        (0.524, ".0%", f"52{PER_CENT}"),
        (-0.05, "+.1%", f"{MINUS}5.0{PER_CENT}"),
        (12.0, "+,.4g", "+12"),
        (0.0, "+,.0f", "0"),
        (-0.4, "+,.0f", "0"),
        (float("nan"), ".0%", NO_NUMBER),
        (float("inf"), ",.0f", NO_NUMBER),
    ],
)
def test_a_number_is_written_with_our_marks(number: float, spec: str, written: str) -> None:
    assert format(Said(number), spec) == written


@given(st.floats(-1e12, 1e12, allow_nan=False), st.sampled_from([",.0f", "+,.0f", ".1%", "+.2f", ",.4g"]))
def test_only_the_marks_differ_from_pythons_own(number: float, spec: str) -> None:
    ours = format(Said(number), spec).replace(MINUS, "-").replace(PER_CENT, "%")
    assert ours in (format(number, spec), format(number, spec).lstrip("+-"))


def test_no_module_writes_per_cent_or_signs_in_a_way_of_its_own() -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {field}"
        for path in sorted(SOURCE.rglob("*.py"))
        for field in _OWN_WAY.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []
