from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.inputs.configuration.settings_reader import parse_settings
from alignment_lib.inputs.problems import InputError
from tests.unit.inputs.workspace_files import SALES, SETTINGS, load

BY_CHANNEL = SETTINGS.replace('grain = "month"', 'grain = "month"\nholidays = { column = "channel" }')
WEEKS = SETTINGS.replace('grain = "month"', 'grain = "week"\nweeks = "4-5-4"\n{}')


def test_countries_are_known_by_code_and_by_name(tmp_path: Path) -> None:
    sales = SALES.replace("Shop", "de").replace("Web", "Autriche")
    read = load(tmp_path, {"planning.toml": BY_CHANNEL, "sales.csv": sales})
    assert "countries_unknown" not in {notice.code for notice in read.notices}


def test_a_value_that_is_no_country_is_planned_without_holidays_and_said(tmp_path: Path) -> None:
    sales = SALES.replace("Shop", "Germny").replace("Web", "FR")
    read = load(tmp_path, {"planning.toml": BY_CHANNEL, "sales.csv": sales})
    (said,) = [notice for notice in read.notices if notice.code == "countries_unknown"]
    assert said.count == 3
    assert "'Germny' (nearest: DE)" in said.text


def test_a_column_without_any_country_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no country among 'Shop'"):
        load(tmp_path, {"planning.toml": BY_CHANNEL})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('fiscal_year_begins = "Sunday"', "expected a rule such as"),
        (
            'fiscal_year_begins = "Sunday nearest 31 January"\nfiscal_year_start = 3',
            "expected 2, the month that",
        ),
        ('fiscal_year_name = "first"', "expected one of 'start' or 'end'"),
    ],
)
def test_a_year_that_cannot_be_is_refused_at_its_line(line: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(WEEKS.format(line))
    assert message in str(caught.value)
    assert caught.value.problems[0].row in (7, 8)


def test_a_rule_needs_weeks_that_are_counted() -> None:
    text = SETTINGS.replace('grain = "month"', 'grain = "month"\nfiscal_year_begins = "first Monday of July"')
    with pytest.raises(InputError, match='grain = "month" and weeks = "gregorian" beside it'):
        parse_settings(text)
