"""What does not fit together in a list of leads: named, counted, and dealt with by a stated rule."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice

__all__ = ["count_faults", "find_idle_sources", "listed_reason", "plain_times", "suggest_merges"]

_CLOSE = 0.88
_SHORTEST = 6
_MOST_NAMES = 2_000
_SAME_REASON = {
    "outside area": "outside region",
    "outside territory": "outside region",
    "not a business": "not a buyer",
    "wrong contact data": "wrong contact details",
    "unreachable": "wrong contact details",
}
"""Other words for reasons on the list."""


def plain_times(frame: pd.DataFrame, column: str, notices: list[Notice]) -> pd.Series:
    """Times without a zone: those that carry an offset are put to UTC first, and counted.

    A column that is not there is all missing.

    >>> mixed = pd.DataFrame({"at": ["2025-01-06T10:00+02:00", "2025-01-06T10:00"]})
    >>> notices = []
    >>> plain_times(mixed, "at", notices).dt.hour.tolist(), notices[0].count
    ([8, 10], 1)
    """
    if column not in frame:
        return pd.Series(pd.NaT, index=range(len(frame)), dtype="datetime64[ns]")
    given = frame[column].reset_index(drop=True)
    if isinstance(given.dtype, pd.DatetimeTZDtype):
        return pd.Series(given.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[ns]"))
    if pd.api.types.is_datetime64_dtype(given.dtype):
        return given.astype("datetime64[ns]")
    moments = [pd.Timestamp(value) for value in given if pd.notna(value) and value != ""]
    zoned = [moment.tzinfo is not None for moment in moments]
    if any(zoned) and not all(zoned):
        text = f"Column {column} mixes times with and without a time zone; those with one were put to UTC."
        notices.append(Notice("time_zones", text, sum(zoned)))
    plain = [moment.tz_convert("UTC").tz_localize(None) if moment.tzinfo else moment for moment in moments]
    result = pd.Series(pd.NaT, index=range(len(given)), dtype="datetime64[ns]")
    result[(given.notna() & (given != "")).to_numpy()] = np.asarray(plain, dtype="datetime64[ns]")
    return result


def listed_reason(value: object, reasons: Sequence[str]) -> str:
    """The reason of the list that a cell means, blank where none does.

    >>> listed_reason("Outside  area", ("outside region", "other"))
    'outside region'
    """
    plain = " ".join(str(value).split()).casefold()
    known = {reason.casefold(): reason for reason in reasons}
    return known.get(plain) or known.get(_SAME_REASON.get(plain, ""), "")


def suggest_merges(names: pd.Series) -> pd.DataFrame:
    """Spellings that look like one name: ``written, rows, suggested``, the commonest spelling suggested.

    Two names are taken for one where they agree without case, accents, spaces and marks, or where at
    least 88 % of their letters match (Ratcliff and Metzener 1988, as difflib has it) in names of six
    letters or more.

    >>> suggest_merges(pd.Series(["Web form", "web-form", "Web form", "fair"])).to_numpy().tolist()
    [['web-form', 1, 'Web form']]
    """
    counts = names.value_counts()
    counts = counts[(counts > 0) & (counts.index != "")]
    ordered = sorted(counts.index, key=lambda name: (-int(counts[name]), str(name)))[:_MOST_NAMES]
    leaders: dict[str, str] = {}
    rows = []
    for name in ordered:
        key = _bare(str(name))
        leader = leaders.get(key) or _near(key, leaders)
        if leader:
            rows.append({"written": str(name), "rows": int(counts[name]), "suggested": leader})
        else:
            leaders[key] = str(name)
    return pd.DataFrame(rows, columns=["written", "rows", "suggested"])


def _near(key: str, leaders: Mapping[str, str]) -> str:
    """A name that differs in few letters; names that differ in a digit are different names."""
    if len(key) < _SHORTEST or len(leaders) > 200:
        return ""
    for other in difflib.get_close_matches(key, list(leaders), n=3, cutoff=_CLOSE):
        if len(other) >= _SHORTEST and _digits(other) == _digits(key):
            return leaders[other]
    return ""


def _digits(key: str) -> str:
    return "".join(sign for sign in key if sign.isdigit())


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def count_faults(
    table: pd.DataFrame,
    times: Mapping[str, pd.Series],
    recorded: frozenset[str],
    leads: pd.DataFrame,
    reasons: Sequence[str],
) -> list[Notice]:
    """Notices on outcomes, dates and stages that contradict each other."""
    closed, created = times["closed_at"], times["created"]
    ended = table["is_won"] | table["is_lost"]
    opened = times["opportunity_at"].notna()
    missing = created.isna()
    never = pd.Series(False, index=table.index)
    skipped = table["is_won"] & ~opened if "opportunities" in recorded else never
    silent = table["is_won"] & ~table["is_contacted"] if "contacted" in recorded else never
    unknown = _off_list(leads, reasons)
    faults: dict[str, tuple[Any, str]] = {
        "created_missing": (missing, "Leads without a date of creation stand in no cohort."),
        "won_without_contact": (silent, "Wins without a recorded contact stay wins without a wait."),
        "outcome_without_date": (ended & closed.isna(), "Outcomes without a date do not enter the lag."),
        "date_without_outcome": (closed.notna() & ~ended, "Leads closed without an outcome stay open."),
        "closed_before_creation": (closed < created, "Closings before creation give no lag."),
        "stage_skipped": (skipped, "Won leads that skip the opportunity stage count as having passed it."),
        "rejected_then_won": (
            table["is_won"] & times["rejected_at"].notna(),
            "Leads both rejected and won count as accepted and won.",
        ),
        "won_without_amount": (
            table["is_won"] & table["amount"].isna(),
            "Wins without an amount count with the mean of their source's wins.",
        ),
        "reason_not_listed": (unknown, f"Reasons not on the list count as “{reasons[-1]}”."),
        "no_handler": (table["is_accepted"] & (table["handler"] == ""), "Accepted leads that name no role."),
    }
    counted = [(code, text, int(np.sum(where))) for code, (where, text) in faults.items()]
    found = [Notice(code, text, count) for code, text, count in counted if count]
    if "accepted" not in recorded:
        text = "Acceptance is not recorded: every lead counts as accepted, the stage is not shown."
        found.append(Notice("acceptance_unknown", text, len(table)))
    return found


def _off_list(leads: pd.DataFrame, reasons: Sequence[str]) -> np.ndarray:
    if "rejected_reason" not in leads:
        return np.zeros(len(leads), dtype=bool)
    codes, values = pd.factorize(leads["rejected_reason"], use_na_sentinel=True)
    off = [bool(str(value).strip()) and not listed_reason(value, reasons) for value in values]
    return np.asarray([*off, False], dtype=bool)[codes]


def find_idle_sources(present: pd.Series, *tables: pd.DataFrame | None) -> tuple[list[str], list[Notice]]:
    """Sources named in other tables (spend, counts) that brought no lead at all.

    >>> find_idle_sources(pd.Series(["web"]), pd.DataFrame({"source": ["web", "fair"]}))[0]
    ['fair']
    """
    known = set(present.astype(str))
    named: set[str] = set()
    for table in tables:
        if table is not None and "source" in table:
            named |= set(table["source"].dropna().astype(str))
    idle = sorted(named - known - {""})
    if not idle:
        return [], []
    text = f"Sources without a single lead, shown with zeros: {', '.join(idle[:8])}."
    return idle, [Notice("source_without_leads", text, len(idle))]
