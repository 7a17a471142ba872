"""Where the log of a round lies, and its lines as they stand there; `round_log` holds them to the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from alignment_lib.planning.round.lifecycle import Entry, LifeError, parse_log

__all__ = ["LOG_ENDING", "Log", "load_log", "log_path"]

LOG_ENDING = ".log.jsonl"
Log: TypeAlias = tuple[Entry, ...]


def log_path(round_folder: Path, unit: str) -> Path:
    """The log of one unit's round; it stays whatever happens to the snapshot."""
    return round_folder / f"{unit}{LOG_ENDING}"


def load_log(round_folder: Path, unit: str) -> Log:
    """Every step taken so far, the chain checked; none where there is no log.

    Raises
    ------
    LifeError
        Naming the file and the first line that cannot be believed.
    """
    path = log_path(round_folder, unit)
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError:
        raise LifeError(f"{path}: not a log of ours; restore the file from a copy") from None
    try:
        return parse_log(text)
    except LifeError as error:
        raise LifeError(f"{path}: {error}") from None
