"""Columns that hold one date together: won and lost apart, year and month apart."""

from __future__ import annotations

from collections.abc import Mapping

from alignment_lib.inputs.proposing.column_contents import Contents
from alignment_lib.inputs.words.column_words import plain_words
from alignment_lib.inputs.words.trade_words import words_of

__all__ = ["join_closing", "parts_of_dates"]

_MOSTLY = 0.6
_CLOSING_KINDS = ("leads", "opportunities")
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
    kind: str, columns: dict[str, str], contents: Mapping[str, Contents], doubts: list[str]
) -> dict[str, tuple[str, ...]]:
    """Further columns of the closing day, where won and lost have one each; said as a doubt.

    Parameters
    ----------
    kind : str
        Only leads and opportunities close.
    columns : dict of str to str
        Column of the export by role; a closing day is added where headings of days say won and lost.
    contents : mapping of str to Contents
        What the columns hold, by heading.
    doubts : list of str
        Is added to.
    """
    if kind not in _CLOSING_KINDS:
        return {}
    used = set(columns.values())
    ends = {
        name: end
        for name, held in contents.items()
        if name not in used and held.dates >= _MOSTLY and (end := _end(name))
    }
    first = columns.get("closed_at", "")
    if not first and len(set(ends.values())) > 1:
        first = columns["closed_at"] = next(iter(ends))
    end = _end(first) or ends.get(first, "")
    if not end:
        return {}
    others = tuple(name for name, other in ends.items() if other != end and name != first)
    if not others:
        missing = "lost" if end == "won" else "won"
        doubts.append(
            f"{first!r} was taken for closed_at and speaks of {end} only: those {missing} would have no "
            f'closing day; name the column that has it, as closed_at = ["…"] under [also]'
        )
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
