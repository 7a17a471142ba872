"""A mapping whose values are worked out in groups, each when one of its names is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

import pandas as pd

__all__ = ["Group", "LazyTables", "filled"]

_Value = TypeVar("_Value")
Group = tuple[tuple[str, ...], Callable[[], Mapping[str, _Value]]]
"""Names, and what works them out together."""


class LazyTables(Mapping[str, _Value], Generic[_Value]):
    """Values by name, worked out when asked for.

    Parameters
    ----------
    groups : sequence of (names, callable)
        What belongs together; a callable may leave names out for which there is nothing.
    finish : callable
        Applied once to every value found.
    absent : callable
        What stands under a declared name for which nothing was found; raises `KeyError` for no value.

    Examples
    --------
    >>> made = LazyTables([(("a", "b"), lambda: {"a": 1})], lambda name, value: value + 1, lambda name: 0)
    >>> made["a"], made["b"], "c" in made
    (2, 1, False)
    """

    def __init__(
        self,
        groups: list[Group[_Value]],
        finish: Callable[[str, _Value], _Value] = lambda name, value: value,
        absent: Callable[[str], _Value] | None = None,
    ) -> None:
        self._groups = {name: group for group in groups for name in group[0]}
        self._finish, self._absent = finish, absent
        self._raw: dict[str, _Value] = {}
        self._done: set[tuple[str, ...]] = set()
        self._values: dict[str, _Value] = {}

    @property
    def groups(self) -> list[Group[_Value]]:
        """The groups as declared: for tables that hold these and others."""
        return list(dict.fromkeys(self._groups.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """Every declared name, whether there is a value or not; nothing is worked out."""
        return tuple(self._groups)

    def raw(self, name: str) -> _Value | None:
        """The value as it was found, None where there is none."""
        names, work = self._groups[name]
        if names not in self._done:
            self._raw |= {key: value for key, value in work().items() if key in names}
            self._done.add(names)
        return self._raw.get(name)

    def __getitem__(self, name: str) -> _Value:
        """Work a value out, once."""
        if name not in self._groups:
            raise KeyError(name)
        if name not in self._values:
            found = self.raw(name)
            if found is None:
                if self._absent is None:
                    raise KeyError(name)
                found = self._absent(name)
            self._values[name] = self._finish(name, found)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        """Names for which there is a value: everything is worked out."""
        return iter([name for name in self._groups if self._has(name)])

    def __len__(self) -> int:
        """How many there are: everything is worked out."""
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        """Whether there is a value, which only its own group is worked out for."""
        return isinstance(name, str) and name in self._groups and self._has(name)

    def _has(self, name: str) -> bool:
        # Asked of what was found: a `KeyError` of the work itself is a fault, not an absent table.
        if self.raw(name) is not None:
            return True
        try:
            return self._absent is not None and self._absent(name) is not None
        except KeyError:
            return False


def filled(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables that have rows: what is empty is not published."""
    return {name: table for name, table in tables.items() if len(table)}
