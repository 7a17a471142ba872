"""Use case: the review as tables: variance, value added, weak points, payout, groups and decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.quality import lead_quality
from alignment_lib.funnel.weak_points import say_nothing_stands_out, weak_points
from alignment_lib.inputs.configuration.settings import IncentiveSettings
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.review.incentives import (
    RoundFigures,
    Scheme,
    payout_function,
    payout_statement,
    read_scheme,
    round_results,
    simulate_gaming,
)
from alignment_lib.review.kpis import KpiData, measure_kpis, same_figures
from alignment_lib.review.workgroups import propose_workgroups, workgroup_status
from alignment_lib.rounds.closed.closed_rounds import actual_sales, stream_accuracy, written_streams
from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.closed.profit_review import list_profit_variance, new_customers_of
from alignment_lib.rounds.closed.spend_review import list_spend_review
from alignment_lib.rounds.lazy_tables import LazyTables, filled
from alignment_lib.rounds.preparing.counted_funnel import weak_points_by_counts

__all__ = [
    "REVIEW_TABLES",
    "Groups",
    "Payout",
    "closed_figures",
    "follow_groups",
    "list_value_added",
    "list_variance",
    "list_weak_points",
    "review_tables",
    "state_payout",
]

REVIEW_TABLES = (
    *(
        ("variance",),
        ("value_added",),
        ("profit_variance",),
        ("spend_review",),
        ("weak_points",),
        ("payout",),
    ),
    ("handled", "handled_kept", "handled_quality"),
    ("groups", "proposed_groups"),
)
"""Names of `review_tables` as they are worked out together."""

_YEAR = pd.Timedelta(days=364)


@dataclass(frozen=True)
class Payout:
    """The scheme applied: before the quarter, after it, and gamed.

    Attributes
    ----------
    scheme : Scheme
        Its terms.
    figures : RoundFigures
        What the closed round came to.
    statement, function, gaming : DataFrame
        `payout_statement` of the closed round, `payout_function` of the coming one, `simulate_gaming`.
    """

    scheme: Scheme
    figures: RoundFigures
    statement: pd.DataFrame
    function: pd.DataFrame
    gaming: pd.DataFrame


@dataclass(frozen=True)
class Groups:
    """Working groups: those there are with their lights, and those the review proposes.

    Attributes
    ----------
    status, proposed : DataFrame
        `workgroup_status`, `propose_workgroups`.
    notices : tuple of Notice
        Figures without data, groups not proposed again.
    """

    status: pd.DataFrame
    proposed: pd.DataFrame
    notices: tuple[Notice, ...] = ()


def review_tables(look: LookBack) -> LazyTables[pd.DataFrame]:
    """The review's tables for the snapshot, each worked out when it is asked for.

    Returns
    -------
    LazyTables
        ``variance, value_added, profit_variance, spend_review, weak_points, payout``, quality against
        handling (``handled``, ``handled_kept``, ``handled_quality``) and working groups (``groups``,
        ``proposed_groups``), as far as there are any.
    """
    found: dict[str, Callable[[LookBack], pd.DataFrame]] = {
        "variance": list_variance,
        "value_added": lambda look: list_value_added(look)[0],
        "profit_variance": list_profit_variance,
        "spend_review": list_spend_review,
        "weak_points": _weak_points_said,
        "payout": lambda look: _list_payout(look, tables.raw("profit_variance")),
    }
    single = [((name,), partial(_found, name, look, find)) for name, find in found.items()]
    tables: LazyTables[pd.DataFrame] = LazyTables(
        [
            *single,
            (REVIEW_TABLES[-2], lambda: _list_handled(look)),
            (REVIEW_TABLES[-1], lambda: _list_groups(look)),
        ]
    )
    return tables


def _list_handled(look: LookBack) -> dict[str, pd.DataFrame]:
    told = look.handled
    splits = [split.assign(against=name) for name, split in told.splits.items() if len(split)]
    tables = {"handled": pd.concat(splits, ignore_index=True) if splits else pd.DataFrame()}
    tables |= {"handled_kept": told.kept, "handled_quality": told.quality}
    return {name: table.assign(round=look.label) for name, table in filled(tables).items()}


def _list_groups(look: LookBack) -> dict[str, pd.DataFrame]:
    found = follow_groups(look)
    return filled({"groups": found.status, "proposed_groups": found.proposed})


def _found(name: str, look: LookBack, find: Callable[[LookBack], pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return filled({name: find(look)})


def _list_payout(look: LookBack, profits: pd.DataFrame | None) -> pd.DataFrame:
    payout = state_payout(look, profits)
    return pd.DataFrame() if payout is None else _payout_table(look, payout)


def list_variance(look: LookBack) -> pd.DataFrame:
    """Every comparison in one table, with what it is against and what it is counted in."""
    parts = [
        variance.table.assign(round=look.label, against=variance.reference_name, unit=look.unit)
        for variance in look.variances
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def list_value_added(look: LookBack) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Error of every step of the closed rounds, and what it added."""
    return stream_accuracy(look.seen, look.earlier) if look.accuracy is None else look.accuracy


def list_weak_points(look: LookBack) -> pd.DataFrame:
    """Where the funnel lost most over the last year."""
    if look.funnel is None:
        return weak_points_by_counts(look.seen)
    found, until = look.funnel, look.seen.round.as_of
    workspace = look.seen.workspace
    return weak_points(
        found.leads,
        found.lag,
        found.model,
        workspace.calendar,
        until - _YEAR,
        until,
        found.briefs,
        workspace.settings.business.currency,
    )


def _weak_points_said(look: LookBack) -> pd.DataFrame:
    """The weak points; one row that says so where nothing stands out."""
    table, until = list_weak_points(look), look.seen.round.as_of
    if len(table) or look.funnel is None:
        return table
    calendar = look.seen.workspace.calendar
    text = say_nothing_stands_out(look.funnel.leads, look.funnel.lag, calendar, until - _YEAR, until)
    row = {"side": "", "stage": "none", "source": "", "reference": "", "sentence": text, "value": 0.0}
    return pd.DataFrame([row]).reindex(columns=table.columns)


def closed_figures(look: LookBack, profits: pd.DataFrame | None) -> RoundFigures:
    """What the closed round came to, as far as a scheme may pay for it; `profits` as of `state_payout`."""
    against = next((one for one in look.variances if one.reference_name == "plan"), None)
    kinds = None if against is None else against.table[against.table["view"] == "type"]
    leads = look.funnel.leads if look.funnel else None
    created, accepted, in_time = _lead_shares(look, leads)
    return RoundFigures(
        actual=float("nan") if kinds is None else float(kinds["actual"].sum()),
        planned=float("nan") if kinds is None else float(kinds["reference"].sum()),
        streams=_stream_totals(look),
        accepted_share=accepted,
        in_time_share=in_time,
        promised_share=look.seen.workspace.settings.funnel.accepted_share,
        leads=created,
        leads_required=_leads_required(look),
        **_earned(look, profits),
    )


def _earned(look: LookBack, profits: pd.DataFrame | None) -> dict[str, float]:
    """Profit and new customers of the round beside what its plan told of them."""
    found: dict[str, float] = {}
    if profits is not None and (profits["against"] == "plan").any():
        profits = profits[profits["against"] == "plan"]
        found |= {
            "profit": float(profits["actual"].iloc[0]),
            "profit_planned": float(profits["reference"].iloc[0]),
        }
    return found | new_customers_of(look)


def _lead_shares(look: LookBack, leads: FunnelLeads | None) -> tuple[float, float, float]:
    """Leads created in the closed span, the share accepted, and the share first tried in time."""
    none = float("nan")
    if leads is None:
        return none, none, none
    table = leads.table
    inside = (table["created"] >= look.span[0]) & (table["created"] < look.span[1])
    decided = inside & table["is_decided"]
    accepted = float(table.loc[decided, "is_accepted"].mean()) if "accepted" in leads.recorded else none
    due = (table["age_days"] * 24.0 >= leads.promise.first_contact_hours) | table["is_attempted"]
    worked = inside & table["is_accepted"] & due
    in_time = none
    if "contacted" in leads.recorded and worked.any():
        in_time = float((table.loc[worked, "wait_hours"] <= leads.promise.first_contact_hours).mean())
    return float(inside.sum()), accepted, in_time


def _stream_totals(look: LookBack) -> dict[str, float]:
    if look.published is None:
        return {}
    streams = written_streams(look.seen, look.published)
    inside = streams[streams["period"].isin(look.periods)]
    totals = {str(name): float(value) for name, value in inside.groupby("stream")["value"].sum().items()}
    sold = actual_sales(look.seen)
    return totals | {"actual": float(sold.loc[sold["period"].isin(look.periods), "value"].sum())}


def _leads_required(look: LookBack) -> float:
    if look.published is None or not look.published.has("funnel"):
        return float("nan")
    table = look.published.read("funnel")
    rows = table[(table["stage"] == "leads") & (table["source"] == "") & table["period"].isin(look.periods)]
    return float(rows["required"].sum()) if len(rows) else float("nan")


def state_payout(look: LookBack, profits: pd.DataFrame | None = None) -> Payout | None:
    """The workspace's scheme before and after the quarter; None where ``[incentives]`` is not set.

    Profit is paid for by the table ``profit_variance``; None where nothing of it is known.
    """
    settings: IncentiveSettings | None = look.seen.workspace.settings.incentives
    if settings is None:
        return None
    scheme, figures = read_scheme(settings), closed_figures(look, profits)
    currency = look.seen.workspace.settings.business.currency
    return Payout(
        scheme,
        figures,
        payout_statement(scheme, round_results(scheme, figures), currency),
        payout_function(scheme),
        simulate_gaming(scheme, look.seen.workspace.settings.plan.seed, currency=currency),
    )


def _payout_table(look: LookBack, payout: Payout) -> pd.DataFrame:
    """Statement, function and gaming check as rows of one published table."""
    names = {"play": "measure", "gain": "amount", "gain_error": "amount_error", "gonik_gain": "gonik_amount"}
    gaming = payout.gaming.rename(columns=names)
    # A bonus on forecasts has nothing to say of leads.
    gaming["gonik_amount"] = gaming["gonik_amount"].where(gaming["measure"] != "lead stuffing")
    parts = [
        payout.statement.assign(view="statement", round=look.label),
        payout.function.assign(view="function", round=look.seen.round.name),
        gaming[["function", "measure", "amount", "amount_error", "gonik_amount", "sentence"]].assign(
            view="gaming", part="", round=look.seen.round.name
        ),
    ]
    columns = [
        "round",
        "view",
        "function",
        "part",
        "measure",
        "weight",
        "at_target",
        "result",
        "payout_share",
    ]
    table = pd.concat(parts, ignore_index=True).reindex(
        columns=[*columns, "amount", "amount_error", "gonik_amount", "sentence"]
    )
    return table.assign(sentence=table["sentence"].fillna(""))


def follow_groups(look: LookBack) -> Groups:
    """Lights of the working groups from their own figures, and groups that the review calls for."""
    workspace, as_of = look.seen.workspace, look.seen.round.as_of
    groups = workspace.table("workgroups")
    table = None if look.record is None else look.record.table
    closed = {one.round: min(_closing(look, one), as_of) for one in look.earlier}
    leads = look.funnel.leads if look.funnel else None
    prices = _odd_elasticities(look)
    elasticities = None if prices is None else prices[["scope", "estimate"]]
    values, unknown = measure_kpis(groups, KpiData(workspace.calendar, leads, table, closed, elasticities))
    status, missing = workgroup_status(groups, values, as_of)
    quality = None
    if look.funnel is not None:
        quality = lead_quality(
            look.funnel.leads, look.funnel.lag, None, workspace.calendar, workspace.settings.plan.seed,
            cycle="quarter",
        ).table  # fmt: skip
    mechanics = [] if table is None else table.loc[table["kind"] == "promotion", "mechanic"].tolist()
    existing = same_figures(groups["kpi"].astype(str) if len(groups) else (), mechanics)
    proposed, said = propose_workgroups(table, quality, prices, as_of, existing)
    return Groups(status, proposed, (*unknown, *missing, *said))


def _closing(look: LookBack, published: Snapshot) -> pd.Timestamp:
    """The day after the last period of a published round's own cycle."""
    calendar, cycle = look.seen.workspace.calendar, look.seen.round.cycle
    periods = pd.DatetimeIndex(sorted(published.read("plan")["period"].unique()))
    own = periods[calendar.label(periods, cycle) == published.round]
    return pd.Timestamp(calendar.ends(own[-1:] if len(own) else periods[-1:])[0])


def _odd_elasticities(look: LookBack) -> pd.DataFrame | None:
    """Each product's own price effect beside the pool's."""
    effects = look.seen.effects
    if effects is None or not len(effects.effects):
        return None
    rows = effects.effects[effects.effects["effect"] == "elasticity"]
    names = [name for name in look.seen.dimensions if name in rows]
    words = [" × ".join(part for part in row if part) for row in rows[names].astype(str).to_numpy()]
    scope = pd.Series(words, index=rows.index, dtype=object)
    pool = rows.loc[scope == "", "estimate"]
    own = rows[scope != ""]
    level = float(pool.iloc[0]) if len(pool) else float(np.mean(own["estimate"]))
    return pd.DataFrame(
        {
            "scope": scope[scope != ""],
            "estimate": own["estimate"],
            "pool": level,
            "standard_error": own["standard_error"],
        }
    ).reset_index(drop=True)
