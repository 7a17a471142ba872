"""The sections of the leadership report: each takes the snapshot and returns finished HTML.

Sentences are written from the numbers and carry no adjective the numbers do not. A section whose table
is empty says in one sentence what would fill it.
"""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.charts.small_multiples import draw_small_multiples
from alignment_lib.answers.charts.tornado import draw_tornado
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.facts import (
    find_answer,
    measure_swings,
    sum_effects,
    sum_members,
    sum_spans,
)
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.tables import Column, Table, count_note, list_rows, render_table, sum_columns
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    join_words,
    say_value,
    write_change,
    write_count,
    write_share,
)
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.periods.round_days import find_year_before
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = [
    "bridge_section",
    "drivers_section",
    "members_section",
    "risks_section",
    "time_section",
]

_VIEWS: dict[Cycle, str] = {
    "quarter": "Quarter by quarter",
    "month": "Month by month",
    "year": "Year by year",
}
_MOST_STEPS = 12
_MOST_PANELS = 8


def time_section(data: RoundView) -> Html:
    """The plan over time: months drawn with their history, quarters and months as tables."""
    finest: Cycle = "quarter" if data.calendar.grain == "quarter" else "month"
    drawn: Cycle = finest if data.view != "year" else "quarter"
    spans = sum_spans(data, drawn)
    planned = spans["actual"].isna()
    first = max(0, int((~planned).sum()) - 15)
    chart = draw_fan(spans.iloc[first:], name="fan", title="Sales, history and plan", unit=data.unit)
    offered = [cycle for cycle in _VIEWS if cycle != "month" or finest == "month"]
    shown: Cycle = data.view if data.view in offered else offered[0]
    tables = [_span_table(data, shown, sum_spans(data, shown))]
    tables += [
        tag("details", tag("summary", _VIEWS[cycle]), _span_table(data, cycle, sum_spans(data, cycle)))
        for cycle in offered
        if cycle != shown
    ]
    return section("time", "The plan over time", tag("p", _say_horizon(data)), chart.to_html(), *tables)


def _say_horizon(data: RoundView) -> str:
    quarters = sum_spans(data, "quarter")
    planned = quarters[quarters["plan"].notna()]
    total, prior = float(planned["plan"].sum()), planned["prior"]
    scale = choose_scale([total], data.unit)
    text = f"Over {write_count(len(planned), 'planned quarter')} the plan comes to {scale.say(total)}"
    compared = planned[prior.notna()]
    if len(compared) and len(compared) == len(planned):
        change = write_change(total, float(prior.sum()))
        return f"{text}, {change} against the same {data.calendar.grain}s a year earlier."
    if len(compared):
        change = write_change(float(compared["plan"].sum()), float(compared["prior"].sum()))
        return f"{text}; where a year earlier is known the change is {change}."
    return f"{text}; the year before is not known."


def _span_table(data: RoundView, cycle: Cycle, spans: pd.DataFrame) -> Html:
    planned = spans[spans["plan"].notna()].copy()
    planned["effects"] = planned["plan"] - planned["baseline"]
    planned["change"] = planned["plan"] / planned["prior"].where(planned["prior"] > 0) - 1
    columns = [
        Column("label", humanise(cycle)),
        Column("plan", "Plan", "amount"),
    ]
    if planned["target"].notna().any():
        columns += [Column("target", "Target", "amount"), Column("probability", "Chance of target", "odds")]
    columns += [
        Column("prior", "Year before", "amount"),
        Column("change", "Change on year before", "share", decimals=1, signed=True),
        Column("baseline", "Baseline", "amount"),
        Column("effects", "Drivers and assumptions", "amount", signed=True),
        Column("p10", "P10", "amount"),
        Column("p90", "P90", "amount"),
    ]
    sums = sum_columns(planned, ["prior", "baseline", "effects", "plan"], whole=True)
    sums["change"] = sums["plan"] / sums["prior"] - 1 if sums["prior"] > 0 else math.nan
    scale = choose_scale([*planned["plan"], sums["plan"]], data.unit)
    return render_table(
        Table(
            caption=f"Plan by {cycle}, {scale.unit}, scenario {humanise(data.headline).lower()}",
            columns=columns,
            rows=planned,
            scale=scale,
            total={"label": "Total", **sums},
            note=_rounding(scale.factor)
            + " P10 and P90 do not add up over periods, so they have no total."
            + _say_weeks_before(data),
        )
    )


def _say_weeks_before(data: RoundView) -> str:
    if data.calendar.grain != "week":
        return ""
    return " The year before is that of the same weeks, 52 earlier; a span of it may have had one week more."


def _rounding(factor: float) -> str:
    return f"Rounded to {factor:,.0f}; sums are of unrounded figures."


def members_section(data: RoundView) -> Html:
    """The round's plan by each dimension."""
    parts: list[Html | str] = []
    for dimension in data.dimensions:
        parts.append(tag("h3", f"By {humanise(dimension).lower()}"))
        table, count = sum_members(data, dimension)
        if dimension == data.dimensions[0]:
            parts.append(_draw_members(data, dimension, table, count))
        parts.append(_member_table(data, dimension, table, count))
    names = join_words([humanise(name).lower() for name in data.dimensions])
    return section("members", f"The plan by {names}", *parts)


def _draw_members(data: RoundView, dimension: str, table: pd.DataFrame, count: int) -> Html:
    members = [
        str(member) for member in table["member"].head(_MOST_PANELS) if not str(member).endswith(" others")
    ]
    frames = []
    for member in members:
        spans = sum_spans(data, "quarter", (dimension, member))
        first = max(0, int(spans["plan"].isna().sum()) - 4)
        frames.append(spans.iloc[first:].assign(member=say_value(member)))
    if not frames:
        return Html("")
    title = f"Quarters by {humanise(dimension).lower()}"
    if count > len(members):
        title += f", the {len(members)} largest of {count}"
    return draw_small_multiples(pd.concat(frames), name="panels", title=title, unit=data.unit).to_html()


def _member_table(data: RoundView, dimension: str, table: pd.DataFrame, count: int) -> Html:
    rows = table.copy()
    rows["member"] = rows["member"].map(say_value)
    rows["change"] = rows["plan"] / rows["prior"].where(rows["prior"] > 0) - 1
    total = rows["plan"].sum()
    rows["part"] = rows["plan"] / total if total else math.nan
    columns = [
        Column("member", humanise(dimension)),
        Column("plan", "Plan", "amount"),
        Column("part", "Share", "share", decimals=1),
        Column("prior", "Year before", "amount"),
        Column("change", "Change on year before", "share", decimals=1, signed=True),
        Column("baseline", "Baseline", "amount"),
        Column("effects", "Drivers and assumptions", "amount", signed=True),
    ]
    if rows["p10"].notna().any():
        columns += [Column("p10", "P10", "amount"), Column("p90", "P90", "amount")]
    sums = sum_columns(rows, ["prior", "baseline", "effects", "plan"])
    sums |= {"part": 1.0, "change": sums["plan"] / sums["prior"] - 1 if sums["prior"] > 0 else math.nan}
    scale = choose_scale([*rows["plan"], sums["plan"]], data.unit)
    return render_table(
        Table(
            caption=f"{data.round} by {humanise(dimension).lower()}, {scale.unit}",
            columns=columns,
            rows=rows,
            scale=scale,
            total={"member": "Total", **sums},
            note=" ".join(
                [
                    _rounding(scale.factor),
                    count_note(len(rows), count, "member"),
                    find_year_before(data.calendar, data.periods, data.cycle).sentence,
                ]
            ).strip(),
        )
    )


def bridge_section(data: RoundView) -> Html:
    """From baseline to plan, one bar per driver and assumption."""
    title = "From baseline to plan"
    answer, effects = find_answer(data), sum_effects(data)
    moving = effects[effects["effect"] != 0]
    shown = moving.head(_MOST_STEPS)
    steps = [Step("Baseline", answer.baseline, "forecast")]
    steps += [Step(_label(row), row["effect"], "change") for row in list_rows(shown)]
    rest = moving.iloc[len(shown) :]
    if len(rest):
        steps.append(Step(f"{len(rest)} others", float(rest["effect"].sum()), "change"))
    steps.append(Step("Plan", answer.plan, "plan"))
    target = answer.target if math.isfinite(answer.target) else None
    chart = draw_waterfall(
        steps, name="bridge", title="From baseline to plan", unit=data.unit, period=data.round, target=target
    )
    return section(
        "bridge", title, tag("p", _say_bridge(data)), chart.to_html(), _bridge_table(data, effects)
    )


def _label(row: dict[str, object]) -> str:
    name, title = str(row["assumption"]), str(row["title"])
    return title if name.startswith("driver:") or title == name else f"{name} {title}"


def _say_bridge(data: RoundView) -> str:
    answer, effects = find_answer(data), sum_effects(data)
    scale = choose_scale([answer.plan], data.unit)
    change = answer.plan - answer.baseline
    words = [
        f"Drivers and assumptions {'add' if change >= 0 else 'take'} {scale.say(abs(change))} "
        f"({write_change(answer.plan, answer.baseline)} on the baseline)."
    ]
    up, down = effects[effects["effect"] > 0], effects[effects["effect"] < 0]
    if len(up):
        words.append(
            f"Most is added by {up['title'].iloc[0]} ({scale.write(up['effect'].iloc[0], signed=True)})."
        )
    if len(down):
        words.append(f"Most is taken by {down['title'].iloc[0]} ({scale.write(down['effect'].iloc[0])}).")
    return " ".join(words)


def _bridge_table(data: RoundView, effects: pd.DataFrame) -> Html:
    answer = find_answer(data)
    register = data.table("assumptions")
    rows = effects[effects["effect"] != 0].copy()
    idle = len(effects) - len(rows)
    rows["effect_share"] = rows["effect"] / answer.baseline if answer.baseline else math.nan
    if len(register) and "status" in register:
        rows["status"] = (
            rows["assumption"].map(dict(zip(register["id"], register["status"], strict=True))).fillna("")
        )
    rows["what"] = [_label(row) for row in list_rows(rows)]
    columns = [
        Column("what", "Driver or assumption"),
        Column("effect", "Effect", "amount", signed=True),
        Column("effect_share", "On baseline", "share", decimals=1, signed=True),
    ]
    # Where volume and price are told apart in money, that stands in a table of its own, just below.
    apart = data.has_rows("level_bridge", "revenue", "price_revenue")
    if rows["money"].notna().any() and data.measure != "revenue" and not apart:
        columns.append(Column("money", "Money", "number", unit=data.currency, signed=True))
    columns += [Column("status", "Status", "mark")] if "status" in rows else []
    scale = choose_scale([answer.plan], data.unit)
    total = {
        "what": "Plan less baseline",
        **sum_columns(rows, ["effect", "effect_share"]),
        **sum_columns(rows, ["money"], whole=True),
    }
    note = f"{_rounding(scale.factor)} The effects add up to plan less baseline whatever their order."
    if idle:
        note += f" {write_count(idle, 'more row changes', 'more rows change')} nothing in {data.round}."
    if rows["money"].isna().any() and not apart:
        note += " A dash under money: no price is known where the effect falls."
    caption = f"Bridge of {data.round}, {scale.unit}, scenario {humanise(data.headline).lower()}"
    return render_table(Table(caption, columns, rows, scale, total, note))


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


def risks_section(data: RoundView) -> Html:
    """Odds of the target by level, and which assumption moves the plan most."""
    parts: list[Html | str | None] = []
    swings = measure_swings(data)
    if len(swings):
        chart = draw_tornado(
            swings.head(10),
            name="tornado",
            title="What moves the plan most",
            unit=data.unit,
            period=data.round,
        )
        widest = max(list_rows(swings), key=lambda row: float(row["high"] - row["low"]))
        scale = choose_scale([widest["high"], widest["low"]], data.unit)
        parts += [
            tag(
                "p",
                f"{widest['label']} moves the plan most: between its low and its high value lie "
                f"{scale.say(widest['high'] - widest['low'])}.",
            ),
            chart.to_html(),
        ]
    else:
        parts.append(
            tag(
                "p",
                "A ranking of risks appears once counted assumptions state a low and a high value.",
                class_="hint",
            )
        )
    parts += [_say_noise(data), tag("details", tag("summary", "Odds by part"), _odds_table(data))]
    return section("risks", "Odds and risks", *parts)


def _say_noise(data: RoundView) -> Html | None:
    """How much of what may come differently is the assumptions', and how much the forecast's own."""
    rows = data.scenario("sensitivity")
    if rows.empty:
        return None
    share = float(rows["variance_share"].sum())
    if not 0 < share < 1:
        return None
    text = (
        f"Of the spread of outcomes over the horizon about {write_share(share, 0)} comes from the ranges of "
        f"the assumptions and {write_share(1 - share, 0)} from the error of the forecast itself."
    )
    return tag("p", text)


def _odds_table(data: RoundView) -> Html:
    odds = data.scenario("odds")
    if odds.empty:
        return tag("p", "Odds appear once the simulation has been run.", class_="hint")
    rows = odds[(odds["span"] == data.cycle) & _is_broad(data, odds)].copy()
    rows = rows[data.labels(rows["start"], data.cycle) == data.round] if len(rows) else rows
    rows["level"] = [
        join_words([say_value(row[name]) for name in data.dimensions if row[name]]) or "All"
        for row in rows[data.dimensions].fillna("").to_dict("records")
    ]
    rows = rows.loc[rows["level"].ne("All").sort_values(kind="stable").index]
    rows["width"] = (rows["p90"] - rows["p10"]) / rows["p50"].where(rows["p50"] > 0)
    most, count = 40, len(rows)
    rows = rows.head(most)
    columns = [Column("level", "Level")]
    columns += [Column(key, key.upper().replace("_", "."), "amount") for key in ("p10", "p50", "p90")]
    columns.append(Column("width", "Band, share of P50", "share", decimals=0))
    if rows["target"].notna().any():
        columns += [Column("target", "Target", "amount"), Column("probability", "Chance of target", "odds")]
    scale = choose_scale(rows["p90"], data.unit)
    note = (
        "The quantiles of parts do not add up to those of the whole: misses of one are made good by another."
    )
    if count > most:
        note += f" The first {most} of {write_count(count, 'level')} are shown; odds.parquet holds all."
    return render_table(Table(f"Odds of {data.round}, {scale.unit}", columns, rows, scale, None, note))


def _is_broad(data: RoundView, odds: pd.DataFrame) -> pd.Series[bool]:
    """The total and single members of one dimension; finer levels stay in the file."""
    named = sum(
        ((odds[name].fillna("") != "").astype(int) for name in data.dimensions), pd.Series(0, odds.index)
    )
    return named <= 1
