"""A folder under a run's own name, in which it makes what will stand beside it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

__all__ = ["staged"]


@contextlib.contextmanager
def staged(final: Path, token: str) -> Iterator[tuple[Path, Path]]:
    """A fresh folder beside the final one, and the place of what stood there, both under this run's own name.

    What killed runs left is put right first.
    """
    # We hold the round, so whatever bears such names was left by a run that died.
    for leftover in _beside(final, "old"):
        if not final.exists():
            leftover.rename(final)
    for leftover in (*_beside(final, "new"), *_beside(final, "old")):
        shutil.rmtree(leftover, ignore_errors=True)
    staging = final.with_name(f".{final.name}~new-{token}")
    staging.mkdir()
    try:
        yield staging, final.with_name(f".{final.name}~old-{token}")
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _beside(final: Path, kind: str) -> list[Path]:
    """Folders that runs on this round staged; those of releases before had no name of their own."""
    begin = f".{final.name}~{kind}"
    return [
        path
        for path in sorted(final.parent.iterdir())
        if path.name == begin or path.name.startswith(f"{begin}-")
    ]
