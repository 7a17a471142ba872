"""Assumptions as values: one claim each, with owner, range, reason and state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.kind_checks import MOST_FOLD

__all__ = [
    "ASSUMED_DEPTH",
    "PLANS",
    "Assumption",
    "bent_effect",
    "counted_in",
    "example_assumption",
    "read_assumptions",
]

ASSUMED_DEPTH = "assumed_depth"
"""Field of a promotion without a depth whose mechanic was measured to cut prices (`fill_depths`)."""

PLANS = ("as_proposed", "evidence_weighted", "consensus")
"""The three plans every round works out, beside the workspace's named scenarios."""

_COUNTED = {
    "as_proposed": ("proposed", "accepted"),
    "evidence_weighted": ("proposed", "accepted"),
    "consensus": ("accepted",),
}


@dataclass(frozen=True)
class Assumption:
    """One row of the register.

    Attributes
    ----------
    id, kind, title, owner, function : str
        Who claims what; `owner` is a role, `function` is marketing or sales.
    start, end : Timestamp
        First and last day on which the claim holds, both inclusive.
    unit : {"percent", "units", "revenue", "spend"}
        What `low`, `expected`, `high` are measured in: percent of the baseline in scope (90 is
        +90 %), or the total volume or revenue over all days from `start` to `end`; of a budget percent of the
        planned spend of its source in these days, or money of spend over all of them.
    low, expected, high : float
        10 % point, most likely value and 90 % point. `low` and `high` are NaN where not given.
    status : {"draft", "proposed", "accepted", "rejected"}
        As used: ``accepted`` only where both functions accepted.
    scope : dict of str to str
        Dimension values the claim is limited to; a dimension not named is not limited.
    ramp : {"step", "linear", "s-curve", "fade"}
        How the effect builds up between `start` and `end`.
    moves_from, moves_to : tuple of str
        Dimension values the effect is taken from, or turns to.
    moved_share, pull_forward_share : float
        Decimals from 0 to 1.
    elasticity : float
        Where given, a price change's values are percent of price (own-price elasticity), a market
        shift's tied to a driver are percent of that indicator. A price change whose `lever` is ``price``
        and that gives none takes the one measured in its scope.
    fields : dict
        Every other column of the row, as read.
    states_path : bool
        Whether the row states its ramp; a launch that states none takes the path of earlier launches.
    """

    id: str
    kind: str
    title: str
    owner: str
    function: str
    start: pd.Timestamp
    end: pd.Timestamp
    unit: str
    expected: float
    low: float = float("nan")
    high: float = float("nan")
    status: str = "proposed"
    scope: dict[str, str] = field(default_factory=dict)
    ramp: str = "step"
    moves_from: tuple[str, ...] = ()
    moves_to: tuple[str, ...] = ()
    moved_share: float = 0.0
    pull_forward_share: float = 0.0
    elasticity: float = float("nan")
    fields: dict[str, Any] = field(default_factory=dict)
    states_path: bool = True

    @property
    def states_price(self) -> bool:
        """Whether the values are percent of price, the volume following by the elasticity."""
        return self.kind == "price_change" and self.unit == "percent" and self._has_elasticity

    @property
    def states_indicator(self) -> bool:
        """Whether the values are percent of a market indicator, the volume following by the elasticity."""
        tied = bool(self.fields.get("driver"))
        return self.kind == "market_shift" and self.unit == "percent" and tied and self._has_elasticity

    @property
    def asks_elasticity(self) -> bool:
        """Whether the values are percent of price and the elasticity is left to history."""
        is_price = self.kind == "price_change" and self.unit == "percent" and self.lever == "price"
        return is_price and not self._has_elasticity

    @property
    def _has_elasticity(self) -> bool:
        return self.elasticity == self.elasticity

    @property
    def lever(self) -> str:
        """What a digital row changes, or a consumer shift without a move: visits, conversion, order value."""
        return str(self.fields.get("lever") or "")

    @property
    def analog(self) -> str:
        """Name whose history the row should resemble; blank where none is given."""
        return str(self.fields.get("analog") or "")

    @property
    def spend_source(self) -> str:
        """Source of spend that a budget gives more money, or less; blank for every other kind."""
        return str(self.fields.get("spend_source") or "") if self.kind == "budget" else ""

    @property
    def spend_from(self) -> str:
        """Source that the money of a budget is taken from; blank where it is new money."""
        return str(self.fields.get("spend_from") or "") if self.kind == "budget" else ""

    @property
    def spend_sources(self) -> tuple[str, ...]:
        """Sources that a budget concerns, the one that gets the money first."""
        return tuple(name for name in (self.spend_source, self.spend_from) if name)

    @property
    def leads_per_money(self) -> float:
        """Leads that one unit of money brings, as a budget states it; NaN where it does not."""
        return _number(self.fields.get("leads_per_money"), float("nan"))

    @property
    def depth(self) -> float:
        """Price cut of a promotion as a share of the regular price; 0 where none is given."""
        return _number(self.fields.get("depth"), 0.0)

    def volume_effect(self, value: float) -> float:
        """Decimal effect on volume of a percent value: what the baseline is multiplied by, less one.

        With an elasticity the volume follows (1 + change) ** elasticity, the constant-elasticity
        demand curve (Houthakker 1965, Econometrica 33), up to a hundredfold. A change of order value leaves
        volume alone.

        >>> round(example_assumption(elasticity=-2.0, kind="price_change").volume_effect(10.0), 4)
        -0.1736
        """
        change = value / 100.0
        if self.states_price or self.states_indicator:
            return float(bent_effect(np.array(change), self.elasticity)) if change > -1.0 else -1.0
        return 0.0 if self.lever == "order value" else change

    @property
    def depth_paid(self) -> float:
        """The depth as it comes off the price: as stated, else as history says of the row's mechanic."""
        return self.depth or _number(self.fields.get(ASSUMED_DEPTH), 0.0)

    def price_effect(self, value: float) -> float:
        """Decimal effect on revenue per unit of a percent value, volume left out.

        >>> example_assumption(kind="price_change", elasticity=-2.0).price_effect(10.0)
        0.1
        """
        if self.states_price or (self.lever == "order value" and self.unit == "percent"):
            return value / 100.0
        return 0.0

    def effect_on(self, value: float, measure: str) -> float:
        """Decimal effect of a percent value on the plan's measure: revenue follows volume and price.

        >>> row = example_assumption(kind="price_change", elasticity=-2.0)
        >>> round(row.effect_on(10.0, "units"), 4), round(row.effect_on(10.0, "revenue"), 4)
        (-0.1736, -0.0909)
        """
        volume = self.volume_effect(value)
        if measure == "units":
            return volume
        return (1.0 + volume) * (1.0 + self.price_effect(value)) - 1.0


def bent_effect(change: np.ndarray, elasticity: float) -> np.ndarray:
    """Decimal effect (1 + change) ** elasticity - 1 of decimal changes, never above `MOST_FOLD` times.

    A price near nothing has no logarithm, and its power no number: neither may reach a plan.

    >>> bent_effect(np.array([-0.5, -0.999999]), -2.0).round(6).tolist()
    [3.0, 99.0]
    """
    logs = elasticity * np.log(np.maximum(1.0 + change, 1e-6))
    return np.asarray(np.expm1(np.minimum(logs, np.log(MOST_FOLD))))


def example_assumption(**changes: Any) -> Assumption:
    """A promotion of +10 % on one day, with any field changed: for examples and tests."""
    day = pd.Timestamp("2026-01-05")
    values: dict[str, Any] = {"id": "A1", "kind": "promotion", "title": "", "owner": ""}
    values |= {"function": "marketing", "start": day, "end": day, "unit": "percent", "expected": 10.0}
    return Assumption(**(values | changes))


def read_assumptions(table: pd.DataFrame | None, dimensions: Iterable[str]) -> tuple[Assumption, ...]:
    """Turn the canonical `assumptions` table into values, ordered by id.

    A row whose status says ``accepted`` but lacks one function's acceptance counts as proposed:
    acceptance needs both. A `moved_share` left blank is 1 for a consumer shift, which keeps the total,
    and 0 for every other kind.

    Parameters
    ----------
    table : DataFrame
        The canonical table, one row per assumption.
    dimensions : iterable of str
        The workspace's dimensions, the columns read as scope.
    """
    if table is None:
        return ()
    dimensions = list(dimensions)
    rows = [_read_row(row, dimensions) for row in table.to_dict("records")]
    return tuple(sorted(rows, key=lambda assumption: assumption.id))


_OWN_FIELDS = frozenset(
    (
        *("id", "kind", "title", "owner", "function", "start", "end", "unit", "expected", "low", "high"),
        *("status", "ramp", "moves_from", "moves_to", "moved_share", "pull_forward_share", "elasticity"),
    )
)


def _read_row(raw: dict[Any, Any], dimensions: list[str]) -> Assumption:
    row = {str(key): value for key, value in raw.items()}
    status = row.get("status") or "proposed"
    if status == "accepted" and not (row.get("accepted_marketing") and row.get("accepted_sales")):
        status = "proposed"
    return Assumption(
        id=row["id"],
        kind=row["kind"],
        title=row["title"],
        owner=row["owner"],
        function=row["function"],
        start=row["start"],
        end=row["end"],
        unit=row["unit"],
        expected=float(row["expected"]),
        low=_number(row.get("low"), float("nan")),
        high=_number(row.get("high"), float("nan")),
        status=status,
        scope={name: row[name] for name in dimensions if row.get(name)},
        ramp=row.get("ramp") or "step",
        states_path=bool(row.get("ramp")),
        moves_from=_names(row.get("moves_from")),
        moves_to=_names(row.get("moves_to")),
        moved_share=_number(row.get("moved_share"), 1.0 if row["kind"] == "consumer_shift" else 0.0),
        pull_forward_share=_number(row.get("pull_forward_share"), 0.0),
        elasticity=_number(row.get("elasticity"), float("nan")),
        fields={key: value for key, value in row.items() if key not in _OWN_FIELDS | set(dimensions)},
    )


def _number(value: Any, missing: float) -> float:
    return missing if value is None or value == "" or pd.isna(value) else float(value)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(value or "").split(";") if part.strip())


def counted_in(assumption: Assumption, plan: str) -> bool:
    """Whether the assumption counts in one of the three plans: drafts and rejected rows never do."""
    return assumption.status in _COUNTED.get(plan, _COUNTED["as_proposed"])
