"""Ids of customers, leads and deals as keyed tokens: equal ids stay equal, nobody reads who they are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes

import pandas as pd

from alignment_lib.rounds.files.atomic_files import write_durably

__all__ = ["hide_ids", "read_key", "token_of"]

_KEY_BYTES = 32
_IDS = {
    "lead": (("leads", "lead_id"), ("contacts", "lead_id")),
    "customer": (("leads", "customer"), ("transactions", "customer")),
    "deal": (("opportunities", "opportunity_id"), ("opportunity_changes", "opportunity_id")),
}
"""Where what is named by an id stands: one customer bears one token in every table."""


def read_key(folder: Path) -> bytes:
    """The store's own key, drawn when whoever holds the store first asks; it never leaves it."""
    path = folder / "key"
    if not path.exists():
        write_durably(path, token_bytes(_KEY_BYTES))
        path.chmod(0o600)
    return path.read_bytes()


def hide_ids(tables: Mapping[str, pd.DataFrame], key: bytes) -> dict[str, pd.DataFrame]:
    """The tables with every id as a token; a blank stays blank.

    A token begins with the id's place in the order of all ids of its kind, so that what is worked out row by
    row in the order of ids comes out the same.

    >>> leads = pd.DataFrame({"lead_id": ["B", "A"], "customer": ["", "Ann"], "source": ["web", "web"]})
    >>> hidden = hide_ids({"leads": leads}, b"k")["leads"]
    >>> hidden["lead_id"].str[:9].tolist(), hidden["customer"].str[:9].tolist(), hidden["source"].tolist()
    (['000000001', '000000000'], ['', '000000000'], ['web', 'web'])
    """
    hidden = dict(tables)
    for places in _IDS.values():
        held = [(table, column) for table, column in places if table in tables and column in tables[table]]
        ids = sorted({str(one) for table, column in held for one in tables[table][column].unique()} - {""})
        tokens = {one: f"{at:09d}{_token(one, key)}" for at, one in enumerate(ids)} | {"": ""}
        for table, column in held:
            hidden[table] = hidden[table].assign(**{column: tables[table][column].map(tokens)})
    return hidden


def token_of(hidden: str) -> str:
    """The part of a hidden id that stays from round to round; its place among all ids does not.

    >>> token_of("000000001ab")
    'ab'
    """
    return hidden[9:]


def _token(name: str, key: bytes) -> str:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), key=key, digest_size=12).hexdigest()
