"""New sales taken apart by the steps of the funnel and by source, and the sales that came without a lead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alignment_lib.funnel.factors import FACTORS
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.review.splits import split_factors

__all__ = ["BARS", "split_by_funnel"]

BARS = {
    "leads": ("lead volume", "marketing", "measured"),
    "quality": ("lead quality", "marketing", "estimated"),
    "contact": ("contact", "sales", "measured"),
    "speed": ("speed", "sales", "estimated"),
    "win": ("win rate", "sales", "remainder"),
    "order_size": ("order size", "marketing and sales", "measured"),
    "without_lead": ("sales without a lead", "marketing and sales", "remainder"),
}
"""Bar, owner function and confidence of each factor of the funnel."""


def split_by_funnel(
    actual: pd.DataFrame, reference: pd.DataFrame, actual_new: float, reference_new: float
) -> tuple[pd.DataFrame, list[Notice]]:
    """New sales by funnel factor and source, and sales without a lead.

    Parameters
    ----------
    actual, reference : DataFrame
        ``source`` and the `FACTORS`, ``value`` (money with a lead).
    actual_new, reference_new : float
        All new sales, with and without a lead.

    Returns
    -------
    DataFrame
        ``source, bar, effect, owner_function, confidence, standard_error``; sums to `actual_new` less
        `reference_new`.
    """
    keys = sorted(set(actual["source"]) | set(reference["source"]))
    sides, beyond = [], []
    for frame in (reference, actual):
        indexed = frame.set_index("source").reindex(keys)
        factors = indexed[list(FACTORS)].to_numpy(dtype=float)
        factors[:, 0] = np.nan_to_num(factors[:, 0], nan=0.0)
        value = indexed["value"].fillna(0.0).to_numpy(dtype=float)
        unexplained = (value > 0) & ~(np.nan_to_num(factors, nan=0.0) > 0).all(axis=1)
        # Wins that no lead due can explain are kept, as sales without a lead.
        factors[unexplained, 0] = 0.0
        beyond.append(float(value[unexplained].sum()))
        sides.append(factors)
    effects = split_factors(sides[0], sides[1])
    with_lead = [float(np.where(np.isnan(side), 1.0, side).prod(axis=1).sum()) for side in sides]
    rows = [
        {"source": source, "bar": BARS[factor][0], "effect": effects[place, number],
         "owner_function": BARS[factor][1], "confidence": BARS[factor][2]}
        for place, source in enumerate(keys)
        for number, factor in enumerate(FACTORS)
    ]  # fmt: skip
    without = (actual_new - with_lead[1]) - (reference_new - with_lead[0])
    name, owner, confidence = BARS["without_lead"]
    rows.append(
        {"source": "", "bar": name, "effect": without, "owner_function": owner, "confidence": confidence}
    )
    table, said = _without_counter_entry(pd.DataFrame(rows).assign(standard_error=np.nan))
    return table, [*_funnel_notices(beyond, with_lead[1], actual_new), *said]


def _without_counter_entry(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Notice]]:
    """Sales without a lead and the lead volume never stand against each other.

    Sales that came though no lead was counted for them cannot be told from sales of leads that nobody
    recorded; as far as the two cancel they are one thing, and neither is anybody's merit or fault.
    """
    without = table["bar"] == BARS["without_lead"][0]
    leads = table["bar"] == BARS["leads"][0]
    volume, beside = float(table.loc[leads, "effect"].sum()), float(table.loc[without, "effect"].sum())
    if volume * beside >= 0:
        return table, []
    both = min(abs(volume), abs(beside))
    effect = table["effect"].mask(leads, table["effect"] * (1.0 - both / abs(volume)))
    effect = effect.mask(without, beside * (1.0 - both / abs(beside)))
    text = (
        f"Sales without a lead ({Said(beside):+,.0f}) and lead volume ({Said(volume):+,.0f}) cancel by "
        f"{Said(both):,.0f}: sales whose lead nobody recorded cannot be told apart; that part is neither's."
    )
    return table.assign(effect=effect), [Notice("leads_unrecorded", text)]


def _funnel_notices(beyond: Sequence[float], with_lead: float, actual_new: float) -> list[Notice]:
    found = []
    if sum(beyond) > 0:
        text = f"Wins worth {Said(sum(beyond)):,.0f} from sources without leads due count as without a lead."
        found.append(Notice("wins_without_leads", text))
    if with_lead > actual_new * (1 + 1e-9):
        booked = f"the new sales booked ({Said(actual_new):,.0f})"
        text = f"Won leads are worth {Said(with_lead):,.0f}, more than {booked}."
        found.append(Notice("leads_above_sales", text))
    return found
