"""Scenarios of one span side by side: one chart, one table of totals, one of what makes the difference."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.scenario_ranges import draw_scenario_ranges
from alignment_lib.answers.facts import name_contributor
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, write_share

__all__ = ["draw_totals", "tabulate_steps", "tabulate_totals"]

_TITLE = "Scenarios side by side"


def draw_totals(totals: pd.DataFrame, *, unit: str, period: str, target: float) -> Chart:
    """Plan and band of each scenario on one scale.

    Parameters
    ----------
    totals : DataFrame
        ``label, plan, p10, p90, probability``.
    unit, period : str
        Of the figures.
    target : float
        NaN where none stands.
    """
    aim = target if math.isfinite(target) else None
    return draw_scenario_ranges(totals, name="compare", title=_TITLE, unit=unit, period=period, target=aim)


def tabulate_totals(totals: pd.DataFrame, *, unit: str, currency: str, period: str) -> Table:
    """One row a scenario: what of ``plan, difference, gap, p10, p50, p90, probability, revenue`` is known.

    ``counted`` is the number of its assumptions, ``error_share`` the largest standard error of a quantile
    as a share of P50.
    """
    scale = choose_scale([*totals["plan"]], unit)
    columns = [
        Column("label", "scenario"),
        Column("plan", "plan", "amount"),
        Column("difference", "against the first", "amount", signed=True),
        Column("gap", "plan less target", "amount", signed=True),
        *(Column(name, name.upper(), "amount") for name in ("p10", "p50", "p90")),
        Column("probability", "odds of the target", "odds"),
        Column("revenue", "revenue", "number", currency),
        Column("counted", "assumptions", "number", "counted"),
    ]
    known = [one for one in columns if one.key in totals and totals[one.key].notna().any()]
    note = ""
    if "error_share" in totals:
        error = totals["error_share"].max()
        sure = write_share(error) if error > 0 else "0"
        note = f"P10, P50 and P90 rest on draws: their standard error is at most {sure} of P50."
    return Table(f"{_TITLE}, {period}", known, totals, scale, note=note)


def tabulate_steps(steps: pd.DataFrame, names: Mapping[str, str], *, unit: str, period: str) -> Table | None:
    """What each contributor does in the first scenario, and what it does more in the others; None for one.

    Parameters
    ----------
    steps : DataFrame
        ``step`` (ids and drivers), a column a scenario; the last row sums them.
    names : mapping of str to str
        Words for ids.
    unit, period : str
        Of the figures.
    """
    first, *others = [str(name) for name in steps.columns[1:]] or [""]
    if not others:
        return None
    keys = {name: f"s{place}" for place, name in enumerate([first, *others])}
    rows = steps.rename(columns=keys)
    rows["step"] = [name_contributor(str(step), names) for step in rows["step"]]
    scale = choose_scale(steps[[first, *others]].abs().max(), unit)
    columns = [Column("step", "step"), Column(keys[first], f"{first}: effect", "amount", signed=True)]
    columns += [Column(keys[name], f"{name}: against the first", "amount", signed=True) for name in others]
    caption = f"What makes the difference, {period}"
    return Table(caption, columns, rows, scale, classes="steps")
