"""The command ``alignment ask-for``, plugged into the command line, and what an answer sheet prints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alignment_lib.app.command_options import Workspace

__all__ = ["register", "take_returned"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("ask-for")(_ask_for)


def _ask_for(
    workspace: Workspace,
    round_name: Annotated[
        str, typer.Option("--round", help="2026Q1, 2026-03 or 2026; by default the latest published.")
    ] = "",
    output: Annotated[Path, typer.Option(help="Folder over rounds, as given to plan.")] = Path("reports"),
    to: Annotated[
        Path | None, typer.Option(help="The new folder; by default 'ask-for ROUND UNIT' beside --output.")
    ] = None,
) -> None:
    """Write for each owner and function a sheet of their rows, a letter, and the round's days."""
    from alignment_lib.app.collecting.ask_for import ask_for
    from alignment_lib.app.console import without_commands
    from alignment_lib.inputs.problems import counted

    done = ask_for(workspace, round_name, output, to)
    for one in done.recipients:
        whose = f", or {one.owner.delegate} in their place" if one.owner.delegate else ""
        rows = f"{counted(len(one.rows), 'row')}, {one.awaited} to answer"
        typer.echo(without_commands(f"{one.role}: {rows}{whose}"))
    for notice in done.notices:
        typer.echo(without_commands(f"note: {notice.sentence}"))
    typer.echo(without_commands(f"written: {done.folder}; nothing is sent: open the letters and send them"))
    typer.echo(without_commands(f"Answers come back by: alignment import SHEET {workspace}"))


def take_returned(source: Path, workspace: Path, output: Path) -> None:
    """Bring an answer sheet in, and print what became of each answer."""
    from alignment_lib.app.collecting.returned import take_sheet
    from alignment_lib.app.console import without_commands

    done = take_sheet(source, workspace, output)
    said = {"done": "", "already": "nothing to do: ", "conflict": "CHANGED MEANWHILE: "}
    typer.echo(without_commands(f"{done.chosen.name}, answers of {done.role}:"))
    for one in done.outcomes:
        typer.echo(without_commands(f"  {said[one.kind]}{one.sentence}"))
    if any(one.kind == "conflict" for one in done.outcomes):
        typer.echo("What had changed meanwhile does not count; ask anew with alignment ask-for.")
    typer.echo("alignment plan counts what was decided the next time; alignment status says what is open.")
