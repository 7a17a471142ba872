"""What measured driver effects say of claims about promotions, prices and market indicators."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from alignment_lib.inputs.written_numbers import PER_CENT, Said
from alignment_lib.planning.evidence.past import Past, PastEvent, Reading
from alignment_lib.planning.evidence.past_events import (
    count_events,
    event_readings,
    match_events,
    placebo_verdict,
    spread_between,
)
from alignment_lib.planning.evidence.scope_effects import ScopeEffect, find_effect, told_apart
from alignment_lib.planning.plan.grid import PlanGrid, scope_rows
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.driver_cover import is_unseen_mechanic, named_drivers
from alignment_lib.planning.register.driver_plans import calendar_change, calendar_strength, last_level
from alignment_lib.planning.register.timing import period_weights

__all__ = ["claim_events", "read_market", "read_price", "read_promotion"]

_MOST_POOLED = 0.95
_FEW = 3
_SIGNED_PER_CENT = re.compile(r"([+\-\u2212\u2013] ?\d+(?:[.,]\d+)?) ?%")
_NO_CHANGE = 0.005
_MOST_STRETCH = 3.0
_UNHEARD_OF = 3.0
"""Log points of price that nobody changes a price by."""


def read_promotion(grid: PlanGrid, row: Assumption, past: Past) -> Reading:
    """Uplift of the mechanics a promotion names, at the strength the calendar or the row states.

    Several mechanics add on the log scale. A row that states none is set beside those the calendar holds in
    its scope and dates, else beside a usual promotion of any kind; one whose mechanic is no driver beside
    nothing.
    """
    drivers, any_kind = _mechanics(grid, row)
    if is_unseen_mechanic(row, grid.driver_kinds):
        mechanic = str(row.fields["mechanic"]).replace("_", " ")
        return Reading(words=f"no event of {mechanic} among its drivers (0 past events)")
    sizes = _sizes(grid, row, past)
    found = {name: _effect(grid, past, name, sizes) for name in drivers}
    known = {name: effect for name, effect in found.items() if effect is not None}
    if not known:
        return Reading()
    strengths = {name: _strength(grid, row, past, name, effect) for name, effect in known.items()}
    log, variance = _together(known, strengths, any_kind)
    events = match_events(past.events, known, row.scope)
    whole = match_events(past.events, known, {})
    groups = [part for _, part in whole.groupby("driver", sort=True)] if len(whole) else []
    spread = max((spread_between(part) for part in groups), default=0.0)
    shown = events
    if len(known) > 1 and not any_kind:
        strongest = max(known, key=lambda name: abs(np.log(known[name].factors(strengths[name]))))
        shown = match_events(events, [strongest], {})
    own = count_events(events) or sum(effect.events for effect in known.values())
    pool = count_events(whole) or sum(effect.pool_events for effect in known.values())
    return Reading(
        estimate=100.0 * float(np.expm1(log)),
        error=100.0 * float(np.exp(log)) * float(np.sqrt(variance + spread**2)),
        events=own or pool,
        words=_promotion_words(row, list(known), own, pool, any_kind),
        placebo=placebo_verdict(events if len(events) >= _FEW else whole),
        past=_past_events(
            shown,
            log if len(known) > 1 else np.nan,
            {name: abs(strength) for name, strength in strengths.items()},
        ),
    )


def _mechanics(grid: PlanGrid, row: Assumption) -> tuple[tuple[str, ...], bool]:
    """The mechanics a promotion is about, and whether any kind may be meant."""
    named = named_drivers(row, grid.driver_kinds)
    promotions = tuple(name for name, kind in grid.driver_kinds.items() if kind == "promotion")
    drivers = named or tuple(name for name in promotions if _is_planned(grid, row, name)) or promotions
    any_kind = not named and len(drivers) == len(promotions) > 1 and not _is_planned(grid, row, *drivers)
    return drivers, any_kind


def claim_events(grid: PlanGrid, row: Assumption, past: Past) -> pd.DataFrame:
    """Past events of the mechanics or prices a row is about, in its scope, oldest first; empty for others."""
    drivers: tuple[str, ...] = ()
    if row.kind == "promotion" and not is_unseen_mechanic(row, grid.driver_kinds):
        drivers = _mechanics(grid, row)[0]
    elif row.kind == "price_change":
        drivers = tuple(_prices(grid, row))
    if not len(past.events):
        return past.events
    found = match_events(past.events, drivers, row.scope)
    return found.sort_values(["start", "driver"], ignore_index=True)


def _prices(grid: PlanGrid, row: Assumption) -> list[str]:
    prices = [name for name, kind in grid.driver_kinds.items() if kind == "price"]
    return [name for name in named_drivers(row, grid.driver_kinds) if name in prices] or prices


def _effect(grid: PlanGrid, past: Past, name: str, sizes: dict[str, float]) -> ScopeEffect | None:
    kind = {"promotion": "uplift", "price": "elasticity", "market": "market"}[grid.driver_kinds[name]]
    return find_effect(past.effects, name, kind, sizes)


def _is_planned(grid: PlanGrid, row: Assumption, *names: str) -> bool:
    rows, active = scope_rows(grid, row.scope), _active(grid, row)
    parts = [grid.driver_effects[name][rows][:, active] for name in names if name in grid.driver_effects]
    return any(bool(np.abs(part).sum() > 1e-9) for part in parts)


def _active(grid: PlanGrid, row: Assumption) -> np.ndarray:
    return np.asarray(period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp) > 0)


def _sizes(grid: PlanGrid, row: Assumption, past: Past) -> dict[str, float]:
    """Sales of the claim's scope and dates by the dimension that tells effects apart."""
    name = told_apart(past.effects)
    if not name:
        return {"": 1.0}
    rows, active = scope_rows(grid, row.scope), _active(grid, row)
    base = grid.baseline[rows]
    size = base[:, active].sum(axis=1) if active.any() else base.sum(axis=1)
    sums = pd.Series(size).groupby(grid.keys[name].astype(str).to_numpy()[rows]).sum()
    return {str(value): float(amount) for value, amount in sums.items()}


def _strength(grid: PlanGrid, row: Assumption, past: Past, name: str, effect: ScopeEffect) -> float:
    """As the calendar holds it in the claim's scope and dates, else the stated depth, else the usual one."""
    if grid.driver_kinds[name] == "price":
        return float(np.log1p(-row.depth)) if row.depth else -effect.usual
    planned = calendar_strength(grid, row, past.drivers, name)
    if np.isfinite(planned):
        return planned
    is_depth = 0.0 < effect.usual < _MOST_POOLED
    return row.depth if row.depth > 0 and is_depth else effect.usual


def _together(
    effects: dict[str, ScopeEffect], strengths: dict[str, float], any_kind: bool
) -> tuple[float, float]:
    """Log of the joint factor and its variance; of a usual promotion where any kind may be meant."""
    logs = np.array([np.log(effect.factors(strengths[name])) for name, effect in effects.items()])
    variances = np.array([(strengths[name] * effect.error) ** 2 for name, effect in effects.items()])
    if not any_kind:
        return float(logs.sum()), float(variances.sum())
    weights = np.array([max(effect.events, 1) for effect in effects.values()], dtype=float)
    weights /= weights.sum()
    mean = float(weights @ logs)
    return mean, float(weights @ (variances + (logs - mean) ** 2))


def _promotion_words(row: Assumption, drivers: Sequence[str], own: int, pool: int, any_kind: bool) -> str:
    what = "promotions of any kind" if any_kind else " with ".join(drivers).replace("_", " ")
    # A name without letters, such as a store's number, says nothing by itself.
    names = (
        value if any(map(str.isalpha, value)) else f"{name} {value}" for name, value in row.scope.items()
    )
    place = ", ".join(names)
    where = f" on {place}" if place else ""
    if not own:
        return f"no past event of {what}{where}, but {pool:,} elsewhere"
    few = f" and {pool - own} elsewhere" if own < _FEW and pool > own else ""
    return f"{_count(own, 'past event')} of {what}{where}{few}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _past_events(events: pd.DataFrame, joint: float, strengths: dict[str, float]) -> tuple[PastEvent, ...]:
    """Events on the claim's scale: each as it was, brought to the strength now planned.

    Where several mechanics were on together, what each adds cannot be told from one event: events of the
    strongest are shown, the part that the others add by the model put on top. Events much weaker than planned
    say next to nothing at that strength and are left out.
    """
    if not len(events):
        return ()
    logs = event_readings(events)
    result = []
    for event, own, own_error, model in zip(
        events.to_dict("records"), logs["own"], logs["own_error"], logs["model"], strict=True
    ):
        share = strengths[str(event["driver"])] / max(float(event["strength"]), 1e-9)
        if abs(share) > _MOST_STRETCH:
            continue
        log, error = float(own) * abs(share), float(own_error) * abs(share)
        if np.isfinite(joint):
            log += joint - float(model) * abs(share)
        label = f"{event['driver']} {event['start']:%b %Y}"
        sign = 1.0 if share >= 0 else -1.0
        factor = np.exp(np.clip(sign * log, -5.0, 5.0))
        established = str(event["verdict"]) != "not established"
        result.append(
            PastEvent(label, 100.0 * float(factor - 1.0), 100.0 * float(factor) * error, established)
        )
    return tuple(result)


def read_price(grid: PlanGrid, row: Assumption, past: Past) -> Reading:
    """Own-price elasticity at the change of price which the row or its title states, else the calendar."""
    drivers = _prices(grid, row)
    sizes = _sizes(grid, row, past)
    found = [(name, _effect(grid, past, name, sizes)) for name in drivers]
    known = [(name, effect) for name, effect in found if effect is not None]
    if not known:
        return Reading()
    name, effect = known[0]
    events = effect.events or effect.pool_events
    elasticity = f"an elasticity of {Said(effect.estimate):.1f} give or take {effect.error:.1f}"
    titled = _in_title(row)
    if row.states_price:
        change = float(np.log1p(max(row.expected, -99.0) / 100.0))
    elif np.isfinite(titled):
        change = float(np.log1p(titled / 100.0))
        elasticity += f", at the {Said(titled):+g}{PER_CENT} its title states"
    else:
        change = calendar_change(grid, row, past.drivers, name)
    behind = f"{_count(events, 'past price change')} ({elasticity})"
    if not np.isfinite(change) or abs(change) < _NO_CHANGE:
        return Reading(events=events, words=behind + _implied(row, effect.estimate))
    factor = effect.factors(change)
    matched = match_events(past.events, [name], row.scope)
    return Reading(
        estimate=100.0 * (factor - 1.0),
        error=100.0 * factor * abs(change) * effect.error,
        events=events,
        words=behind,
        placebo=placebo_verdict(matched if len(matched) >= _FEW else match_events(past.events, [name], {})),
        past=_past_events(matched, np.nan, {name: -change}),
    )


def _in_title(row: Assumption) -> float:
    """The one change in per cent, with its sign, that the title states; NaN where it states none or several.

    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> _in_title(example_assumption(title="Tea list price +4 %"))
    4.0
    """
    found = _SIGNED_PER_CENT.findall(row.title)
    if len(found) != 1:
        return float("nan")
    value = float(found[0].replace("\u2212", "-").replace("\u2013", "-").replace(",", ".").replace(" ", ""))
    return value if value > -100.0 else float("nan")


def _implied(row: Assumption, elasticity: float) -> str:
    """What the claim would take, where nothing says by how much the price changes."""
    words = ", but neither row nor calendar says by how much the list price changes"
    if row.unit != "percent" or row.expected <= -100.0 or abs(elasticity) < 0.1:
        return words
    change = float(np.log1p(row.expected / 100.0)) / elasticity
    if abs(change) > _UNHEARD_OF:
        return f"{words} (no change of price that is ever made would bring it)"
    price = 100.0 * float(np.expm1(change))
    claimed, taken = f"{Said(row.expected):+.0f}{PER_CENT}", f"{Said(price):+.1f}{PER_CENT}"
    return f"{words} ({claimed} of sales would take {taken})"


def read_market(grid: PlanGrid, row: Assumption, past: Past) -> Reading:
    """A market indicator's elasticity at the change which the row states, else what the calendar holds."""
    kinds = grid.driver_kinds
    named = [name for name in named_drivers(row, kinds) if kinds[name] == "market"]
    if not named:
        return Reading()
    name = named[0]
    effect = _effect(grid, past, name, _sizes(grid, row, past))
    if effect is None:
        return Reading()
    periods = effect.events or effect.pool_events
    words = f"{_count(periods, f'past {grid.calendar.grain}')} of {name.replace('_', ' ')}"
    if row.states_indicator:
        change = float(np.log1p(max(row.expected, -99.0) / 100.0))
        if effect.unit != "log per log":
            change = row.expected / 100.0 * last_level(past.drivers, name, grid.calendar.season)
        factor = effect.factors(change)
        return Reading(
            100.0 * (factor - 1.0), 100.0 * factor * abs(change) * effect.error, periods, words=words
        )
    rows, active = scope_rows(grid, row.scope), _active(grid, row)
    base = float(grid.baseline[rows][:, active].sum())
    held = float(grid.driver_effects[name][rows][:, active].sum()) if name in grid.driver_effects else 0.0
    if base <= 0 or not held or not effect.estimate:
        return Reading()
    share = held / base
    return Reading(100.0 * share, 100.0 * abs(share * effect.error / effect.estimate), periods, words=words)
