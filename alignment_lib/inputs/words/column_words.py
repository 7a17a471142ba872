"""Headings as words, and how well they name what the contract needs.

The words stand in ``column_words.toml`` beside this module: per kind of export and per column of the
contract what is taken without asking, what only where nothing better is there, and what is never meant.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from alignment_lib.inputs.words.trade_words import words_of

__all__ = ["SURE", "Role", "heading_words", "load_roles", "plain_words", "score_heading"]

SURE = 0.8
"""A heading that scores this or more is taken without asking."""
_LIKELY = 0.75
_ENDING = 0.5
_FILLERS = words_of("columns", "fillers")
_ASIDES = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
_PATH = re.compile(r"\s+[-–—>]\s+|[/:|]")


@dataclass(frozen=True)
class Role:
    """A column of the contract as other systems name it.

    Attributes
    ----------
    name : str
        Column of the contract.
    holds : {"date", "number", "text", "role", "key", "flag", "stage"}
        What its cells must be.
    sure, likely : tuple of tuple of str
        Headings as words, likeliest first.
    ends : tuple of str
        Endings of compound words.
    never : tuple of tuple of str
        Words of a heading that is not meant.
    weak : frozenset of str
        Words of a heading that is only likely, unless it stands in `sure`.
    """

    name: str
    holds: str
    sure: tuple[tuple[str, ...], ...]
    likely: tuple[tuple[str, ...], ...]
    ends: tuple[str, ...]
    never: tuple[tuple[str, ...], ...]
    weak: frozenset[str] = frozenset()


@cache
def load_roles() -> Mapping[str, tuple[Role, ...]]:
    """Roles by kind of export, in the order of the file.

    >>> load_roles()["spend"][1].name
    'amount'
    """
    text = files(__package__).joinpath("column_words.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    return MappingProxyType(
        {kind: tuple(_role(name, entry) for name, entry in roles.items()) for kind, roles in content.items()}
    )


def _role(name: str, entry: Mapping[str, object]) -> Role:
    def words(key: str) -> tuple[tuple[str, ...], ...]:
        given = entry.get(key, ())
        return tuple(plain_words(phrase) for phrase in given) if isinstance(given, list) else ()

    weak = frozenset("".join(phrase) for phrase in words("weak"))
    ends = tuple("".join(phrase) for phrase in words("ends"))
    sure = tuple(dict.fromkeys((plain_words(name), *words("sure"))))
    return Role(name, str(entry["holds"]), sure, words("likely"), ends, words("never"), weak)


@cache
def plain_words(text: str) -> tuple[str, ...]:
    """Lower-case words without accents, compound names taken apart.

    >>> plain_words("InvoiceDate"), plain_words("close_value"), plain_words("Menge (Stück)")
    (('invoice', 'date'), ('close', 'value'), ('menge', 'stuck'))
    """
    spaced = _CAMEL.sub(" ", text.replace("#", " no "))
    plain = unicodedata.normalize("NFKD", spaced.replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    bare = "".join(mark for mark in plain if not unicodedata.combining(mark)).casefold()
    return tuple(re.findall(r"[^\W_]+", bare))


@cache
def heading_words(heading: str) -> tuple[tuple[str, ...], ...]:
    """Ways to read a heading: whole, without what stands in brackets, and the last step of a path.

    >>> heading_words("Deal - Won time")
    (('deal', 'won', 'time'), ('won', 'time'))
    >>> heading_words("Amount spent (EUR)")
    (('amount', 'spent', 'eur'), ('amount', 'spent'))
    """
    aside = _ASIDES.sub(" ", heading)
    last = _PATH.split(aside.strip())[-1]
    found = [plain_words(text) for text in (heading, aside, last)]
    return tuple(dict.fromkeys(words for words in found if words))


@cache
def score_heading(heading: str, role: Role) -> float:
    """How well a heading names a role, from 0 to 1.

    >>> date = next(role for role in load_roles()["order_lines"] if role.name == "date")
    >>> score_heading("InvoiceDate", date) >= SURE, score_heading("Due date", date)
    (True, 0.0)
    """
    readings = heading_words(heading)
    if not readings or any(_holds(readings[0], words) for words in role.never):
        # A heading that stands in a list is meant, whatever single words it holds.
        words = readings[0] if readings else ()
        return 1.0 if words in role.sure else _LIKELY if words in role.likely else 0.0
    best = max(
        *(
            _score(words, phrase) - 0.001 * place
            for words in readings
            for place, phrase in enumerate(role.sure)
        ),
        *(
            _LIKELY * (_score(words, phrase) - 0.001 * place)
            for words in readings
            for place, phrase in enumerate(role.likely)
        ),
        0.0,
        0.0,
    )
    if best < _ENDING and any(words[-1].endswith(end) for words in readings for end in role.ends):
        return _ENDING
    is_weak = role.weak & set(readings[0]) and readings[0] not in role.sure
    return min(best, _LIKELY) if is_weak else best


def _score(words: tuple[str, ...], phrase: tuple[str, ...]) -> float:
    if words == phrase:
        return 1.0
    if len(words) == len(phrase) and set(words) == set(phrase):
        return 0.95
    if not _holds(words, phrase):
        return 0.0
    left = [word for word in words if word not in phrase]
    if not left or all(word in _FILLERS or word.isdigit() for word in left):
        return 0.9
    return 0.4 + 0.3 * len(phrase) / len(words)


def _holds(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether the phrase stands in the words, side by side."""
    size = len(phrase)
    return any(words[at : at + size] == phrase for at in range(len(words) - size + 1))
