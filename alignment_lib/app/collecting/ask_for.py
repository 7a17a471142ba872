"""Use case: a sheet, a letter and the round's days for every owner and function, in one new folder."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alignment_lib.app.collecting.asked import Recipient, find_recipients
from alignment_lib.app.collecting.letters import build_calendar, build_letter
from alignment_lib.app.collecting.sheet import build_sheet
from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.configuration.settings_reader import load_settings
from alignment_lib.inputs.problems import InputError, Notice, Problem, counted
from alignment_lib.inputs.workspace import name_of_unit
from alignment_lib.planning.round.lifecycle import check_open
from alignment_lib.rounds.files.atomic_files import sync_folder, write_durably
from alignment_lib.rounds.files.clocks import Clock, read_clock
from alignment_lib.rounds.round_life import RoundLife, choose_round, describe_life

__all__ = ["Asked", "ask_for"]

_DAYS = {"answer": "Answers by", "sign": "Signatures by", "lock": "Locked by"}


@dataclass(frozen=True)
class Asked:
    """What was written.

    Attributes
    ----------
    folder : Path
        Where.
    recipients : tuple of Recipient
        Who is asked; one sheet and one letter each.
    notices : tuple of Notice
        Days that have passed, addresses of nobody.
    """

    folder: Path
    recipients: tuple[Recipient, ...]
    notices: tuple[Notice, ...]


def ask_for(
    workspace: Path, round_name: str, output: Path, to: Path | None = None, clock: Clock = read_clock
) -> Asked:
    """Write sheets, letters and days for a published round; nothing is sent and nothing overwritten.

    Parameters
    ----------
    workspace : Path
        Whose round; gives ``[round]`` and ``[owners]``.
    round_name : str
        By default the latest that is published.
    output : Path
        Folder over rounds.
    to : Path, optional
        The new folder; by default ``ask-for <round> <unit>`` beside the rounds' folder.
    clock : callable
        Says what day it is.

    Raises
    ------
    InputError
        Settings that cannot be read, or a folder that is there already.
    LifeError
        Where the round is locked: nothing can be answered any more.
    """
    settings = load_settings(workspace)
    chosen = choose_round(output, round_name, name_of_unit(workspace))
    life = describe_life(chosen)
    check_open(life.log, "asking for answers")
    place = output.parent / f"ask-for {chosen.folder.name} {chosen.unit}" if to is None else to
    if place.exists():
        found, expected = (
            "a folder that is there already",
            "a new one: filled-in sheets are never overwritten",
        )
        raise InputError([Problem(str(place), found, expected, "move it away, or name another with --to")])
    now = clock()
    days = settings.round.days_of(life.snapshot.read("plan")["period"].min().date())
    recipients = find_recipients(life, settings.owners)
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        for name, content in _files(life, settings, recipients, days, now):
            write_durably(part / name, content)
        part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    sync_folder(place.parent)
    return Asked(place, recipients, tuple(_notices(settings, recipients, days, now.date())))


def _files(
    life: RoundLife,
    settings: Settings,
    recipients: tuple[Recipient, ...],
    days: Mapping[str, dt.date],
    now: dt.datetime,
) -> list[tuple[str, bytes]]:
    name, unit = life.round.folder.name, life.round.unit
    calendar = (f"{name} days.ics", build_calendar(name, unit, days, now)) if days else None
    files = [] if calendar is None else [calendar]
    said = {_DAYS[what]: f"{day}" for what, day in days.items()}
    taken: set[str] = set()
    for one in recipients:
        facts = {"Round": name, "Unit": unit, "Plan": life.snapshot.hash, "Asked": one.role}
        sheet = build_sheet(one, facts | {"Log lines": str(len(life.log))}, said)
        stem = _file_name(one.role, taken)
        title = f"{settings.business.name}, {name}: answers of {one.role}"
        body = _words(one, f"{name} of {settings.business.name}", days, now.date())
        letter = build_letter(one, title, body, (f"{stem}.xlsx", sheet), calendar)
        files += [(f"{stem}.xlsx", sheet), (f"{stem}.eml", letter)]
    return files


def _file_name(role: str, taken: set[str]) -> str:
    """A role as the name of a file on every system; a number follows where two would be alike."""
    plain = re.sub(r"[^\w\- ]", "_", role).strip()[:60].strip() or "role"
    if re.fullmatch(r"(?i)con|prn|aux|nul|(com|lpt)\d", plain):
        plain = f"role {plain}"
    stem, number = plain, 2
    while stem.casefold() in taken:
        stem, number = f"{plain} {number}", number + 1
    taken.add(stem.casefold())
    return stem


def _words(one: Recipient, what: str, days: Mapping[str, dt.date], today: dt.date) -> str:
    due = days.get("answer" if not one.function else "sign")
    when = ""
    if due is not None:
        when = f" by {due}" if due >= today else f" (it was due on {due})"
    asked = f"{counted(one.awaited, 'row')} of the sheet {'waits' if one.awaited == 1 else 'wait'}"
    lines = [
        f"To the role {one.role},",
        "",
        f"{asked} for your answer to the plan {what}{when}.",
        "Beside each claim stand what the past shows, its owner's record and what was said so far.",
        "Write accept or reject into the column decision, with a reason in the column comment;",
        "the row plan, where there is one, is signed by writing sign. Then send the file back.",
    ]
    if one.owner.delegate and not one.function:
        lines += ["", f"In your place may answer: {one.owner.delegate}."]
    return "\n".join(lines) + "\n"


def _notices(
    settings: Settings, recipients: tuple[Recipient, ...], days: Mapping[str, dt.date], today: dt.date
) -> list[Notice]:
    found = []
    for what, day in days.items():
        if day < today:
            passed = counted((today - day).days, "day")
            text = f"{_DAYS[what]} {day}: that was {passed} ago; the letters say so. Set [round] {what} anew."
            found.append(Notice("deadline_passed", text))
    if not days:
        text = "[round] of planning.toml names no days, so no letter says by when, and nobody is ever late."
        found.append(Notice("no_deadlines", text))
    blank = [one.role for one in recipients if not one.owner.address]
    if blank:
        text = f"No address under [owners] for {', '.join(blank)}: the recipient of that letter is blank."
        found.append(Notice("no_address", text, len(blank)))
    roles = {one.role for one in recipients}
    unknown = sorted(set(settings.owners) - roles)
    if unknown:
        text = f"[owners] names {', '.join(unknown)}: no open claim of this round is theirs."
        found.append(Notice("unknown_owners", text, len(unknown)))
    return found
