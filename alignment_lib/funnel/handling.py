"""Lead handling, the sales side: contact, speed, attempts, what waiting goes with, and the talk itself.

Handlers are roles or teams. Tables stand in the order of their names and rank nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import survival_median
from alignment_lib.funnel.leads import FunnelLeads, label_periods
from alignment_lib.funnel.win_model import WinModel, linear_predictor, wait_term
from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.problems import Notice

__all__ = ["WARNING", "LeadHandling", "lead_handling", "waiting_curve"]

WARNING = (
    "Fitted on past leads, not on an experiment: leads that seem better are often called sooner, so part of "
    "the difference may be theirs. It is not proof of cause."
)
_CURVE_HOURS = (0.25, 1.0, 4.0, 8.0, 24.0, 48.0, 72.0, 120.0, 168.0, 336.0)
_Z90 = 1.6448536


@dataclass(frozen=True)
class LeadHandling:
    """The sales side of the funnel.

    Attributes
    ----------
    table : DataFrame
        One row per cut: ``accepted, attempted_share, contacted_share, unworked`` (accepted, never
        attempted, older than the promise or closed), ``unworked_share, median_hours`` (to the first
        attempt, open leads censored), ``in_time_share`` (first attempt within the promise, of those whose
        promise has run out), ``mean_attempts, attempts_share`` (reached, won or tried as often as
        promised within the window, of those whose window has run out), ``call_quality``,
        ``keeps_promise``.
    waiting : DataFrame
        `waiting_curve`; empty without a model.
    effects : DataFrame
        ``term`` (``wait``: log odds per unit of log(1 + days); ``talk``: per point of call score),
        ``estimate, standard_error, low, high`` (90 %), ``warning``.
    notices : tuple of Notice
        What could not be measured, and the warning on cause.
    """

    table: pd.DataFrame
    waiting: pd.DataFrame
    effects: pd.DataFrame
    notices: tuple[Notice, ...] = ()


def lead_handling(
    leads: FunnelLeads,
    model: WinModel | None,
    calendar: Calendar,
    cycle: Cycle | None = None,
    by: Sequence[str] = ("handler",),
) -> LeadHandling:
    """Measure what sales makes of accepted leads.

    Parameters
    ----------
    leads, model
        Prepared leads and their win model.
    cycle : {"month", "quarter", "year"}, optional
        Cut by cohort of creation too.
    by : sequence of str
        Cut by these columns; ``handler`` is a role.
    """
    if "contacted" not in leads.recorded:
        text = "Contacts are not recorded: contact, speed and attempts cannot be shown."
        empty = pd.DataFrame(columns=[*by, "accepted", "attempted_share", "contacted_share"])
        return LeadHandling(empty, waiting_curve(None), _effects(None), (Notice("no_contacts", text),))
    table = _handling_table(leads, calendar, cycle, by)
    notices = [Notice("not_cause", WARNING)] if model else []
    if not leads.table["call_quality"].notna().any():
        notices.append(Notice("calls_not_scored", "Calls are not scored: the talk itself is not measured."))
    return LeadHandling(table, waiting_curve(model, leads), _effects(model), tuple(notices))


def _handling_table(
    leads: FunnelLeads, calendar: Calendar, cycle: Cycle | None, by: Sequence[str]
) -> pd.DataFrame:
    chosen = leads.table[leads.table["is_accepted"]]
    keys = pd.DataFrame(index=chosen.index)
    if cycle:
        keys["cohort"] = label_periods(chosen["created"], calendar, cycle)
    for name in by:
        keys[name] = chosen[name]
    numbers = _handling_numbers(leads, chosen)
    groups = keys.assign(**numbers).groupby(list(keys.columns), observed=True, sort=True)
    sums = groups[list(numbers)].sum()
    medians = _median_hours(chosen, groups.ngroup().to_numpy(), len(sums))
    sums = sums.reset_index()
    for name in keys.columns:
        sums[name] = sums[name].astype(str)
    result = sums[[*keys.columns]].copy()
    accepted = sums["accepted"]
    result["accepted"] = accepted.astype(np.int64)
    result["attempted_share"] = sums["attempted"] / accepted
    result["contacted_share"] = sums["contacted"] / accepted
    result["unworked"] = sums["unworked"].astype(np.int64)
    result["unworked_share"] = sums["unworked"] / accepted
    result["median_hours"] = medians
    result["in_time_share"] = sums["in_time"] / sums["due"].where(sums["due"] > 0)
    result["mean_attempts"] = sums["attempts"] / accepted
    result["attempts_share"] = sums["tried"] / sums["window"].where(sums["window"] > 0)
    result["call_quality"] = sums["talk"] / sums["scored"].where(sums["scored"] > 0)
    result["keeps_promise"] = result["in_time_share"] >= leads.promise.accepted_share
    return result


def _handling_numbers(leads: FunnelLeads, chosen: pd.DataFrame) -> dict[str, np.ndarray]:
    promise = leads.promise
    age_hours = chosen["age_days"].to_numpy() * 24.0
    wait = chosen["wait_hours"].to_numpy()
    attempted = chosen["is_attempted"].to_numpy()
    ended = chosen["closed_at"].notna().to_numpy()
    due = (age_hours >= promise.first_contact_hours) | attempted
    window = (age_hours >= promise.attempts_within_days * 24.0) | ended
    reached = chosen["is_contacted"].to_numpy() | chosen["is_won"].to_numpy()
    tried = reached | (chosen["attempts_in_window"].to_numpy() >= promise.attempts)
    talk = chosen["call_quality"].to_numpy()
    unworked = (
        ~attempted & ((age_hours >= promise.first_contact_hours) | ended) & ~chosen["is_won"].to_numpy()
    )
    numbers = {
        "accepted": np.ones(len(chosen)),
        "attempted": attempted,
        "contacted": chosen["is_contacted"].to_numpy(),
        "unworked": unworked,
        "due": due,
        "in_time": due & (wait <= promise.first_contact_hours),
        "attempts": chosen["attempts"].to_numpy(),
        "window": window,
        "tried": window & tried,
        "scored": np.isfinite(talk),
        "talk": np.nan_to_num(talk, nan=0.0),
    }
    return {name: np.asarray(values, dtype=float) for name, values in numbers.items()}


def _median_hours(chosen: pd.DataFrame, group: np.ndarray, groups: int) -> np.ndarray:
    """Kaplan-Meier median by group, to a tenth of an hour; leads not tried yet are censored."""
    wait = chosen["wait_hours"].to_numpy()
    tried = np.isfinite(wait)
    hours = np.round(np.where(tried, wait, chosen["open_hours"].to_numpy()), 1)
    usable = np.isfinite(hours) & (tried | ~chosen["is_attempted"].to_numpy())
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(groups + 1))
    medians = np.full(groups, np.nan)
    for number in range(groups):
        rows = order[edges[number] : edges[number + 1]]
        rows = rows[usable[rows]]
        if len(rows):
            medians[number] = survival_median(hours[rows], tried[rows])
    return medians


def _effects(model: WinModel | None) -> pd.DataFrame:
    columns = ["term", "estimate", "standard_error", "low", "high", "warning"]
    rows = []
    for term in ("wait", "talk"):
        if model is not None and term in model.names:
            value, error = model.coefficient(term)
            rows.append([term, value, error, value - _Z90 * error, value + _Z90 * error, WARNING])
    return pd.DataFrame(rows, columns=columns)


def waiting_curve(model: WinModel | None, leads: FunnelLeads | None = None) -> pd.DataFrame:
    """Chance to win an average reached lead by hours to the first attempt, with its 90 % band.

    The average is over the accepted leads' own quality; bounds by the delta method on the waiting
    coefficient and the mean log odds.

    Returns
    -------
    DataFrame
        ``hours, win_chance, low, high``, and ``against_promise``: the chance relative to the promise.
    """
    columns = ["hours", "win_chance", "low", "high", "against_promise"]
    if model is None or leads is None or "wait" not in model.names:
        return pd.DataFrame(columns=columns)
    quality = linear_predictor(model, leads.table[leads.table["is_accepted"]])
    grid = np.quantile(quality, (np.arange(200) + 0.5) / 200)
    slope, error = model.coefficient("wait")
    hours = np.array(sorted({*_CURVE_HOURS, leads.promise.first_contact_hours}))
    shift = wait_term(hours) - model.promise_wait
    base = _mean_chance(grid, np.zeros(1))[0]
    rows = pd.DataFrame({"hours": hours, "win_chance": _mean_chance(grid, slope * shift)})
    spread = _Z90 * error * np.abs(shift)
    rows["low"] = _mean_chance(grid, slope * shift - spread)
    rows["high"] = _mean_chance(grid, slope * shift + spread)
    rows["against_promise"] = rows["win_chance"] / base
    return rows[columns]


def _mean_chance(grid: np.ndarray, shift: np.ndarray) -> np.ndarray:
    return np.asarray((1.0 / (1.0 + np.exp(-(grid[None, :] + shift[:, None])))).mean(axis=1))
