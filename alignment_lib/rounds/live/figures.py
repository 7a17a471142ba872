"""What a plan of a live round comes to: its sums at once, and the odds that follow off the main path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["Figures", "SpanOdds"]


@dataclass(frozen=True)
class Figures:
    """What one plan comes to.

    Attributes
    ----------
    plan : Plan
        Cell by cell.
    rows : tuple of Assumption
        Those that count, at the values and ranges they have here.
    baseline, total, revenue : float
        The round's sums, closed periods included; `revenue` is NaN where no price is known.
    spans : DataFrame
        ``label, baseline, plan`` over the horizon.
    effects : tuple of (str, float)
        Contribution to the round by contributor.
    types : DataFrame
        ``label, baseline, plan`` of the round by type of sale; empty where sales have none.
    scope : dict of str to str
        What the sums are limited to, by dimension, and under `SPAN` another span than the round; empty for
        all sales of the round.
    target : float
        The span's target within the scope; NaN where none stands.
    """

    plan: Plan
    rows: tuple[Assumption, ...]
    baseline: float
    total: float
    revenue: float
    spans: pd.DataFrame
    effects: tuple[tuple[str, float], ...]
    types: pd.DataFrame
    scope: Mapping[str, str]
    target: float

    @property
    def values(self) -> dict[str, float]:
        """Value of every row that counts, by id."""
        return {row.id: row.expected for row in self.rows}


@dataclass(frozen=True)
class SpanOdds:
    """What follows off the main path: quantiles of the round and of every span, and leads required.

    Attributes
    ----------
    round : dict of str to float
        ``p2_5 … p97_5``, where a target stands ``target, probability``, and ``error_share``: the largest
        standard error of P10, P50 and P90 as a share of P50.
    spans : DataFrame
        ``label, p10, p90``.
    leads : DataFrame
        ``label, required, available, capacity`` of accepted leads; empty where there are no leads.
    """

    round: Mapping[str, float]
    spans: pd.DataFrame
    leads: pd.DataFrame
