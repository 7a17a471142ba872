"""The plan and its odds for any choices, fast enough to follow a slider.

`LiveRound` holds what does not change while sliders move. The plan is worked out by the same function
as every other plan; the odds by the same draws, but only for the sums the explorer shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from alignment_lib.app.explorer.model import Choices
from alignment_lib.app.plan_round import PreparedRound
from alignment_lib.inputs.calendar import Cycle
from alignment_lib.planning.assumptions import PLANS, Assumption
from alignment_lib.planning.evidence import gather_evidence, weigh_claims
from alignment_lib.planning.plan import Plan, compute_plan, plan_revenue
from alignment_lib.planning.scenarios import Scenario, choose_rows
from alignment_lib.planning.simulation import QUANTILES, draw_values

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
    """Quantiles of the round and of every span.

    Attributes
    ----------
    round : dict of str to float
        ``p2_5 … p97_5`` and, where a target stands, ``target, probability``.
    spans : DataFrame
        ``label, p10, p90``.
    """

    round: Mapping[str, float]
    spans: pd.DataFrame


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
        plan = compute_plan(self.ready.horizon.grid, rows, name, values)
        horizon = self.ready.horizon
        whole_plan = horizon.with_closed(plan.plan)
        whole_base = horizon.with_closed(plan.grid.baseline)
        inside = self._in_round[self._closed :]
        effects = tuple((key, float(effect[:, inside].sum())) for key, effect in plan.effects.items())
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
    def _draws(self) -> dict[str, np.ndarray]:
        seed = self.ready.workspace.settings.plan.seed
        return draw_values(self.register, len(self.ready.horizon.samples), seed)

    @cached_property
    def _ratios(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Per span, sampled over expected baseline by draw and cell, and what is added where it is 0."""
        horizon = self.ready.horizon
        base, samples = horizon.grid.baseline, horizon.samples
        known = samples.shape[1]
        ratios, added = [], []
        for code in range(len(self.labels)):
            take = np.flatnonzero(self._codes[self._closed :] == code)
            part, here = samples[:, :, take], base[:known][:, take]
            usable = here > 0
            ratio = np.ones((len(samples), len(base), len(take)), dtype=np.float32)
            ratio[:, :known] = np.divide(part, here, out=np.ones_like(part), where=usable[None])
            ratios.append(ratio.reshape(len(samples), -1))
            added.append(np.where(usable[None], 0.0, part).sum(axis=(1, 2)))
        return ratios, added

    def simulate(self, figures: Figures) -> SpanOdds:
        """Odds of the round and bands of every span.

        The same draws and the same first-order rule as the published odds. A cell's draw below zero is
        not raised to zero here, which moves a sum only where a cell can fall that far.
        """
        strengths = _strengths(figures, self._draws)
        nets = [figures.plan.effects[row.id] for row in figures.rows]
        certain = figures.plan.plan - sum(nets, np.zeros(figures.plan.plan.shape))
        spans = range(len(self.labels))
        sums = np.stack([self._simulate_span(code, certain, nets, strengths) for code in spans], axis=1)
        low, high = np.quantile(sums, [0.1, 0.9], axis=0)
        of_round = np.isin(np.arange(len(self.labels)), self._codes[self._in_round])
        whole = sums[:, of_round].sum(axis=1)
        odds = {key: float(np.quantile(whole, share)) for key, share in QUANTILES.items()}
        if np.isfinite(self.target):
            odds |= {"target": self.target, "probability": float((whole >= self.target).mean())}
        return SpanOdds(odds, pd.DataFrame({"label": self.labels, "p10": low, "p90": high}))

    def _simulate_span(
        self, code: int, certain: np.ndarray, nets: Sequence[np.ndarray], strengths: np.ndarray
    ) -> np.ndarray:
        ratios, added = self._ratios
        take = np.flatnonzero(self._codes[self._closed :] == code)
        parts = np.stack([part[:, take].ravel() for part in (certain, *nets)], axis=1)
        closed = self.ready.horizon.closed[:, self._codes[: self._closed] == code].sum()
        drawn = ratios[code] @ parts.astype(np.float32)
        return np.asarray((drawn * strengths).sum(axis=1) + added[code] + closed, dtype=float)


def _strengths(figures: Figures, draws: Mapping[str, np.ndarray]) -> np.ndarray:
    """Drawn effect over planned effect, shape (draws, 1 + rows); the first column is what is certain."""
    count = len(next(iter(draws.values()))) if draws else 1
    columns = [np.ones(count)]
    for row in figures.rows:
        value = figures.values.get(row.id, row.expected)
        drawn = draws[row.id] + value - row.expected
        planned = row.volume_effect(value) if row.unit == "percent" else value
        if planned == 0:
            columns.append(np.ones(count))
        elif row.unit != "percent":
            columns.append(drawn / planned)
        else:
            columns.append(_volume_effects(row, drawn) / planned)
    return np.stack(columns, axis=1)


def _volume_effects(row: Assumption, drawn: np.ndarray) -> np.ndarray:
    change = drawn / 100.0
    return np.asarray((1.0 + change) ** row.elasticity - 1.0 if row.states_price else change)
