"""What the command line prints: problems as a table, progress, outcomes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from alignment_lib.inputs.problems import Problem

if TYPE_CHECKING:
    from alignment_lib.app.batch import Outcome
    from alignment_lib.inputs.workspace import Workspace

__all__ = ["print_check", "print_error", "print_outcomes", "print_problems", "watch_progress"]

_LIMIT = 50
_LOG_WIDTH = 220


def _out() -> Console:
    return _console(sys.stdout.isatty(), stderr=False)


def _err() -> Console:
    return _console(sys.stderr.isatty(), stderr=True)


def _console(terminal: bool, stderr: bool) -> Console:
    """A terminal has a width; a log has room, and lines cut to 80 columns would be hard to search."""
    width = None if terminal or "COLUMNS" in os.environ else _LOG_WIDTH
    return Console(stderr=stderr, width=width)


def print_error(message: str) -> None:
    """One sentence on standard error."""
    _err().print(Text(message, style="red"))


def print_problems(problems: Sequence[Problem], limit: int = _LIMIT) -> None:
    """Problems as a table, the first `limit` of them, and how many were left out."""
    table = Table(title=f"{len(problems)} problem{'s' if len(problems) != 1 else ''}; nothing was written")
    for heading in ("where", "found", "expected", "how to mend it"):
        table.add_column(heading, overflow="fold")
    for problem in problems[:limit]:
        rows = f" ({problem.count} rows)" if problem.count > 1 else ""
        cells = (problem.place + rows, problem.found, problem.expected, problem.mend)
        table.add_row(*(Text(cell) for cell in cells))
    console = _err()
    console.print(table)
    if len(problems) > limit:
        console.print(f"{len(problems) - limit} more problems are not shown; mend these first")


def print_check(workspace: Workspace) -> None:
    """What a workspace holds, and what was noticed in it."""
    console = _out()
    console.print(f"[green]{escape(workspace.name)}: no problems[/green]")
    for name in sorted(workspace.tables):
        console.print(f"  {name}: {len(workspace.tables[name]):,} rows")
    for notice in workspace.notices:
        console.print(Text(f"  note: {notice.text}"))


@contextmanager
def watch_progress(units: int, quiet: bool) -> Iterator[Callable[[str, str], None]]:
    """A progress line on standard error: unit, stage, elapsed time."""
    if quiet:
        yield lambda unit, stage: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_err(), transient=True) as progress:
        task = progress.add_task("starting", total=units if units > 1 else None)

        def watch(unit: str, stage: str) -> None:
            progress.update(task, description=escape(f"{unit} {stage}".strip()))
            if stage == "finished":
                progress.advance(task)

        yield watch


def print_outcomes(outcomes: Sequence[Outcome], output: Path, quiet: bool) -> None:
    """Where each unit's report lies, or in one sentence why there is none."""
    for outcome in outcomes:
        if outcome.problems:
            print_problems(outcome.problems)
        if outcome.code:
            print_error(f"{outcome.unit}: {outcome.message}")
    if quiet:
        return
    for outcome in outcomes:
        if outcome.folder is not None:
            _print_done(outcome)
    if (output / "index.html").exists() and any(outcome.folder for outcome in outcomes):
        print(f"index: {output / 'index.html'}")  # noqa: T201


def _print_done(outcome: Outcome) -> None:
    """Paths are printed as they are, never wrapped: people copy them."""
    if outcome.folder is None:
        return
    report = outcome.folder / "report.html"
    print(f"{outcome.unit}: {report if report.exists() else outcome.folder}")  # noqa: T201
    for warning in outcome.warnings:
        print(f"  note: {warning}")  # noqa: T201
    print(f"  took {sum(outcome.seconds.values()):.1f} s")  # noqa: T201
