"""A round asked for in words, as notebooks and the page take it: folder, round and date as text."""

from __future__ import annotations

from pathlib import Path

from alignment_lib.inputs.periods.written_days import read_day
from alignment_lib.rounds.preparing.prepared_round import PlanRequest

__all__ = ["ask_round"]


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
