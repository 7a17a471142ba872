"""Use case: hold a published plan against what has come in, and publish what it says."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.answers.past.watch import beside_table, cause_odds_table, watch
from alignment_lib.answers.tables import render_table
from alignment_lib.answers.wording import write_date
from alignment_lib.inputs.snapshots import Snapshot, find_rounds
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.publishing.beside_round import publish_beside
from alignment_lib.publishing.plain_page import PagePart, render_notices, render_page
from alignment_lib.rounds.closed.watched import NotWatched, Watched, watch_snapshot
from alignment_lib.rounds.preparing.earlier_plans import plan_in_force
from alignment_lib.rounds.preparing.known_sales import read_known
from alignment_lib.rounds.view import RoundView, view_snapshot, view_tables

__all__ = ["ALARM", "RoundWatch", "publish_watch", "watch_round"]

ALARM = 4
"""Exit code where a plan has been left."""


@dataclass(frozen=True)
class RoundWatch:
    """A plan held against what came in, ready to be told.

    Attributes
    ----------
    snapshot : Snapshot
        The plan.
    is_signed : bool
        Whether both sides signed it; else it is the last one published.
    workspace : Workspace
        The business unit, cut at the day.
    as_of : Timestamp
        The day up to which it is watched.
    watched : Watched
        What it came to.
    view : RoundView
        The plan with the tables of `watched`, for answers.
    """

    snapshot: Snapshot
    is_signed: bool
    workspace: Workspace
    as_of: pd.Timestamp
    watched: Watched
    view: RoundView

    @property
    def is_alarm(self) -> bool:
        """Whether the plan has been left."""
        return self.watched.side != 0

    @property
    def which(self) -> str:
        """The plan that is watched, in words."""
        made = write_date(pd.Timestamp(self.snapshot.manifest["as_of"]))
        kind = "signed by both sides" if self.is_signed else "as last published, not signed by both sides"
        return f"Against the plan of {self.snapshot.round} made as of {made}, {kind}."

    @property
    def lines(self) -> tuple[str, ...]:
        """One screen of text."""
        notes = (f"note: {notice.sentence}" for notice in self.watched.notices)
        sentences = watch(self.view).sentence.replace(". ", ".\n  ").split("\n")
        return (f"{self.workspace.name}: {sentences[0]}", *sentences[1:], f"  {self.which}", *notes)

    @property
    def record(self) -> dict[str, Any]:
        """The same as a value that JSON can hold."""
        status = "alarm" if self.is_alarm else "inside"
        if not self.watched.tables["watch"]["actual"].notna().any():
            status = "nothing yet"
        return {
            "unit": self.workspace.name,
            "round": self.snapshot.round,
            "as_of": self.as_of.date().isoformat(),
            "status": status,
            "side": self.watched.side,
            "sentence": watch(self.view).sentence,
            "plan": {
                "manifest": self.snapshot.hash,
                "as_of": str(self.snapshot.manifest["as_of"]),
                "is_signed": self.is_signed,
                "measure": self.view.measure,
                "unit": self.view.unit,
            },
            "notices": [notice.sentence for notice in self.watched.notices],
        } | {name: _records(table) for name, table in self.watched.tables.items()}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    def plain(value: object) -> object:
        if isinstance(value, pd.Timestamp):
            return value.date().isoformat()
        return None if isinstance(value, float) and not math.isfinite(value) else value

    rows = table.drop(columns="round").to_dict("records")
    return [{str(name): plain(value) for name, value in row.items()} for row in rows]


def watch_round(
    folder: Path, round_name: str = "", as_of: pd.Timestamp | None = None, rounds: tuple[Path, ...] = ()
) -> RoundWatch:
    """Hold the signed plan of a round, else the last one published, against what has come in.

    Parameters
    ----------
    folder : Path
        The workspace.
    round_name : str
        The round; blank for the one in which something was sold last, else the latest published.
    as_of : Timestamp, optional
        Nothing later is read; by default the end of what was sold.
    rounds : tuple of Path
        Where published rounds lie, before the workspace's own.

    Raises
    ------
    InputError
        Every problem of the workspace.
    NotWatched
        No such round, a day before its plan was made, a plan without draws.
    """
    workspace, day = read_known(folder, as_of)
    name = _choose(workspace, round_name, rounds, day)
    found = plan_in_force(workspace, name, rounds)
    if found is None:
        raise NotWatched(f"no plan of {name} can be read; run alignment verify, then plan it again")
    snapshot, is_signed = found
    watched = watch_snapshot(snapshot, workspace.tables, workspace.calendar, day)
    of_plan = view_snapshot(snapshot.folder)
    tables = {"plan": of_plan.table("plan"), "assumptions": of_plan.table("assumptions"), **watched.tables}
    view = view_tables(of_plan.manifest, tables)
    return RoundWatch(snapshot, is_signed, workspace, day, watched, view)


def _choose(workspace: Workspace, round_name: str, rounds: tuple[Path, ...], day: pd.Timestamp) -> str:
    """The round meant: as named, else the one that holds the last period known, else the latest published."""
    known = {
        one.folder.parent.name for one in find_rounds([*rounds, workspace.folder / "rounds"], workspace.name)
    }
    if not known:
        places = " and ".join(str(place) for place in (*rounds, workspace.folder / "rounds"))
        raise NotWatched(
            f"no round of {workspace.name} is published in {places}; run alignment plan first, or name "
            "another --output"
        )
    if round_name:
        return str(check_word(round_name, sorted(known), "published round"))
    calendar = workspace.calendar
    last = calendar.shift(calendar.floor(pd.DatetimeIndex([day]))[0], -1)
    running = {
        str(calendar.label(pd.DatetimeIndex([last]), cycle)[0]) for cycle in ("month", "quarter", "year")
    }
    return max(running & known or known)


def publish_watch(found: RoundWatch, output: Path) -> tuple[Path, ...]:
    """Write page and figures to ``output/<round>/<unit>.watch/`` in one step."""
    answer = watch(found.view)
    tables = [
        render_table(table) for table in (cause_odds_table(found.view), beside_table(found.view)) if table
    ]
    facts = [("Round", found.snapshot.round), ("As of", write_date(found.as_of)), ("Plan", found.which)]
    parts = [
        PagePart("watch", answer.title, [answer.to_html()]),
        PagePart("causes", "What explains it", tables),
        PagePart("notes", "Notes", [render_notices(found.watched.notices)] if found.watched.notices else []),
    ]
    name = found.workspace.settings.business.name
    title = f"{found.snapshot.round}: has the plan been left?"
    files = {
        "watch.html": render_page(title, name, facts, [], [part for part in parts if part.content]),
        "watch.json": (json.dumps(found.record, indent=1, sort_keys=True) + "\n").encode(),
    }
    return publish_beside(files, output, found.snapshot.round, found.workspace.name, "watch")
