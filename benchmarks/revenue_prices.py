"""Revenue at the price expected over a span, against the last week's price, on sets whose units are known.

Run: ``python -m benchmarks.revenue_prices``. Units are those that were sold: only the price is judged.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.planning.plan.expected_prices import expect_prices
from benchmarks.page import Section, write_section

__all__ = ["prices_table"]

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
SEASON, QUARTER = 52, 13


def main() -> None:
    """Score both ways and put the table on the page."""
    text = prices_table(SHARED)
    print(text)
    write_section(Section("revenue-prices", "Revenue at the price to be expected", text))


def prices_table(folder: Path) -> str:
    """Markdown table: revenue missed by series over the span, and in total, over the revenue."""
    lines = [
        "| data | weeks ahead | origins | last week's price | expected price |",
        "|---|---|---|---|---|",
    ]
    for name, (price, units) in {"orange juice": _juice(folder), "avocado": _avocado(folder)}.items():
        for horizon in (QUARTER, 2 * QUARTER):
            scores = _scores(price, units, horizon)
            last, expected = ("{:.3f} / {:.3f}".format(*pair) for pair in scores.mean(axis=0))
            lines.append(f"| {name} | {horizon} | {len(scores)} | {last} | {expected} |")
    text = (
        "Revenue per unit of the weeks ahead, expected at dates a quarter apart and multiplied with the "
        "units that were then sold: Σ|missed over the span| by series, and |missed| in total, over "
        "revenue.\n\n"
    )
    return text + "\n".join(lines)


def _scores(price: np.ndarray, units: np.ndarray, horizon: int) -> np.ndarray:
    """Series and total error at every origin, shape (origins, 2 ways, 2)."""
    scores = []
    for known in range(price.shape[1] - horizon, SEASON + QUARTER, -QUARTER):
        past, span = slice(0, known), slice(known, known + horizon)
        last = pd.DataFrame(price[:, past]).ffill(axis=1).iloc[:, [-1]].to_numpy()
        expected = expect_prices(price[:, past], units[:, past], horizon, SEASON).values
        scores.append([_miss(said, price[:, span], units[:, span]) for said in (last, expected)])
    return np.array(scores)


def _miss(said: np.ndarray, price: np.ndarray, units: np.ndarray) -> tuple[float, float]:
    gap = np.nansum(units * (said - price), axis=1)
    money = float(np.nansum(units * price))
    return float(np.abs(gap).sum()) / money, abs(float(gap.sum())) / money


def _avocado(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(folder / "data" / "avocado" / "avocado_weekly.csv.gz")
    rows = ["region", "type"]
    price, units = (
        table.pivot_table(index=rows, columns="week", values=name).to_numpy(dtype=float)
        for name in ("average_price_usd", "total_volume")
    )
    return price, units


def _juice(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    place = folder / "workspaces" / "oj"
    rows = ["store", "brand"]
    sales = pd.read_csv(place / "sales.csv.gz").merge(
        pd.read_csv(place / "drivers.csv.gz"), on=["period", *rows], how="inner"
    )
    price, units = (
        sales.pivot_table(index=rows, columns="period", values=name).to_numpy(dtype=float)
        for name in ("price", "units")
    )
    return price, units


if __name__ == "__main__":
    main()
