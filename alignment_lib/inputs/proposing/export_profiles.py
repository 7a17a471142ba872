"""Profiles: declared mappings of usual exports, one TOML file each, shipped or added by the user.

A profile is data: headings, words and decisions. It names no file, runs nothing, and is held to the same
checks as a mapping.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.words.column_words import load_roles

__all__ = ["Profile", "find_profile", "read_profiles", "shipped_profiles"]

_LARGEST = 200_000
_TYPES: dict[str, type] = {
    "system": str,
    "kind": str,
    "recognised_by": list,
    "columns": dict,
    "dimensions": dict,
    "outcomes": dict,
    "values": dict,
    "aside": list,
    "import": dict,
}
_OUTCOMES = ("won", "lost", "")


@dataclass(frozen=True)
class Profile:
    """A declared mapping of one system's export.

    Attributes
    ----------
    name, system : str
        Name of its file, name of the system.
    kind : str
        What one row is.
    recognised_by : tuple of str
        Headings that must all be there; ``*`` stands for anything.
    columns, dimensions : dict of str to tuple of str
        Headings by column of the contract or dimension, the first that is there is taken.
    outcomes, values : dict of str to str
        As in a mapping.
    aside : tuple of str
        Headings that are never taken.
    decisions : dict of str to object
        As ``[import]`` in a mapping.
    """

    name: str
    system: str
    kind: str
    recognised_by: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    aside: tuple[str, ...] = ()
    decisions: Mapping[str, Any] = field(default_factory=dict)

    def columns_of(self, headings: Sequence[str]) -> dict[str, str]:
        """Columns of an export by role, as far as it has them."""
        return _pick(self.columns, headings)

    def dimensions_of(self, headings: Sequence[str]) -> dict[str, str]:
        """Dimensions of an export, as far as it has them."""
        return _pick(self.dimensions, headings)

    def aside_of(self, headings: Sequence[str]) -> frozenset[str]:
        """Columns of an export that are never taken."""
        return frozenset(name for pattern in self.aside for name in _matching(pattern, headings))

    def recognises(self, headings: Sequence[str]) -> bool:
        """Whether an export bears all the headings this is known by."""
        return all(_matching(pattern, headings) for pattern in self.recognised_by)


def _pick(wanted: Mapping[str, tuple[str, ...]], headings: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, patterns in wanted.items():
        names = [name for pattern in patterns for name in _matching(pattern, headings)]
        free = [name for name in names if name not in found.values()]
        if free:
            found[role] = free[0]
    return found


def _matching(pattern: str, headings: Sequence[str]) -> list[str]:
    return [name for name in headings if _is_like(name.casefold(), pattern.casefold().split("*"))]


def _is_like(name: str, parts: Sequence[str]) -> bool:
    """Whether the parts of a pattern stand in a name in their order, the first and last at its ends."""
    if len(parts) == 1:
        return name == parts[0]
    first, *middle, last = parts
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    rest = name[len(first) : len(name) - len(last)]
    for part in middle:
        place = rest.find(part)
        if place < 0:
            return False
        rest = rest[place + len(part) :]
    return True


def find_profile(headings: Sequence[str], profiles: Sequence[Profile], kind: str = "") -> Profile | None:
    """The profile that knows an export by the most headings; of equal ones the first.

    Parameters
    ----------
    headings : sequence of str
        The export's columns.
    profiles : sequence of Profile
        The user's own first.
    kind : str
        Only profiles of this kind, where given.
    """
    known = [entry for entry in profiles if kind in ("", entry.kind) and entry.recognises(headings)]
    return max(known, key=lambda entry: len(entry.recognised_by), default=None)


@cache
def shipped_profiles() -> tuple[Profile, ...]:
    """The profiles that come with the product, by name."""
    folder = files(__package__).joinpath("profiles")
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda e: e.name
    )
    return tuple(_parse(entry.name, entry.read_text(encoding="utf-8")) for entry in entries)


def read_profiles(folder: Path) -> tuple[Profile, ...]:
    """The user's own profiles, by name; none where there is no such folder.

    Raises
    ------
    InputError
        With every fault of every file.
    """
    found: list[Profile] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found.append(_parse(path.name, _read(path)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(found)


def _read(path: Path) -> str:
    if path.is_symlink() or path.stat().st_size > _LARGEST:
        mend = "put the profile itself there, or delete the file"
        raise InputError([Problem(path.name, "a link or a large file", "a small TOML file", mend)])
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError):
        raise InputError([Problem(path.name, "no text in UTF-8", "TOML", "save it as UTF-8")]) from None


def _parse(file: str, text: str) -> Profile:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mend = "correct that line, or delete the file"
        raise InputError([Problem(file, str(error)[:120], "TOML", mend)]) from None
    problems = list(_faults(file, content))
    if problems:
        raise InputError(problems)
    return Profile(
        file.removesuffix(".toml"),
        str(content.get("system", "")),
        content["kind"],
        tuple(content["recognised_by"]),
        _headings(content.get("columns", {})),
        _headings(content.get("dimensions", {})),
        content.get("outcomes", {}),
        content.get("values", {}),
        tuple(content.get("aside", ())),
        content.get("import", {}),
    )


def _headings(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: (given,) if isinstance(given, str) else tuple(given) for name, given in table.items()}


def _faults(file: str, content: Mapping[str, Any]) -> Iterable[Problem]:
    """Every line that a profile may not have, and what it lacks."""
    for key, value in content.items():
        if key not in _TYPES or not isinstance(value, _TYPES[key]):
            expected = "one of the lines of a profile: " + ", ".join(_TYPES)
            yield Problem(file, f"{key} = {value!r}"[:80], expected, "remove or correct it", column=key)
    kinds = ", ".join(load_roles())
    if content.get("kind") not in load_roles():
        yield Problem(file, f"kind = {content.get('kind')!r}"[:80], kinds, "name one", column="kind")
        return
    if not _are_texts(content.get("recognised_by")) or not content["recognised_by"]:
        mend = "list the headings by which the export is known"
        yield Problem(file, "no recognised_by", "a list of headings", mend, column="recognised_by")
    yield from _table_faults(file, content)


def _table_faults(file: str, content: Mapping[str, Any]) -> Iterable[Problem]:
    roles = [role.name for role in load_roles()[content["kind"]]]
    for title in ("columns", "dimensions", "values", "outcomes"):
        table = content.get(title, {})
        for name, given in table.items() if isinstance(table, dict) else ():
            place = f"{title}.{name}"
            if title in ("columns", "values") and name not in roles:
                yield Problem(file, place, "one of " + ", ".join(roles), "correct the name", column=place)
            wrong = title == "outcomes" and given not in _OUTCOMES
            if wrong or not (
                isinstance(given, str) or (title in ("columns", "dimensions") and _are_texts(given))
            ):
                expected = "won, lost or nothing" if title == "outcomes" else "a heading, or a list of them"
                yield Problem(file, f"{place} = {given!r}"[:80], expected, "correct it", column=place)
    if "aside" in content and not _are_texts(content["aside"]):
        yield Problem(file, "aside", "a list of headings", "correct it", column="aside")


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
