"""The nearest known word to one that is not known, so that a typing error is mended in one step."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from alignment_lib.inputs.problems import AlignmentError

__all__ = ["UnknownWord", "check_word", "say_unknown"]

_MOST_LISTED = 8
_LONGEST = 60


class UnknownWord(AlignmentError):
    """A name that stands for nothing here; the message names the nearest."""

    exit_code = 2


def check_word(word: object, known: Iterable[str], noun: str) -> str:
    """The word as it is known, whatever its capitals.

    Parameters
    ----------
    word : object
        As typed; a number such as a store's is read as its text.
    known : iterable of str
        What may be meant.
    noun : str
        What it is a name of: ``scenario``.

    Raises
    ------
    UnknownWord
        Where it is not among them.

    Examples
    --------
    >>> check_word("Consensus", ["consensus", "as_proposed"], "scenario")
    'consensus'
    """
    words = list(known)
    text = str(word)
    if text in words:
        return text
    folded = [name for name in words if name.casefold() == text.casefold()]
    if len(folded) == 1:
        return folded[0]
    raise UnknownWord(say_unknown(text, words, noun))


def say_unknown(word: str, known: Iterable[str], noun: str) -> str:
    """The sentence that says a word is not known and names the nearest.

    >>> say_unknown("consesus", ["consensus", "as_proposed"], "scenario")
    "no scenario is called 'consesus'; did you mean 'consensus'?"
    >>> say_unknown("A-4", ["A-14", "A-04"], "assumption")
    "no assumption is called 'A-4'; did you mean 'A-04'?"
    >>> say_unknown("x", [], "leads source")
    "no leads source is called 'x'; there is none here"
    """
    words = list(dict.fromkeys(known))
    said = f"no {noun} is called {_shown(word)}"
    if not words:
        return f"{said}; there is none here"
    folded = {_key(name): name for name in reversed(words)}
    near = difflib.get_close_matches(_key(word), list(folded), n=1, cutoff=0.6)
    if near:
        return f"{said}; did you mean {_shown(folded[near[0]])}?"
    listed = ", ".join(words[:_MOST_LISTED])
    more = f" and {len(words) - _MOST_LISTED:,} more" if len(words) > _MOST_LISTED else ""
    return f"{said}; there are: {listed}{more}"


def _key(word: str) -> str:
    """A word without what is easily mistyped: capitals, marks between its parts, zeros before a number."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", re.sub(r"[\W_]+", " ", word.casefold()))


def _shown(word: str) -> str:
    return repr(word if len(word) <= _LONGEST else word[: _LONGEST - 3] + "...")
