"""Number formats: a percent sign scales only where the office program calculates with it."""

from __future__ import annotations

import pytest

from alignment_lib.inputs.spreadsheets.number_formats import currency_of, scales_by_hundred


@pytest.mark.parametrize(
    "code", ["0%", "0.00%", "0.0 %", "[Red]0%", "#,##0%;-#,##0%", '"about "0%', "0%_)", "%0"]
)
def test_a_percent_sign_outside_of_text_scales(code: str) -> None:
    assert scales_by_hundred(code, 0.15)
    assert scales_by_hundred(code, -0.15)


@pytest.mark.parametrize(
    "code", ['0"%"', r"0\%", "0_%", "0*%", '0.0" % of plan"', "General", "[$%-407]0", '"%']
)
def test_a_percent_sign_that_is_only_shown_does_not_scale(code: str) -> None:
    assert not scales_by_hundred(code, 15.0)


def test_each_section_speaks_for_its_own_sign() -> None:
    code = '0.0"%";-0.0%;0%'
    assert [scales_by_hundred(code, value) for value in (1.0, -1.0, 0.0)] == [False, True, True]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("#,##0.00 [$\u20ac-407]", "\u20ac"),
        ('"$"#,##0', "$"),
        ('#,##0.00 "CHF"', "CHF"),
        ("\u00a3#,##0", "\u00a3"),
        ("[$USD] #,##0", "USD"),
        ("[$-F800]dddd", ""),
        ("0.00", ""),
        ('0 "pieces"', ""),
    ],
)
def test_the_currency_is_the_one_shown(code: str, shown: str) -> None:
    assert currency_of(code) == shown
