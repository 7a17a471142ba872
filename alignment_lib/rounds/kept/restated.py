"""History restated since the round before: every past figure that reads otherwise now, and what that moves.

The round before kept what it read. What it knew of the past is set beside what the tables say of the same
periods today. The step from its baseline to this one's is then split, by forecasts made anew:

    engine    what it read, by the engine of today, less what it published
    restated  the tables of today as of its day, less the same from what it read
    news      this round's baseline, less the tables of today as of its day

The three add up to the step. A forecast is made anew only where there is something to find: the same versions
give the same baseline from the same figures, and figures that are all as they were restate nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.problems import InputError, Notice, counted
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.rounds.closed.previous_round import find_previous
from alignment_lib.rounds.files.manifest import read_versions
from alignment_lib.rounds.kept.made_again import kept_workspace
from alignment_lib.rounds.preparing.prepared_round import (
    PlanRequest,
    PreparedRound,
    known_tables,
    prepare_round,
)

__all__ = ["Restated", "find_restated", "restated_cells"]

_EXACT = 1e-9
_MEASURES = ("units", "revenue")


@dataclass(frozen=True)
class Restated:
    """What reads otherwise than the round before read it.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``restated``: `restated_cells`. ``baseline_steps``: ``step`` (engine, restated, news), ``difference``
        in the measure over the periods that both rounds plan. Neither where the round before kept nothing.
    notices : tuple of Notice
        How much was restated, or why it cannot be told.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def find_restated(ready: PreparedRound, request: PlanRequest) -> Restated:
    """Set what the round before read beside what the tables say of the same past today.

    Parameters
    ----------
    ready : PreparedRound
        The round.
    request : PlanRequest
        How it was asked for: where the round before is published.

    """
    published, unit = _round_before(ready, request), ready.workspace
    try:
        then = None if published is None else kept_workspace(published, unit.folder, unit.name)
    except InputError as error:
        text = f"Whether history was restated cannot be told: {error.problems[0]}"
        return Restated(notices=(Notice("kept_altered", text, len(error.problems)),))
    if published is None or then is None or not _is_like(published, ready):
        return Restated()
    workspace, planned = then
    known = known_tables(workspace, planned)
    cells = restated_cells(known["sales"], unit.tables["sales"], ready.dimensions, planned.first_open)
    same = not len(cells) and _same_past(workspace, known, unit, planned)
    steps = _baseline_steps(ready, request, published, planned, same=same)
    notices = (_say_restated(cells, planned, unit.settings.business.currency),) if len(cells) else ()
    return Restated({"restated": cells, "baseline_steps": steps}, notices)


def _is_like(published: Snapshot, ready: PreparedRound) -> bool:
    same_measure = published.manifest.get("measure") == ready.history.measure
    return same_measure and published.dimensions == ready.dimensions


def _say_restated(cells: pd.DataFrame, planned: Round, currency: str) -> Notice:
    """How many figures of the past read otherwise, and by how much in all."""
    words = {"units": "units", "revenue": currency}
    sums = [
        f"{Said(float(cells[f'{name}_difference'].sum())):+,.0f} {word}"
        for name, word in words.items()
        if f"{name}_difference" in cells
    ]
    text = (
        f"sales: {counted(len(cells), 'figure')} of the past, known when {planned.name} was planned, "
        f"{'reads' if len(cells) == 1 else 'read'} otherwise now ({', '.join(sums)})."
    )
    return Notice("restated", text, len(cells))


def restated_cells(
    then: pd.DataFrame, now: pd.DataFrame, dimensions: Sequence[str], until: pd.Timestamp
) -> pd.DataFrame:
    """Past sales that read otherwise now.

    Parameters
    ----------
    then, now : DataFrame
        Tables of sales: ``period``, the dimensions, ``units`` and/or ``revenue``.
    dimensions : sequence of str
        The workspace's.
    until : Timestamp
        First period that was not known then.

    Returns
    -------
    DataFrame
        ``period``, the dimensions, ``change`` (changed, added, removed) and, of each measure,
        ``…_then, …_now, …_difference``; a row that was not there counts as nothing in the difference.
    """
    keys = ["period", *dimensions]
    measures = [name for name in _MEASURES if name in then and name in now]
    both = _plain(then, keys, measures).merge(
        _plain(now[now["period"] < until], keys, measures),
        on=keys,
        how="outer",
        suffixes=("_then", "_now"),
        indicator="change",
    )
    words = {"left_only": "removed", "right_only": "added", "both": "changed"}
    both["change"] = both["change"].astype(str).map(words)
    differs = both["change"].to_numpy() != "changed"
    for name in measures:
        old, new = (both[f"{name}_{when}"].fillna(0.0).to_numpy() for when in ("then", "now"))
        both[f"{name}_difference"] = new - old
        differs |= np.abs(new - old) > _EXACT * np.maximum(1.0, np.abs(old))
    found: pd.DataFrame = both[differs].sort_values(keys, ignore_index=True)
    return found


def _plain(sales: pd.DataFrame, keys: list[str], measures: list[str]) -> pd.DataFrame:
    texts = {name: sales[name].astype(str) for name in keys[1:]}
    return sales[[*keys, *measures]].assign(**texts)


def _round_before(ready: PreparedRound, request: PlanRequest) -> Snapshot | None:
    workspace = ready.workspace
    for place in (request.rounds, workspace.folder / "rounds"):
        found: Path | None = None if place is None else find_previous(place, ready.round.name, workspace.name)
        if found is not None:
            return Snapshot(found)
    return None


def _same_past(then: Workspace, known: Mapping[str, pd.DataFrame], now: Workspace, planned: Round) -> bool:
    """Whether what else the baseline is made from reads as it did: settings, and drivers of the past."""
    if then.settings != now.settings:
        return False
    old, new = (
        tables["drivers"][tables["drivers"]["period"] < planned.first_open].reset_index(drop=True)
        if "drivers" in tables
        else pd.DataFrame()
        for tables in (known, now.tables)
    )
    return old.astype(object).equals(new.astype(object))


def _baseline_steps(
    ready: PreparedRound, request: PlanRequest, published: Snapshot, planned: Round, *, same: bool
) -> pd.DataFrame:
    plan = published.read("plan")
    plan = plan[plan["scenario"] == published.manifest["scenario"]]
    now = _baseline(ready)
    before = plan.groupby("period")["baseline"].sum()
    periods = now.index.intersection(before.index)
    asked = replace(request, round=planned.name, as_of=planned.as_of, keeps=False, only_looks=True)
    start = engine = before[periods].sum()
    if published.manifest["versions"] != read_versions():
        engine = _baseline(prepare_round(replace(asked, as_read=True)))[periods].sum()
    restated = engine if same else _baseline(prepare_round(asked))[periods].sum()
    ends = [start, engine, restated, now[periods].sum()]
    return pd.DataFrame({"step": ["engine", "restated", "news"], "difference": np.diff(ends)})


def _baseline(ready: PreparedRound) -> pd.Series:
    """The baseline in total by period; what has been sold where a period is closed."""
    horizon = ready.horizon
    cells = horizon.with_closed(horizon.grid.baseline)
    return pd.Series(cells.sum(axis=0), index=horizon.closed_periods.append(horizon.grid.periods))
