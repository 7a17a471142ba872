"""Australian retail cut to short histories: a business that has kept its books for two to four years."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import forecast_baseline
from alignment_lib.forecasting.combining.hierarchy import aggregation_matrix, build_levels
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["LENGTHS", "load_retail", "retail_origins", "score_cuts"]

LENGTHS = (25, 30, 36, 40, 48)
_HORIZON = 12
_ORIGINS = 7
_DRAWS = 400
_SUBTOTALS = (
    "Food retailing",
    "Household goods retailing",
    "Clothing, footwear and personal accessory retailing",
    "Other retailing",
    "Cafes, restaurants and takeaway food services",
)


def load_retail(folder: Path, *, subtotals: bool = False) -> History:
    """State by industry; industries that are sums of others only where asked for."""
    table = pd.read_csv(folder / "aus_retail_monthly.csv.gz")
    table["period"] = pd.to_datetime(table["month"])
    if not subtotals:
        table = table[~table["industry"].isin(_SUBTOTALS)]
    grid = table.pivot_table(index=["state", "industry"], columns="period", values="turnover_aud_million")
    grid = grid.sort_index()
    keys = grid.index.to_frame(index=False)
    return History(Calendar("month"), keys, pd.DatetimeIndex(grid.columns), grid.to_numpy(), "revenue")


def retail_origins(history: History, later: int = 0) -> list[int]:
    """Seven columns a year apart; `later` periods before those to be reported, for choosing."""
    last = history.values.shape[1] - _HORIZON - later
    return [last - 12 * back for back in reversed(range(_ORIGINS))]


def score_cuts(
    history: History,
    stops: list[int],
    lengths: tuple[int, ...] = LENGTHS,
    *,
    seed: int = 1,
    jobs: int | Executor = 2,
) -> pd.DataFrame:
    """WAPE beside seasonal naive; coverage of the 80 % band at the leaves, in between and at the total."""
    records = []
    for length in lengths:
        errors: dict[str, list[float]] = {"engine": [], "naive": [], "size": []}
        inside: dict[str, list[np.ndarray]] = {"leaf": [], "above": [], "total": []}
        for stop in stops:
            part = history.values[:, stop - length : stop + _HORIZON]
            kept = np.isfinite(part).all(axis=1)
            keys = history.keys[kept].reset_index(drop=True)
            periods = history.periods[stop - length : stop + _HORIZON]
            past = History(history.calendar, keys, periods[:length], part[kept, :length], history.measure)
            made = forecast_baseline(past, periods[length:], seed=seed, draws=_DRAWS, jobs=jobs)
            truth = part[kept, length:]
            errors["engine"].append(float(np.abs(truth - made.baseline).sum()))
            errors["naive"].append(float(np.abs(truth - part[kept, length - 12 : length]).sum()))
            errors["size"].append(float(truth.sum()))
            above = aggregation_matrix(build_levels(keys))
            inside["leaf"].append(_hits(made.samples, truth))
            upper = np.stack([above @ draw for draw in made.samples])
            hits = _hits(upper, above @ truth)
            inside["above"].append(hits[1:])
            inside["total"].append(hits[:1])
        size = sum(errors["size"])
        record: dict[str, object] = {"months": length}
        record["WAPE"] = 100 * sum(errors["engine"]) / size
        record["naive"] = 100 * sum(errors["naive"]) / size
        record["ratio"] = sum(errors["engine"]) / sum(errors["naive"])
        for name, hits_ in inside.items():
            record[f"cover {name}"] = 100 * float(np.concatenate(hits_).mean())
        records.append(record)
    return pd.DataFrame(records)


def _hits(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    low, high = np.quantile(draws, [0.1, 0.9], axis=0)
    return (truth >= low) & (truth <= high)
