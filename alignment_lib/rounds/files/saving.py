"""Saves into a workspace one after the other, whoever makes them and on whatever host."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from alignment_lib.rounds.files.atomic_files import FileProtected
from alignment_lib.rounds.files.lease import hold_lease

__all__ = ["hold_saves"]

_LEASE = ".saving~lock"
_PATIENCE = 30.0
"""Seconds to wait for another's save; each takes but moments."""


@contextlib.contextmanager
def hold_saves(folder: Path, file: str = "") -> Iterator[None]:
    """Hold a folder against every other save into it, so that none is made from what another changes.

    Parameters
    ----------
    folder : Path
        The workspace; made where it is not there, and gone again if nothing was saved.
    file : str
        The file that is saved; one that is a link is held where it leads, as others may lead there too.

    Raises
    ------
    LeaseHeld
        Where another save does not end.
    FileProtected
        Where nothing can be saved into the folder.
    """
    place = Path(os.path.realpath(folder / file)).parent if file else folder
    with contextlib.ExitStack() as stack:
        if not place.exists():
            stack.callback(_remove_empty, place)
        try:
            place.mkdir(parents=True, exist_ok=True)
            stack.enter_context(hold_lease(place / _LEASE, _PATIENCE))
        except OSError:
            raise FileProtected(
                f"nothing can be saved into {place}: make it a folder that can be written to and try again; "
                "nothing was changed"
            ) from None
        yield


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
