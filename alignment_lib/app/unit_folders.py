"""Which business units a command means: folders, folders of folders, and patterns."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.settings_reader import SETTINGS_FILE

__all__ = ["NoUnits", "find_units"]


class NoUnits(AlignmentError):
    """A pattern or folder in which no workspace lies."""

    exit_code = 2


def find_units(given: Iterable[Path], output: Path) -> tuple[Path, ...]:
    """Workspace folders, each once, in the order given and by name within a folder or pattern.

    Parameters
    ----------
    given : iterable of Path
        A workspace; a folder of workspaces, of which every visible folder inside is one (so that a unit
        without its settings is reported, not passed over); or a pattern such as ``units/*``, of which every
        folder that matches is one.
    output : Path
        Never taken for a unit, should it lie among them.

    Raises
    ------
    NoUnits
        Where a pattern matches no folder.
    """
    found: list[Path] = []
    for path in given:
        found += _matching(path) if glob.has_magic(str(path)) and not path.exists() else _units_in(path)
    kept = [Path(os.path.realpath(folder)) for folder in found]
    own = Path(os.path.realpath(output))
    return tuple(dict.fromkeys(folder for folder in kept if folder != own))


def _matching(pattern: Path) -> list[Path]:
    base, wanted = Path(pattern.anchor or "."), str(pattern.relative_to(pattern.anchor))
    folders = [path for path in sorted(base.glob(wanted)) if path.is_dir() and not path.name.startswith(".")]
    if not folders:
        raise NoUnits(f"no folder matches {str(pattern)!r}; name workspaces, or a folder that holds them")
    return folders


def _units_in(folder: Path) -> list[Path]:
    if (folder / SETTINGS_FILE).exists() or not folder.is_dir():
        return [folder]
    inside = [
        path for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith((".", "_"))
    ]
    # A folder in which nothing is a workspace is itself meant to be one, and lacks its settings.
    return inside if any((path / SETTINGS_FILE).exists() for path in inside) else [folder]
