"""A round's opportunities as known at its wall, with what earlier rounds kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pandas as pd

from alignment_lib.funnel.deals.deals import Deals, read_deals
from alignment_lib.inputs.problems import InputError, Notice
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.rounds.kept.kept_inputs import STORE, find_kept
from alignment_lib.rounds.kept.tokens import hide_ids, read_key, token_of
from alignment_lib.rounds.preparing.known_round import KnownRound

__all__ = ["deals_of"]

_TABLE = "opportunities"
_WALLED = {"wall_opportunities", "wall_opportunities_later"}


def deals_of(ready: KnownRound, earlier: Sequence[Snapshot]) -> Deals | None:
    """The round's opportunities; None where the workspace has none.

    Parameters
    ----------
    ready : KnownRound
        Its tables are cut at the wall.
    earlier : sequence of Snapshot
        Published rounds, oldest first: what they kept says what each deal was then.
    """
    workspace, now = ready.workspace, ready.round.as_of + pd.Timedelta(days=1)
    table, changes = workspace.tables.get(_TABLE), workspace.tables.get("opportunity_changes")
    if table is None or not len(table):
        return None
    notices: list[Notice] = []
    if changes is None and any(notice.code in _WALLED for notice in workspace.notices):
        # What stands in a table written later says by what is missing how each deal ended.
        is_open = table["closed_at"].isna() & (table["outcome"].astype(str) == "")
        table = table.assign(
            stage=table["stage"].astype(object).mask(is_open, ""),
            expected_close=table["expected_close"].mask(is_open),
            pushes=table["pushes"].mask(is_open),
        )
        text = (
            "opportunities: the table was written after the as-of date; which stage and expected close open "
            "ones had on that day is not known without a table opportunity_changes, and is not used."
        )
        notices.append(Notice("deals_written_later", text, int(is_open.sum())))
    kept = [] if changes is not None else _kept(workspace.folder, table, earlier, notices)
    dimensions = workspace.settings.sales.dimensions
    found = read_deals(table, now, dimensions, changes, kept)
    return replace(found, notices=(*notices, *found.notices))


def _kept(
    folder: Path, table: pd.DataFrame, earlier: Sequence[Snapshot], notices: list[Notice]
) -> list[tuple[pd.Timestamp, pd.DataFrame]]:
    """What earlier rounds kept of the opportunities, each under today's ids."""
    found = []
    for snapshot in earlier:
        kept = find_kept(folder, snapshot.manifest)
        if kept is None:
            continue
        try:
            if _TABLE in kept.record["tables"]:
                frame = pd.read_parquet(BytesIO(kept.read(f"{_TABLE}.parquet")))
                found.append((pd.Timestamp(snapshot.manifest["as_of"]) + pd.Timedelta(days=1), frame))
        except InputError as error:
            text = f"What {snapshot.round} kept of opportunities is not used: {error.problems[0]}"
            notices.append(Notice("kept_deals_altered", text, 1))
    if not found or not (folder / STORE / "key").is_file():
        return []
    hidden = hide_ids({_TABLE: table[["opportunity_id"]]}, read_key(folder / STORE))[_TABLE]
    names = dict(zip(hidden["opportunity_id"].map(token_of), table["opportunity_id"], strict=True))
    return [
        (day, frame.assign(opportunity_id=frame["opportunity_id"].map(token_of).map(names).fillna("")))
        for day, frame in found
    ]
