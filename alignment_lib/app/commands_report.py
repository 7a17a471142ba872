"""The commands ``alignment explain`` and ``alignment import-overrides``, plugged into the command line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("explain")(_explain)
    app.command("import-overrides")(_import_overrides)


def _import_overrides(
    file: Annotated[Path, typer.Argument(help="plan.xlsx of a round, typed into its marked columns.")],
    workspace: Annotated[Path, typer.Argument(help="The workspace it was planned from.")],
    by: Annotated[str, typer.Option(help="The role that answers for the values; never a person's name.")],
    reason: Annotated[str, typer.Option(help="Why; a reason typed beside a value goes before it.")],
    function: Annotated[
        str, typer.Option(help="The role's side: marketing, sales, finance or other.")
    ] = "finance",
    on: Annotated[str, typer.Option(help="Day of the claim, as 2026-01-31; by default today.")] = "",
) -> None:
    """Bring values typed into a published plan.xlsx back, as proposed assumptions and a scenario."""
    from alignment_lib.app.imports.import_overrides import import_overrides
    from alignment_lib.inputs.periods.written_days import read_day
    from alignment_lib.inputs.problems import counted

    given = read_day(on, "--on")
    day = dt.date.today() if given is None else given.date()
    done = import_overrides(file, workspace, by=by, reason=reason, function=function, on=day)
    if done.assumptions:
        ids = done.assumptions[0]
        ids += f" to {done.assumptions[-1]}" if len(done.assumptions) > 1 else ""
        typer.echo(f"{done.file}: {counted(len(done.assumptions), 'proposed claim')} added ({ids}).")
        typer.echo("They count in the consensus once both sides accept them: alignment accept.")
    if done.scenario:
        typer.echo(f"scenarios.yaml: {counted(done.values, 'value')} kept in the scenario '{done.scenario}'.")
    if done.unchanged:
        typer.echo(f"Left alone, as equal to what was published: {counted(done.unchanged, 'value')}.")


def _explain(
    round_name: Annotated[str, typer.Argument(metavar="ROUND", help="2026Q1, 2026-03 or 2026.")],
    part: Annotated[
        str, typer.Argument(help="Such as 'House Blend / web' or 'channel=web'; by default all sales.")
    ] = "",
    output: Annotated[Path, typer.Option(help="Folder over rounds, as given to plan.")] = Path("reports"),
    unit: Annotated[str, typer.Option(help="The business unit; needed where the round has several.")] = "",
    workspace: Annotated[
        Path | None,
        typer.Option(help="The workspace it was planned from; by default looked for beside the output."),
    ] = None,
    measure: Annotated[
        str, typer.Option(help="plan, baseline, sales, target, p10, chance, revenue, profit or a claim's id.")
    ] = "plan",
    span: Annotated[
        str, typer.Option(help="A month, quarter or year, such as 2026-02; by default the round.")
    ] = "",
    scenario: Annotated[str, typer.Option(help="By default the headline.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Where a figure of a published round comes from: its pieces, method, file, rows and hashes."""
    from alignment_lib.app.analyst.explaining import explain_snapshot
    from alignment_lib.app.console import print_explained, write_explained

    asked = {"measure": measure, "span": span, "scenario": scenario}
    found = explain_snapshot(output, round_name, part, unit=unit, workspace=workspace, **asked)
    if as_json:
        typer.echo(write_explained(found))
    else:
        print_explained(found)
