"""What kind of export a table is, told from what its columns could be and from words of its trade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alignment_lib.inputs.column_contents import Contents
from alignment_lib.inputs.column_matching import Match, match_columns
from alignment_lib.inputs.column_words import plain_words
from alignment_lib.inputs.dimension_columns import dimension_rank

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
_WORDS: Mapping[str, Mapping[str, float]] = {
    "order_lines": dict.fromkeys(
        "order orders invoice quantity qty sku units lineitem receipt basket bestell auftrag beleg rechnung menge "
        "umsatz sales sold customer revenue".split(),
        0.5,
    ),
    "leads": dict.fromkeys(
        "lead leads source mql sql lifecycle enquiry inquiry anfrage prospect subscriber".split(), 1.0
    )
    | dict.fromkeys("qualified device utm".split(), 0.5),
    "opportunities": dict.fromkeys(
        "opportunity opportunities opp pipeline probability expected forecast weighted closing verkaufschance "
        "chance oportunidad opportunite engage".split(),
        1.0,
    )
    | dict.fromkeys("deal est stage close".split(), 0.5),
    "spend": dict.fromkeys(
        "impressions impr impressionen clicks klicks clics ctr cpc cpm cpa roas reach adset ad ads advert spend "
        "spent ausgaben werbekosten campaign kampagne campagne media conversions publisher".split(),
        1.0,
    ),
    "costs": dict.fromkeys("cost costs cogs standard einstandspreis kosten supplier landed".split(), 0.5),
    "prices": dict.fromkeys("price preis prix valid rrp msrp list pricelist gultig".split(), 0.5),
    "contacts": dict.fromkeys("call calls activity anruf attempt reached disposition phone".split(), 1.0),
}
_AGAINST: Mapping[str, tuple[str, ...]] = {
    "costs": ("units", "revenue", "impressions", "clicks", "quantity", "qty", "campaign", "order", "impr"),
    "prices": ("units", "revenue", "quantity", "qty", "order", "invoice", "menge", "cost", "amount", "units", "anzahl"),
    "spend": ("sku", "product", "units", "quantity", "stage", "lead"),
    "contacts": ("amount", "source", "stage"),
}
_MOST_WORDS = 3.0
_CLOSE = 0.1


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
    near = best - second < _CLOSE and not _lacking(other, rival)
    return Kind(name, found, _lacking(name, found), other if near else "")


def _match_all(contents: Mapping[str, Contents]) -> dict[str, dict[str, Match]]:
    return {name: match_columns(contents, name) for name in NEEDED}


def _lacking(kind: str, found: Mapping[str, Match]) -> tuple[str, ...]:
    return tuple(" or ".join(names) for names in NEEDED[kind] if not set(names) & set(found))


def _rate(kind: str, found: Mapping[str, Match], contents: Mapping[str, Contents]) -> float:
    best = [max((found[name].score for name in names if name in found), default=0.0) for names in NEEDED[kind]]
    words = _WORDS[kind]
    headings = [plain_words(column) for column in contents]
    spoken = sum(max((words.get(word, 0.0) for word in heading), default=0.0) for heading in headings)
    against = sum(any(word in _AGAINST.get(kind, ()) for word in heading) for heading in headings)
    rate = sum(best) / len(best) + 0.15 * min(spoken, _MOST_WORDS) - 0.3 * min(against, 3)
    if kind in ("costs", "prices") and not any(dimension_rank(column) is not None for column in contents):
        rate -= 0.5
    return rate - 0.6 * sum(score == 0 for score in best)


def match_kind(contents: Mapping[str, Contents], name: str) -> Kind:
    """A kind that the user named, with what its columns would be."""
    found = match_columns(contents, name)
    return Kind(name, found, _lacking(name, found))
