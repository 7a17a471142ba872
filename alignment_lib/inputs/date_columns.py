"""Columns that hold one date together: won and lost apart, year and month apart."""

from __future__ import annotations

from collections.abc import Mapping

from alignment_lib.inputs.column_contents import Contents
from alignment_lib.inputs.column_words import plain_words
from alignment_lib.inputs.trade_words import words_of

__all__ = ["join_closing", "parts_of_dates"]

_MOSTLY = 0.6
_YEARS = frozenset(("year", "jahr", "annee", "ano", "anno", "jaar", "ar", "rok", "yil", "vuosi"))
_WITHIN = frozenset(
    (
        "month",
        "monat",
        "mois",
        "mes",
        "mese",
        "maand",
        "manad",
        "maned",
        "miesiac",
        "ay",
        "kuukausi",
        "period",
    )
) | {
    "week",
    "kw",
    "woche",
    "kalenderwoche",
    "semaine",
    "semana",
    "settimana",
    "uge",
    "vecka",
    "uke",
    "viikko",
}


def join_closing(
    columns: Mapping[str, str], contents: Mapping[str, Contents], doubts: list[str]
) -> dict[str, tuple[str, ...]]:
    """Further columns of the closing day, where won and lost have one each; said as a doubt.

    Parameters
    ----------
    columns : mapping of str to str
        Column of the export by role.
    contents : mapping of str to Contents
        What the columns hold, by heading.
    doubts : list of str
        Is added to.
    """
    first = columns.get("closed_at", "")
    end = _end(first)
    used = set(columns.values())
    if not end:
        return {}
    others = tuple(
        name
        for name, held in contents.items()
        if name not in used and held.dates >= _MOSTLY and _end(name) and _end(name) != end
    )
    if not others:
        return {}
    named = " and ".join(map(repr, (first, *others)))
    doubts.append(
        f"{named} were together taken for closed_at, the latest that is filled; "
        "correct them under [columns] and [also] if they are not"
    )
    return {"closed_at": others}


def _end(heading: str) -> str:
    words = set(plain_words(heading))
    if words & words_of("stages", "won"):
        return "won"
    return "lost" if words & words_of("stages", "lost") else ""


def parts_of_dates(contents: Mapping[str, Contents]) -> str:
    """What to do where the year stands in one column and the month or week in another; blank otherwise."""
    years = [name for name in contents if set(plain_words(name)) & _YEARS]
    within = [name for name in contents if name not in years and set(plain_words(name)) & _WITHIN]
    if not years or not within:
        return ""
    return (
        f"{years[0]!r} and {within[0]!r} are parts of one: add a column to the export that puts them "
        "together, such as 2025-07 for a month or 2025-W07 for a week"
    )
