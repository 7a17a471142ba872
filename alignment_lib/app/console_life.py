"""What the command line prints of a round's life: where it stands, its history, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from alignment_lib.app.console import plain_console, without_commands
from alignment_lib.inputs.periods.round_days import published_title
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.rounds.round_life import late_of

if TYPE_CHECKING:
    from alignment_lib.rounds.closed.round_changes import Comparison
    from alignment_lib.rounds.round_life import RoundLife

__all__ = ["print_changes", "print_life"]

_LISTED = 12


def _print_line(text: str) -> None:
    """One line, never wrapped; marks that would steer a terminal are written out."""
    print(without_commands(text))  # noqa: T201


def print_life(life: RoundLife, history: bool = True, today: str = "") -> None:
    """Where a round stands, in a few lines, then every step of its log."""
    for line in (*_standing(life), *_lateness(life, today)):
        _print_line(line)
    if history and life.log:
        _print_history(life)


def _standing(life: RoundLife) -> list[str]:
    as_of = life.snapshot.manifest["as_of"]
    title = published_title(life.snapshot.manifest, life.round.folder.name)
    lines = [
        f"{title} of {life.round.unit}: {life.state.status}, as of {as_of}, plan {life.snapshot.hash[:12]}"
    ]
    for side in ("marketing", "sales"):
        entry = life.state.signed.get(side)
        lines.append(f"  {side}: " + (f"signed by {entry.by} on {entry.on}" if entry else "has not signed"))
    void = {entry.function: entry for entry in life.state.voided if entry.function not in life.state.signed}
    lines += [
        f"  void: {entry.function} ({entry.by}, {entry.on}) signed an earlier version"
        for entry in void.values()
    ]
    if life.state.lock is not None:
        lines.append(f"  locked by {life.state.lock.by} on {life.state.lock.on}")
    lines += _estimates(life)
    counts: dict[str, int] = {}
    for row in life.register:
        counts[row.status] = counts.get(row.status, 0) + 1
    told = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    lines.append(f"  assumptions: {told or 'none'}")
    lines += [f"  awaiting {side}: {_listed(ids)}" for side, ids in life.waiting.items() if ids]
    if life.since and life.state.lock is None:
        subjects = dict.fromkeys(entry.subject for entry in life.since)
        lines.append(f"  decided since the plan was made: {_listed(tuple(subjects))}; plan it again")
    if life.versions:
        kept = ", ".join(f"{one.folder.name} (as of {one.manifest['as_of']})" for one in life.versions)
        lines.append(f"  earlier versions kept: {kept}")
    return lines


def _lateness(life: RoundLife, today: str) -> list[str]:
    """Days of the round, then who has let one pass and with what."""
    days: dict[str, str] = life.snapshot.manifest["parameters"].get("round_days", {})
    named = {"answer": "answers by", "sign": "signatures by", "lock": "locked by"}
    lines = ["  days: " + ", ".join(f"{named[what]} {days[what]}" for what in named if what in days)]
    lines = lines if days else []
    for one in late_of(life, today) if today else ():
        missing = {"answer": f"has not answered {_listed(one.ids)}", "sign": "has not signed"}
        lines.append(f"  late since {one.due}: {one.who} {missing.get(one.what, 'has not locked the round')}")
    return lines


def _estimates(life: RoundLife) -> list[str]:
    """Where the round itself stands: sold, still planned, and against the plan made for it before."""
    manifest = life.snapshot.manifest
    name = str(manifest["measure"] if manifest["measure"] == "units" else manifest["currency"])
    rows = life.estimate[life.estimate["label"] == life.round.folder.name]
    told = []
    for row in rows.to_dict("records"):
        text = f"  {row['label']}: latest estimate {row['estimate']:,.0f} {name}"
        text += f" ({row['actual']:,.0f} sold, {row['open_plan']:,.0f} still planned)"
        if row["signed_plan"] == row["signed_plan"]:
            plan = manifest["parameters"]["compared_plan"]
            kind = "signed plan" if plan.get("is_signed") else "earlier plan"
            text += (
                f"; {kind} of {plan.get('as_of')}: {row['signed_plan']:,.0f}, gap {Said(row['gap']):+,.0f}"
            )
        told.append(text)
    return told


def _listed(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
    return ", ".join(ids[:_LISTED]) + more


def _print_history(life: RoundLife) -> None:
    table = Table(title="history")
    for heading in ("day", "written", "step", "what", "who", "before", "after", "why"):
        table.add_column(heading, overflow="fold")
    for entry in life.log:
        who = f"{entry.by} ({entry.function})" if entry.function else entry.by
        written = f"{entry.written} (clock behind)" if entry.clock else entry.written or "not kept"
        cells = (entry.on, written, entry.action, entry.subject, who, entry.before, entry.after, entry.reason)
        table.add_row(*(Text(without_commands(cell)) for cell in cells))
    plain_console().print(table)


def print_changes(found: Comparison) -> None:
    """What changed between two plans, one row a contributor, the sum last."""
    _print_line(found.heading)
    table = Table()
    for heading in ("what", "change", "before", "after", "difference", found.currency, "details"):
        table.add_column(heading, overflow="fold", justify="left" if heading in _WORDS else "right")
    small = _NOTHING * found.table["after"].abs().sum()
    idle = (found.table["change"] == "same") & (found.table["difference"].abs() < small)
    for row in found.table[~idle].to_dict("records"):
        title = f"{row['assumption']} {row['title']}".strip()
        numbers = [_number(row[name]) for name in ("before", "after", "difference", "money")]
        cells = (title, str(row["change"]), *numbers, str(row["details"]))
        table.add_row(*(Text(without_commands(cell)) for cell in cells))
    sums = found.table[["before", "after", "difference", "money"]].sum(min_count=1)
    table.add_section()
    table.add_row("plan", "", *(_number(value) for value in sums), "")
    plain_console().print(table)
    if idle.any():
        _print_line(f"{int(idle.sum())} more are as they were")


_NOTHING = 1e-6
"""Share of the plan below which a difference is none."""
_WORDS = ("what", "change", "details")


def _number(value: object) -> str:
    number = float(str(value))
    return "" if number != number else f"{number:,.0f}"
