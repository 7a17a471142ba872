"""The manifest of a snapshot: what was run, on what, with what, and the hash of every file."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import alignment_lib
from alignment_lib import __version__
from alignment_lib.inputs.snapshots import MANIFEST, SEAL, hash_bytes
from alignment_lib.rounds.result import RoundResult

__all__ = [
    "RUN_NOTES",
    "code_digest",
    "describe_round",
    "encode_json",
    "hash_files",
    "plain_json",
    "read_run_notes",
    "read_versions",
]

RUN_NOTES = "run.json"
_PACKAGES = (
    "jinja2",
    "lightgbm",
    "numpy",
    "pandas",
    "papermill",
    "pyarrow",
    "scipy",
    "statsforecast",
    "statsmodels",
    "xlsxwriter",
)


def describe_round(result: RoundResult) -> dict[str, Any]:
    """Everything the manifest says before the files are known."""
    return {
        "unit": result.unit,
        "business": result.business,
        "currency": result.currency,
        "measure": result.measure,
        "round": result.round,
        "cycle": result.cycle,
        "as_of": result.as_of,
        "dimensions": list(result.dimensions),
        "scenario": result.headline,
        "parameters": result.parameters,
        "input_hashes": dict(result.input_hashes),
        "versions": read_versions(),
        "warnings": [
            {"code": notice.code, "text": notice.text, "count": notice.count} for notice in result.warnings
        ],
        "status": "proposed" if _has_proposals(result.tables.get("assumptions")) else "draft",
    }


def _has_proposals(register: pd.DataFrame | None) -> bool:
    """Whether any assumption is proposed or accepted; signing and locking stand in the log beside it."""
    if register is None or "status" not in register:
        return False
    return bool(register["status"].isin(["proposed", "accepted"]).any())


def read_versions() -> dict[str, str]:
    """Versions of Python, of this library and of what its numbers depend on."""
    versions = {"python": ".".join(map(str, sys.version_info[:3])), "alignment_lib": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


@cache
def code_digest() -> str:
    """A digest of this library's own code: two checkouts may bear one version."""
    digest = hashlib.sha256()
    root = Path(alignment_lib.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def hash_files(folder: Path, leave_out: Iterable[str] = (MANIFEST, SEAL, RUN_NOTES)) -> dict[str, str]:
    """SHA-256 of every file in `folder`, by name."""
    left_out = set(leave_out)
    return {
        path.relative_to(folder).as_posix(): hash_bytes(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in left_out
    }


def read_run_notes(folder: Path) -> dict[str, Any]:
    """What a run noted of itself beside its files; nothing where it cannot be read."""
    try:
        found = json.loads((folder / RUN_NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def encode_json(content: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and a final newline; dates in ISO form, numbers that are none as null."""
    text = json.dumps(plain_json(content), sort_keys=True, indent=1, ensure_ascii=True, allow_nan=False)
    return (text + "\n").encode("ascii")


def plain_json(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content as it is read back from JSON: keys in order, dates as text, no number as null."""
    named = {str(key): item for key, item in content.items()}
    return {key: _plain(named[key]) for key in sorted(named)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain_json(value)
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, list | tuple | np.ndarray | pd.Index):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, bool | int | str) or value is None:
        return value
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if value is pd.NaT:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    return str(value)
