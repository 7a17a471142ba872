"""Commercial days: days that move sales without being public holidays, by stated rules for each country.

A rule only says on which days such a feast falls; whether it moves a business's sales is for its own history
to say (`alignment_lib.forecasting.seasons.calendar_effects`), so a rule that means nothing to a
business costs it nothing. Days are those on which trade associations and calendars of the countries
place them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from dateutil.easter import easter  # type: ignore[import-untyped]

from alignment_lib.inputs.periods.holiday_codes import country_of

__all__ = ["commercial_days", "paydays"]

_Rule = Callable[[int], date]
_MON, _SUN = 0, 6


def _fixed(month: int, day: int) -> _Rule:
    return lambda year: date(year, month, day)


def _nth(number: int, weekday: int, month: int, shift: int = 0) -> _Rule:
    """The n-th weekday of a month (the last for -1), and days after it.

    >>> _nth(4, 3, 11, 1)(2026).isoformat(), _nth(-1, 6, 5)(2026).isoformat()
    ('2026-11-27', '2026-05-31')
    """

    def rule(year: int) -> date:
        if number > 0:
            first = date(year, month, 1)
            day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
        else:
            last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            day = last - timedelta(days=(last.weekday() - weekday) % 7)
        return day + timedelta(days=shift)

    return rule


def _from_easter(shift: int) -> _Rule:
    return lambda year: easter(year) + timedelta(days=shift)


def _french_mothers_day(year: int) -> date:
    """The last Sunday of May, or the first of June where that is Pentecost (law of 24 May 1950)."""
    day = _nth(-1, _SUN, 5)(year)
    return day + timedelta(days=7) if day == easter(year) + timedelta(days=49) else day


def _each(codes: str, rule: _Rule) -> dict[str, _Rule]:
    return dict.fromkeys(codes.split(), rule)


_EVERYWHERE: dict[str, _Rule] = {
    "black_friday": _nth(4, 3, 11, 1),
    "cyber_monday": _nth(4, 3, 11, 4),
    "singles_day": _fixed(11, 11),
    "valentines_day": _fixed(2, 14),
}
_BY_COUNTRY: dict[str, Mapping[str, _Rule]] = {
    "mothers_day": {
        **_each("US CA AU NZ DE AT CH IT NL BE DK FI EE LV GR CZ SK HR JP CN TW HK SG MY PH IN BR CL CO PE "
                "UY EC VE TR ZA UA", _nth(2, _SUN, 5)),
        **_each("ES PT HU RO LT", _nth(1, _SUN, 5)),
        **_each("GB IE", _from_easter(-21)),
        **_each("FR", _french_mothers_day),
        **_each("SE", _nth(-1, _SUN, 5)),
        **_each("NO", _nth(2, _SUN, 2)),
        **_each("PL", _fixed(5, 26)),
        **_each("MX", _fixed(5, 10)),
        **_each("AR", _nth(3, _SUN, 10)),
        **_each("EG SA AE KW QA BH OM JO LB IQ SY", _fixed(3, 21)),
        **_each("RU", _nth(-1, _SUN, 11)),
        **_each("TH", _fixed(8, 12)),
        **_each("ID", _fixed(12, 22)),
    },
    "fathers_day": {
        **_each("US CA GB IE FR NL JP CN HK SG MY PH IN ZA MX CL CO PE EC VE AR TR GR CZ SK HU UA",
                _nth(3, _SUN, 6)),
        **_each("DE", _from_easter(39)),
        **_each("AT BE", _nth(2, _SUN, 6)),
        **_each("AU NZ", _nth(1, _SUN, 9)),
        **_each("SE NO FI", _nth(2, _SUN, 11)),
        **_each("BR", _nth(2, _SUN, 8)),
        **_each("ES PT IT HR", _fixed(3, 19)),
        **_each("TH", _fixed(12, 5)),
        **_each("TW", _fixed(8, 8)),
    },
    "womens_day": _each("RU UA BY KZ KG UZ MD GE AM AZ BG RO IT PL CN VN", _fixed(3, 8)),
    "lovers_day": _each("BR", _fixed(6, 12)),
    "white_day": _each("JP KR", _fixed(3, 14)),
    "halloween": _each("US CA GB IE AU NZ DE AT", _fixed(10, 31)),
    "saint_nicholas": _each("NL BE", _fixed(12, 5)),
    "epiphany_gifts": _each("ES MX", _fixed(1, 6)),
    "carnival": _each("DE BE NL BR PT ES IT", _from_easter(-48)),
    "midyear_sales_618": _each("CN HK TW", _fixed(6, 18)),
    "double_twelve": _each("CN ID MY SG TH VN PH", _fixed(12, 12)),
    "back_to_school": {
        **_each("US CA", _nth(1, _MON, 9)),
        **_each("FR BE IT ES PT PL CZ SK HU RO BG RU UA TR SI HR EE LV LT", _fixed(9, 1)),
        **_each("GB IE", _nth(1, _MON, 9)),
        **_each("JP", _fixed(4, 6)),
        **_each("KR", _fixed(3, 2)),
        **_each("BR CL AR", _fixed(3, 1)),
        **_each("AU NZ", _fixed(1, 30)),
        **_each("DK SE NO FI", _fixed(8, 15)),
    },
}  # fmt: skip
_PAYDAYS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("SE", "DK", "NO", "NL", "JP"), (25,)),
    **dict.fromkeys(("US", "PH", "MX", "CO"), (15, 31)),
    "BR": (5,),
}
"""Days of the month on which most wages are paid; elsewhere its last working day."""


def commercial_days(code: str | None, years: range) -> dict[str, list[date]]:
    """Days of every rule that holds in a country (a region has its country's), without one the world's.

    Back to school is the first day of school; the weeks before it are when it is bought for.

    Examples
    --------
    >>> days = commercial_days("GB-ENG", range(2026, 2027))
    >>> days["mothers_day"][0].isoformat(), days["black_friday"][0].isoformat()
    ('2026-03-15', '2026-11-27')
    >>> sorted(commercial_days(None, range(2026, 2027)))
    ['black_friday', 'cyber_monday', 'singles_day', 'valentines_day']
    """
    country = country_of(code)
    rules = _EVERYWHERE | {
        name: by_country[country] for name, by_country in _BY_COUNTRY.items() if country in by_country
    }
    return {name: [rule(year) for year in years] for name, rule in rules.items()}


def paydays(code: str | None, years: range) -> list[date]:
    """Days on which wages are usually paid: the stated day of each month, or the working day before it.

    >>> [day.isoformat() for day in paydays("DE", range(2026, 2027))[:2]]
    ['2026-01-30', '2026-02-27']
    """
    found = []
    for year in years:
        for month in range(1, 13):
            last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            for number in _PAYDAYS.get(country_of(code), (31,)):
                day = date(year, month, min(number, last.day))
                found.append(day - timedelta(days=max(0, day.weekday() - 4)))
    return found
