"""Targets, capacity and visitor counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.generator.funnel_truth import HANDLERS
from data.generator.weeks import AS_OF, quarters_of, weeks

__all__ = ["capacity_table", "targets_table", "visitors_table"]

_ROUNDS = ("2025Q2", "2025Q3", "2025Q4", "2026Q1")
_TARGETS = {
    "Barista Blend": (0, 0, 1250, 1300),
    "Care Kit": (1750, 1700, 1900, 1900),
    "Compact Machine": (1350, 1400, 1750, 1550),
    "Decaf Blend": (1300, 1200, 1450, 1450),
    "Espresso Machine": (1400, 1450, 1700, 1600),
    "Filter Machine": (480, 0, 0, 0),
    "House Blend": (10300, 9800, 11200, 11100),
    "Single Origin": (4000, 3600, 4450, 4200),
}
"""Units by product and round; 0 means no target."""
_NEW_UNITS = (5100, 4700, 5500, 5400)
_REVENUE = (985_000, 960_000, 1_205_000, 1_170_000)
_MONEY_NOW = {("margin", ""): 432_000, ("profit", ""): 312_000, ("margin", "House Blend"): 101_000}
"""Targets in euros of the current round, the first with costs, by measure and product; blank is all."""

_CAPACITY_CHANGES = {"2025Q3": {"inside sales": 13, "field sales": 6}, "2025Q4": {"inside sales": 19}}
_CONVERSION = {"web": 0.024, "mobile": 0.013}
_DIGITAL = ("web form", "search ads", "social ads")


def targets_table() -> pd.DataFrame:
    """Targets of the current and three earlier rounds: in total, by product, and for new sales."""
    rows: list[dict[str, object]] = []
    for place, label in enumerate(_ROUNDS):
        by_product = {name: values[place] for name, values in _TARGETS.items() if values[place]}
        rows.append({"round": label, "measure": "units", "target": sum(by_product.values())})
        rows.append({"round": label, "measure": "revenue", "target": _REVENUE[place]})
        rows += [
            {"round": label, "measure": "units", "product": name, "target": units}
            for name, units in by_product.items()
        ]
        rows.append({"round": label, "measure": "units", "sale_type": "new", "target": _NEW_UNITS[place]})
    rows += [
        {"round": _ROUNDS[-1], "measure": measure, "product": product or None, "target": euros}
        for (measure, product), euros in _MONEY_NOW.items()
    ]
    return pd.DataFrame(rows)[["round", "measure", "product", "sale_type", "target"]]


def capacity_table() -> pd.DataFrame:
    """Leads that each role can handle, by week, planned weeks included."""
    labels = quarters_of(weeks())
    frames = []
    for name, role in HANDLERS.items():
        leads = np.full(len(labels), role.capacity)
        for label, changes in _CAPACITY_CHANGES.items():
            if name in changes:
                leads[labels == label] = changes[name]
        frames.append(pd.DataFrame({"period": weeks(), "handler": name, "leads": leads}))
    return pd.concat(frames).sort_values(["period", "handler"], ignore_index=True)


def visitors_table(seed: int, leads: pd.DataFrame) -> pd.DataFrame:
    """Visitors and leads by week, digital source and device.

    Later stages are left out: they are known week by week in `leads`, and a count by week of creation
    would tell an earlier round what happened after it.
    """
    rng = np.random.default_rng([seed, 6])
    past = weeks()[weeks() < AS_OF]
    keys = pd.MultiIndex.from_product(
        [past, _DIGITAL, ["mobile", "web"]], names=["period", "source", "device"]
    )
    day = leads["created"].dt.normalize()
    period = day - pd.to_timedelta(day.dt.weekday, unit="D")
    count = leads.assign(period=period).groupby(["period", "source", "device"]).size()
    table = count.reindex(keys, fill_value=0).rename("leads").reset_index()
    rate = table["device"].map(_CONVERSION).to_numpy(dtype=float)
    usual = table.groupby(["source", "device"])["leads"].transform(
        lambda leads: leads.rolling(9, 1, center=True).mean()
    )
    visitors = rng.poisson(usual.to_numpy() / rate * np.exp(rng.normal(0.0, 0.06, len(table))))
    table["visitors"] = np.maximum(visitors, table["leads"].to_numpy())
    return table[["period", "source", "device", "visitors", "leads"]]
