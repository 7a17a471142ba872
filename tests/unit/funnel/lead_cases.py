"""Small lead tables for tests, written as lines, and a seeded draw with a known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.funnel.leads import FunnelLeads, prepare_leads
from alignment_lib.inputs.configuration.settings import FunnelSettings

__all__ = ["AS_OF", "codes", "draw_leads", "lead", "leads_of"]

AS_OF = pd.Timestamp("2025-12-31")
_TIMES = ("created", "accepted_at", "rejected_at", "opportunity_at", "closed_at")


def lead(lead_id: str, created: str, source: str = "web", **values: Any) -> dict[str, Any]:
    """One lead; what is not given is blank."""
    row = {
        "lead_id": lead_id,
        "created": created,
        "source": source,
        "campaign": "",
        "device": "",
        "customer": "",
    }
    row |= {"accepted_at": None, "rejected_at": None, "rejected_reason": "", "opportunity_at": None}
    row |= {"closed_at": None, "outcome": "", "amount": np.nan, "handler": "inside sales"}
    return row | values


def leads_of(
    rows: list[dict[str, Any]],
    contacts: list[tuple[str, str, float]] | None = None,
    as_of: pd.Timestamp = AS_OF,
    **options: Any,
) -> FunnelLeads:
    """Prepare rows of `lead` and contacts as (lead, time, reached)."""
    table = pd.DataFrame(rows)
    for name in _TIMES:
        if not table[name].map(lambda value: isinstance(value, str) and "+" in value).any():
            table[name] = pd.to_datetime(table[name], format="ISO8601")
    frame = None
    if contacts is not None:
        frame = pd.DataFrame(contacts, columns=["lead_id", "at", "reached"])
        frame["at"] = pd.to_datetime(frame["at"], format="ISO8601")
    return prepare_leads(table, as_of, frame, **options)


def codes(leads: FunnelLeads) -> dict[str, int]:
    """Counts of notices by code."""
    return {notice.code: notice.count for notice in leads.notices}


def draw_leads(
    count: int, seed: int, slope: float = -0.7, qualities: tuple[float, ...] = (-0.5, -1.5), days: int = 400
) -> FunnelLeads:
    """Leads with log odds ``quality of the source + slope x log(1 + days waited)``.

    One in ten is rejected, four in five are reached.
    """
    rng = np.random.default_rng(seed)
    created = AS_OF - pd.to_timedelta(rng.uniform(0.0, days, count), unit="D")
    source = rng.integers(0, len(qualities), count)
    wait = rng.lognormal(2.8, 1.0, count)
    reached = rng.random(count) < 0.8
    chance = 1 / (1 + np.exp(-(np.array(qualities)[source] + slope * np.log1p(wait / 24))))
    rejected = rng.random(count) < 0.1
    won = reached & ~rejected & (rng.random(count) < chance)
    closed = created + pd.to_timedelta(wait / 24 + rng.gamma(2.0, 6.0, count), unit="D")
    ended = (closed <= AS_OF) & ~rejected & (won | (rng.random(count) < 0.9))
    names = [f"L{number:05d}" for number in range(count)]
    leads = pd.DataFrame(
        {
            "lead_id": names,
            "created": created,
            "source": np.array([f"source {number}" for number in range(len(qualities))], dtype=object)[
                source
            ],
            "campaign": "",
            "accepted_at": pd.Series(created + pd.Timedelta(hours=2)).where(~rejected),
            "rejected_at": pd.Series(created + pd.Timedelta(hours=2)).where(rejected),
            "rejected_reason": np.where(rejected, "no need", ""),
            "opportunity_at": pd.Series(closed).where(won & ended),
            "closed_at": pd.Series(closed).where(ended),
            "outcome": np.where(ended, np.where(won, "won", "lost"), ""),
            "amount": np.where(won & ended, 100.0, np.nan),
            "handler": np.where(rng.random(count) < 0.5, "inside sales", "field sales"),
        }
    )
    at = created + pd.to_timedelta(wait, unit="h")
    contacts = pd.DataFrame({"lead_id": names, "at": at, "reached": reached.astype(float)})
    return prepare_leads(leads, AS_OF, contacts[at <= AS_OF].reset_index(drop=True), FunnelSettings())
