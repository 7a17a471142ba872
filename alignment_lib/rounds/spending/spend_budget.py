"""The round's budget by channel: as before, as planned, as asked, and the splits that do most with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.forecasting.response.curves import Curves
from alignment_lib.forecasting.response.health import Response
from alignment_lib.planning.budget.spending import BudgetError, Channel, complete_budget, lay_out_channels
from alignment_lib.planning.budget.splitting import (
    Split,
    find_frontier,
    least_for,
    least_for_odds,
    most_within,
)
from alignment_lib.rounds.preparing.known_round import KnownRound
from alignment_lib.rounds.preparing.planned_spend import plan_spend
from alignment_lib.rounds.spending.spend_data import SpendData

__all__ = ["LeadNeeds", "budget_table"]

_COLUMNS = [
    *("source", "usual", "planned", "low", "high", "best", "brought_usual", "brought_planned"),
    *("brought_best", "gain", "gain_p10", "gain_p90", "better", "is_known", "bound", "outcome"),
    *("committed", "asked", "brought_asked", "completed", "worth", "earned_asked", "earned_best"),
    *("least", "least_said", "sure", "sure_said"),
]
_BOUNDS = (0.5, 2.0)
"""A channel is taken to half and to double of what is planned at most: beyond, nobody has been."""


@dataclass(frozen=True)
class LeadNeeds:
    """Leads of the round's open periods.

    Attributes
    ----------
    gap : float
        Required less what is to be expected; what more spend would have to bring.
    room : float
        What can be handled beyond what is to be expected; infinite where nobody says.
    """

    gap: float
    room: float = float("inf")


@dataclass(frozen=True)
class _Plan:
    """Money of the open periods and channels of the response, shape (periods, channels)."""

    usual: np.ndarray
    planned: np.ndarray
    committed: np.ndarray


def budget_table(
    ready: KnownRound,
    found: SpendData,
    response: Response,
    worth: Mapping[str, float] | None = None,
    needs: LeadNeeds | None = None,
) -> pd.DataFrame:
    """One row a channel; empty where no channel's response is known or no period is open.

    Parameters
    ----------
    ready, found, response
        The round, its spend, and how the outcome answers to it.
    worth : mapping of str to float, optional
        Profit before marketing that one more of the outcome brings, by source; blank for all others. The best
        split then earns most, else it brings most.
    needs : LeadNeeds, optional
        What the plan requires.

    Raises
    ------
    BudgetError
        Where the budget asked for cannot be.
    """
    names = found.data.channels
    known = [response.is_known(name) for name in names]
    open_periods = ready.round.cycle_periods[ready.round.cycle_periods > found.periods[-1]]
    if response.fit is None or not any(known) or not len(open_periods):
        return pd.DataFrame(columns=_COLUMNS)
    plan = _money(ready, names, open_periods)
    # What history cannot tell brings nothing that could be shown.
    curves = replace(response.fit.curves, most=response.fit.curves.most * known)
    bounds = _bounds(ready, names, plan)

    def lay_out(curves: Curves) -> tuple[Channel, ...]:
        return lay_out_channels(curves, names, found.data.spend, plan.planned, bounds, known, plan.committed)

    channels = lay_out(curves)
    asked, total, completed = _asked(ready, channels)
    values = _values(worth, names)
    split = _best(lay_out, curves, values, total)
    spent = {"usual": plan.usual.sum(axis=0), "planned": plan.planned.sum(axis=0), "best": split.money}
    spent["asked"] = np.array([asked[name] for name in names])
    brought = {key: _bring(channels, money) for key, money in spent.items()}
    frame = pd.DataFrame({"source": names, **spent, "is_known": known, "bound": split.said})
    frame = frame.assign(**_gains(brought, values, spent), outcome=found.outcome, completed=completed)
    for key, draws in brought.items():
        frame[f"brought_{key}"] = np.where(known, draws.mean(axis=1), np.nan)
    for key in ("asked", "best"):
        frame[f"earned_{key}"] = frame[f"brought_{key}"] * values - frame[key]
    frame = frame.assign(**_least(ready, channels, brought["planned"], needs))
    frame = frame.assign(
        low=[one.low for one in channels],
        high=[one.high for one in channels],
        committed=plan.committed.sum(axis=0),
        worth=values,
    )
    return frame[_COLUMNS]


def _money(ready: KnownRound, names: Sequence[str], periods: pd.DatetimeIndex) -> _Plan:
    found = plan_spend(ready.workspace, periods)
    if found is None:
        nothing = np.zeros((len(periods), len(names)))
        return _Plan(nothing, nothing, nothing)
    parts = (found.as_before, found.planned, found.committed)
    return _Plan(*(one.reindex(columns=list(names), fill_value=0.0).to_numpy(dtype=float) for one in parts))


def _bounds(ready: KnownRound, names: Sequence[str], plan: _Plan) -> dict[str, tuple[float, float]]:
    """As the settings say, else between half and double of what is planned, or of a year before."""
    given, result = ready.workspace.settings.budget.bounds, {}
    for at, name in enumerate(names):
        planned, usual = float(plan.planned[:, at].sum()), float(plan.usual[:, at].sum())
        least, most = min(planned, _BOUNDS[0] * usual), max(planned, _BOUNDS[1] * usual)
        result[name] = given.get(name, (max(least, float(plan.committed[:, at].sum())), most))
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise BudgetError(
            f"planning.toml, [budget] bounds: no channel with a response is called {unknown[0]}; "
            f"there are: {', '.join(names)}."
        )
    return result


def _asked(ready: KnownRound, channels: Sequence[Channel]) -> tuple[dict[str, float], float, str]:
    """The budget of the settings made whole; what is planned where they hold none."""
    asked = ready.workspace.settings.budget
    try:
        money, total, said = complete_budget(channels, asked.total, asked.channels)
        for one in channels:
            if money[one.name] < one.fixed * (1.0 - 1e-9):
                raise BudgetError(
                    f"{one.name} would get {money[one.name]:,.0f}, less than the {one.fixed:,.0f} committed."
                )
    except BudgetError as error:
        raise BudgetError(f"planning.toml, [budget]: {error}") from None
    return money, total, said if asked.total is not None or asked.channels else ""


def _values(worth: Mapping[str, float] | None, names: Sequence[str]) -> np.ndarray:
    """Profit before marketing of one more of the outcome, by channel; NaN where it is not known."""
    told = worth or {}
    return np.array([told.get(name, told.get("", np.nan)) for name in names], dtype=float)


def _best(
    lay_out: Callable[[Curves], tuple[Channel, ...]], curves: Curves, values: np.ndarray, total: float
) -> Split:
    """The split that earns most within a total, or brings most where no worth is known."""
    if np.isfinite(values).all() and (values > 0).any():
        frontier = find_frontier(lay_out(replace(curves, most=curves.most * np.maximum(values, 0.0))))
        return most_within(frontier, total, worth=1.0)
    return find_frontier(lay_out(curves)).at(total)


def _bring(channels: Sequence[Channel], money: np.ndarray) -> np.ndarray:
    """What money brings until it has faded, shape (channels, draws)."""
    return np.stack([one.bring(float(part)).sum(axis=0) for one, part in zip(channels, money, strict=True)])


def _gains(
    brought: Mapping[str, np.ndarray], values: np.ndarray, spent: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """What the best split brings more than what is asked for; better is earning more where that is known."""
    more = brought["best"] - brought["asked"]
    gains = more.sum(axis=0)
    low, middle, high = np.quantile(gains, [0.1, 0.5, 0.9])
    earned = gains
    if np.isfinite(values).all():
        earned = (more * values[:, None]).sum(axis=0) - float((spent["best"] - spent["asked"]).sum())
    better = float((earned > 0).mean())
    return {"gain": middle, "gain_p10": low, "gain_p90": high, "better": better}


def _least(
    ready: KnownRound, channels: Sequence[Channel], planned: np.ndarray, needs: LeadNeeds | None
) -> dict[str, Any]:
    """Least money for the leads the plan requires, and for those asked for with a probability."""
    asked = ready.workspace.settings.budget
    result: dict[str, Any] = {"least": np.nan, "least_said": "", "sure": np.nan, "sure_said": ""}
    if needs is None and asked.leads is None:
        return result
    frontier, now = find_frontier(channels), float(planned.sum(axis=0).mean())
    if needs is not None and now + needs.gap > 0:
        cap = now + max(needs.room, 0.0)
        result |= _try("least", lambda: least_for(frontier, now + needs.gap, cap))
    if asked.leads is not None:
        result |= _try("sure", lambda: least_for_odds(frontier, float(asked.leads or 0.0), asked.probability))
    return result


def _try(name: str, solve: Callable[[], Split]) -> dict[str, Any]:
    """A split and its sentence; where none can be, the sentence says which bound stands in the way."""
    try:
        found = solve()
    except BudgetError as error:
        return {f"{name}_said": str(error)}
    return {name: found.money, f"{name}_said": found.said}
