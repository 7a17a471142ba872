"""Columns that no word explains: figures and days left aside are asked about, never dropped unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from alignment_lib.inputs.proposing.column_contents import Contents
from alignment_lib.inputs.proposing.dimension_columns import dimension_rank
from alignment_lib.inputs.words.column_words import load_roles, plain_words, score_heading
from alignment_lib.inputs.words.trade_words import words_of

__all__ = ["doubt_unknown"]

_MOSTLY = 0.6
_KNOWN = 0.5
_MOST_NAMED = 8


def doubt_unknown(contents: Mapping[str, Contents], used: Collection[str], doubts: list[str]) -> None:
    """Add one doubt that names every column of figures or days whose heading says nothing known."""
    found = [
        f"{name!r} ({what})"
        for name, held in contents.items()
        if name not in used and (what := _holds(held)) and not _is_known(name)
    ]
    if found:
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        named = ", ".join(found[:_MOST_NAMED])
        text = f"left aside, for their headings are not known: {named}{more}"
        doubts.append(f"{text}; name under [columns] what is needed")


def _holds(held: Contents) -> str:
    if not held.filled or held.is_flag or held.shares >= _MOSTLY:
        return ""
    if held.dates >= _MOSTLY:
        return "days"
    return "figures" if held.numbers >= _MOSTLY else ""


def _is_known(name: str) -> bool:
    words = set(plain_words(name))
    numbers = any(word.endswith(("nummer", "number", "rabatt")) for word in words)
    if (
        not words
        or numbers
        or words & (words_of("columns", "never") | words_of("columns", "aside") | words_of("columns", "keys"))
    ):
        return True
    if dimension_rank(name) is not None:
        return True
    roles = (role for roles in load_roles().values() for role in roles)
    return any(score_heading(name, role) >= _KNOWN for role in roles)
