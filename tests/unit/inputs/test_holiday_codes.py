from __future__ import annotations

import pytest

from alignment_lib.inputs.configuration.settings_reader import parse_settings
from alignment_lib.inputs.periods.holiday_codes import find_code, nearest_codes
from alignment_lib.inputs.problems import InputError

TEXT = """
[business]
name = "Shop"
currency = "EUR"
[calendar]
grain = "month"
holidays = {}
[sales]
dimensions = ["country", "product"]
"""


@pytest.mark.parametrize("code", ["DE", "DE-BY", "GB-ENG", "US-CA", "CA-QC"])
def test_countries_and_their_regions_are_accepted(code: str) -> None:
    assert parse_settings(TEXT.format(f'"{code}"')).calendar.holidays == code


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        *(("GB-ENGLAND", "GB-ENG"), ("DE-BAY", "DE-BY"), ("US-CALIFORNIA", "US-CA"), ("DE-ZZ", "DE")),
        *(("Germany", "DE"), ("de", "DE"), ("Germny", "DE")),
    ],
)
def test_of_an_unknown_code_the_nearest_are_offered(text: str, offer: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(TEXT.format(f'"{text}"'))
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (7, "calendar.holidays")
    assert offer in problem.expected.partition("nearest: ")[2].split(", ")


def test_nothing_is_offered_where_nothing_is_near() -> None:
    assert nearest_codes("Atlantis") == []
    assert find_code("Atlantis") is None


def test_the_country_may_stand_in_a_dimension() -> None:
    holidays = parse_settings(TEXT.format('{ column = "country" }')).calendar.holidays
    assert getattr(holidays, "column", "") == "country"


def test_a_column_that_is_no_dimension_is_a_problem_at_its_line() -> None:
    with pytest.raises(InputError, match="did you mean `country`") as caught:
        parse_settings(TEXT.format('{ column = "contry" }'))
    assert caught.value.problems[0].row == 7
