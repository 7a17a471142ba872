"""Notebook 2, one series at a time: how its forecast came about, and where a better one is worth most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.series_lines import draw_series
from alignment_lib.answers.markup import Html
from alignment_lib.answers.tables import Column
from alignment_lib.app.notebook_pages.frame import (
    dimension_columns,
    plain_table,
    remark,
    say_members,
    show,
    unit_of,
)
from alignment_lib.forecasting.baseline import BaselineRun, run_baseline
from alignment_lib.forecasting.series_tables import rank_series, score_run, tabulate_backtest, tabulate_series
from alignment_lib.rounds.preparing.forecast_round import DRAWS, own_model
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["Workings", "name_series", "open_workings", "show_one", "show_ranking", "show_scores"]

_JOIN = " / "
_MOST_ORIGINS = 4


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


def name_series(keys: pd.DataFrame) -> list[str]:
    """Each series by the members of its dimensions.

    >>> name_series(pd.DataFrame({"region": ["North"], "channel": ["web"]}))
    ['North / web']
    """
    return [_JOIN.join(map(str, row)) for row in keys.itertuples(index=False)]


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


def show_one(workings: Workings, series: str = "") -> Html:
    """One series: history and cleaning, forecast and band, members, earlier forecasts, and why.

    Parameters
    ----------
    series : str
        Members of its dimensions, joined by `` / ``; blank for the one at the head of the ranking.
    """
    ready, run = workings.ready, workings.run
    names = name_series(ready.history.keys)
    if series not in names:
        ranked = name_series(rank_series(run, ready.history)[list(ready.dimensions)])
        missing = f"There is no series {series!r}; the first of the ranking is shown." if series else None
        return show(missing, *_one(workings, names.index(ranked[0])))
    return show(*_one(workings, names.index(series)))


def _one(workings: Workings, row: int) -> list[Html | str]:
    ready, run = workings.ready, workings.run
    title = name_series(ready.history.keys)[row]
    table = tabulate_series(run, ready.history, row)
    if workings.has_drivers:
        table = _with_driver_forecast(workings, table, row)
    backtest = tabulate_backtest(run, ready.history, row)
    combined = backtest[backtest["forecast"] == "combination"]
    shown = sorted(combined["origin"].unique())[:: -(-len(combined["origin"].unique()) // _MOST_ORIGINS) or 1]
    chart = draw_series(
        table,
        name="b-one",
        title=title,
        unit=unit_of(ready),
        backtest=combined[combined["origin"].isin(shown)],
    )
    parts = [show(chart), _members(workings, row), _origins(workings, backtest)]
    if workings.has_drivers:
        text = "Forecast and band are those of the driver model; members and earlier forecasts are those of "
        parts.insert(1, remark(text + "the combination without drivers, which it had to beat."))
    return parts


def _with_driver_forecast(workings: Workings, table: pd.DataFrame, row: int) -> pd.DataFrame:
    forecast, known = workings.ready.forecast, len(workings.ready.history.periods)
    ahead = {"baseline": forecast.baseline[row], "naive": forecast.naive[row]}
    for name, level in {"p2_5": 0.025, "p10": 0.1, "p50": 0.5, "p90": 0.9, "p97_5": 0.975}.items():
        ahead[name] = np.quantile(forecast.samples[:, row], level, axis=0)
    return table.assign(**{name: np.r_[np.full(known, np.nan), values] for name, values in ahead.items()})


def _members(workings: Workings, row: int) -> Html:
    """Members, weights, what each erred in the backtest, and the reason for the choice."""
    ready = workings.ready
    key = ready.history.keys.iloc[row]
    why = workings.run.forecast.why
    mine = why[(why[list(ready.dimensions)] == key).all(axis=1)]
    columns = [
        Column("member", "member"),
        Column("weight", "weight", "share"),
        Column("backtest_error", "backtest error", "number", "naive within a year = 1", 2),
        Column("naive_error", "naive's", "number", "", 2),
    ]
    reason = (
        f"Why: {mine['reason'].iloc[0]}. Each member is described in docs/methods.md." if len(mine) else ""
    )
    return plain_table(mine, "Members of the combination", columns, reason)


def _origins(workings: Workings, backtest: pd.DataFrame) -> Html | str:
    """Mean absolute error of every member at every origin."""
    if backtest.empty:
        return "The history of this series is too short for a backtest."
    gap = (backtest["value"] - backtest["actual"]).abs()
    table = backtest.assign(gap=gap).pivot_table(index="origin", columns="forecast", values="gap", sort=True)
    names = ["combination", "naive", *sorted(set(table.columns) - {"combination", "naive"})]
    frame = table.reindex(columns=[name for name in names if name in table]).reset_index()
    unit = unit_of(workings.ready)
    columns = [Column("origin", "forecast from", "date")]
    columns += [Column(name, name, "number", unit, 1) for name in frame.columns[1:]]
    note = "Mean absolute error a period, each forecast made with what was known on its date. Slow members "
    note += "run at a few of the dates only."
    return plain_table(frame, "Backtest by origin", columns, note)


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
