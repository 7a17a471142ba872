"""Days of a round and addresses of owners, as settings."""

from __future__ import annotations

import datetime as dt

import pytest

from alignment_lib.inputs.configuration.settings_reader import parse_settings
from alignment_lib.inputs.problems import InputError

BASE = """[business]
name = "Co"
currency = "EUR"
[calendar]
grain = "week"
fiscal_year_start = 1
[sales]
dimensions = ["product"]
"""


def test_days_before_the_round_fit_every_round_and_dates_stand_as_they_are():
    days = parse_settings(BASE + "[round]\nanswer = 10\nlock = -5").round
    assert days.days_of(dt.date(2026, 1, 1)) == {
        "answer": dt.date(2025, 12, 22),
        "lock": dt.date(2026, 1, 6),
    }
    dated = parse_settings(BASE + "[round]\nsign = 2026-01-20").round
    assert dated.days_of(dt.date(2020, 1, 1)) == {"sign": dt.date(2026, 1, 20)}


def test_owners_are_roles_with_an_address_or_a_delegate_or_neither():
    text = (
        '[owners]\n"trade marketing" = "trade@co.example"\nsales = { delegate = "key accounts" }\nbrand = ""'
    )
    owners = parse_settings(BASE + text).owners
    assert owners["trade marketing"].address == "trade@co.example"
    assert (owners["sales"].address, owners["sales"].delegate) == ("", "key accounts")
    assert owners["brand"].address == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[round]\nanswer = "soon"', "a date such as 2026-01-31, or a number of days"),
        ("[round]\nanswer = true", "a date such as 2026-01-31, or a number of days"),
        ("[round]\nanswer = 2026-01-31T10:00:00", "a date such as 2026-01-31"),
        ("[round]\nanswer = 3\nsign = 10", "`sign` falls before `answer`"),
        ("[round]\nanswer = 3\nsign = 2026-01-10", "all as dates, or all as days"),
        ('[owners]\nsales = "nobody"', "one address such as"),
        ('[owners]\nsales = "a@b.example, c@d.example"', "one address such as"),
        ('[owners]\nsales = "a@b.example\\nBcc: c@d.example"', "one address such as"),
    ],
)
def test_what_cannot_be_meant_is_named_once_with_what_was_expected(text, expected):
    with pytest.raises(InputError) as caught:
        parse_settings(BASE + text)
    (problem,) = caught.value.problems
    assert expected in problem.expected
