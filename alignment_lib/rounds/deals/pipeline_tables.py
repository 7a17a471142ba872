"""Open opportunities of a round as published: what spans bring, beside what the plan needs of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.funnel.deals.closing import FEWEST, fit_closing
from alignment_lib.funnel.deals.deals import Deals
from alignment_lib.funnel.deals.pipeline import PARTS, Pipeline, Span, draw_pipeline
from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.rounds.deals.deal_share import deal_needs
from alignment_lib.rounds.deals.pipeline_scores import pipeline_scores
from alignment_lib.rounds.deals.read_deals import deals_of
from alignment_lib.rounds.lazy_tables import filled
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["PIPELINE_TABLES", "OpenDeals", "find_open_deals", "pipeline_tables", "spans_of"]

PIPELINE_TABLES = ("pipeline", "pipeline_stages", "pipeline_scores")
_MOST_PUSHES = 3


@dataclass(frozen=True)
class OpenDeals:
    """What a round's opportunities say.

    Attributes
    ----------
    deals : Deals or None
        As known; None where the workspace has none.
    drawn : Pipeline or None
        None where too few have closed to tell chances.
    notices : tuple of Notice
        What is odd in them, or why no chances are told.
    """

    deals: Deals | None = None
    drawn: Pipeline | None = None
    notices: tuple[Notice, ...] = field(default=())


def find_open_deals(ready: PreparedRound, earlier: Sequence[Snapshot]) -> OpenDeals:
    """Read the round's opportunities, fit how they close, and draw what each cycle of the horizon brings."""
    deals = deals_of(ready, earlier)
    if deals is None:
        return OpenDeals()
    settings, calendar = ready.workspace.settings, ready.workspace.calendar
    spans = [one for one in spans_of(ready.round.horizon, calendar, ready.round.cycle) if one.end > deals.now]
    model = fit_closing(deals, settings.calendar.fiscal_year_start)
    if model is None:
        closed = deals.closed["outcome"].value_counts()
        won, lost = (int(closed.get(name, 0)) for name in ("won", "lost"))
        text = (
            f"opportunities: {won:,} won and {lost:,} lost are known; chances are told from {FEWEST} of each "
            f"on, and none is told for {counted(len(deals.open_ones), 'open one')}."
        )
        return OpenDeals(deals, None, (*deals.notices, Notice("no_deal_odds", text, won + lost)))
    return OpenDeals(deals, draw_pipeline(deals, model, spans, settings.plan.seed), deals.notices)


def spans_of(periods: pd.DatetimeIndex, calendar: Calendar, cycle: Cycle) -> list[Span]:
    """Cycles of a horizon by their days."""
    labels, ends = calendar.label(periods, cycle), calendar.ends(periods)
    return [
        Span(str(label), periods[labels == label][0], ends[labels == label][-1])
        for label in pd.unique(labels)
    ]


def pipeline_tables(
    ready: PreparedRound,
    found: OpenDeals,
    earlier: Sequence[Snapshot],
    scenario: str,
    tables: Mapping[str, pd.DataFrame],
) -> dict[str, pd.DataFrame]:
    """The tables of `PIPELINE_TABLES`; no ``pipeline`` where no chances are told.

    Parameters
    ----------
    ready : PreparedRound
    found : OpenDeals
        `find_open_deals`.
    earlier : sequence of Snapshot
        Published rounds, oldest first: their pipelines are scored.
    scenario : str
        The headline.
    tables : Mapping of str to DataFrame
        The round's; ``plan`` is asked for where chances are told.
    """
    if found.deals is None:
        return {}
    scores = filled({"pipeline_scores": pipeline_scores(found.deals, earlier)})
    stages = _stages(found.deals, found.drawn)
    if found.drawn is None:
        return {"pipeline_stages": stages} | scores
    needs = deal_needs(ready, found.deals, tables["plan"].query("scenario == @scenario"))
    rows = []
    for dimension in ("", *found.deals.dimensions):
        rows += _rows(found.deals, found.drawn, needs[dimension], ready.dimensions, dimension)
    return {"pipeline": pd.DataFrame(rows), "pipeline_stages": stages} | scores


def _rows(
    deals: Deals, drawn: Pipeline, need: pd.DataFrame, dimensions: Sequence[str], dimension: str
) -> list[dict[str, Any]]:
    """One row for every span and member of a dimension, or for the whole."""
    sums = drawn.member_sums(dimension)
    open_count = deals.open_ones[dimension].value_counts() if dimension else None
    members = sorted({member for _, member in sums} | set(need["member"]))
    nothing = np.zeros((len(drawn.values["open"]), len(drawn.spans)))
    rows: list[dict[str, Any]] = []
    for member in members:
        parts = {part: sums.get((part, member), nothing) for part in PARTS}
        total = sum(parts.values(), nothing)
        for at, span in enumerate(drawn.spans):
            row: dict[str, Any] = {
                "span": span.label,
                "start": span.start,
                "end": span.end,
                **dict.fromkeys(dimensions, ""),
            }
            row |= {dimension: member or "not named"} if dimension else {}
            row["open_deals"] = len(deals.open_ones) if open_count is None else int(open_count.get(member, 0))
            row |= {part: float(values[:, at].mean()) for part, values in parts.items()}
            row["total"] = row["closed"] + row["open"] + row["to_create"]
            row |= _points("open", parts["open"][:, at]) | _points("total", total[:, at])
            rows.append(row | _beside(need, member, span.label, total[:, at]))
    return rows


def _points(name: str, draws: np.ndarray) -> dict[str, object]:
    low, middle, high = np.quantile(draws, (0.1, 0.5, 0.9))
    return {f"{name}_p10": float(low), f"{name}_p50": float(middle), f"{name}_p90": float(high)}


def _beside(need: pd.DataFrame, member: str, span: str, total: np.ndarray) -> dict[str, object]:
    """What plan and target need of deals, and how often the draws reach it."""
    row = need[(need["member"] == member) & (need["span"] == span)]
    found = row.iloc[0] if len(row) else pd.Series({"plan": np.nan, "needed": np.nan, "target": np.nan})
    needed, target = float(found["needed"]), float(found["target"])
    return {
        "plan": float(found["plan"]),
        "needed": needed,
        "gap": float(total.mean()) - needed,
        "probability": float((total >= needed).mean()) if needed == needed else np.nan,
        "target": target,
        "target_probability": float((total >= target).mean()) if target == target else np.nan,
    }


def _stages(deals: Deals, drawn: Pipeline | None) -> pd.DataFrame:
    """Open deals by stage and number of pushes, with their chances where they are told."""
    table = deals.open_ones
    table = table.assign(
        stage=table["stage"].where(table["stage"] != "", "not named"),
        pushes=table["pushes"].clip(upper=_MOST_PUSHES),
        overdue=table["expected_close"] < deals.now,
    )
    told = pd.DataFrame() if drawn is None else drawn.chance.set_index("deal")
    for name in ("chance", "in_span", "expected"):
        table[name] = told[name].reindex(table.index) if name in told else np.nan
    grouped = table.groupby(["stage", "pushes"], dropna=False, sort=True)
    sums = grouped.agg(
        deals=("stage", "size"),
        without_amount=("amount", lambda values: int(values.isna().sum())),
        overdue=("overdue", "sum"),
        amount=("amount", "sum"),
        chance=("chance", "mean"),
        in_span=("in_span", "mean"),
        expected=("expected", lambda values: values.sum(min_count=1)),
    )
    return sums.reset_index()
