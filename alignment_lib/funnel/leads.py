"""Leads made ready to be counted: one row a lead, with the stage it reached and how it was handled.

Nothing is dropped. What does not fit together (a contact before the lead existed, a win without a
contact) is dealt with by a stated rule and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignment_lib.funnel.lead_faults import count_faults, listed_reason, plain_times, suggest_merges
from alignment_lib.funnel.recording import find_recorded_from
from alignment_lib.inputs.configuration.settings import FunnelSettings
from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.problems import Notice

__all__ = ["REASONS", "UNTARGETED", "FunnelLeads", "label_periods", "prepare_leads"]

REASONS = (
    "outside region",
    "not a buyer",
    "wrong product",
    "no need",
    "no budget",
    "wrong contact details",
    "duplicate",
    "other",
)
"""The short list of reasons for rejecting a lead; any other word is counted under ``other``."""
UNTARGETED = ("outside region", "not a buyer", "wrong product", "no need")
"""Reasons that say the lead was never in the audience."""

_HOUR = 3_600_000_000_000
_DAY = 24 * _HOUR
_TIMES = ("created", "accepted_at", "rejected_at", "opportunity_at", "closed_at")
_TEXTS = ("source", "campaign", "device", "handler")


@dataclass(frozen=True)
class FunnelLeads:
    """Prepared leads.

    Attributes
    ----------
    table : DataFrame
        One row a lead, in the order given. Texts ``lead_id, source, campaign, device, handler``, the
        dimensions (categorical, blank where unknown) and ``customer``; times ``created, closed_at``;
        flags ``is_decided`` (accepted or rejected, or the window has passed), ``is_accepted,
        is_rejected, is_disqualified`` (turned away later than the window or after acceptance),
        ``is_attempted, is_contacted, is_won, is_lost, is_repeat``; ``reason``; ``stage`` (0 lead, 1
        accepted, 2 contacted, 3 opportunity, 4 customer; a later stage implies the earlier ones);
        ``attempts, attempts_in_window``; ``wait_hours`` (creation to first attempt), ``open_hours``
        (creation to closing or now), ``age_days`` (creation to now), ``lag_days`` (creation to the
        win), ``amount``, ``value`` (of a win: its amount, or its source's mean where it bears none),
        ``call_quality``.
    now : Timestamp
        End of the as-of day.
    dimensions : tuple of str
        Dimension columns present.
    recorded : frozenset of str
        Which of ``accepted, contacted, opportunities`` the data record at all.
    promise : FunnelSettings
        The agreed service level.
    merges : DataFrame
        Spellings of sources that look like one: ``written, rows, suggested``; never done silently.
    notices : tuple of Notice
        Rules used, with counts.
    recorded_from : Timestamp or None
        First day from which leads were recorded whatever became of them; None where all were.
    """

    table: pd.DataFrame
    now: pd.Timestamp
    dimensions: tuple[str, ...]
    recorded: frozenset[str]
    promise: FunnelSettings
    merges: pd.DataFrame
    notices: tuple[Notice, ...] = ()
    recorded_from: pd.Timestamp | None = None

    @property
    def whole(self) -> FunnelLeads:
        """Without leads of a time of which only survivors are recorded: what rates and lags may rest on."""
        if self.recorded_from is None:
            return self
        kept = (self.table["created"] >= self.recorded_from).to_numpy()
        return replace(self, table=self.table[kept].reset_index(drop=True), recorded_from=None)


def prepare_leads(
    leads: pd.DataFrame,
    as_of: pd.Timestamp,
    contacts: pd.DataFrame | None = None,
    promise: FunnelSettings | None = None,
    dimensions: Sequence[str] = (),
    transactions: pd.DataFrame | None = None,
    merges: Mapping[str, str] | None = None,
    reasons: Sequence[str] = REASONS,
) -> FunnelLeads:
    """Bring leads and contacts into one table, one row a lead.

    Parameters
    ----------
    leads, contacts, transactions : DataFrame
        Canonical tables, cut at the as-of date. Only ``lead_id, created, source`` are needed.
    as_of : Timestamp
        The day up to whose end the tables are known.
    promise : FunnelSettings, optional
        The agreed service level; by default that of the settings.
    dimensions : sequence of str
        Dimension columns to keep where the leads have them.
    merges : mapping of str to str, optional
        Spellings of sources to replace, as the user decided.
    reasons : sequence of str
        The fixed list of rejection reasons; its last entry takes what is not on it.

    Notes
    -----
    A lead not rejected within ``promise.reject_within_days`` counts as accepted; a rejection after that
    window, or after acceptance, is a disqualification. First attempts are measured from creation.
    """
    promise = promise or FunnelSettings()
    now = pd.Timestamp(as_of).normalize() + pd.Timedelta(days=1)
    kept = [name for name in dimensions if name in leads.columns and name not in _TEXTS]
    notices: list[Notice] = []
    table = _texts(leads, kept, merges or {})
    times = {name: plain_times(leads, name, notices) for name in _TIMES}
    table["created"] = times["created"]
    table["closed_at"] = times["closed_at"]
    table = pd.concat([table, _contact_figures(leads, times["created"], contacts, promise, notices)], axis=1)
    _add_outcomes(table, leads, times, now, transactions)
    recorded = _recorded(times, contacts)
    _add_acceptance(table, times, now, promise, recorded, leads, reasons)
    _add_stage(table, times, recorded)
    notices += count_faults(table, times, recorded, leads, reasons)
    found = suggest_merges(table["source"])
    if len(found):
        pairs = "; ".join(f"“{row.written}” for “{row.suggested}”" for row in found.head(5).itertuples())
        text = f"Sources spelt more than one way, left apart until you merge them: {pairs}."
        notices.append(Notice("source_spellings", text, len(found)))
    first, said = find_recorded_from(table, promise.recorded_from)
    return FunnelLeads(table, now, tuple(kept), recorded, promise, found, (*notices, *said), first)


def _texts(leads: pd.DataFrame, dimensions: Sequence[str], merges: Mapping[str, str]) -> pd.DataFrame:
    table = pd.DataFrame({"lead_id": leads["lead_id"].to_numpy()})
    for name in (*_TEXTS, *dimensions):
        column = leads[name] if name in leads else pd.Series([""] * len(leads))
        if name == "source" and merges:
            column = column.replace(dict(merges))
        table[name] = _categories(column)
    customer = leads["customer"].to_numpy() if "customer" in leads else np.full(len(leads), "", dtype=object)
    table["customer"] = pd.Series(customer).fillna("").to_numpy()
    return table


def _categories(column: pd.Series) -> pd.Categorical:
    """As sorted categories with blanks for what is missing."""
    codes, values = pd.factorize(column, use_na_sentinel=True)
    names = np.append(np.asarray([str(value) for value in values], dtype=object), "")
    ordered, place = np.unique(names.astype(str), return_inverse=True)
    return pd.Categorical.from_codes(place[codes].tolist(), categories=pd.Index(ordered.astype(object)))


def _recorded(times: Mapping[str, pd.Series], contacts: pd.DataFrame | None) -> frozenset[str]:
    found = set()
    if times["accepted_at"].notna().any() or times["rejected_at"].notna().any():
        found.add("accepted")
    if contacts is not None and len(contacts):
        found.add("contacted")
    if times["opportunity_at"].notna().any():
        found.add("opportunities")
    return frozenset(found)


def _contact_figures(
    leads: pd.DataFrame,
    created: pd.Series,
    contacts: pd.DataFrame | None,
    promise: FunnelSettings,
    notices: list[Notice],
) -> pd.DataFrame:
    """Attempts, first wait, whether reached, and mean call quality per lead."""
    count = len(leads)
    figures = pd.DataFrame(
        {"attempts": np.zeros(count, dtype=np.int64), "attempts_in_window": np.zeros(count, dtype=np.int64)}
    )
    figures["wait_hours"] = np.nan
    figures["is_contacted"] = False
    figures["call_quality"] = np.nan
    if contacts is None or not len(contacts):
        notices.append(Notice("no_contacts", "No contacts are recorded: handling cannot be measured."))
        return figures
    place = pd.Index(leads["lead_id"]).get_indexer(pd.Index(contacts["lead_id"]))
    at = plain_times(contacts, "at", notices)
    good = (place >= 0) & at.notna().to_numpy()
    if not good.all():
        text = "Contacts without a known lead or a time are not counted."
        notices.append(Notice("contacts_without_lead", text, int((~good).sum())))
    place = place[good]
    wait = at.to_numpy().astype(np.int64)[good] - created.to_numpy().astype(np.int64)[place]
    figures["attempts"] = np.bincount(place, minlength=count)
    inside = wait <= promise.attempts_within_days * _DAY
    figures["attempts_in_window"] = np.bincount(place[inside], minlength=count)
    figures["wait_hours"] = _first_waits(place, wait, count, notices)
    reached = _reached(contacts, good, notices)
    figures["is_contacted"] = np.bincount(place[reached], minlength=count) > 0
    if "call_quality" in contacts:
        scores = contacts["call_quality"].to_numpy(dtype=float)[good]
        scored = np.isfinite(scores)
        number = np.bincount(place[scored], minlength=count)
        total = np.bincount(place[scored], weights=scores[scored], minlength=count)
        figures["call_quality"] = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return figures


def _first_waits(place: np.ndarray, wait: np.ndarray, count: int, notices: list[Notice]) -> np.ndarray:
    """Hours to the first attempt; attempts before creation have no usable time."""
    early = wait < 0
    if early.any():
        text = "Contacts dated before their lead was created count as attempts; their times are not used."
        notices.append(Notice("contact_before_creation", text, int(early.sum())))
        if (wait[early] > -15 * _HOUR).mean() > 0.8 and early.mean() > 0.02:
            text = "Most early contacts lie within 15 hours: the tables may use different time zones."
            notices.append(Notice("time_zones", text, int(early.sum())))
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, place[~early], wait[~early])
    return np.where(first == np.iinfo(np.int64).max, np.nan, first / _HOUR)


def _reached(contacts: pd.DataFrame, good: np.ndarray, notices: list[Notice]) -> np.ndarray:
    if "reached" not in contacts or contacts["reached"].isna().all():
        text = "Contacts do not say whether the customer was reached: every attempt counts as a contact."
        notices.append(Notice("reached_unknown", text, int(good.sum())))
        return np.ones(int(good.sum()), dtype=bool)
    return np.asarray(contacts["reached"].astype(float).fillna(0.0).to_numpy()[good] > 0)


def _add_outcomes(
    table: pd.DataFrame,
    leads: pd.DataFrame,
    times: Mapping[str, pd.Series],
    now: pd.Timestamp,
    transactions: pd.DataFrame | None,
) -> None:
    outcome = leads["outcome"].astype(object) if "outcome" in leads else pd.Series([""] * len(leads))
    table["is_won"] = (outcome == "won").to_numpy()
    table["is_lost"] = (outcome == "lost").to_numpy()
    table["is_attempted"] = table["attempts"] > 0
    created = times["created"]
    closed = times["closed_at"].where(times["closed_at"] <= now, now)
    age = (now - created).to_numpy().astype(np.int64) / _DAY
    table["age_days"] = age
    open_hours = np.maximum((closed - created).dt.total_seconds().to_numpy() / 3600.0, 0.0)
    table["open_hours"] = np.where(times["closed_at"].notna(), open_hours, age * 24.0)
    lag = (times["closed_at"] - created).dt.total_seconds().to_numpy() / 86400.0
    table["lag_days"] = np.where(table["is_won"] & (lag >= 0), lag, np.nan)
    amount = leads["amount"].to_numpy(dtype=float) if "amount" in leads else np.full(len(leads), np.nan)
    table["amount"] = amount
    table["value"] = _values(table)
    table["is_repeat"] = _bought_again(table, transactions)


def _values(table: pd.DataFrame) -> np.ndarray:
    """What each win brought: its amount, else the mean of its source's wins, else that of all."""
    known = table["amount"].where(table["is_won"])
    mean = known.groupby(table["source"], observed=True).transform("mean").fillna(known.mean())
    return known.fillna(mean.where(table["is_won"])).to_numpy(dtype=float)


def _bought_again(table: pd.DataFrame, transactions: pd.DataFrame | None) -> np.ndarray:
    """Won leads whose customer bought again after the day of the win."""
    day = table["closed_at"].dt.normalize()
    won = table["is_won"] & (table["customer"] != "") & day.notna()
    buys = [pd.DataFrame({"customer": table["customer"][won], "day": day[won]})]
    if transactions is not None and len(transactions):
        days = pd.to_datetime(transactions["date"]).dt.normalize()
        bought = transactions["amount"].to_numpy(dtype=float) > 0
        buys.append(pd.DataFrame({"customer": transactions["customer"][bought], "day": days[bought]}))
    last = pd.concat(buys, ignore_index=True).groupby("customer", observed=True)["day"].max()
    latest = table["customer"].map(last) if len(last) else pd.Series(pd.NaT, index=table.index)
    return np.asarray(won & (pd.to_datetime(latest) > day))


def _add_acceptance(
    table: pd.DataFrame,
    times: Mapping[str, pd.Series],
    now: pd.Timestamp,
    promise: FunnelSettings,
    recorded: frozenset[str],
    leads: pd.DataFrame,
    reasons: Sequence[str],
) -> None:
    """Accepted, rejected in time, or disqualified later; silence beyond the window accepts."""
    if "accepted" not in recorded:
        table["is_decided"] = table["is_accepted"] = True
        table["is_rejected"] = table["is_disqualified"] = False
        table["reason"] = ""
        return
    accepted, rejected = times["accepted_at"], times["rejected_at"]
    window = times["created"] + pd.Timedelta(days=promise.reject_within_days)
    in_time = rejected.notna() & ~(accepted <= rejected) & (rejected <= window) & ~table["is_won"]
    went_on = accepted.notna() | rejected.notna() | times["opportunity_at"].notna() | table["is_won"]
    table["is_rejected"] = in_time
    table["is_accepted"] = ~in_time & (went_on | (window <= now))
    table["is_decided"] = table["is_rejected"] | table["is_accepted"]
    table["is_disqualified"] = rejected.notna() & ~in_time
    table["reason"] = _listed_reasons(leads, reasons, table["is_rejected"] | table["is_disqualified"])


def _listed_reasons(leads: pd.DataFrame, reasons: Sequence[str], where: pd.Series) -> pd.Categorical:
    given = leads["rejected_reason"] if "rejected_reason" in leads else pd.Series([""] * len(leads))
    codes, values = pd.factorize(given, use_na_sentinel=True)
    names = [listed_reason(value, reasons) or reasons[-1] for value in values] + [reasons[-1]]
    named = np.asarray(names, dtype=object)[codes]
    return pd.Categorical(np.where(where, named, ""), categories=["", *reasons])


def _add_stage(table: pd.DataFrame, times: Mapping[str, pd.Series], recorded: frozenset[str]) -> None:
    """Furthest stage reached; a later stage implies those before it."""
    stage = np.where(table["is_accepted"], 1, 0)
    stage = np.where(table["is_accepted"] & table["is_contacted"], 2, stage)
    opened = times["opportunity_at"].notna() & ~table["is_rejected"] if "opportunities" in recorded else False
    stage = np.where(opened, 3, stage)
    table["stage"] = np.where(table["is_won"], 4, stage).astype(np.int8)


def label_periods(dates: pd.Series, calendar: Calendar, cycle: Cycle) -> pd.Categorical:
    """Fiscal month, quarter or year of each date, worked out once per day.

    >>> list(label_periods(pd.Series(pd.to_datetime(["2025-01-07 10:00"])), Calendar("month"), "quarter"))
    ['2025Q1']
    """
    days, unique = pd.factorize(dates.dt.normalize(), sort=True)
    names = calendar.label(calendar.floor(pd.DatetimeIndex(unique)), cycle)
    ordered, place = np.unique(names.astype(str), return_inverse=True)
    codes = np.where(days >= 0, place[days] if len(place) else -1, -1)
    return pd.Categorical.from_codes(codes.tolist(), categories=pd.Index(ordered.astype(object)))
