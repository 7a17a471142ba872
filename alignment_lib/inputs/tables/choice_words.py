"""Words that people write for the choices of the dictionary: ``Promotion``, ``Price change``, ``%``.

Case, blanks, hyphens and underscores never tell two choices apart. Beyond that a few words stand for one
choice each; what stands for two is no word of any.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

__all__ = ["choice_of"]

_WORDS: Mapping[str, Mapping[str, str]] = {
    "unit": {
        **dict.fromkeys(
            ("%", "pct", "per cent", "prozent", "percentage", "pour cent", "pourcent"), "percent"
        ),
        **dict.fromkeys(("unit", "pieces", "pcs", "qty", "quantity", "stück", "stk", "menge"), "units"),
        **dict.fromkeys(("money", "sales value", "turnover", "net sales", "umsatz"), "revenue"),
    },
    "function": {
        **dict.fromkeys(("mkt", "mktg", "brand"), "marketing"),
        **dict.fromkeys(("vertrieb", "verkauf"), "sales"),
        **dict.fromkeys(("controlling", "finanzen"), "finance"),
    },
    "kind": {
        **dict.fromkeys(("promo", "aktion", "sales promotion"), "promotion"),
        **dict.fromkeys(("price", "price increase", "price cut", "preisänderung"), "price_change"),
        **dict.fromkeys(("launch", "product launch", "neuprodukt"), "new_product"),
        **dict.fromkeys(("delist", "delisted", "auslistung"), "delisting"),
        **dict.fromkeys(("one time", "einmalig"), "one_off"),
        **dict.fromkeys(("online", "online marketing"), "digital"),
        **dict.fromkeys(("spend", "media budget", "marketing budget", "spend shift"), "budget"),
    },
    "status": {
        **dict.fromkeys(("approved", "agreed", "angenommen"), "accepted"),
        **dict.fromkeys(("declined", "abgelehnt"), "rejected"),
        **dict.fromkeys(("suggested", "vorgeschlagen"), "proposed"),
        **dict.fromkeys(("entwurf",), "draft"),
    },
}


def choice_of(word: str, column: str, choices: Sequence[str]) -> str:
    """The choice that a word means; the word itself where it means none.

    >>> choice_of("Price change", "kind", ["promotion", "price_change"]), choice_of("%", "unit", ["percent"])
    ('price_change', 'percent')
    >>> choice_of("promtion", "kind", ["promotion"])
    'promtion'
    """
    if word in choices:
        return word
    folded = _fold(word)
    known = {_fold(choice): choice for choice in choices}
    said = {_fold(text): choice for text, choice in _WORDS.get(column, {}).items() if choice in choices}
    return known.get(folded) or said.get(folded) or word


def _fold(word: str) -> str:
    return re.sub(r"[\s_\-.]+", "", word.casefold())
