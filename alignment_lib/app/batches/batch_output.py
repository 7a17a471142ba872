"""What a batch prints as it goes on and at its end: for people, quietly, or as JSON for log collectors."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from alignment_lib.app.batches.batch import Outcome, exit_code
from alignment_lib.app.batches.progress import BatchProgress, read_earlier_seconds, write_seconds
from alignment_lib.app.batches.request import BatchRequest
from alignment_lib.app.batches.stopping import STOPPED
from alignment_lib.app.console import (
    error_console,
    plain_console,
    print_error,
    print_problems,
    without_commands,
)

__all__ = ["BatchPrinter", "open_printer"]

_SHOWN_AT_WORK = 3
"""Units named at once; of more, the number is said."""


class BatchPrinter:
    """Follows a batch and prints it.

    Parameters
    ----------
    request : BatchRequest
        What is run.
    quiet : bool
        Print only what failed.
    json_lines : bool
        Print one JSON object a line on standard output and nothing else.
    clock : callable
        Seconds.
    """

    def __init__(
        self,
        request: BatchRequest,
        quiet: bool,
        json_lines: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        units = tuple(folder.name for folder in request.workspaces)
        earlier = {} if quiet else read_earlier_seconds(request.output, units)
        self._request, self._quiet, self._json, self._clock = request, quiet, json_lines, clock
        self._progress = BatchProgress(units, request.jobs, earlier)
        self._started = clock()
        self._screen: Progress | None = None
        # Workers are heard in a thread of their own.
        self._turn = threading.Lock()

    def watch(self, unit: str, stage: str) -> None:
        """Take note that a unit has begun a stage."""
        with self._turn:
            self._progress.begin_stage(unit, stage, self._clock())
            if self._json:
                self._log("stage", unit=unit, stage=stage)

    def ended(self, outcome: Outcome) -> None:
        """Take note that a unit is done."""
        with self._turn:
            self._progress.end_unit(outcome.unit, self._clock())
            if self._json:
                self._log("unit", **_as_log(outcome))
            elif self._screen is None and not self._quiet and len(self._progress.units) > 1:
                word = {0: "done", STOPPED: "not done"}.get(outcome.code, "failed")
                error_console().print(Text(f"{self.line()}: {outcome.unit} {word}"), soft_wrap=True)

    def line(self) -> str:
        """How far the batch is, what is worked on, and about how long it still takes."""
        batch = self._progress
        parts = [f"{batch.done} of {len(batch.units)}"] if len(batch.units) > 1 else []
        at_work = [f"{unit} {stage}" for unit, stage in list(batch.stages.items())[:_SHOWN_AT_WORK]]
        left = batch.seconds_left(self._clock())
        if left is not None and batch.done < len(batch.units):
            at_work.append(f"about {write_seconds(left)} left")
        return ", ".join(parts + (at_work if self._screen is not None else at_work[-1:] if left else []))

    def on_screen(self) -> AbstractContextManager[object]:
        """A line on the terminal that follows the batch, and goes when it is done."""
        if self._quiet or self._json or not sys.stderr.isatty():
            return nullcontext()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._screen = _Following(self, *columns, console=error_console(), transient=True)
        total = len(self._progress.units) if len(self._progress.units) > 1 else None
        self._screen.add_task("starting", total=total)
        return self._screen

    def summarise(self, outcomes: Sequence[Outcome]) -> None:
        """Where each unit's report lies, or in one sentence why there is none."""
        if self._json:
            failed = sum(outcome.code != 0 for outcome in outcomes)
            self._log("batch", units=len(outcomes), failed=failed, exit_code=exit_code(outcomes))
            return
        for outcome in outcomes:
            if outcome.problems and len(outcomes) == 1:
                print_problems(outcome.problems)
            if outcome.code:
                print_error(f"{outcome.unit}: {outcome.message}")
        if not self._quiet:
            _print_results(outcomes, self._request.output / "index.html")

    def advance(self) -> None:
        """Bring the terminal's line up to date."""
        if self._screen is not None and self._screen.task_ids:
            self._screen.update(
                self._screen.task_ids[0],
                description=self.line(),
                completed=self._progress.done,
                refresh=False,
            )

    def _log(self, event: str, **content: Any) -> None:
        elapsed = round(self._clock() - self._started, 3)
        print(json.dumps({"event": event, "elapsed": elapsed, **content}), flush=True)  # noqa: T201


class _Following(Progress):
    """A progress line that asks the batch how far it is whenever it is drawn."""

    def __init__(self, printer: BatchPrinter, *columns: Any, **options: Any) -> None:
        self._printer = printer
        super().__init__(*columns, **options)

    def get_renderables(self) -> Any:
        if hasattr(self, "_printer"):
            self._printer.advance()
        return super().get_renderables()


@contextmanager
def open_printer(request: BatchRequest, *, quiet: bool, json_lines: bool) -> Iterator[BatchPrinter]:
    """A printer that follows the batch for the length of the block."""
    printer = BatchPrinter(request, quiet, json_lines)
    with printer.on_screen():
        yield printer


def _as_log(outcome: Outcome) -> dict[str, Any]:
    return {
        "unit": outcome.unit,
        "code": outcome.code,
        "message": outcome.message,
        "folder": str(outcome.folder) if outcome.folder else None,
        "problems": [str(problem) for problem in outcome.problems],
        "warnings": list(outcome.warnings),
        "seconds": {stage: round(seconds, 3) for stage, seconds in outcome.seconds.items()},
    }


def _print_results(outcomes: Sequence[Outcome], index: Path) -> None:
    if len(outcomes) > 1:
        plain_console().print(_table(outcomes))
    for outcome in outcomes:
        _print_done(outcome, alone=len(outcomes) == 1)
    if len(outcomes) > 1:
        for note, units in _gather_notes(outcomes).items():
            print(f"note: {without_commands(note)} [{_name_units(units)}]")  # noqa: T201
    if index.exists() and any(outcome.folder for outcome in outcomes):
        print(f"index: {index}")  # noqa: T201


def _gather_notes(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """Each note once, with the units it was made for: most of a business's units are told the same."""
    units: dict[str, list[str]] = {}
    for outcome in outcomes:
        for warning in outcome.warnings:
            units.setdefault(warning, []).append(outcome.unit)
    return units


def _name_units(units: Sequence[str]) -> str:
    """Up to three names, else the first and how many more.

    >>> _name_units(["north", "south"]), _name_units(["a", "b", "c", "d"])
    ('north, south', 'a and 3 more')
    """
    return ", ".join(units) if len(units) <= _SHOWN_AT_WORK else f"{units[0]} and {len(units) - 1} more"


def _table(outcomes: Sequence[Outcome]) -> Table:
    """One row a unit: what came of it and how long it took."""
    table = Table(title=_tally(outcomes))
    for heading in ("unit", "result", "notes", "seconds"):
        table.add_column(heading, justify="right" if heading in ("notes", "seconds") else "left")
    for outcome in outcomes:
        took = f"{sum(outcome.seconds.values()):.1f}" if outcome.seconds else ""
        notes = str(len(outcome.warnings)) if outcome.warnings else ""
        table.add_row(Text(outcome.unit), _result(outcome), notes, took)
    return table


def _tally(outcomes: Sequence[Outcome]) -> str:
    """How many units are done, how many failed, and how many a stopped run left.

    >>> _tally([Outcome("a"), Outcome("b", code=1), Outcome("c", code=5)])
    '1 done, 1 failed, 1 not done'
    """
    left = sum(outcome.code == STOPPED for outcome in outcomes)
    failed = sum(outcome.code != 0 for outcome in outcomes) - left
    told = f"{len(outcomes) - failed - left} done, {failed} failed"
    return f"{told}, {left} not done" if left else told


def _result(outcome: Outcome) -> str:
    words = {0: "done", 1: "failed", 2: "bad input", 3: "locked or busy", STOPPED: "not done"}
    return outcome.message if not outcome.code and outcome.message else words.get(outcome.code, "failed")


def _print_done(outcome: Outcome, *, alone: bool) -> None:
    """Paths are printed as they are, never wrapped: people copy them."""
    if outcome.folder is None:
        return
    report = Path(outcome.folder) / "report.html"
    print(f"{outcome.unit}: {report if report.exists() else outcome.folder}")  # noqa: T201
    if not alone:
        return  # The table and the notes over all units say the rest.
    for warning in outcome.warnings:
        print(f"  note: {without_commands(warning)}")  # noqa: T201
    if outcome.seconds:
        print(f"  took {sum(outcome.seconds.values()):.1f} s")  # noqa: T201
