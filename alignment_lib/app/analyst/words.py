"""The workbook's own words: what ``import alignment_lib as al`` offers, each a use case in one call."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from alignment_lib.app.analyst.round import Round
from alignment_lib.app.analyst.scenario import NothingThere
from alignment_lib.app.notebooks import find_beside, find_reports
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import MANIFEST, Snapshot, find_rounds
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.result import RoundResult
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.view import view_snapshot

if TYPE_CHECKING:
    from alignment_lib.answers.answer import Answer
    from alignment_lib.app.explorer.widget import Explorer

__all__ = [
    "check",
    "explore",
    "new_workspace",
    "open_round",
    "open_snapshot",
    "plan_round",
    "publish_round",
    "published_rounds",
    "watch",
]

_Folder = str | Path


def open_round(
    workspace: _Folder,
    round_name: str = "",
    as_of: str | dt.date = "",
    *,
    reports: _Folder | None = None,
    cache: _Folder | None = None,
) -> Round:
    """Open a workspace's round: read, forecast and laid out, every plan at hand.

    Nothing is written but fitted baselines, which are found again the next time.

    Parameters
    ----------
    workspace : str or Path
        Folder with ``planning.toml`` and the tables.
    round_name : str
        ``2026Q1``, ``2026-03`` or ``2026``; blank for the one after the last sales.
    as_of : str or date
        The day from which it is planned, as ``2026-01-01``; blank for the first day of a round
        that is named, else for the end of what is known.
    reports : str or Path, optional
        Folder over published rounds, whose acceptances count and whose rounds are looked back on; by default
        ``reports`` here or beside the notebooks.
    cache : str or Path, optional
        Folder for fitted baselines; by default ``.cache`` in the reports' folder, or the user's own cache.

    Raises
    ------
    InputError
        Every problem found in the workspace, by file, row and column.

    Examples
    --------
    >>> r = open_round("my-company", "2026Q1")  # doctest: +SKIP
    >>> r.scenario("consensus").change("A4", start="2026-03-02", scale=0.5).total  # doctest: +SKIP
    23105.2
    """
    request = _ask(workspace, round_name, as_of, reports, cache)
    return Round(RoundWork(prepare_round(request), request))


def open_snapshot(folder: _Folder) -> Round:
    """Open a round as it was published: the same frames and answers, which do not change.

    Parameters
    ----------
    folder : str or Path
        ``<reports>/<round>/<unit>``.

    Raises
    ------
    InputError
        No published round lies there, or its files are not as they were published.

    Examples
    --------
    >>> open_snapshot("reports/2026Q1/my-company").total  # doctest: +SKIP
    22179.5
    """
    snapshot = Snapshot(_snapshot_folder(Path(folder)))
    altered = [file for file in snapshot.altered_files() if file.endswith(".parquet")]
    if altered:
        snapshot.read_bytes(altered[0])
    return Round(view_snapshot(snapshot.folder), snapshot=snapshot.hash)


def plan_round(
    workspace: _Folder,
    round_name: str = "",
    as_of: str | dt.date = "",
    *,
    reports: _Folder | None = None,
    cache: _Folder | None = None,
) -> RoundResult:
    """Work out all that a round publishes, and write nothing.

    Parameters
    ----------
    workspace, round_name, as_of, reports, cache
        As for `open_round`.

    Returns
    -------
    RoundResult
        Its ``tables`` by name and its ``warnings``; `publish_round` writes it.

    Examples
    --------
    >>> plan_round("my-company").tables["plan"]  # doctest: +SKIP
    """
    return open_round(workspace, round_name, as_of, reports=reports, cache=cache).work.result()


def publish_round(
    round_: Round | RoundResult | _Folder, output: _Folder = "reports", *, report: bool = True
) -> Path:
    """Write a round's tables, workbook and report to ``<output>/<round>/<unit>/``, whole or not at all.

    Parameters
    ----------
    round_ : Round, RoundResult, str or Path
        As opened or planned, or a workspace's folder.
    output : str or Path
        Folder over all rounds.
    report : bool
        Whether report and workbook are made, or only the tables.

    Returns
    -------
    Path
        The snapshot's folder.

    Examples
    --------
    >>> publish_round(open_round("my-company"), "reports")  # doctest: +SKIP
    PosixPath('reports/2026Q1/my-company')
    """
    from alignment_lib.app.notebooks import notebook_path
    from alignment_lib.publishing.snapshot_writer import find_previous
    from alignment_lib.publishing.snapshot_writer import publish_round as write_round

    opened = open_round(round_, reports=output) if isinstance(round_, str | Path) else round_
    result = opened.work.result() if isinstance(opened, Round) else opened
    target = Path(output)
    return write_round(
        result,
        target,
        notebook=notebook_path("quarterly_report"),
        timings={},
        render=report,
        previous=find_previous(target, result.round, result.unit),
    )


def published_rounds(reports: _Folder = "reports") -> pd.DataFrame:
    """Rounds that were published, one row each.

    Parameters
    ----------
    reports : str or Path
        Folder over published rounds, or a workspace with rounds of its own.

    Returns
    -------
    DataFrame
        ``round, unit, as_of, scenario, plan, target, probability, folder``.

    Examples
    --------
    >>> published_rounds("data/demo/rounds")["round"].tolist()  # doctest: +SKIP
    ['2025Q2', '2025Q3', '2025Q4']
    """
    folder = Path(reports)
    found = find_rounds([folder, folder / "rounds"])
    if not found:
        raise NothingThere(f"no round is published in {folder}; al.publish_round and alignment plan do so")
    rows = []
    for snapshot in found:
        manifest = snapshot.manifest
        answer = dict(manifest.get("answer") or {})
        rows.append(
            {
                "round": snapshot.round,
                "unit": snapshot.unit,
                "as_of": pd.Timestamp(manifest["as_of"]),
                "scenario": manifest["scenario"],
                **{name: answer.get(name) for name in ("plan", "target", "probability")},
                "folder": str(snapshot.folder),
            }
        )
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys(("plan", "target", "probability"), float))


def watch(
    workspace: _Folder,
    round_name: str = "",
    as_of: str | dt.date = "",
    *,
    reports: _Folder | None = None,
) -> Answer:
    """Whether what has come in since is still what was planned, where the round will end, what explains it.

    Parameters
    ----------
    workspace : str or Path
        Folder with ``planning.toml`` and the tables.
    round_name : str
        The round; blank for the one in which something was sold last.
    as_of : str or date
        Nothing later is read; blank for the end of what was sold.
    reports : str or Path, optional
        Folder over published rounds; by default ``reports`` here or beside the notebooks. The workspace's own
        ``rounds`` are looked through as well.

    Raises
    ------
    AlignmentError
        No such round, a day before its plan was made, a plan without draws.

    Examples
    --------
    >>> watch("my-company").sentence  # doctest: +SKIP
    '2026Q1 is inside its plan: …'
    """
    from alignment_lib.answers.past.watch import watch as tell
    from alignment_lib.publishing.watch_round import watch_round

    asked = _ask(workspace, round_name, as_of, reports, None)
    places = () if asked.output is None else (asked.output,)
    return tell(watch_round(asked.workspace, asked.round, asked.as_of, places).view)


def explore(round_: Round | _Folder) -> Explorer:
    """The scenario explorer: sliders for every assumption, with plan, bridge and odds that follow.

    Parameters
    ----------
    round_ : Round or str or Path
        As opened, or a workspace's folder.

    Examples
    --------
    >>> explorer = explore(open_round("my-company"))  # doctest: +SKIP
    >>> explorer.plan  # doctest: +SKIP
    22179.5
    """
    opened = round_ if isinstance(round_, Round) else open_round(round_)
    return opened.explore()


def check(workspace: _Folder) -> pd.DataFrame:
    """Read a workspace and list every problem in it.

    Returns
    -------
    DataFrame
        ``file, sheet, row, column, found, expected, mend, count``, one row a problem; where there is none,
        one row says what was read.

    Examples
    --------
    >>> check("my-company")  # doctest: +SKIP
    """
    columns = ["file", "sheet", "row", "column", "found", "expected", "mend", "count"]
    try:
        read = load_workspace(find_beside(str(workspace)))
    except InputError as error:
        return pd.DataFrame([{key: getattr(one, key) for key in columns} for one in error.problems])[columns]
    rows = [
        {"file": name, "sheet": "", "row": 0, "column": "", "found": "no problem", "expected": "", "mend": ""}
        | {"count": len(table)}
        for name, table in read.tables.items()
    ]
    return pd.DataFrame(rows, columns=columns)


def new_workspace(folder: _Folder) -> Path:
    """Make a workspace with settings and an Excel template, to be filled in.

    Parameters
    ----------
    folder : str or Path
        Made where it is not there; tables that lie in it are described in its settings.

    Examples
    --------
    >>> new_workspace("my-company")  # doctest: +SKIP
    """
    from alignment_lib.inputs.new_workspace import write_new_workspace

    return write_new_workspace(Path(folder))


def _ask(
    workspace: _Folder, round_name: str, as_of: str | dt.date, reports: _Folder | None, cache: _Folder | None
) -> PlanRequest:
    here = Path("reports")
    found = Path(reports) if reports is not None else here if here.is_dir() else find_reports()
    kept = Path(cache) if cache is not None else _default_cache(found)
    day = f"{as_of:%Y-%m-%d}" if isinstance(as_of, dt.date) else str(as_of or "")
    name = str(round_name or "").strip().upper()
    return ask_round(find_beside(str(workspace)), name, day, kept, found)


def _snapshot_folder(folder: Path) -> Path:
    """The snapshot that is meant: the folder itself, or the only one below it."""
    if (folder / MANIFEST).is_file():
        return folder
    below = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    if len(below) == 1:
        return below[0]
    there = below or [one.folder for one in find_rounds([folder, folder / "rounds"])]
    listed = ", ".join(str(path) for path in there[:6])
    more = f"; there are: {listed}" if there else ""
    raise NothingThere(f"no published round lies in {folder}{more}")


def _default_cache(reports: Path | None) -> Path:
    """Beside the reports, as for the command line; else where the user's programs keep such things."""
    if reports is not None:
        return reports / ".cache"
    base = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache")
    return Path(base) / "alignment"
