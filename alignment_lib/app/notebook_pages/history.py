"""Notebook 1: what was sold, in which parts, and what was found in the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.charts.small_multiples import draw_small_multiples
from alignment_lib.answers.markup import Html
from alignment_lib.answers.tables import Column
from alignment_lib.answers.wording import humanise
from alignment_lib.app.notebook_pages.frame import (
    dimension_columns,
    plain_table,
    remark,
    say_members,
    show,
    unit_of,
)
from alignment_lib.forecasting.past.cleaning import RULES, clean_history, list_treatments
from alignment_lib.forecasting.seasons.countries import countries_of
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["show_cleaning", "show_notices", "show_parts", "show_sales", "show_series", "sum_history"]

_MOST_PARTS = 12


def sum_history(ready: PreparedRound, cycle: Cycle, rows: np.ndarray | None = None) -> pd.DataFrame:
    """Actual sales by whole month, quarter or year with those of the year before.

    Returns
    -------
    DataFrame
        ``label, actual, prior`` in time order; spans of which the history holds only a part are left out.
    """
    history, calendar = ready.history, ready.workspace.calendar
    values = history.values if rows is None else history.values[rows]
    total = pd.DataFrame(values).sum(axis=0, min_count=1).to_numpy()
    periods = pd.DatetimeIndex(history.periods)
    frame = pd.DataFrame({"label": calendar.label(periods, cycle), "actual": total})
    year_ago = np.full(len(total), np.nan)
    year_ago[calendar.season :] = total[: -calendar.season]
    frame["prior"] = year_ago
    around = pd.DatetimeIndex([calendar.shift(periods[0], -1), calendar.shift(periods[-1], 1)])
    cut = set(calendar.label(around, cycle).tolist())
    sums = frame.groupby("label", sort=False).agg(
        actual=("actual", lambda part: part.sum(min_count=1)),
        prior=("prior", lambda part: part.sum() if part.notna().all() else np.nan),
    )
    return sums[~sums.index.isin(cut)].reset_index()


def show_sales(ready: PreparedRound, cycle: Cycle = "quarter") -> Html:
    """All sales over time, each span beside the one a year before."""
    table = sum_history(ready, cycle).assign(baseline=np.nan, plan=np.nan, p10=np.nan, p90=np.nan)
    return show(draw_fan(table, name="h-sales", title="Sales", unit=unit_of(ready)))


def show_parts(ready: PreparedRound, dimension: str = "", cycle: Cycle = "quarter") -> Html:
    """The same small chart for every member of a dimension (the broadest by default), on one scale."""
    dimension = dimension or ready.dimensions[0]
    keys = ready.history.keys[dimension].astype(str).to_numpy()
    sizes = pd.Series(np.nansum(ready.history.values, axis=1)).groupby(keys).sum()
    members = sizes.sort_values(ascending=False, kind="stable").index[:_MOST_PARTS]
    parts = [
        sum_history(ready, cycle, np.flatnonzero(keys == member)).assign(member=member) for member in members
    ]
    table = pd.concat(parts).assign(baseline=np.nan, plan=np.nan)
    chart = draw_small_multiples(
        table[["member", "label", "actual", "baseline", "plan"]],
        name=f"h-parts-{list(ready.dimensions).index(dimension)}",
        title=f"Sales by {dimension}",
        unit=unit_of(ready),
    )
    left = len(sizes) - len(members)
    note = remark(f"The {len(members)} largest; {left} more are not drawn.") if left else None
    return show(chart, note)


def show_series(ready: PreparedRound, most: int = 15) -> Html:
    """Every series with its last year, the year before and how much of it is known."""
    history, season = ready.history, ready.workspace.calendar.season
    last = np.nansum(history.values[:, -season:], axis=1)
    before = np.nansum(history.values[:, -2 * season : -season], axis=1)
    frame = history.keys.astype(str).copy()
    frame["last_year"], frame["year_before"] = last, before
    frame["change"] = np.divide(last, before, out=np.full(len(last), np.nan), where=before > 0) - 1
    frame["known"] = np.isfinite(history.values).sum(axis=1)
    frame = frame.sort_values("last_year", ascending=False, kind="stable").head(most)
    unit, grain = unit_of(ready), ready.workspace.calendar.grain
    columns = dimension_columns(ready)
    columns += [
        Column("last_year", f"last {season} {grain}s", "number", unit),
        Column("year_before", f"{season} before", "number", unit),
        Column("change", "change", "share", signed=True),
        Column("known", f"known {grain}s", "number"),
    ]
    left = len(history.keys) - len(frame)
    note = f"The {len(frame)} largest series; {left} more are not listed." if left else ""
    return show(plain_table(say_members(ready, frame), "Series, the largest first", columns, note))


def show_notices(ready: PreparedRound) -> Html:
    """Everything that was found in the data and dealt with by a stated rule, with its count."""
    if not ready.notices:
        return show("Nothing had to be treated: no gaps, returns, duplicates or late rows.")
    rows = [{"found": notice.text, "count": notice.count} for notice in ready.notices]
    columns = [Column("found", "what was found, and what was done"), Column("count", "how many", "number")]
    return show(plain_table(pd.DataFrame(rows), "Found in the data", columns))


def show_cleaning(ready: PreparedRound, most: int = 15) -> Html:
    """Every rule with how often it applied, and the largest treatments: as read beside as cleaned."""
    holidays = ready.workspace.settings.calendar.holidays
    cleaned = clean_history(ready.history, countries_of(ready.history.keys, holidays))
    table = list_treatments(ready.history, cleaned)
    counts = table["rule"].value_counts()
    series = table.drop_duplicates(["rule", *ready.dimensions])["rule"].value_counts()
    rules = pd.DataFrame(
        {
            "rule": [humanise(name) for name in RULES],
            "text": list(RULES.values()),
            "periods": [int(counts.get(name, 0)) for name in RULES],
            "series": [int(series.get(name, 0)) for name in RULES],
        }
    )
    columns = [
        Column("rule", "rule"),
        Column("text", "what it does"),
        Column("periods", "periods", "number"),
        Column("series", "series", "number"),
    ]
    note = "A rule that found nothing was looked for all the same. Nothing in the files is changed."
    if ready.effects is not None:
        note += (
            " With drivers these are not applied: the driver model reads what was sold and explains spikes."
        )
    parts = [plain_table(rules, "Rules of cleaning", columns, note)]
    changed = table[(table["original"] - table["cleaned"]).abs() > 0]
    filled = table[table["original"].isna() & table["cleaned"].notna()]
    treated = pd.concat([changed, filled])
    size = (treated["cleaned"] - treated["original"].fillna(0.0)).abs()
    shown = treated.loc[size.sort_values(ascending=False, kind="stable").index[:most]]
    if len(shown):
        left = len(treated) - len(shown)
        note = f"{left} smaller ones are not listed." if left else ""
        unit = unit_of(ready)
        cells = dimension_columns(ready)
        cells += [
            Column("period", "period", "date"),
            Column("rule", "rule", "mark"),
            Column("original", "as read", "number", unit),
            Column("cleaned", "as cleaned", "number", unit),
        ]
        said = say_members(ready, shown.assign(rule=shown["rule"].map(humanise)))
        parts.append(plain_table(said, "The largest treatments, the value as read kept beside", cells, note))
    return show(*parts)
