"""Use case: a round read, forecast and laid out: where plans, notebooks and widgets start from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.large_arrays import give_back_memory, hold_little
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.past.history_building import build_history
from alignment_lib.inputs.one_thread import use_one_thread
from alignment_lib.inputs.periods.rounds import Round, apply_wall, coming_round, parse_round, say_under_way
from alignment_lib.inputs.problems import AlignmentError, Notice
from alignment_lib.inputs.workspace import SCENARIOS_FILE, Workspace, load_workspace
from alignment_lib.planning.evidence.estimated_elasticity import fill_elasticities
from alignment_lib.planning.money.book import MoneyBook
from alignment_lib.planning.odds.drawing import Correlation
from alignment_lib.planning.odds.targets import targets_for_odds
from alignment_lib.planning.plan.debts import note_debts
from alignment_lib.planning.plan.horizon import Horizon, lay_out_horizon
from alignment_lib.planning.plan.paid_prices import Discounts, fill_depths, measure_discounts, note_prices
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.assumptions import PLANS, Assumption, read_assumptions
from alignment_lib.planning.register.coverage import factor_coverage
from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.planning.register.scenarios import Scenario, keep_known, leave_over, note_begun
from alignment_lib.rounds.kept.kept_inputs import keep_inputs
from alignment_lib.rounds.kept.made_again import read_again
from alignment_lib.rounds.preparing.digital_rates import measure_digital
from alignment_lib.rounds.preparing.earlier_plans import debts_of_earlier
from alignment_lib.rounds.preparing.forecast_round import forecast_round
from alignment_lib.rounds.preparing.known_round import SeenRound
from alignment_lib.rounds.preparing.round_money import keep_book
from alignment_lib.rounds.preparing.successors import join_successors
from alignment_lib.rounds.preparing.typed_sales import type_sales
from alignment_lib.rounds.round_life import ChosenRound, settled_table
from alignment_lib.rounds.spending.spend_claims import Spending, keep_spending

__all__ = [
    "SCENARIOS_FILE",
    "PlanRequest",
    "PreparedRound",
    "Stages",
    "UnknownScenario",
    "correlation_of",
    "cover_factors",
    "known_tables",
    "prepare_round",
    "said_once",
]


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
    view : {"quarter", "month", "year"}
        What the report shows first over time.
    cache : Path or None
        Folder in which fitted baselines are kept.
    jobs : int or Executor
        Processes the forecast may use, or an executor that has them.
    rounds : Path or None
        Where earlier rounds are read from, before the workspace's own ``rounds/``.
    output : Path or None
        Where the round is published: the acceptances in its log count. None reads no log.
    only_looks : bool
        Nothing will be published: a round that is locked may be opened all the same.
    keeps : bool
        What is read is kept in the workspace's private store.
    as_read : bool
        The round is made again from what it read when it was published in `rounds`.
    """

    workspace: Path
    round: str = ""
    as_of: pd.Timestamp | None = None
    scenario: str = "consensus"
    view: str = "quarter"
    cache: Path | None = None
    jobs: int | Executor = 1
    rounds: Path | None = None
    output: Path | None = None
    only_looks: bool = False
    keeps: bool = False
    as_read: bool = False


@dataclass
class Stages:
    """Names the stage under way to whoever watches, and keeps how long each took.

    `said` holds what is to be said of this run, as it does not belong to what the round found.
    """

    watch: Callable[[str], None] = lambda stage: None
    seconds: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage; memory it needed no more is given back before the next."""
        self.watch(name)
        begun = time.perf_counter()
        yield
        give_back_memory()
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
    decisions : dict
        Which acceptances and rejections of the round's log counted; see `settled_table`.
    every_id : tuple of str
        Ids of the whole assumptions table, those recorded after the wall included: scenarios may name them.
    rounds : Path or None
        Where published rounds are looked for, before the workspace's own ``rounds/``.
    money : MoneyBook or None
        What stands beside every plan in money; None where nobody gave a cost or asks for money.
    spending : Spending or None
        What budgets of the register stand on; None where it has none.
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
    decisions: dict[str, object] = field(default_factory=dict)
    every_id: tuple[str, ...] = ()
    rounds: Path | None = None
    money: MoneyBook | None = None
    spending: Spending | None = None

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
    use_one_thread()
    hold_little()
    stages = stages or Stages()
    with stages.stage("reading inputs"):
        if request.as_read:
            request, whole = read_again(request)
        else:
            whole = load_workspace(request.workspace)
        planned = _choose_round(request, whole)
        if request.keeps:
            stages.said += keep_inputs(whole, planned)
        walled, decisions = _with_decisions(apply_wall(whole, planned), planned, request)
        workspace = type_sales(join_successors(walled, planned))
        dimensions = tuple(workspace.settings.sales.dimensions)
        register = read_assumptions(workspace.tables.get("assumptions"), dimensions)
        scenarios, later = _scenarios(whole, register, planned.first_open)
        _check_headline(request.scenario, scenarios)
    with stages.stage("forecasting"):
        sales = workspace.tables["sales"]
        history = build_history(sales, workspace.settings, workspace.calendar, planned.as_of)
        forecast, effects = forecast_round(workspace, planned, history, request.cache, request.jobs)
    ahead = planned.horizon[planned.horizon >= forecast.periods[0]]
    spending = keep_spending(SeenRound(workspace, planned, history, effects), register, ahead, request.cache)
    horizon, discounts, owing = _lay_out(
        workspace, planned, history, forecast, register, request.rounds, spending
    )
    register, estimated = fill_elasticities(register, effects.effects if effects else None, horizon.grid)
    register, assumed = fill_depths(register, discounts, horizon.grid)
    book, unpriced = keep_book(workspace, planned, history, horizon, discounts, register)
    drawn = book.every_measure if book else ()
    targets, aside = targets_for_odds(workspace.tables.get("targets"), dimensions, history.measure, drawn)
    notices = said_once(
        say_under_way(planned, workspace.calendar),
        *(workspace.notices, later, history.notices, forecast.notices),
        *(aside, owing, estimated, assumed, unpriced, spending.notices if spending else ()),
    )
    return PreparedRound(
        workspace,
        planned,
        history,
        forecast,
        effects,
        register,
        scenarios,
        horizon,
        targets,
        notices,
        decisions,
        tuple(str(name) for name in whole.table("assumptions")["id"]),
        request.rounds,
        book,
        spending,
    )


def known_tables(whole: Workspace, planned: Round) -> Mapping[str, pd.DataFrame]:
    """What a round knows: the tables up to its wall, types told, successors joined to what they replace."""
    return type_sales(join_successors(apply_wall(whole, planned), planned)).tables


def _lay_out(
    workspace: Workspace,
    planned: Round,
    history: History,
    forecast: Forecast,
    register: Sequence[Assumption],
    rounds: Path | None,
    spending: Spending | None,
) -> tuple[Horizon, Discounts, list[Notice]]:
    """The horizon with what visits bring and what earlier rounds borrowed from it, and prices as paid."""
    first = planned.horizon[planned.horizon >= forecast.periods[0]][0]
    debts = debts_of_earlier(workspace, planned, [rounds], history.measure, first)
    rates = measure_digital(workspace, planned, register, history.measure)
    book, types = (spending.book, spending.lead_types) if spending else (None, ())
    horizon = lay_out_horizon(workspace, planned, history, forecast, register, rates, debts, book, types)
    drivers = workspace.tables.get("drivers")
    discounts = measure_discounts(history, drivers, horizon.grid.driver_kinds)
    noted = [*note_debts(horizon.grid, debts), *horizon.notices, *note_prices(horizon.grid, discounts)]
    return horizon, discounts, noted


def correlation_of(workspace: Workspace) -> Correlation:
    """How the workspace says that its claims go together."""
    given = workspace.settings.plan.correlation
    return Correlation(given.by, given.share)


def cover_factors(ready: PreparedRound, plan: Plan, evidence: pd.DataFrame) -> pd.DataFrame:
    """The six factors a plan from statistics leaves out, for the rows that still reach into the horizon."""
    rows = [row for row in ready.register if row.end >= ready.round.first_open]
    has_types = bool(ready.workspace.settings.sales.sale_type)
    return factor_coverage(rows, plan, evidence, has_types)


def said_once(*groups: Sequence[Notice]) -> tuple[Notice, ...]:
    """All notices in order, each said once: a later stage may repeat what an earlier one found."""
    return tuple(dict.fromkeys(notice for group in groups for notice in group))


def _choose_round(request: PlanRequest, workspace: Workspace) -> Round:
    last = workspace.tables["sales"]["period"].max()
    calendar, settings = workspace.calendar, workspace.settings
    if request.round:
        planned = parse_round(request.round, settings, calendar, request.as_of)
    else:
        planned = coming_round(settings, calendar, last, request.as_of)
    first = calendar.ends(pd.DatetimeIndex([workspace.tables["sales"]["period"].min()]))[0]
    if request.round or request.as_of is not None or first <= planned.as_of:
        return planned
    # A business younger than its cycle is planned from the next one on: before it nothing is known.
    following = calendar.shift(planned.cycle_periods[-1], 1)
    name = str(calendar.label(pd.DatetimeIndex([following]), planned.cycle)[0])
    return parse_round(name, settings, calendar)


def _with_decisions(
    workspace: Workspace, planned: Round, request: PlanRequest
) -> tuple[Workspace, dict[str, object]]:
    """The workspace with what was accepted and rejected in the round's log."""
    # What is made again counts what was decided where it was published.
    place = request.rounds if request.as_read else request.output
    if place is None:
        return workspace, {}
    chosen = ChosenRound(place / planned.name, workspace.name)
    table, counted, notices = settled_table(
        workspace.table("assumptions"),
        workspace.dimensions,
        chosen,
        request.as_of,
        only_looks=request.only_looks or request.as_read,
    )
    if "assumptions" not in workspace.tables:
        return workspace, counted
    tables = {**workspace.tables, "assumptions": table}
    return replace(workspace, tables=tables, notices=(*workspace.notices, *notices)), counted


def _scenarios(
    whole: Workspace, register: Sequence[Assumption], first: pd.Timestamp
) -> tuple[dict[str, Scenario], list[Notice]]:
    """The workspace's scenarios, checked against its whole register, as far as it is known at the wall."""
    everything = [str(name) for name in whole.table("assumptions")["id"]]
    # A file that has come since the workspace was read is not vouched for, so it is not read.
    written = read_scenarios(whole.folder / SCENARIOS_FILE, everything, whole.scenarios or b"")
    known, notices = keep_known(written, [row.id for row in register])
    known, over = leave_over(known, register, first)
    return known, [*notices, *over, *note_begun(known, register, first)]


def _check_headline(name: str, scenarios: Mapping[str, Scenario]) -> None:
    if name not in PLANS and name not in scenarios:
        known = ", ".join([*PLANS, *scenarios])
        raise UnknownScenario(f"no scenario is called {name!r}; there are: {known}")
