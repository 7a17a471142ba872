"""The commands ``alignment review``, ``meeting`` and ``watch``, plugged into the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alignment_lib.app.command_options import AsOf, Cache, Rounds, RoundToPlan, Workspace, Workspaces

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("review")(_review)
    app.command("meeting")(_meeting)
    app.command("watch")(_watch)


def _review(
    workspace: Workspace,
    round_name: Annotated[
        str, typer.Option("--round", help="The closed round, such as 2025Q4; by default the last one.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", help="The wall, as 2026-01-01; by default the day after the round.")
    ] = "",
    output: Annotated[Path, typer.Option(help="Folder for <round>/<unit>.review/.")] = Path("reports"),
    rounds: Rounds = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only where it was written.")] = False,
) -> None:
    """What a closed round came to: against its plan and last year, claims, value added, payout."""
    from alignment_lib.app.console import without_commands
    from alignment_lib.app.reviewing.review_round import publish_review, review_round
    from alignment_lib.rounds.preparing.asked_round import ask_round

    found = review_round(workspace, round_name, ask_round(workspace, "", as_of).as_of, rounds or output)
    if not quiet:
        for line in found.lines:
            typer.echo(without_commands(line))
    for path in publish_review(found, output):
        typer.echo(f"written: {path}")


def _meeting(
    workspace: Workspace,
    round_name: RoundToPlan = "",
    as_of: AsOf = "",
    minutes: Annotated[int, typer.Option(min=20, max=480, help="Length of the meeting.")] = 90,
    most: Annotated[int, typer.Option("--items", min=1, max=30, help="Most items on the agenda.")] = 10,
    output: Annotated[Path, typer.Option(help="Folder for <round>/<unit>.meeting/.")] = Path("reports"),
    rounds: Rounds = None,
    cache: Cache = None,
) -> None:
    """The pack of the planning meeting: agenda, charts, questions, options, decision sheet."""
    from dataclasses import replace

    from alignment_lib.app.console import without_commands
    from alignment_lib.app.reviewing.review_round import publish_meeting
    from alignment_lib.rounds.preparing.asked_round import ask_round

    asked = ask_round(workspace, round_name, as_of, cache or output / ".cache", output)
    request = replace(asked, rounds=rounds or output)
    pack, paths = publish_meeting(request, output, minutes, most)
    for row in pack.agenda.to_dict("records"):
        what = f"{row['place']:>2}. {without_commands(row['title'])}"
        typer.echo(f"{what}: {row['money']:,.0f} {pack.currency}, {row['minutes']} min")
    for path in paths:
        typer.echo(f"written: {path}")


def _watch(
    workspaces: Workspaces,
    round_name: Annotated[
        str, typer.Option("--round", help="By default the one in which something was sold last.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", help="The wall, as 2026-02-09; by default the end of what was sold.")
    ] = "",
    output: Annotated[
        Path, typer.Option(help="Where the rounds lie; <round>/<unit>.watch/ is written there.")
    ] = Path("reports"),
    rounds: Rounds = None,
    page: Annotated[
        bool, typer.Option("--page", help="Write page and figures beside the round too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a unit.")] = False,
) -> None:
    """Whether what comes in is still what was planned; exit code 4 where it is not, 0 where it is."""
    import json

    from alignment_lib.app.batches.unit_folders import find_units
    from alignment_lib.app.console import print_error, without_commands
    from alignment_lib.inputs.periods.written_days import read_day
    from alignment_lib.inputs.problems import AlignmentError
    from alignment_lib.publishing.watch_round import ALARM, publish_watch, watch_round

    day, code = read_day(as_of, "--as-of"), 0
    places = tuple(place for place in (output, rounds) if place is not None)
    for folder in find_units(workspaces, output):
        try:
            found = watch_round(folder, round_name, day, places)
            paths = publish_watch(found, output) if page else ()
        except AlignmentError as error:
            print_error(f"{folder.name}: {error}")
            code = code or error.exit_code
            continue
        code = ALARM if found.is_alarm else code
        if as_json:
            typer.echo(json.dumps(found.record, sort_keys=True))
            continue
        for line in (*found.lines, *(f"written: {path}" for path in paths)):
            typer.echo(without_commands(line))
    if code:
        raise typer.Exit(code)
