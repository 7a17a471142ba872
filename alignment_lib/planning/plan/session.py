"""A plan that follows quick changes: one value or switch at a time, only what changed redone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from alignment_lib.planning.plan.bridge import Block
from alignment_lib.planning.plan.effects import OwnEffects
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import Plan, finish_plan
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.claims import Claim
from alignment_lib.planning.register.layout import Key, Layout, lay_out_register

__all__ = ["PlanSession", "open_session"]


@dataclass(frozen=True)
class PlanSession:
    """One state of the scenario page; every change gives a new one that shares what is unchanged.

    Two sessions with the same switches and values give the same plan to the bit, however they were
    reached. Nothing is kept of earlier states beyond the blocks still in use.

    Attributes
    ----------
    layout : Layout
        The register on the grid, laid out once.
    expected : dict of str to float
        The value of every row when none is set.
    on : frozenset of str
        Ids of the rows that count.
    values : dict of str to float
        Values set by hand.
    name : str
        Scenario name given to the plan.
    """

    layout: Layout
    expected: Mapping[str, float]
    on: frozenset[str]
    values: Mapping[str, float] = field(default_factory=dict)
    name: str = "session"
    known: Mapping[tuple[str, int], tuple[Key, Block]] | None = field(default=None, repr=False, compare=False)

    def with_value(self, name: str, value: float) -> PlanSession:
        """The session with one row at another value."""
        self._check(name)
        return replace(self._handed_on(), values={**self.values, name: float(value)})

    def with_switch(self, name: str, on: bool) -> PlanSession:
        """The session with one row switched on or off."""
        self._check(name)
        return replace(self._handed_on(), on=self.on | {name} if on else self.on - {name})

    @cached_property
    def plan(self) -> Plan:
        """Plan and bridge of this state."""
        counted = {name: self.values.get(name, self.expected[name]) for name in self.on}
        claims, own, _ = self._worked_out
        return finish_plan(self.layout, counted, self.name, claims, own)

    def totals(self, rows: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Bridge by period, summed over all series or over the given rows of the grid.

        Returns
        -------
        dict of str to ndarray, shape (periods,)
            ``baseline``, then every contributor, then ``plan``.
        """
        plan, grid = self.plan, self.layout.grid
        inside = np.ones(len(grid.keys), dtype=bool)
        if rows is not None:
            inside = np.isin(np.arange(len(grid.keys)), rows)
        parts = {
            name: block[inside[at]].sum(axis=0) if rows is not None else block.sum(axis=0)
            for name, (at, block) in sorted(plan.blocks.items())
        }
        ends = grid.baseline[inside].sum(axis=0), plan.plan[inside].sum(axis=0)
        return {"baseline": ends[0], **parts, "plan": ends[1]}

    @cached_property
    def _worked_out(self) -> tuple[list[Claim], OwnEffects, dict[tuple[str, int], tuple[Key, Block]]]:
        counted = {name: self.values.get(name, self.expected[name]) for name in self.on}
        return self.layout.work_out(counted, self.known)

    def _handed_on(self) -> PlanSession:
        return replace(self, known=self._worked_out[2])

    def _check(self, name: str) -> None:
        if name not in self.layout.claims:
            known = ", ".join(sorted(self.layout.claims)[:20])
            raise KeyError(f"no assumption is called {name!r}; there are: {known}")


def open_session(
    grid: PlanGrid,
    register: Sequence[Assumption],
    counted: Sequence[str],
    values: Mapping[str, float] | None = None,
    name: str = "session",
    layout: Layout | None = None,
) -> PlanSession:
    """Open a session on a register.

    Parameters
    ----------
    grid : PlanGrid
        Baseline, drivers and prices; new products already added.
    register : sequence of Assumption
        Every row that may be switched on, whatever its status.
    counted : sequence of str
        Ids that count at the start.
    values : mapping of str to float, optional
        Values in place of the expected ones.
    name : str
        Scenario name given to the plans.
    layout : Layout, optional
        The register on the grid, where it has been laid out before.
    """
    expected = {row.id: row.expected for row in register}
    layout = lay_out_register(grid, register) if layout is None else layout
    return PlanSession(layout, expected, frozenset(counted), dict(values or {}), name)
