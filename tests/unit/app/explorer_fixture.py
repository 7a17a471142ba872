"""A small round for explorer tests: monthly, two products, new and repeat sales, four assumptions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.app.explorer.session import Session
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, prepare_round

__all__ = ["Page", "prepare_small_round", "write_small_workspace"]

SETTINGS = """
[business]
name = "Small Co"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["product", "sale_type"]
measure = "units"
sale_type = "sale_type"
[forecast]
method = "naive"
[plan]
quarters = 2
seed = 7
"""
ASSUMPTIONS = """\
id,kind,title,owner,function,start,end,unit,low,expected,high,status,accepted_marketing,accepted_sales,product
A1,promotion,Spring coupon,trade,marketing,2026-01-01,2026-03-31,percent,5,10,20,accepted,{both},Tea
A2,market_shift,Rival closes,market research,marketing,2026-01-01,2026-06-30,percent,1,4,8,proposed,,,
A3,one_off,Hotel order,key accounts,sales,2026-02-01,2026-02-28,units,50,90,120,proposed,,,Tea
A4,one_off,Old order,key,sales,2025-02-01,2025-02-28,units,50,90,120,accepted,{both},Tea
""".replace("{both}", "trade 2025-01-01,sales 2025-01-01")


class Page:
    """Keeps what a session publishes and waits for what is still to come."""

    def __init__(self, live: LiveRound, **options: Any) -> None:
        self.messages: list[dict[str, Any]] = []
        self.came = threading.Condition()
        self.session = Session(live, self.take, **{"can_edit": True, **options})

    def take(self, message: dict[str, Any]) -> None:
        with self.came:
            self.messages.append(message)
            self.came.notify_all()

    def send(self, kind: str, **content: Any) -> None:
        self.session.receive({"type": kind, **content})

    def last(self, kind: str) -> dict[str, Any]:
        return next(message for message in reversed(self.messages) if message["type"] == kind)

    def wait(self, found: Callable[[dict[str, Any]], bool]) -> None:
        with self.came:
            assert self.came.wait_for(lambda: any(found(message) for message in self.messages), timeout=20)


def write_small_workspace(folder: Path) -> Path:
    """Write the workspace's files into `folder`, which is made."""
    folder.mkdir(parents=True)
    months = pd.date_range("2022-01-01", "2025-12-01", freq="MS")
    rows = []
    for number, (product, kind) in enumerate([("Cake", "new"), ("Tea", "new"), ("Tea", "repeat")]):
        level = 100.0 * (number + 1)
        for place, month in enumerate(months):
            units = level + 10 * np.sin(place * np.pi / 6) + (place * 7 + number * 3) % 5
            rows.append([f"{month:%Y-%m-%d}", product, kind, round(units, 1)])
    sales = pd.DataFrame(rows, columns=["period", "product", "sale_type", "units"])
    sales.to_csv(folder / "sales.csv", index=False)
    (folder / "planning.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "assumptions.csv").write_text(ASSUMPTIONS, encoding="utf-8")
    targets = "round,measure,product,target\n2026Q1,units,,2000\n"
    (folder / "targets.csv").write_text(targets, encoding="utf-8")
    return folder


def prepare_small_round(folder: Path) -> PreparedRound:
    """The round 2026Q1 of the workspace, read and forecast."""
    return prepare_round(ask_round(write_small_workspace(folder)))
