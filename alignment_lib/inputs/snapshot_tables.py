"""The tables of a published round, described once: what a snapshot holds, column by column.

Publishing writes by this description, `inputs.snapshots` reads back by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class SnapshotTable:
    """One published table. `extra` says whether columns beyond the described ones may follow."""

    name: str
    description: str
    columns: tuple[SnapshotColumn, ...]
    extra: bool = False

    @property
    def file(self) -> str:
        """Name of its file in the round's folder."""
        return f"{self.name}.parquet"


def _columns(rows: str) -> tuple[SnapshotColumn, ...]:
    """Columns from lines of ``name | type | description``; a ``?`` after the name makes it optional."""
    parsed = [[part.strip() for part in line.split("|")] for line in rows.strip().splitlines()]
    return tuple(
        SnapshotColumn(name.rstrip("?"), kind, text, not name.endswith("?")) for name, kind, text in parsed
    )


_QUANTILE_ROWS = "\n".join(f"{name} | number | quantile of the plan, in per cent" for name in QUANTILES)

_PLAN = f"""
round | text | the planned round
scenario | text | as_proposed, evidence_weighted, consensus or a named scenario
period | date | first day of the period
{DIMENSION} | text | the series
baseline | number | expected without new marketing action, in the measure
plan | number | baseline with the driver calendar and the assumptions counted
{_QUANTILE_ROWS}
revenue? | number | money of the plan, where a price is known
"""
_BRIDGE = f"""
scenario | text | the scenario
assumption | text | an assumption's id, or driver:<column>
period | date | first day of the period
{DIMENSION} | text | the series
effect | number | share of plan - baseline, in the measure
"""
_LEVEL_BRIDGE = f"""
span | text | month, quarter or year: quarters, years and spans as long as the round
label | text | name of the span
start | date | first day of the span
{DIMENSION} | text | the level; blank means all
assumption | text | baseline and plan (the two ends), an assumption's id or driver:<column>
effect | number | what it adds over the span's open periods, in the measure; at the ends the sum itself
revenue | number | the same in money at regular prices: what volume does; missing where no price is known
price_revenue | number | what its price does to revenue, beside volume
"""
_ODDS = f"""
scenario | text | the scenario
span | text | period, month, quarter, year or horizon
start | date | first day of the span
{DIMENSION} | text | the level; blank means all
plan | number | the plan itself, which is not the P50
{_QUANTILE_ROWS}
target | number | what leadership asks for, missing where nothing is asked
probability | number | probability of reaching the target
"""
_EVIDENCE = """
assumption | text | its id
claim | number | the expected value as claimed, in its own unit
supported | number | what history or a cited study supports, in the same unit
standard_error | number | standard error of that
events | number | past events or analogs behind it
verdict | text | supported, optimistic, pessimistic, no history or supported by research
already_in_plan | flag | whether the driver calendar or another assumption says it already
overlap_units | number | how much of it, in the measure
sentence | text | the same in plain English
unit? | text | percent, units or revenue
claim_low? | number | 10 % point as claimed
claim_high? | number | 90 % point as claimed
weighted? | number | the evidence-weighted value, in the claim's unit
overlap_with? | text | who says it already: driver:<column> or an assumption's id
source? | text | own tests, sales history, earlier launches, usual movement or research; blank where silent
placebo? | text | established, not established or blank where no placebo test applies
range_place? | text | where the claimed range falls in the 90 % interval of what history supports
effect_low? | number | 10 % point of the claim as an effect on the measure, in percent for claims in percent
effect_claim? | number | the claim as an effect
effect_high? | number | 90 % point as an effect
effect_supported? | number | what history supports as an effect
effect_error? | number | standard error of that
is_small? | flag | whether the claim moves less than the materiality share of all planned sales in its dates
"""
_STREAMS = f"""
stream | text | naive, baseline, marketing, sales, finance, combined or consensus
period | date | first day of the period
{DIMENSION} | text | the series
value | number | the stream's figure, in the measure
"""
_FUNNEL = """
period | date | first day of the period in which the leads must come in
source | text | source of the leads
stage | text | visitors, leads, accepted, contacted, opportunities or customers
required | number | how many the plan needs
capacity | number | how many can be handled, missing where unknown
rate | number | measured rate to the next stage that was used
"""
_RECORD = """
round | text | the closed round
assumption | text | its id
owner | text | the role that made the claim
function | text | the owner's side
kind | text | kind of assumption
unit | text | unit of the claim
claim | number | what was claimed
actual | number | what came true, in the same unit
standard_error | number | standard error of that
verdict | text | the verdict at the time
"""
_COVERAGE = """
factor | text | market, consumer, sale_types, products, promotions or internet
title | text | the factor in words
considered | flag | whether anything of the round speaks to it
assumptions | text | ids of the assumptions that do, with a semicolon between them
drivers | text | columns of the driver calendar that do
effect | number | what they move over the horizon as proposed, in the measure
revenue | number | the same in money, missing where no price is known
supported | number | how many of the assumptions history supports
no_history | number | on how many history is silent
evidence | text | what stands behind it, in words
ask | text | whom to ask, where nobody has spoken to it
"""
_SENSITIVITY = """
scenario | text | the scenario
span | text | month, quarter or year
label | text | name of the span
start | date | first day of the span
assumption | text | an assumption with a range
low | number | its 10 % point, in its own unit
expected | number | its value in the scenario
high | number | its 90 % point
at_low | number | the span's plan worked out anew with it at low, in the measure
plan | number | the span's plan with it at its value in the scenario
at_high | number | the span's plan worked out anew with it at high
swing | number | distance of the two ends; the largest first
variance_share | number | share of the variance of the span's drawn sales that it alone explains
"""
_PRECISION = """
scenario | text | the scenario
span | text | month, quarter or year
label | text | name of the span
p2_5_error_share | number | standard error of the total's P2.5, as a share of its P50
p10_error_share | number | of its P10
p50_error_share | number | of its P50
p90_error_share | number | of its P90
p97_5_error_share | number | of its P97.5
draws | number | draws behind the quantiles
paths | number | independent error paths among them
"""
_SWITCHES = """
position | number | switch number; it adds 2 ** position to the number of a combination
assumption | text | the assumption switched on or off
value | number | its value, in its own unit
on | flag | whether it counts in the headline plan
"""
_COMBINATIONS = """
combination | number | which switches are on, as a sum of 2 ** position
span | text | month, quarter or year: the length of the round
start | date | first day of the span
plan | number | the plan of all sales, in the measure
p10 | number | quantile, of the round only
p50 | number | quantile, of the round only
p90 | number | quantile, of the round only
probability | number | probability of the target, of the round only
"""
_DRAWS = """
draw | number | number of the draw; draws of units with the same seed belong together
total | number | sales of the round in that draw, headline scenario, in the measure
"""
_DECISIONS = """
decision | text | its id
round | text | the round it was taken in
date | date | when
text | text | what was decided
assumptions? | text | ids of the assumptions it rests on
expected_effect? | number | what it should bring, in money
owner? | text | the role that carries it out
due? | date | when it should be done
status? | text | open, done or dropped
outcome? | text | what became of it
"""
_CHANGES = """
assumption | text | baseline, an assumption's id, or driver:<column>
title | text | the assumption in words
change | text | new, dropped, revised, status or same
before | number | its effect in the round before, over the periods both plan, in the measure
after | number | its effect now
difference | number | after less before; they sum to the difference of the plans
money | number | the same at this round's prices, missing where none is known
details | text | what became of the claim, in words
"""
_OWED = f"""
scenario | text | the scenario
assumption | text | the claim that borrows
borrowed | date | first day of the period in which it sells what it borrows
period | date | first day of the later period it is taken from
{DIMENSION} | text | the series
owed | number | volume that comes off that period, in the measure
beyond | flag | whether that period lies after the horizon: the next round takes it off
"""
_ESTIMATE = """
span | text | month, quarter, year or horizon
label | text | name of the span
start | date | first day of the span
actual | number | sold in its closed periods, in the measure
open_plan | number | planned in its open periods
estimate | number | their sum: where the span will end as seen now
signed_plan | number | the plan made for the span at an earlier date, missing where there is none
gap | number | estimate less that plan
"""
_TARGETS = f"""
round | text | the month, quarter or year it is set for
measure | text | units or revenue
{DIMENSION} | text | the level; blank means all
target | number | what leadership asks for
"""
_PROMOTIONS = f"""
driver | text | column of the driver calendar
{DIMENSION} | text | where it runs; blank means all
start | date | first day
end | date | last day
depth | number | the driver's value: 1 for on, or a decimal depth
"""
_COHORTS = """
cohort | date | first day of the span in which its customers first bought
age | number | spans since
customers | number | customers in the cohort
active | number | those of them who bought at that age
repeat_rate | number | active over customers
revenue | number | money they spent at that age
"""
_TYPES = """
period | date | first day of the span
sale_type | text | new, repeat, upsell or cross_sell
revenue | number | money of these sales
purchases | number | how many there were
customers | number | customers who made them
"""
_WEAK_POINTS = """
side | text | marketing or sales: who can act
stage | text | accepted, contacted, first contact, opportunities, customers, brief; none: nothing stands out
source | text | source of the leads, or the campaign of a brief
entering | number | leads that entered the step in the quarters in which it stands below
rate | number | share of them that passed
reference_rate | number | the source's usual rate, or what is promised
reference | text | which of the two, in words
customers | number | customers to be had at the reference, expected; missing for briefs
value | number | the same in money, the largest first
sentence | text | the same in plain English
reference_error? | number | standard error of the reference; 0 for a promise
customers_low? | number | 10 % point of the customers to be had
customers_high? | number | 90 % point of the customers to be had
value_low? | number | 10 % point in money
value_high? | number | 90 % point in money
"""
_VARIANCE = """
round | text | the closed round
against | text | plan, or the year before
view | text | type, funnel, cause, new by cause or story; funnel and cause add up to type, story does too
sale_type | text | type of sale; all where sales have none
source | text | source of the leads, in the view funnel only
bar | text | what moved the result
effect | number | how much, in unit
reference | number | the type's sales in the plan or the year before
actual | number | the type's sales
owner_function | text | the function that can act on it
confidence | text | measured, estimated, remainder or not measured
standard_error | number | of the effect, missing where none is known
unit | text | the currency, or units
units_reference? | number | units in the plan or the year before, in the view story
units_actual? | number | units sold, in the view story
"""
_VALUE_ADDED = """
round | text | the closed round; blank for all of them
level | text | total, a dimension or series
span | text | period, or the length of the round: errors of single periods, or of a round's sums
lag | number | rounds ahead, 1 the round's own
stream | text | naive, baseline, marketing, sales, finance, combined or consensus
against | text | the step before
cells | number | periods and members compared
actual | number | what was sold in them, in the measure
error | number | sum of absolute errors
wape | number | error over actual
bias | number | stream less actual
bias_share | number | bias over actual
value_added | number | error of the step before less this one's
value_added_share | number | value added over actual
small_changes | number | changes below the materiality share, at single periods of series
small_cost | number | what they added to the error
sentence | text | the same in plain English
"""
_PAYOUT = """
round | text | the closed round of a statement, the coming one otherwise
view | text | statement (after), function (before) or gaming
function | text | marketing, sales or another function that shares in the pool
part | text | shared, own or total
measure | text | what is paid for; in the view gaming how the scheme is played
weight | number | weight within its part
at_target | number | money paid on target
result | number | share of what was agreed
payout_share | number | share of at_target that is paid
amount | number | money; in the view gaming what the play gains over telling the truth
amount_error | number | in the view gaming its standard error, missing elsewhere
gonik_amount | number | in the view gaming what the play would gain under Gonik's bonus, missing elsewhere
sentence | text | the same in plain English
"""


_CONSEQUENCES = """
assumption | text | a claim still to be decided
option | text | accept alone, accept with all, accept as history says, or drop (neither claim nor action)
units | number | what the option does to the round's plan, in the measure: the difference of two plans
revenue | number | the same in money, missing where no price is known
probability_before | number | chance of the round's target without it, missing where none stands
probability | number | chance of the round's target with it
"""


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


def _tables() -> Mapping[str, SnapshotTable]:
    tables = (
        SnapshotTable("plan", "baseline, plan and quantiles by scenario, period and series", _columns(_PLAN)),
        SnapshotTable("bridge", "what each assumption and driver adds", _columns(_BRIDGE)),
        SnapshotTable(
            "level_bridge", "the headline's bridge by level, volume and price apart", _columns(_LEVEL_BRIDGE)
        ),
        SnapshotTable("odds", "quantiles and odds of the target at every level and span", _columns(_ODDS)),
        SnapshotTable("assumptions", "the register as used", _register_columns(), extra=True),
        SnapshotTable(
            "evidence", "one row per assumption: claim against support", _columns(_EVIDENCE), extra=True
        ),
        SnapshotTable("streams", "each function's own forecast", _columns(_STREAMS)),
        SnapshotTable("funnel", "leads required, capacity, rates used", _columns(_FUNNEL), extra=True),
        SnapshotTable("record", "scored assumptions of closed rounds", _columns(_RECORD), extra=True),
        SnapshotTable("coverage", "the six factors a plan from statistics leaves out", _columns(_COVERAGE)),
        SnapshotTable("sensitivity", "which assumption moves the plan most", _columns(_SENSITIVITY)),
        SnapshotTable("precision", "how sure the published quantiles are", _columns(_PRECISION)),
        SnapshotTable("switches", "assumptions of the report's working scenarios", _columns(_SWITCHES)),
        SnapshotTable("combinations", "the plan under each combination of switches", _columns(_COMBINATIONS)),
        SnapshotTable("draws", "every draw of the round's total", _columns(_DRAWS)),
        SnapshotTable("decisions", "what the planning meetings decided", _columns(_DECISIONS), extra=True),
        SnapshotTable("consequences", "what each open decision does", _columns(_CONSEQUENCES)),
        SnapshotTable("changes", "what changed since the round before", _columns(_CHANGES)),
        SnapshotTable("owed", "volume that claims borrow from later periods", _columns(_OWED)),
        SnapshotTable("estimate", "closed periods as sold, open ones as planned", _columns(_ESTIMATE)),
        SnapshotTable("targets", "targets in every measure, as known", _columns(_TARGETS)),
        SnapshotTable("promotions", "promotions of the driver calendar ahead", _columns(_PROMOTIONS)),
        SnapshotTable("cohorts", "customers who bought again, by span of first purchase", _columns(_COHORTS)),
        SnapshotTable("customer_sales", "sales by type, told from transactions", _columns(_TYPES)),
        SnapshotTable("weak_points", "what each step of the funnel would give", _columns(_WEAK_POINTS)),
        SnapshotTable("variance", "who moved the result of the last closed round", _columns(_VARIANCE)),
        SnapshotTable("value_added", "error of each step and what it added", _columns(_VALUE_ADDED)),
        SnapshotTable("payout", "the incentive scheme before, after and gamed", _columns(_PAYOUT)),
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
