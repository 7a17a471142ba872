"""The plan and its odds for any choices, fast enough to follow a slider.

`LiveRound` holds what does not change while sliders move. The plan is worked out by the same function
as every other plan; the odds by the same draws, but only for the sums the explorer shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from alignment_lib.app.explorer.live_odds import LiveOdds
from alignment_lib.app.explorer.model import Choices
from alignment_lib.app.measured_funnel import (
    MeasuredFunnel,
    measure_funnel,
    require_leads,
    sum_requirements,
)
from alignment_lib.app.prepared_round import PreparedRound
from alignment_lib.inputs.calendar import Cycle
from alignment_lib.planning.assumptions import PLANS, Assumption
from alignment_lib.planning.evidence import gather_evidence, weigh_claims
from alignment_lib.planning.plan import Plan, plan_revenue
from alignment_lib.planning.scenarios import Scenario, choose_rows
from alignment_lib.planning.session import open_session
from alignment_lib.planning.simulation import QUANTILES

__all__ = ["Figures", "LiveRound", "SpanOdds"]

_MANY_PERIODS = 64
"""From here on spans are quarters: more months than a chart can label."""


@dataclass(frozen=True)
class Figures:
    """What one plan comes to.

    Attributes
    ----------
    plan : Plan
        Cell by cell.
    rows : tuple of Assumption
        Those that count.
    values : dict of str to float
        Their values where not the expected ones.
    baseline, total, revenue : float
        The round's sums, closed periods included; `revenue` is NaN where no price is known.
    spans : DataFrame
        ``label, baseline, plan`` over the horizon.
    effects : tuple of (str, float)
        Contribution to the round by contributor.
    types : DataFrame
        ``label, baseline, plan`` of the round by type of sale; empty where sales have none.
    """

    plan: Plan
    rows: tuple[Assumption, ...]
    values: Mapping[str, float]
    baseline: float
    total: float
    revenue: float
    spans: pd.DataFrame
    effects: tuple[tuple[str, float], ...]
    types: pd.DataFrame


@dataclass(frozen=True)
class SpanOdds:
    """What follows off the main path: quantiles of the round and of every span, and leads required.

    Attributes
    ----------
    round : dict of str to float
        ``p2_5 … p97_5`` and, where a target stands, ``target, probability``.
    spans : DataFrame
        ``label, p10, p90``.
    leads : DataFrame
        ``label, required, available, capacity`` of accepted leads; empty where there are no leads.
    """

    round: Mapping[str, float]
    spans: pd.DataFrame
    leads: pd.DataFrame


class LiveRound:
    """A prepared round with everything that stays the same while choices change.

    Parameters
    ----------
    ready : PreparedRound
        Read, forecast and laid out.
    """

    def __init__(self, ready: PreparedRound) -> None:
        self.ready = ready
        self.register = ready.register
        self.evidence = gather_evidence(ready.horizon.grid, ready.register)
        self._weighted = weigh_claims(self.evidence)
        self._session = open_session(ready.horizon.grid, ready.register, ())
        horizon, calendar = ready.horizon, ready.workspace.calendar
        periods = pd.DatetimeIndex(horizon.closed_periods.append(horizon.grid.periods))
        by_month = calendar.grain != "quarter" and (
            ready.round.cycle == "month" or len(ready.round.horizon) < _MANY_PERIODS
        )
        self.cycle: Cycle = "month" if by_month else "quarter"
        labels = calendar.label(periods, self.cycle)
        self.labels = list(dict.fromkeys(labels.tolist()))
        self._codes = np.array([self.labels.index(label) for label in labels])
        self._in_round = np.isin(periods, ready.round.cycle_periods)
        self._closed = len(horizon.closed_periods)
        self._sold = horizon.closed.sum(axis=0)

    @property
    def target(self) -> float:
        """The round's target for all sales; NaN where none stands."""
        table = self.ready.targets
        if table.empty:
            return float("nan")
        whole = table["label"] == self.ready.round.name
        for name in self.ready.dimensions:
            whole &= table[name] == ""
        found = table.loc[whole, "target"]
        return float(found.iloc[0]) if len(found) else float("nan")

    def start_from(self, name: str, scenarios: Mapping[str, Scenario] | None = None) -> Choices:
        """Choices of one of the three plans or of a named scenario."""
        known = self.ready.scenarios if scenarios is None else scenarios
        rows, values = choose_rows(self.register, name, known, self._weighted)
        based_on = name if name in PLANS else known[name].based_on
        return Choices(based_on, frozenset(row.id for row in rows), dict(values))

    def evaluate(self, choices: Choices, name: str = "this scenario") -> Figures:
        """The plan of the choices and the sums shown of it."""
        rows = tuple(row for row in self.register if row.id in choices.on)
        values = {key: value for key, value in choices.values.items() if key in choices.on}
        plan = self._plan(frozenset(row.id for row in rows), values, name)
        horizon = self.ready.horizon
        whole_plan = horizon.with_closed(plan.plan)
        whole_base = horizon.with_closed(plan.grid.baseline)
        inside = self._in_round[self._closed :]
        effects = tuple((key, float(block[1][:, inside].sum())) for key, block in plan.blocks.items())
        return Figures(
            plan=plan,
            rows=rows,
            values=values,
            baseline=float(whole_base[:, self._in_round].sum()),
            total=float(whole_plan[:, self._in_round].sum()),
            revenue=self._sum_revenue(plan, inside),
            spans=pd.DataFrame(
                {
                    "label": self.labels,
                    "baseline": self._sum_spans(whole_base.sum(axis=0)),
                    "plan": self._sum_spans(whole_plan.sum(axis=0)),
                }
            ),
            effects=effects,
            types=self._sum_types(whole_base, whole_plan),
        )

    def _plan(self, on: frozenset[str], values: Mapping[str, float], name: str) -> Plan:
        """The plan by way of the last one worked out: only what differs is done again."""
        session = self._session
        if self.register:
            first = self.register[0]
            session = session.with_value(first.id, values.get(first.id, first.expected))
        session = replace(session, on=on, values=dict(values), name=name)
        plan = session.plan
        self._session = session
        return plan

    def _sum_spans(self, amounts: np.ndarray) -> np.ndarray:
        return np.bincount(self._codes, weights=amounts, minlength=len(self.labels))

    def _sum_revenue(self, plan: Plan, inside: np.ndarray) -> float:
        revenue = plan_revenue(plan)
        if revenue is None or (self._closed and plan.grid.measure != "revenue"):
            return float("nan")
        closed = self.ready.horizon.closed[:, self._in_round[: self._closed]].sum()
        return float(np.nansum(revenue[:, inside]) + closed)

    def _sum_types(self, base: np.ndarray, plan: np.ndarray) -> pd.DataFrame:
        column = self.ready.workspace.settings.sales.sale_type
        keys = self.ready.horizon.grid.keys
        if not column or column not in keys:
            return pd.DataFrame(columns=["label", "baseline", "plan"])
        codes, names = pd.factorize(keys[column].astype(str), sort=True)
        sums = [
            np.bincount(codes, weights=part[:, self._in_round].sum(axis=1), minlength=len(names))
            for part in (base, plan)
        ]
        return pd.DataFrame({"label": names, "baseline": sums[0], "plan": sums[1]})

    @cached_property
    def _live_odds(self) -> LiveOdds:
        horizon, seed = self.ready.horizon, self.ready.workspace.settings.plan.seed
        return LiveOdds(horizon.samples, horizon.grid.baseline, self.register, seed)

    def simulate(self, figures: Figures) -> SpanOdds:
        """Odds of the round and bands of every span, from the draws of the published odds."""
        values = {row.id: figures.values.get(row.id, row.expected) for row in figures.rows}
        drawn = self._live_odds.draw_totals(figures.plan, values)
        whole = np.vstack([np.repeat(self._sold[:, None], drawn.shape[1], axis=1), drawn])
        spans = np.stack([whole[self._codes == code].sum(axis=0) for code in range(len(self.labels))])
        low, high = np.quantile(spans, [0.1, 0.9], axis=1)
        of_round = whole[self._in_round].sum(axis=0)
        odds = {key: float(np.quantile(of_round, share)) for key, share in QUANTILES.items()}
        if np.isfinite(self.target):
            odds |= {"target": self.target, "probability": float((of_round >= self.target).mean())}
        bands = pd.DataFrame({"label": self.labels, "p10": low, "p90": high})
        return SpanOdds(odds, bands, self._require_leads(figures.plan))

    def _require_leads(self, plan: Plan) -> pd.DataFrame:
        found = self._funnel
        if found is None:
            return pd.DataFrame(columns=["label", "required", "available", "capacity"])
        needs = require_leads(self.ready, found, plan)
        return sum_requirements(needs, self.ready.workspace.calendar)

    @cached_property
    def _funnel(self) -> MeasuredFunnel | None:
        return measure_funnel(self.ready)
