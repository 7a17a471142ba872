"""Notebook 6: what came of the last quarter, what each step added, and whose claims came true."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from alignment_lib.app.closed_rounds import actual_sales, earlier_rounds, score_closed_rounds
from alignment_lib.app.measured_funnel import measure_funnel
from alignment_lib.app.notebook_pages.frame import facts, find_reports, plain_table, remark, show
from alignment_lib.app.prepared_round import PreparedRound
from alignment_lib.funnel.factors import funnel_factors
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.publishing.charts.waterfall import Step, draw_waterfall
from alignment_lib.publishing.markup import Html
from alignment_lib.publishing.tables import Column
from alignment_lib.publishing.wording import choose_scale, humanise, write_change
from alignment_lib.review.value_added import value_added
from alignment_lib.review.variance import Variance, split_variance

__all__ = [
    "RoundReview",
    "open_review",
    "show_record",
    "show_value_added",
    "show_variance",
    "show_variance_table",
]


@dataclass(frozen=True)
class RoundReview:
    """The last whole cycle before the round, and what earlier rounds said.

    Attributes
    ----------
    ready : PreparedRound
        The round now planned.
    label : str
        The cycle looked back on, such as ``2025Q4``.
    earlier : tuple of Snapshot
        Published rounds before this one, oldest first.
    variance : Variance
        Actual against the plan published for the cycle, or against the year before where none was.
    unit : str
        What it is counted in.
    """

    ready: PreparedRound
    label: str
    earlier: tuple[Snapshot, ...]
    variance: Variance
    unit: str


def open_review(ready: PreparedRound) -> RoundReview:
    """Compare the last whole cycle with what was planned for it."""
    calendar, planned = ready.workspace.calendar, ready.round
    sales = _read_sales(ready)
    sales["cycle"] = calendar.label(pd.DatetimeIndex(sales["period"]), planned.cycle)
    before = calendar.shift(planned.start, -1)
    label = str(calendar.label(pd.DatetimeIndex([before]), planned.cycle)[0])
    actual = sales[sales["cycle"] == label].drop(columns="cycle")
    earlier = earlier_rounds(ready, [find_reports()])
    published = next((one for one in earlier if one.round == label), None)
    has_money = published is None or "revenue" in published.read("plan")
    if published is None:
        reference, name = _year_before(ready, sales, actual), "the year before"
    else:
        reference, name = _as_planned(published, actual), "plan"
    unit = ready.workspace.settings.business.currency if has_money and "revenue" in actual else "units"
    if not has_money:
        actual, reference = (part.drop(columns="revenue", errors="ignore") for part in (actual, reference))
    now, then = _factors(ready, actual) if published is None and unit != "units" else (None, None)
    sale_type = ready.workspace.settings.sales.sale_type
    split = split_variance(
        actual,
        reference,
        list(ready.dimensions),
        name,
        sale_type,
        actual_factors=now,
        reference_factors=then,
    )
    return RoundReview(ready, label, earlier, split, unit)


def _read_sales(ready: PreparedRound) -> pd.DataFrame:
    sales = ready.workspace.tables["sales"]
    columns = ["period", *ready.dimensions, *[name for name in ("units", "revenue") if name in sales]]
    frame = sales[columns].copy()
    for name in ready.dimensions:
        frame[name] = frame[name].astype(str)
    return frame


def _year_before(ready: PreparedRound, sales: pd.DataFrame, actual: pd.DataFrame) -> pd.DataFrame:
    """The same periods a year earlier, moved onto those of `actual`."""
    calendar = ready.workspace.calendar
    moved = {calendar.shift(day, -calendar.season): day for day in actual["period"].unique()}
    found = sales[sales["period"].isin(list(moved))].drop(columns="cycle")
    return found.assign(period=found["period"].map(moved))


def _as_planned(published: Snapshot, actual: pd.DataFrame) -> pd.DataFrame:
    plan = published.read("plan")
    plan = plan[(plan["scenario"] == "consensus") & plan["period"].isin(actual["period"])]
    frame = plan.rename(columns={"plan": "units"})
    if "revenue" not in actual:
        return frame[["period", *published.dimensions, "units"]]
    return frame[["period", *published.dimensions, "units", *(["revenue"] if "revenue" in frame else [])]]


def _factors(
    ready: PreparedRound, actual: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame] | tuple[None, None]:
    """Funnel factors of the cycle and of the year before, where both can be measured from leads."""
    found = measure_funnel(ready)
    if found is None or not len(actual):
        return None, None
    calendar = ready.workspace.calendar
    first, last = actual["period"].min(), actual["period"].max()
    end = calendar.ends(pd.DatetimeIndex([last]))[0]
    year = calendar.shift(first, -calendar.season)
    year_end = calendar.ends(pd.DatetimeIndex([calendar.shift(last, -calendar.season)]))[0]
    if found.leads.table["created"].min() > year:
        return None, None
    parts = (found.leads, found.lag, found.model)
    return funnel_factors(*parts, first, end), funnel_factors(*parts, year, year_end)


def show_variance(review: RoundReview) -> Html:
    """From the reference to the actual result: first by type of sale."""
    table = review.variance.table
    kinds = table[table["view"] == "type"]
    if kinds.empty:
        return show(f"There are no sales in {review.label} to look back on.")
    start, end = float(kinds["reference"].sum()), float(kinds["actual"].sum())
    is_plan = review.variance.reference_name == "plan"
    steps = [Step(humanise(review.variance.reference_name), start, "plan" if is_plan else "actual")]
    steps += [
        Step(humanise(str(row["sale_type"] or "all sales")), float(row["effect"]), "change")
        for row in kinds.to_dict("records")
    ]
    steps.append(Step("Actual", end, "actual"))
    scale = choose_scale([start, end], review.unit)
    chart = draw_waterfall(
        steps, name="r-types", title="Where the difference lies", unit=review.unit, period=review.label
    )
    items = [
        (humanise(review.variance.reference_name), scale.say(start), review.label),
        ("Actual", scale.say(end), write_change(end, start)),
    ]
    return show(facts(items), chart, *[remark(notice.text) for notice in review.variance.notices])


def show_variance_table(review: RoundReview) -> Html:
    """New sales by funnel stage, the others by cause, with who can do something about each."""
    table = review.variance.table
    frame = table[table["view"].isin(["funnel", "cause"])]
    if frame.empty:
        return show("The difference cannot be split further: there are no leads and no prices.")
    sums = frame.groupby(["sale_type", "bar"], sort=False, as_index=False).agg(
        effect=("effect", "sum"),
        owner_function=("owner_function", "first"),
        confidence=("confidence", "first"),
    )
    sums = sums[sums["effect"].abs() >= 0.5]
    columns = [
        Column("bar", "cause", below="sale_type"),
        Column("effect", "effect", "number", review.unit, signed=True),
        Column("owner_function", "who can act"),
        Column("confidence", "how sure"),
    ]
    return show(plain_table(sums, f"What the difference is made of, {review.label}", columns))


def show_value_added(review: RoundReview) -> Html:
    """Which step brought the plan nearer to what happened, over all closed rounds."""
    ready = review.ready
    if not review.earlier:
        return show(_nothing_yet(review))
    streams = pd.concat(
        [snapshot.read("streams").assign(round=snapshot.round) for snapshot in review.earlier],
        ignore_index=True,
    )
    table, notices = value_added(
        streams, actual_sales(ready), ready.dimensions, ready.workspace.calendar, ready.round.cycle
    )
    frame = table[(table["round"] == "") & (table["level"] == "series") & (table["span"] == "period")]
    if frame.empty:
        return show(_nothing_yet(review))
    frame = frame[frame["lag"] == frame["lag"].min()]
    columns = [
        Column("stream", "step", below="against"),
        Column("wape", "error", "share", "of sales"),
        Column("bias_share", "bias", "share", "of sales", signed=True),
        Column("value_added_share", "brought nearer by", "share", "of sales", signed=True),
        Column("sentence", "in words"),
    ]
    said = [remark(notice.text) for notice in notices]
    return show(plain_table(frame, "Value added by each step, closed rounds", columns), *said)


def show_record(review: RoundReview) -> Html:
    """How claims of closed rounds came out, by owner; an owner is a role, never a person."""
    found = score_closed_rounds(review.ready, review.earlier)
    if found is None or found.table.empty:
        return show(_nothing_yet(review))
    owners = found.owners[found.owners["group"] == "owner"]
    columns = [
        Column("name", "owner"),
        Column("cases", "claims scored", "number"),
        Column("realised_share", "came true", "share", "of the claim, shrunken"),
        Column("hit_rate", "in range", "share"),
        Column("sentence", "in words"),
    ]
    claims = [
        Column("assumption", "claim", below="title"),
        Column("owner", "owner"),
        Column("claim", "claimed", "number", "in its unit", 1, signed=True),
        Column("actual", "came out", "number", "in its unit", 1, signed=True),
        Column("sentence", "in words"),
    ]
    return show(
        plain_table(owners, "Record by owner", columns),
        plain_table(found.table, "Claims of closed rounds", claims),
        *[remark(notice.text) for notice in found.notices],
    )


def _nothing_yet(review: RoundReview) -> str:
    return (
        f"No earlier round of {review.ready.workspace.name} has been published, so nothing can be scored "
        f"yet. Publish {review.ready.round.name} with alignment plan; it is scored as soon as its first "
        "periods are known."
    )
