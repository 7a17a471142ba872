"""What one batch command is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from alignment_lib.rounds.files.clocks import Clock, read_clock

__all__ = ["BatchRequest"]


@dataclass(frozen=True)
class BatchRequest:
    """One command's worth of work.

    Attributes
    ----------
    workspaces : tuple of Path
        The business units' folders.
    output : Path
        Where ``<round>/<unit>/`` and ``index.html`` go.
    round, as_of, scenario, view, cache
        As in `PlanRequest`.
    rounds : Path or None
        Where earlier rounds are read from; by default the output folder, then the workspace's own.
    jobs : int
        Units worked on at once; for one unit, processes its forecast may use.
    cluster : str
        Address of a Dask scheduler; blank for this machine.
    render : bool
        Whether report, workbook and index are made, or only the tables.
    retry : bool
        Whether units that a run with the same inputs and choices has finished are left as they are.
    keep : int
        Earlier versions of an unlocked round that are kept.
    clock : callable
        Says what time it is, for the round's log and the ledger.
    as_read : bool
        The round is made again from what it read when it was published.
    unit_timeout : float
        Seconds one unit may take; 0 sets no limit.
    versions : Mapping of str to str, optional
        What a worker elsewhere must have; see `own_versions`.
    """

    workspaces: tuple[Path, ...]
    output: Path
    round: str = ""
    as_of: pd.Timestamp | None = None
    scenario: str = "consensus"
    cache: Path | None = None
    rounds: Path | None = None
    jobs: int = 1
    cluster: str = ""
    render: bool = True
    retry: bool = False
    keep: int = 5
    clock: Clock = read_clock
    view: str = "quarter"
    unit_timeout: float = 0.0
    as_read: bool = False
    versions: Mapping[str, str] | None = None
