"""The report on what was thought of and where money is left: six factors, weak points, leads, debts."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.leads import leads, sources_table
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.tables import Column, Table, render_table, sum_columns
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    write_count,
)
from alignment_lib.publishing.factor_table import render_factors
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = [
    "coverage_section",
    "find_owed",
    "funnel_section",
    "owed_section",
    "weak_points_section",
]

_PLAIN = Scale(1.0, 0, "")
_MOST_ROWS = 12


def coverage_section(data: RoundView) -> Html:
    """The six factors a plan from statistics leaves out: which were thought of, with what behind them."""
    currency = "" if data.measure == "revenue" else data.currency
    return section("coverage", "The six factors", render_factors(data.table("coverage"), data.unit, currency))


def weak_points_section(data: RoundView) -> Html:
    """Where the funnel loses most money, by side."""
    table = data.table("weak_points").sort_values("value", ascending=False, kind="stable", na_position="last")
    valued = table[table["value"].notna() & (table["value"] > 0)]
    scale = choose_scale(valued["value"], data.currency)
    words = []
    if len(valued):
        first = valued.iloc[0]
        words.append(
            f"The largest weak point is worth {scale.say(float(first['value']))}: {first['sentence']}"
        )
    for side, part in valued.groupby("side", sort=True):
        largest = scale.say(float(part["value"].max()))
        places = write_count(len(part), "place")
        words.append(f"On the side of {side}: {places}, the largest worth {largest}.")
    columns = [
        Column("sentence", "Weak point"),
        Column("side", "Side"),
        Column("customers", "Customers", "number", decimals=1),
        Column("value", "Worth", "amount"),
    ]
    shown = table.head(_MOST_ROWS)
    note = (
        "Worth: what the step would bring at its own best quarter or at its promise. Points overlap, so "
        "their sum is not what all together would bring."
    )
    caption = f"Weak points by money, {len(shown)} of {len(table)}, {scale.unit}"
    listed = render_table(Table(caption, columns, shown, scale, None, note, "wordy"))
    return section("weak-points", "Weak points by money", *(tag("p", text) for text in words[:3]), listed)


def funnel_section(data: RoundView) -> Html:
    """Leads the plan needs, month by month, against those to be expected and what can be handled."""
    by_source = sources_table(data)
    return section(
        "funnel",
        "Leads needed and capacity to handle them",
        leads(data).to_html(("sentence", "chart")),
        render_table(by_source) if by_source is not None else None,
    )


def find_owed(data: RoundView) -> pd.DataFrame:
    """Volume that the headline plan borrows from periods after its horizon."""
    table = data.scenario("owed")
    return table[table["beyond"].astype(bool)] if "beyond" in table else table


def owed_section(data: RoundView) -> Html:
    """Volume borrowed from periods after the horizon: the next round begins with it."""
    table = find_owed(data)
    if "beyond" in table:
        table = table[table["beyond"].astype(bool)]
    sums = table.groupby("assumption", as_index=False)["owed"].sum()
    register = data.table("assumptions")
    titles = dict(zip(register["id"], register["title"], strict=True)) if len(register) else {}
    rows = sums.assign(what=[f"{name} {titles.get(name, '')}".strip() for name in sums["assumption"]])
    rows = rows.sort_values("owed", ascending=False, kind="stable", ignore_index=True)
    scale = choose_scale(rows["owed"], data.unit)
    text = (
        f"The plan borrows {scale.say(float(rows['owed'].sum()))} from periods after its horizon; "
        "they come off the next plans."
    )
    columns = [Column("what", "Assumption"), Column("owed", "Owed to later periods", "amount")]
    total = {"what": "All", **sum_columns(rows, ["owed"])}
    shown = render_table(Table(f"Owed to later periods, {scale.unit}", columns, rows, scale, total))
    return section("owed", "What this plan owes to later periods", tag("p", text), shown)
