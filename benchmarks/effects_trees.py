"""Trees for many cells against those for few: as accurate on earlier origins of real sales, at less time.

``python -m benchmarks.effects_trees`` fits the direct learner on the orange juice of all stores and of every
fourth series, at origins on which the model's choices were made before, never at those it is scored by, and
prints errors over the quarter after each and processor seconds. It takes about a minute and a half.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.backtest_scores import score_plan, to_units
from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.learner import FULL, QUICK, LearnerSettings
from alignment_lib.forecasting.effects.model import (
    Design,
    build_design,
    fit_explained,
    fit_model,
    predict_logs,
)
from alignment_lib.forecasting.effects.pooled import PooledFit, PooledSettings
from alignment_lib.inputs.workspace import Workspace, load_workspace
from benchmarks.effects import WORKSPACE, split_round

ORIGINS = ("1991-07-04", "1991-10-03", "1992-01-02")
EVERY = (1, 4)
_FEW = 10**9
SETTINGS: dict[str, LearnerSettings] = {
    "fit, as for few cells": replace(FULL, few_cells=_FEW),
    "fit, as for many": FULL,
    "backtest, as for few cells": replace(QUICK, few_cells=_FEW),
    "backtest, as for many": QUICK,
}


def _design(workspace: Workspace, as_of: str, every: int) -> tuple[Design, np.ndarray]:
    """Design and actual sales of every so many series at an origin."""
    history, periods, actual = split_round(workspace, pd.Timestamp(as_of))
    kept = np.arange(0, len(history.keys), every)
    keys = history.keys.iloc[kept].reset_index(drop=True)
    history = replace(history, keys=keys, values=history.values[kept], price=None)
    assert workspace.settings.drivers is not None
    kinds = {name: column.kind for name, column in workspace.settings.drivers.columns.items()}
    panel = build_panel(history, workspace.tables["drivers"], kinds, periods)
    return build_design(panel, workspace.settings.calendar.holidays), actual[kept]


def _try(design: Design, explained: PooledFit, actual: np.ndarray, settings: LearnerSettings) -> np.ndarray:
    """Series and total WAPE of the direct learner, and processor seconds."""
    begun = time.process_time()
    weights = {"direct": 1.0}
    model = fit_model(design, PooledSettings(), weights, explained=explained, learner_settings=settings)
    plan = to_units(predict_logs(model, design)["direct"])
    return np.array([*score_plan(actual, plan), time.process_time() - begun])


def main() -> None:
    """Print one row for each size of the unit and each setting, means over the origins."""
    workspace = load_workspace(WORKSPACE)
    print("| series | trees | series WAPE | total WAPE | processor seconds |")
    print("|---:|---|---:|---:|---:|")
    for every in EVERY:
        found: dict[str, list[np.ndarray]] = {name: [] for name in SETTINGS}
        for as_of in ORIGINS:
            design, actual = _design(workspace, as_of, every)
            explained = fit_explained(design, PooledSettings())
            for name, settings in SETTINGS.items():
                found[name].append(_try(design, explained, actual, settings))
        for name, its in found.items():
            series, total, seconds = np.mean(its, axis=0)
            row = f"| {len(design.logs)} | {name} | {series:.4f} | {total:.4f} | {seconds:.1f} |"
            print(row, flush=True)


if __name__ == "__main__":
    main()
