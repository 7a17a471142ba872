"""Use case: plan one round of one business unit, from its folder to a finished result.

The run, step by step:

1. `prepare_round` reads the workspace up to its as-of wall, forecasts the baseline and lays the horizon out;
2. `RoundWork` scores the closed rounds, sets every claim beside its evidence, works out every plan with its
   bridge and its odds, measures the funnel and looks back;
3. its tables and its warnings together are the result, which publishing writes.
"""

from __future__ import annotations

from alignment_lib.rounds.preparing.prepared_round import PlanRequest, Stages, prepare_round
from alignment_lib.rounds.result import RoundResult
from alignment_lib.rounds.round_work import RoundWork

__all__ = ["plan_round"]


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
    with stages.stage("planning"):
        return RoundWork(ready, request).result()
