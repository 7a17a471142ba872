"""What lies in a workspace's folder: nothing of it goes unread in silence.

A table is found whatever the case of its file's name; a link that leads nowhere stops the run; what nobody
reads, and what an office program holds open, is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path

from alignment_lib.inputs.dictionary import table_names
from alignment_lib.inputs.problems import Problem, ProblemLog, counted
from alignment_lib.inputs.tables.raw import clip

__all__ = ["fold_name", "list_files", "note_unread"]

_TABLES = (
    *(".csv", ".csv.gz", ".tsv", ".gz", ".zip", ".json", ".parquet", ".feather", ".yaml", ".yml"),
    *(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers", ".db", ".sqlite", ".duckdb"),
)
"""Endings of files that may hold a table."""
_KNOWN = ("scenarios.yaml",)
_LOCK = re.compile(r"~\$(?P<office>.+)|\.~lock\.(?P<libre>.+)#")
_COPY = re.compile(
    r"[\s_.\-]*(\(\d+\)|v?\d+|(copy|kopie|copia|copie|final|new|neu|old|alt|backup)\b.*)$", re.IGNORECASE
)


def fold_name(name: str) -> str:
    """A file's name without what file systems differ in: case, and how accents are composed."""
    return unicodedata.normalize("NFC", name).casefold()


def list_files(folder: Path, log: ProblemLog) -> list[str]:
    """Names of the files in the folder; links that lead nowhere go to `log`, as does an unread folder.

    Hidden links are left aside: editors mark a file that is open by a link that leads nowhere.
    """
    found: list[str] = []
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        mend = "mount the share, or check the rights of the folder"
        log.add(Problem(str(folder), f"a folder that cannot be read ({error.strerror})", "its files", mend))
        return []
    for entry in entries:
        if entry.is_file():
            found.append(entry.name)
        elif entry.is_symlink() and not entry.exists() and not entry.name.startswith("."):
            mend = "mount the share it leads to, or remove the link"
            log.add(
                Problem(
                    entry.name, f"a link to {clip(str(entry.readlink()))}, which is not there", "a file", mend
                )
            )
    return found


def note_unread(files: Collection[str], read: Mapping[str, str], settings_file: str, log: ProblemLog) -> None:
    """Say which files of the folder nobody reads, and which an office program holds open.

    Parameters
    ----------
    files : collection of str
        Names of the files in the folder.
    read : mapping of str to str
        The table that each file that is read holds.
    settings_file : str
        Name of the settings.
    log : ProblemLog
        Receives the notices.
    """
    others = [name for name in sorted(files) if name not in read and name not in (settings_file, *_KNOWN)]
    plain: list[str] = []
    for name in others:
        lock = _LOCK.fullmatch(name)
        if lock is not None:
            _note_lock(lock, files, log)
            continue
        table = _meant_for(name)
        if table and not name.startswith("."):
            where = f"[{table}] source" if table in ("sales", "drivers") else f"[tables] {table}"
            beside = next((file for file, held in read.items() if held == table), "")
            instead = f"{beside} is the {table} table" if beside else f"the run has no {table} table"
            text = f"{name} is not read, {instead}; to read it name it in {settings_file} under {where}."
            log.note("unread_table", text, 1)
        elif fold_name(name).endswith(_TABLES) and not name.startswith("."):
            plain.append(name)
    if plain:
        listed = ", ".join(map(clip, plain[:5])) + (f" and {len(plain) - 5} more" if len(plain) > 5 else "")
        mend = "an export is brought in by alignment import"
        text = f"{counted(len(plain), 'file')} of the folder that nobody reads: {listed}; {mend}."
        log.note("unread_files", text, len(plain))


def _note_lock(lock: re.Match[str], files: Collection[str], log: ProblemLog) -> None:
    end = lock["libre"] or lock["office"]
    # Office programs cut the first letters of long names when they name the lock.
    held = next((name for name in files if fold_name(name).endswith(fold_name(end)) and name != lock[0]), end)
    text = f"{held} is open in an office program ({lock[0]}): what is not saved there yet is not read."
    log.note("open_file", text, 1)


def _meant_for(name: str) -> str:
    """The table that a file's name speaks of, though it is not the name that is looked for."""
    stem = fold_name(name).partition(".")[0]
    plain = re.sub(r"[\s_\-]+", "_", _COPY.sub("", stem)).strip("_")
    return plain if plain in table_names() else ""
