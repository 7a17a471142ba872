"""A business that counts leads by source and what it spends on them: for tests of response and budgets."""

from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.response.curves import Curves

SETTINGS = """
[business]
name = "Bicycles"
currency = "EUR"
[calendar]
grain = "week"
[sales]
dimensions = ["product", "sale_type"]
measure = "units"
sale_type = "sale_type"
[forecast]
method = "naive"
[plan]
quarters = 1
"""
WEEKS = pd.date_range("2023-07-03", "2025-12-22", freq="7D")
AHEAD = pd.date_range("2025-12-29", periods=13, freq="7D")
TRUTH = Curves(
    np.array([[0.5, 0.2]]), np.array([[900.0, 500.0]]), np.array([[1.0, 1.0]]), np.array([[90.0, 40.0]])
)


def write_spending(folder: Path) -> Path:
    """Search and social moved, radio never did, no lead of the fair was ever recorded."""
    rng = np.random.default_rng(5)
    folder.mkdir(parents=True)
    (folder / "planning.toml").write_text(SETTINGS, encoding="utf-8")
    count = len(WEEKS)
    money = {
        "search": 900.0 * np.exp(rng.normal(0.0, 0.6, count)),
        "social": 400.0 * np.exp(rng.normal(0.0, 0.6, count)),
        "radio": np.full(count, 300.0),
        "fair": np.where(np.arange(count) % 26 == 3, 5000.0, 0.0),
    }
    leads = {
        "search": 20.0 + TRUTH.bring(money["search"], 0)[:, 0],
        "social": 10.0 + TRUTH.bring(money["social"], 1)[:, 0],
        "radio": np.full(count, 25.0),
        "web form": np.full(count, 60.0),
    }
    counts = {
        name: np.round(np.maximum(mean + rng.normal(0.0, 3.0, count), 0.0)) for name, mean in leads.items()
    }
    _write(folder / "spend.csv", _long(money, WEEKS, "amount"))
    planned = _long({name: np.full(13, 500.0) for name in ("search", "social")}, AHEAD, "amount")
    _write(folder / "spend.csv", pd.concat([_long(money, WEEKS, "amount"), planned]))
    sent = _long(counts, WEEKS, "leads").assign(visitors=lambda rows: rows["leads"] * 20)
    sent["customers"] = (sent["leads"] * 0.25).round()
    _write(folder / "funnel.csv", sent)
    new = 0.5 * np.sum(list(counts.values()), axis=0)
    sales = [
        pd.DataFrame({"period": WEEKS, "product": "bicycle", "sale_type": kind, "units": units})
        for kind, units in (("new", new.round()), ("repeat", np.full(count, 80.0)))
    ]
    _write(folder / "sales.csv", pd.concat(sales))
    _write(folder / "experiments.csv", _experiments())
    return folder


def _experiments() -> pd.DataFrame:
    columns = ["experiment", "design", "start", "end", "source", "product", "lift", "standard_error"]
    rows = [
        ("T1", "holdout", "2025-06-02", "2025-07-27", "search", "", 120.0, 20.0),
        ("T2", "holdout", "2023-08-07", "2023-09-03", "search", "", 5.0, 1.0),
        ("T3", "geo", "2025-06-02", "2025-07-27", "social", "bicycle", 5.0, 1.0),
        ("T4", "geo", "2025-06-02", "2026-07-27", "social", "", 5.0, 1.0),
        ("T5", "geo", "2025-06-02", "2025-07-27", "tele", "", 5.0, 1.0),
    ]
    return pd.DataFrame(rows, columns=columns)


def _long(values: dict[str, np.ndarray], periods: pd.DatetimeIndex, column: str) -> pd.DataFrame:
    parts = [pd.DataFrame({"period": periods, "source": name, column: one}) for name, one in values.items()]
    table = pd.concat(parts, ignore_index=True)
    return table[table[column] > 0].round(2)


def _write(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False, date_format="%Y-%m-%d")


def write_budgets(folder: Path) -> Path:
    """The same business with a price, a cost, and budgets in its register."""
    write_spending(folder)
    sales = pd.read_csv(folder / "sales.csv")
    sales.assign(revenue=sales["units"] * 40.0).to_csv(folder / "sales.csv", index=False)
    costs = pd.DataFrame({"period": ["2023-07-03"], "product": ["bicycle"], "unit_cost": [22.0]})
    costs.to_csv(folder / "costs.csv", index=False)
    signed = {"accepted_marketing": "brand 2025-12-01", "accepted_sales": "head of sales 2025-12-02"}
    both = {"kind": "budget", "unit": "spend", "start": "2026-01-05", "end": "2026-02-01"}
    both |= {"owner": "digital marketing", "function": "marketing", "status": "accepted"} | signed
    rows: list[dict[str, object]] = [
        {"id": "B1", "spend_source": "search", "low": 3000, "expected": 4000, "high": 4500},
        {"id": "B2", "spend_source": "radio", "expected": 2000, "leads_per_money": 0.02},
        {"id": "B3", "spend_source": "radio", "expected": 2000, "status": "proposed"},
        {"id": "B4", "spend_source": "social", "spend_from": "search", "expected": 800},
        {"id": "B5", "spend_source": "social", "expected": 1000, "leads_per_money": 0.9},
    ]
    rows[2] |= {"accepted_marketing": "", "accepted_sales": ""}
    rows[4] |= {"start": "2026-02-09", "end": "2026-03-08"}
    table = pd.DataFrame([both | {"title": f"Budget {row['id']}"} | row for row in rows])
    table.to_csv(folder / "assumptions.csv", index=False)
    return folder
