"""New rows joined to a table that is there, by key: what is added, changed, and as it was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import InputError, Problem, counted
from alignment_lib.inputs.written_numbers import Said

__all__ = ["Joined", "join_tables"]

_ONE_KEY = {"leads": ("lead_id",), "opportunities": ("opportunity_id",), "contacts": ("lead_id", "at")}
_FIGURES = frozenset(
    (
        *("units", "revenue", "amount", "unit_cost", "funding", "price", "impressions", "clicks", "leads"),
        *("visitors", "accepted", "contacted", "opportunities", "customers"),
    )
)


@dataclass(frozen=True)
class Joined:
    """A table after new rows were joined to it.

    Attributes
    ----------
    table : DataFrame
    added, changed, unchanged, kept : int
        Rows of the new table that are new, that differ from the old one, that are the same; and old rows of
        which the new table says nothing.
    text : str
        All of it in one sentence, with the sums of changed rows before and after.
    """

    table: pd.DataFrame
    added: int
    changed: int
    unchanged: int
    kept: int
    text: str


def join_tables(name: str, old: pd.DataFrame, new: pd.DataFrame, *, every_period: bool = False) -> Joined:
    """Join new rows to a table by its key; where both have a row, the new one counts.

    Parameters
    ----------
    name : str
        Of the contract, such as ``sales``.
    old, new : DataFrame
        Keys as text.
    every_period : bool
        Whether the new rows come from a list of every sale: series of the old table that are missing in a
        period of the new one sold nothing in it.

    Raises
    ------
    InputError
        Tables whose keys differ.

    >>> old = pd.DataFrame({"period": ["2025-01-01"], "item": ["Tea"], "units": [1.0]})
    >>> new = pd.DataFrame({"period": ["2025-01-01", "2025-02-01"], "item": "Tea", "units": [2.0, 3.0]})
    >>> joined = join_tables("sales", old, new)
    >>> joined.added, joined.changed, joined.kept, joined.table["units"].tolist()
    (1, 1, 0, [2.0, 3.0])
    """
    if name == "transactions":
        return _join_days(old, new)
    keys = [key for key in _ONE_KEY.get(name, ()) if key in new.columns]
    keys = keys or [str(key) for key in new if key not in _FIGURES]
    _check_keys(name, keys, old)
    if every_period and name == "sales":
        new = _with_silent_series(old, new, keys)
    old_keys = pd.MultiIndex.from_frame(old[keys].astype(str))
    new_keys = pd.MultiIndex.from_frame(new[keys].astype(str))
    at = old_keys.get_indexer(new_keys) if old_keys.is_unique else _first_places(old_keys, new_keys)
    met = at >= 0
    shared = [str(column) for column in new if column not in keys and column in old]
    differs = np.zeros(len(new), dtype=bool)
    for column in shared:
        before = old[column].to_numpy(dtype=object)[np.maximum(at, 0)]
        differs |= met & ~_same(before, new[column].to_numpy(dtype=object))
    table = _lay_over(old, new, at)
    sums = _sums(old, new, at, differs, shared)
    kept = len(old) - int(old_keys.isin(new_keys).sum())
    counts = (int((~met).sum()), int((met & differs).sum()), int((met & ~differs).sum()), kept)
    text = (
        f"{counted(counts[0], 'row')} added, {counts[1]:,} changed{sums}, {counts[2]:,} unchanged; "
        f"{counted(kept, 'row')} kept of which the export says nothing"
    )
    return Joined(table, *counts, text=f"{name}: {text}.")


def _check_keys(name: str, keys: list[str], old: pd.DataFrame) -> None:
    lacking = [key for key in keys if key not in old]
    extra = [key for key in old if key not in keys and key not in _FIGURES] if name == "sales" else []
    if lacking or extra:
        found = f"the columns {', '.join(map(str, old.columns))}"
        mend = "import into a new folder, or take the same dimensions in the mapping"
        raise InputError([Problem(f"{name}.csv", found[:160], f"the keys {', '.join(keys)}", mend)])


def _first_places(old: pd.MultiIndex, new: pd.MultiIndex) -> np.ndarray:
    first = ~old.duplicated()
    found = old[first].get_indexer(new)
    return np.where(found >= 0, np.flatnonzero(first)[np.maximum(found, 0)], -1)


def _same(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    numbers = (
        pd.to_numeric(pd.Series(before), errors="coerce"),
        pd.to_numeric(pd.Series(after), errors="coerce"),
    )
    near = (numbers[0] - numbers[1]).abs() <= 1e-6
    texts = _as_text(before) == _as_text(after)
    return np.asarray(near | texts)


def _as_text(values: np.ndarray) -> pd.Series:
    texts = pd.Series(values, dtype=object)
    return texts.where(texts.notna(), "").astype(str)


def _lay_over(old: pd.DataFrame, new: pd.DataFrame, at: np.ndarray) -> pd.DataFrame:
    """Old rows with the new values in them, in their order, then the rows that are new; sales by period."""
    columns = [*old.columns, *(column for column in new if column not in old)]
    table = old.reindex(columns=columns)
    places = at[at >= 0]
    for column in new:
        values = table[column].to_numpy(dtype=object).copy()
        values[places] = new[column].to_numpy(dtype=object)[at >= 0]
        kind = new[column].dtype if pd.api.types.is_numeric_dtype(new[column]) else object
        table[column] = pd.Series(values, index=table.index, dtype=object).astype(kind)
    fresh = new[at < 0].reindex(columns=columns)
    joined = pd.concat([part for part in (table, fresh) if len(part)], ignore_index=True)
    keys = [str(column) for column in joined if column not in _FIGURES]
    if keys and keys[0] == "period":
        joined = joined.sort_values([*keys[1:], "period"], kind="stable", ignore_index=True)
    return joined


def _sums(
    old: pd.DataFrame, new: pd.DataFrame, at: np.ndarray, differs: np.ndarray, shared: list[str]
) -> str:
    said = []
    for column in shared if differs.any() else ():
        if column in _FIGURES:
            before = pd.to_numeric(old[column], errors="coerce").to_numpy()[at[differs]]
            after = pd.to_numeric(new[column], errors="coerce").to_numpy()[differs]
            said.append(f"{column} {Said(np.nansum(before)):,.2f} to {Said(np.nansum(after)):,.2f}")
    return f" ({', '.join(said)})" if said else ""


def _with_silent_series(old: pd.DataFrame, new: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The new rows with zeros for series that were there before and are not in a period of the new table."""
    names = [key for key in keys if key != "period"]
    starts = pd.concat([old[[*names, "period"]], new[[*names, "period"]]]).astype(str)
    first = starts.groupby(names, sort=False)["period"].min().reset_index()
    periods = pd.DataFrame({"at": sorted(new["period"].unique())})
    grid = first.merge(periods, how="cross")
    grid = grid[grid["period"] < grid["at"]].drop(columns="period").rename(columns={"at": "period"})
    present = pd.MultiIndex.from_frame(new[keys].astype(str))
    silent = grid[~pd.MultiIndex.from_frame(grid[keys].astype(str)).isin(present)]
    if not len(silent):
        return new
    for column in new:
        if column not in keys:
            silent = silent.assign(**{str(column): 0.0})
    return pd.concat([new, silent[list(new.columns)]], ignore_index=True)


def _join_days(old: pd.DataFrame, new: pd.DataFrame) -> Joined:
    """Transactions have no key: the days that the new export covers are taken from it, the others stay."""
    if not len(new):
        return Joined(old, 0, 0, 0, len(old), "transactions: none new.")
    first, last = new["date"].min(), new["date"].max()
    dates = old["date"].astype(str).str[:10]
    outside = (dates < first) | (dates > last)
    table = pd.concat([old[outside], new], ignore_index=True).sort_values(
        "date", kind="stable", ignore_index=True
    )
    replaced = int((~outside).sum())
    text = (
        f"transactions: {len(new):,} rows of {first} to {last} in place of {replaced:,}; "
        f"{int(outside.sum()):,} rows of other days kept."
    )
    return Joined(table, len(new), replaced, 0, int(outside.sum()), text)
