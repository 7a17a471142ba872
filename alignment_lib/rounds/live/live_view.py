"""A live round as a view: the tables it would publish, worked out when an answer asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.inputs.snapshot_tables import SNAPSHOT_TABLES
from alignment_lib.rounds.closed.previous_round import changes_since, find_previous, recall_round
from alignment_lib.rounds.files.manifest import describe_round, plain_json
from alignment_lib.rounds.files.parquet_tables import arrange_table, empty_table
from alignment_lib.rounds.lazy_tables import LazyTables
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.view import RoundView

__all__ = ["view_work"]

_BEFORE = ("previous", "changes")
_ALWAYS = {name for name, table in SNAPSHOT_TABLES.items() if table.always}


def view_work(work: RoundWork) -> RoundView:
    """What a snapshot of the round would show, without writing one.

    Tables are in the order and the types in which they are published. Those that publishing alone adds,
    what the round before planned and what has changed since, are there as well.
    """
    dimensions = work.ready.dimensions
    previous = _previous_folder(work)

    def arranged(name: str, table: pd.DataFrame) -> pd.DataFrame:
        return arrange_table(table, dimensions)

    def absent(name: str) -> pd.DataFrame:
        return empty_table(name, dimensions)

    def before() -> dict[str, pd.DataFrame]:
        if previous is None:
            return {}
        found = {"previous": recall_round(previous, work.ready.history.measure)[1]}
        wanted = {name: tables.raw(name) for name in ("plan", "bridge", "assumptions")}
        known = {name: absent(name) if table is None else table for name, table in wanted.items()}
        measure, headline = work.ready.history.measure, work.request.scenario
        changes = changes_since(previous, measure, headline, known, dimensions)
        return found if changes is None else found | {"changes": changes}

    groups = [((name,), _one(work, name)) for name in work.tables.names]
    missing = [((name,), dict) for name in sorted(_ALWAYS.difference(work.tables.names))]
    rest = [group for group in missing if group[0][0] not in _BEFORE]
    tables = LazyTables([*groups, *rest, (_BEFORE, before)], arranged, absent)
    return RoundView(_manifest(work, previous), tables, work.ready.workspace.calendar)


def _one(work: RoundWork, name: str) -> Any:
    def find() -> Mapping[str, pd.DataFrame]:
        table = work.tables.raw(name)
        # A table of the contract without rows is published with the contract's columns.
        return {} if table is None or (name in _ALWAYS and not len(table)) else {name: table}

    return find


def _previous_folder(work: RoundWork) -> Path | None:
    """The snapshot of the round before, where a run would find it."""
    workspace, name = work.ready.workspace, work.ready.round.name
    places = [work.request.rounds or work.request.output, workspace.folder / "rounds"]
    found = (find_previous(place, name, workspace.name) for place in places if place is not None)
    return next((folder for folder in found if folder is not None), None)


def _manifest(work: RoundWork, previous: Path | None) -> Mapping[str, Any]:
    """The manifest's words; what needs every plan is found when it is asked for."""
    known = plain_json(describe_round(work.result(whole=False)))
    del known["warnings"]

    def warnings() -> Mapping[str, Any]:
        told = [{"code": notice.code, "text": notice.text, "count": notice.count} for notice in work.warnings]
        return plain_json({"warnings": told})

    def recalled() -> Mapping[str, Any]:
        if previous is None:
            return {}
        return {"previous": plain_json(recall_round(previous, work.ready.history.measure)[0])}

    return LazyTables([(tuple(known), lambda: known), (("warnings",), warnings), (("previous",), recalled)])
