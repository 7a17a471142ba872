"""Opportunities prepared: what each of them is today, what it was at earlier days, and what is odd in them.

What a deal *was* matters, because a closed one no longer shows the stage in which its chances were good or
bad. Earlier states come from a table of changes where there is one, else from what earlier rounds kept; where
neither is there, stages and expected closes tell nothing, for nobody can say what came after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.inputs.written_numbers import Said

__all__ = ["STATE", "UNKNOWN_DAY", "Deals", "count_weeks", "read_deals"]

UNKNOWN_DAY = np.datetime64("NaT", "ns")

STATE = ("stage", "expected_close", "pushes", "amount")
"""What of a deal changes while it is open."""
_SAME_DATE_SHARE, _LARGEST_SHARE = 0.8, 0.5
_FEWEST = 10


@dataclass(frozen=True)
class Deals:
    """Opportunities as known on a day.

    Attributes
    ----------
    table : DataFrame
        One row a deal, numbered from 0: ``opened, closed_at, outcome, amount, stage, expected_close,
        pushes, source, owner`` and the dimensions that deals bear; ``is_open``, and ``is_usable`` where its
        days agree.
    states : DataFrame
        ``deal`` (number), ``at`` and `STATE`: what was known of a deal on an earlier day; ordered by day.
    now : Timestamp
        The first moment that is not known.
    dimensions : tuple of str
        Dimensions that deals bear.
    moments : tuple of Timestamp
        Days on which states were kept; empty where a table of changes tells them for every day.
    notices : tuple of Notice
        What is odd in them.
    """

    table: pd.DataFrame
    states: pd.DataFrame
    now: pd.Timestamp
    dimensions: tuple[str, ...]
    moments: tuple[pd.Timestamp, ...] = ()
    notices: tuple[Notice, ...] = field(default=())

    @property
    def looks(self) -> pd.DataFrame:
        """Open deals as they are looked at today: with their state, where it is known what states lead to."""
        found = self.open_ones.assign(deal=self.open_ones.index, at=self.now)
        found = found.assign(opened=found["opened"].fillna(self.now))
        if len(self.states):
            return found
        return found.assign(stage="", expected_close=UNKNOWN_DAY, pushes=np.nan)

    @property
    def open_ones(self) -> pd.DataFrame:
        """Deals that are open."""
        return self.table[self.table["is_open"]]

    @property
    def closed(self) -> pd.DataFrame:
        """Deals that were won or lost and whose days agree: what chances are learnt from."""
        return self.table[~self.table["is_open"] & self.table["is_usable"]]


def read_deals(
    table: pd.DataFrame,
    now: pd.Timestamp,
    dimensions: Sequence[str],
    changes: pd.DataFrame | None = None,
    kept: Sequence[tuple[pd.Timestamp, pd.DataFrame]] = (),
) -> Deals:
    """Prepare opportunities.

    Parameters
    ----------
    table : DataFrame
        The workspace's opportunities, cut at the wall.
    now : Timestamp
        The first moment that is not known.
    dimensions : sequence of str
        The workspace's.
    changes : DataFrame, optional
        ``opportunity_id, at, stage, expected_close, amount``: a blank says that it stayed as it was.
    kept : sequence of (Timestamp, DataFrame)
        The same opportunities as earlier rounds read them, under the ids of `table`, oldest first.
    """
    deals = table.reset_index(drop=True)
    borne = tuple(name for name in dimensions if name in deals and (deals[name].astype(str) != "").any())
    words = {name: deals[name].astype(str) for name in ("stage", "source", "owner", *borne)}
    pushes = deals["pushes"].astype(float) if "pushes" in deals else pd.Series(np.nan, index=deals.index)
    backwards = (deals["closed_at"] < deals["opened"]).to_numpy()
    ended = (deals["outcome"].astype(str) != "").to_numpy()
    is_dated = deals["closed_at"].notna().to_numpy()
    undated = ended != is_dated
    prepared = deals.assign(
        **words,
        pushes=pushes,
        outcome=deals["outcome"].astype(str),
        is_open=~ended & ~is_dated,
        is_usable=~(backwards | undated | deals["opened"].isna().to_numpy()),
    )
    states = _changed(prepared, changes, now) if changes is not None else _kept(prepared, kept)
    if len(states):
        prepared = _as_last_known(prepared, states, counts=not len(kept) or changes is not None)
    notices = tuple(_odd(prepared, now, backwards, timed=len(states) > 0))
    moments = () if changes is not None else tuple(day for day, _ in kept)
    return Deals(prepared, states, now, borne, moments, notices)


def count_weeks(span: pd.Series) -> np.ndarray:
    """Time spans as weeks.

    >>> count_weeks(pd.Series([pd.Timedelta(days=14)])).tolist()
    [2.0]
    """
    return np.asarray(span.dt.total_seconds().to_numpy() / (7 * 86400.0))


def _changed(deals: pd.DataFrame, changes: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """States from a table of changes, each with the pushes so far."""
    number = pd.Series(deals.index, index=deals["opportunity_id"].astype(str))
    rows = changes[changes["at"] < now]
    rows = rows.assign(deal=number.reindex(rows["opportunity_id"].astype(str)).to_numpy())
    rows = rows[rows["deal"].notna()].sort_values(["deal", "at"], kind="stable")
    stage = rows["stage"].astype(str).replace("", np.nan)
    due, amount = rows["expected_close"], rows.get("amount", np.nan)
    rows = rows.assign(deal=rows["deal"].astype(np.int64), stage=stage, expected_close=due, amount=amount)
    filled = rows.groupby("deal")[["stage", "expected_close", "amount"]].ffill()
    return _counted(rows[["deal", "at"]].join(filled))


def _kept(deals: pd.DataFrame, kept: Sequence[tuple[pd.Timestamp, pd.DataFrame]]) -> pd.DataFrame:
    """States from what earlier rounds kept, with today's last."""
    number = pd.Series(deals.index, index=deals["opportunity_id"].astype(str))
    parts = []
    for day, frame in kept:
        then = frame.assign(deal=number.reindex(frame["opportunity_id"].astype(str)).to_numpy(), at=day)
        then = then[then["deal"].notna() & (then["outcome"].astype(str) == "").to_numpy()]
        then = then.assign(deal=then["deal"].astype(np.int64), stage=then["stage"].astype(str))
        parts.append(then[["deal", "at", "stage", "expected_close", "amount"]])
    if parts:
        today = deals[deals["is_open"]].rename_axis("deal").reset_index()
        parts.append(today.assign(at=pd.Timestamp.max)[["deal", "at", "stage", "expected_close", "amount"]])
        found = _counted(pd.concat(parts).sort_values(["deal", "at"], kind="stable"))
        return found.sort_values("at", kind="stable", ignore_index=True)
    return pd.DataFrame(columns=["deal", "at", *STATE])


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    """States with the number of times that the expected close had been put off by then."""
    later = rows["expected_close"] > rows.groupby("deal")["expected_close"].shift()
    rows = rows.assign(pushes=later.astype(float).groupby(rows["deal"]).cumsum())
    return rows.sort_values("at", kind="stable", ignore_index=True)[["deal", "at", *STATE]]


def _as_last_known(deals: pd.DataFrame, states: pd.DataFrame, *, counts: bool) -> pd.DataFrame:
    """Open deals in their last known state: a table exported later must not say what came later."""
    last = states.drop_duplicates("deal", keep="last").set_index("deal")
    last = last.reindex(deals.index[deals["is_open"]])
    found = deals.copy(deep=False)
    pushes = found["pushes"].copy()
    pushes.loc[last.index] = np.fmax(pushes.loc[last.index], last["pushes"])
    found["pushes"] = pushes
    for name in ("stage", "expected_close", "amount") if counts else ():
        column = found[name].copy()
        known = last[name].dropna()
        column.loc[known.index] = known
        found[name] = column
    return found


def _odd(deals: pd.DataFrame, now: pd.Timestamp, backwards: np.ndarray, *, timed: bool) -> list[Notice]:
    said: list[tuple[str, str, int]] = []
    open_ones = deals[deals["is_open"]]
    aside = int((~deals["is_usable"]).sum())
    if aside:
        text = f"{_deals(aside)} whose days contradict each other or are missing teach nothing about chances"
        text += f" ({int(backwards.sum()):,} closed before they were opened)" if backwards.any() else ""
        said.append(("deals_aside", f"{text}; what they were won for counts.", aside))
    if len(open_ones) and not timed:
        text = (
            "stages and expected closes of open ones do not move their chances: what they were on earlier "
            "days is not known. A table opportunity_changes tells it, or the rounds from now on keep it."
        )
        said.append(("states_untold", text, len(open_ones)))
    blank = int(open_ones["amount"].isna().sum())
    if blank:
        text = f"{_deals(blank, 'open')} without an amount count with amounts of deals like them."
        said.append(("open_without_amount", text, blank))
    passed = int((open_ones["expected_close"] < now).sum())
    if passed:
        text = f"{_deals(passed, 'open')} should have closed before the as-of date by what the CRM expects."
        said.append(("open_overdue", text, passed))
    said += _concentrated(open_ones)
    return [Notice(code, f"opportunities: {text}", count) for code, text, count in said]


def _concentrated(open_ones: pd.DataFrame) -> list[tuple[str, str, int]]:
    """One owner with half the value, one day with nearly every expected close."""
    said = []
    money = open_ones.groupby("owner")["amount"].sum()
    money = money[money.index != ""]
    total = float(open_ones["amount"].sum())
    if len(open_ones) >= _FEWEST and len(money) > 1 and total > 0 and money.max() >= _LARGEST_SHARE * total:
        share = float(money.max()) / total
        text = f"one owner holds {Said(share):.0%} of the open value: how they judge deals moves the whole."
        said.append(("one_owner", text, int((open_ones["owner"] == money.idxmax()).sum())))
    due = open_ones["expected_close"].dropna()
    ends = due.dt.normalize()
    at_end = (ends == ends + pd.offsets.QuarterEnd(0)).sum()
    if len(due) >= _FEWEST and at_end >= _SAME_DATE_SHARE * len(due):
        text = f"{Said(at_end / len(due)):.0%} of the expected closes are the last day of a quarter: "
        said.append(("dates_at_quarter_end", f"{text}they are a habit, and say little of when.", int(at_end)))
    return said


def _deals(count: int, which: str = "") -> str:
    return counted(count, f"{which} opportunity".strip()).replace("opportunitys", "opportunities")
