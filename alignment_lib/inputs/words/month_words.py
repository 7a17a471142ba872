"""Names of months in every language that is official somewhere, from the locale data of Unicode (CLDR)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cache

__all__ = ["day_words", "month_numbers", "official_languages", "plain_word"]

_SURE = 4
"""How many times as many languages must know a word as one month than as any other."""
_FEWEST = 3
"""Letters of a shortened name: ``Sept``, ``Janv`` and ``Juni`` are no names of CLDR's, but short for one."""
_USUAL = frozenset(
    (
        "en",
        "de",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "pl",
        "sv",
        "da",
        "nb",
        "fi",
        "cs",
        "hu",
        "tr",
        "ro",
        "ru",
        "uk",
    )
)
"""Languages that are looked through first."""
_BESIDE = {"de": {"mrz": 3, "maerz": 3, "jaenner": 1, "janner": 1, "jan": 1, "jann": 1}}
"""What offices write beside CLDR: the short form of German spreadsheets, and Austria's January."""


def plain_word(text: str) -> str:
    """A word as it is compared: small letters, no accents, no point.

    >>> plain_word("Août"), plain_word("Mär.")
    ('aout', 'mar')
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in parts if not unicodedata.combining(mark) and mark not in ".'’")


def month_numbers(words: Collection[str], *, dated: bool = True) -> dict[str, int]:
    """Month (1 to 12) of each word that is one, read in the languages that know most of them.

    A word that means different months in languages that speak equally for it is left out: ``listopad``
    alone is October in Croatia and November in Poland; beside ``wrzesień`` it is November.

    Parameters
    ----------
    words : collection of str
    dated : bool
        Whether years stand beside the words. Without any, words of which the languages of most files know
        none are no months: the names of all languages need not be looked through for every list.

    >>> month_numbers(["Mär", "Okt", "Dez"]), month_numbers(["May", "June", "Sept"])
    ({'Mär': 3, 'Okt': 10, 'Dez': 12}, {'May': 5, 'June': 6, 'Sept': 9})
    """
    plain = {word: plain_word(word) for word in words}
    english = {word: _meaning(_language("en"), text) for word, text in plain.items()}
    if all(english.values()):
        return {word: month for word, month in english.items() if month}
    texts = plain.values()
    if not dated and not any(_meaning(_language(code), text) for code in _USUAL for text in texts):
        return {}
    readings = {
        code: {word: month for word, text in plain.items() if (month := _meaning(_language(code), text))}
        for code in official_languages()
    }
    found: dict[str, int] = {}
    known = {len(reading) for reading in readings.values()}
    for count in sorted(known - {0}, reverse=True):
        best = [reading for reading in readings.values() if len(reading) == count]
        for word in words:
            if word not in found and any(word in reading for reading in best):
                found |= _settle(word, best)
    return {word: month for word, month in found.items() if month}


def _settle(word: str, readings: Iterable[dict[str, int]]) -> dict[str, int]:
    votes = Counter(reading[word] for reading in readings if word in reading).most_common(2)
    sure = len(votes) == 1 or votes[0][1] >= _SURE * votes[1][1]
    return {word: votes[0][0] if sure else 0}


def _meaning(names: dict[str, int], text: str) -> int:
    """The month a name or an unmistakable beginning of one stands for, else 0."""
    if text in names:
        return names[text]
    if len(text) < _FEWEST or not text.isalpha():
        return 0
    months = {month for name, month in names.items() if name.startswith(text)}
    return months.pop() if len(months) == 1 else 0


@cache
def official_languages() -> tuple[str, ...]:
    """Codes of the languages that are official somewhere."""
    from babel import localedata
    from babel.core import get_global

    official = {
        code.split("_")[0]
        for languages in get_global("territory_languages").values()
        for code, about in languages.items()
        if about.get("official_status")
    }
    return tuple(sorted(code for code in official if localedata.exists(code)))


@cache
def _language(code: str) -> dict[str, int]:
    from babel import Locale

    names: dict[str, int] = {}
    months = Locale.parse(code).months
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, name in months[context][width].items():
                word = plain_word(name)
                if not word[:1].isdigit():
                    names.setdefault(word, int(month))
    return names | _BESIDE.get(code, {})


@cache
def day_words() -> frozenset[str]:
    """Names of weekdays, which may stand before a date and say nothing that it does not.

    >>> {"mon", "montag", "lundi"} <= day_words()
    True
    """
    from babel import Locale

    found: set[str] = set()
    for code in official_languages():
        days = Locale.parse(code).days
        for width in ("wide", "abbreviated"):
            found |= {plain_word(name) for name in days["format"][width].values()}
    return frozenset(found)
