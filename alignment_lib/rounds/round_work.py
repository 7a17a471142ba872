"""Everything that follows from a prepared round, each part worked out once, when it is first asked for.

A run asks for all of it; an analyst who looks at the sales asks for one table. Both get the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.cleaning import clean_history, count_rules, list_treatments
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.response.health import Response
from alignment_lib.forecasting.seasons.countries import countries_of
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.planning.evidence.weighing import WeighedRegister, weigh_evidence
from alignment_lib.planning.plan.comparison import bridge_by_parts
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import Plan, owed_table
from alignment_lib.planning.register.actions import ActionRefused
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.round.changes import latest_estimate
from alignment_lib.planning.round.round_tables import RoundPlans, plan_every_scenario
from alignment_lib.planning.round.streams import StreamErrors, read_own_forecasts
from alignment_lib.review.record import Record
from alignment_lib.rounds.closed.closed_rounds import (
    earlier_rounds,
    owner_records,
    score_closed_rounds,
    score_streams,
    stream_accuracy,
)
from alignment_lib.rounds.closed.look_back import LookBack, look_back
from alignment_lib.rounds.closed.review_tables import REVIEW_TABLES, review_tables
from alignment_lib.rounds.closed.rolling import rolling_year
from alignment_lib.rounds.closed.watched import WATCH_TABLES, watch_earlier
from alignment_lib.rounds.deals.pipeline_tables import (
    PIPELINE_TABLES,
    OpenDeals,
    find_open_deals,
    pipeline_tables,
)
from alignment_lib.rounds.earnings import earning_tables
from alignment_lib.rounds.kept.restated import Restated, find_restated
from alignment_lib.rounds.lazy_tables import LazyTables, filled
from alignment_lib.rounds.live.consequences import consequences
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.live.next_tests import next_tests
from alignment_lib.rounds.preparing.asked_tables import asked_tables, register_table
from alignment_lib.rounds.preparing.chosen_model import describe_model
from alignment_lib.rounds.preparing.counted_funnel import require_by_counts
from alignment_lib.rounds.preparing.customer_sales import find_customers
from alignment_lib.rounds.preparing.earlier_plans import EarlierPlan, plan_of_cycle
from alignment_lib.rounds.preparing.forecast_round import DRAWS, own_model
from alignment_lib.rounds.preparing.gathered_past import events_of_claims, read_claims
from alignment_lib.rounds.preparing.lead_tables import (
    FUNNEL_TABLES,
    LEAD_TABLES,
    funnel_tables,
    lead_tables,
)
from alignment_lib.rounds.preparing.measured_funnel import MeasuredFunnel, measure_funnel, require_leads
from alignment_lib.rounds.preparing.prepared_round import (
    PlanRequest,
    PreparedRound,
    correlation_of,
    cover_factors,
    said_once,
)
from alignment_lib.rounds.result import RoundResult
from alignment_lib.rounds.spending.spend_budget import budget_table
from alignment_lib.rounds.spending.spend_claims import find_spending
from alignment_lib.rounds.spending.spend_data import SpendData
from alignment_lib.rounds.spending.spend_plan import spend_plan_table
from alignment_lib.rounds.spending.spend_response import RESPONSE_TABLES, response_tables
from alignment_lib.rounds.spending.spend_worth import ask_of_spend
from alignment_lib.rounds.watched_draws import watched_draws
from alignment_lib.rounds.working_scenarios import combine_assumptions

__all__ = ["RoundWork", "plan_scenarios"]

_Found = TypeVar("_Found")


def _found_once(find: Callable[[RoundWork], _Found]) -> cached_property[_Found]:
    """A property worked out once, for a round and for all that are like it."""

    def ask(work: RoundWork) -> _Found:
        if work._like is None:
            return find(work)
        found: _Found = getattr(work._like, find.__name__)
        return found

    ask.__doc__ = find.__doc__
    return cached_property(ask)


class RoundWork:
    """A prepared round and what follows from it.

    Parameters
    ----------
    ready : PreparedRound
        Read, forecast and laid out.
    request : PlanRequest
        What was asked: the headline plan, and where earlier rounds are read from.
    like : RoundWork, optional
        The same round under another headline: what does not depend on it is found once for both.
    """

    def __init__(self, ready: PreparedRound, request: PlanRequest, like: RoundWork | None = None) -> None:
        self.ready, self.request, self._like = ready, request, like
        self.tables: LazyTables[pd.DataFrame] = LazyTables(
            [
                (("assumptions",), lambda: {"assumptions": register_table(ready)}),
                (("decisions",), lambda: filled({"decisions": ready.workspace.table("decisions")})),
                (("targets", "promotions"), lambda: asked_tables(ready)),
                (("history", "cleaning", "treatments"), self._history),
                (("profit_bridge", "promotion_profit"), lambda: earning_tables(ready, self.plan)),
                (("why",), lambda: {"why": ready.forecast.why}),
                (("candidates", "driver_effects"), lambda: describe_model(ready)),
                (
                    ("plan", "bridge", "odds", "streams", "sensitivity", "precision", "money", "money_odds"),
                    self._plans,
                ),
                (("evidence", "past_events"), self._evidence),
                (("claim_events", "event_courses"), lambda: events_of_claims(ready)),
                (("coverage",), self._coverage),
                (("level_bridge",), self._level_bridge),
                (("consequences",), lambda: {"consequences": consequences(self.live)}),
                (("restated", "baseline_steps"), lambda: self.restated.tables),
                (("next_tests",), lambda: {"next_tests": next_tests(self.live)}),
                ((*RESPONSE_TABLES, "budget"), self._response),
                (("spend_plan",), lambda: filled({"spend_plan": spend_plan_table(ready, self.plan)})),
                (("owed", "estimate"), self._life),
                (PIPELINE_TABLES, self._pipeline),
                (("watch_draws",), lambda: watched_draws(ready, self.plans, self.request.scenario)),
                (("rolling",), lambda: rolling_year(ready, self.request, self.tables)),
                (WATCH_TABLES, lambda: watch_earlier(ready, self.earlier)),
                (
                    ("draws", "switches", "combinations"),
                    lambda: combine_assumptions(ready, self.plans, request.scenario, self.live),
                ),
                (("cohorts", "customer_sales"), self._customers),
                (("record",), lambda: {"record": self.scored.table} if self.scored else {}),
                (("funnel", *FUNNEL_TABLES), lambda: self._required[0]),
                (LEAD_TABLES, lambda: filled(lead_tables(ready, self.funnel))),
                *((names, partial(self._reviewed, names)) for names in REVIEW_TABLES),
            ]
        )

    @_found_once
    def earlier(self) -> tuple[Snapshot, ...]:
        """Published rounds seen from before, oldest first."""
        return earlier_rounds(self.ready, [self.request.rounds])

    @_found_once
    def scored(self) -> Record | None:
        """What became of the claims of earlier rounds."""
        return score_closed_rounds(self.ready, self.earlier)

    @_found_once
    def accuracy(self) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
        """How far off each forecasting step of the closed rounds was."""
        return stream_accuracy(self.ready, self.earlier)

    @_found_once
    def weighed(self) -> WeighedRegister:
        """Every claim beside its evidence, and at its weighted value."""
        ready, owners = self.ready, owner_records(self.scored)
        share = ready.workspace.settings.plan.materiality_share
        return weigh_evidence(ready.horizon.grid, ready.register, read_claims(ready), owners, share)

    @_found_once
    def plans(self) -> RoundPlans:
        """The three plans and every named scenario."""
        errors = score_streams(self.ready, self.earlier, self.accuracy[0])
        return plan_scenarios(self.ready, self.weighed, errors, self.live)

    @cached_property
    def live(self) -> LiveRound:
        """The round as it follows changes."""
        if self._like is not None:
            return self._like.live
        return LiveRound(self.ready, lambda: self.weighed)

    @property
    def plan(self) -> Plan:
        """The headline plan."""
        return self.plans.plans[self.request.scenario]

    @cached_property
    def compared(self) -> EarlierPlan | None:
        """The earlier plan of the same round that this one is set beside."""
        ready, places = self.ready, [self.request.rounds, self.request.output]
        return plan_of_cycle(ready.workspace, ready.round, places, ready.history.measure)

    @_found_once
    def funnel(self) -> MeasuredFunnel | None:
        """What the leads say, whatever the plan."""
        return self.ready.spending.funnel if self.ready.spending else measure_funnel(self.ready)

    @_found_once
    def spend(self) -> tuple[SpendData, Response] | None:
        """Money spent, what came of it, and the response with its verdict."""
        held = self.ready.spending
        return held.found if held else find_spending(self.ready, self.request.cache)

    @_found_once
    def open_deals(self) -> OpenDeals:
        """Open opportunities and what they bring, where the workspace has any."""
        return find_open_deals(self.ready, self.earlier)

    @_found_once
    def look(self) -> LookBack:
        """What the last closed round came to."""
        return look_back(self.ready, self.earlier, self.funnel, self.scored, self.accuracy)

    @_found_once
    def restated(self) -> Restated:
        """What of the past reads otherwise than the round before read it."""
        return find_restated(self.ready, self.request)

    @cached_property
    def warnings(self) -> tuple[Notice, ...]:
        """What was treated on the way, from reading to leads."""
        spent = self.spend[0].notices if self.spend else ()
        others = (self.restated.notices, self.open_deals.notices)
        return said_once(self.ready.notices, self.plans.notices, self._required[1], *others, spent)

    def result(self, *, whole: bool = True) -> RoundResult:
        """What publishing takes; without `whole` no table is worked out yet and no warning told."""
        ready, workspace = self.ready, self.ready.workspace
        return RoundResult(
            unit=workspace.name,
            business=workspace.settings.business.name,
            currency=workspace.settings.business.currency,
            measure=ready.history.measure,
            round=ready.round.name,
            cycle=ready.round.cycle,
            as_of=ready.round.as_of,
            dimensions=ready.dimensions,
            headline=self.request.scenario,
            parameters=self._parameters(),
            tables=dict(self.tables) if whole else self.tables,
            warnings=self.warnings if whole else (),
            input_hashes=workspace.all_hashes,
        )

    # The groups of tables.

    def _history(self) -> dict[str, pd.DataFrame]:
        history, holidays = self.ready.history, self.ready.workspace.settings.calendar.holidays
        cleaned = clean_history(history, countries_of(history.keys, holidays))
        found = {"cleaning": count_rules(cleaned), "treatments": list_treatments(history, cleaned)}
        return {"history": _history_table(history, cleaned.values)} | filled(found)

    def _plans(self) -> dict[str, pd.DataFrame]:
        tables = dict(self.plans.tables)
        plan = tables["plan"].copy(deep=False)
        plan.insert(0, "round", self.ready.round.name)
        found = {name: self.plans.workings[name] for name in ("sensitivity", "precision")}
        return tables | found | {"plan": plan}

    def _evidence(self) -> dict[str, pd.DataFrame]:
        seen = [
            (name, one.label, one.effect, one.is_established)
            for name, reading in self.weighed.readings.items()
            for one in reading.past
        ]
        events = pd.DataFrame(seen, columns=["assumption", "event", "effect", "is_established"])
        return {"evidence": self.weighed.evidence} | ({"past_events": events} if seen else {})

    def _coverage(self) -> dict[str, pd.DataFrame]:
        proposed = self.plans.plans["as_proposed"]
        return {"coverage": cover_factors(self.ready, proposed, self.weighed.evidence)}

    def _reviewed(self, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
        """Tables of the look back that are worked out together."""
        found = review_tables(self.look)
        return {name: found[name] for name in names if name in found}

    def _response(self) -> dict[str, pd.DataFrame]:
        """What spend brings; nothing where no money or no outcome by period is known."""
        if self.spend is None:
            return {}
        asked = ask_of_spend(self.ready, self.funnel, self.plan, self.spend[0].outcome, self.tables)
        return response_tables(*self.spend) | {"budget": budget_table(self.ready, *self.spend, *asked)}

    def _level_bridge(self) -> dict[str, pd.DataFrame]:
        ready = self.ready
        return {"level_bridge": bridge_by_parts(self.plan, ready.horizon, ready.round.cycle)}

    def _life(self) -> dict[str, pd.DataFrame]:
        """What the headline owes to later periods, and where its cycle stands against an earlier plan."""
        earlier = self.compared.plan if self.compared else None
        estimate = latest_estimate(self.ready.horizon, self.plan, earlier)
        return {"owed": owed_table(self.plan).assign(scenario=self.plan.scenario), "estimate": estimate}

    def _pipeline(self) -> dict[str, pd.DataFrame]:
        return pipeline_tables(self.ready, self.open_deals, self.earlier, self.plan.scenario, self.tables)

    def _customers(self) -> Mapping[str, pd.DataFrame]:
        found = find_customers(self.ready.workspace, self.ready.round)
        return {} if found is None else found.tables

    @cached_property
    def _required(self) -> tuple[dict[str, pd.DataFrame], tuple[Notice, ...]]:
        """Leads that the headline plan's new sales need; nothing where the workspace has no leads."""
        if self.funnel is None:
            return require_by_counts(self.ready, self.plan)
        needs = require_leads(self.ready, self.funnel, self.plan)
        beside = filled(funnel_tables(self.ready, self.funnel, self.plan, needs))
        return {"funnel": needs.table} | beside, (*self.funnel.leads.notices, *needs.notices)

    def _parameters(self) -> dict[str, Any]:
        ready, request, compared = self.ready, self.request, self.compared
        workspace, planned, settings = ready.workspace, ready.round, ready.workspace.settings
        own = own_model(workspace.folder, settings)
        asked = settings.round.published(planned.start.date())
        asked |= {} if own is None else {"pretrained": own.digest}
        return asked | {
            "round": planned.name,
            "as_of": planned.as_of.date().isoformat(),
            "scenario": request.scenario,
            "view": request.view,
            "seed": settings.plan.seed,
            "draws": DRAWS,
            "method": settings.forecast.method,
            "calendar": workspace.calendar.stated,
            "earlier_rounds": {snapshot.round: snapshot.hash for snapshot in self.earlier},
            "first_open": f"{ready.horizon.grid.periods[0]:%Y-%m-%d}",
            "decisions_counted": ready.decisions,
            "compared_plan": compared.parameters if compared else {},
        }


def plan_scenarios(
    ready: PreparedRound, weighed: WeighedRegister, errors: StreamErrors, live: LiveRound
) -> RoundPlans:
    """The three plans and every named scenario of a round.

    Parameters
    ----------
    ready : PreparedRound
        The round.
    weighed : WeighedRegister
        Its claims beside their evidence.
    errors : StreamErrors
        `score_streams`: how far each function's own forecast lay off before.
    live : LiveRound
        The round as it follows changes: where a scenario drops or moves actions.
    """
    workspace = ready.workspace

    def under(name: str, rows: list[Assumption]) -> tuple[PlanGrid, list[Assumption]]:
        choices = live.start_from(name)
        try:
            grid = live.layout_of(choices).grid
        except ActionRefused as refused:
            raise ActionRefused(f"scenarios.yaml, scenario {name!r}: {refused}") from None
        return grid, [live.moved(row, choices) for row in rows]

    return plan_every_scenario(
        ready.horizon,
        ready.register,
        ready.scenarios,
        ready.targets,
        workspace.settings.plan.seed,
        own_forecasts=read_own_forecasts(workspace.tables.get("forecasts")),
        correlation=correlation_of(workspace),
        stream_errors=errors,
        weighed=weighed,
        under=under,
        money=ready.money,
    )


def _history_table(history: History, cleaned: np.ndarray) -> pd.DataFrame:
    """Actual sales by period and series with the cleaned value beside; periods without a row are left out."""
    # Period by period, as the table is published: a large one need not be put in order again.
    period, series = np.nonzero(np.isfinite(history.values).T)
    frame = history.keys.iloc[series].reset_index(drop=True)
    frame.insert(0, "period", history.periods.to_numpy()[period])
    return frame.assign(value=history.values[series, period], cleaned=cleaned[series, period])
