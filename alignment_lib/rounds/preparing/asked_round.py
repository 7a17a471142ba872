"""A round asked for in words, as notebooks and the page take it: folder, round and date as text."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pandas as pd

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.rounds.preparing.prepared_round import PlanRequest

__all__ = ["NotADay", "ask_round", "read_day"]


class NotADay(AlignmentError):
    """Text that was to be a day and is none."""

    exit_code = 2


def ask_round(
    workspace: str | Path,
    round_name: str = "",
    as_of: str = "",
    cache: Path | None = None,
    output: Path | None = None,
) -> PlanRequest:
    """Turn words into a request to look at a round, as it stands where it is published.

    Parameters
    ----------
    workspace : str or Path
        The workspace's folder.
    round_name : str
        ``2026Q1``, ``2026-03`` or ``2026``; blank for the one after the last sales.
    as_of : str
        Year-month-day; blank for the round's first day, or where no round is named for
        the end of what is known.
    cache : Path, optional
        Folder for fitted baselines.
    output : Path, optional
        Folder over published rounds: earlier ones are read from it, and the round's acceptances.

    Raises
    ------
    NotADay
        A date written in another way.

    Examples
    --------
    >>> ask_round("my-company", "2026Q1", "2026-01-01").as_of
    Timestamp('2026-01-01 00:00:00')
    """
    # papermill hands the year 2026 over as a number and a date that YAML knows as a date.
    round_name, as_of = (str(word or "") for word in (round_name, as_of))
    return PlanRequest(
        Path(str(workspace)),
        round_name,
        read_day(as_of),
        cache=cache,
        rounds=output,
        output=output,
        only_looks=True,
    )


def read_day(text: str, name: str = "the as-of date") -> pd.Timestamp | None:
    """A day written as year-month-day; None for blank. `name` says in the message what was to be a date.

    Raises
    ------
    NotADay
        Where it is written in another way.

    Examples
    --------
    >>> read_day("2026-01-01"), read_day("")
    (Timestamp('2026-01-01 00:00:00'), None)
    """
    if not text:
        return None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        with contextlib.suppress(ValueError):
            return pd.Timestamp(text)
    shown = ascii(text if len(text) <= 40 else text[:37] + "...")
    raise NotADay(f"{name} {shown} is not a date; write it as year-month-day, such as 2026-01-01")
