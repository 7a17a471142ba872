from __future__ import annotations

import os
import subprocess
import sys
import warnings
from datetime import date

import pytest

from alignment_lib.forecasting.seasons.feasts import feast_days, working_days

_ASK = """
from alignment_lib.forecasting.seasons.feasts import feast_days
for code in ("PK", "IL", "DE-BY", "CN", "CH"):
    print(sorted(feast_days(code, 2024, 2028).items()))
"""


def test_an_estimated_feast_is_the_feast_of_earlier_years() -> None:
    feasts = feast_days("PK", 2018, 2027)
    assert not [name for name in feasts if "estimated" in name]
    assert [day.year for day in feasts["Eid al-Fitr"]] == list(range(2018, 2028))


def test_two_feasts_of_a_moon_year_may_fall_into_one_of_ours() -> None:
    days = feast_days("SA", 1999, 2001)["Eid al-Fitr Holiday"]
    assert [day.year for day in days].count(2000) == 2


@pytest.mark.parametrize(
    ("code", "name"), [("US", "Juneteenth National Independence Day"), ("ZA", "Day of Goodwill")]
)
def test_a_day_off_that_is_moved_makes_no_feast_of_its_own(code: str, name: str) -> None:
    feasts = feast_days(code, 2015, 2030)
    assert name in feasts
    assert not [other for other in feasts if "observed" in other or "lieu" in other]


def test_days_off_by_substitution_belong_to_no_feast() -> None:
    assert not [name for name in feast_days("CN", 2020, 2026) if "Day off" in name]


@pytest.mark.parametrize("language", ["de_DE.UTF-8", "ur_PK.UTF-8", "he_IL.UTF-8", "zh_CN.UTF-8"])
def test_feasts_bear_one_name_whatever_the_machine_speaks(language: str) -> None:
    def ask(setting: dict[str, str]) -> str:
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"} | setting
        run = [sys.executable, "-c", _ASK]
        return subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout

    plain = ask({"LANG": "C.UTF-8", "LANGUAGE": "", "LC_ALL": ""})
    assert ask({"LANG": language, "LANGUAGE": language[:2], "LC_ALL": language}) == plain


@pytest.mark.parametrize(
    ("code", "day", "worked"),
    [
        (None, date(2026, 11, 27), True),
        ("IL", date(2026, 11, 27), False),  # a Friday
        ("IL", date(2026, 11, 29), True),  # a Sunday
        ("AE", date(2021, 7, 2), False),  # a Friday before the weekend was moved
        ("AE", date(2022, 7, 1), True),  # and one after it
        ("CN", date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        ("CN", date(2026, 2, 20), False),
        ("HU", date(2025, 5, 17), True),  # a Saturday worked for a bridge day
        ("DE", date(2026, 6, 4), True),
        ("DE-BY", date(2026, 6, 4), False),  # Corpus Christi, kept in Bavaria
        ("GB", date(2026, 4, 6), True),
        ("GB-ENG", date(2026, 4, 6), False),  # Easter Monday, kept in England
    ],
)
def test_days_are_worked_as_the_country_works(code: str | None, day: date, worked: bool) -> None:
    first = date(day.year, 1, 1)
    assert working_days(code, first, date(day.year + 1, 1, 1))[(day - first).days] == worked


def test_the_package_warns_nobody_of_years_it_does_not_know() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "Diwali" in feast_days("IN", 1995, 2045)
        assert working_days("IN", date(1999, 1, 1), date(1999, 2, 1)).sum() == 19
