"""Notebook 2: the forecast without new marketing action, why it was chosen, and what drivers do."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.charts.part_bars import draw_part_bars
from alignment_lib.answers.markup import Html
from alignment_lib.answers.tables import Column
from alignment_lib.answers.wording import choose_scale, humanise, say_value, write_change
from alignment_lib.app.explorer.pictures import Pictures
from alignment_lib.app.notebook_pages.frame import facts, plain_table, remark, say_members, show, unit_of
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.rounds.live.choices import Choices
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["show_baseline", "show_choice", "show_drivers", "show_parts", "show_why"]


def show_baseline(ready: PreparedRound) -> Html:
    """The round's forecast: baseline, driver calendar and naive yardstick, then over time with its band."""
    live = LiveRound(ready)
    figures = live.evaluate(Choices("consensus", frozenset()), "no assumptions")
    odds = live.simulate(figures)
    scale = choose_scale([figures.total], unit_of(ready))
    naive = float(ready.horizon.naive[:, ready.horizon.grid.periods.isin(ready.round.cycle_periods)].sum())
    sold = float(ready.horizon.closed[:, ready.horizon.closed_periods.isin(ready.round.cycle_periods)].sum())
    chart = Pictures(live).draw("time", figures, odds)
    return show(
        facts(
            [
                ("Baseline", scale.say(figures.baseline), "no new marketing action"),
                (
                    "With the driver calendar",
                    scale.say(figures.total),
                    write_change(figures.total, figures.baseline),
                ),
                ("Same season last year", scale.say(naive + sold), "the naive forecast"),
                (
                    "Eight times in ten",
                    f"{scale.write(odds.round['p10'])} to {scale.write(odds.round['p90'])}",
                    scale.unit,
                ),
            ]
        ),
        chart,
    )


def show_parts(ready: PreparedRound, dimension: str = "") -> Html:
    """Baseline and driver calendar by member of a dimension, for the round."""
    dimension = dimension or ready.dimensions[0]
    figures = LiveRound(ready).evaluate(Choices("consensus", frozenset()), "no assumptions")
    inside = ready.horizon.grid.periods.isin(ready.round.cycle_periods)
    frame = pd.DataFrame(
        {
            "label": ready.horizon.grid.keys[dimension].astype(str),
            "baseline": ready.horizon.grid.baseline[:, inside].sum(axis=1),
            "plan": figures.plan.plan[:, inside].sum(axis=1),
        }
    )
    sums = frame.groupby("label", as_index=False)[["baseline", "plan"]].sum()
    sums = sums.sort_values("plan", ascending=False, kind="stable", ignore_index=True)
    chart = draw_part_bars(
        sums,
        name=f"b-parts-{list(ready.dimensions).index(dimension)}",
        title=f"Baseline and driver calendar by {dimension}",
        unit=unit_of(ready),
        period=ready.round.name,
    )
    return show(chart, remark("Periods of the round that have ended are not counted here."))


def show_choice(ready: PreparedRound) -> Html:
    """How every candidate did in the backtest, the naive ones first, and what was chosen."""
    plain = _plain_candidates(ready.forecast.candidates)
    found = ready.effects.backtest if ready.effects is not None else pd.DataFrame()
    if found.empty:
        said = remark("No driver model was tried: the workspace has no drivers, or too little history.")
        return show(*plain, said)
    frame = found.assign(chosen=found["chosen"].map({True: "chosen", False: ""}))
    columns = [
        Column("stage", "stage"),
        Column("candidate", "candidate"),
        Column("series_wape", "error by series", "share", "of sales, backtest", 1),
        Column("total_wape", "error in total", "share", "of sales, backtest", 1),
        Column("chosen", "", "mark"),
    ]
    known = [column for column in columns if column.key in frame]
    note = "Error: sum of absolute errors over sum of sales, in origins before the as-of date only."
    return show(*plain, plain_table(frame, "Candidates in the backtest", known, note))


def _plain_candidates(tried: pd.DataFrame) -> list[Html]:
    """Combinations without drivers: error beside last year's period, and the weight each was given."""
    if tried.empty:
        return []
    columns = [
        Column("class", "series that are"),
        Column("series", "how many", "number"),
        Column("candidate", "candidate"),
        Column("error", "error", "number", "last year's period is 1", 2),
        Column("weight", "weight", "share"),
    ]
    note = (
        "Mean over all series and origins before the as-of date. What is obvious stands first; what errs more"
        " than last year's period (naive) is not used. A blank error: not tried, or too little history."
    )
    return [plain_table(tried, "What was tried without drivers", columns, note)]


def show_why(ready: PreparedRound, most: int = 15) -> Html:
    """Which models make up each series' baseline and why."""
    why = ready.forecast.why
    if why.empty:
        return show("The baseline of this round carries no record of how it was chosen.")
    left = len(why) - most
    note = f"{left} more rows are not listed." if left > 0 else ""
    frame = say_members(ready, why.head(most))
    return show(plain_table(frame, "Why this baseline", note=note))


def show_drivers(ready: PreparedRound) -> Html:
    """What prices, promotions and the market did in the past, and what the calendar adds to the round."""
    calendar = ready.horizon.grid.driver_effects
    if not calendar:
        return show("The workspace has no drivers: baseline and plan differ by assumptions alone.")
    inside = ready.horizon.grid.periods.isin(ready.round.cycle_periods)
    rows = [
        {
            "driver": name.replace("_", " "),
            "kind": humanise(ready.horizon.grid.driver_kinds.get(name, "")),
            "effect": float(effect[:, inside].sum()),
        }
        for name, effect in calendar.items()
    ]
    columns = [
        Column("driver", "driver"),
        Column("kind", "kind"),
        Column("effect", f"adds to {ready.round.name}", "number", unit_of(ready), signed=True),
    ]
    parts = [plain_table(pd.DataFrame(rows), "What the planned calendar adds to the baseline", columns)]
    effects = ready.effects.effects if ready.effects is not None else pd.DataFrame()
    if len(effects):
        parts += _past_effects(ready, effects)
    return show(*parts)


_ACTIONS = {"uplift": "uplift", "elasticity": "elasticity", "market": "elasticity"}
_MOVES = {
    "pull_forward_share": "taken from the periods after",
    "anticipation_share": "held back in the periods before",
    "cannibalisation_share": "taken from other products",
}
_UNITS = {
    "log per log": "% of sales per %",
    "log points per unit": "log points",
    "log per unit": "log points",
}


def _past_effects(ready: PreparedRound, effects: pd.DataFrame) -> list[Html]:
    """Measured effects in two tables: what actions did to sales, and which part of it was only moved."""
    scopes = effects[list(ready.dimensions)].apply(
        lambda row: ", ".join(say_value(value) for value in row if value) or "all together", axis=1
    )
    frame = effects.assign(
        scope=scopes,
        driver=[name.replace("_", " ") or "all promotions" for name in effects["driver"]],
        does=[{**_ACTIONS, **_MOVES}.get(name, name) for name in effects["effect"]],
        unit=[_UNITS.get(name, name) for name in effects["unit"]],
        band=[f"{Said(low):.2f} to {Said(high):.2f}" for low, high in _bounds(effects)],
        share_band=[f"{Said(low):.0%} to {Said(high):.0%}" for low, high in _bounds(effects)],
    )
    moved = frame["effect"].isin(_MOVES)
    ends = [Column("scope", "of"), Column("events", "past events", "number")]
    actions = [
        Column("driver", "driver"),
        *ends,
        Column("does", "effect"),
        Column("estimate", "estimate", "number", decimals=2, below="band"),
        Column("unit", "in"),
        Column("usual", "usual strength", "number", decimals=2),
        Column("percent", "sales then change by", "share", signed=True),
    ]
    moves = [
        Column("driver", "driver"),
        *ends,
        Column("does", "what it brought was"),
        Column("estimate", "share of it", "share", below="share_band"),
    ]
    band = "Under each estimate its 90 % interval."
    return [
        plain_table(part, caption, columns, note)
        for part, caption, columns, note in (
            (frame[~moved], "What drivers did in the past", actions, band),
            (
                frame[moved],
                "What of it was only moved",
                moves,
                f"{band} One that holds zero shows nothing sure.",
            ),
        )
        if len(part)
    ]


def _bounds(effects: pd.DataFrame) -> list[tuple[float, float]]:
    return list(zip(effects["low"], effects["high"], strict=True))
