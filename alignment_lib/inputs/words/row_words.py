"""Words that say what a row of an export is: credit note, draft, budget, measure, price with tax, total."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

__all__ = ["heading_says", "name_kind", "propose_action", "total_pattern"]

_FILE = Path(__file__).with_name("row_words.toml")
_IN_PARTS = ("credit", "void")
"""Kinds that a part of a label tells: ``Posted, cancelled``."""


@cache
def _load() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _whole(section: str, name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(_load()[section][name])})", re.IGNORECASE)


@cache
def total_pattern() -> re.Pattern[str]:
    """Words that say that a row or a column is a total, in the languages of spreadsheets."""
    words = _load()["totals"]
    parted = rf"(?<![^\W_])(?:{'|'.join(words['words'])})(?![^\W_])"
    return re.compile(f"{parted}|{'|'.join(words['east'])}", re.IGNORECASE)


@cache
def _part(kind: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(_load()['kinds'][kind])})(?![^\W_])", re.IGNORECASE)


def heading_says(kind: str, heading: str) -> bool:
    """Whether a heading is one of documents, of their status, of a day of cancelling, or of prices.

    >>> heading_says("status", "Financial Status"), heading_says("document", "Region")
    (True, False)
    """
    return bool(_whole("headings", kind).fullmatch(heading))


def name_kind(text: str) -> str:
    """What a word says a row is, ``""`` where it says nothing this knows.

    >>> [name_kind(text) for text in ("Credit Note", "Storniert", "Budget", "Last year", "Stück", "Chair")]
    ['credit', 'void', 'plan', 'past', 'units', '']
    """
    plain = " ".join(text.split())
    for kind in _load()["kinds"]:
        if _whole("kinds", kind).fullmatch(plain):
            return kind
    return next((kind for kind in _IN_PARTS if _part(kind).search(plain)), "")


def propose_action(kind: str, kinds: Iterable[str], *, negative: bool, status: bool) -> str:
    """What to propose for rows of a kind, among rows of other kinds.

    Parameters
    ----------
    kind : str
        Of `name_kind`.
    kinds : iterable of str
        All kinds of the column.
    negative : bool
        Whether the rows' figures are below zero already.
    status : bool
        Whether the column tells what became of a document rather than what it is.
    """
    among = set(kinds)
    if kind == "credit":
        return "take" if negative else "leave out" if status else "subtract"
    if kind in ("void", "plan", "past", "ratio", "money"):
        return "leave out"
    if kind in ("units", "revenue") and {"units", "revenue", "ratio", "money"} & (among - {kind}):
        return kind
    return "leave out" if kind == "gross" and "net" in among else "take"
