"""Whether the workers of a cluster are of the same Python, packages and code as this process.

Others would leave other bytes, or fail half way; they are refused when this process connects, and one that
joins later refuses its work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.rounds.files.manifest import code_digest, read_versions

__all__ = ["WorkerRefused", "check_versions", "differing_workers", "own_versions"]

_NAMED = 3
"""Workers and versions named at most."""


class WorkerRefused(AlignmentError):
    """A worker has other versions than the run that sends it work."""

    exit_code = 2


def own_versions() -> dict[str, str]:
    """Versions of what the numbers depend on, and a digest of this library's own code."""
    return read_versions() | {"code of alignment_lib": code_digest()}


def _difference(theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    names = [name for name in sorted({*theirs, *ours}) if theirs.get(name) != ours.get(name)]
    told = [
        f"{name} {theirs.get(name, 'none')} instead of {ours.get(name, 'none')}" for name in names[:_NAMED]
    ]
    return ", ".join(told)


def differing_workers(client: Any) -> list[str]:
    """Workers of a Dask cluster that differ, each with what is other there; empty where all are alike."""
    ours = own_versions()
    answers = client.run(own_versions, on_error="return")
    found = []
    for worker, theirs in sorted(answers.items()):
        if not isinstance(theirs, Mapping):
            found.append(f"worker {worker} cannot load this library ({type(theirs).__name__})")
        elif theirs != ours:
            found.append(f"worker {worker} has {_difference(theirs, ours)}")
    return found[:_NAMED]


def check_versions(wanted: Mapping[str, str] | None) -> None:
    """Raise `WorkerRefused` where this process is not as the one that sends work; None asks for nothing."""
    if wanted is not None and wanted != own_versions():
        raise WorkerRefused(f"its worker was refused: it has {_difference(own_versions(), wanted)}")
