"""Marketing spend of a round by source and period: as spent, as planned, else as before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.inputs.written_numbers import Said

__all__ = ["ELSEWHERE", "PlannedSpend", "plan_spend", "spend_by_channel"]

ELSEWHERE = "not named"
"""What money without a source is called."""


@dataclass(frozen=True)
class PlannedSpend:
    """Money by period (rows) and source (columns).

    Attributes
    ----------
    planned : DataFrame
        As spent, then as planned, and where no row plans a source as in the year before.
    as_before : DataFrame
        As spent, then as in the year before whatever is planned.
    committed : DataFrame
        What of the planned money is signed for.
    filled : DataFrame
        Where a source has no planned rows and the year before stands in.
    """

    planned: pd.DataFrame
    as_before: pd.DataFrame
    committed: pd.DataFrame
    filled: pd.DataFrame

    def notices(self, calendar: Calendar, currency: str) -> list[Notice]:
        """What was not planned, and how it was completed."""
        open_ones = self.filled.any(axis=1)
        if not open_ones.any():
            return []
        money = f"{Said(float(self.planned.where(self.filled, 0.0).to_numpy().sum())):,.0f} {currency}"
        part = ""
        if not self.filled[open_ones].all().all():
            part = f" for {', '.join(self.filled.columns[self.filled.any()])}"
        text = (
            f"Marketing spend is not planned in {counted(int(open_ones.sum()), calendar.grain)} of the "
            f"horizon{part}: what was spent in the same periods a year before stands in, {money} in all."
        )
        return [Notice("spend_as_before", text, int(open_ones.sum()))]


def spend_by_channel(table: pd.DataFrame, periods: pd.DatetimeIndex, column: str = "amount") -> pd.DataFrame:
    """Money by period (rows) and source (columns); nothing is spent in a period without a row."""
    names = table["source"].fillna("").astype(str) if "source" in table else pd.Series("", table.index)
    sums = table.assign(channel=names.where(names != "", ELSEWHERE))
    wide = sums.pivot_table(index="period", columns="channel", values=column, aggfunc="sum", observed=True)
    return wide.reindex(periods).fillna(0.0)


def plan_spend(workspace: Workspace, periods: pd.DatetimeIndex) -> PlannedSpend | None:
    """Spend of every period of a horizon; None where the workspace has no spend table.

    Rows past the as-of date plan the periods from a source's first to its last of them. All other periods
    that are not known spend what was spent in the same period a year before, or where that is not known the
    mean of the last quarter known.
    """
    calendar = workspace.calendar
    table = workspace.table("spend")
    known = _on_grid(table, calendar)
    ahead = _on_grid(workspace.tables.get("planned_spend", table.iloc[:0]), calendar)
    if not len(known) and not len(ahead):
        return None
    spent = _whole(known, calendar)
    last = spent.index[-1] if len(spent) else periods[0] - pd.Timedelta(days=1)
    ahead = ahead[ahead["period"] > last]
    before = pd.DataFrame({
        name: _as_before(spent[name], periods, calendar) for name in spent.columns
    }, index=periods)  # fmt: skip
    asked = spend_by_channel(ahead, periods) if len(ahead) else pd.DataFrame(index=periods)
    names = sorted({*before.columns, *asked.columns})
    before = before.reindex(columns=names, fill_value=0.0)
    asked = asked.reindex(columns=names, fill_value=0.0)
    beyond = np.asarray(periods > last)
    spans = [_spanned(ahead, name, periods) for name in names]
    told = pd.DataFrame(np.column_stack(spans), index=periods, columns=names)
    planned = before.where(~told, asked)
    held = asked * 0.0
    if "committed" in ahead and len(ahead):
        held = spend_by_channel(ahead, periods, "committed").reindex(columns=names, fill_value=0.0)
    filled = ~told & beyond[:, None]
    return PlannedSpend(planned, before, held, filled & bool(len(spent)))


def _on_grid(table: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    period = calendar.floor(pd.DatetimeIndex(table["period"]))
    return table.assign(period=period, amount=table["amount"].astype(float))


def _whole(known: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    if not len(known):
        return pd.DataFrame(index=pd.DatetimeIndex([]))
    return spend_by_channel(known, calendar.between(known["period"].min(), known["period"].max()))


def _spanned(ahead: pd.DataFrame, name: str, periods: pd.DatetimeIndex) -> np.ndarray:
    """Periods between the first and the last that somebody planned for a source."""
    if not len(ahead):
        return np.zeros(len(periods), dtype=bool)
    sources = ahead["source"].fillna("").astype(str) if "source" in ahead else pd.Series("", ahead.index)
    own = ahead.loc[sources.where(sources != "", ELSEWHERE) == name, "period"]
    if not len(own):
        return np.zeros(len(periods), dtype=bool)
    return np.asarray((periods >= own.min()) & (periods <= own.max()))


def _as_before(spent: pd.Series, periods: pd.DatetimeIndex, calendar: Calendar) -> np.ndarray:
    first, last, season = spent.index[0], spent.index[-1], calendar.season
    found = spent.reindex(periods).fillna(0.0).to_numpy(copy=True)
    recent = float(spent.iloc[-max(1, round(season / 4)) :].mean())
    for at in np.flatnonzero(np.asarray(periods > last)).tolist():
        before = periods[at]
        while before > last:
            before = calendar.shift(before, -season)
        found[at] = float(spent.get(before, np.nan)) if before >= first else recent
    return found
