"""Batch runs: many business units, each on its own; one unit's failure never stops another's."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from alignment_lib.app.batches.executors import Hear, bounded_workers, open_executor, tell_stage
from alignment_lib.app.batches.finished import is_finished
from alignment_lib.app.batches.request import BatchRequest
from alignment_lib.app.batches.stopping import STOPPED, TimeIsUp, limit_time, work
from alignment_lib.app.batches.worker_versions import check_versions, own_versions
from alignment_lib.app.faults import describe_fault
from alignment_lib.inputs.problems import AlignmentError, InputError, Problem, counted
from alignment_lib.rounds.plan_round import plan_round
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, Stages
from alignment_lib.rounds.round_follow_up import follow_up
from alignment_lib.rounds.round_life import ChosenRound

if TYPE_CHECKING:
    from alignment_lib.publishing.report.report_kernel import ReportKernel
    from alignment_lib.rounds.result import RoundResult

_NOT_DONE = "not done: the run was stopped; run it again with --retry"
_LATE = "over its time limit"

__all__ = ["Outcome", "exit_code", "run_batch", "run_unit"]


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
        0 done, 1 failed, 2 bad input, 3 locked or busy, 5 not done because the run was stopped.
    message : str
        One line for the user: the cell or the input at fault, and how to mend it.
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


def run_batch(
    request: BatchRequest,
    watch: Hear | None = None,
    ended: Callable[[Outcome], None] | None = None,
    unwound: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Plan every unit and write its snapshot, then the index over all of them.

    Stopped by `KeyboardInterrupt` it keeps what is finished, names the rest as not done, and writes the
    index over what there is.

    Parameters
    ----------
    request : BatchRequest
        What to do.
    watch : callable, optional
        Told ``(unit, stage)`` as work goes on, from whichever process does it.
    ended : callable, optional
        Given each outcome as it comes in.
    unwound : callable
        Called once a run that was stopped has left its work and only finishes.

    Returns
    -------
    list of Outcome
        In the order of the workspaces; one named ``index.html`` follows where that page could not be written.
    """
    watch, ended = watch or (lambda unit, stage: None), ended or (lambda outcome: None)
    request = _absolute(request)
    outcomes: dict[str, Outcome] = {}
    names = dict.fromkeys(folder.name for folder in request.workspaces)
    try:
        with contextlib.closing(_each_outcome(request, watch)) as coming:
            for outcome in coming:
                outcomes[outcome.unit] = outcome
                ended(outcome)
    except KeyboardInterrupt:
        unwound()
        for name in names:
            if name not in outcomes:
                outcomes[name] = Outcome(name, code=STOPPED, message=_NOT_DONE)
                ended(outcomes[name])
    found = [outcomes[name] for name in names]
    if request.render and any(outcome.folder for outcome in found):
        watch("", "writing the index")
        found += _write_index(request.output)
    return found


def _each_outcome(request: BatchRequest, watch: Hear) -> Generator[Outcome, None, None]:
    twice = _same_name(request.workspaces)
    yield from twice or _run_units(request, watch)


def _write_index(output: Path) -> list[Outcome]:
    """The page over all rounds; what the units left stands whether it succeeds or not."""
    from alignment_lib.publishing.index import write_index

    try:
        write_index(output)
    except AlignmentError as error:
        return [Outcome("index.html", code=error.exit_code, message=str(error))]
    except (OSError, ValueError) as error:
        return [Outcome("index.html", code=1, message=describe_fault(error))]
    return []


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Exit code of a batch: 0 all done; 1 some failed; 5 stopped; else the one code all failures share.

    >>> exit_code([Outcome("a"), Outcome("b", code=2)]), exit_code([Outcome("b", code=2)])
    (1, 2)
    """
    codes = {outcome.code for outcome in outcomes}
    if STOPPED in codes:
        return STOPPED
    return codes.pop() if len(codes) == 1 else 1


def _absolute(request: BatchRequest) -> BatchRequest:
    """Workers may stand in another folder; and ``.`` has a name only once it is resolved."""
    return replace(
        request,
        workspaces=tuple(_real(folder) for folder in request.workspaces),
        output=_real(request.output),
        cache=request.cache and _real(request.cache),
        rounds=request.rounds and _real(request.rounds),
    )


def _real(path: Path) -> Path:
    """The path without links; one that leads back to itself is left for the system to refuse."""
    return Path(os.path.realpath(path))


def _same_name(folders: Sequence[Path]) -> list[Outcome]:
    names = [folder.name for folder in folders]
    return [
        Outcome(name, code=2, message=f"two workspaces are called {name}; units are named by their folders")
        for name in names
        if names.count(name) > 1
    ]


def _run_units(request: BatchRequest, watch: Hear) -> Iterator[Outcome]:
    finished = (
        {folder: is_finished(request, folder) for folder in request.workspaces} if request.retry else {}
    )
    waiting = [folder for folder in request.workspaces if finished.get(folder) is None]
    for where in finished.values():
        if where is not None:
            yield _see_through(request, where)
    if len(waiting) == 1:
        yield _run_single(request, waiting[0], watch)
    elif waiting:
        yield from _run_many(replace(request, jobs=1), waiting, request.jobs, watch)


def _see_through(request: BatchRequest, where: Path) -> Outcome:
    """A unit that is finished, and what follows a plan, should the run before have been ended first."""
    try:
        told = follow_up(ChosenRound(where.parent, where.name), request.clock)
    except AlignmentError as error:
        return Outcome(where.name, code=error.exit_code, message=str(error))
    except OSError as error:
        return Outcome(where.name, code=1, message=describe_fault(error))
    return Outcome(where.name, folder=where, message="finished before", warnings=told)


def _run_single(request: BatchRequest, folder: Path, watch: Hear) -> Outcome:
    """One unit is worked on here; the workers share the fitting of its series."""
    if not request.cluster:
        return run_unit(request, folder, watch)
    with open_executor(1, request.cluster) as executor:
        return run_unit(request, folder, watch, executor)


def _run_many(request: BatchRequest, folders: Sequence[Path], jobs: int, watch: Hear) -> Iterator[Outcome]:
    """Units on workers of their own, so that none can take the batch, or its memory, with it."""
    workers = bounded_workers(jobs, len(folders))
    lost: list[Path] = []
    late: set[str] = set()

    def hear(unit: str, stage: str) -> None:
        late.add(unit) if stage == _LATE else watch(unit, stage)

    request = replace(request, versions=own_versions() if request.cluster else None)
    with open_executor(workers, request.cluster, hear) as executor:
        futures = {executor.submit(work, _run_one_of_many, request, folder): folder for folder in folders}
        for future in as_completed(futures):
            if future.exception() is None:
                yield future.result()
            else:
                lost.append(futures[future])
    for folder in sorted(lost):
        yield _too_late(request, folder) if folder.name in late else _run_apart(request, folder, watch)


def _run_apart(request: BatchRequest, folder: Path, watch: Hear) -> Outcome:
    """A dead worker ends a whole pool of them; each unit lost with it is tried once more, alone."""
    with open_executor(1, request.cluster, watch) as executor:
        future = executor.submit(work, run_unit, request, folder)
        if future.exception() is None:
            return future.result()
    text = "its process was ended from outside, twice: memory may be short; run again with --retry --jobs 1"
    return Outcome(folder.name, code=1, message=text)


def _run_one_of_many(request: BatchRequest, folder: Path) -> Outcome:
    """A unit in a worker that is given others after it."""
    return run_unit(request, folder, keep_kernel=True)


def run_unit(
    request: BatchRequest,
    folder: Path,
    watch: Hear = tell_stage,
    workers: Executor | None = None,
    *,
    keep_kernel: bool = False,
) -> Outcome:
    """Plan and publish one unit; whatever goes wrong becomes an outcome.

    With `keep_kernel` the report's kernel stays for the unit that this process is given next.
    """
    from alignment_lib.rounds.files.folder_names import check_round_name, check_unit_name

    stages = Stages(lambda stage: watch(folder.name, stage))
    try:
        check_versions(request.versions)
        check_unit_name(folder.name)
        if request.round:
            check_round_name(request.round)
        with limit_time(request.unit_timeout, lambda: _give_up(folder.name)):
            return _plan_and_publish(request, folder, stages, workers, keep_kernel)
    except TimeIsUp:
        return _too_late(request, folder)
    except InputError as error:
        return Outcome(folder.name, code=2, message=_first_of(error.problems), problems=error.problems)
    except AlignmentError as error:
        return Outcome(folder.name, code=error.exit_code, message=str(error))
    except Exception as error:
        return Outcome(folder.name, code=1, message=describe_fault(error))


def _too_late(request: BatchRequest, folder: Path) -> Outcome:
    text = f"stopped after {request.unit_timeout:g} s, its time limit; nothing of it was changed"
    return Outcome(folder.name, code=1, message=f"{text}: give it more with --unit-timeout")


def _give_up(unit: str) -> None:
    """End a process that is deep in work it cannot be called from."""
    tell_stage(unit, _LATE)
    os._exit(1)


def _plan_and_publish(
    request: BatchRequest, folder: Path, stages: Stages, workers: Executor | None, keep_kernel: bool
) -> Outcome:
    from alignment_lib.app.batches.kept_kernel import lend_kernel

    earlier = request.rounds or request.output
    asked = PlanRequest(
        workspace=folder,
        round=request.round,
        as_of=request.as_of,
        scenario=request.scenario,
        view=request.view,
        cache=request.cache,
        jobs=workers or request.jobs,
        rounds=earlier,
        output=request.output,
        keeps=True,
        as_read=request.as_read,
    )
    with contextlib.ExitStack() as stack:
        # The report's kernel comes up while the round is planned.
        kernel = stack.enter_context(lend_kernel(keep=keep_kernel)) if request.render else None
        result = plan_round(asked, stages)
        where = _publish(request, folder, result, stages, kernel)
    warnings = (*(notice.sentence for notice in result.warnings), *stages.said)
    warnings += follow_up(ChosenRound(where.parent, where.name), request.clock)
    return Outcome(result.unit, folder=where, warnings=warnings, seconds=stages.seconds)


def _publish(
    request: BatchRequest, folder: Path, result: RoundResult, stages: Stages, kernel: ReportKernel | None
) -> Path:
    from alignment_lib.app.notebooks import notebook_path
    from alignment_lib.publishing.snapshot_writer import find_previous, publish_round

    previous = find_previous(request.rounds or request.output, result.round, result.unit)
    previous = previous or find_previous(folder / "rounds", result.round, result.unit)
    with stages.stage("writing the report" if request.render else "writing the tables"):
        return publish_round(
            result,
            request.output,
            notebook=notebook_path("quarterly_report"),
            render=request.render,
            timings=dict(stages.seconds),
            previous=previous,
            keep=request.keep,
            kernel=kernel,
            now=request.clock,
        )


def _first_of(problems: Sequence[Problem]) -> str:
    """How many problems there are, and the first of them, in one line."""
    number = sum(problem.count for problem in problems)
    return f"{counted(number, 'problem')} in the input; nothing was written; the first: {problems[0]}"
