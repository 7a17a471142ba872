"""Tables that are written by hand and lie in ``data/demo``: read, never drawn."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.generator.funnel_truth import LEAD_PRODUCTS
from data.generator.leads import CampaignWindow

__all__ = ["DEMO_FOLDER", "WRITTEN_FILES", "campaign_windows", "read_written"]

DEMO_FOLDER = Path(__file__).resolve().parent.parent / "demo"
WRITTEN_FILES = (
    "README.md",
    "planning.toml",
    "assumptions.csv",
    "briefs.csv",
    "decisions.csv",
    "forecasts.csv",
    "research.csv",
    "scenarios.yaml",
    "workgroups.csv",
)
_NUMBERS = {
    "assumptions": ["low", "expected", "high", "depth", "elasticity", "moved_share", "pull_forward_share"],
    "briefs": [],
    "decisions": ["expected_effect"],
    "research": ["n", "estimate", "standard_error"],
    "workgroups": ["baseline", "target"],
    "forecasts": ["sales_forecast", "finance_forecast"],
}
_DAYS_BEFORE, _DAYS_AFTER = 3, 4
_NEVER = "2100-01-01"


def read_written(table: str) -> pd.DataFrame:
    """Read one of the written tables: text as it stands, blank where missing, numbers as float."""
    frame = pd.read_csv(DEMO_FOLDER / f"{table}.csv", dtype=str, keep_default_na=False)
    return frame.assign(**{name: pd.to_numeric(frame[name]) for name in _NUMBERS[table]})


def campaign_windows() -> tuple[CampaignWindow, ...]:
    """When briefed campaigns bring leads, and when their handlers knew the offer.

    From three days before the promotion to four days after it, for products that leads ask for.
    """
    claims = {str(row["id"]): row for row in read_written("assumptions").to_dict("records")}
    windows = []
    for brief in read_written("briefs").to_dict("records"):
        claim = claims[str(brief["assumption"])]
        if claim["product"] in LEAD_PRODUCTS:
            start = pd.Timestamp(claim["start"]) - pd.Timedelta(days=_DAYS_BEFORE)
            end = pd.Timestamp(claim["end"]) + pd.Timedelta(days=_DAYS_AFTER)
            known = brief["acknowledged"] or _NEVER
            windows.append(CampaignWindow(brief["campaign"], claim["product"], start, end, known))
    return tuple(windows)
