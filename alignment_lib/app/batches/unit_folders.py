"""Which business units a command means: folders, folders of folders, and patterns."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.workspace import name_of_unit

__all__ = ["NoUnits", "TwinUnits", "find_units"]


class NoUnits(AlignmentError):
    """A pattern or folder in which no workspace lies."""

    exit_code = 2


class TwinUnits(AlignmentError):
    """Two units of one name, which would be published into one folder."""

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
    TwinUnits
        Where two units bear one name.
    """
    found: list[Path] = []
    for path in given:
        found += _matching(path) if glob.has_magic(str(path)) and not path.exists() else _units_in(path)
    # A unit is named by the folder that was given, not by where a link leads; each place counts once.
    places = {os.path.realpath(folder): _given(folder) for folder in reversed(found)}
    own = os.path.realpath(output)
    ordered = dict.fromkeys(os.path.realpath(folder) for folder in found)
    kept = tuple(places[place] for place in ordered if place != own)
    _refuse_twins(kept)
    return kept


def _given(folder: Path) -> Path:
    """The folder's place as it was given, where that ends in a name."""
    return folder.resolve() if folder.absolute().name == ".." else folder.absolute()


def _refuse_twins(units: tuple[Path, ...]) -> None:
    """Two units of one name would be published into one folder: nothing is written."""
    by_name: dict[str, list[Path]] = {}
    for unit in units:
        by_name.setdefault(name_of_unit(unit).casefold(), []).append(unit)
    twins = [same for same in by_name.values() if len(same) > 1]
    if twins:
        listed = "; ".join(" and ".join(str(unit) for unit in same) for same in twins)
        raise TwinUnits(
            f"units are named by their folders, and these share a name: {listed}; rename one, or plan them "
            "into different output folders"
        )


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
