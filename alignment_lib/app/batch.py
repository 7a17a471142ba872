"""Batch runs: many business units, each on its own; one unit's failure never stops another's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from alignment_lib.app.faults import describe_fault
from alignment_lib.app.plan_round import PlanRequest, Stages, plan_round
from alignment_lib.inputs.problems import AlignmentError, InputError, Problem

__all__ = ["BatchRequest", "Outcome", "exit_code", "run_batch"]


@dataclass(frozen=True)
class BatchRequest:
    """One command's worth of work.

    Attributes
    ----------
    workspaces : tuple of Path
        The business units' folders.
    output : Path
        Where ``<round>/<unit>/`` and ``index.html`` go.
    round, as_of, scenario, cache
        As in `PlanRequest`.
    rounds : Path or None
        Where earlier rounds are read from; by default the output folder, then the workspace's own.
    jobs : int
        Units worked on at once.
    render : bool
        Whether the report is made, or only the tables.
    """

    workspaces: tuple[Path, ...]
    output: Path
    round: str = ""
    as_of: pd.Timestamp | None = None
    scenario: str = "consensus"
    cache: Path | None = None
    rounds: Path | None = None
    jobs: int = 1
    render: bool = True


@dataclass(frozen=True)
class Outcome:
    """What came of one unit.

    Attributes
    ----------
    unit : str
        Folder name of its workspace.
    folder : Path or None
        Where its files stand, if it succeeded.
    code : int
        0 done, 1 failed, 2 bad input, 3 locked or busy.
    message : str
        One sentence or a few, for the user.
    problems : tuple of Problem
        Every located problem, for bad input.
    warnings : tuple of str
        What was noticed, for a unit that succeeded.
    seconds : dict of str to float
        Time by stage.
    """

    unit: str
    folder: Path | None = None
    code: int = 0
    message: str = ""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)


def run_batch(request: BatchRequest, watch: Callable[[str, str], None] | None = None) -> list[Outcome]:
    """Plan every unit and write its snapshot, then the index over all of them.

    Parameters
    ----------
    request : BatchRequest
        What to do.
    watch : callable, optional
        Told ``(unit, stage)`` as work goes on.

    Returns
    -------
    list of Outcome
        In the order of the workspaces.
    """
    watch = watch or (lambda unit, stage: None)
    twice = _same_name(request.workspaces)
    if twice:
        return twice
    outcomes = {outcome.unit: outcome for outcome in _run_units(request, watch)}
    if any(outcome.folder for outcome in outcomes.values()):
        from alignment_lib.publishing.index import write_index

        watch("", "writing the index")
        write_index(request.output)
    return [outcomes[_unit_name(folder)] for folder in request.workspaces]


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Exit code of a batch: 0 all done; 1 some failed; else the one code all failures share.

    >>> exit_code([Outcome("a"), Outcome("b", code=2)]), exit_code([Outcome("b", code=2)])
    (1, 2)
    """
    codes = {outcome.code for outcome in outcomes}
    return codes.pop() if len(codes) == 1 else 1


def _unit_name(folder: Path) -> str:
    return folder.resolve().name


def _same_name(folders: Sequence[Path]) -> list[Outcome]:
    names = [_unit_name(folder) for folder in folders]
    return [
        Outcome(name, code=2, message=f"two workspaces are called {name}; units are named by their folders")
        for name in names
        if names.count(name) > 1
    ]


def _run_units(request: BatchRequest, watch: Callable[[str, str], None]) -> Iterator[Outcome]:
    workers = min(request.jobs, len(request.workspaces))
    if workers <= 1:
        for folder in request.workspaces:
            unit = _unit_name(folder)
            yield _run_unit(request, folder, lambda stage, unit=unit: watch(unit, stage))  # type: ignore[misc]
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    single = replace(request, jobs=1)
    with ProcessPoolExecutor(max_workers=workers) as pool:
        waiting = {
            pool.submit(_run_unit, single, folder): _unit_name(folder) for folder in request.workspaces
        }
        for done in as_completed(waiting):
            unit = waiting[done]
            watch(unit, "finished")
            try:
                yield done.result()
            except BrokenProcessPool:
                yield Outcome(unit, code=1, message="its process was ended from outside; run it again")


def _run_unit(request: BatchRequest, folder: Path, watch: Callable[[str], None] | None = None) -> Outcome:
    """Plan and publish one unit; whatever goes wrong becomes an outcome."""
    unit = _unit_name(folder)
    stages = Stages(watch or (lambda stage: None))
    try:
        return _plan_and_publish(request, folder, stages)
    except InputError as error:
        return Outcome(unit, code=2, message=_count(error), problems=error.problems)
    except AlignmentError as error:
        return Outcome(unit, code=error.exit_code, message=str(error))
    except Exception as error:
        return Outcome(unit, code=1, message=describe_fault(error))


def _plan_and_publish(request: BatchRequest, folder: Path, stages: Stages) -> Outcome:
    from alignment_lib.app.notebooks import notebook_path
    from alignment_lib.publishing.snapshot_writer import find_previous, publish_round

    asked = PlanRequest(
        workspace=folder,
        round=request.round,
        as_of=request.as_of,
        scenario=request.scenario,
        cache=request.cache,
        jobs=request.jobs,
        rounds=request.rounds or request.output,
    )
    result = plan_round(asked, stages)
    stages.watch("writing the report")
    where = publish_round(
        result,
        request.output,
        notebook=notebook_path("quarterly_report"),
        render=request.render,
        timings=stages.seconds,
        previous=find_previous(asked.rounds or request.output, result.round, result.unit)
        or find_previous(folder / "rounds", result.round, result.unit),
    )
    warnings = tuple(notice.text for notice in result.warnings)
    return Outcome(result.unit, folder=where, warnings=warnings, seconds=stages.seconds)


def _count(error: InputError) -> str:
    number = sum(problem.count for problem in error.problems)
    return f"{number} problem{'s' if number != 1 else ''} in the input; nothing was written"
