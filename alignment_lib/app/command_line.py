"""The ``alignment`` command: a thin shell over the use cases.

Heavy imports happen inside the commands, so that ``alignment --help`` answers at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from alignment_lib import __version__
from alignment_lib.app.command_options import AsOf, Cache, Rounds, RoundToPlan, Workspaces
from alignment_lib.app.commands_collect import register as register_collect
from alignment_lib.app.commands_life import register as register_life
from alignment_lib.app.commands_page import register as register_page
from alignment_lib.app.commands_report import register as register_report
from alignment_lib.app.commands_review import register as register_review
from alignment_lib.app.plain_output import accept_any_terminal
from alignment_lib.inputs.problems import AlignmentError, InputError, counted

if TYPE_CHECKING:
    from alignment_lib.app.batches.request import BatchRequest

__all__ = ["app", "main"]

_MANUAL = """
Plan sales with marketing and sales together: one number, explained.

A [b]workspace[/b] is a folder with planning.toml and a sales table; drivers,
assumptions, leads and more may join. A [b]round[/b] is one planned quarter
(2026Q1), month (2026-03) or year (2026), worked out as of a date: nothing
later is read.

  alignment new my-company      start a workspace that runs
  alignment check my-company    list every problem in it at once
  alignment plan my-company     plan its next round
  alignment plan units --round 2026Q1 --jobs 2 --retry
  alignment watch my-company    whether what comes in is still the plan
  alignment review my-company   what the last round came to, and why
  alignment meeting my-company  the pack for the planning meeting

Exit codes: 0 done, 1 some units failed (named), 2 bad input (nothing
written), 3 locked or busy, 4 a watched plan has been left, 5 stopped
(finished units are kept).
"""

app = typer.Typer(
    help=_MANUAL,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command; errors meant for the user are printed as sentences."""
    accept_any_terminal()
    try:
        app()
    except InputError as error:
        from alignment_lib.app.console import print_problems

        print_problems(error.problems)
        raise SystemExit(error.exit_code) from None
    except AlignmentError as error:
        _refuse(str(error), error.exit_code)
    except Exception as error:
        from alignment_lib.app.faults import describe_fault

        _refuse(describe_fault(error), 1)


def _refuse(message: str, code: int) -> NoReturn:
    from alignment_lib.app.console import print_error

    print_error(message)
    raise SystemExit(code)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"alignment {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make; one with files of yours keeps them.")],
) -> None:
    """Start a workspace: settings, example sales, the Excel sheet for assumptions, and a README."""
    from alignment_lib.inputs.new_workspace import write_new_workspace

    before = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    write_new_workspace(folder)
    if before:
        made = sorted(entry.name for entry in folder.iterdir() if entry.name not in before)
        typer.echo(f"Added beside your files, which stay as they are: {', '.join(made)}.")
    typer.echo(
        f"A workspace stands in {folder}. Next: alignment check {folder}, then alignment plan {folder}"
    )


@app.command()
def template(
    workspace: Annotated[Path, typer.Argument(help="The workspace whose names the sheet's lists offer.")],
    output: Annotated[
        Path | None, typer.Option(help="The .xlsx to write; by default assumptions.xlsx in the workspace.")
    ] = None,
) -> None:
    """Make the Excel sheet for assumptions anew, for the names sold now, with the register's rows."""
    from alignment_lib.app.assumption_template import make_template

    made = make_template(workspace, output)
    typer.echo(f"written: {made.path}, {made.rows} rows carried over")
    for line in made.notes:
        typer.echo(f"note: {line}")


@app.command()
def check(
    workspaces: Workspaces,
    limit: Annotated[int, typer.Option(help="How many problems to print before counting the rest.")] = 50,
) -> None:
    """Read everything in a workspace and list every problem, by file, sheet, row and column."""
    from alignment_lib.app.batches.unit_folders import find_units
    from alignment_lib.app.console import print_check, print_problems
    from alignment_lib.inputs.workspace import load_workspace
    from alignment_lib.rounds.preparing.forecast_round import own_model

    failed = 0
    for folder in find_units(workspaces, Path("reports")):
        try:
            workspace = load_workspace(folder)
            own_model(folder, workspace.settings)
            print_check(workspace)
        except InputError as error:
            print_problems(error.problems, limit)
            failed += 1
    if failed:
        raise typer.Exit(2)


@app.command()
def plan(
    workspaces: Workspaces,
    round_name: RoundToPlan = "",
    as_of: AsOf = "",
    scenario: Annotated[
        str, typer.Option(help="Headline: consensus, as_proposed, evidence_weighted or a scenario.")
    ] = "consensus",
    horizon: Annotated[
        str, typer.Option(help="What the report shows first over time: quarter, month or year.")
    ] = "quarter",
    output: Annotated[Path, typer.Option(help="Folder for <round>/<unit>/ and index.html.")] = Path(
        "reports"
    ),
    rounds: Rounds = None,
    jobs: Annotated[int, typer.Option(min=1, help="Units worked on at once.")] = 1,
    cluster: Annotated[
        str, typer.Option(help="Address of a Dask scheduler whose workers see the same folders.")
    ] = "",
    retry: Annotated[
        bool, typer.Option("--retry", help="Leave units alone that a run with the same inputs finished.")
    ] = False,
    cache: Cache = None,
    report: Annotated[bool, typer.Option(help="Make report and workbook, or only the tables.")] = True,
    keep: Annotated[int, typer.Option(min=0, help="Earlier versions of an unlocked round to keep.")] = 5,
    unit_timeout: Annotated[
        float, typer.Option(min=0, help="Seconds one unit may take; 0 sets no limit.")
    ] = 0,
    as_read: Annotated[
        bool, typer.Option("--as-read", help="Make a published round again from what it read then.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what failed.")] = False,
    json_lines: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line, for log collectors.")
    ] = False,
) -> None:
    """Plan a round for every workspace and write its report, tables and workbook."""
    from alignment_lib.app.batches.stopping import STOPPED, stoppable

    if horizon not in ("quarter", "month", "year"):
        _refuse(f"--horizon is quarter, month or year, not {horizon!a}", 2)
    words = "stopped; what was finished is kept, run it again with --retry"
    try:
        with stoppable(words) as unwound:
            from alignment_lib.app.batches.request import BatchRequest
            from alignment_lib.app.batches.unit_folders import find_units
            from alignment_lib.inputs.periods.written_days import read_day

            request = BatchRequest(
                workspaces=find_units(workspaces, output),
                output=output,
                round=round_name,
                as_of=read_day(as_of, "--as-of"),
                scenario=scenario,
                view=horizon,
                cache=cache or output / ".cache",
                rounds=rounds,
                jobs=jobs,
                cluster=cluster,
                retry=retry,
                render=report,
                keep=keep,
                unit_timeout=unit_timeout,
                as_read=as_read,
            )
            code = _run_batch(request, unwound, quiet=quiet, json_lines=json_lines)
    except KeyboardInterrupt:
        _refuse(words, STOPPED)
    if code:
        raise typer.Exit(code)


def _run_batch(request: BatchRequest, unwound: Callable[[], None], *, quiet: bool, json_lines: bool) -> int:
    """Run a batch, print what comes of it, and give its exit code."""
    from alignment_lib.app.batches.batch import exit_code, run_batch
    from alignment_lib.app.batches.batch_output import open_printer

    with open_printer(request, quiet=quiet, json_lines=json_lines) as printer:
        outcomes = run_batch(request, printer.watch, printer.ended, unwound)
    printer.summarise(outcomes)
    return exit_code(outcomes)


@app.command()
def verify(
    output: Annotated[Path, typer.Argument(help="Folder over rounds, as given to plan.")] = Path("reports"),
) -> None:
    """Check what should be there: every file of every round, earlier versions, logs, locks, the ledger."""
    from alignment_lib.app.console import print_error
    from alignment_lib.rounds.files.verify_rounds import verify_output

    found = verify_output(output)
    for fault in (fault for one in found for fault in one.faults):
        print_error(fault)
    for note in (note for one in found for note in one.notes):
        typer.echo(f"note: {note}")
    altered = sum(bool(one.faults) for one in found)
    typer.echo(
        f"{counted(len(found), 'place')} checked: rounds, versions and the ledger; {altered} with faults"
    )
    if altered:
        raise typer.Exit(1)


register_life(app)
register_collect(app)
register_page(app)
register_report(app)
register_review(app)
