"""Use case: what took another's place inherits its history, where somebody has said so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.inputs.workspace import Workspace

__all__ = ["join_successors"]

_MEASURES = ("units", "revenue")


@dataclass(frozen=True)
class _Pair:
    """A successor and what it replaces, each by the same dimensions, and who says so."""

    scope: dict[str, str]
    replaces: dict[str, str]
    said_in: str


def join_successors(workspace: Workspace, planned: Round) -> Workspace:
    """The workspace with sales, transactions and drivers of predecessors under their successor's name.

    Two places say who replaces whom: ``[[life]] replaces`` of ``planning.toml``, and accepted rows of kind
    ``new_product`` whose own span is over: until then the plan itself takes the predecessor out.

    Parameters
    ----------
    workspace : Workspace
        Already cut at the as-of date.
    planned : Round
        Says what was recorded by then, and where the open periods begin.

    Returns
    -------
    Workspace
        Unchanged where nothing is replaced. No sale is lost: totals are the same to the last digit.
    """
    pairs = [*_stated(workspace, planned), *_launched(workspace, planned)]
    tables, notices = dict(workspace.tables), []
    for pair in pairs:
        old = _matches(tables["sales"], pair.replaces)
        names = " and ".join(_words(part) for part in (pair.scope, pair.replaces))
        if not old.any() or not _matches(tables["sales"], pair.scope).any():
            text = f"{pair.said_in}: of {names} one has no sales known at the as-of date; nothing is joined."
            notices.append(Notice("successor_unknown", text, 1))
            continue
        for name in ("sales", "transactions", "drivers"):
            if name in tables and set(pair.scope) <= set(tables[name].columns):
                tables[name] = _renamed(tables[name], pair, workspace.dimensions, keep_own=name == "drivers")
        text = (
            f"{_words(pair.scope)} takes over the history of {_words(pair.replaces)}, as {pair.said_in} "
            f"says: {counted(int(old.sum()), 'row')} of sales under the new name."
        )
        notices.append(Notice("successor_joined", text, int(old.sum())))
    if not notices:
        return workspace
    by = [*workspace.dimensions, "period"]
    tables["sales"] = _added_up(tables["sales"], by)
    return replace(workspace, tables=tables, notices=(*workspace.notices, *notices))


def _stated(workspace: Workspace, planned: Round) -> Iterator[_Pair]:
    for one in workspace.settings.life:
        known = one.recorded is None or pd.Timestamp(one.recorded) <= planned.as_of
        if one.replaces and known:
            yield _Pair(dict(one.scope), dict(one.replaces), "planning.toml")


def _launched(workspace: Workspace, planned: Round) -> Iterator[_Pair]:
    """Accepted launches that are over and name what they replaced."""
    table = workspace.table("assumptions")
    if not len(table) or "replaces" not in table:
        return
    over = pd.to_datetime(table["end"]) < planned.first_open
    chosen = (table["kind"] == "new_product") & (table["status"] == "accepted") & (table["replaces"] != "")
    sales = workspace.tables["sales"]
    for _, row in table[over & chosen].iterrows():
        for name in workspace.dimensions:
            values = sales[name].astype(str)
            new = str(row.get(name, "") or row["title"])
            if (
                (values == str(row["replaces"])).any()
                and (values == new).any()
                and new != str(row["replaces"])
            ):
                rest = {
                    other: str(row[other]) for other in workspace.dimensions if other in row and other != name
                }
                rest = {other: value for other, value in rest.items() if value}
                yield _Pair(rest | {name: new}, rest | {name: str(row["replaces"])}, str(row["id"]))


def _matches(table: pd.DataFrame, scope: dict[str, str]) -> np.ndarray:
    return np.asarray(
        np.all([(table[name].astype(str) == value).to_numpy() for name, value in scope.items()], axis=0)
    )


def _words(scope: dict[str, str]) -> str:
    return " ".join(f"{name} {value!r}" for name, value in scope.items())


def _renamed(
    table: pd.DataFrame, pair: _Pair, dimensions: tuple[str, ...], *, keep_own: bool
) -> pd.DataFrame:
    """The predecessor's rows under the successor's name; with `keep_own` not where that has a row itself."""
    old = _matches(table, pair.replaces)
    changed = table.copy()
    for name, value in pair.scope.items():
        column = changed[name].astype(object).where(~old, value)
        changed[name] = column.astype("category") if table[name].dtype == "category" else column
    if keep_own:
        keys = ["period", *(name for name in dimensions if name in table)]
        own = pd.MultiIndex.from_frame(changed.loc[~old, keys].astype(dict.fromkeys(keys[1:], str)))
        mine = pd.MultiIndex.from_frame(changed[keys].astype(dict.fromkeys(keys[1:], str)))
        changed = changed[~(old & mine.isin(own))].reset_index(drop=True)
    return changed


def _added_up(sales: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One row a series and period: both names may have sold in the same one."""
    measures = [name for name in _MEASURES if name in sales]
    doubled = sales.duplicated(by, keep=False)
    if doubled.any():
        sums = sales[doubled].groupby(by, observed=True, sort=False)[measures].sum(min_count=1).reset_index()
        sales = pd.concat([sales[~doubled], sums.reindex(columns=sales.columns)], ignore_index=True)
        sales = sales.astype(dict.fromkeys(by[:-1], "category"))
    return sales.sort_values(by, kind="stable", ignore_index=True)
