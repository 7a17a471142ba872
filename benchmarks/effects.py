"""Plan with drivers against its peers on real promotions, and recovery of known effects on redrawn demos.

Run: ``python -m benchmarks.effects [accuracy] [lookalikes] [recovery] [--redraws N]``; without a name
all run. The real data (Dominick's orange juice, Kilts Center, University of Chicago Booth) are read beside
the project.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.backtest_scores import score_plan
from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.past.history_building import build_history
from alignment_lib.inputs.workspace import Workspace, load_workspace
from benchmarks.effects_lookalikes import Lookalike, draw_drugstores, draw_groceries
from benchmarks.effects_peers import forecast_dot, forecast_gradient_boosting, forecast_seasonal_naive
from benchmarks.effects_recovery import recovery_table
from benchmarks.page import Section, write_section

WORKSPACE = Path(__file__).resolve().parents[1].parent / "shared" / "workspaces" / "oj"
ROUNDS = ("1992-04-02", "1992-07-02")
HORIZON = 13
_REACH = {"series": 0.420, "total": 0.190, "seconds": 30.0}


_LOOKS = (
    "Choices were made on four earlier origins (1991-04-04 to 1992-01-02). The two rounds were scored "
    "more than once while the engine grew (0.448 / 0.184, 0.422 / 0.173, 0.423 / 0.175 and 0.428 / 0.179 are "
    "on record), so the figures are not those of a first look. Short histories, closed periods and what "
    "joins the level were worked out since without them, on the demo, on generated chains and on earlier "
    "origins. That backtests which start with less than a year known choose nothing was worked out on the "
    "four earlier origins and concerns no backtest of the two rounds. Levels beside the model's own, coarser "
    "bins of the trees and single precision were tried on 1992-01-02 and 1991-10-03 only."
)


def main() -> None:
    """Run the benchmarks named on the command line and put their tables on the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["accuracy", "lookalikes", "recovery", []])
    parser.add_argument("--redraws", type=int, default=200)
    chosen = parser.parse_args()
    parts = chosen.parts or ["accuracy", "lookalikes", "recovery"]
    if "accuracy" in parts:
        text = accuracy_table(WORKSPACE)
        print(text)
        write_section(Section("effects-accuracy", "Plan with drivers (orange juice, 913 series)", text))
    if "lookalikes" in parts:
        text = lookalikes_table()
        print(text)
        write_section(Section("effects-lookalikes", "Plan with drivers on two generated chains", text))
    if "recovery" in parts:
        text = recovery_table(chosen.redraws)
        print(text)
        write_section(Section("effects-recovery", "Known effects of the demo, found again", text))


def accuracy_table(folder: Path) -> str:
    """Markdown table of series and total WAPE by method, mean over the two rounds, and seconds a round."""
    workspace = load_workspace(folder)
    drivers = workspace.tables["drivers"]
    assert workspace.settings.drivers is not None
    kinds = {name: column.kind for name, column in workspace.settings.drivers.columns.items()}
    holidays = workspace.settings.calendar.holidays

    def ours(history: History, periods: pd.DatetimeIndex) -> np.ndarray:
        forecast, _ = forecast_with_drivers(
            history, drivers, kinds, periods, holidays=holidays, seed=2026, jobs=2
        )
        return np.asarray(forecast.baseline + sum(forecast.driver_effects.values()))

    methods: dict[str, Callable[[History, pd.DatetimeIndex], np.ndarray]] = {
        "seasonal naive": lambda history, periods: forecast_seasonal_naive(history, len(periods)),
        "DOT, no drivers": lambda history, periods: forecast_dot(history, len(periods)),
        "LightGBM peer, log": lambda h, p: forecast_gradient_boosting(h, drivers, kinds, p, "log"),
        "LightGBM peer, tweedie": lambda h, p: forecast_gradient_boosting(h, drivers, kinds, p, "tweedie"),
        "this engine": ours,
    }
    lines = ["| method | series WAPE | total WAPE | by round | seconds a round |", "|---|---|---|---|---|"]
    for name, method in methods.items():
        scores, seconds = [], []
        for as_of in ROUNDS:
            history, periods, actual = split_round(workspace, pd.Timestamp(as_of))
            start = time.perf_counter()
            plan = method(history, periods)
            seconds.append(time.perf_counter() - start)
            scores.append(score_plan(actual, plan))
        mean = np.mean(scores, axis=0)
        rounds = "; ".join(f"{series:.3f} / {total:.3f}" for series, total in scores)
        lines.append(f"| {name} | {mean[0]:.3f} | {mean[1]:.3f} | {rounds} | {np.mean(seconds):.1f} |")
        print(lines[-1], flush=True)
    lines.append(
        f"| *reach* | *≤ {_REACH['series']:.3f}* | *≤ {_REACH['total']:.3f}* | "
        f"| *≤ {_REACH['seconds']:.0f}* |"
    )
    text = (
        f"Rounds as of {' and '.join(ROUNDS)}, {HORIZON} weeks, driver calendar known. "
        "Series WAPE: Σ|actual − plan| "
        "over Σ actual by series and week where an actual exists; total WAPE: the same by week "
        "totals. Seconds "
        "hold choosing by backtest, fit, plan, error draws and the tables of past effects.\n\n"
        f"{_LOOKS}\n\n"
    )
    return text + "\n".join(lines)


def lookalikes_table() -> str:
    """Markdown table of series and total WAPE, and seconds, on a generated grocery and drugstore chain."""
    lines = ["| data | method | series WAPE | total WAPE | seconds |", "|---|---|---|---|---|"]
    for name, case in (("groceries", draw_groceries(1)), ("drugstores", draw_drugstores(1))):
        size = f"{name}, {len(case.history.keys)} series x {len(case.history.periods)} weeks"
        for method, plan in _lookalike_methods(case).items():
            start = time.perf_counter()
            series, total = score_plan(case.actual, plan())
            seconds = time.perf_counter() - start
            lines.append(f"| {size} | {method} | {series:.3f} | {total:.3f} | {seconds:.0f} |")
            print(lines[-1], flush=True)
    text = (
        "Both are drawn by `benchmarks/effects_lookalikes.py` to try what such data ask for: several kinds "
        "of promotion beside price and base price, products that come and go; and opening days that fall to "
        "zero, months of refurbishment, school holidays, German holidays, no price. They test that the "
        "engine holds, not how it fares on real chains. 13 weeks, driver calendar known.\n\n"
    )
    return text + "\n".join(lines)


def _lookalike_methods(case: Lookalike) -> dict[str, Callable[[], np.ndarray]]:
    def ours() -> np.ndarray:
        forecast, _ = forecast_with_drivers(
            case.history, case.drivers, case.kinds, case.periods, holidays=case.holidays, seed=2026, jobs=2
        )
        return np.asarray(forecast.baseline + sum(forecast.driver_effects.values()))

    def peer(loss: str) -> np.ndarray:
        return forecast_gradient_boosting(case.history, case.drivers, case.kinds, case.periods, loss)

    return {
        "seasonal naive": lambda: forecast_seasonal_naive(case.history, len(case.periods)),
        "LightGBM peer, log": lambda: peer("log"),
        "LightGBM peer, tweedie": lambda: peer("tweedie"),
        "this engine": ours,
    }


def split_round(workspace: Workspace, as_of: pd.Timestamp) -> tuple[History, pd.DatetimeIndex, np.ndarray]:
    """History up to the wall, the weeks planned, and what was sold in them (NaN where no row)."""
    sales = workspace.tables["sales"]
    history = build_history(sales, workspace.settings, workspace.calendar, as_of)
    first = workspace.calendar.shift(history.periods[-1], 1)
    periods = workspace.calendar.range(first, HORIZON)
    dimensions = history.dimensions
    later = sales.loc[sales["period"].isin(periods), [*dimensions, "period", history.measure]]
    # Plain text, not categories: a category never sold in a week would count as a sale of nothing.
    later = (
        later.astype(dict.fromkeys(dimensions, str)).groupby([*dimensions, "period"])[history.measure].sum()
    )
    index = pd.MultiIndex.from_frame(history.keys.astype(str))
    table = later.unstack("period").reindex(columns=periods)
    actual = table.reindex(index if len(dimensions) > 1 else index.get_level_values(0))
    return history, periods, actual.to_numpy(dtype=float)


if __name__ == "__main__":
    main()
