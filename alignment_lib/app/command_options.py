"""Options that several commands take, in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsOf", "Cache", "RoundToPlan", "Rounds", "Workspace", "Workspaces"]

Workspace = Annotated[Path, typer.Argument(help="The workspace folder.")]
Workspaces = Annotated[
    list[Path], typer.Argument(help="Workspaces, folders that hold some, or patterns such as 'units/*'.")
]
RoundToPlan = Annotated[
    str, typer.Option("--round", help="2026Q1, 2026-03 or 2026; by default the one after the last sales.")
]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        help="The wall, as 2026-01-01; by default a named round's first day, else all that is known.",
    ),
]
Rounds = Annotated[
    Path | None, typer.Option(help="Where earlier rounds lie; by default the output, then the workspace.")
]
Cache = Annotated[
    Path | None, typer.Option(help="Folder for fitted baselines; by default .cache in the output folder.")
]
