"""The plan and its odds for any choices, fast enough to follow a slider.

`LiveRound` holds what does not change while sliders move. The plan is worked out by the same function
as every other plan; the odds by the same draws, but only for the sums the explorer shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.planning.evidence.past import Reading
from alignment_lib.planning.evidence.weighing import WeighedRegister
from alignment_lib.planning.odds.cell_draws import Paths
from alignment_lib.planning.odds.drawing import draw_values
from alignment_lib.planning.odds.quantiles import quantile_errors, row_quantiles
from alignment_lib.planning.odds.simulation import QUANTILES, draw_sums
from alignment_lib.planning.odds.target_solving import Goal
from alignment_lib.planning.plan.grid import scope_rows
from alignment_lib.planning.plan.levels import exact_sums
from alignment_lib.planning.plan.plan import Plan, plan_revenue
from alignment_lib.planning.plan.session import open_session
from alignment_lib.planning.register.assumptions import PLANS, Assumption
from alignment_lib.planning.register.layout import Layout
from alignment_lib.planning.register.scenarios import Scenario, actions_of, at_value, resolve_scenario
from alignment_lib.rounds.live.actions import ActionChange, Calendars
from alignment_lib.rounds.live.choices import Choices, as_scenario
from alignment_lib.rounds.live.figures import Figures, SpanOdds
from alignment_lib.rounds.preparing.gathered_past import weigh_claims
from alignment_lib.rounds.preparing.measured_funnel import (
    MeasuredFunnel,
    measure_funnel,
    require_leads,
    sum_requirements,
)
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, correlation_of

__all__ = ["SPAN", "LiveRound"]

SPAN = "@span"
"""In a scope, beside the dimensions, the label of the span the sums are of; without it, the round's."""

_MANY_PERIODS = 64
"""From here on spans are quarters: more months than a chart can label."""


class LiveRound:
    """A prepared round with everything that stays the same while choices change.

    Parameters
    ----------
    ready : PreparedRound
        Read, forecast and laid out.
    weigh : callable, optional
        Sets its claims beside their evidence, where somebody has done so already.
    layout : Layout, optional
        Its register on the grid, where it has been laid out before.
    """

    def __init__(
        self,
        ready: PreparedRound,
        weigh: Callable[[], WeighedRegister] | None = None,
        layout: Layout | None = None,
    ) -> None:
        self.ready = ready
        self._weigh = weigh
        self.register = ready.register
        self._session = open_session(ready.horizon.grid, ready.register, (), layout=layout)
        self._calendars = Calendars(ready)
        self._others: dict[tuple[ActionChange, frozenset[str]], LiveRound] = {}
        horizon, calendar = ready.horizon, ready.workspace.calendar
        periods = pd.DatetimeIndex(horizon.closed_periods.append(horizon.grid.periods))
        by_month = calendar.grain != "quarter" and (
            ready.round.cycle == "month" or len(ready.round.horizon) < _MANY_PERIODS
        )
        self.cycle: Cycle = "month" if by_month else "quarter"
        labels = calendar.label(periods, self.cycle)
        self.labels = list(dict.fromkeys(labels.tolist()))
        self._codes = np.array([self.labels.index(label) for label in labels])
        self._closed = len(horizon.closed_periods)

    @property
    def target(self) -> float:
        """The round's target for all sales; NaN where none stands."""
        return self.target_of({})

    @cached_property
    def _weighed(self) -> WeighedRegister:
        """Looking back on every closed round takes a while, and a baseline alone does not ask for it."""
        return weigh_claims(self.ready) if self._weigh is None else self._weigh()

    @property
    def evidence(self) -> pd.DataFrame:
        """What the past says of every claim; one row each."""
        return self._weighed.evidence

    @property
    def readings(self) -> Mapping[str, Reading]:
        """What stands behind the evidence, by id."""
        return self._weighed.readings

    @property
    def weighing(self) -> pd.DataFrame:
        """Every step from claim to evidence-weighted value; one row each."""
        return self._weighed.weighing

    @property
    def weighted(self) -> Sequence[Assumption]:
        """The register at evidence-weighted values and ranges."""
        return self._weighed.rows

    @property
    def layout(self) -> Layout:
        """The register on the grid, laid out once."""
        return self._session.layout

    def target_of(self, scope: Mapping[str, str]) -> float:
        """The target for the sales and the span of a scope; NaN where none stands for just that."""
        table = self.ready.targets
        if table.empty:
            return float("nan")
        wanted = table["label"] == scope.get(SPAN, self.ready.round.name)
        for name in self.ready.dimensions:
            wanted &= table[name] == scope.get(name, "")
        found = table.loc[wanted, "target"]
        return float(found.iloc[0]) if len(found) else float("nan")

    @property
    def span_labels(self) -> list[str]:
        """Spans that may be looked at: those as long as the round, quarters and years, in time order."""
        table = self.ready.horizon.spans.table
        kept = table[table["span"].isin({self.ready.round.cycle, "quarter", "year"})]
        return kept["label"].astype(str).tolist()

    def _span_at(self, scope: Mapping[str, str]) -> int:
        """Place of the scope's span among the horizon's."""
        label = scope.get(SPAN, self.ready.round.name)
        return int(np.flatnonzero(self.ready.horizon.spans.table["label"] == label)[0])

    def _periods_of(self, scope: Mapping[str, str]) -> np.ndarray:
        """Whether each period, closed ones first, lies in the scope's span."""
        return np.asarray(self.ready.horizon.spans.matrix[self._span_at(scope)] > 0)

    def goal(
        self,
        target: float,
        probability: float | None = None,
        check: Callable[[], None] = lambda: None,
        scope: Mapping[str, str] | None = None,
    ) -> Goal:
        """The sales of a scope as something to solve for; without one the round's total.

        Parameters
        ----------
        target : float
            In the plan's measure.
        probability : float, optional
            That it is made; without one the plan itself is to equal it.
        check : callable
            Called before every plan worked out; may raise to stop.
        scope : mapping of str to str, optional
            Dimension values, and under `SPAN` another span than the round.
        """
        horizon, settings = self.ready.horizon, self.ready.workspace.settings
        scope = scope or {}
        return Goal(
            horizon,
            target,
            part=self._inside(scope),
            span=self._span_at(scope),
            probability=probability,
            seed=settings.plan.seed,
            correlation=correlation_of(self.ready.workspace),
            check=check,
        )

    def start_from(self, name: str, scenarios: Mapping[str, Scenario] | None = None) -> Choices:
        """Choices of one of the three plans or of a named scenario."""
        known = self.ready.scenarios if scenarios is None else scenarios
        weighted = self._weighed.rows if self._needs_weights(name, known) else ()
        counted = resolve_scenario(self.register, name, known, weighted)
        on = frozenset(row.id for row in counted)
        if name in PLANS:
            return Choices(name, on, base=tuple(counted))
        own = known[name]
        base = resolve_scenario(self.register, own.based_on, known, weighted)
        dropped, moves = actions_of(name, known)
        # What has begun since the scenario was written is no longer moved; the round says so.
        first = self.ready.horizon.grid.periods[0]
        begun = {row.id for row in self.register if row.start < first}
        moves = tuple(move for move in moves if move.assumption not in begun)
        values, ranges = dict(own.values), dict(own.ranges)
        return Choices(own.based_on, on, values, ranges, tuple(base), dropped, moves)

    def as_scenario(self, name: str, reason: str, choices: Choices, base: Choices) -> Scenario:
        """The choices as `scenarios.yaml` holds them: what differs from the plan they are based on."""
        plain = self.every_row(replace(choices, values={}, ranges={}))
        return as_scenario(name, reason, choices, base, {row.id: row.expected for row in plain})

    @staticmethod
    def _needs_weights(name: str, known: Mapping[str, Scenario]) -> bool:
        while name in known and name not in PLANS:
            name = known[name].based_on
        return name == PLANS[1]

    def rows_of(self, choices: Choices) -> tuple[Assumption, ...]:
        """The rows that count, at the values and ranges they have in the choices."""
        return tuple(row for row in self.every_row(choices) if row.id in choices.on)

    def every_row(self, choices: Choices) -> tuple[Assumption, ...]:
        """Every row of the register as it would count in the choices, whether it is switched on or not."""
        known = {row.id: row for row in choices.base}
        rows = (known.get(row.id, row) for row in self.register)
        rows = (self._calendars.moved(row, choices.moves) for row in rows)
        return tuple(
            at_value(row, choices.values.get(row.id, row.expected), choices.ranges.get(row.id))
            for row in rows
        )

    def evaluate(
        self, choices: Choices, name: str = "this scenario", scope: Mapping[str, str] | None = None
    ) -> Figures:
        """The plan of the choices and the sums shown of it.

        Parameters
        ----------
        choices : Choices
            What counts, at which value.
        name : str
            Scenario name given to the plan.
        scope : mapping of str to str, optional
            Dimension values and the span the sums are limited to; the plan itself is always worked out whole.
        """
        rows = self.rows_of(choices)
        values = {row.id: row.expected for row in rows}
        plan = self._under(choices)._plan(values, name)
        scope = {key: value for key, value in (scope or {}).items() if value}
        part, inside = self._inside(scope), self._periods_of(scope)
        horizon = self.ready.horizon
        whole_plan = horizon.with_closed(plan.plan)[part]
        whole_base = horizon.with_closed(plan.grid.baseline)[part]
        span_sums = {"baseline": whole_base, "plan": whole_plan}
        return Figures(
            plan=plan,
            rows=rows,
            baseline=float(whole_base[:, inside].sum()),
            total=float(whole_plan[:, inside].sum()),
            revenue=self._sum_revenue(plan, part, inside),
            spans=pd.DataFrame(
                {"label": self.labels}
                | {key: self._sum_spans(amounts.sum(axis=0)) for key, amounts in span_sums.items()}
            ),
            effects=self._sum_effects(plan, part, inside),
            types=self._sum_types(whole_base, whole_plan, part, inside),
            scope=scope,
            target=self.target_of(scope),
        )

    def _under(self, choices: Choices) -> LiveRound:
        """The round as the choices leave its actions: itself where they drop and move none."""
        change = ActionChange(choices.dropped, choices.moves)
        if not change:
            return self
        key = (change, self._calendars.keepers(change.names, choices.on))
        if key not in self._others:
            ready = self._calendars.under(change, choices.on)
            layout = self.layout.on_grid(ready.horizon.grid, ready.register)
            self._others[key] = self if ready is self.ready else LiveRound(ready, layout=layout)
        return self._others[key]

    def moved(self, row: Assumption, choices: Choices) -> Assumption:
        """The row at the dates and strength the choices give it."""
        return self._calendars.moved(row, choices.moves)

    def keepers(self, choices: Choices) -> list[str]:
        """Claims that count and keep cells which an action that is dropped or moved served as well."""
        change = ActionChange(choices.dropped, choices.moves)
        return sorted(self._calendars.keepers(change.names, choices.on))

    def is_in_calendar(self, name: str) -> bool:
        """Whether the driver calendar holds the action of a claim."""
        return self._calendars.holds(name)

    def layout_of(self, choices: Choices) -> Layout:
        """The register on the grid as the choices leave its actions."""
        return self._under(choices).layout

    def has_series(self, scope: Mapping[str, str]) -> bool:
        """Whether anything is planned within the scope."""
        return bool(self._inside(scope).any())

    def cells_of(self, scope: Mapping[str, str]) -> tuple[np.ndarray, ...]:
        """Rows and periods of a scope, closed ones included, as an index of the round's cells."""
        return np.ix_(self._inside(scope), self._periods_of(scope))

    def _inside(self, scope: Mapping[str, str]) -> np.ndarray:
        part = np.zeros(len(self.ready.horizon.grid.keys), dtype=bool)
        part[scope_rows(self.ready.horizon.grid, {k: v for k, v in scope.items() if k != SPAN})] = True
        return part

    def _plan(self, values: Mapping[str, float], name: str) -> Plan:
        """The plan by way of the last one worked out: only what differs is done again."""
        session = self._session
        if self.register:
            first = self.register[0]
            session = session.with_value(first.id, values.get(first.id, first.expected))
        session = replace(session, on=frozenset(values), values=dict(values), name=name)
        plan = session.plan
        self._session = session
        return plan

    def _sum_effects(self, plan: Plan, part: np.ndarray, inside: np.ndarray) -> tuple[tuple[str, float], ...]:
        open_ones = inside[self._closed :]
        return tuple(
            (key, float(block[part[rows]][:, open_ones].sum())) for key, (rows, block) in plan.blocks.items()
        )

    def _sum_spans(self, amounts: np.ndarray) -> np.ndarray:
        return np.bincount(self._codes, weights=amounts, minlength=len(self.labels))

    def _sum_revenue(self, plan: Plan, part: np.ndarray, inside: np.ndarray) -> float:
        revenue = plan_revenue(plan)
        if revenue is None or (self._closed and plan.grid.measure != "revenue"):
            return float("nan")
        closed = self.ready.horizon.closed[part][:, inside[: self._closed]].sum()
        return float(np.nansum(revenue[part][:, inside[self._closed :]]) + closed)

    def _sum_types(
        self, base: np.ndarray, plan: np.ndarray, part: np.ndarray, inside: np.ndarray
    ) -> pd.DataFrame:
        column = self.ready.workspace.settings.sales.sale_type
        keys = self.ready.horizon.grid.keys
        if not column or column not in keys:
            return pd.DataFrame(columns=["label", "baseline", "plan"])
        codes, names = pd.factorize(keys.loc[part, column].astype(str), sort=True)
        sums = [
            np.bincount(codes, weights=amounts[:, inside].sum(axis=1), minlength=len(names))
            for amounts in (base, plan)
        ]
        return pd.DataFrame({"label": names, "baseline": sums[0], "plan": sums[1]})

    @cached_property
    def _paths(self) -> Paths:
        return Paths(self.ready.horizon.samples, hold=True)

    def simulate(self, figures: Figures, *, leads: bool = True) -> SpanOdds:
        """Odds of the round and bands of every span, from the draws of the published odds.

        Without `leads` what the plan needs of them is left out, which takes longer than all the rest.
        """
        horizon, workspace = self.ready.horizon, self.ready.workspace
        part = sparse.csr_matrix(self._inside(figures.scope).astype(float)[None, :])
        asked = self._periods_of(figures.scope)
        spans = np.vstack([asked, *(self._codes == code for code in range(len(self.labels)))]).astype(float)
        seed, correlation = workspace.settings.plan.seed, correlation_of(workspace)
        values = draw_values(figures.rows, self._paths.count, seed, correlation)
        drawn = draw_sums(figures.plan, self._paths, values, part, spans)[0]
        sold = exact_sums(horizon.closed, part, spans[:, : self._closed])[0]
        of_round = drawn[0] + sold[0]
        found = row_quantiles(drawn.copy(), list(QUANTILES.values())) + sold
        quantiles = dict(zip(QUANTILES, found, strict=True))
        odds = {name: float(found[0]) for name, found in quantiles.items()}
        errors = quantile_errors(of_round[None], [0.1, 0.5, 0.9], self._paths.count)
        odds["error_share"] = float(errors.max() / abs(odds["p50"])) if odds["p50"] else float("nan")
        if np.isfinite(figures.target):
            reached = float((of_round >= figures.target).mean())
            odds |= {"target": figures.target, "probability": reached}
        bands = pd.DataFrame({"label": self.labels} | {name: quantiles[name][1:] for name in ("p10", "p90")})
        return SpanOdds(odds, bands, self._require_leads(figures) if leads else _no_leads())

    def _require_leads(self, figures: Figures) -> pd.DataFrame:
        found = self._funnel
        if found is None or set(figures.scope) - {SPAN}:
            return _no_leads()
        needs = require_leads(self.ready, found, figures.plan)
        return sum_requirements(needs.table, self.ready.workspace.calendar)

    @cached_property
    def _funnel(self) -> MeasuredFunnel | None:
        return measure_funnel(self.ready)


def _no_leads() -> pd.DataFrame:
    return pd.DataFrame(columns=["label", "required", "available", "capacity"])
