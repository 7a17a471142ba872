"""Writes tables to files, the same bytes for the same tables."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from data.generator.demo import Demo
from data.generator.truth_tables import truth_parameters, truth_tables
from data.generator.written import DEMO_FOLDER, WRITTEN_FILES

__all__ = ["render_demo", "render_table", "write_changed"]

_ZIPPED = ("drivers", "leads", "contacts", "weekly", "opportunities", "opportunity_changes")
"""Tables of more than about 4,000 rows are compressed; sales are left readable."""
_DECIMALS = {
    "revenue": 2, "price": 2, "amount": 2, "market_index": 1, "call_quality": 2, "price_cut": 2,
    "unit_cost": 2, "funding": 2,
}  # fmt: skip
_TRUTH_DECIMALS = {"revenue": 2, "amount": 2, "market_index": 1}
_TRUTH_DIGITS = 4
_MINUTES = ("created", "accepted_at", "rejected_at", "opportunity_at", "closed_at", "opened", "at")


def render_demo(demo: Demo) -> dict[str, bytes]:
    """Return every file's bytes by its path within the workspace, sorted; written ones as they lie."""
    files = {name: (DEMO_FOLDER / name).read_bytes() for name in WRITTEN_FILES}
    for name, table in demo.tables.items():
        if f"{name}.csv" not in WRITTEN_FILES:
            files |= _render(name, render_table(table, _DECIMALS))
    for name, table in truth_tables(demo).items():
        decimals = {str(name): _TRUTH_DIGITS for name in table.select_dtypes("float")} | _TRUTH_DECIMALS
        files |= _render(f"truth/{name}", render_table(table, decimals))
    parameters = json.dumps(truth_parameters(demo.truth), indent=1, sort_keys=True)
    files["truth/parameters.json"] = (parameters + "\n").encode()
    return dict(sorted(files.items()))


def _render(name: str, text: bytes) -> dict[str, bytes]:
    if name.rsplit("/", 1)[-1] in _ZIPPED:
        return {f"{name}.csv.gz": gzip.compress(text, compresslevel=9, mtime=0)}
    return {f"{name}.csv": text}


def render_table(table: pd.DataFrame, decimals: dict[str, int]) -> bytes:
    r"""Render as CSV in UTF-8: ISO dates, decimal points, empty cells for what is missing.

    >>> render_table(pd.DataFrame({"period": [pd.Timestamp("2026-01-05")], "price": [1.5]}), {"price": 2})
    b'period,price\n2026-01-05,1.50\n'
    """
    text = pd.DataFrame({str(name): _words(str(name), table[name], decimals) for name in table.columns})
    return str(text.to_csv(index=False, lineterminator="\n")).encode()


def _words(name: str, column: pd.Series[Any], decimals: dict[str, int]) -> list[str]:
    values = column.to_numpy()
    if np.issubdtype(values.dtype, np.datetime64):
        unit: Literal["m", "D"] = "m" if name in _MINUTES else "D"
        missing = np.isnat(values)
        words = np.char.replace(np.datetime_as_string(values.astype("datetime64[ns]"), unit=unit), "T", " ")
        return list(np.where(missing, "", words))
    if np.issubdtype(values.dtype, np.floating):
        form = f".{decimals[name]}f" if name in decimals else ".10g"
        return ["" if value != value else _plain(format(value, form)) for value in values]
    return ["" if value is None or value != value else str(value) for value in values]


def _plain(word: str) -> str:
    """Avoid a negative zero, which a rounding could turn up on one machine and not on another."""
    return word.removeprefix("-") if word.strip("-0.") == "" else word


def write_changed(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Write the files whose content differs from what lies there; return their names.

    A compressed file counts as unchanged where its content is: another zlib may pack it otherwise.
    Each file appears whole or not at all.
    """
    changed = []
    for name, content in files.items():
        path = folder / name
        if path.exists() and _content(path.name, path.read_bytes()) == _content(path.name, content):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
        changed.append(name)
    return changed


def _content(name: str, data: bytes) -> bytes:
    try:
        return gzip.decompress(data) if name.endswith(".gz") else data
    except (OSError, EOFError):
        return data


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
