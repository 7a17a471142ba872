"""One round of one unit as a folder of files that appears whole or not at all."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.answers.facts import find_answer
from alignment_lib.forecasting.large_arrays import give_back_memory
from alignment_lib.inputs.snapshots import MANIFEST, SEAL, Snapshot, hash_bytes, seal_of
from alignment_lib.publishing.report.report import render_report
from alignment_lib.publishing.report.report_kernel import ReportKernel
from alignment_lib.publishing.workbook_export import WORKBOOK_TABLES, export_workbook
from alignment_lib.rounds.closed.previous_round import changes_since, find_previous, recall_round
from alignment_lib.rounds.files.atomic_files import replace_file, replace_folder, sync_tree, write_durably
from alignment_lib.rounds.files.clocks import Clock, read_clock, write_moment
from alignment_lib.rounds.files.folder_names import check_round_name, check_unit_name
from alignment_lib.rounds.files.manifest import (
    RUN_NOTES,
    code_digest,
    describe_round,
    encode_json,
    hash_files,
    read_versions,
)
from alignment_lib.rounds.files.parquet_tables import arrange_table, complete_tables, encode_table
from alignment_lib.rounds.files.round_hold import RoundBusy, hold_round
from alignment_lib.rounds.files.round_ledger import read_ledger, record_round
from alignment_lib.rounds.files.round_lock import check_unlocked
from alignment_lib.rounds.files.same_plan import is_same_plan
from alignment_lib.rounds.files.staging import staged
from alignment_lib.rounds.files.versions import KEPT, drop_oldest, next_version
from alignment_lib.rounds.result import RoundResult
from alignment_lib.rounds.view import view_tables

__all__ = ["find_previous", "publish_round"]


def publish_round(
    result: RoundResult,
    output: Path,
    *,
    notebook: Path,
    timings: Mapping[str, float],
    render: bool = True,
    previous: Path | None = None,
    clock: Callable[[], float] = time.perf_counter,
    keep: int = KEPT,
    kernel: ReportKernel | None = None,
    now: Clock = read_clock,
) -> Path:
    """Write every file of the contract to ``output/<round>/<unit>/`` in one step.

    Where the plan that stands there says the same, to the rounding of another processor, it is kept.

    Parameters
    ----------
    result : RoundResult
        What the round found.
    output : Path
        Folder over all rounds; made where it is missing.
    notebook : Path
        The report notebook.
    timings : Mapping of str to float
        Seconds each stage took so far; written to ``run.json`` with those of publishing.
    render : bool
        Whether report and workbook are made; without them the tables and the manifest are.
    previous : Path, optional
        Snapshot folder of the round before, for the section on what changed; see `find_previous`.
    clock : callable
        Seconds, for the timings only.
    keep : int
        Earlier versions of the round that are kept; a run with the same result leaves no new one.
    kernel : ReportKernel, optional
        One started beforehand, which spares the wait for it; closed by the caller.
    now : callable
        Says what time it is, for the ledger.

    Returns
    -------
    Path
        The snapshot's folder.

    Raises
    ------
    NameRefused
        If the unit or the round cannot safely be a folder (exit code 2).
    RoundBusy, RoundLocked
        If another run holds this round or has replaced it meanwhile, or the round is locked (exit code 3).
    ReportError
        If the report cannot be made. Nothing is changed in any of these cases.
    """
    unit, name = check_unit_name(result.unit), check_round_name(result.round)
    round_folder = output / name
    round_folder.mkdir(parents=True, exist_ok=True)
    with hold_round(round_folder, unit, now) as hold:
        check_unlocked(round_folder, unit)
        # One that cannot be believed stops a run before anything is changed, not after.
        read_ledger(output)
        final = round_folder / unit
        with staged(final, hold) as (staging, retired):
            standing = _manifest_of(final)
            _fill(staging, result, notebook, dict(timings), render, previous, clock, kernel, now)
            sync_tree(staging)
            # Work takes long: the round may have been taken over by another host, or replaced by hand.
            hold.check()
            check_unlocked(round_folder, unit)
            if _manifest_of(final) != standing:
                raise RoundBusy(
                    f"round {name} of {unit} was replaced by another while this run worked on it; "
                    "nothing was changed: run it again"
                )
            is_same = bool(standing) and is_same_plan(Snapshot(final), Snapshot(staging))
            with hold.publishing(hash_bytes(standing if is_same else _manifest_of(staging))):
                if is_same:
                    replace_file(final / RUN_NOTES, (staging / RUN_NOTES).read_bytes())
                else:
                    replace_folder(staging, final, retired, _kept_at(round_folder, unit, staging, keep))
                drop_oldest(round_folder, unit, keep)
                record_round(round_folder, unit, "publish", write_moment(now()))
    return final


def _manifest_of(folder: Path) -> bytes:
    try:
        return (folder / MANIFEST).read_bytes()
    except OSError:
        return b""


def _kept_at(round_folder: Path, unit: str, staging: Path, keep: int) -> Path | None:
    """Where the snapshot now in place is kept; None where there is none or the new one is the same."""
    standing = round_folder / unit / MANIFEST
    if keep < 1 or not standing.is_file() or standing.read_bytes() == (staging / MANIFEST).read_bytes():
        return None
    return next_version(round_folder, unit)


def _fill(
    staging: Path,
    result: RoundResult,
    notebook: Path,
    timings: MutableMapping[str, float],
    render: bool,
    previous: Path | None,
    clock: Callable[[], float],
    kernel: ReportKernel | None,
    now: Clock,
) -> None:
    started = clock()
    with contextlib.ExitStack() as stack:
        if render and kernel is None:
            # It comes up while the tables are written.
            kernel = stack.enter_context(ReportKernel())
        description = describe_round(result)
        tables = _write_tables(staging, result, description, previous)
        give_back_memory()
        timings["tables"] = round(clock() - started, 3)
        if render and kernel is not None:
            started = clock()
            # The workbook is made here while the kernel works on the report, which does not need it.
            workbook = stack.enter_context(ThreadPoolExecutor(1)).submit(export_workbook, result, tables)
            kernel.move_to(staging)
            write_durably(staging / MANIFEST, encode_json(description))
            executed, page = render_report(staging, notebook, kernel=kernel)
            write_durably(staging / "report.ipynb", executed)
            write_durably(staging / "report.html", page)
            write_durably(staging / "plan.xlsx", workbook.result())
            timings["report"] = round(clock() - started, 3)
    manifest = encode_json({**description, "files": hash_files(staging)})
    notes = {"timings": timings, "host": socket.gethostname(), "code": code_digest()}
    notes |= {"published": write_moment(now()), "versions": read_versions()}
    write_durably(staging / RUN_NOTES, encode_json(notes))
    write_durably(staging / SEAL, seal_of(manifest))
    write_durably(staging / MANIFEST, manifest)


def _write_tables(
    staging: Path,
    result: RoundResult,
    description: dict[str, Any],
    previous: Path | None,
) -> dict[str, pd.DataFrame]:
    tables = complete_tables(result.tables, result.dimensions)
    if previous is not None:
        description["previous"], tables["previous"] = recall_round(previous, result.measure)
        changes = changes_since(previous, result.measure, result.headline, tables, result.dimensions)
        tables = tables if changes is None else tables | {"changes": changes}
    arranged = {name: arrange_table(table, result.dimensions) for name, table in sorted(tables.items())}
    description["answer"] = asdict(find_answer(view_tables(description, arranged)))
    for name, table in arranged.items():
        write_durably(staging / f"{name}.parquet", encode_table(table))
    # The others would stay in memory for as long as the report is made.
    return {name: table for name, table in arranged.items() if name in WORKBOOK_TABLES}
