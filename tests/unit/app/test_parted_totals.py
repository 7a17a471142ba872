"""Generated businesses whose types of sale are known: totals do not depend on them, and shares come right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.app.stopped_sales import plan_unit, said

MONTH_DAYS = 30.4375
SETTINGS = """\
[business]
name = "Kits"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["product"]
measure = "revenue"
types = "{types}"
"""


def purchases(*, arrivals: float, rate: float, months: int = 36, before: int = 18) -> pd.DataFrame:
    """Customers who come at a steady pace, also before the data begin, and buy again for a year or so."""
    rng = np.random.default_rng(1)
    rows = []
    for number in range(rng.poisson(arrivals * (months + before))):
        day = rng.uniform(-before, months) * MONTH_DAYS
        ends, is_new = day + rng.exponential(12 * MONTH_DAYS), True
        while day < months * MONTH_DAYS and (is_new or day < ends):
            if day >= 0:
                rows.append((int(day), f"c{number}", round(50 * rng.lognormal(0, 0.3), 2), is_new))
            if not rate:
                break
            day, is_new = day + rng.exponential(MONTH_DAYS / rate), False
    table = pd.DataFrame(rows, columns=["day", "customer", "amount", "is_new"])
    table["date"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(table["day"], unit="D")
    return table[table["date"] < pd.Timestamp("2026-01-01")]


def write(folder: Path, table: pd.DataFrame, types: str = "auto") -> Path:
    folder.mkdir(exist_ok=True)
    month = table["date"].dt.to_period("M").dt.to_timestamp()
    sales = table.groupby(month)["amount"].sum().rename_axis("period").rename("revenue").reset_index()
    sales.assign(product="Kit").to_csv(folder / "sales.csv", index=False)
    table[["date", "customer", "amount"]].to_csv(folder / "transactions.csv", index=False)
    (folder / "planning.toml").write_text(SETTINGS.format(types=types), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def regulars() -> pd.DataFrame:
    return purchases(arrivals=30, rate=1.0)


def test_types_leave_the_total_what_it_is_without_them_and_near_the_truth(
    tmp_path: Path, regulars: pd.DataFrame
) -> None:
    typed = plan_unit(write(tmp_path / "unit", regulars))
    plain = plan_unit(write(tmp_path / "unit", regulars, "off"))
    assert typed.forecast.baseline.sum(axis=0) == pytest.approx(plain.forecast.baseline.sum(axis=0), rel=1e-9)
    sums = [np.asarray(ready.forecast.samples).sum(axis=1) for ready in (typed, plain)]
    assert np.allclose(*sums, rtol=1e-9)
    last = regulars[regulars["date"] >= "2025-01-01"]
    year = last["amount"].sum()
    assert typed.forecast.baseline.sum() == pytest.approx(year, rel=0.1)
    planned = dict(zip(typed.forecast.keys["sale_type"], typed.forecast.baseline.sum(axis=1), strict=True))
    truth = last.loc[last["is_new"], "amount"].sum() / year
    assert planned["new"] / sum(planned.values()) == pytest.approx(truth, abs=0.02)
    assert "sale_type" not in plain.dimensions
    assert "without types" in said(typed)["types_parted"]


def test_where_nobody_comes_back_types_are_a_split_and_no_forecast(tmp_path: Path) -> None:
    ready = plan_unit(write(tmp_path / "unit", purchases(arrivals=150, rate=0.0, before=0)))
    assert "a split, not a forecast" in said(ready)["types_parted"]
    assert list(ready.forecast.keys["sale_type"]) == ["new"]


def test_types_can_be_asked_to_be_a_split(tmp_path: Path, regulars: pd.DataFrame) -> None:
    ready = plan_unit(write(tmp_path / "unit", regulars, "split"))
    assert 'as types = "split" asks' in said(ready)["types_parted"]
    shares = ready.forecast.baseline / ready.forecast.baseline.sum(axis=0)
    assert np.allclose(shares, shares[:, :1])
