"""Names that become folders: business units and rounds. Anything that could reach elsewhere is refused."""

from __future__ import annotations

import unicodedata

from alignment_lib.inputs.periods.round_names import is_round_name
from alignment_lib.inputs.problems import AlignmentError

__all__ = ["NameRefused", "check_round_name", "check_unit_name", "is_unit_name"]

_MOST_CHARACTERS = 100
_MOST_BYTES = 200
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"]
)


_BESIDE = (".review", ".meeting", ".locked", ".log.jsonl")
"""Endings of what is written beside a unit's own folder: a unit of such a name would be written over."""


class NameRefused(AlignmentError):
    """A unit or round name that cannot safely become a folder."""

    exit_code = 2


def check_unit_name(name: str) -> str:
    """Return `name` if it can safely be a folder on any system, else raise `NameRefused`.

    Letters, digits, space, dot, underscore and hyphen are allowed, at most 100 characters.

    >>> check_unit_name("Orange juice, Chicago")
    Traceback (most recent call last):
        ...
    alignment_lib.rounds.files.folder_names.NameRefused: the unit name 'Orange juice, Chicago' cannot be a \
folder: it holds ','; use letters, digits, space, dot, underscore and hyphen
    >>> check_unit_name("oj_chain")
    'oj_chain'
    """
    fault = _find_fault(name)
    if fault:
        shown = ascii(name if len(name) <= 60 else name[:57] + "...")
        raise NameRefused(
            f"the unit name {shown} cannot be a folder: {fault}; "
            "use letters, digits, space, dot, underscore and hyphen"
        )
    return name


def check_round_name(name: str) -> str:
    """Return `name` if it is that of a round, such as ``2026Q1``, else raise `NameRefused`."""
    if not is_round_name(name):
        shown = ascii(name if len(name) <= 60 else name[:57] + "...")
        raise NameRefused(f"the round {shown} is not one: write 2026, 2026Q1 or 2026-03")
    return name


def is_unit_name(name: str) -> bool:
    """Whether `check_unit_name` would let `name` pass."""
    return _find_fault(name) == ""


def _find_fault(name: str) -> str:
    if not name.strip():
        return "it is empty"
    if len(name) > _MOST_CHARACTERS or len(name.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
        return f"it is longer than {_MOST_CHARACTERS} characters"
    strange = next((mark for mark in name if not (mark.isalnum() or mark in " ._-")), "")
    if strange:
        return f"it holds {strange!a}"
    if name[0] in ". " or name[-1] in ". ":
        return "it begins or ends with a dot or a space"
    return _find_taken(name) or _find_look_alike(name)


def _find_taken(name: str) -> str:
    """Names that mean something else already."""
    if name.split(".")[0].strip().lower() in _DEVICES:
        return "it is the name of a device on Windows"
    ending = next((ending for ending in _BESIDE if name.lower().endswith(ending)), "")
    return f"what ends in {ending} stands beside the plan of another unit" if ending else ""


def _find_look_alike(name: str) -> str:
    """Two names that look the same must not be two folders."""
    if unicodedata.normalize("NFKC", name) != name:
        return "it holds look-alike characters"
    scripts = {unicodedata.name(mark, "").split(" ")[0] for mark in name if mark.isalpha()}
    if len(scripts & {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC"}) > 1:
        return "it mixes letters of alphabets that look alike"
    return ""
