"""A snapshot read back for its report: the manifest's words and the tables, one value."""

from __future__ import annotations

import io
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar, Cycle, Grain
from alignment_lib.inputs.periods.round_names import CYCLE_MONTHS, split_round_name
from alignment_lib.rounds.lazy_tables import LazyTables

__all__ = ["RoundView", "view_snapshot", "view_tables"]


@dataclass(frozen=True)
class RoundView:
    """What the report is written from.

    Attributes
    ----------
    manifest : Mapping
        The snapshot's manifest.
    tables : Mapping of str to DataFrame
        Its tables by name.
    calendar : Calendar
        The business's periods.
    known : dict
        Figures worked out once, by what was asked; kept here because many sections ask the same.
    """

    manifest: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    calendar: Calendar
    known: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def round(self) -> str:
        """The round, such as ``2026Q1``."""
        return str(self.manifest["round"])

    @property
    def cycle(self) -> Cycle:
        """Length of the round."""
        cycle = self.manifest["cycle"]
        return cycle if cycle in get_args(Cycle) else "quarter"

    @property
    def view(self) -> Cycle:
        """What is shown first over time."""
        view = self.manifest["parameters"].get("view", "quarter")
        return view if view in get_args(Cycle) else "quarter"

    @property
    def headline(self) -> str:
        """The scenario the first screen speaks of."""
        return str(self.manifest["scenario"])

    @property
    def measure(self) -> str:
        """What the plan counts: ``units`` or ``revenue``."""
        return str(self.manifest["measure"])

    @property
    def unit(self) -> str:
        """The unit of the measure in words: ``units``, or the currency."""
        return self.currency if self.measure == "revenue" else self.measure

    @property
    def currency(self) -> str:
        """The currency's code."""
        return str(self.manifest["currency"])

    @property
    def as_of(self) -> pd.Timestamp:
        """The day the round was worked out as of."""
        return pd.Timestamp(self.manifest["as_of"])

    @property
    def dimensions(self) -> list[str]:
        """The dimensions, broadest first."""
        return list(self.manifest["dimensions"])

    def table(self, name: str) -> pd.DataFrame:
        """A table, empty where the snapshot has none."""
        found = self.tables.get(name)
        return pd.DataFrame() if found is None else found

    def has_rows(self, name: str, *columns: str) -> bool:
        """Whether a table is there with rows and with the columns named."""
        table = self.table(name)
        return len(table) > 0 and set(columns) <= set(table.columns)

    def scenario(self, name: str, scenario: str | None = None) -> pd.DataFrame:
        """The rows of one scenario (default: the headline) of a table."""
        table = self.table(name)
        chosen: pd.DataFrame = (
            table if table.empty else table[table["scenario"] == (scenario or self.headline)]
        )
        return chosen

    def labels(self, periods: pd.Series[Any], cycle: Cycle) -> np.ndarray:
        """Fiscal label of each period, worked out once per distinct period."""
        codes, distinct = pd.factorize(periods)
        names = self.calendar.label(pd.DatetimeIndex(distinct), cycle)
        return np.asarray(names[codes])

    @property
    def periods(self) -> pd.DatetimeIndex:
        """Periods of the round, in order."""
        cycle, month = split_round_name(self.round, self.calendar)
        return self.calendar.months_span(month, CYCLE_MONTHS[cycle])

    def in_round(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows whose period lies in the round."""
        if table.empty:
            return table
        inside: pd.DataFrame = table[self.labels(table["period"], self.cycle) == self.round]
        return inside


def view_snapshot(snapshot: Path | str) -> RoundView:
    """Read the manifest and the files of a snapshot folder; a table is unpacked when it is asked for."""
    folder = Path(snapshot)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    # All bytes at once: a round that is replaced meanwhile leaves this view whole.
    files = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}

    def unpack(name: str) -> Mapping[str, pd.DataFrame]:
        return {name: pd.read_parquet(io.BytesIO(files.pop(name)))}

    return view_tables(manifest, LazyTables([((name,), partial(unpack, name)) for name in files]))


def view_tables(manifest: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> RoundView:
    """The same from a manifest and tables that are not on disk yet."""
    return RoundView(manifest, tables, _find_calendar(manifest, tables["plan"]))


def _find_calendar(manifest: Mapping[str, Any], plan: pd.DataFrame) -> Calendar:
    stated = manifest["parameters"].get("calendar")
    if isinstance(stated, dict):
        known = {field.name for field in fields(Calendar)}
        return Calendar(**{key: value for key, value in stated.items() if key in known})
    periods = pd.DatetimeIndex(np.sort(plan["period"].unique()))
    grain, first = _guess_grain(periods), periods[0] if len(periods) else pd.Timestamp(0)
    return Calendar(grain, week_start=int(first.weekday()))


def _guess_grain(periods: pd.DatetimeIndex) -> Grain:
    """Read the grain off the distance between periods: an old snapshot states none."""
    days = (
        np.median(np.diff(periods.to_numpy()).astype("timedelta64[D]").astype(float))
        if len(periods) > 1
        else 7
    )
    if days < 20:
        return "week"
    return "month" if days < 60 else "quarter"
