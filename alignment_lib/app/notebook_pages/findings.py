"""Notebook 1: what was found in the data and dealt with by a stated rule."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.markup import Html
from alignment_lib.answers.tables import Column
from alignment_lib.answers.wording import humanise
from alignment_lib.app.notebook_pages.frame import (
    dimension_columns,
    plain_table,
    say_members,
    show,
    unit_of,
)
from alignment_lib.forecasting.past.cleaning import RULES, clean_history, list_treatments
from alignment_lib.forecasting.seasons.countries import countries_of
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["show_cleaning", "show_notices"]


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
