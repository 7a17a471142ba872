"""Names that look alike: one function finds them, for workspaces and imports.

Two names look alike where they are the same to the eye, or nearly: composed and decomposed letters, marks
without width, soft hyphens, full-width forms, letters of another alphabet that are drawn the same (Unicode
Technical Standard 39, section 4), other blanks, other case. Nothing is ever joined here.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from alignment_lib.inputs.problems import counted

__all__ = ["LookAlike", "describe_spelling", "find_look_alikes", "skeleton"]

_UNSEEN = (
    ("\u034f", "\u034f"),
    ("\u115f", "\u1160"),
    ("\u17b4", "\u17b5"),
    ("\u180b", "\u180f"),
    ("\u2065", "\u2065"),
    ("\u2800", "\u2800"),
    ("\u3164", "\u3164"),
    ("\ufe00", "\ufe0f"),
    ("\uffa0", "\uffa0"),
    ("\ufff0", "\ufff8"),
    ("\U000e0000", "\U000e0fff"),
)
"""Not drawn: Unicode's Default_Ignorable_Code_Point beyond format marks, and the blank cell of Braille."""
_PHONETIC = (("\u0250", "\u02af"), ("\u1d00", "\u1dbf"))
"""Latin letters of phonetic alphabets only: in a name they stand for the letter that they are drawn like."""


@dataclass(frozen=True)
class LookAlike:
    """Spellings of what is probably one name.

    Attributes
    ----------
    spellings : tuple of (str, int)
        Each with the rows that bear it, the commonest first.
    is_hidden : bool
        Whether they differ in something that the eye does not see, not only in case or plain spaces.
    """

    spellings: tuple[tuple[str, int], ...]
    is_hidden: bool

    @property
    def listed(self) -> str:
        """Every spelling with what is not seen of it written out, and its rows."""
        return " and ".join(
            f"{describe_spelling(text)} ({counted(count, 'row')})" for text, count in self.spellings
        )


def find_look_alikes(counts: Mapping[str, int]) -> list[LookAlike]:
    r"""Groups of names that look alike.

    Parameters
    ----------
    counts : mapping of str to int
        Rows by name.

    >>> [one.is_hidden for one in find_look_alikes({"Web": 2, "web": 1, "W\u200beb": 1, "Shop": 5})]
    [True]
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        groups[skeleton(name)].append(name)
    found = []
    for names in groups.values():
        if len(names) > 1:
            order = sorted(names, key=lambda name: (-counts[name], not _is_plain(name), name))
            seen = {_without_case(name).replace(" ", "") for name in names}
            found.append(LookAlike(tuple((name, counts[name]) for name in order), len(seen) > 1))
    return found


def _is_plain(name: str) -> bool:
    return unicodedata.is_normalized("NFC", name) and name.isprintable()


def skeleton(name: str) -> str:
    r"""What is left of a name once everything is taken off that look-alikes differ in.

    >>> skeleton("Caf\u00e9") == skeleton("CAFE\u0301"), skeleton("K\u043el\u0430") == skeleton("Kola")
    (True, True)
    >>> skeleton("10") == skeleton("lO"), skeleton("Kola") == skeleton("K\u00f6la")
    (False, False)
    """
    if name.isascii() and name.isprintable():
        return "".join(name.casefold().split())
    shown = "".join(mark for mark in unicodedata.normalize("NFKC", name) if not _is_unseen(mark))
    drawn = "".join(mark if mark.isascii() else _drawn_as(mark) for mark in shown)
    folded = _without_case(unicodedata.normalize("NFKC", drawn)).casefold()
    # Case folding may open letters that have a drawn-alike of their own, such as the Cyrillic capitals.
    again = "".join(mark if mark.isascii() else _drawn_as(mark) for mark in folded)
    return unicodedata.normalize("NFC", "".join(again.casefold().split()))


def _without_case(text: str) -> str:
    """Small letters; one i, whether a language has it with a dot, without one, or both."""
    return text.lower().replace("\u00df", "ss").replace("i\u0307", "i").replace("\u0131", "i")


def _is_unseen(mark: str) -> bool:
    """Control and format marks, fillers, and those that only choose between drawings of the mark before."""
    return unicodedata.category(mark) in ("Cf", "Cc") or any(first <= mark <= last for first, last in _UNSEEN)


@lru_cache(maxsize=4096)
def _drawn_as(mark: str) -> str:
    """The ASCII mark that is drawn the same; accented and other Latin letters are letters of their own."""
    from confusable_homoglyphs import confusables

    is_phonetic = any(first <= mark <= last for first, last in _PHONETIC)
    if unicodedata.name(mark, "").startswith("LATIN") and not is_phonetic:
        return mark
    entries = confusables.confusables_data.get(mark, [])
    plain = [entry["c"] for entry in entries if len(entry["c"]) == 1 and entry["c"].isascii()]
    letters = [letter for letter in plain if letter.isalpha() == mark.isalpha()]
    same_case = [letter for letter in letters if letter.isupper() == mark.isupper()]
    if not same_case and mark.isupper() and len(mark.lower()) == 1:
        # A capital Cyrillic I is listed as a small l; its small form says which letter is meant.
        small = _drawn_as(mark.lower())
        return small.upper() if small.isascii() else mark
    return next(iter(same_case or letters), mark)


def describe_spelling(name: str) -> str:
    r"""A name in quotation marks, with what the eye does not see written out.

    >>> describe_spelling("Cafe\u0301"), describe_spelling("Web")
    ("'Cafe\u0301' with U+0301 COMBINING ACUTE ACCENT", "'Web'")
    """
    strange = [
        mark
        for mark in dict.fromkeys(name)
        if _is_unseen(mark) or (not mark.isascii() and (unicodedata.combining(mark) or _is_foreign(mark)))
    ]
    shown = "".join("" if _is_unseen(mark) else mark for mark in name)
    words = ", ".join(f"U+{ord(mark):04X} {unicodedata.name(mark, 'no name')}" for mark in strange[:3])
    return f"'{shown}'" + (f" with {words}" if words else "")


def _is_foreign(mark: str) -> bool:
    """Drawn like another mark, wide like another, or a blank that is no space."""
    return mark.isspace() or unicodedata.normalize("NFKC", mark) != mark or _drawn_as(mark) != mark
