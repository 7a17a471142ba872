"""A small business whose history is restated between two rounds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from alignment_lib.app.batches.batch import Outcome, run_unit
from alignment_lib.app.batches.request import BatchRequest

__all__ = ["plan", "restate", "write_business"]

_SETTINGS = """[business]
name = "Tea house"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["product"]
measure = "units"
[forecast]
method = "recent"
"""


def write_business(folder: Path) -> Path:
    """Four years of months of three products, with leads and customers."""
    folder.mkdir(parents=True)
    (folder / "planning.toml").write_text(_SETTINGS)
    months = pd.date_range("2022-01-01", "2025-12-01", freq="MS")
    rows = [
        (f"{month:%Y-%m-%d}", name, 100 * (at + 1) + month.month, 10.0 * (100 * (at + 1) + month.month))
        for at, name in enumerate(("Assam", "Darjeeling", "Oolong"))
        for month in months
    ]
    pd.DataFrame(rows, columns=["period", "product", "units", "revenue"]).to_csv(
        folder / "sales.csv", index=False
    )
    created = pd.date_range("2024-01-03", periods=120, freq="6D")
    pd.DataFrame(
        {
            "lead_id": [f"Lead-{(at * 37) % 120}" for at in range(120)],
            "created": created.strftime("%Y-%m-%d"),
            "source": ["fair", "web"] * 60,
            "customer": [f"Smith & {at % 40}" for at in range(120)],
            "closed_at": (created + pd.Timedelta(days=20)).strftime("%Y-%m-%d"),
            "outcome": ["won", "lost", "lost"] * 40,
        }
    ).to_csv(folder / "leads.csv", index=False)
    return folder


def restate(folder: Path) -> None:
    """One figure changed, one row gone, one added: all of them before October 2025."""
    sales = pd.read_csv(folder / "sales.csv")
    sales.loc[sales["period"].eq("2025-08-01") & sales["product"].eq("Assam"), ["units", "revenue"]] = [
        208,
        2080,
    ]
    sales = sales[~(sales["period"].eq("2022-01-01") & sales["product"].eq("Oolong"))]
    more = pd.DataFrame([["2021-12-01", "Assam", 50, 500.0]], columns=sales.columns)
    pd.concat([sales, more]).to_csv(folder / "sales.csv", index=False)


def plan(
    folder: Path, name: str, output: Path, *, as_read: bool = False, rounds: Path | None = None
) -> Outcome:
    """Plan a round without a report."""
    request = BatchRequest((folder,), output, name, render=False, as_read=as_read, rounds=rounds)
    return run_unit(request, folder)
