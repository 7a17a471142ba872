"""A funnel of which only counts are kept: rates, leads required and weak points, and what counts cannot say.

Counts stand by the period in which leads were created. What a lead becomes takes time that counts do not
tell, so leads of the last quarter are not used: they may still be won. Lags, waits, the quality of a
campaign and handling need the leads themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from alignment_lib.funnel.requirements import FUNNEL_STAGES
from alignment_lib.funnel.usual_rates import LONGEST, find_falls
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["counted_rates", "counted_requirements", "counted_weak_points", "lived_through", "told_stages"]

_RIPE = pd.Timedelta(days=91)
_YEAR = pd.Timedelta(days=364)
_SIDES = {"leads": "marketing", "accepted": "marketing"}
CLOSED = (
    "The funnel is known by counts only: rates, leads required, weak points and new customers follow from "
    "them. How long a lead takes, waiting, handling, lead quality by campaign and repeat buying stay closed "
    "until there is a table leads."
)
"""What is told to a workspace without leads."""


def told_stages(counts: pd.DataFrame) -> list[str]:
    """Stages that the counts hold at all, in their order; those before the first lead are left out."""
    held = [name for name in FUNNEL_STAGES if name in counts and counts[name].notna().any()]
    return [name for name in held if name != "visitors"] if "leads" in held else []


def lived_through(counts: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Counts of leads old enough to have become what they become."""
    return counts[counts["period"] + _RIPE <= until]


def counted_rates(counts: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Share of each stage that reaches the next, by source, over the last year that is lived through.

    Returns
    -------
    DataFrame
        ``source`` (blank is all), ``stage, entering, passed, rate``.

    Examples
    --------
    >>> counts = pd.DataFrame({"period": pd.to_datetime(["2025-01-01"]), "source": ["web"], "leads": [40.0],
    ...                        "customers": [10.0]})
    >>> counted_rates(counts, pd.Timestamp("2025-12-31"))["rate"].tolist()
    [0.25, 0.25]
    """
    ripe = lived_through(counts, until)
    ripe = ripe[ripe["period"] >= until - _RIPE - _YEAR]
    rows = []
    for before, after in pairwise(told_stages(counts)):
        known = ripe[ripe[before].notna() & ripe[after].notna()]
        sums = known.groupby(known["source"].astype(str))[[before, after]].sum()
        whole = [("", known[before].sum(), known[after].sum())]
        whole += [(str(name), row[before], row[after]) for name, row in sums.iterrows() if name]
        for source, entering, passed in whole:
            rate = float(passed) / float(entering) if entering > 0 else np.nan
            rows.append((source, before, float(entering), float(passed), rate))
    return pd.DataFrame(rows, columns=["source", "stage", "entering", "passed", "rate"])


def counted_requirements(
    new_sales: pd.DataFrame, counts: pd.DataFrame, order_size: float, until: pd.Timestamp
) -> tuple[pd.DataFrame, list[Notice]]:
    """Leads that the plan's new sales need, by the measured rates, in the period of the sale.

    Parameters
    ----------
    new_sales : DataFrame
        ``period, value``: the plan's new sales.
    counts : DataFrame
        Canonical table `funnel`.
    order_size : float
        New sales for each customer counted.
    until : Timestamp
        The as-of day.

    Returns
    -------
    table : DataFrame
        ``period, source, stage, required, capacity, rate``; a blank source is all of them together.
    notices : list of Notice
        What counts say and what stays closed.
    """
    rates, stages = counted_rates(counts, until), told_stages(counts)
    columns = ["period", "source", "stage", "required", "capacity", "rate"]
    whole = rates[rates["source"] == ""].set_index("stage")["rate"]
    if len(stages) < 2 or stages[-1] != "customers" or not order_size > 0 or not (whole > 0).all():
        text = f"{CLOSED} Leads required need counts of leads and customers, and new sales."
        return pd.DataFrame(columns=columns), [Notice("counts_only", text, len(counts))]
    due = new_sales.groupby("period")["value"].sum() / order_size
    shares = _source_shares(counts, until)
    rows = []
    for source, share in shares.items():
        own = rates[rates["source"] == source].set_index("stage")["rate"]
        needed = due * share
        for stage in reversed(stages):
            rate = np.nan
            if stage != "customers":
                # A source that passed nobody at a step is taken at the rate of all.
                rate = own.get(stage, np.nan)
                rate = float(rate) if rate > 0 else float(whole[stage])
                needed = needed / rate
            rows += [(day, source, stage, value, np.nan, rate) for day, value in needed.items()]
    table = pd.DataFrame(rows, columns=columns)
    if "" not in shares.index:
        sums = table.groupby(["period", "stage"], as_index=False)["required"].sum()
        sums = sums.assign(source="", capacity=np.nan, rate=sums["stage"].map(whole))
        table = pd.concat([sums[columns], table], ignore_index=True)
    said = ", ".join(f"{Said(whole[name]):.1%} of {name}" for name in stages[:-1])
    text = f"{CLOSED} On to the next stage go {said}; leads are asked for in the period of their sale."
    return table, [Notice("counts_only", text, len(counts))]


def _source_shares(counts: pd.DataFrame, until: pd.Timestamp) -> pd.Series:
    """Share of each source in the customers of the last year lived through."""
    ripe = lived_through(counts, until)
    ripe = ripe[ripe["period"] >= until - _RIPE - _YEAR]
    sums = ripe["customers"].groupby(ripe["source"].astype(str)).sum()
    sums = sums[sums > 0]
    return sums / sums.sum() if len(sums) else pd.Series({"": 1.0})


def counted_weak_points(
    counts: pd.DataFrame,
    calendar: Calendar,
    until: pd.Timestamp,
    order_size: float,
    currency: str,
    columns: Sequence[str],
) -> pd.DataFrame:
    """Steps whose latest quarters fell below what is usual for the source by more than chance.

    Returns
    -------
    DataFrame
        As `weak_points`; ``value`` is NaN where no order size is known.
    """
    stages, ripe, rows = told_stages(counts), lived_through(counts, until), []
    rates = counted_rates(counts, until).set_index(["source", "stage"])["rate"]
    for number, (before, after) in enumerate(pairwise(stages)):
        known = ripe[ripe[before].notna() & ripe[after].notna()]
        cohort = calendar.label(pd.DatetimeIndex(known["period"]), "quarter")
        frame = pd.DataFrame(
            {
                "source": known["source"].astype(str),
                "cohort": cohort,
                "base": known[before],
                "passed": known[after],
            }
        )
        sums = frame.groupby(["source", "cohort"], as_index=False)[["base", "passed"]].sum()
        falls = find_falls(sums, LONGEST)
        for fall in falls[falls["is_named"].astype(bool)].to_dict("records"):
            onward = np.prod(
                [rates.get((fall["source"], name), np.nan) for name in stages[number + 1 : -1]], dtype=float
            )
            rows.append(_weak_row(fall, before, after, float(onward), order_size, currency))
    return pd.DataFrame(rows).reindex(columns=list(columns)).sort_values(
        ["value", "stage", "source"], ascending=[False, True, True], ignore_index=True
    ) if rows else pd.DataFrame(columns=list(columns))  # fmt: skip


def _weak_row(
    fall: dict[object, object], before: str, after: str, onward: float, order_size: float, currency: str
) -> dict[str, object]:
    entering = float(str(fall["entering"]))
    customers = [entering * float(str(fall[key])) * onward for key in ("gap", "gap_low", "gap_high")]
    source = str(fall["source"]) or "all sources"
    rate, usual = float(str(fall["rate"])), float(str(fall["reference_rate"]))
    money = ""
    if np.isfinite(order_size):
        money = f", {Said(customers[0] * order_size):,.0f} {currency}"
    text = (
        f"{source}: of {Said(entering):,.0f} {before} {Said(rate):.0%} became {after}, usually "
        f"{Said(usual):.0%}; that is {Said(customers[0]):,.1f} customers{money}."
    )
    return {
        "side": _SIDES.get(after, "sales"),
        "stage": after,
        "source": str(fall["source"]),
        "entering": entering,
        "rate": rate,
        "reference_rate": usual,
        "reference_error": fall["reference_error"],
        "reference": "usual",
        "customers": customers[0],
        "customers_low": customers[1],
        "customers_high": customers[2],
        "value": customers[0] * order_size,
        "value_low": customers[1] * order_size,
        "value_high": customers[2] * order_size,
        "sentence": text,
    }
