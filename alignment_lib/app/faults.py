"""Faults nobody foresaw, said in one line: no traceback reaches a user."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

from alignment_lib.inputs.problems import AlignmentError, InputError

__all__ = ["describe_fault", "say_error"]

_OF_THE_MACHINE = {
    errno.ENOSPC: "the disk is full; free some space and run it again",
    errno.EDQUOT: "your disk quota is used up; free some space and run it again",
    errno.EFBIG: "a file grew past the size this system allows; choose another output folder",
    errno.EROFS: "the output folder cannot be written to; choose another with --output",
    errno.ENOTDIR: "a file stands where a folder is needed; name another folder",
    errno.EEXIST: "a file stands where a folder is needed; name another folder",
    errno.ENOENT: "a file or folder is not there, or cannot be made there; check the paths given",
    errno.ENAMETOOLONG: "the path is longer than this system allows; choose a shorter one",
    errno.ELOOP: "a link leads back to itself; choose another folder",
    errno.EIO: "the disk reports a fault; choose another folder and have the disk checked",
    errno.EPERM: "a file or folder may not be read or written; check its permissions",
    errno.EACCES: "a file or folder may not be read or written; check its permissions",
    errno.EMFILE: "too many files are open; close other programs and run it again",
}


def describe_fault(error: Exception) -> str:
    """What went wrong and where, for the user and for a report to us.

    >>> describe_fault(OSError(28, "No space left on device", "out/plan.parquet"))
    'the disk is full; free some space and run it again (out/plan.parquet)'
    """
    if isinstance(error, MemoryError):
        return "memory ran out; plan fewer units at once with --jobs 1, or on a larger machine"
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        where = f" ({error.filename})" if error.filename else ""
        return _OF_THE_MACHINE[error.errno] + where
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "alignment_lib" in frame.filename
    ]
    place = f" (at {Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    text = " ".join(str(error).split())[:300]
    return f"an unforeseen fault: {type(error).__name__}: {text}{place}; please report it"


def say_error(error: Exception) -> str:
    """Any error as one sentence for a page: what was meant for the user as it is, the rest as a fault.

    >>> say_error(AlignmentError("there is no round 2026Q9")), say_error(KeyError("A9"))
    ('there is no round 2026Q9', "an unforeseen fault: KeyError: 'A9'; please report it")
    """
    if isinstance(error, InputError):
        first, more = error.problems[0], len(error.problems) - 1
        return f"{first}" + (f" ({more} more: run alignment check)" if more else "")
    return str(error) if isinstance(error, AlignmentError) else describe_fault(error)
