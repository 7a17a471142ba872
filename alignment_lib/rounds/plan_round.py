"""Use case: plan one round of one business unit, from its folder to a finished result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.cleaning import clean_history
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.seasons.countries import countries_of
from alignment_lib.inputs.configuration.calendar_settings import Holidays
from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.snapshots import hash_bytes
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.plan.comparison import bridge_by_parts
from alignment_lib.planning.plan.plan import Plan, owed_table
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
from alignment_lib.rounds.closed.look_back import look_back
from alignment_lib.rounds.closed.review_tables import review_tables
from alignment_lib.rounds.preparing.asked_tables import asked_tables
from alignment_lib.rounds.preparing.customer_sales import find_customers
from alignment_lib.rounds.preparing.earlier_plans import EarlierPlan, plan_of_cycle
from alignment_lib.rounds.preparing.forecast_round import DRAWS, own_model
from alignment_lib.rounds.preparing.gathered_past import read_claims
from alignment_lib.rounds.preparing.measured_funnel import MeasuredFunnel, measure_funnel, require_leads
from alignment_lib.rounds.preparing.prepared_round import (
    SCENARIOS_FILE,
    PlanRequest,
    PreparedRound,
    Stages,
    correlation_of,
    cover_factors,
    prepare_round,
    said_once,
)
from alignment_lib.rounds.result import RoundResult
from alignment_lib.rounds.working_scenarios import combine_assumptions

__all__ = ["plan_round", "plan_scenarios"]


def plan_round(request: PlanRequest, stages: Stages | None = None) -> RoundResult:
    """Plan a round: everything a snapshot holds. Nothing is written but the cache.

    Raises
    ------
    InputError
        Every problem found in the workspace.
    AlignmentError
        A round, as-of date or scenario that does not fit it.
    """
    stages = stages or Stages()
    ready = prepare_round(request, stages)
    workspace, planned, history = ready.workspace, ready.round, ready.history
    with stages.stage("planning"):
        earlier = earlier_rounds(ready, [request.rounds])
        scored = score_closed_rounds(ready, earlier)
        accuracy = stream_accuracy(ready, earlier)
        plans = plan_scenarios(ready, scored, score_streams(ready, earlier, accuracy[0]))
        tables = plans.tables | {
            "assumptions": _assumption_table(workspace, ready.register),
            "history": _history_table(history, workspace.settings.calendar.holidays),
            "why": ready.forecast.why,
            "coverage": cover_factors(ready, plans.plans["as_proposed"], plans.tables["evidence"]),
            "sensitivity": plans.workings["sensitivity"],
            "precision": plans.workings["precision"],
        }
        tables["level_bridge"] = bridge_by_parts(plans.plans[request.scenario], ready.horizon, planned.cycle)
        customers = find_customers(workspace, planned)
        tables |= customers.tables if customers is not None else {}
        tables |= combine_assumptions(ready, plans, request.scenario)
        compared = plan_of_cycle(workspace, planned, [request.rounds, request.output], history.measure)
        tables |= _life_tables(ready, plans.plans[request.scenario], compared)
        tables |= asked_tables(ready)
        if "decisions" in workspace.tables:
            tables["decisions"] = workspace.tables["decisions"]
        if scored is not None:
            tables["record"] = scored.table
        found = measure_funnel(ready)
        needs, needs_notices = _required_leads(ready, found, plans.plans[request.scenario])
        tables |= needs | review_tables(look_back(ready, earlier, found, scored, accuracy))
        tables["plan"].insert(0, "round", planned.name)
    return RoundResult(
        unit=workspace.name,
        business=workspace.settings.business.name,
        currency=workspace.settings.business.currency,
        measure=history.measure,
        round=planned.name,
        cycle=planned.cycle,
        as_of=planned.as_of,
        dimensions=ready.dimensions,
        headline=request.scenario,
        parameters=_parameters(request, workspace, planned)
        | {"earlier_rounds": {snapshot.round: snapshot.hash for snapshot in earlier}}
        | {"first_open": f"{ready.horizon.grid.periods[0]:%Y-%m-%d}"}
        | {"decisions_counted": ready.decisions}
        | {"compared_plan": compared.parameters if compared else {}},
        tables=tables,
        warnings=said_once(ready.notices, plans.notices, needs_notices),
        input_hashes=dict(workspace.input_hashes) | _scenario_hash(workspace),
    )


def plan_scenarios(ready: PreparedRound, scored: Record | None, errors: StreamErrors) -> RoundPlans:
    """The three plans and every named scenario of a round.

    Parameters
    ----------
    ready : PreparedRound
        The round.
    scored : Record or None
        `score_closed_rounds`: what became of earlier claims.
    errors : StreamErrors
        `score_streams`: how far each function's own forecast lay off before.
    """
    workspace = ready.workspace
    return plan_every_scenario(
        ready.horizon,
        ready.register,
        ready.scenarios,
        ready.targets,
        workspace.settings.plan.seed,
        readings=read_claims(ready),
        owners=owner_records(scored),
        own_forecasts=read_own_forecasts(workspace.tables.get("forecasts")),
        correlation=correlation_of(workspace),
        stream_errors=errors,
        materiality_share=workspace.settings.plan.materiality_share,
    )


def _life_tables(ready: PreparedRound, plan: Plan, compared: EarlierPlan | None) -> dict[str, pd.DataFrame]:
    """What the headline plan owes to later periods, and where its cycle stands against an earlier plan."""
    estimate = latest_estimate(ready.horizon, plan, compared.plan if compared else None)
    return {"owed": owed_table(plan).assign(scenario=plan.scenario), "estimate": estimate}


def _required_leads(
    ready: PreparedRound, found: MeasuredFunnel | None, plan: Plan
) -> tuple[dict[str, pd.DataFrame], tuple[Notice, ...]]:
    """Leads that the headline plan's new sales need; nothing where the workspace has no leads."""
    if found is None:
        return {}, ()
    needs = require_leads(ready, found, plan)
    return {"funnel": needs.table}, (*found.leads.notices, *needs.notices)


def _scenario_hash(workspace: Workspace) -> dict[str, str]:
    return {SCENARIOS_FILE: hash_bytes(workspace.scenarios)} if workspace.scenarios is not None else {}


def _parameters(request: PlanRequest, workspace: Workspace, planned: Round) -> dict[str, Any]:
    calendar, settings = workspace.calendar, workspace.settings
    own = own_model(workspace.folder, settings)
    return ({} if own is None else {"pretrained": own.digest}) | {
        "round": planned.name,
        "as_of": planned.as_of.date().isoformat(),
        "scenario": request.scenario,
        "view": request.view,
        "seed": settings.plan.seed,
        "draws": DRAWS,
        "method": settings.forecast.method,
        "calendar": calendar.stated,
    }


def _assumption_table(workspace: Workspace, register: tuple[Assumption, ...]) -> pd.DataFrame:
    """The register as used: the rows as read, ordered by id, with the status they counted under."""
    table = workspace.tables.get("assumptions")
    if table is None or not len(table):
        return pd.DataFrame(columns=["id", "status"])
    ordered = table.sort_values("id", ignore_index=True)
    return ordered.assign(status=[row.status for row in register])


def _history_table(history: History, holidays: Holidays) -> pd.DataFrame:
    """Actual sales by period and series with the cleaned value beside; periods without a row are left out."""
    # Period by period, as the table is published: a large one need not be put in order again.
    period, series = np.nonzero(np.isfinite(history.values).T)
    frame = history.keys.iloc[series].reset_index(drop=True)
    frame.insert(0, "period", history.periods.to_numpy()[period])
    cleaned = clean_history(history, countries_of(history.keys, holidays)).values
    return frame.assign(value=history.values[series, period], cleaned=cleaned[series, period])
