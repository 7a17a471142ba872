"""A part of the business as it is said aloud: ``House Blend / web`` is a product and a channel."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.words.nearest import UnknownWord, say_unknown
from alignment_lib.rounds.view import RoundView

__all__ = ["read_members", "read_part"]


def read_part(view: RoundView, text: str) -> dict[str, str]:
    """The part that some words name.

    Parameters
    ----------
    view : RoundView
        The round.
    text : str
        Members with slashes between them, in any order and capitals, each a name or ``dimension=member``;
        blank, ``all`` or ``total`` for the whole.

    Raises
    ------
    UnknownWord
        A name that no dimension has (the nearest are named), that several have, or two of one dimension.
    """
    return read_members(view.table("plan")[view.dimensions], text)


def read_members(keys: pd.DataFrame, text: str) -> dict[str, str]:
    """The same from the series themselves.

    Parameters
    ----------
    keys : DataFrame
        A column for each dimension.
    text : str
        As for `read_part`.

    Examples
    --------
    >>> read_members(pd.DataFrame({"product": ["Tea"], "channel": ["web"]}), "web / tea")
    {'channel': 'web', 'product': 'Tea'}
    """
    text = text.strip()
    if text.casefold() in ("", "all", "total", "whole"):
        return {}
    members = {str(name): sorted(keys[name].astype(str).unique()) for name in keys}
    found: dict[str, str] = {}
    for word in _split(text, {one for known in members.values() for one in known}):
        name, member = _match(word, members)
        if name in found:
            both, said = f"{found[name]!r} and {member!r}", name.replace("_", " ")
            raise UnknownWord(f"a part has one {said}: ask for {both} one at a time")
        found[name] = member
    return found


def _split(text: str, known: set[str]) -> list[str]:
    """The names between slashes; a name that holds slashes itself stays whole."""
    folded = {name.casefold() for name in known}
    pieces, words = text.split("/"), []
    while pieces:
        joined = {size: "/".join(pieces[:size]).strip() for size in range(len(pieces), 0, -1)}
        size = next(
            (n for n, word in joined.items() if (word.partition("=")[2] or word).casefold() in folded), 1
        )
        words.append(joined[size])
        pieces = pieces[size:]
    return [word for word in words if word]


def _match(word: str, members: dict[str, list[str]]) -> tuple[str, str]:
    """Dimension and member of a name."""
    head, stated, rest = word.partition("=")
    dimensions = {name.replace("_", " ").casefold(): name for name in members}
    key = head.strip().replace("_", " ").casefold()
    if stated and key in dimensions:
        members, word = {dimensions[key]: members[dimensions[key]]}, rest.strip()
    holding = [
        (name, member)
        for name, known in members.items()
        for member in known
        if member == word or (word not in known and member.casefold() == word.casefold())
    ]
    if len(holding) == 1:
        return holding[0]
    if holding:
        ways = " or ".join(f"{name}={member}" for name, member in holding)
        raise UnknownWord(f"{word!r} may be several things: write {ways}")
    nouns = " or ".join(name.replace("_", " ") for name in members)
    raise UnknownWord(say_unknown(word, [one for known in members.values() for one in known], nouns))
