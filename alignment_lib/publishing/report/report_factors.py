"""The report on leads: what the plan needs of them, and what can be handled."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.charts.required_bars import draw_required_bars
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.tables import Column, Table, render_table, sum_columns
from alignment_lib.answers.wording import (
    Scale,
    say_span,
    write_count,
    write_number,
)
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = ["funnel_section", "sum_leads"]

_PLAIN = Scale(1.0, 0, "")


def funnel_section(data: RoundView) -> Html:
    """Leads the plan needs, month by month, against those to be expected and what can be handled."""
    months = sum_leads(data)
    need = float(months["required"].sum())
    come = months["available"]
    text = (
        f"From {say_span(months['label'].iloc[0])} to {say_span(months['label'].iloc[-1])} the plan needs "
        f"{write_number(need)} leads"
    )
    if come.notna().all():
        text += f"; {write_number(float(come.sum()))} are to be expected at the present rate"
    text += "."
    chart = draw_required_bars(
        months.assign(capacity=math.nan), name="leads", title="Leads the plan needs", unit="leads"
    ).to_html()
    return section(
        "funnel",
        "Leads needed and capacity to handle them",
        tag("p", text),
        tag("p", _say_capacity(months)),
        chart,
        _source_table(data),
    )


def sum_leads(data: RoundView) -> pd.DataFrame:
    """Leads by month of creation, all sources together, from the plan's first month on.

    Returns
    -------
    DataFrame
        ``label, required, available`` (leads), ``handled`` (accepted leads the plan needs handled),
        ``capacity`` (accepted leads that can be handled; NaN where unknown).
    """
    funnel = data.table("funnel")
    whole = funnel[funnel["source"].fillna("") == ""]
    whole = whole if len(whole) else funnel
    if "is_past" in whole:
        first = data.in_round(data.scenario("plan"))["period"].min()
        whole = whole[whole["period"] >= first] if (whole["period"] >= first).any() else whole
    whole = whole.assign(label=data.labels(whole["period"], "month"))
    if "available" not in whole:
        whole = whole.assign(available=math.nan)
    leads = whole[whole["stage"] == "leads"].groupby("label", sort=True)
    months = leads[["required", "available"]].sum(min_count=1)
    limited = whole[whole["capacity"].notna()]
    handled = limited.groupby("label", sort=True)[["required", "capacity"]].sum(min_count=1)
    months["handled"], months["capacity"] = handled["required"], handled["capacity"]
    return months.reset_index()


def _say_capacity(months: pd.DataFrame) -> str:
    known = months[months["capacity"].notna()]
    if known.empty:
        return "How many leads can be handled is not known; a capacity table would say."
    need, room = float(known["handled"].sum()), float(known["capacity"].sum())
    over = known[known["handled"] >= known["capacity"] + 0.5]
    text = (
        f"From {say_span(known['label'].iloc[0])} to {say_span(known['label'].iloc[-1])} "
        f"{write_number(room)} accepted leads can be handled against a need of {write_number(need)}"
    )
    if over.empty:
        return f"{text}; no month falls short."
    short = float((over["handled"] - over["capacity"]).sum())
    months_short = write_count(len(over), "month falls", "months fall")
    return f"{text}; {months_short} short, by {write_number(short)} in all."


def _source_table(data: RoundView) -> Html | None:
    funnel = data.table("funnel")
    by_source = funnel[(funnel["source"].fillna("") != "") & (funnel["stage"] == "leads")]
    if by_source.empty:
        return None
    first = data.in_round(data.scenario("plan"))["period"].min()
    ahead = by_source[by_source["period"] >= first]
    ahead = ahead if len(ahead) else by_source
    amounts = [name for name in ("required", "available") if name in ahead]
    rows = ahead.groupby("source", as_index=False)[amounts].sum(min_count=1)
    rows = rows.sort_values("required", ascending=False, kind="stable", ignore_index=True)
    columns = [Column("source", "Source"), Column("required", "Leads needed", "number")]
    if "available" in rows:
        rows = rows.assign(gap=rows["available"] - rows["required"])
        columns += [
            Column("available", "To be expected", "number"),
            Column("gap", "Expected less needed", "number", signed=True),
        ]
    total = {"source": "All sources", **sum_columns(rows, [c.key for c in columns[1:]])}
    return render_table(Table("Leads by source over the horizon", columns, rows, _PLAIN, total))
