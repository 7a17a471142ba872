"""The tables a round leaves: every plan of the round, its bridge, its odds and its streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.evidence.evidence import MATERIALITY_SHARE
from alignment_lib.planning.evidence.past import Reading
from alignment_lib.planning.evidence.weighing import OwnerRecord, WeighedRegister, weigh_evidence
from alignment_lib.planning.money.book import MoneyBook
from alignment_lib.planning.odds.drawing import Correlation, draw_values
from alignment_lib.planning.odds.sensitivity import sensitivity_table
from alignment_lib.planning.odds.simulation import (
    QUANTILES,
    Odds,
    levels_with_targets,
    odds_table,
    simulate_plan,
)
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.plan import Plan, bridge_table, build_plan, plan_revenue
from alignment_lib.planning.plan.plan_notices import plan_notices
from alignment_lib.planning.register.assumptions import PLANS, Assumption, counted_in
from alignment_lib.planning.register.layout import Layout, lay_out_register
from alignment_lib.planning.register.register_checks import check_register
from alignment_lib.planning.register.scenarios import Scenario, actions_of, resolve_scenario
from alignment_lib.planning.round.money_tables import PlannedMoney, money_odds, money_rows, plan_in_money
from alignment_lib.planning.round.streams import StreamErrors, combine_by_lag, own_stream, stream_table

__all__ = ["RoundPlans", "plan_every_scenario", "plan_one_scenario", "plan_streams"]


@dataclass(frozen=True)
class RoundPlans:
    """Tables of the contract that planning makes, and what was noticed on the way.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``plan, bridge, odds, evidence, streams``.
    notices : tuple of Notice
        Volume owed or not to be had, claims that count nothing or contradict each other.
    workings : dict of str to DataFrame
        ``weighing`` (the arithmetic of the evidence-weighted plan, row by row),
        ``sensitivity`` (which assumption moves the total most, by scenario and span),
        ``precision`` (standard errors of the reported quantiles, by scenario),
        ``stream_weights`` (what each function's forecast weighs in the combined one, by lag).
    plans : dict of str to Plan
        By scenario.
    layout : Layout
        The register on the grid, as all were planned on it that drop and move no action.
    layouts : dict of str to Layout
        That of each scenario which does.
    """

    tables: dict[str, pd.DataFrame]
    notices: tuple[Notice, ...]
    layout: Layout = field(repr=False)
    workings: dict[str, pd.DataFrame] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict, repr=False)
    layouts: dict[str, Layout] = field(default_factory=dict, repr=False)

    def layout_of(self, scenario: str) -> Layout:
        """The register on the grid as a scenario leaves its actions."""
        return self.layouts.get(scenario, self.layout)


def plan_every_scenario(
    horizon: Horizon,
    register: Sequence[Assumption],
    scenarios: Mapping[str, Scenario],
    targets: pd.DataFrame,
    seed: int,
    readings: Mapping[str, Reading] | None = None,
    owners: Mapping[str, OwnerRecord] | None = None,
    own_forecasts: Mapping[str, pd.DataFrame] | None = None,
    correlation: Correlation | None = None,
    draws: int | None = None,
    stream_errors: StreamErrors | None = None,
    materiality_share: float = MATERIALITY_SHARE,
    weighed: WeighedRegister | None = None,
    under: Callable[[str, list[Assumption]], tuple[PlanGrid, list[Assumption]]] | None = None,
    money: MoneyBook | None = None,
) -> RoundPlans:
    """Work out the three plans and every named scenario.

    Parameters
    ----------
    horizon : Horizon
        Grid, samples and actuals of closed periods.
    register : sequence of Assumption
        Every assumption of the round, whatever its status.
    scenarios : mapping of str to Scenario
        The workspace's own.
    targets : DataFrame
        ``label``, the dimensions, ``target`` in the plan's measure.
    seed : int
        Of the draws; the same for every scenario.
    readings : mapping of str to Reading, optional
        What the past says of each assumption, by id (`read_register`).
    owners : mapping of str to OwnerRecord, optional
        How earlier claims of each owner role came out.
    own_forecasts : mapping of str to DataFrame, optional
        Forecasts a function made for itself (``sales``, ``marketing``, ``finance``): ``period``, the
        dimensions (blank or absent = spread by the baseline), ``value``.
    correlation : Correlation, optional
        A common factor behind assumptions; none by default.
    draws : int, optional
        As many as there are error paths by default.
    stream_errors : StreamErrors, optional
        How far each stream lay off in earlier rounds, for the weights of the combined one.
    materiality_share : float
        Share of the sales concerned below which a claim and its evidence do not differ.
    weighed : WeighedRegister, optional
        What `readings`, `owners` and `materiality_share` come to, where it has been worked out already.
    under : callable, optional
        Takes the name of a scenario that drops or moves actions and the rows that count in it; gives its
        grid and those rows as they are there.
    money : MoneyBook, optional
        What the round knows of money: the tables ``money, money_odds, money_bridge`` follow from it.
    """
    if weighed is None:
        weighed = weigh_evidence(horizon.grid, register, readings, owners, materiality_share)
    layout = lay_out_register(horizon.grid, register)
    run = _Run(horizon, layout, targets, seed, draws or len(horizon.samples), correlation, money)
    plans, layouts = {}, {}
    for name in [*PLANS, *sorted(scenarios)]:
        rows = resolve_scenario(register, name, scenarios, weighed.rows)
        if under is not None and any(actions_of(name, scenarios)):
            grid, rows = under(name, rows)
            layouts[name] = lay_out_register(grid, rows)
        if horizon.grid.spending is not None:
            horizon.grid.spending.check(*rows)
        plans[name] = run.plan(name, rows, layouts.get(name))
    tables = run.tables([row.id for row in register])
    voices, weights, aside = plan_streams(
        horizon, layout, register, plans["consensus"], own_forecasts or {}, stream_errors or StreamErrors()
    )
    problems, checked = check_register(horizon.grid, register, horizon.naive)
    notices = [
        *checked,
        *aside,
        *plan_notices(list(plans.values()), layout),
    ]
    notices += [Notice("register", str(problem), problem.count) for problem in problems]
    return RoundPlans(
        tables | {"evidence": weighed.evidence, "streams": voices},
        tuple(dict.fromkeys(notices)),
        layout,
        {"weighing": weighed.weighing, "stream_weights": weights} | run.workings(),
        plans,
        layouts,
    )


def plan_one_scenario(
    horizon: Horizon,
    layout: Layout,
    name: str,
    rows: Sequence[Assumption],
    targets: pd.DataFrame,
    seed: int,
    correlation: Correlation | None = None,
    listed: Sequence[str] = (),
    money: MoneyBook | None = None,
) -> RoundPlans:
    """One scenario by itself, to the bit as `plan_every_scenario` works it out among the others.

    Parameters
    ----------
    horizon, targets, seed, correlation, money
        As for `plan_every_scenario`.
    layout : Layout
        The register on the grid, with every row of `rows`.
    name : str
        The scenario's.
    rows : sequence of Assumption
        Those that count, at the values and ranges they have in it.
    listed : sequence of str
        Ids that the bridge names, moved by them or not.

    Returns
    -------
    RoundPlans
        ``plan, bridge, odds`` and the workings ``sensitivity, precision``.
    """
    run = _Run(horizon, layout, targets, seed, len(horizon.samples), correlation, money)
    plan = run.plan(name, list(rows))
    return RoundPlans(run.tables(listed), (), layout, run.workings(), {name: plan})


class _Run:
    """Collects the tables of scenario after scenario; equal ones are simulated once."""

    def __init__(
        self,
        horizon: Horizon,
        layout: Layout,
        targets: pd.DataFrame,
        seed: int,
        draws: int,
        correlation: Correlation | None,
        money: MoneyBook | None = None,
    ) -> None:
        self._horizon, self._layout, self._targets = horizon, layout, targets
        self._seed, self._draws, self._correlation = seed, draws, correlation
        self._money = money
        self._keep = levels_with_targets(horizon.levels, targets)
        self._odds: dict[tuple[object, ...], Odds] = {}
        self._in_money: dict[tuple[object, ...], PlannedMoney] = {}
        self._done: list[tuple[Plan, Odds, dict[str, np.ndarray], list[Assumption], Layout | None]] = []

    def plan(self, name: str, rows: list[Assumption], layout: Layout | None = None) -> Plan:
        plan = build_plan(layout or self._layout, {row.id: row.expected for row in rows}, name)
        drawn = draw_values(rows, self._draws, self._seed, self._correlation)
        key = _key(rows, layout)
        if key not in self._odds:
            horizon = self._horizon
            self._odds[key] = simulate_plan(
                plan, horizon.samples, drawn, horizon.levels, horizon.spans, self._keep, self._draws
            )
        self._done.append((plan, self._odds[key], drawn, rows, layout))
        return plan

    def tables(self, listed: Sequence[str]) -> dict[str, pd.DataFrame]:
        horizon = self._horizon
        labels = horizon.labels
        open_labels = labels[labels["period"] >= horizon.grid.periods[0]].reset_index(drop=True)
        plans = [_plan_rows(horizon, plan, odds, labels) for plan, odds, *_ in self._done]
        bridges = [bridge_table(plan, listed, open_labels) for plan, *_ in self._done]
        chances = [
            odds_table(plan, odds, horizon.levels, horizon.spans, self._targets, horizon.closed)
            for plan, odds, *_ in self._done
        ]
        parts = {"plan": plans, "bridge": bridges, "odds": chances}
        if self._money is not None:
            parts |= self._money_tables(self._money, labels)
        return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}

    def _money_tables(self, book: MoneyBook, labels: pd.DataFrame) -> dict[str, list[pd.DataFrame]]:
        horizon = self._horizon
        tables: dict[str, list[pd.DataFrame]] = {"money": [], "money_odds": []}
        for plan, _, drawn, rows, layout in self._done:
            key = _key(rows, layout)
            if key not in self._in_money:
                self._in_money[key] = plan_in_money(plan, horizon, book, drawn, self._draws, self._seed)
            planned = self._in_money[key]
            tables["money"].append(money_rows(plan, planned, labels))
            tables["money_odds"].append(money_odds(plan, planned, horizon, book.targets))
        return tables

    def workings(self) -> dict[str, pd.DataFrame]:
        parts: dict[str, list[pd.DataFrame]] = {"sensitivity": [], "precision": []}
        known: dict[tuple[object, ...], dict[str, pd.DataFrame]] = {}
        for plan, odds, drawn, rows, layout in self._done:
            key = _key(rows, layout)
            if key not in known:
                used = layout or self._layout
                horizon = replace(self._horizon, grid=used.grid)
                swings = sensitivity_table(horizon, used, rows, odds.sums[0], drawn)
                known[key] = {
                    "sensitivity": swings,
                    "precision": _precision(self._horizon, odds),
                }
            for name, frame in known[key].items():
                parts[name].append(frame.assign(scenario=plan.scenario)[["scenario", *frame.columns]])
        return {name: _stack(frames) for name, frames in parts.items()}


def _key(rows: Sequence[Assumption], layout: Layout | None) -> tuple[object, ...]:
    """What scenarios with the same rows at the same values have in common: odds, and what moves them."""
    return (id(layout), *((row.id, repr(row.low), row.expected, repr(row.high)) for row in rows))


def _stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table of all; those without rows only lend their columns."""
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def _precision(horizon: Horizon, odds: Odds) -> pd.DataFrame:
    """Standard errors of the quantiles of the total, by span, as shares of its median."""
    errors = odds.standard_errors()[:, 0]
    median = np.abs(odds.quantiles[2, 0])
    shares = np.divide(errors, median, out=np.zeros_like(errors), where=median > 0)
    frame = horizon.spans.table[["span", "label"]].copy()
    for number, name in enumerate(QUANTILES):
        frame[f"{name}_error_share"] = shares[number]
    return frame.assign(draws=odds.sums.shape[2], paths=odds.paths)


def _plan_rows(horizon: Horizon, plan: Plan, simulated: Odds, labels: pd.DataFrame) -> pd.DataFrame:
    frame = labels.assign(
        scenario=plan.scenario,
        baseline=horizon.with_closed(plan.grid.baseline).ravel(),
        plan=horizon.with_closed(plan.plan).ravel(),
    )
    for number, name in enumerate(QUANTILES):
        frame[name] = horizon.with_closed(simulated.cells[number]).ravel()
    revenue = plan_revenue(plan)
    if revenue is not None:
        closed = np.full(horizon.closed.shape, np.nan)
        if plan.grid.measure == "revenue":
            closed = horizon.closed
        frame["revenue"] = np.hstack([closed, revenue]).ravel()
    return frame[["scenario", *[name for name in frame.columns if name != "scenario"]]]


def plan_streams(
    horizon: Horizon,
    layout: Layout,
    register: Sequence[Assumption],
    consensus: Plan,
    own_forecasts: Mapping[str, pd.DataFrame],
    errors: StreamErrors,
) -> tuple[pd.DataFrame, pd.DataFrame, list[Notice]]:
    """Each voice's figures: its own forecast where it made one, else the plan of its own proposals.

    A function that wrote neither has no voice here: the baseline is not its step.

    Parameters
    ----------
    horizon, layout, register
        The round.
    consensus : Plan
        The plan both sides accepted.
    own_forecasts, errors
        As for `plan_every_scenario`.

    Returns
    -------
    streams : DataFrame
        ``stream, period``, the dimensions, ``value``.
    weights : DataFrame
        ``lag, stream, weight, error, basis`` of the combined stream; empty where fewer than two functions
        handed in a forecast.
    notices : list of Notice
        Statements that could not be placed, and cells they leave out.
    """
    grid = horizon.grid
    values = {"naive": horizon.naive, "baseline": grid.baseline, "consensus": consensus.plan}
    notices: list[Notice] = []
    for name in ("marketing", "sales"):
        rows = [row for row in register if counted_in(row, "as_proposed") and row.function == name]
        if not rows and name not in own_forecasts:
            continue
        values[name] = build_plan(layout, {row.id: row.expected for row in rows}, name).plan
    for name, table in sorted(own_forecasts.items()):
        values[name], found = own_stream(grid, table, name, values.get(name, grid.baseline))
        notices += found
    weights = pd.DataFrame(columns=["lag", "stream", "weight", "error", "basis"])
    if len(own_forecasts) > 1:
        stated = {name: values[name] for name in own_forecasts}
        values["combined"], weights = combine_by_lag(stated, errors, grid.calendar, grid.periods)
    shown = {name: horizon.with_closed(value) for name, value in values.items()}
    return stream_table(horizon.labels, shown), weights, notices
