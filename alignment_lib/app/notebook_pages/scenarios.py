"""Notebook 4: the scenario explorer, the scenarios side by side, and what a target would take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from alignment_lib.answers.markup import Html
from alignment_lib.answers.tables import Column
from alignment_lib.answers.wording import humanise
from alignment_lib.app.explorer.answers import name_of
from alignment_lib.app.explorer.compare import compare_choices, comparison_tables
from alignment_lib.app.explorer.pictures import Pictures
from alignment_lib.app.explorer.widget import Explorer
from alignment_lib.app.notebook_pages.frame import plain_table, remark, show, unit_of
from alignment_lib.app.notebook_pages.targets import scope_of
from alignment_lib.app.notebooks import find_reports
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.odds.target_solving import Solution
from alignment_lib.planning.register.assumptions import PLANS
from alignment_lib.planning.round.round_tables import plan_streams
from alignment_lib.planning.round.streams import read_own_forecasts
from alignment_lib.rounds.closed.closed_rounds import earlier_rounds, score_streams
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.live.solve import Wish, solve_each, solve_together
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["explore", "show_comparison", "show_voices", "solve_target"]


def explore(ready: PreparedRound, *, edit: bool = True, start: str = "consensus") -> Explorer:
    """The scenario explorer: a slider for every assumption, charts that follow, scenarios by name."""
    return Explorer(ready, can_edit=edit, start=start)


def show_comparison(explorer: Explorer, scenarios: Sequence[str] = ()) -> Html:
    """Scenarios on one scale, in figures, and what makes the difference; the first is compared with.

    Parameters
    ----------
    explorer : Explorer
        Of the round; what has been saved since it was opened is shown too.
    scenarios : sequence of str
        Names in the order wanted; by default consensus, the other two plans and every saved scenario.
    """
    live, saved = explorer.session.live, explorer.session.read_scenarios()
    names = list(scenarios) or [*reversed(PLANS), *sorted(saved)]
    found = compare_choices(live, {name_of(name): live.start_from(name, saved) for name in names})
    if found is None or found.totals.empty:
        return show("There is no scenario to compare.")
    ready = live.ready
    currency = ready.workspace.settings.business.currency
    tables = comparison_tables(found, unit_of(ready), currency, ready.round.name)
    return show(Pictures(live).compare(found.totals), tables)


def show_voices(explorer: Explorer) -> Html:
    """The round as each function sees it, and what each weighs in a consensus by its own record."""
    live, ready = explorer.session.live, explorer.session.live.ready
    earlier = earlier_rounds(ready, [find_reports()])
    errors = score_streams(ready, earlier)
    own = read_own_forecasts(ready.workspace.tables.get("forecasts"))
    plan = live.evaluate(live.start_from("consensus"), "consensus").plan
    streams, weights, _ = plan_streams(ready.horizon, live.layout, ready.register, plan, own, errors)
    inside = streams[streams["period"].isin(ready.round.cycle_periods)]
    sums = inside.groupby("stream", sort=False)["value"].sum()
    shares = weights[weights["lag"] == 1].set_index("stream")["weight"]
    frame = pd.DataFrame(
        {
            "stream": [humanise(str(name)) for name in sums.index],
            "value": sums.to_numpy(),
            "change": sums.to_numpy() - sums["baseline"],
            "error": [errors.at(1).get(str(name), math.nan) for name in sums.index],
            "weight": shares.reindex(sums.index).to_numpy(dtype=float),
        }
    )
    columns = [
        Column("stream", "stream"),
        Column("value", ready.round.name, "number", unit_of(ready)),
        Column("change", "against the baseline", "number", unit_of(ready), signed=True),
        Column("error", "off in earlier rounds", "share", "of sales", decimals=1),
        Column("weight", "weight in the combined one", "share"),
    ]
    known = [one for one in columns if one.key in ("stream", "value") or frame[one.key].notna().any()]
    silent = "No two functions handed in a forecast of their own (table `forecasts`): there is none combined."
    text = "Weights follow from each one's error at the same distance; equal until all have a record."
    return show(plain_table(frame, "Who expects what", known), remark(text if len(own) > 1 else silent))


def solve_target(
    explorer: Explorer,
    scenario: str = "consensus",
    target: float | None = None,
    surely: float | None = None,
    part: Mapping[str, str] | None = None,
    span: str = "",
) -> Html:
    """What it would take to make a target: each assumption alone, and the least change of all together.

    Parameters
    ----------
    explorer : Explorer
        Of the round.
    scenario : str
        The plan or scenario one starts from.
    target : float, optional
        In the plan's measure; by default the one that stands for the sales and the span asked for.
    surely : float, optional
        Probability with which it is to be made, as a decimal; without one the plan itself is to equal it.
    part : mapping of str to str, optional
        Dimension values, such as ``{"channel": "web"}``; all sales by default.
    span : str
        A quarter or year of the horizon, such as ``2026Q2``; the round by default.
    """
    live, saved = explorer.session.live, explorer.session.read_scenarios()
    scope = scope_of(live, part, span)
    wanted = live.target_of(scope) if target is None else target
    if not math.isfinite(wanted):
        return show("No target stands for these sales and this span; give one as `target=`.")
    choices, wish = live.start_from(scenario, saved), Wish(wanted, surely, scope=scope)
    now = live.evaluate(choices, scope=scope).total
    made = (
        f"The plan of {Said(now):,.0f} makes the target of {Said(wanted):,.0f} as it is."
        if now >= wanted
        else ""
    )
    together = solve_together(live, choices, wish)
    names = [row.id for row in live.register if row.end >= live.ready.round.first_open]
    each = [(name, found) for name, found in solve_each(live, choices, names, wish) if found.is_reached]
    rest = len(names) - len(each)
    left = f"No value of it alone makes the target for {rest} of {len(names)} assumptions." if rest else ""
    return show(
        made or None,
        f"All counted assumptions together, each within its own range: {together.sentence}",
        plain_table(_lines(live, each), f"One assumption alone, from {name_of(scenario).lower()}", _COLUMNS)
        if each
        else None,
        remark(left) if left else None,
    )


_COLUMNS = [
    Column("name", "assumption"),
    Column("unit", "unit"),
    Column("now", "now", "number", decimals=1, signed=True),
    Column("needed", "needed", "number", decimals=1, signed=True),
    Column("range", "its own range"),
    Column("inside", "inside it", "mark"),
]


def _lines(live: LiveRound, found: Sequence[tuple[str, Solution]]) -> pd.DataFrame:
    known = {row.id: row for row in live.register}
    lines = []
    for name, solution in found:
        row, needed = known[name], solution.values.get(name, known[name].expected)
        has_range = row.low < row.high
        lines.append(
            {
                "name": f"{row.id} {row.title}",
                "unit": "%" if row.unit == "percent" else row.unit,
                "now": row.expected,
                "needed": needed,
                "range": f"{Said(row.low):+,.4g} to {Said(row.high):+,.4g}" if has_range else "none given",
                "inside": "yes" if has_range and row.low <= needed <= row.high else "no",
            }
        )
    return pd.DataFrame(lines)
