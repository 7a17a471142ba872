"""What a round was asked for and what its calendar holds, as tables of its snapshot: targets, promotions."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["asked_tables", "promotion_runs", "register_table"]


def asked_tables(ready: PreparedRound) -> dict[str, pd.DataFrame]:
    """Targets in every measure, and the promotions of the driver calendar over the horizon.

    Returns
    -------
    dict of str to DataFrame
        ``targets`` as the workspace states them, known at the wall; ``promotions`` as `promotion_runs` finds
        them. Empty where the workspace has none.
    """
    dimensions = list(ready.dimensions)
    found = {}
    targets = ready.workspace.tables.get("targets")
    if targets is not None and len(targets):
        whole = targets.reindex(columns=["round", "measure", *dimensions, "target"])
        found["targets"] = _blank_for_all(whole, dimensions)
    drivers = ready.workspace.tables.get("drivers")
    names = [name for name, kind in ready.horizon.grid.driver_kinds.items() if kind == "promotion"]
    if drivers is not None and names:
        ahead = drivers[drivers["period"].isin(ready.horizon.grid.periods)]
        runs = promotion_runs(ahead, names, dimensions, ready.workspace.calendar)
        found |= {"promotions": runs} if len(runs) else {}
    return found


def promotion_runs(
    drivers: pd.DataFrame, names: list[str], dimensions: list[str], calendar: Calendar
) -> pd.DataFrame:
    """Promotions of a driver calendar: one row for each run of periods with one depth in one scope.

    Parameters
    ----------
    drivers : DataFrame
        ``period``, any of the dimensions, one column a driver.
    names : list of str
        The drivers that are promotions.
    dimensions : list of str
        All dimensions; a blank in one means all its members.
    calendar : Calendar
        Says which periods follow one another.

    Returns
    -------
    DataFrame
        ``driver``, the dimensions, ``start`` (first day of the first period), ``end`` (last day of the last)
        and ``depth`` (the driver's value), in order of start.

    Examples
    --------
    >>> weeks = pd.date_range("2026-01-05", periods=3, freq="7D")
    >>> table = pd.DataFrame({"period": weeks, "brand": "A", "deal": [0.2, 0.2, 0.0]})
    >>> runs = promotion_runs(table, ["deal"], ["brand"], Calendar("week"))
    >>> runs[["brand", "depth"]].values.tolist(), str(runs["end"].iloc[0].date())
    ([['A', 0.2]], '2026-01-18')
    """
    columns = ["driver", *dimensions, "start", "end", "depth"]
    frame = _blank_for_all(drivers.reindex(columns=["period", *dimensions, *names]), dimensions)
    long = frame.melt(["period", *dimensions], names, "driver", "depth")
    long = long[long["depth"].fillna(0) > 0].reset_index(drop=True)
    if long.empty:
        return pd.DataFrame(columns=columns)
    keys = ["driver", *dimensions, "depth"]
    long = long.sort_values([*keys, "period"], kind="stable", ignore_index=True)
    follows = {day: calendar.shift(day, 1) for day in long["period"].unique()}
    joined = long[keys].eq(long[keys].shift()).all(axis=1)
    joined &= long["period"].shift().map(follows).eq(long["period"])
    runs = long.assign(run=(~joined).cumsum()).groupby("run", as_index=False)
    found = runs.agg(**{key: (key, "first") for key in keys}, start=("period", "min"), last=("period", "max"))
    ends = calendar.ends(pd.DatetimeIndex(found["last"])) - pd.Timedelta(days=1)
    ordered = found.assign(end=ends).sort_values(["start", *keys], kind="stable", ignore_index=True)
    return ordered[columns]


def _blank_for_all(table: pd.DataFrame, dimensions: list[str]) -> pd.DataFrame:
    """Members as plain text, blank where all of them are meant."""
    texts = {
        name: table[name].astype(object).where(table[name].notna(), "").astype(str) for name in dimensions
    }
    return table.assign(**texts)


def register_table(ready: PreparedRound) -> pd.DataFrame:
    """The register as used: the rows as read, ordered by id, with the status they counted under."""
    table = ready.workspace.tables.get("assumptions")
    if table is None or not len(table):
        return pd.DataFrame(columns=["id", "status"])
    ordered = table.sort_values("id", ignore_index=True)
    return ordered.assign(status=[row.status for row in ready.register])
