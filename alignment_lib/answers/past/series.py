"""The workings of one series: its history as read and as cleaned, its baseline, and what that is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, ask, refuse
from alignment_lib.answers.charts.series_lines import draw_series
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import join_words, say_value, write_count, write_number
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView

__all__ = ["series"]

_LEGEND = (
    "Dark: as read; red mark: a value that a rule treated, with a blue one where it was put; blue: baseline; "
    "dashed: same season last year."
)


def series(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """One series: sales and baseline over time, and the members of its model with their scores.

    Parameters
    ----------
    view : RoundView
        The round.
    span, scenario
        Refused: history and baseline are shown whole.
    part : Mapping of str to str, optional
        A member of each dimension; the series whose error weighs most where nothing is said. Dimensions
        left out take the largest series that fits.

    Returns
    -------
    Answer
        Its frame holds ``period, original, cleaned, baseline, naive``.
    """
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("series", span=span, scenario=scenario)
    question = ask(view, part=part)
    why, plan = view.table("why"), question.rows("plan", any_time=True)
    if why.empty:
        return nothing_yet("series", "One series", "This round carries no record of how it was forecast.")
    key = _pick(view, question.part, why)
    ahead, sold, members = (_of(table, key) for table in (plan, view.table("history"), why))
    past = sold.rename(columns={"value": "original"})[["period", "original", "cleaned"]]
    frame = past.merge(ahead[["period", "baseline"]], on="period", how="outer")
    naive = _of(view.table("streams").query("stream == 'naive'"), key)[["period", "value"]]
    frame = frame.merge(naive.rename(columns={"value": "naive"}), on="period", how="left")
    frame = frame.sort_values("period", ignore_index=True)
    title = f"Workings of {', '.join(say_value(one) for one in key.values())}"
    chart = replace(draw_series(frame, name="series", title=title, unit=view.unit), legend=_LEGEND)
    return Answer("series", title, _say(members, frame), frame, chart, _table(title, members))


def _of(table: pd.DataFrame, key: Mapping[str, str]) -> pd.DataFrame:
    """Rows of one series."""
    return table[(table[list(key)].astype(str) == pd.Series(key)).all(axis=1)]


def _pick(view: RoundView, part: Mapping[str, str], why: pd.DataFrame) -> dict[str, str]:
    """The series meant: of those that fit, the one whose backtest error weighs most by what it sells."""
    keys = view.dimensions
    sizes = view.table("history").groupby(keys, observed=True)["value"].sum().rename("size").reset_index()
    found = why.groupby(keys, sort=False, observed=True)["backtest_error"].mean().reset_index()
    found = found.merge(sizes, on=keys, how="left").fillna({"size": 0.0, "backtest_error": 0.0})
    for name, member in part.items():
        found = found[found[name].astype(str) == member]
    if found.empty:
        raise UnknownWord(f"no series is called {', '.join(part.values())}; `r.sales` holds those there are")
    first = found.assign(weighs=found["size"] * found["backtest_error"]).sort_values(
        ["weighs", "size"], ascending=False, kind="stable"
    )
    return {name: str(first[name].iloc[0]) for name in keys}


def _say(members: pd.DataFrame, frame: pd.DataFrame) -> str:
    named = join_words([str(one) for one in members["member"]]) if len(members) else "nothing"
    treated = int(((frame["original"] - frame["cleaned"]).abs() > 0).sum())
    text = f"The baseline comes from {named}"
    known = members[members["backtest_error"].notna()]
    if len(known):
        row = known.iloc[0]
        text += f": error {write_number(row['backtest_error'], 2)} in backtests"
        if pd.notna(row["naive_error"]):
            text += f", of last year's figures {write_number(row['naive_error'], 2)}"
    return f"{text}. {write_count(treated, 'value')} of the history treated."


def _table(title: str, members: pd.DataFrame) -> Table:
    columns = [
        Column("member", "member"),
        Column("weight", "weight", "share", decimals=0),
        Column("backtest_error", "error in backtests", "number", "of sales", 2),
        Column("naive_error", "error of last year's figures", "number", "of sales", 2),
        Column("reason", "why"),
    ]
    return Table(f"{title}: members and their scores", columns, members)
