"""What a workspace knows of spend and of what came of it, laid out by period for the response."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.response.data import ResponseData
from alignment_lib.inputs.checking.look_alikes import find_look_alikes
from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.planning.budget.channel_tests import read_channel_tests
from alignment_lib.rounds.preparing.known_round import KnownRound
from alignment_lib.rounds.preparing.planned_spend import spend_by_channel

__all__ = ["SpendData", "gather_spend"]

_YEARS = {"week": 52, "month": 12}


@dataclass(frozen=True)
class SpendData:
    """Spend and outcomes of a workspace.

    Attributes
    ----------
    data : ResponseData
        By period, every channel that can be seen to bring something.
    periods : DatetimeIndex
    outcome : str
        ``leads``, ``visits`` or ``new sales``.
    idle : dict of str to float
        Channels of whose source no lead was ever recorded, with their money.
    notices : tuple of Notice
    """

    data: ResponseData
    periods: pd.DatetimeIndex
    outcome: str
    idle: dict[str, float]
    notices: tuple[Notice, ...]


def gather_spend(ready: KnownRound) -> SpendData | None:
    """Lay out spend and outcomes; None where nothing was ever spent or nothing is counted by period."""
    workspace = ready.workspace
    table, calendar = workspace.tables.get("spend"), workspace.calendar
    if table is None or not len(table) or calendar.grain not in _YEARS:
        return None
    outcomes, word = _find_outcomes(ready)
    first, last = table["period"].min(), table["period"].max()
    if outcomes is None or not len(outcomes):
        return None
    first, last = max(first, outcomes.index.min()), max(last, outcomes.index.max())
    if first > last:
        return None
    periods = calendar.between(first, last)
    spend = spend_by_channel(table, periods)
    outcomes = outcomes.reindex(periods).fillna(0.0)
    seen, idle = _match(spend, outcomes)
    notices = [*_note_names(table), *_note_stops(spend), *_note_idle(idle, word)]
    if not seen:
        return None
    moved = tuple(list(outcomes.columns).index(name if name in outcomes else "") for name in seen)
    used = sorted(set(moved))
    money = spend[list(seen)].to_numpy(dtype=float)
    tests, aside = read_channel_tests(
        workspace.tables.get("experiments"), periods, money, seen, ready.dimensions
    )
    phase = (periods.dayofyear.to_numpy() - 1) / 365.25
    data = ResponseData(
        outcomes.iloc[:, used].to_numpy(dtype=float),
        money,
        tuple(seen),
        tuple(used.index(to) for to in moved),
        _causes(ready, periods),
        phase,
        tests,
        _YEARS[calendar.grain],
    )
    return SpendData(data, periods, word, idle, (*notices, *aside))


def _find_outcomes(ready: KnownRound) -> tuple[pd.DataFrame | None, str]:
    """What is counted by period: leads by source, else leads or visits of the funnel, else new sales."""
    workspace = ready.workspace
    leads, counts = workspace.table("leads"), workspace.tables.get("funnel")
    if len(leads):
        period = workspace.calendar.floor(pd.DatetimeIndex(leads["created"]).normalize())
        ended = np.asarray(workspace.calendar.ends(period) <= ready.round.as_of)
        created = leads.assign(period=period)[ended]
        sizes = created.groupby(["period", "source"], observed=True).size().unstack(fill_value=0)
        return sizes.astype(float), "leads"
    for column, word in (("leads", "leads"), ("visitors", "visits")):
        if counts is not None and column in counts and counts[column].fillna(0).sum() > 0:
            sums = counts.groupby(["period", "source"], observed=True)[column].sum().unstack(fill_value=0)
            return sums.astype(float), word
    history, kind = ready.history, workspace.settings.sales.sale_type
    rows = (history.keys[kind].astype(str) == "new").to_numpy() if kind in history.keys else None
    values = history.values if rows is None or not rows.any() else history.values[rows]
    total = pd.DataFrame({"": np.nansum(values, axis=0)}, index=history.periods)
    return total, "sales" if rows is None or not rows.any() else "new sales"


def _match(spend: pd.DataFrame, outcomes: pd.DataFrame) -> tuple[list[str], dict[str, float]]:
    """Channels whose outcome is counted, and those of whose source nothing was ever recorded."""
    names = [str(name) for name in spend.columns]
    if list(outcomes.columns) == [""]:
        return names, {}
    brought = outcomes.sum()
    seen = [name for name in names if name in outcomes and brought[name] > 0]
    return seen, {name: float(spend[name].sum()) for name in names if name not in seen}


def _causes(ready: KnownRound, periods: pd.DatetimeIndex) -> np.ndarray:
    """Price (as logarithm) and promotions of the whole business by period; gaps stay as they were."""
    drivers, settings = ready.workspace.tables.get("drivers"), ready.workspace.settings
    columns = []
    for name, driver in settings.drivers_by_name.items():
        if drivers is None or driver.kind not in ("price", "promotion"):
            continue
        mean = drivers.groupby("period", observed=True)[name].mean().reindex(periods)
        if driver.kind == "price":
            mean = np.log(mean.where(mean > 0)).ffill().bfill()
        columns.append(mean.fillna(0.0).to_numpy(dtype=float))
    return np.column_stack(columns) if columns else np.zeros((len(periods), 0))


def _note_names(table: pd.DataFrame) -> list[Notice]:
    if "source" not in table:
        return []
    found = []
    for group in find_look_alikes(Counter(table["source"].fillna("").astype(str))):
        text = f"spend: the sources {group.listed} look like one channel; they are kept apart."
        found.append(Notice("channel_look_alikes", text, len(group.spellings)))
    return found


def _note_stops(spend: pd.DataFrame) -> list[Notice]:
    """Channels whose money stopped for good more than a quarter of a year before the last period."""
    found = []
    for name in spend.columns:
        paid = np.flatnonzero(spend[name].to_numpy() > 0)
        if len(paid) and len(spend) - 1 - paid[-1] > len(spend) // 8:
            text = f"spend: no money went to {name} after {spend.index[paid[-1]]:%Y-%m-%d}."
            found.append(Notice("channel_stopped", text))
    return found


def _note_idle(idle: dict[str, float], word: str) -> list[Notice]:
    if not idle:
        return []
    text = (
        f"spend: no {word} of {', '.join(sorted(idle))} were ever recorded under that name: what the money"
        f" of {counted(len(idle), 'channel')} brings cannot be seen."
    )
    return [Notice("spend_without_outcome", text, len(idle))]
