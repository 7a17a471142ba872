"""Use case: a round read, forecast and laid out: where plans, notebooks and widgets start from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from alignment_lib.app.forecast_round import forecast_round
from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.history import History
from alignment_lib.forecasting.history_building import build_history
from alignment_lib.inputs.problems import AlignmentError, Notice
from alignment_lib.inputs.rounds import Round, apply_wall, next_round, parse_round
from alignment_lib.inputs.workspace import Workspace, load_workspace
from alignment_lib.planning.assumptions import PLANS, Assumption, read_assumptions
from alignment_lib.planning.horizon import Horizon, lay_out_horizon
from alignment_lib.planning.scenarios import Scenario, read_scenarios
from alignment_lib.planning.targets import targets_for_odds

__all__ = [
    "SCENARIOS_FILE",
    "PlanRequest",
    "PreparedRound",
    "Stages",
    "UnknownScenario",
    "prepare_round",
    "said_once",
]

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
    notices = said_once(workspace.notices, history.notices, forecast.notices, aside)
    return PreparedRound(
        workspace, planned, history, forecast, effects, register, scenarios, horizon, targets, notices
    )


def said_once(*groups: Sequence[Notice]) -> tuple[Notice, ...]:
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
