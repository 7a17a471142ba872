"""Targets, spend, capacity and visitor counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data.generator.funnel_truth import HANDLERS, SOURCES, FunnelTruth
from data.generator.leads import FAIRS, CampaignWindow
from data.generator.weeks import AS_OF, quarters_of, week_index, weeks, years_since_start

__all__ = ["capacity_table", "spend_table", "targets_table", "visitors_table"]

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
_CAMPAIGN_EUROS = 380.0


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


def spend_table(seed: int, truth: FunnelTruth, windows: Sequence[CampaignWindow]) -> pd.DataFrame:
    """Euros a week by source and campaign, up to the as-of date."""
    rng = np.random.default_rng([seed, 5])
    past = week_index(AS_OF)
    lookalike, years = truth.lookalike_share()[:past], years_since_start()[:past]
    frames = []
    for name, source in SOURCES.items():
        if source.cost and source.leads:
            budget = source.cost * source.leads * np.exp((source.growth_rate + 0.02) * years)
            split = _split(source.campaigns, name, lookalike)
            for campaign, share in split.items():
                amount = budget * share * np.exp(rng.normal(0.0, 0.12, past))
                frames.append(_spent(weeks()[:past], name, campaign, amount))
    for window in windows:
        inside = np.arange(week_index(window.start), min(week_index(window.end) + 1, past))
        amount = _CAMPAIGN_EUROS * np.exp(rng.normal(0.0, 0.2, len(inside)))
        frames.append(_spent(weeks()[inside], "search ads", window.campaign, amount))
    frames.append(_fairs())
    table = pd.concat(frames, ignore_index=True)
    table = table[table["amount"] > 0.0]
    return table.sort_values(["period", "source", "campaign"], ignore_index=True)


def _split(campaigns: tuple[str, ...], source: str, lookalike: np.ndarray) -> dict[str, np.ndarray]:
    if len(campaigns) == 1:
        return {campaigns[0]: np.ones(len(lookalike))}
    second = lookalike if source == "social ads" else np.full(len(lookalike), 0.35)
    return {campaigns[0]: 1.0 - second, campaigns[1]: second}


def _spent(periods: pd.DatetimeIndex, source: str, campaign: str, amount: np.ndarray) -> pd.DataFrame:
    values = {"period": periods, "source": source, "campaign": campaign, "amount": np.round(amount, 0)}
    return pd.DataFrame(values)


def _fairs() -> pd.DataFrame:
    starts = pd.DatetimeIndex(FAIRS)
    return _spent(starts, "trade fair", SOURCES["trade fair"].campaigns[0], np.full(len(starts), 5200.0))


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
