"""Which columns of an export say what a sale belongs to: store, channel, product and the like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from alignment_lib.inputs.dictionary import reserved_names
from alignment_lib.inputs.proposing.column_contents import Contents
from alignment_lib.inputs.words.column_words import heading_words, plain_words
from alignment_lib.inputs.words.trade_words import trade_words, words_of

__all__ = ["dimension_name", "dimension_rank", "find_dimensions"]

_RANKS = {word: rank for rank, words in enumerate(trade_words()["dimensions"].values()) for word in words}

_PRODUCT = _RANKS["product"]
_PRODUCT_GROUP = _RANKS["category"]
_NAMES, _KEYS, _NEVER = (words_of("columns", name) for name in ("names", "keys", "never"))
_ALLOWED = frozenset(
    {"ship country", "shipping country", "delivery country", "ship to country", "billing country"}
)
_MOST_VALUES = 200
_MOST = 4
_LONG = 5
_FLAGS = re.compile(r"yes|no|true|false|y|n|ja|nein|0|1", re.IGNORECASE)


def dimension_rank(heading: str) -> int | None:
    """How broad a heading's dimension is, 0 for countries; None where no word of it names one.

    >>> dimension_rank("Store") < dimension_rank("Product name"), dimension_rank("Weekday")
    (True, None)
    """
    words = plain_words(heading)
    joined = "".join(words)
    if joined in _RANKS:
        return _RANKS[joined]
    ranks = [_RANKS[word] for word in words if word in _RANKS and word != "code"]
    if not ranks:
        return _compound_rank(joined)
    # "Product category" is a category; "Product code" a product.
    return min(ranks) if max(ranks) == _PRODUCT else ranks[-1]


def _compound_rank(word: str) -> int | None:
    """Compounds: the rank of their ending, else of their beginning before a number or a name."""
    long = [known for known in _RANKS if len(known) >= _LONG]
    ending = next((_RANKS[known] for known in long if word.endswith(known)), None)
    if ending is not None:
        return ending
    rests = _NAMES | _KEYS | {"text"}
    return next(
        (
            _RANKS[known]
            for known in long
            if word.startswith(known) and {word[len(known) :], word[len(known) + 1 :]} & rests
        ),
        None,
    )


def dimension_name(column: str) -> str:
    """A column's heading as the name of a dimension.

    >>> dimension_name("Order Lines/Product"), dimension_name("Lineitem name"), dimension_name("units")
    ('product', 'product', 'sales_units')
    """
    words = heading_words(column)
    name = "_".join(words[-1] if "/" in column else words[0]) or "part"
    if name in ("lineitem_name", "item_name", "product_name", "item_description"):
        name = "product"
    return f"sales_{name}" if name in reserved_names() else name


def find_dimensions(
    table: pd.DataFrame,
    contents: Mapping[str, Contents],
    taken: set[str],
    doubts: list[str],
    known: Sequence[str] = (),
    *,
    is_list: bool = False,
) -> dict[str, str]:
    """Dimensions by name, the broadest first, with a doubt for each that no word of its heading names.

    Parameters
    ----------
    table : DataFrame
        The export.
    contents : mapping of str to Contents
        What its columns hold.
    taken : set of str
        Columns that have another use.
    doubts : list of str
        Is added to.
    known : sequence of str
        Dimensions that the workspace has already: columns that mean them bear their names.
    is_list : bool
        Whether each row may be a product of its own, as in a list of prices.
    """
    free = [name for name in contents if name not in taken]
    found = [name for name in free if _may_be(table, name, contents[name], is_list)]
    named = [name for name in found if dimension_rank(name) is not None and not _is_barred(name)]
    ordered = _without_twins(table, contents, sorted(named, key=lambda name: _order(table, name)))
    named = _choose(ordered)
    if len(ordered) > len(named):
        left = ", ".join(repr(name) for name in ordered if name not in named)
        doubts.append(f"{left} could be dimensions too; add what you plan by under [dimensions]")
    others = [name for name in found if dimension_rank(name) is None and not _is_barred(name)]
    others = sorted(others, key=lambda name: (table[name].nunique(), name))[: _MOST - len(named)]
    others = [name for name in others if contents[name].different > 1]
    for name in others:
        text = f"{name!r} was taken for a dimension because it holds few different words"
        doubts.append(f"{text}; strike it out under [dimensions] if you do not plan by it")
    order = sorted([*named, *others], key=lambda name: _order(table, name))
    return _name_all(order, known)


def _choose(ordered: list[str]) -> list[str]:
    """The first few, and the product always: what is sold names a series before anything else."""
    products = [name for name in ordered if (dimension_rank(name) or 0) >= _PRODUCT][:1]
    others = [name for name in ordered if name not in products][: _MOST - len(products)]
    return [name for name in ordered if name in products or name in others]


def _order(table: pd.DataFrame, name: str) -> tuple[float, int, str]:
    rank = dimension_rank(name)
    return (_PRODUCT - 0.5 if rank is None else rank, table[name].nunique(), name)


def _is_barred(name: str) -> bool:
    words = plain_words(name)
    if " ".join(words) in _ALLOWED:
        return False
    rank = dimension_rank(name)
    if rank is not None and set(words) <= (
        set(_RANKS) | _KEYS | _NAMES | {"sales", "order", "type", "lines", "line"}
    ):
        return "order" in words and bool({"id", "no", "number", "nr"} & set(words))
    return bool(set(words) & _NEVER)


def _may_be(table: pd.DataFrame, name: str, held: Contents, is_list: bool) -> bool:
    """Words that repeat; figures only where the heading names a dimension, such as the number of a store."""
    if not held.filled or held.dates >= 0.6 or held.mails > 0.1 or held.shares >= 0.5:
        return False
    rank = dimension_rank(name)
    if held.numbers >= 0.6 and (rank is None or not held.is_whole):
        return False
    values = table[name]
    count = values.nunique()
    if rank is None:
        few = 1 <= count <= min(30, max(2, len(values) // 4))
        return (
            few
            and not values.drop_duplicates().map(lambda word: bool(_FLAGS.fullmatch(word)) or not word).all()
        )
    most = max(_MOST_VALUES, 2_000 if rank >= _PRODUCT_GROUP else 0)
    if is_list and rank >= _PRODUCT:
        return count > 0
    return 1 <= count <= min(most, max(2, len(values) // (2 if rank >= _PRODUCT_GROUP else 4)))


def _without_twins(table: pd.DataFrame, contents: Mapping[str, Contents], names: list[str]) -> list[str]:
    """One column of each pair that says the same in other words, such as an article's number and its name.

    Of a number and a name of one rank the name stays, unless the number tells more apart.
    """

    def is_key(name: str) -> bool:
        words = plain_words(name)
        ends = any(word.endswith(("nummer", "number")) for word in words)
        return ends or bool(set(words) & _KEYS) or contents[name].numbers >= 0.6

    def is_unnamed(name: str) -> bool:
        return not any(word.endswith(tuple(_NAMES)) for word in plain_words(name))

    kept: list[str] = []
    for name in sorted(names, key=lambda name: (is_key(name), is_unnamed(name), names.index(name))):
        rank, count = dimension_rank(name), table[name].nunique()
        peers = [other for other in kept if dimension_rank(other) == rank]
        twin = any(
            count == table[other].nunique() == len(table[[name, other]].drop_duplicates()) > 1
            or (is_key(name) and not is_key(other) and count <= table[other].nunique())
            for other in peers
        )
        if not twin:
            kept.append(name)
    return [name for name in names if name in kept]


def _name_all(columns: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    free = list(known)
    names: dict[str, str] = {}
    for column in columns:
        own = dimension_name(column)
        same = next((name for name in free if name == own), None) or next(
            (name for name in free if dimension_rank(name) == dimension_rank(column) is not None), None
        )
        if same is not None:
            free.remove(same)
        name = same or own
        while name in names:
            name += "_2"
        names[name] = column
    return names
