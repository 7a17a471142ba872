"""Files as they are read: each once, whole, so that what is hashed is what is parsed."""

from __future__ import annotations

from pathlib import Path

from alignment_lib.inputs.problems import Problem, ProblemLog

__all__ = ["MAX_FILE_BYTES", "read_once"]

MAX_FILE_BYTES = 2_000_000_000
"""Largest file that is read."""


def read_once(path: Path, file: str, log: ProblemLog) -> bytes | None:
    """The content of a file, read in one go: nobody who writes meanwhile changes what is read further on.

    Parameters
    ----------
    path : Path
        The file.
    file : str
        Its name, for messages.
    log : ProblemLog
        Receives a file that cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            mend = "split the file, or use Parquet"
            log.add(Problem(file, "more data than can be read at once", "at most 2 GB of text", mend))
            return None
        return path.read_bytes()
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror or error})"
        log.add(
            Problem(file, found, "a file that opens", "close other programs that hold it, or check rights")
        )
        return None
