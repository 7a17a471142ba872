"""A round asked for in words, as notebooks and the page take it: folder, round and date as text."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from alignment_lib.app.prepared_round import PlanRequest
from alignment_lib.inputs.problems import InputError, Problem

__all__ = ["ask_round"]


def ask_round(
    workspace: str | Path, round_name: str = "", as_of: str = "", cache: Path | None = None
) -> PlanRequest:
    """Turn words into a request.

    Parameters
    ----------
    workspace : str or Path
        The workspace's folder.
    round_name : str
        ``2026Q1``, ``2026-03`` or ``2026``; blank for the one after the last sales.
    as_of : str
        Year-month-day; blank for the round's first day.
    cache : Path, optional
        Folder for fitted baselines.

    Raises
    ------
    InputError
        A date written in another way.

    Examples
    --------
    >>> ask_round("my-company", "2026Q1", "2026-01-01").as_of
    Timestamp('2026-01-01 00:00:00')
    """
    return PlanRequest(Path(workspace), round_name, _read_day(as_of), cache=cache)


def _read_day(text: str) -> pd.Timestamp | None:
    if not text:
        return None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return pd.Timestamp(text)
        except ValueError:
            pass
    raise InputError(
        [Problem("as-of date", repr(text), "a date", "write it as year-month-day, such as 2026-01-01")]
    )
