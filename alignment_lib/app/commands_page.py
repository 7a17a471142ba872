"""The commands ``alignment app`` and ``alignment import``, plugged into the command line."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alignment_lib.app.command_options import AsOf, Cache, RoundToPlan, Workspace
from alignment_lib.app.commands_collect import take_returned

if TYPE_CHECKING:
    from alignment_lib.app.imports.import_data import ImportOutcome

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("app")(_app)
    app.command("import")(_import)


def _app(
    workspace: Workspace,
    round_name: RoundToPlan = "",
    as_of: AsOf = "",
    edit: Annotated[bool, typer.Option("--edit", help="Let the page save and delete scenarios.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 0,
    output: Annotated[
        Path, typer.Option(help="Folder over rounds, as given to plan: acceptances are read from it.")
    ] = Path("reports"),
    cache: Cache = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Open the scenario page in a browser: sliders for every assumption, on this machine only."""
    import webbrowser

    from alignment_lib.app.page import serve_page
    from alignment_lib.app.page_address import opening_file
    from alignment_lib.rounds.preparing.asked_round import ask_round

    def started(address: str) -> None:
        typer.echo(f"The scenario page{'' if edit else ' (read-only; --edit lets it save)'}: {address}")
        typer.echo("Ctrl+C ends it.")
        if browser:
            webbrowser.open(stack.enter_context(opening_file(address)))

    request = ask_round(workspace, round_name, as_of, cache or output / ".cache", output)
    with contextlib.ExitStack() as stack:
        try:
            serve_page(request, can_edit=edit, port=port, started=started)
        except KeyboardInterrupt:
            typer.echo("The scenario page is closed.")


def _import(
    source: Annotated[
        Path, typer.Argument(help="An export, as text or a workbook, or an answer sheet that came back.")
    ],
    workspace: Annotated[Path, typer.Argument(help="The workspace folder; made where it is not there.")],
    kind: Annotated[
        str,
        typer.Option(
            help="order_lines, pivot, leads, opportunities, spend, costs, prices, contacts; else found out."
        ),
    ] = "",
    name: Annotated[str, typer.Option(help="Name of the saved mapping; by default its kind.")] = "",
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook; by default the largest table's.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply a new mapping at once.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write tables anew that are there; the former are kept.")
    ] = False,
    add: Annotated[
        bool, typer.Option("--add", help="Join the new rows to the tables that are there, by key.")
    ] = False,
    output: Annotated[
        Path, typer.Option(help="Of an answer sheet: folder over rounds, as given to plan.")
    ] = Path("reports"),
    today: Annotated[
        str, typer.Option("--today", help="Day of the import, as 2026-01-31; what lies after it is not sold.")
    ] = "",
) -> None:
    """Bring an export of another system into a workspace by a mapping that is shown, saved and used again."""
    from alignment_lib.app.collecting.returned import is_answer_sheet
    from alignment_lib.app.imports.import_data import import_data

    if is_answer_sheet(source):
        take_returned(source, workspace, output)
        return

    done = import_data(
        source,
        workspace,
        kind=kind,
        name=name,
        sheet=sheet,
        apply_now=yes,
        replace_tables=replace,
        add_rows=add,
        today=_read_day(today),
    )
    _print_import(done, source, workspace)


def _print_import(done: ImportOutcome, source: Path, workspace: Path) -> None:
    """The mapping that was applied or is proposed, and what came of it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(f"{source.name} as {done.mapping.kind}"))
    for heading in ("becomes", "column of the export", "such as"):
        table.add_column(heading, overflow="fold")
    for line in done.samples:
        table.add_row(*(Text(cell) for cell in line))
    console = Console()
    console.print(table)
    for doubt in done.mapping.doubts:
        console.print(Text(f"doubt: {doubt}", style="yellow"))
    for notice in done.notices:
        typer.echo(f"note: {notice.sentence}")
    if not done.written:
        settle = "settle and delete its doubts" if done.mapping.doubts else "change what is wrong"
        typer.echo(f"The mapping is saved in {done.mapping_file}. Look at it, {settle}, then run")
        typer.echo("the same command again to apply it.")
        return
    for entry in done.reconciliation:
        typer.echo(entry)
    for path in done.written:
        typer.echo(f"written: {path}")
    typer.echo(f"Where every figure went stands in {done.mapping_file.parent / 'log.txt'}")
    typer.echo(f"Next: alignment check {workspace}")


def _read_day(text: str) -> dt.date:
    """The day given, else that of the computer's clock."""
    if not text:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day such as 2026-01-31") from None
