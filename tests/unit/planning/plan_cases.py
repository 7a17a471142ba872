"""Worked cases: small files with the arithmetic beside them, turned into grids and registers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from alignment_lib.forecasting.response.curves import Curves
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.budget.spend_book import LeadWorth, SpendBook
from alignment_lib.planning.plan.grid import DigitalRates, PlanGrid
from alignment_lib.planning.register.assumptions import Assumption, read_assumptions

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def load_case(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def case_grid(case: dict[str, Any]) -> PlanGrid:
    baseline = np.array(case["baseline"], dtype=float)
    drivers = case.get("drivers", {})
    calendar = Calendar("week")
    return PlanGrid(
        calendar=calendar,
        keys=pd.DataFrame(case["keys"]),
        periods=calendar.range(pd.Timestamp("2026-01-05"), baseline.shape[1]),
        measure=case.get("measure", "units"),
        baseline=baseline,
        price=np.array(case["price"], dtype=float) if "price" in case else None,
        driver_effects={name: np.array(body["effect"], dtype=float) for name, body in drivers.items()},
        driver_kinds={name: body["kind"] for name, body in drivers.items()},
        rates=DigitalRates(**case["rates"]) if "rates" in case else None,
        spending=_case_spending(case.get("spending"), calendar, baseline.shape[1]),
    )


def _case_spending(given: dict[str, Any] | None, calendar: Calendar, weeks: int) -> SpendBook | None:
    """Planned spend, one curve a known source, and what a lead is worth after which lag."""
    if given is None:
        return None
    known = given.get("curves", {})
    curves = [np.array([[body[at] for body in known.values()]], dtype=float) for at in range(4)]
    return SpendBook(
        calendar,
        calendar.range(pd.Timestamp("2026-01-05"), weeks),
        {name: np.array(money, dtype=float) for name, money in given.get("usual", {}).items()},
        {name: np.array(money, dtype=float) for name, money in given.get("committed", {}).items()},
        tuple(known),
        Curves(*curves) if known else None,
        frozenset(known),
        {name: np.array([given.get("before", {}).get(name, 0.0)]) for name in known},
        {"": LeadWorth(given["sales_per_lead"], np.array(given.get("lag", [1.0])))},
        is_money=False,
    )


def case_register(case: dict[str, Any]) -> tuple[Assumption, ...]:
    rows = []
    for given in case["assumptions"]:
        row = {"title": given["id"], "owner": "brand", "function": "marketing", **given}
        row |= row.pop("scope", {})
        row |= {name: "; ".join(row[name]) for name in ("moves_from", "moves_to") if name in row}
        rows.append(row | {"start": pd.Timestamp(row["start"]), "end": pd.Timestamp(row["end"])})
    return read_assumptions(pd.DataFrame(rows).astype(object), list(case["keys"]))
