"""The commands ``alignment app`` and ``alignment import``, plugged into the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("app")(_app)


def _app(
    workspace: Annotated[Path, typer.Argument(help="The workspace folder.")],
    round_name: Annotated[
        str, typer.Option("--round", help="2026Q1, 2026-03 or 2026; by default the one after the last sales.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", help="The wall, as 2026-01-01; by default the round's first day.")
    ] = "",
    edit: Annotated[bool, typer.Option("--edit", help="Let the page save and delete scenarios.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 0,
    cache: Annotated[Path, typer.Option(help="Folder for fitted baselines.")] = Path("reports/.cache"),
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Open the scenario page in a browser: sliders for every assumption, on this machine only."""
    import webbrowser

    from alignment_lib.app.asked_round import ask_round
    from alignment_lib.app.page import serve_page

    def started(address: str) -> None:
        typer.echo(f"The scenario page{'' if edit else ' (read-only; --edit lets it save)'}: {address}")
        typer.echo("Ctrl+C ends it.")
        if browser:
            webbrowser.open(address)

    request = ask_round(workspace, round_name, as_of, cache)
    try:
        serve_page(request, can_edit=edit, port=port, started=started)
    except KeyboardInterrupt:
        typer.echo("The scenario page is closed.")
