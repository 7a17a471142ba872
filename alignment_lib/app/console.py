"""What the command line prints: errors, problems as a table, what a workspace holds."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from alignment_lib.inputs.problems import Problem, counted

if TYPE_CHECKING:
    from alignment_lib.answers.answer import Answer
    from alignment_lib.inputs.workspace import Workspace

__all__ = [
    "error_console",
    "plain_console",
    "print_check",
    "print_error",
    "print_explained",
    "print_problems",
    "without_commands",
    "write_explained",
]

_LIMIT = 50
_LOG_WIDTH = 220


def plain_console() -> Console:
    """Standard output."""
    return _console(sys.stdout.isatty(), stderr=False)


def error_console() -> Console:
    """Standard error."""
    return _console(sys.stderr.isatty(), stderr=True)


def _console(terminal: bool, stderr: bool) -> Console:
    """A terminal has a width; a log has room, and lines cut to 80 columns would be hard to search."""
    width = None if terminal or "COLUMNS" in os.environ else _LOG_WIDTH
    return Console(stderr=stderr, width=width)


def without_commands(text: str) -> str:
    r"""The text with every mark that a terminal would obey written out: it may come from an input.

    >>> without_commands("House\x1b[2J Blend, 52\u202f%")
    'House\\x1b[2J Blend, 52\u202f%'
    """
    return "".join(ascii(mark)[1:-1] if unicodedata.category(mark) in ("Cc", "Cf") else mark for mark in text)


def print_error(message: str) -> None:
    """One sentence on standard error, in one line however long: logs are searched by line."""
    line = without_commands("; ".join(message.splitlines()))
    error_console().print(Text(line, style="red"), soft_wrap=True)


def print_problems(problems: Sequence[Problem], limit: int = _LIMIT) -> None:
    """Problems as a table, the first `limit` of them, and how many were left out."""
    table = Table(title=f"{len(problems)} problem{'s' if len(problems) != 1 else ''}; nothing was written")
    for heading in ("where", "found", "expected", "how to mend it"):
        table.add_column(heading, overflow="fold")
    for problem in problems[:limit]:
        rows = f" ({problem.count} rows)" if problem.count > 1 else ""
        cells = (problem.place + rows, problem.found, problem.expected, problem.mend)
        table.add_row(*(Text(without_commands(cell)) for cell in cells))
    console = error_console()
    console.print(table)
    if len(problems) > limit:
        console.print(f"{len(problems) - limit} more problems are not shown; mend these first")


def print_check(workspace: Workspace) -> None:
    """What a workspace holds, and what was noticed in it."""
    console = plain_console()
    console.print(f"[green]{escape(workspace.name)}: no problems[/green]")
    for name in sorted(workspace.tables):
        console.print(f"  {name}: {counted(len(workspace.tables[name]), 'row')}")
    for notice in workspace.notices:
        console.print(Text(f"  note: {without_commands(notice.sentence)}"))


def print_explained(found: Answer) -> None:
    """The sentence, and a row a piece."""
    from alignment_lib.answers.wording import write_number

    console = plain_console()
    console.print(Text(without_commands(found.sentence)))
    if not found.is_answered or found.shown is None:
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("piece", "value", "how", "file and rows", "SHA-256"):
        table.add_column(heading, justify="right" if heading == "value" else "left", overflow="fold")
    decimals, factor = found.shown.scale.decimals, found.shown.scale.factor
    for row in found.shown.rows.to_dict("records"):
        value = write_number(row["value"] / factor, decimals)
        cells = (row["title"], value, row["method"], row["place"], row["hash"])
        table.add_row(*(Text(without_commands(str(cell))) for cell in cells))
    together = write_number(float(found.frame["value"].sum()) / factor, decimals)
    table.add_row(*(Text(cell) for cell in ("together", together)))
    console.print(table)


def write_explained(found: Answer) -> str:
    """The same as one JSON object, figures and hashes whole."""
    rows = found.frame.to_dict("records")
    figure = float(found.frame["value"].sum()) if rows else None
    return json.dumps(
        {"title": found.title, "sentence": found.sentence, "figure": figure, "pieces": rows},
        ensure_ascii=False,
    )
