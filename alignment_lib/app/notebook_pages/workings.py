"""Notebook 2: how far the combination without drivers is off, and where a better one is worth most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.answers.markup import Html
from alignment_lib.answers.tables import Column
from alignment_lib.app.notebook_pages.frame import (
    dimension_columns,
    plain_table,
    say_members,
    show,
    unit_of,
)
from alignment_lib.forecasting.baseline import BaselineRun, run_baseline
from alignment_lib.forecasting.series_tables import rank_series, score_run
from alignment_lib.rounds.preparing.forecast_round import DRAWS, own_model
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["Workings", "open_workings", "show_ranking", "show_scores"]


@dataclass(frozen=True)
class Workings:
    """A round and the combination of models behind its baseline, backtest included.

    Attributes
    ----------
    ready : PreparedRound
    run : BaselineRun
        Where the workspace has drivers, the combination without them: not the baseline itself, but what
        the driver model had to beat.
    """

    ready: PreparedRound
    run: BaselineRun

    @property
    def has_drivers(self) -> bool:
        """Whether the baseline comes from the driver model rather than from this combination."""
        return self.ready.effects is not None


def open_workings(ready: PreparedRound) -> Workings:
    """Work the combination out again with all its backtests kept; nothing is published from it."""
    settings = ready.workspace.settings
    run = run_baseline(
        ready.history,
        ready.forecast.periods,
        method=settings.forecast.method,
        reconcile=settings.forecast.reconcile,
        seed=settings.plan.seed,
        draws=DRAWS,
        holidays=settings.calendar.holidays,
        pretrained=own_model(ready.workspace.folder, settings),
    )
    return Workings(ready, run)


def show_ranking(workings: Workings, most: int = 15) -> Html:
    """Series by error times value: the first ones are worth a second look."""
    ready = workings.ready
    frame = rank_series(workings.run, ready.history)
    unit, grain = unit_of(ready), ready.workspace.calendar.grain
    columns = dimension_columns(ready)
    columns += [
        Column("class", "kind"),
        Column("value", "last year's sales", "number", unit),
        Column("error", f"error a {grain}", "number", unit),
        Column("naive_error", "error of naive", "number", unit),
        Column("error_value", "error over a year", "number", unit),
    ]
    left = len(frame) - most
    note = "Error: mean absolute error in the backtest."
    note += f" {left} more series are not listed." if left > 0 else ""
    frame = say_members(ready, frame.head(most))
    return show(plain_table(frame, "Where a better forecast would be worth most", columns, note))


def show_scores(workings: Workings) -> Html:
    """Backtest scores by level and lag, seasonal naive beside each."""
    table = score_run(workings.run, workings.ready.history, seed=workings.ready.workspace.settings.plan.seed)
    if table.empty:
        return show("The history is too short for a backtest: there are no scores.")
    frame = table[(table["forecast"] == "combination") & table["wape"].notna()].drop(columns="forecast")
    frame["level"] = [level.replace("_", " ").replace(" x ", " × ") for level in frame["level"]]
    for name in ("wape", "wape_naive", "smape", "smape_naive", "bias", "bias_naive", "crps", "crps_naive"):
        frame[name] = frame[name] / 100 if name in frame else np.nan
    points = [Column("level", "level"), Column("lag", "lag")]
    for name in ("mase", "rmsse"):
        points += [
            Column(name, name.upper(), "number", "", 2),
            Column(f"{name}_naive", "naive", "number", "", 2),
        ]
    for name, title in (("smape", "sMAPE"), ("wape", "WAPE"), ("bias", "bias")):
        points += [Column(name, title, "share", "", 1), Column(f"{name}_naive", "naive", "share", "", 1)]
    parts = [plain_table(frame, "Errors of the forecast by level and lag", points)]
    if "coverage_80" in frame:
        parts.append(plain_table(_pinball(frame), "Errors of the band by level and lag", _BANDS, _BAND_NOTE))
    return show(*parts)


_BANDS = [
    Column("level", "level"),
    Column("lag", "lag"),
    Column("crps", "CRPS", "share", "of sales", 1),
    Column("crps_naive", "naive", "share", "", 1),
    Column("pinball_0.1", "pinball P10", "share", "of sales", 1),
    Column("pinball_0.1_naive", "naive", "share", "", 1),
    Column("pinball_0.9", "pinball P90", "share", "of sales", 1),
    Column("pinball_0.9_naive", "naive", "share", "", 1),
    Column("coverage_80", "inside the 80 % band", "share", "", 0),
    Column("coverage_95", "inside the 95 % band", "share", "", 0),
]
_BAND_NOTE = (
    "CRPS is the mean absolute error of a whole distribution; naive is a line, so its CRPS is its WAPE. "
    "Each band was made from the errors of the other origins."
)


def _pinball(frame: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in frame if str(name).startswith("pinball")]
    return frame.assign(**{str(name): frame[name] / 100 for name in names})
