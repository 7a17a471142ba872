"""What became, or will become, of every assumption under the truth."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from data.generator.actions import Action
from data.generator.expected import Expected
from data.generator.truth import Truth
from data.generator.weeks import week_index

__all__ = ["claim_truths"]

_NEVER_RUN = ("draft", "rejected")
Row = dict[Hashable, Any]


def claim_truths(truth: Truth, expected: Expected, assumptions: pd.DataFrame) -> pd.DataFrame:
    """Set every claim beside the truth, in the claim's own unit.

    Returns
    -------
    DataFrame
        ``id, kind, owner, unit, claimed, true_value, true_moved_share, true_pull_forward_share, happens,
        meaning``. Percent is of sales in scope without the action, at full strength; for a promotion it
        is the gross effect in its weeks, for a price change the change of volume (or, where the claim
        states an elasticity, the elasticity is set beside it in `meaning`). `happens` is ``no`` for
        drafts and rejected rows, whose value is what they would have brought.
    """
    actions = {action.id: action for action in truth.actions}
    rows = []
    for claim in assumptions.to_dict("records"):
        value, moved, pulled, meaning = _true_value(truth, expected, claim, actions)
        rows.append(
            {
                "id": claim["id"],
                "kind": claim["kind"],
                "owner": claim["owner"],
                "unit": claim["unit"],
                "claimed": claim["expected"],
                "true_value": value,
                "true_moved_share": moved,
                "true_pull_forward_share": pulled,
                "happens": "no" if claim["status"] in _NEVER_RUN else "yes",
                "meaning": meaning,
            }
        )
    return pd.DataFrame(rows)


def _true_value(
    truth: Truth, expected: Expected, claim: Row, actions: dict[str, Action]
) -> tuple[float, float, float, str]:
    """Value, share moved, share pulled forward (NaN where they do not apply), and what the value means."""
    kind, none = str(claim["kind"]), float("nan")
    if str(claim["id"]) in actions:
        action = actions[str(claim["id"])]
        if action.units:
            return float(action.units), none, none, "units of the order"
        if action.to_channel:
            return -100.0 * action.effect, 1.0, none, "percent of the channel's volume that moves"
        return 100.0 * (np.exp(action.effect) - 1.0), none, none, "percent at full strength"
    if kind == "promotion":
        return _promotion(truth, claim)
    if kind == "price_change":
        return _price_change(truth, claim)
    if kind == "delisting":
        share = truth.delisting_share.get((str(claim["product"]), str(claim["moves_to"])), none)
        return -100.0, share, none, "all of it"
    return _launch(truth, expected, claim)


def _promotion(truth: Truth, claim: Row) -> tuple[float, float, float, str]:
    mechanic, product = str(claim["mechanic"]), str(claim["product"])
    depth = float(claim["depth"]) if mechanic == "price_cut" else 1.0
    effect = truth.uplift[mechanic][product] * depth
    moved = truth.cannibalisation.get((product, str(claim["moves_from"])), float("nan"))
    share, _ = truth.pull_forward[mechanic]
    return 100.0 * (np.exp(effect) - 1.0), moved, share, "percent gross, in its weeks"


def _price_change(truth: Truth, claim: Row) -> tuple[float, float, float, str]:
    product = str(claim["product"])
    percent = float(str(claim["title"]).split("+")[1].split(" ")[0])
    elasticity = truth.elasticity[product]
    volume = 100.0 * ((1.0 + percent / 100.0) ** elasticity - 1.0)
    if claim["elasticity"] == claim["elasticity"]:
        return percent, float("nan"), float("nan"), f"percent of price; true elasticity {elasticity:.2f}"
    return volume, float("nan"), float("nan"), "percent of volume"


def _launch(truth: Truth, expected: Expected, claim: Row) -> tuple[float, float, float, str]:
    """Units of a new product or channel over the claim's span."""
    name, column = claim["product"], "product"
    if claim["kind"] == "new_channel":
        name, column = claim["channel"], "channel"
    here = (expected.series[column] == name).to_numpy()
    span = slice(week_index(str(claim["start"])), week_index(str(claim["end"])) + 1)
    share = truth.launch_share.get((str(name), str(claim["moves_from"])), float("nan"))
    units = float(expected.units[here, span].sum())
    return units, share, float("nan"), "units in the span, promotions included"
