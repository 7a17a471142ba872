"""Whether a plan worked out again is the one that stands: the same inputs and choices, figures alike.

Processors, and releases of numpy and scipy, round the last digits of a matrix product differently. A plan
that was published and perhaps signed on one machine must not lose its signatures because another machine
worked it out again: where everything that decides it is the same and no figure moves by more than a
ten-millionth of the largest of its column, the one that stands is kept to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import SEAL, Snapshot
from alignment_lib.rounds.files.manifest import code_digest, read_run_notes

__all__ = ["ALIKE", "is_same_plan"]

ALIKE = 1e-7
"""Share of the largest figure of a column by which another machine's may differ.

Measured on the demo: 1e-12 and less for plans and money, 2e-9 for ratios of small differences (the uplift at
which a deep cut breaks even). No page shows so many digits.
"""
_OF_THE_RUN = ("files", "answer", "versions")
"""Parts of the manifest that hold figures, or say on what the run was made."""


def is_same_plan(standing: Snapshot, fresh: Snapshot) -> bool:
    """Whether the fresh snapshot says nothing that the standing one does not.

    The standing one must be whole, sealed, and made by this very code: a report that would look otherwise
    is another one.

    Parameters
    ----------
    standing, fresh : Snapshot
        What is published, and what would take its place.
    """
    try:
        if not (standing.folder / SEAL).is_file() or standing.altered_files():
            return False
        one, other = standing.manifest, fresh.manifest
    except InputError:
        return False
    if read_run_notes(standing.folder).get("code") != code_digest():
        return False
    return _same_description(one, other) and all(
        _same_table(standing.folder / file, fresh.folder / file)
        for file in one["files"]
        if file.endswith(".parquet") and one["files"][file] != other["files"][file]
    )


def _same_description(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    said, now = ({k: v for k, v in part.items() if k not in _OF_THE_RUN} for part in (one, other))
    answers = [pd.Series(dict(part.get("answer", {})), dtype=float) for part in (one, other)]
    return (
        said == now
        and set(one["files"]) == set(other["files"])
        and list(answers[0].index) == list(answers[1].index)
        and all(_alike(*pair) for pair in zip(*answers, strict=True))
    )


def _alike(one: float, other: float) -> bool:
    return bool(np.isclose(one, other, rtol=ALIKE, atol=0.0, equal_nan=True))


def _same_table(one: Path, other: Path) -> bool:
    first, second = pd.read_parquet(one), pd.read_parquet(other)
    if list(first.columns) != list(second.columns):
        return False
    figures = [str(name) for name in first if pd.api.types.is_float_dtype(first[name])]
    keys = [str(name) for name in first if name not in figures]
    if len(first) != len(second) or not first[keys].equals(second[keys]):
        # What is nothing on one machine may be a trace of rounding on another: rows of nothing are left out.
        first, second = _side_by_side(first, second, keys, figures)
    return all(_same_column(first[name].to_numpy(), second[name].to_numpy()) for name in figures)


def _side_by_side(
    first: pd.DataFrame, second: pd.DataFrame, keys: list[str], figures: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables over the rows of either, zeros where one lacks a row; never alike where keys repeat."""
    if not keys or first.duplicated(keys).any() or second.duplicated(keys).any():
        return pd.DataFrame({name: [0.0] for name in figures}), pd.DataFrame({n: [np.inf] for n in figures})
    both = first.assign(_one=True).merge(
        second.assign(_two=True), how="outer", on=keys, suffixes=("", " again")
    )
    one = both[figures].mask(both["_one"].isna(), 0.0)
    again = both[[f"{name} again" for name in figures]].mask(both["_two"].isna(), 0.0)
    return one, again.set_axis(figures, axis=1)


def _same_column(one: np.ndarray, other: np.ndarray) -> bool:
    finite = np.abs(one[np.isfinite(one)])
    scale = float(finite.max()) if finite.size else 0.0
    return bool(np.allclose(one, other, rtol=0.0, atol=ALIKE * scale, equal_nan=True))
