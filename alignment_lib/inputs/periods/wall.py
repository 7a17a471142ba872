"""What was known on a day: each table cut at the as-of date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice, counted

__all__ = ["cut_table", "planned_rows"]

_EVENTS = {
    "leads": "created",
    "opportunities": "opened",
    "opportunity_changes": "at",
    "contacts": "at",
    "transactions": "date",
    "research": "date",
    "experiments": "end",
    "decisions": "date",
    "briefs": "published",
    "assumptions": "recorded",
    "forecasts": "recorded",
}
"""The day on which a row came to be known; rows without one are kept."""
_PERIODS = ("sales", "spend", "funnel")
"""Tables of results by period: known when the period has ended."""
_LATER: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "leads": {
        "accepted_at": (),
        "rejected_at": ("rejected_reason",),
        "opportunity_at": (),
        "closed_at": ("outcome", "amount"),
    },
    "opportunities": {"closed_at": ("outcome", "stage", "expected_close", "pushes")},
    "assumptions": {
        "accepted_marketing_on": ("accepted_marketing", "accepted_marketing_by"),
        "accepted_sales_on": ("accepted_sales", "accepted_sales_by"),
    },
    "briefs": {
        "agreed_by_sales_on": ("agreed_by_sales", "agreed_by_sales_by"),
        "acknowledged": ("acknowledged_by",),
        "regular_customers_informed_on": ("regular_customers_informed", "regular_customers_informed_count"),
    },
}
"""Dates within a row that may lie later than the row, and what becomes known with them."""


def cut_table(
    table: str,
    frame: pd.DataFrame,
    settings: Settings,
    calendar: Calendar,
    as_of: pd.Timestamp,
    notices: list[Notice],
) -> pd.DataFrame:
    """Return one table as it stood at the end of the as-of day; what is left out is noted.

    Periods are known when they have ended on or before `as_of`; dated events up to and on that day.
    Targets, capacity and working groups are intentions and pass unchanged.
    """
    if table == "drivers":
        return _cut_drivers(frame, settings, calendar, as_of, notices)
    if table in _PERIODS:
        known = calendar.ends(pd.DatetimeIndex(frame["period"])) <= as_of
        return _keep(table, frame, np.asarray(known), as_of, notices)
    if table in _EVENTS:
        later = frame[_EVENTS[table]] >= _tomorrow(as_of)
        frame = _keep(table, frame, ~later.to_numpy(), as_of, notices)
    return _blank_later(table, frame, as_of, notices)


def planned_rows(frame: pd.DataFrame, calendar: Calendar, as_of: pd.Timestamp) -> pd.DataFrame:
    """Rows of spend whose period has not ended on the as-of date: money as then planned."""
    ahead = calendar.ends(pd.DatetimeIndex(frame["period"])) > as_of
    return frame[np.asarray(ahead)].reset_index(drop=True)


def _tomorrow(as_of: pd.Timestamp) -> pd.Timestamp:
    return as_of + pd.Timedelta(days=1)


def _keep(
    table: str, frame: pd.DataFrame, known: np.ndarray, as_of: pd.Timestamp, notices: list[Notice]
) -> pd.DataFrame:
    left_out = int((~known).sum())
    if not left_out:
        return frame
    rows = counted(left_out, "row")
    text = f"{table}: {rows} after the as-of date {as_of:%Y-%m-%d} left out."
    if table == "spend":
        text = f"spend: {rows} after the as-of date {as_of:%Y-%m-%d} count as planned, not as spent."
    notices.append(Notice(f"wall_{table}", text, left_out))
    return frame[known].reset_index(drop=True)


def _blank_later(table: str, frame: pd.DataFrame, as_of: pd.Timestamp, notices: list[Notice]) -> pd.DataFrame:
    blanked = np.zeros(len(frame), dtype=bool)
    for column, followers in _LATER.get(table, {}).items():
        later = (frame[column] >= _tomorrow(as_of)).to_numpy()
        if later.any():
            blanked |= later
            frame = _blank(frame, later, (column, *followers))
    count = int(blanked.sum())
    if not count:
        return frame
    if table == "assumptions":
        # Accepted only later: on the as-of day it was still a proposal.
        withdrawn = blanked & (frame["status"] == "accepted").to_numpy()
        frame = frame.assign(status=frame["status"].mask(withdrawn, "proposed"))
    text = f"{table}: dates after the as-of date {as_of:%Y-%m-%d} left blank in {counted(count, 'row')}."
    notices.append(Notice(f"wall_{table}_later", text, count))
    return frame


def _blank(frame: pd.DataFrame, rows: np.ndarray, columns: Sequence[str]) -> pd.DataFrame:
    blanks = {}
    for column in columns:
        values = frame[column]
        blanks[column] = values.mask(rows, "") if values.dtype == object else values.mask(rows)
    return frame.assign(**blanks)


def _cut_drivers(
    frame: pd.DataFrame, settings: Settings, calendar: Calendar, as_of: pd.Timestamp, notices: list[Notice]
) -> pd.DataFrame:
    """Our own calendar stays; the market's future is blank unless declared known."""
    drivers = settings.drivers_by_name
    hidden = [name for name, driver in drivers.items() if not driver.is_known]
    beyond = np.asarray(calendar.ends(pd.DatetimeIndex(frame["period"])) > as_of)
    seen = (
        frame[hidden].notna().any(axis=1).to_numpy() & beyond if hidden else np.zeros(len(frame), dtype=bool)
    )
    count = int(seen.sum())
    if not count:
        return frame
    frame = frame.assign(**{name: frame[name].mask(beyond, np.nan) for name in hidden})
    empty = beyond & frame[list(drivers)].isna().all(axis=1).to_numpy()
    text = f"drivers: market figures after the wall, {as_of:%Y-%m-%d}, left blank in {counted(count, 'row')}."
    notices.append(Notice("wall_drivers", text, count))
    return frame[~empty].reset_index(drop=True)
