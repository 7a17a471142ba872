"""Targets as the odds need them: in the plan's measure, one a span and level."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from alignment_lib.inputs.problems import Notice

__all__ = ["targets_by_measure", "targets_for_odds"]


def targets_for_odds(
    table: pd.DataFrame | None, dimensions: Sequence[str], measure: str, others: Sequence[str] = ()
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Targets stated in the plan's measure, by span label and level.

    Parameters
    ----------
    table : DataFrame or None
        Canonical `targets`: ``round, measure``, any dimensions (blank = all), ``target``.
    others : sequence of str
        Further measures that get their odds elsewhere.

    Returns
    -------
    targets : DataFrame
        ``label``, the dimensions, ``target``.
    notices : tuple of Notice
        Targets set aside because they are stated in another measure.
    """
    columns = ["label", *dimensions, "target"]
    if table is None or not len(table):
        return pd.DataFrame(
            {name: pd.Series(dtype=float if name == "target" else object) for name in columns}
        ), ()
    whole = targets_by_measure(table, dimensions)
    aside = int((~whole["measure"].isin([measure, *others])).sum())
    text = (
        f"{aside} targets are not stated in {measure}, the plan's measure; no probability is given for them"
    )
    if others:
        named = ", ".join([measure, *others])
        text = f"{aside} targets are in none of {named}; no probability is given for them"
    same = whole.loc[whole["measure"] == measure, columns].reset_index(drop=True)
    return same, (Notice("targets_aside", text, aside),) if aside else ()


def targets_by_measure(table: pd.DataFrame | None, dimensions: Sequence[str]) -> pd.DataFrame:
    """All targets: ``label, measure``, the dimensions (blank = all), ``target``."""
    columns = ["label", "measure", *dimensions, "target"]
    if table is None or not len(table):
        return pd.DataFrame(
            {name: pd.Series(dtype=float if name == "target" else object) for name in columns}
        )
    frame = table.rename(columns={"round": "label"})
    for name in dimensions:
        frame[name] = frame[name].astype(str) if name in frame else ""
    return frame[columns].reset_index(drop=True)
