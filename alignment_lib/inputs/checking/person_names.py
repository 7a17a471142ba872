"""Names of persons, told from names of companies, teams and products: persons are never written."""

from __future__ import annotations

import re
from collections.abc import Iterable

from alignment_lib.inputs.words.column_words import plain_words
from alignment_lib.inputs.words.trade_words import words_of

__all__ = ["find_personal", "is_address", "is_person"]

_ADDRESS = re.compile(r"\S+@\S+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "prof", "herr", "frau", "mme", "sr", "sra", "dipl", "ing"})
_MOST_WORDS = 4


def find_personal(heading: str, values: Iterable[str], companies: bool = False) -> set[str]:
    """Values of a column of customers that may not be written, for they name persons.

    Parameters
    ----------
    heading : str
        A heading that speaks of companies or accounts says that names are no persons'.
    values : iterable of str
        The different values.
    companies : bool
        Whether the user said so.

    >>> find_personal("Customer", ["C1", "Ann Example"]), find_personal("Account", ["Blue River"])
    ({'Ann Example'}, set())
    """
    named = companies or bool(set(plain_words(heading)) & words_of("columns", "of_companies"))
    return {value for value in values if is_address(value) or (not named and is_person(value))}


def is_address(text: str) -> bool:
    """Whether a text is or holds an e-mail address.

    >>> is_address("a@b.example"), is_address("C042")
    (True, False)
    """
    return "@" in text and bool(_ADDRESS.search(text))


def is_person(text: str) -> bool:
    """Whether a text reads as a person's name: some capitalised words, none of them of a company or team.

    >>> is_person("Ann Example"), is_person("Example, Ann"), is_person("A. Example")
    (True, True, True)
    >>> is_person("Example GmbH"), is_person("Inside Sales"), is_person("C042"), is_person("Cancity")
    (False, False, False, False)
    """
    words = text.replace(",", " ").split()
    if not 2 <= len(words) <= _MOST_WORDS or not all(_WORD.fullmatch(word) for word in words):
        return False
    plain = [word.casefold().rstrip(".") for word in words]
    if plain[0] in _TITLES:
        return True
    if any(word in words_of("stages", "team") or word in words_of("columns", "company") for word in plain):
        return False
    return all(word[0].isupper() for word in words if len(word.rstrip(".")) > 3 or word is words[0])
