"""Figures of working groups, read from the data that define them.

A charter names its figure in words. Words that begin like one of `FIGURES` are measured from leads, at the
end of each month over the quarter that ends there, or round by round from the record; any other figure has
no data and its group no light.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.leads import FunnelLeads, label_periods
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice

__all__ = ["FIGURES", "KpiData", "measure_kpis", "same_figures"]

_FEWEST = 20
_WINDOW = pd.Timedelta(days=91)
_Measure = Callable[["KpiData", str], pd.DataFrame]


@dataclass(frozen=True)
class KpiData:
    """What figures are measured from.

    Attributes
    ----------
    calendar : Calendar
        For the months of leads.
    leads : FunnelLeads or None
        Prepared leads.
    record : DataFrame or None
        `Record.table`.
    closed : dict of str to Timestamp
        Last day of each closed round.
    elasticities : DataFrame or None
        ``scope, estimate`` of measured price effects, as of now.
    """

    calendar: Calendar
    leads: FunnelLeads | None
    record: pd.DataFrame | None
    closed: dict[str, pd.Timestamp]
    elasticities: pd.DataFrame | None = None


def _by_month(data: KpiData, inside: np.ndarray, hit: np.ndarray) -> pd.DataFrame:
    """Share of `hit` among `inside`, at the end of each month over the quarter that ends there."""
    if data.leads is None or not inside.any():
        return pd.DataFrame(columns=["date", "value"])
    frame = pd.DataFrame(
        {"created": data.leads.table.loc[inside, "created"], "hit": hit[inside].astype(float)}
    )
    frame = frame.sort_values("created", kind="stable").reset_index(drop=True)
    month = pd.Series(label_periods(frame["created"], data.calendar, "month").astype(str))
    rows = []
    for last in frame["created"].groupby(month).max().sort_values():
        shown = frame[(frame["created"] <= last) & (frame["created"] > last - _WINDOW)]
        if len(shown) >= _FEWEST:
            rows.append({"date": last.normalize(), "value": float(shown["hit"].mean())})
    return pd.DataFrame(rows, columns=["date", "value"])


def _of_source(data: KpiData, source: str) -> np.ndarray:
    if data.leads is None:
        return np.zeros(0, dtype=bool)
    names = data.leads.table["source"].astype(str)
    if source in ("", "all"):
        return np.ones(len(names), dtype=bool)
    return (names.str.casefold() == source.casefold()).to_numpy()


def _in_time(data: KpiData, hours: str) -> pd.DataFrame:
    if data.leads is None or "contacted" not in data.leads.recorded:
        return pd.DataFrame(columns=["date", "value"])
    table = data.leads.table
    limit = float(hours) if hours else data.leads.promise.first_contact_hours
    due = (table["age_days"] * 24.0 >= limit) | table["is_attempted"]
    inside = (table["is_accepted"] & due).to_numpy()
    return _by_month(data, inside, (table["wait_hours"] <= limit).to_numpy())


def _never_tried(data: KpiData, _: str) -> pd.DataFrame:
    if data.leads is None or "contacted" not in data.leads.recorded:
        return pd.DataFrame(columns=["date", "value"])
    table = data.leads.table
    old = table["age_days"] * 24.0 >= data.leads.promise.first_contact_hours
    return _by_month(data, (table["is_accepted"] & old).to_numpy(), (~table["is_attempted"]).to_numpy())


def _rejected(data: KpiData, source: str) -> pd.DataFrame:
    if data.leads is None or "accepted" not in data.leads.recorded:
        return pd.DataFrame(columns=["date", "value"])
    table = data.leads.table
    inside = _of_source(data, source) & table["is_decided"].to_numpy()
    return _by_month(data, inside, table["is_rejected"].to_numpy())


def _accepted(data: KpiData, source: str) -> pd.DataFrame:
    shares = _rejected(data, source)
    return shares.assign(value=1.0 - shares["value"])


def _by_round(data: KpiData, rows: pd.DataFrame, value: pd.Series) -> pd.DataFrame:
    means = value.groupby(rows["round"]).mean()
    dates = means.index.astype(str).map(data.closed)
    return pd.DataFrame({"date": dates, "value": means.to_numpy(dtype=float)}).dropna()


def _realised(data: KpiData, subject: str) -> pd.DataFrame:
    if data.record is None or not len(data.record):
        return pd.DataFrame(columns=["date", "value"])
    rows = data.record
    if subject in ("", "promotions"):
        rows = rows[rows["kind"] == "promotion"]
    else:
        rows = rows[(rows["mechanic"] == subject) | (rows["kind"] == subject)]
    return _by_round(data, rows, rows["actual"] / rows["claim"].where(rows["claim"] != 0))


def _price_error(data: KpiData, _: str) -> pd.DataFrame:
    if data.record is None or not len(data.record):
        return pd.DataFrame(columns=["date", "value"])
    rows = data.record[(data.record["kind"] == "price_change") & (data.record["unit"] == "percent")]
    return _by_round(data, rows, rows["bias"].abs())


def _elasticity(data: KpiData, scope: str) -> pd.DataFrame:
    rows = data.elasticities
    if rows is None or (data.leads is None and not data.closed):
        return pd.DataFrame(columns=["date", "value"])
    rows = rows[rows["scope"].str.casefold() == scope.casefold()]
    last = max(data.closed.values(), default=pd.NaT)
    return pd.DataFrame({"date": last, "value": rows["estimate"].to_numpy(dtype=float)}).dropna()


FIGURES: tuple[tuple[str, str, _Measure], ...] = (
    (r"share of leads first contacted within (\d+) hours", "share of leads first contacted within N hours",
     _in_time),
    (r"share of accepted leads never tried", "share of accepted leads never tried", _never_tried),
    (r"share of (.+ )?leads rejected", "share of SOURCE leads rejected", _rejected),
    (r"accepted share of leads(?:, (.+))?", "accepted share of leads, SOURCE", _accepted),
    (r"share of the claim that comes true(?:, (.+))?", "share of the claim that comes true, MECHANIC",
     _realised),
    (r"net uplift of (promotions) against their claim", "net uplift of promotions against their claim",
     _realised),
    (r"error of claimed price effects", "error of claimed price effects in points", _price_error),
    (r"price elasticity, (.+)", "price elasticity, PRODUCT", _elasticity),
)  # fmt: skip
"""Pattern of a figure's words, how to write it, and how it is measured."""


def measure_kpis(workgroups: pd.DataFrame, data: KpiData) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """The course of every group's figure.

    Parameters
    ----------
    workgroups : DataFrame
        Canonical charters: ``group, kpi``.

    Returns
    -------
    values : DataFrame
        ``group, date, value``, dates ascending by group.
    notices : tuple of Notice
        Figures whose words nothing here measures, with those that can be.
    """
    parts, unknown = [], []
    for row in workgroups.to_dict("records"):
        found = _matched(str(row["kpi"]))
        if found is None:
            unknown.append(f"“{row['kpi']}” of {row['group']}")
            continue
        measure, subject = found
        parts.append(measure(data, subject).assign(group=str(row["group"])))
    columns = ["group", "date", "value"]
    kept = [part for part in parts if len(part)]
    empty = pd.DataFrame({"group": [], "date": pd.to_datetime([]), "value": []})
    values = pd.concat(kept, ignore_index=True)[columns] if kept else empty
    notices: tuple[Notice, ...] = ()
    if unknown:
        known = "; ".join(words for _, words, _ in FIGURES)
        text = f"Figures without data here: {', '.join(unknown)}. These can be measured: {known}."
        notices = (Notice("kpi_unknown", text, len(unknown)),)
    return values.sort_values(["group", "date"], ignore_index=True), notices


def same_figures(kpis: Iterable[str], mechanics: Iterable[str] = ()) -> list[str]:
    """The figures, and every other wording under which the review would propose a group for the same.

    >>> same_figures(["share of social ads leads rejected"])
    ['share of social ads leads rejected', 'accepted share of leads, social ads']
    """
    names = list(kpis)
    for words in list(names):
        found = _matched(words)
        if found is None:
            continue
        measure, subject = found
        if measure is _rejected and subject:
            names.append(f"accepted share of leads, {subject}")
        if measure is _realised and subject == "promotions":
            names += [f"share of the claim that comes true, {name}" for name in sorted(set(mechanics))]
    return names


def _matched(words: str) -> tuple[_Measure, str] | None:
    plain = " ".join(words.split())
    for pattern, _, measure in FIGURES:
        match = re.match(pattern, plain, re.IGNORECASE)
        if match:
            subject = match.group(1) if match.groups() and match.group(1) else ""
            return measure, subject.strip()
    return None
