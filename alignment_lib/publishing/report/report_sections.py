"""The sections of the leadership report: each takes the snapshot and returns finished HTML.

Sentences are written from the numbers and carry no adjective the numbers do not. A section whose table
is empty says in one sentence what would fill it.
"""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.tornado import draw_tornado
from alignment_lib.answers.facts import (
    name_contributors,
    sum_effects,
)
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.swings import draw_swings, pick_swings, say_widest
from alignment_lib.answers.tables import Column, Table, render_table, sum_columns
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    say_part,
    say_share,
    write_count,
)
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = ["draw_risks", "drivers_section", "risks_section", "say_risks"]

_MOST_ODDS = 24


def drivers_section(data: RoundView) -> Html:
    """What the driver calendar brings in the round and over the horizon."""
    title = "What the driver calendar brings"
    now, whole = sum_effects(data), sum_effects(data, whole=True)
    whole = whole[whole["assumption"].str.startswith("driver:")] if len(whole) else whole
    rows = whole.rename(columns={"effect": "horizon", "money": "horizon_money"})
    rows = rows.merge(now[["assumption", "effect"]], on="assumption", how="left").fillna({"effect": 0.0})
    rows["driver"] = rows["assumption"].str.removeprefix("driver:").map(humanise)
    scale = choose_scale([*rows["horizon"], *rows["effect"]], data.unit)
    columns = [
        Column("driver", "Driver"),
        Column("effect", f"In {data.round}", "amount", signed=True),
        Column("horizon", "Over the horizon", "amount", signed=True),
    ]
    if rows["horizon_money"].notna().any() and data.measure != "revenue":
        columns.append(Column("horizon_money", "Over the horizon", "number", unit=data.currency, signed=True))
    total = {
        "driver": "All drivers",
        **sum_columns(rows, ["effect", "horizon", "horizon_money"]),
    }
    note = (
        "Each effect is the plan with the driver's calendar less the plan at its reference, within one "
        "model. It holds what promotions and prices of one product take from others sold beside it or bring "
        "them: seen product by product a promotion can show a loss, which is a rival's gain."
    )
    table = Table(f"Driver effects, {scale.unit}", columns, rows, scale, total, note)
    return section("drivers", title, render_table(table))


def draw_risks(data: RoundView, most: int = 0) -> Chart | None:
    """What moves the plan most; with `most` only so many of the widest. None where nothing states a range."""
    swings = _find_swings(data)
    if swings.empty:
        return None
    if not most:
        return draw_swings(swings, data.unit, data.round, data.headline)
    title, name = "The widest swings", f"tornado-{most}"
    return draw_tornado(swings.head(most), name=name, title=title, unit=data.unit, period=data.round)


def _find_swings(data: RoundView) -> pd.DataFrame:
    return pick_swings(data.scenario("sensitivity"), data.round, name_contributors(data))


def say_risks(data: RoundView) -> list[str]:
    """Which assumption moves the plan most, and how much of the spread is the forecast's own."""
    swings = _find_swings(data)
    if swings.empty:
        return ["A ranking of risks appears once counted assumptions state a low and a high value."]
    return [say_widest(swings, data.unit), *_say_noise(data)]


def risks_section(data: RoundView) -> Html:
    """Odds of the target by level, and which assumption moves the plan most."""
    chart = draw_risks(data)
    parts: list[Html | None] = [tag("p", text) for text in say_risks(data)]
    parts += [chart.to_html()] if chart is not None else []
    return section("risks", "Odds and risks", *parts, _odds_table(data))


def _say_noise(data: RoundView) -> list[str]:
    """How much of what may come differently is the assumptions', and how much the forecast's own."""
    rows = data.scenario("sensitivity")
    share = float(rows.loc[rows["label"] == data.round, "variance_share"].sum()) if len(rows) else math.nan
    if not 0 < share < 1:
        return []
    return [
        f"Of the spread of outcomes of {data.round} about {say_share(share)} comes from the ranges of "
        f"the assumptions and {say_share(1 - share)} from the error of the forecast itself."
    ]


def _odds_table(data: RoundView) -> Html:
    odds = data.scenario("odds")
    if odds.empty:
        return tag("p", "Odds appear once the simulation has been run.", class_="hint")
    rows = odds[(odds["span"] == data.cycle) & _is_broad(data, odds)].copy()
    rows = rows[data.labels(rows["start"], data.cycle) == data.round] if len(rows) else rows
    named = rows[data.dimensions].fillna("").to_dict("records")
    rows["level"] = ["".join(say_part(str(n), m) for n, m in row.items() if m) or "All" for row in named]
    place = [next((at for at, member in enumerate(row.values()) if member), -1) for row in named]
    # The whole first, then each dimension with its largest part first; what sells nothing has no odds.
    rows = rows.assign(place=place)[rows["p90"] != 0]
    rows = rows.sort_values(["place", "p50"], ascending=[True, False], kind="stable")
    rows["width"] = (rows["p90"] - rows["p10"]) / rows["p50"].where(rows["p50"] > 0)
    count = len(rows)
    rows = rows.head(_MOST_ODDS)
    columns = [Column("level", "Level")]
    columns += [Column(key, key.upper().replace("_", "."), "amount") for key in ("p10", "p50", "p90")]
    columns.append(Column("width", "Band, share of P50", "share", decimals=0))
    if rows["target"].notna().any():
        columns += [Column("target", "Target", "amount"), Column("probability", "Chance of target", "odds")]
    scale = choose_scale(rows["p90"], data.unit)
    note = (
        "The quantiles of parts do not add up to those of the whole: misses of one are made good by another."
    )
    if count > _MOST_ODDS:
        left = write_count(count - _MOST_ODDS, "smaller level")
        note += f" {left} not shown; odds.parquet holds all."
    return render_table(Table(f"Odds of {data.round}, {scale.unit}", columns, rows, scale, None, note))


def _is_broad(data: RoundView, odds: pd.DataFrame) -> pd.Series[bool]:
    """The total and single members of one dimension; finer levels stay in the file."""
    named = sum(
        ((odds[name].fillna("") != "").astype(int) for name in data.dimensions), pd.Series(0, odds.index)
    )
    return named <= 1
