"""A folder under a run's own name, in which it makes what will stand beside it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from alignment_lib.rounds.files.round_hold import RoundHold

__all__ = ["staged"]


@contextlib.contextmanager
def staged(final: Path, hold: RoundHold) -> Iterator[tuple[Path, Path]]:
    """A fresh folder beside the final one, and the place of what stood there, under names of this run."""
    staging = final.with_name(f".{final.name}~new-{hold.token}")
    staging.mkdir()
    try:
        yield staging, final.with_name(f".{final.name}~old-{hold.token}")
    finally:
        # What is half done may have put the plan that stood there under this name.
        if not hold.is_half_done:
            shutil.rmtree(staging, ignore_errors=True)
