"""Forecast value added: the error of each step from naive to consensus, and what small changes cost.

Each step is set against the one before it (Gilliland 2010, The Business Forecasting Deal, ch. 4); small
adjustments are counted apart because they hurt most often (Fildes et al. 2009, Int. J. of Forecasting 25).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["LADDER", "value_added"]

LADDER = ("naive", "baseline", "marketing", "sales", "consensus")
"""Steps in order; ``finance`` is set against the baseline."""

_COLUMNS = [
    *(
        "round",
        "level",
        "span",
        "lag",
        "stream",
        "against",
        "cells",
        "actual",
        "error",
        "wape",
        "bias",
        "bias_share",
    ),
    *("value_added", "value_added_share", "small_changes", "small_cost", "sentence"),
]


def value_added(
    streams: pd.DataFrame,
    actual: pd.DataFrame,
    dimensions: Sequence[str],
    calendar: Calendar,
    cycle: Cycle = "quarter",
    materiality_share: float = 0.01,
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Error and bias of every stream of earlier rounds by level and lag, and what each step added.

    Parameters
    ----------
    streams : DataFrame
        ``round, stream, period``, the dimensions, ``value``: ``streams.parquet`` of earlier rounds.
    actual : DataFrame
        ``period``, the dimensions, ``value`` in the same measure.
    materiality_share : float
        A change of a cell by less than this share of the step before is small.

    Returns
    -------
    DataFrame
        ``round`` (blank: all rounds pooled), ``level`` (``total``, a dimension, ``series``), ``span``
        (``period`` or the cycle: errors of single periods, or of a cycle's sums), ``lag`` (cycles ahead, 1
        the round's own first), ``stream, against, cells, actual`` (summed), ``error`` (sum of absolute
        errors), ``wape, bias`` (stream less actual, summed), ``bias_share, value_added`` (error of the step
        before less this one's), ``value_added_share`` (of actual), ``small_changes, small_cost`` (what
        small changes added to the error; level ``series``, span ``period`` only), ``sentence``.
    """
    if not len(streams):
        text = "No round has closed yet: value added appears when the first round's actuals are in."
        return pd.DataFrame(columns=_COLUMNS), (Notice("no_closed_round", text),)
    cells = _joined(streams, actual, dimensions, calendar, cycle)
    if not len(cells):
        text = "No period of an earlier round has actual sales yet: value added appears when one has."
        return pd.DataFrame(columns=_COLUMNS), (Notice("no_closed_round", text),)
    levels = {"total": [], **({name: [name] for name in dimensions} if len(dimensions) > 1 else {})}
    levels["series"] = list(dimensions)
    parts = []
    for level, keys in levels.items():
        for span in ("period", cycle):
            parts.append(_scores(cells, keys, span, cycle).assign(level=level, span=span))
    table = pd.concat(parts, ignore_index=True)
    table = table.merge(
        _small_changes(cells, dimensions, materiality_share), on=["round", "lag", "stream"], how="left"
    )
    only = (table["level"] == "series") & (table["span"] == "period")
    table[["small_changes", "small_cost"]] = table[["small_changes", "small_cost"]].where(only)
    return _ladder(table), ()


def _joined(
    streams: pd.DataFrame, actual: pd.DataFrame, dimensions: Sequence[str], calendar: Calendar, cycle: Cycle
) -> pd.DataFrame:
    """Streams beside actuals, with the lag in cycles; only periods and series that have actuals."""
    keys = ["period", *dimensions]
    sums = actual.groupby(keys, observed=True)["value"].sum().rename("actual").reset_index()
    cells = streams.merge(sums, on=keys, how="inner")
    first = streams.groupby("round")["period"].min()
    months = {"month": 1, "quarter": 3, "year": 12}[cycle]
    number = calendar.fiscal_month(pd.DatetimeIndex(cells["period"])) // months
    start = calendar.fiscal_month(pd.DatetimeIndex(cells["round"].map(first))) // months
    cells["lag"] = number - start + 1
    cells["cycle"] = number
    return cells


def _scores(cells: pd.DataFrame, keys: Sequence[str], span: str, cycle: str) -> pd.DataFrame:
    time = "cycle" if span == cycle else "period"
    group = ["round", "stream", "lag", time, *keys]
    sums = cells.groupby(group, observed=True)[["value", "actual"]].sum().reset_index()
    sums["bias"] = sums["value"] - sums["actual"]
    sums["error"] = sums["bias"].abs()
    sums["cells"] = 1
    parts = [sums, sums.assign(round="")]
    wanted = ["cells", "actual", "error", "bias"]
    return pd.concat(parts).groupby(["round", "lag", "stream"])[wanted].sum().reset_index()


def _small_changes(cells: pd.DataFrame, dimensions: Sequence[str], share: float) -> pd.DataFrame:
    """Cells changed by less than the materiality share, and what that added to the absolute error."""
    wide = cells.pivot_table(index=["round", "lag", "period", *dimensions], columns="stream", values="value",
                             aggfunc="sum", observed=True)  # fmt: skip
    keys = ["round", "lag", "period", *dimensions]
    made = cells.drop_duplicates(keys).set_index(keys)["actual"].reindex(wide.index)
    rows = []
    for stream in wide.columns:
        earlier = _earlier(str(stream), [str(name) for name in wide.columns])
        if not earlier:
            continue
        before = wide[earlier].ffill(axis=1).iloc[:, -1]
        change = (wide[stream] - before).abs()
        small = (change > 1e-12) & (change < share * before.abs())
        cost = (wide[stream] - made).abs() - (before - made).abs()
        frame = pd.DataFrame({"small_changes": small.astype(float), "small_cost": cost.where(small, 0.0)})
        by_round = frame.groupby(level=["round", "lag"]).sum().reset_index()
        pooled = frame.groupby(level="lag").sum().reset_index().assign(round="")
        rows.append(pd.concat([by_round, pooled]).assign(stream=stream))
    columns = ["round", "lag", "stream", "small_changes", "small_cost"]
    return pd.concat(rows)[columns] if rows else pd.DataFrame(columns=columns)


def _earlier(stream: str, present: Sequence[str]) -> list[str]:
    """The steps before a stream among those present, in order."""
    if stream == "finance":
        return [name for name in ("baseline",) if name in present]
    if stream not in LADDER:
        return []
    return [name for name in LADDER[: LADDER.index(stream)] if name in present]


def _before(stream: str, present: Sequence[str]) -> str:
    """The step that a stream is set against."""
    earlier = _earlier(stream, present)
    return earlier[-1] if earlier else ""


def _ladder(table: pd.DataFrame) -> pd.DataFrame:
    made = table["actual"].abs()
    table["wape"] = table["error"] / made.where(made > 0)
    table["bias_share"] = table["bias"] / made.where(made > 0)
    rounds = _against(table[table["round"] != ""])
    # A step missing in some rounds, as of a function that wrote nothing, leaves the next one against an
    # earlier step there, so all rounds together are what the rounds add up to.
    keys = ["level", "span", "lag", "stream"]
    names = {"against": lambda part: " or ".join(dict.fromkeys(name for name in part if name))}
    pooled = rounds.groupby(keys, sort=False).agg(
        against=("against", names["against"]), value_added=("value_added", lambda part: part.sum(min_count=1))
    )
    whole = table[table["round"] == ""].merge(pooled.reset_index(), on=keys, how="left")
    table = pd.concat([rounds, whole], ignore_index=True)
    table["value_added_share"] = table["value_added"] / table["actual"].abs().where(table["actual"] != 0)
    order = {name: place for place, name in enumerate((*LADDER, "finance"))}
    table["order"] = table["stream"].map(order).fillna(len(order))
    table["sentence"] = [_sentence(row) for row in table.to_dict("records")]
    ordered = table.sort_values(["round", "level", "span", "lag", "order"], ignore_index=True)
    return ordered[_COLUMNS]


def _against(table: pd.DataFrame) -> pd.DataFrame:
    """Every round's streams with the step each is set against, and what it took off that one's error."""
    keys = ["round", "level", "span", "lag"]
    present = table.groupby(keys)["stream"].agg(list).rename("present").reset_index()
    table = table.merge(present, on=keys)
    table["against"] = [
        _before(stream, names) for stream, names in zip(table["stream"], table["present"], strict=True)
    ]
    errors = table[[*keys, "stream", "error"]].rename(columns={"stream": "against", "error": "before"})
    table = table.merge(errors, on=[*keys, "against"], how="left")
    return table.assign(value_added=table["before"] - table["error"]).drop(columns=["present", "before"])


def _sentence(row: dict[Any, Any]) -> str:
    text = f"{str(row['stream']).capitalize()} was off by {Said(row['wape']):.1%}"
    if not row["against"] or not np.isfinite(float(str(row["value_added_share"]))):
        return text + "."
    points = 100.0 * float(str(row["value_added_share"]))
    better = "better" if points >= 0 else "worse"
    return f"{text}, {abs(points):.1f} percentage points {better} than {row['against']}."
