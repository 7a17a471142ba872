"""Use case: plan one round of one business unit, from its folder to a finished result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.app.forecast_round import DRAWS, forecast_round
from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.history import History
from alignment_lib.forecasting.history_building import build_history
from alignment_lib.inputs.problems import AlignmentError, Notice
from alignment_lib.inputs.rounds import Round, apply_wall, next_round, parse_round
from alignment_lib.inputs.snapshots import hash_bytes
from alignment_lib.inputs.workspace import Workspace, load_workspace
from alignment_lib.planning.assumptions import PLANS, Assumption, read_assumptions
from alignment_lib.planning.horizon import Horizon, lay_out_horizon
from alignment_lib.planning.round_tables import plan_every_scenario
from alignment_lib.planning.scenarios import Scenario, read_scenarios
from alignment_lib.planning.targets import targets_for_odds
from alignment_lib.publishing.result import RoundResult

__all__ = ["PlanRequest", "PreparedRound", "Stages", "UnknownScenario", "plan_round", "prepare_round"]

SCENARIOS_FILE = "scenarios.yaml"


@dataclass(frozen=True)
class PlanRequest:
    """What is asked of a run.

    Attributes
    ----------
    workspace : Path
        The business unit's folder.
    round : str
        ``2026Q1``, ``2026-03`` or ``2026``; blank for the cycle after the last known sales.
    as_of : Timestamp or None
        The wall; by default the first day of the round.
    scenario : str
        The headline plan.
    cache : Path or None
        Folder in which fitted baselines are kept.
    jobs : int
        Processes the forecast may use.
    rounds : Path or None
        Where earlier rounds are read from, before the workspace's own ``rounds/``.
    """

    workspace: Path
    round: str = ""
    as_of: pd.Timestamp | None = None
    scenario: str = "consensus"
    cache: Path | None = None
    jobs: int = 1
    rounds: Path | None = None


@dataclass
class Stages:
    """Names the stage under way to whoever watches, and keeps how long each took."""

    watch: Callable[[str], None] = lambda stage: None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        self.watch(name)
        begun = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begun


class UnknownScenario(AlignmentError):
    """The headline names no plan and no scenario of the workspace."""

    exit_code = 2


@dataclass(frozen=True)
class PreparedRound:
    """A round read, forecast and laid out: what every plan, notebook and widget starts from.

    Attributes
    ----------
    workspace : Workspace
        Its tables cut at the as-of wall.
    round : Round
        The periods planned.
    history : History
        Sales on a regular grid.
    forecast : Forecast
        Baseline, joint samples and driver effects.
    effects : DriverEffects or None
        What drivers did in the past; None where the workspace has none.
    register : tuple of Assumption
        Every assumption, whatever its status.
    scenarios : dict of str to Scenario
        The workspace's named scenarios.
    horizon : Horizon
        The forecast over the round's periods, with prices and new products.
    targets : DataFrame
        ``label``, the dimensions, ``target``, in the plan's measure.
    notices : tuple of Notice
        What was noticed so far.
    """

    workspace: Workspace
    round: Round
    history: History
    forecast: Forecast
    effects: DriverEffects | None
    register: tuple[Assumption, ...]
    scenarios: dict[str, Scenario]
    horizon: Horizon
    targets: pd.DataFrame
    notices: tuple[Notice, ...]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, broadest first."""
        return tuple(self.workspace.settings.sales.dimensions)


def prepare_round(request: PlanRequest, stages: Stages | None = None) -> PreparedRound:
    """Read a workspace and forecast its round; nothing is written but the cache.

    Raises
    ------
    InputError
        Every problem found in the workspace.
    AlignmentError
        A round, as-of date or scenario that does not fit it.
    """
    stages = stages or Stages()
    with stages.stage("reading inputs"):
        whole = load_workspace(request.workspace)
        planned = _choose_round(request, whole)
        workspace = apply_wall(whole, planned)
        dimensions = tuple(workspace.settings.sales.dimensions)
        register = read_assumptions(workspace.tables.get("assumptions"), dimensions)
        scenarios = read_scenarios(workspace.folder / SCENARIOS_FILE, [row.id for row in register])
        _check_headline(request.scenario, scenarios)
    with stages.stage("forecasting"):
        sales = workspace.tables["sales"]
        history = build_history(sales, workspace.settings, workspace.calendar, planned.as_of)
        forecast, effects = forecast_round(workspace, planned, history, request.cache, request.jobs)
    horizon = lay_out_horizon(workspace, planned, history, forecast, register)
    targets, aside = targets_for_odds(workspace.tables.get("targets"), dimensions, history.measure)
    notices = _once(workspace.notices, history.notices, forecast.notices, aside)
    return PreparedRound(
        workspace, planned, history, forecast, effects, register, scenarios, horizon, targets, notices
    )


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
        seed = workspace.settings.plan.seed
        plans = plan_every_scenario(ready.horizon, ready.register, ready.scenarios, ready.targets, seed)
        tables = plans.tables | {
            "assumptions": _assumption_table(workspace, ready.register),
            "history": _history_table(history),
            "why": ready.forecast.why,
        }
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
        parameters=_parameters(request, workspace, planned),
        tables=tables,
        warnings=_once(ready.notices, plans.notices),
        input_hashes=dict(workspace.input_hashes) | _scenario_hash(workspace),
    )


def _scenario_hash(workspace: Workspace) -> dict[str, str]:
    path = workspace.folder / SCENARIOS_FILE
    return {SCENARIOS_FILE: hash_bytes(path.read_bytes())} if path.exists() else {}


def _once(*groups: Sequence[Notice]) -> tuple[Notice, ...]:
    """All notices in order, each said once: a later stage may repeat what an earlier one found."""
    return tuple(dict.fromkeys(notice for group in groups for notice in group))


def _choose_round(request: PlanRequest, workspace: Workspace) -> Round:
    last = workspace.tables["sales"]["period"].max()
    name = request.round or next_round(workspace.calendar, workspace.settings, last)
    return parse_round(name, workspace.settings, workspace.calendar, request.as_of)


def _check_headline(name: str, scenarios: Mapping[str, Scenario]) -> None:
    if name not in PLANS and name not in scenarios:
        known = ", ".join([*PLANS, *scenarios])
        raise UnknownScenario(f"no scenario is called {name!r}; there are: {known}")


def _parameters(request: PlanRequest, workspace: Workspace, planned: Round) -> dict[str, Any]:
    calendar, settings = workspace.calendar, workspace.settings
    return {
        "round": planned.name,
        "as_of": planned.as_of.date().isoformat(),
        "scenario": request.scenario,
        "seed": settings.plan.seed,
        "draws": DRAWS,
        "method": settings.forecast.method,
        "calendar": {
            "grain": calendar.grain,
            "fiscal_year_start": calendar.fiscal_year_start,
            "weeks": calendar.weeks,
            "week_start": calendar.week_start,
        },
    }


def _assumption_table(workspace: Workspace, register: tuple[Assumption, ...]) -> pd.DataFrame:
    """The register as used: the rows as read, ordered by id, with the status they counted under."""
    table = workspace.tables.get("assumptions")
    if table is None or not len(table):
        return pd.DataFrame(columns=["id", "status"])
    ordered = table.sort_values("id", ignore_index=True)
    return ordered.assign(status=[row.status for row in register])


def _history_table(history: History) -> pd.DataFrame:
    """Actual sales by period and series, for drawing; periods without a row are left out."""
    series, period = np.nonzero(np.isfinite(history.values))
    frame = history.keys.iloc[series].reset_index(drop=True)
    frame.insert(0, "period", history.periods.to_numpy()[period])
    value = history.values[series, period]
    return frame.assign(value=value, cleaned=value)
