"""Batch runs: many business units, each on its own; one unit's failure never stops another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from alignment_lib.app.executors import bounded_workers, open_executor
from alignment_lib.app.faults import describe_fault
from alignment_lib.app.finished import is_finished
from alignment_lib.app.plan_round import plan_round
from alignment_lib.app.prepared_round import PlanRequest, Stages
from alignment_lib.inputs.problems import AlignmentError, InputError, Problem

__all__ = ["BatchRequest", "Outcome", "exit_code", "run_batch"]

Watch = Callable[[str, str], None]


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
        Units worked on at once; for one unit, processes its forecast may use.
    cluster : str
        Address of a Dask scheduler; blank for this machine.
    render : bool
        Whether report, workbook and index are made, or only the tables.
    retry : bool
        Whether units that a run with the same inputs and choices has finished are left as they are.
    """

    workspaces: tuple[Path, ...]
    output: Path
    round: str = ""
    as_of: pd.Timestamp | None = None
    scenario: str = "consensus"
    cache: Path | None = None
    rounds: Path | None = None
    jobs: int = 1
    cluster: str = ""
    render: bool = True
    retry: bool = False


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
        Time by stage; empty for a unit that was finished before.
    """

    unit: str
    folder: Path | None = None
    code: int = 0
    message: str = ""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)


def run_batch(request: BatchRequest, watch: Watch | None = None) -> list[Outcome]:
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
    request = _absolute(request)
    twice = _same_name(request.workspaces)
    if twice:
        return twice
    outcomes = {outcome.unit: outcome for outcome in _run_units(request, watch)}
    if request.render and any(outcome.folder for outcome in outcomes.values()):
        from alignment_lib.publishing.index import write_index

        watch("", "writing the index")
        write_index(request.output)
    return [outcomes[folder.name] for folder in request.workspaces]


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Exit code of a batch: 0 all done; 1 some failed; else the one code all failures share.

    >>> exit_code([Outcome("a"), Outcome("b", code=2)]), exit_code([Outcome("b", code=2)])
    (1, 2)
    """
    codes = {outcome.code for outcome in outcomes}
    return codes.pop() if len(codes) == 1 else 1


def _absolute(request: BatchRequest) -> BatchRequest:
    """Workers may stand in another folder; and ``.`` has a name only once it is resolved."""
    return replace(
        request,
        workspaces=tuple(folder.resolve() for folder in request.workspaces),
        output=request.output.resolve(),
        cache=request.cache and request.cache.resolve(),
        rounds=request.rounds and request.rounds.resolve(),
    )


def _same_name(folders: Sequence[Path]) -> list[Outcome]:
    names = [folder.name for folder in folders]
    return [
        Outcome(name, code=2, message=f"two workspaces are called {name}; units are named by their folders")
        for name in names
        if names.count(name) > 1
    ]


def _run_units(request: BatchRequest, watch: Watch) -> Iterator[Outcome]:
    waiting = [
        folder for folder in request.workspaces if not (request.retry and is_finished(request, folder))
    ]
    for folder in request.workspaces:
        if folder not in waiting:
            watch(folder.name, "finished")
            yield Outcome(folder.name, folder=is_finished(request, folder))
    if len(waiting) == 1 and not request.cluster:
        yield _run_unit(request, waiting[0], lambda stage: watch(waiting[0].name, stage))
    elif waiting:
        yield from _run_many(replace(request, jobs=1), waiting, request.jobs, watch)


def _run_many(request: BatchRequest, folders: Sequence[Path], jobs: int, watch: Watch) -> Iterator[Outcome]:
    workers = bounded_workers(jobs, len(folders))
    with open_executor(workers, request.cluster) as executor:
        futures = {executor.submit(_run_unit, request, folder): folder.name for folder in folders}
        for future in as_completed(futures):
            watch(futures[future], "finished")
            yield _collect(futures[future], future)


def _collect(unit: str, future: Future[Outcome]) -> Outcome:
    """A worker that dies takes its unit with it, and says so; the rest go on."""
    error = future.exception()
    if error is None:
        return future.result()
    return Outcome(unit, code=1, message="its process was ended from outside; run again with --retry")


def _run_unit(request: BatchRequest, folder: Path, watch: Callable[[str], None] | None = None) -> Outcome:
    """Plan and publish one unit; whatever goes wrong becomes an outcome."""
    stages = Stages(watch or (lambda stage: None))
    try:
        return _plan_and_publish(request, folder, stages)
    except InputError as error:
        return Outcome(folder.name, code=2, message=_count(error), problems=error.problems)
    except AlignmentError as error:
        return Outcome(folder.name, code=error.exit_code, message=str(error))
    except Exception as error:
        return Outcome(folder.name, code=1, message=describe_fault(error))


def _plan_and_publish(request: BatchRequest, folder: Path, stages: Stages) -> Outcome:
    from alignment_lib.app.notebooks import notebook_path
    from alignment_lib.publishing.snapshot_writer import find_previous, publish_round

    earlier = request.rounds or request.output
    asked = PlanRequest(
        workspace=folder,
        round=request.round,
        as_of=request.as_of,
        scenario=request.scenario,
        cache=request.cache,
        jobs=request.jobs,
        rounds=earlier,
    )
    result = plan_round(asked, stages)
    previous = find_previous(earlier, result.round, result.unit)
    previous = previous or find_previous(folder / "rounds", result.round, result.unit)
    with stages.stage("writing the report" if request.render else "writing the tables"):
        where = publish_round(
            result,
            request.output,
            notebook=notebook_path("quarterly_report"),
            render=request.render,
            timings=dict(stages.seconds),
            previous=previous,
        )
    warnings = tuple(notice.text for notice in result.warnings)
    return Outcome(result.unit, folder=where, warnings=warnings, seconds=stages.seconds)


def _count(error: InputError) -> str:
    number = sum(problem.count for problem in error.problems)
    return f"{number} problem{'s' if number != 1 else ''} in the input; nothing was written"
