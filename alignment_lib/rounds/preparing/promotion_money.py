"""Use case: every promotion judged by what it earned or lost: past events, and those still planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.moves import runs_of
from alignment_lib.forecasting.effects.drivers.panel import grid_drivers
from alignment_lib.planning.evidence.past_events import outcome_table
from alignment_lib.planning.evidence.scope_effects import find_effect, told_apart
from alignment_lib.planning.money.action_margins import CellMargins, Paid, past_margins, planned_margins
from alignment_lib.planning.money.layout import promotion_columns
from alignment_lib.planning.money.promotion_profit import Action, judge_action
from alignment_lib.planning.plan.paid_prices import Discounts, measure_discounts
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.driver_cover import named_drivers
from alignment_lib.planning.register.timing import period_weights
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["FIGURES", "promotion_profits"]

FIGURES = (
    "without", "gross", "gross_error", "pull_forward", "cannibalised", "net", "net_error", "usual_margin",
    "action_margin", "given_away", "funding", "net_margin", "net_margin_error", "uplift", "break_even_uplift",
    "claimed_uplift", "claimed_net_margin",
)  # fmt: skip
_STANDING = ("proposed", "accepted")


@dataclass(frozen=True)
class _Planned:
    """One planned action: where and when it runs, and who claims something of it.

    `is_told` where the calendar runs it already under another claim: only what is claimed is its own.
    """

    driver: str
    label: str
    rows: np.ndarray
    window: slice
    claim: Assumption | None = None
    is_told: bool = False


def promotion_profits(ready: PreparedRound) -> pd.DataFrame:
    """One row an action, those of the past first.

    Returns
    -------
    DataFrame
        ``when`` (past or planned), ``action`` (an id of the register, else the driver), ``title, status,
        driver``, the dimensions (blank = all), ``start, end`` and `FIGURES`: sales in the plan's measure,
        money in the currency. ``net_margin`` of a planned action is at the uplift that history supports, NaN
        where history is silent. Empty without costs.
    """
    columns = ["when", "action", "title", "status", "driver", *ready.dimensions, "start", "end", *FIGURES]
    if ready.horizon.grid.money is None or ready.money is None:
        return pd.DataFrame(columns=columns)
    events = ready.effects.events if ready.effects is not None else pd.DataFrame()
    found = outcome_table(events) if len(events) else events
    rows = [*_past_rows(ready, found), *_planned_rows(ready, found)]
    return pd.DataFrame(rows, columns=columns)


def _past_rows(ready: PreparedRound, events: pd.DataFrame) -> list[dict[str, Any]]:
    if not len(events):
        return []
    history = ready.history
    margins = past_margins(ready.workspace, history, _sizes(ready), _discounts(ready))
    result = []
    for event in events.to_dict("records"):
        first = int(history.periods.get_indexer(pd.DatetimeIndex([event["start"]]))[0])
        last = int(history.periods.get_indexer(pd.DatetimeIndex([event["end"]]))[0])
        window = slice(first, last + 1)
        scope = {name: str(event[name]) for name in ready.dimensions if event.get(name)}
        rows = margins.rows_of(scope, str(event["driver"]), window)
        claim = _claim_of(ready, str(event["driver"]), scope, history.periods[window])
        paid = margins.paid(str(event["driver"]), claim, rows, window)
        action = _as_action(event, margins, paid, rows, window)
        result.append(
            _row("past", event["driver"], claim, scope, history.periods[window], ready, action, paid)
        )
    return result


def _as_action(
    event: Mapping[Any, Any], margins: CellMargins, paid: Paid, rows: np.ndarray, window: slice
) -> Action:
    """An event at what it really brought: moved volumes go with it."""
    gross = float(event["effect"])
    scale = gross / event["gross"] if event["gross"] else 0.0
    moved = max(event["net_error"] ** 2 - event["gross_error"] ** 2, 0.0)
    usual, own, other = margins.means(rows, window, str(event["driver"]), paid.per_unit)
    return Action(
        float(event["baseline"]),
        gross,
        float(event["standard_error"]),
        float(event["pull_forward"]) * scale,
        float(event["cannibalised"]) * scale,
        float(np.sqrt(moved)),
        usual,
        own,
        other,
        paid.lump,
    )


def _planned_rows(ready: PreparedRound, events: pd.DataFrame) -> list[dict[str, Any]]:
    grid = ready.horizon.grid
    margins = planned_margins(ready.workspace, grid, _discounts(ready))
    effects = ready.effects.effects if ready.effects is not None else pd.DataFrame()
    name = told_apart(effects)
    result = []
    for one in _planned_actions(ready, name):
        scope = {name: one.label} if one.label else dict(one.claim.scope) if one.claim else {}
        paid = margins.paid("" if one.is_told else one.driver, one.claim, one.rows, one.window)
        usual, own, other = margins.means(one.rows, one.window, one.driver, paid.per_unit, one.claim)
        base = np.maximum(grid.baseline[one.rows, one.window], 0.0)
        gross, error = _supported(ready, margins, effects, one, base)
        pulled, taken, moved = _moved_shares(events, one, name)
        action = Action(
            float(base.sum()), gross, error, pulled * gross, taken * gross, moved * abs(gross),
            usual, own, other, paid.lump,
        )  # fmt: skip
        claimed = _claimed(ready, one)
        periods = grid.periods[one.window]
        row = _row("planned", one.driver, one.claim, scope, periods, ready, action, paid)
        if np.isfinite(claimed):
            own_shares = _own_shares(one.claim, pulled, taken)
            said = replace(
                action, gross=claimed, pulled=own_shares[0] * claimed, taken=own_shares[1] * claimed
            )
            judged = judge_action(said)
            row |= {"claimed_uplift": judged.uplift, "claimed_net_margin": judged.net_margin}
        result.append(row)
    return result


def _planned_actions(ready: PreparedRound, name: str) -> list[_Planned]:
    """Runs of the calendar, with the claim that speaks of each; then claims the calendar does not know."""
    grid, drivers = ready.horizon.grid, ready.workspace.tables.get("drivers")
    names = promotion_columns(ready.workspace)
    claims = [row for row in ready.register if row.kind == "promotion" and row.status in _STANDING]
    found: list[_Planned] = []
    if drivers is not None and names:
        values, _ = grid_drivers(grid.keys, drivers, names, grid.periods)
        labels = grid.keys[name].astype(str).tolist() if name else [""] * len(grid.keys)
        for driver in names:
            for label in sorted(set(labels)):
                own = np.flatnonzero(np.array(labels) == label)
                on = np.nan_to_num(values[driver][own]) > 0
                first, last = runs_of(on.any(axis=0))
                for start, end in zip(np.flatnonzero(first), np.flatnonzero(last), strict=True):
                    window = slice(int(start), int(end) + 1)
                    rows = own[on[:, window].any(axis=1)]
                    scope = {name: label} if name else {}
                    claim = _claim_of(ready, driver, scope, grid.periods[window], claims)
                    found.append(_Planned(driver, label, rows, window, claim))
    told = {one.claim.id for one in found if one.claim is not None}
    alone = [_of_claim(ready, row, found) for row in claims if row.id not in told]
    return found + [one for one in alone if one is not None]


def _of_claim(ready: PreparedRound, row: Assumption, runs: Sequence[_Planned]) -> _Planned | None:
    grid = ready.horizon.grid
    cover = np.flatnonzero(period_weights(grid.calendar, grid.periods, row.start, row.end, "step"))
    rows = np.flatnonzero(_inside(grid.keys, row.scope))
    if not len(cover) or not len(rows):
        return None
    named = named_drivers(row, grid.driver_kinds)
    window = slice(int(cover[0]), int(cover[-1]) + 1)
    told = any(
        run.driver in named
        and max(run.window.start, window.start) < min(run.window.stop, window.stop)
        and len(np.intersect1d(run.rows, rows)) > 0
        for run in runs
    )
    return _Planned(named[0] if named else "", "", rows, window, row, told)


def _claim_of(
    ready: PreparedRound,
    driver: str,
    scope: Mapping[str, str],
    periods: pd.DatetimeIndex,
    claims: Sequence[Assumption] | None = None,
) -> Assumption | None:
    """The claim that speaks of a driver's run: the longest in common, the earlier id of equals."""
    rows = [row for row in ready.register if row.status in _STANDING] if claims is None else claims
    last = ready.workspace.calendar.ends(periods[-1:])[0] - pd.Timedelta(days=1)
    best, most = None, 0
    for row in rows:
        if driver not in named_drivers(row, ready.horizon.grid.driver_kinds):
            continue
        if any(row.scope.get(name, value) != value for name, value in scope.items()):
            continue
        days = (min(row.end, last) - max(row.start, periods[0])).days + 1
        if days > most:
            best, most = row, days
    return best


def _supported(
    ready: PreparedRound, margins: CellMargins, effects: pd.DataFrame, one: _Planned, base: np.ndarray
) -> tuple[float, float]:
    """What history supports of an action's gross, and its error; NaN where it is silent."""
    if not one.driver or one.is_told or not len(effects):
        return np.nan, np.nan
    name = told_apart(effects)
    grid = ready.horizon.grid
    sums = pd.Series(base.sum(axis=1), index=one.rows)
    groups = grid.keys[name].astype(str).to_numpy()[one.rows] if name else np.full(len(one.rows), "")
    sizes = {str(label): float(size) for label, size in sums.groupby(groups).sum().items()}
    effect = find_effect(effects, one.driver, "uplift", sizes)
    if effect is None:
        return np.nan, np.nan
    strength = margins.strength(one.driver, one.rows, one.window)
    if not strength > 0:
        strength = one.claim.depth_paid if one.claim and one.claim.depth_paid else effect.usual
    factor = effect.factors(strength)
    whole = float(base.sum())
    return whole * (factor - 1.0), whole * factor * effect.error * abs(strength)


def _moved_shares(events: pd.DataFrame, one: _Planned, name: str) -> tuple[float, float, float]:
    """Shares of gross that past actions of the driver borrowed and took, and the error of both."""
    if not len(events) or not one.driver:
        return 0.0, 0.0, 0.0
    its = events[events["driver"] == one.driver]
    own = its[its[name].astype(str) == one.label] if name and one.label else its
    its = own if len(own) else its
    gross = float(its["gross"].sum())
    if not len(its) or not gross > 0:
        return 0.0, 0.0, 0.0
    error = np.sqrt(np.maximum(its["net_error"] ** 2 - its["gross_error"] ** 2, 0.0))
    moved = float((error / its["gross"].abs().clip(lower=1e-9)).median())
    return float(its["pull_forward"].sum()) / gross, float(its["cannibalised"].sum()) / gross, moved


def _own_shares(claim: Assumption | None, pulled: float, taken: float) -> tuple[float, float]:
    """What a claim says of its moves, else what history does."""
    if claim is None:
        return pulled, taken
    moved = claim.moved_share if claim.moves_from or claim.moves_to else 0.0
    return claim.pull_forward_share or pulled, moved or taken


def _claimed(ready: PreparedRound, one: _Planned) -> float:
    """Gross as claimed, in the cells of the action; NaN where nobody claims it in percent."""
    row, grid = one.claim, ready.horizon.grid
    if row is None or row.unit != "percent":
        return np.nan
    strength = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp)[one.window]
    base = np.maximum(grid.baseline[one.rows, one.window], 0.0)
    inside = _inside(grid.keys.iloc[one.rows], row.scope)
    return float((base[inside] * strength).sum()) * row.volume_effect(row.expected)


def _row(
    when: str,
    driver: object,
    claim: Assumption | None,
    scope: Mapping[str, str],
    periods: pd.DatetimeIndex,
    ready: PreparedRound,
    action: Action,
    paid: Paid,
) -> dict[str, Any]:
    judged = judge_action(action)
    calendar = ready.workspace.calendar
    sold = action.without + action.gross
    return {
        "when": when,
        "action": claim.id if claim else str(driver),
        "title": claim.title if claim else "",
        "status": claim.status if claim else "in the calendar",
        "driver": str(driver),
        **{name: scope.get(name, "") for name in ready.dimensions},
        "start": periods[0],
        "end": calendar.ends(periods[-1:])[0] - pd.Timedelta(days=1),
        "without": action.without,
        "gross": action.gross,
        "gross_error": action.gross_error,
        "pull_forward": action.pulled,
        "cannibalised": action.taken,
        "net": judged.net,
        "net_error": judged.net_error,
        "usual_margin": action.usual_margin,
        "action_margin": action.action_margin,
        "given_away": judged.given_away,
        "funding": paid.lump + (paid.mean_per_unit * sold if paid.mean_per_unit else 0.0),
        "net_margin": judged.net_margin,
        "net_margin_error": judged.net_margin_error,
        "uplift": judged.uplift,
        "break_even_uplift": judged.break_even,
        "claimed_uplift": np.nan,
        "claimed_net_margin": np.nan,
    }


def _inside(keys: pd.DataFrame, scope: Mapping[str, str]) -> np.ndarray:
    inside = np.ones(len(keys), dtype=bool)
    for name, value in scope.items():
        inside &= (keys[name].astype(str) == value).to_numpy()
    return inside


def _sizes(ready: PreparedRound) -> np.ndarray:
    """What the model expects without promotions, to weigh the cells of an event by."""
    history, effects = ready.history, ready.effects
    if effects is not None and effects.without.shape == history.values.shape:
        return np.asarray(np.maximum(np.nan_to_num(effects.without), 0.0))
    return np.asarray(np.maximum(np.nan_to_num(history.values), 0.0))


def _discounts(ready: PreparedRound) -> Discounts:
    drivers = ready.workspace.tables.get("drivers")
    return measure_discounts(ready.history, drivers, ready.horizon.grid.driver_kinds)
