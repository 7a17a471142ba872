"""Use case: what the last closed round came to, against its plan and against the year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from alignment_lib.funnel.requirements import reference_factors
from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.periods.round_days import find_year_before, sum_where_whole
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.review.causes import (
    MeasuredDrivers,
    measure_drivers,
)
from alignment_lib.review.counterfactuals import (
    Span,
    had_promise_been_kept,
    had_quality_been,
    split_quality_handling,
)
from alignment_lib.review.record import Record
from alignment_lib.review.variance import Variance
from alignment_lib.rounds.closed.closed_rounds import score_closed_rounds
from alignment_lib.rounds.closed.comparing import Comparing, driver_kinds, planned_funnel
from alignment_lib.rounds.preparing.known_round import KnownRound
from alignment_lib.rounds.preparing.measured_funnel import MeasuredFunnel, measure_funnel

__all__ = ["Handled", "LookBack", "look_back"]


@dataclass(frozen=True)
class Handled:
    """Quality against handling, and what would have been; tables empty where they cannot be told.

    Attributes
    ----------
    splits : dict of str to DataFrame
        `split_quality_handling` of the closed span against an earlier one, by that one's name.
    kept : DataFrame
        `had_promise_been_kept`.
    quality : DataFrame
        `had_quality_been` as planned.
    notices : tuple of Notice
        Warnings on cause, sources left out.
    """

    splits: dict[str, pd.DataFrame]
    kept: pd.DataFrame
    quality: pd.DataFrame
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class LookBack:
    """The last whole cycle before a round.

    Attributes
    ----------
    seen : KnownRound
        The round that follows.
    label : str
        The cycle looked back on, such as ``2025Q4``.
    periods : DatetimeIndex
        Its periods.
    span : tuple of Timestamp
        Its first day and the day after its last.
    earlier : tuple of Snapshot
        Published rounds before the one that follows, oldest first.
    published : Snapshot or None
        The plan of the cycle itself.
    sales : DataFrame
        ``period``, the dimensions, ``units`` and ``revenue`` as far as given.
    funnel : MeasuredFunnel or None
        What the leads say.
    record : Record or None
        Scored claims of closed rounds.
    variances : tuple of Variance
        Against the plan where one was published, then against the year before where it is known.
    unit : str
        What the variance is counted in: the currency, or units.
    notices : tuple of Notice
        What could not be compared.
    comparing : Comparing
        What the comparisons share.
    accuracy : tuple of DataFrame and notices, or None
        `stream_accuracy` of the closed rounds, where it has been worked out already.
    """

    seen: KnownRound
    label: str
    periods: pd.DatetimeIndex
    span: Span
    earlier: tuple[Snapshot, ...]
    published: Snapshot | None
    sales: pd.DataFrame
    funnel: MeasuredFunnel | None
    record: Record | None
    variances: tuple[Variance, ...]
    unit: str
    notices: tuple[Notice, ...]
    comparing: Comparing = field(repr=False)
    accuracy: tuple[pd.DataFrame, tuple[Notice, ...]] | None = field(default=None, repr=False)

    @cached_property
    def handled(self) -> Handled:
        """Quality against handling, worked out when first asked for."""
        return _handled(self.comparing)


def look_back(
    seen: KnownRound,
    earlier: Sequence[Snapshot],
    funnel: MeasuredFunnel | None = None,
    record: Record | None = None,
    accuracy: tuple[pd.DataFrame, tuple[Notice, ...]] | None = None,
) -> LookBack:
    """Compare the last whole cycle with what was planned for it and with the year before.

    Parameters
    ----------
    seen : KnownRound
        The round that follows the cycle.
    earlier : sequence of Snapshot
        Published rounds before it.
    funnel, record, accuracy : optional
        Where they have been measured already.
    """
    calendar, planned = seen.workspace.calendar, seen.round
    sales = _read_sales(seen)
    label = str(calendar.label(pd.DatetimeIndex([calendar.shift(planned.start, -1)]), planned.cycle)[0])
    sold = pd.DatetimeIndex(np.sort(sales["period"].unique()))
    periods = sold[calendar.label(sold, planned.cycle) == label]
    funnel = measure_funnel(seen) if funnel is None else funnel
    record = score_closed_rounds(seen, earlier) if record is None else record
    published, notices = _comparable(seen, next((one for one in earlier if one.round == label), None))
    notices = (*notices, *_say_year_before(calendar, periods, planned.cycle, sales, seen.history.measure))
    first = periods[0] if len(periods) else planned.start
    span = (first, planned.start)
    comparing = Comparing(seen, sales, periods, span, published, funnel, _drivers(seen))
    variances = comparing.variances()
    has_money = "revenue" in sales and all("revenue" in plan for plan in comparing.plans())
    currency = seen.workspace.settings.business.currency
    return LookBack(
        seen,
        label,
        periods,
        span,
        tuple(earlier),
        published,
        sales,
        funnel,
        record,
        variances,
        currency if has_money else seen.history.measure,
        notices,
        comparing,
        accuracy,
    )


def _read_sales(seen: KnownRound) -> pd.DataFrame:
    sales = seen.workspace.tables["sales"]
    columns = ["period", *seen.dimensions, *(name for name in ("units", "revenue") if name in sales)]
    return sales[columns]


def _say_year_before(
    calendar: Calendar, periods: pd.DatetimeIndex, cycle: Cycle, sales: pd.DataFrame, measure: str
) -> tuple[Notice, ...]:
    """Which weeks the year before is, where not the cycle of that name, and what that one came to."""
    before = find_year_before(calendar, periods, cycle) if len(periods) else None
    if before is None or not before.is_restated:
        return ()
    text = before.sentence
    whole = sum_where_whole(sales[["period", measure]].rename(columns={measure: "value"}), before.named)
    if np.isfinite(whole):
        text += f" {before.name} as it was had {len(before.named)} and came to {Said(whole):,.0f}."
    return (Notice("year_before_restated", text, len(before.compared)),)


def _comparable(seen: KnownRound, published: Snapshot | None) -> tuple[Snapshot | None, tuple[Notice, ...]]:
    """The plan of the cycle, unless it planned other series or another measure."""
    if published is None:
        return None, ()
    measure = published.manifest.get("measure", seen.history.measure)
    if published.dimensions == seen.dimensions and measure == seen.history.measure:
        return published, ()
    text = (
        f"The plan of {published.round} counted {measure} by {', '.join(published.dimensions)}, the "
        f"workspace now counts {seen.history.measure} by {', '.join(seen.dimensions)}: the two cannot be "
        "compared."
    )
    return None, (Notice("plan_of_another_form", text),)


def _drivers(seen: KnownRound) -> MeasuredDrivers | None:
    settings, table = seen.workspace.settings, seen.workspace.tables.get("drivers")
    if seen.effects is None or table is None or settings.drivers is None:
        return None
    if seen.effects.cleansed.shape != seen.history.values.shape:
        return None
    return measure_drivers(seen.history, seen.effects, table, driver_kinds(seen))


def _handled(comparing: Comparing) -> Handled:
    found, empty = comparing.funnel, pd.DataFrame()
    if found is None or found.model is None or not len(comparing.periods):
        return Handled({}, empty, empty)
    seed = comparing.seen.workspace.settings.plan.seed
    parts = (found.leads, found.lag, found.model)
    name, before = comparing.cycle_before
    spans = {name: before, "the year before": comparing.year_before}
    splits: dict[str, pd.DataFrame] = {}
    notices: list[Notice] = []
    for reference, span in spans.items():
        if comparing.reaches(span):
            splits[reference], said = split_quality_handling(*parts, span, comparing.span, seed)
            notices += said
    kept, said = had_promise_been_kept(*parts, comparing.span, seed)
    quality = empty
    if comparing.published is not None and comparing.published.has("funnel"):
        planned = reference_factors(planned_funnel(comparing.published.read("funnel")), *comparing.span)
        actual = comparing.factors(comparing.span)
        if actual is not None and len(planned):
            quality = had_quality_been(actual, planned, splits.get("the year before"))
    return Handled(splits, kept, quality, tuple(dict.fromkeys([*notices, *said])))
