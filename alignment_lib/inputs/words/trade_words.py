"""Words of the trade from ``trade_words.toml`` beside this module: stages, dimensions, kinds of export."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["trade_words", "words_of"]


@cache
def trade_words() -> Mapping[str, Any]:
    """The whole file.

    >>> list(trade_words())
    ['stages', 'dimensions', 'columns', 'kinds']
    """
    content: Mapping[str, Any] = tomllib.loads(
        files(__package__).joinpath("trade_words.toml").read_text(encoding="utf-8")
    )
    return content


@cache
def words_of(section: str, entry: str) -> frozenset[str]:
    """The words of one entry.

    >>> "won" in words_of("stages", "won")
    True
    """
    return frozenset(trade_words()[section][entry])
