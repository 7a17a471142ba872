"""What kind of export a table is, told from what its columns could be and from words of its trade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alignment_lib.inputs.proposing.column_contents import Contents
from alignment_lib.inputs.proposing.column_matching import Match, match_columns
from alignment_lib.inputs.proposing.dimension_columns import dimension_rank
from alignment_lib.inputs.words.column_words import plain_words
from alignment_lib.inputs.words.trade_words import trade_words

__all__ = ["NEEDED", "Kind", "guess_kind", "match_kind"]

NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "order_lines": (("date",), ("units", "revenue", "unit_price")),
    "leads": (("lead_id",), ("created",), ("source",)),
    "opportunities": (("opportunity_id",), ("opened",), ("stage", "status"), ("amount",)),
    "spend": (("period",), ("amount",)),
    "costs": (("unit_cost",),),
    "prices": (("price",),),
    "contacts": (("lead_id",), ("at",)),
}
"""Per kind what must be there; of several columns in one bracket one is enough."""
_MOST_WORDS = 3.0
_AGAINST = 0.5
_CLOSE = 0.3
"""Kinds whose ratings lie so near each other are asked about."""
_CRM = ("leads", "opportunities", "contacts")
_LISTS = ("costs", "prices")
"""Lists without sales: whatever has quantities is told from them by those."""
_IDS = ("lead_id", "opportunity_id")
_STAGES_SPEAK, _LACKS, _LACKS_ID = 1.0, 0.6, 0.2


@dataclass(frozen=True)
class Kind:
    """A kind of export with what its columns would be.

    Attributes
    ----------
    name : str
        One of `NEEDED`.
    matches : mapping of str to Match
        Columns by role.
    lacking : tuple of str
        What it needs and the export does not have.
    rival : str
        Another kind that fits nearly as well.
    """

    name: str
    matches: Mapping[str, Match]
    lacking: tuple[str, ...]
    rival: str = ""


def guess_kind(contents: Mapping[str, Contents]) -> Kind:
    """The kind that fits best: what it needs is there, and the headings speak its words."""
    rated = sorted(
        ((_rate(name, found, contents), name, found) for name, found in _match_all(contents).items()),
        key=lambda entry: (-entry[0], list(NEEDED).index(entry[1])),
    )
    best, name, found = rated[0]
    second, other, rival = rated[1]
    lacking = _lacking(name, found)
    near = best - second < _CLOSE and not _lacking(other, rival) and other not in _LISTS
    return Kind(name, found, lacking, other if near or lacking else "")


def _match_all(contents: Mapping[str, Contents]) -> dict[str, dict[str, Match]]:
    return {name: match_columns(contents, name) for name in NEEDED}


def _lacking(kind: str, found: Mapping[str, Match]) -> tuple[str, ...]:
    return tuple(" or ".join(names) for names in NEEDED[kind] if not set(names) & set(found))


def _rate(kind: str, found: Mapping[str, Match], contents: Mapping[str, Contents]) -> float:
    best = [
        max((found[name].score for name in names if name in found), default=0.0) for names in NEEDED[kind]
    ]
    spoken_by = trade_words()["kinds"][kind]
    words = {**dict.fromkeys(spoken_by["half"], 0.5), **dict.fromkeys(spoken_by["full"], 1.0)}
    headings = [plain_words(column) for column in contents]
    spoken = sum(max((words.get(word, 0.0) for word in heading), default=0.0) for heading in headings)
    against = sum(any(word in spoken_by["against"] for word in heading) for heading in headings)
    rate = sum(best) / len(best) + 0.15 * min(spoken, _MOST_WORDS) - _AGAINST * min(against, 3)
    if kind == "contacts" and not spoken:
        rate -= 0.5
    if kind in ("costs", "prices") and not any(dimension_rank(column) is not None for column in contents):
        rate -= 0.5
    if kind not in _CRM and any(held.is_stage for held in contents.values()):
        rate -= _STAGES_SPEAK
    ids = [any(name in _IDS for name in names) for names in NEEDED[kind]]
    lacking = sum(
        (_LACKS_ID if is_id else _LACKS) for is_id, score in zip(ids, best, strict=True) if not score
    )
    return rate - lacking


def match_kind(contents: Mapping[str, Contents], name: str) -> Kind:
    """A kind that the user named, with what its columns would be."""
    found = match_columns(contents, name)
    return Kind(name, found, _lacking(name, found))
