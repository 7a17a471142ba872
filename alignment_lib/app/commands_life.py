"""Commands of a round's life, plugged into the command line: accept, reject, sign, lock, status, changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from alignment_lib.rounds.round_life import ChosenRound

__all__ = ["register"]

_OUTPUT = typer.Option(help="Folder over rounds, as given to plan.")
_ROUND = typer.Option("--round", help="2026Q1, 2026-03 or 2026; by default the latest.")
_UNIT = typer.Option(help="The business unit; needed where the round has several.")
_FUNCTION = typer.Option(help="Which side acts: marketing or sales.")
_BY = typer.Option(help="The role that acts, such as 'head of sales'; never a person's name.")
_ON = typer.Option(help="Day of the step, as 2026-01-31; by default today.")
_REASON = typer.Option(help="Why; kept in the log.")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("accept")(_accept)
    app.command("reject")(_reject)
    app.command("sign")(_sign)
    app.command("lock")(_lock)
    app.command("status")(_status)
    app.command("changes")(_changes)
    app.command("forget")(_forget)


def _accept(
    ids: Annotated[list[str], typer.Argument(help="Ids of one or more assumptions of the round.")],
    function: Annotated[str, _FUNCTION],
    by: Annotated[str, _BY],
    round_name: Annotated[str, _ROUND] = "",
    unit: Annotated[str, _UNIT] = "",
    output: Annotated[Path, _OUTPUT] = Path("reports"),
    reason: Annotated[str, _REASON] = "",
    on: Annotated[str, _ON] = "",
) -> None:
    """Accept assumptions for one side; both sides are needed. The next plan of the round counts them."""
    from alignment_lib.rounds.round_life import accept

    chosen = _chosen(output, round_name, unit)
    for entry in accept(chosen, ids, function=function, by=by, on=_day(on), reason=reason):
        typer.echo(f"{chosen.name}: {entry.subject} {entry.after} ({entry.by}, {entry.on})")
    typer.echo("alignment plan counts it the next time the round is planned.")


def _reject(
    ids: Annotated[list[str], typer.Argument(help="Ids of one or more assumptions of the round.")],
    function: Annotated[str, _FUNCTION],
    by: Annotated[str, _BY],
    reason: Annotated[str, typer.Option(help="Why; its owner has to be able to answer it.")],
    round_name: Annotated[str, _ROUND] = "",
    unit: Annotated[str, _UNIT] = "",
    output: Annotated[Path, _OUTPUT] = Path("reports"),
    on: Annotated[str, _ON] = "",
) -> None:
    """Reject assumptions for one side, with a reason; an acceptance by that side is taken back."""
    from alignment_lib.rounds.round_life import reject

    chosen = _chosen(output, round_name, unit)
    for entry in reject(chosen, ids, function=function, by=by, on=_day(on), reason=reason):
        typer.echo(f"{chosen.name}: {entry.subject} rejected by {function} ({entry.by}, {entry.on})")
    typer.echo("alignment plan leaves it out the next time the round is planned.")


def _sign(
    function: Annotated[str, _FUNCTION],
    by: Annotated[str, _BY],
    round_name: Annotated[str, _ROUND] = "",
    unit: Annotated[str, _UNIT] = "",
    output: Annotated[Path, _OUTPUT] = Path("reports"),
    reason: Annotated[str, _REASON] = "",
    on: Annotated[str, _ON] = "",
) -> None:
    """Sign the plan as published, for one side; a later run with another result voids the signature."""
    from alignment_lib.rounds.round_life import describe_life, sign

    chosen = _chosen(output, round_name, unit)
    entry = sign(chosen, function=function, by=by, on=_day(on), reason=reason)
    _write_index(output)
    typer.echo(f"{chosen.name}: signed by {function} ({entry.by}, {entry.on}), plan {entry.manifest[:12]}")
    missing = [side for side in ("marketing", "sales") if side not in describe_life(chosen).state.signed]
    typer.echo(f"Still to sign: {missing[0]}" if missing else "Both have signed. Next: alignment lock")


def _lock(
    by: Annotated[str, _BY],
    round_name: Annotated[str, _ROUND] = "",
    unit: Annotated[str, _UNIT] = "",
    output: Annotated[Path, _OUTPUT] = Path("reports"),
    reason: Annotated[str, _REASON] = "",
    on: Annotated[str, _ON] = "",
) -> None:
    """Lock a round that both sides have signed: its plan is never changed again."""
    from alignment_lib.rounds.round_life import describe_life, lock

    chosen = _chosen(output, round_name, unit)
    since = tuple(dict.fromkeys(step.subject for step in describe_life(chosen).since))
    entry = lock(chosen, by=by, on=_day(on), reason=reason)
    _write_index(output)
    typer.echo(f"{chosen.name}: locked by {entry.by} on {entry.on}, plan {entry.manifest}")
    if since:
        typer.echo(f"  note: decided after that plan was made, so not in it: {', '.join(since)}")


def _status(
    round_name: Annotated[str, _ROUND] = "",
    unit: Annotated[str, _UNIT] = "",
    output: Annotated[Path, _OUTPUT] = Path("reports"),
    history: Annotated[bool, typer.Option(help="List every step of the log.")] = True,
) -> None:
    """How a round stands: signatures, what awaits whom, where the year stands, and its whole history."""
    from alignment_lib.app.console_life import print_life
    from alignment_lib.rounds.files.clocks import read_clock
    from alignment_lib.rounds.round_life import describe_life, today_of

    chosen = _chosen(output, round_name, unit)
    print_life(describe_life(chosen), history, today_of(chosen, read_clock))


def _changes(
    since: Annotated[str, typer.Option(help="An earlier round, or the number of an earlier version.")] = "",
    round_name: Annotated[str, _ROUND] = "",
    unit: Annotated[str, _UNIT] = "",
    output: Annotated[Path, _OUTPUT] = Path("reports"),
    scenario: Annotated[str, typer.Option(help="Plan to compare; by default the headline.")] = "",
) -> None:
    """What changed since an earlier version, or the round before: assumption by assumption, in money."""
    from alignment_lib.app.console_life import print_changes
    from alignment_lib.rounds.closed.round_changes import compare_plans

    print_changes(compare_plans(_chosen(output, round_name, unit), since, scenario))


def _forget(
    workspace: Annotated[Path, typer.Argument(help="The workspace whose kept inputs are erased.")],
    round_name: Annotated[str, typer.Option("--round", help="Only what this round read.")] = "",
) -> None:
    """Erase what the rounds of a workspace read and kept; published rounds and your own files stay."""
    from alignment_lib.rounds.kept.kept_inputs import forget_kept

    gone = forget_kept(workspace, round_name)
    named = ", ".join(sorted({one.round for one in gone}))
    typer.echo(f"forgotten: what {named} read" if gone else "nothing is kept here; nothing was erased")


def _chosen(output: Path, round_name: str, unit: str) -> ChosenRound:
    from alignment_lib.rounds.round_life import choose_round

    return choose_round(output, round_name, unit)


def _write_index(output: Path) -> None:
    from alignment_lib.publishing.index import write_index

    if (output / "index.html").exists():
        write_index(output)


def _day(text: str) -> str:
    if not text:
        return ""
    from alignment_lib.inputs.periods.written_days import read_day

    return f"{read_day(text, '--on'):%Y-%m-%d}"
