"""Codes and names of the countries and regions whose holidays the `holidays` package knows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

__all__ = ["country_of", "find_code", "holiday_codes", "nearest_codes"]

_LANGUAGES = "en de fr es it nl pt pl sv da nb fi cs sk hu ro el tr ru uk ja zh ko ar he"


def holiday_codes() -> frozenset[str]:
    """Codes of countries and of their regions, such as ``DE``, ``DE-BY``, ``GB-ENG``."""
    return _codes()[0]


@lru_cache(maxsize=1)
def _codes() -> tuple[frozenset[str], Mapping[str, str]]:
    """Every code, and the English names of countries and regions, folded, with their codes."""
    from holidays import country_holidays
    from holidays.registry import COUNTRIES
    from holidays.utils import list_supported_countries

    supported = list_supported_countries()
    codes = set(supported)
    names: dict[str, str] = {}
    for country, regions in list_supported_countries(include_aliases=False).items():
        codes |= {f"{country}-{region}" for region in regions}
        if regions:
            aliases: Any = getattr(type(country_holidays(country, years=())), "subdivisions_aliases", {})
            names |= {
                _folded(name): f"{country}-{region}" for name, region in aliases.items() if len(name) > 3
            }
    names |= {_folded(file): words[1] for file, words in COUNTRIES.items()}
    return frozenset(codes), MappingProxyType(names)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def find_code(text: str) -> str | None:
    """The code that a text means: a code in any case, a country's name, or a region's English one.

    >>> [find_code(text) for text in ("de", "GB-ENG", "England", "South Korea", "Autriche", "Atlantis")]
    ['DE', 'GB-ENG', 'GB-ENG', 'KR', 'AT', None]
    """
    codes, names = _codes()
    plain = text.strip()
    for code in (plain, plain.upper(), plain.upper().replace("_", "-")):
        if code in codes:
            return code
    return names.get(_folded(plain)) or (_foreign_names().get(_folded(plain)) if len(plain) > 3 else None)


@lru_cache(maxsize=1)
def _foreign_names() -> Mapping[str, str]:
    """Names of countries in the larger languages, from the locale data of Unicode (CLDR)."""
    from babel import Locale

    codes = _codes()[0]
    names: dict[str, str] = {}
    for language in _LANGUAGES.split():
        for code, name in Locale(language).territories.items():
            if code in codes and len(code) == 2:
                names.setdefault(_folded(name), code)
    return MappingProxyType(names)


def country_of(code: str | None) -> str:
    """The two letters of a code's country, blank without one.

    >>> country_of("DE-BY"), country_of("GBR"), country_of(None)
    ('DE', 'GB', '')
    """
    from holidays.registry import COUNTRIES

    country = (code or "").partition("-")[0]
    return next((words[1] for words in COUNTRIES.values() if country in words[1:3]), country)


def nearest_codes(text: str, most: int = 3) -> list[str]:
    """Codes near to one that is not known, likeliest first.

    >>> nearest_codes("GB-ENGLAND"), nearest_codes("DE-BAY")[:1], nearest_codes("GER")[:1]
    (['GB-ENG'], ['DE-BY'], ['DE'])
    """
    codes, names = _codes()
    country, _, region = text.upper().partition("-")
    known = find_code(country)
    if known and region:
        found = names.get(_folded(region))
        if found:
            return [found]
        own = sorted(code for code in codes if code.startswith(f"{known}-"))
        near = difflib.get_close_matches(f"{known}-{region}", own, n=most, cutoff=0.6)
        return [*near[: most - 1], known]
    named = difflib.get_close_matches(_folded(text), list(names), n=most, cutoff=0.75)
    begun = sorted(name for name in names if len(text) > 2 and name.startswith(_folded(text)))
    near = [names[name] for name in (*begun, *named) if names[name] in codes]
    near += difflib.get_close_matches(text.upper(), sorted(codes), n=most, cutoff=0.6)
    return list(dict.fromkeys(near))[:most]
