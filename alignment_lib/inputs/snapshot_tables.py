"""The tables of a published round, described once: what a snapshot holds (``snapshot_columns.csv``).

Publishing writes by this description, `inputs.snapshots` reads back by it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import pandas as pd

from alignment_lib.inputs.dictionary import DIMENSION, load_dictionary

__all__ = [
    "QUANTILES",
    "SNAPSHOT_TABLES",
    "SnapshotColumn",
    "SnapshotTable",
    "canonical_frame",
]

QUANTILES = ("p2_5", "p10", "p50", "p90", "p97_5")


@dataclass(frozen=True)
class SnapshotColumn:
    """One column of a published table: ``text``, ``date``, ``number`` or ``flag``."""

    name: str
    type: str
    description: str
    required: bool = True
    unit: str = ""


@dataclass(frozen=True)
class SnapshotTable:
    """One published table.

    `extra` says whether columns beyond the described ones may follow, `always` whether it is there without
    a row as well.
    """

    name: str
    description: str
    columns: tuple[SnapshotColumn, ...]
    extra: bool = False
    always: bool = True

    @property
    def file(self) -> str:
        """Name of its file in the round's folder."""
        return f"{self.name}.parquet"


def _columns(table: str) -> tuple[SnapshotColumn, ...]:
    """Columns of a table as ``snapshot_columns.csv`` lists them, in order."""
    return tuple(
        SnapshotColumn(row["column"], row["type"], row["description"], row["required"] == "yes", row["unit"])
        for row in _described()
        if row["table"] == table
    )


@cache
def _described() -> tuple[dict[str, str], ...]:
    text = files(__package__).joinpath("snapshot_columns.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines(), restval=""))


def _register_columns() -> tuple[SnapshotColumn, ...]:
    """The assumptions table of the data dictionary, as columns of the published register."""
    kinds = {"choice": "text", "integer": "number", "datetime": "date"}
    fields = load_dictionary()["assumptions"]
    return tuple(
        SnapshotColumn(
            f.column, kinds.get(f.type, f.type), f.description, f.required or f.column == DIMENSION
        )
        for f in fields
    )


_WHERE_KNOWN = {
    "history": "what was sold, as read and as forecast from",
    "why": "models behind each series, with their reasons",
    "previous": "what the round before planned",
    "candidates": "models that were compared, with their scores",
    "driver_effects": "what each driver did in the past",
    "past_events": "single past events behind the evidence",
    "claim_events": "each past event that a claim resembles, worked out whole",
    "event_courses": "sales over those events, beside what would have been",
    "cleaning": "rules of cleaning with what each applied to",
    "treatments": "every cell that cleaning changed, before and after",
    "lead_course": "the funnel of the last year, of all sources and of each",
    "lead_stages": "counts of every stage by quarter and source of the leads",
    "lead_cohorts": "leads won so far and once all have had their time, by cohort",
    "lead_quality": "marketing's side by source: acceptance, promise, chance, cost",
    "lead_calibration": "chances of the win model against what came of them",
    "lead_reasons": "why leads were turned away",
    "lead_handling": "sales' side by source: attempts, contacts, promise",
    "lead_waiting": "what waiting for the first contact costs",
    "lead_notes": "what must be known beside the tables of leads",
    "briefs": "every campaign's brief: whether ready, agreed and read, and what came of it",
    "funnel_gap": "new sales the plan counts on beside what the leads give",
    "retention": "repeat sales of the plan beside the customers there are",
    "groups": "working groups with the light of their own figure",
    "proposed_groups": "charters that the review proposes",
    "handled": "quality of leads against their handling, since an earlier span",
    "handled_kept": "what would have been, had every lead been handled as promised",
    "handled_quality": "what would have been, had the quality of leads been as planned",
    "pipeline": "what won deals bring by span, closed, open and still to be created, beside the plan",
    "pipeline_stages": "open opportunities by stage and pushes",
    "pipeline_scores": "how the pipelines of earlier rounds came out",
}
"""Tables that are there where there is something to tell."""


def _tables() -> Mapping[str, SnapshotTable]:
    tables = (
        SnapshotTable(
            "plan", "baseline, plan and quantiles by scenario, period and series", _columns("plan")
        ),
        SnapshotTable("bridge", "what each assumption and driver adds", _columns("bridge")),
        SnapshotTable(
            "level_bridge", "the headline's bridge by level, volume and price apart", _columns("level_bridge")
        ),
        SnapshotTable("odds", "quantiles and odds of the target at every level and span", _columns("odds")),
        SnapshotTable("money", "every plan in money, cell by cell", _columns("money")),
        SnapshotTable(
            "money_odds", "odds in revenue, margin and profit at every level and span", _columns("money_odds")
        ),
        SnapshotTable(
            "profit_bridge", "from the baseline's profit to the plan's, by level", _columns("profit_bridge")
        ),
        SnapshotTable(
            "promotion_profit", "every promotion by what it earned or lost", _columns("promotion_profit")
        ),
        SnapshotTable("assumptions", "the register as used", _register_columns(), extra=True),
        SnapshotTable(
            "evidence", "one row per assumption: claim against support", _columns("evidence"), extra=True
        ),
        SnapshotTable("streams", "each function's own forecast", _columns("streams")),
        SnapshotTable("funnel", "leads required, capacity, rates used", _columns("funnel"), extra=True),
        SnapshotTable("record", "scored assumptions of closed rounds", _columns("record"), extra=True),
        SnapshotTable("coverage", "the six factors a plan from statistics leaves out", _columns("coverage")),
        SnapshotTable("sensitivity", "which assumption moves the plan most", _columns("sensitivity")),
        SnapshotTable("precision", "how sure the published quantiles are", _columns("precision")),
        SnapshotTable("switches", "assumptions of the report's working scenarios", _columns("switches")),
        SnapshotTable(
            "combinations", "the plan under each combination of switches", _columns("combinations")
        ),
        SnapshotTable("draws", "every draw of the round's total", _columns("draws")),
        SnapshotTable("decisions", "what the planning meetings decided", _columns("decisions"), extra=True),
        SnapshotTable("consequences", "what each open decision does", _columns("consequences")),
        SnapshotTable("next_tests", "disputed claims and the best test of each", _columns("next_tests")),
        SnapshotTable(
            "spend_checks", "whether the response to spend may be believed", _columns("spend_checks")
        ),
        SnapshotTable("spend_response", "what the money of each channel brings", _columns("spend_response")),
        SnapshotTable("spend_curves", "what more or less of it would bring", _columns("spend_curves")),
        SnapshotTable("budget", "what the round's money brings, and its best split", _columns("budget")),
        SnapshotTable("changes", "what changed since the round before", _columns("changes")),
        SnapshotTable(
            "restated", "past sales that read otherwise than the round before read them", _columns("restated")
        ),
        SnapshotTable(
            "baseline_steps", "the step of the baseline since the round before", _columns("baseline_steps")
        ),
        SnapshotTable(
            "watch_draws",
            "the plan's draws by period, of all sales and of what each claim is about",
            _columns("watch_draws"),
            extra=True,
        ),
        SnapshotTable("watch", "the round before, against its own draws as it came in", _columns("watch")),
        SnapshotTable("watch_causes", "what explains how it departed", _columns("watch_causes")),
        SnapshotTable("watch_beside", "leads and spend of it against its plan", _columns("watch_beside")),
        SnapshotTable("owed", "volume that claims borrow from later periods", _columns("owed")),
        SnapshotTable("estimate", "closed periods as sold, open ones as planned", _columns("estimate")),
        SnapshotTable("rolling", "the fiscal year: closed, running and open spans", _columns("rolling")),
        SnapshotTable("targets", "targets in every measure, as known", _columns("targets")),
        SnapshotTable("promotions", "promotions of the driver calendar ahead", _columns("promotions")),
        SnapshotTable(
            "cohorts", "customers who bought again, by span of first purchase", _columns("cohorts")
        ),
        SnapshotTable("customer_sales", "sales by type, told from transactions", _columns("customer_sales")),
        SnapshotTable("weak_points", "what each step of the funnel would give", _columns("weak_points")),
        SnapshotTable("variance", "who moved the result of the last closed round", _columns("variance")),
        SnapshotTable("profit_variance", "who moved the last round's profit", _columns("profit_variance")),
        SnapshotTable("spend_review", "marketing's money of the last round", _columns("spend_review")),
        SnapshotTable("spend_plan", "marketing's money as planned, by source", _columns("spend_plan")),
        SnapshotTable("value_added", "error of each step and what it added", _columns("value_added")),
        SnapshotTable("payout", "the incentive scheme before, after and gamed", _columns("payout")),
        *(
            SnapshotTable(name, description, _columns(name), extra=True, always=False)
            for name, description in _WHERE_KNOWN.items()
        ),
    )
    return MappingProxyType({table.name: table for table in tables})


SNAPSHOT_TABLES = _tables()
"""The published tables by name."""


def canonical_frame(name: str, frame: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    """Return a table in the form in which it is published: columns in order, types fixed.

    Parameters
    ----------
    name : str
        A key of `SNAPSHOT_TABLES`.
    frame : DataFrame
        Holds the described columns; an absent optional one is left out.
    dimensions : sequence of str
        Stand where the description says ``{dimension}``.

    Raises
    ------
    ValueError
        Where a required column is missing or an undescribed one is there.

    Examples
    --------
    >>> frame = pd.DataFrame({"value": [1], "brand": ["A"], "period": ["2026-01-01"], "stream": ["naive"]})
    >>> list(canonical_frame("streams", frame, ["brand"]))
    ['stream', 'period', 'brand', 'value']
    """
    table = SNAPSHOT_TABLES[name]
    columns: dict[str, pd.Series[Any]] = {}
    for column in table.columns:
        for label in dimensions if column.name == DIMENSION else (column.name,):
            if label in frame:
                columns[label] = _typed(frame[label], column.type)
            elif column.required:
                raise ValueError(f"{table.file} needs a column {label!r}; the frame has {list(frame)}")
    rest = [label for label in frame if label not in columns]
    if rest and not table.extra:
        raise ValueError(f"{table.file} has no column {rest[0]!r}; it holds {list(columns)}")
    columns |= {str(label): frame[label] for label in rest}
    return pd.DataFrame(columns).reset_index(drop=True)


def _typed(values: pd.Series[Any], kind: str) -> pd.Series[Any]:
    if kind == "number":
        return values.astype(float)
    if kind == "date" and pd.api.types.is_datetime64_any_dtype(values):
        return values.astype("datetime64[ns]")
    if kind == "date":
        return pd.to_datetime(values).astype("datetime64[ns]")
    if kind == "flag":
        return values.astype(bool)
    if pd.api.types.infer_dtype(values, skipna=False) == "string" and values.dtype == object:
        return values
    return values.astype(object).where(values.notna(), "").astype(str)
