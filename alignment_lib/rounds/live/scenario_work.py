"""One scenario of a live round, changed step by step: its plan at once, all the rest when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from alignment_lib.planning.evidence.weighing import WeighedRegister, weigh_evidence
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.plan import Plan, build_plan, plan_revenue
from alignment_lib.planning.register.assumptions import PLANS, Assumption
from alignment_lib.planning.register.layout import Layout
from alignment_lib.planning.register.scenarios import Scenario
from alignment_lib.planning.round.round_tables import RoundPlans, plan_one_scenario
from alignment_lib.rounds.closed.closed_rounds import owner_records
from alignment_lib.rounds.live.choices import Choices
from alignment_lib.rounds.preparing.gathered_past import read_claims
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, correlation_of
from alignment_lib.rounds.round_work import RoundWork

__all__ = ["ScenarioWork", "start_scenario"]


@dataclass(frozen=True)
class ScenarioWork:
    """A scenario and all that follows from it.

    Attributes
    ----------
    work : RoundWork
        The round it belongs to.
    name : str
        What it is called.
    choices : Choices
        What counts, at which value.
    moved : Mapping of str to Assumption
        Rows of the register that differ from it in more than their value: other dates, another depth.
    layout : Layout
        The register on the grid, moved rows where they lie now.
    notes : tuple of str
        What whoever made the changes must know.
    """

    work: RoundWork
    name: str
    choices: Choices
    layout: Layout = field(repr=False)
    moved: Mapping[str, Assumption] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether it is none of the round's own scenarios."""
        return self.name not in PLANS and self.name not in self.work.ready.scenarios

    @cached_property
    def register(self) -> tuple[Assumption, ...]:
        """Every row as it would count here, whether it is switched on or not."""
        rows = []
        for row in self.work.live.every_row(self.choices):
            other = self.moved.get(row.id)
            if other is not None:
                row = replace(row, start=other.start, end=other.end, fields=other.fields)
            rows.append(row)
        return tuple(rows)

    @cached_property
    def rows(self) -> tuple[Assumption, ...]:
        """The rows that count, at the values and ranges they have here."""
        return tuple(row for row in self.register if row.id in self.choices.on)

    @cached_property
    def horizon(self) -> Horizon:
        """The round's horizon on the grid of this scenario."""
        return replace(self.work.ready.horizon, grid=self.layout.grid)

    @cached_property
    def plan(self) -> Plan:
        """The plan, cell by cell."""
        return build_plan(self.layout, {row.id: row.expected for row in self.rows}, self.name)

    @property
    def total(self) -> float:
        """The round's sum, in the plan's measure; closed periods included."""
        return self._sum(self.horizon.with_closed(self.plan.plan))

    @property
    def baseline(self) -> float:
        """The same without any action."""
        return self._sum(self.horizon.with_closed(self.plan.grid.baseline))

    @property
    def revenue(self) -> float:
        """Money of the round; NaN where no price is known or a closed period has none."""
        found = plan_revenue(self.plan)
        is_money = self.plan.grid.measure == "revenue"
        if found is None or (len(self.horizon.closed_periods) and not is_money):
            return float("nan")
        return self._sum(self.horizon.with_closed(np.nan_to_num(found)))

    def _sum(self, amounts: np.ndarray) -> float:
        periods = self.horizon.closed_periods.append(self.horizon.grid.periods)
        inside = periods.isin(self.work.ready.round.cycle_periods)
        return float(amounts[:, inside].sum())

    @cached_property
    def plans(self) -> RoundPlans:
        """The tables of the scenario alone: plan, bridge, odds, what moves it most."""
        ready = self.work.ready
        found = plan_one_scenario(
            self.horizon,
            self.layout,
            self.name,
            self.rows,
            ready.targets,
            ready.workspace.settings.plan.seed,
            correlation_of(ready.workspace),
            [row.id for row in ready.register],
            ready.money,
        )
        found.tables["plan"].insert(0, "round", ready.round.name)
        return found

    @cached_property
    def own_work(self) -> RoundWork:
        """The round with this scenario as its headline."""
        if not self.is_changed:
            return RoundWork(self.work.ready, replace(self.work.request, scenario=self.name), self.work)
        return _ChangedWork(self, self._ready(), self.work)

    def as_saved(self) -> Scenario:
        """The scenario as `scenarios.yaml` holds it: switches, actions, values and ranges."""
        live = self.work.live
        return live.as_scenario(self.name, "", self.choices, live.start_from(self.choices.based_on))

    def _ready(self) -> PreparedRound:
        """The prepared round with the register as it is used here."""
        ready = self.work.ready
        register = tuple(
            replace(row, start=new.start, end=new.end, fields=new.fields) if row.id in self.moved else row
            for row, new in zip(ready.register, self.register, strict=True)
        )
        tables = dict(ready.workspace.tables)
        if "assumptions" in tables and len(tables["assumptions"]):
            tables["assumptions"] = _as_used(tables["assumptions"], self.register)
        return replace(
            ready,
            register=register,
            scenarios={**ready.scenarios, self.name: self.as_saved()},
            horizon=self.horizon,
            workspace=replace(ready.workspace, tables=tables),
        )


class _ChangedWork(RoundWork):
    """The round with a scenario of its own beside the published ones."""

    def __init__(self, scenario: ScenarioWork, ready: PreparedRound, like: RoundWork) -> None:
        super().__init__(ready, replace(like.request, scenario=scenario.name), like)
        self._scenario = scenario

    @property
    def plan(self) -> Plan:
        """The scenario's plan."""
        return self._scenario.plan

    @cached_property
    def plans(self) -> RoundPlans:
        """Every scenario of the round, and this one."""
        own, others = self._scenario.plans, self._scenario.work.plans
        joined = {
            name: pd.concat([table.drop(columns="round", errors="ignore"), others.tables[name]])
            for name, table in own.tables.items()
        }
        workings = {name: pd.concat([table, others.workings[name]]) for name, table in own.workings.items()}
        return RoundPlans(
            others.tables | {name: table.reset_index(drop=True) for name, table in joined.items()},
            others.notices,
            own.layout,
            others.workings | {name: table.reset_index(drop=True) for name, table in workings.items()},
            others.plans | own.plans,
        )

    @cached_property
    def weighed(self) -> WeighedRegister:
        """Every claim as it is made here beside its evidence."""
        ready, rows = self.ready, self._scenario.register
        owners, share = owner_records(self.scored), ready.workspace.settings.plan.materiality_share
        readings = read_claims(replace(ready, register=rows))
        return weigh_evidence(ready.horizon.grid, rows, readings, owners, share)


def start_scenario(work: RoundWork, name: str) -> ScenarioWork:
    """One of the three plans or a named scenario, as it stands."""
    choices = work.live.start_from(name)
    return ScenarioWork(work, name, choices, work.live.layout_of(choices))


def _as_used(table: pd.DataFrame, rows: Sequence[Assumption]) -> pd.DataFrame:
    """The assumptions as read, with the dates, values and ranges they have in the scenario."""
    used = table.set_index("id")
    index = [row.id for row in rows]
    for name in ("start", "end", "expected", "low", "high"):
        if name in used or name not in ("low", "high"):
            used[name] = pd.Series([getattr(row, name) for row in rows], index=index).reindex(used.index)
    return used.reset_index()[list(table.columns)]
