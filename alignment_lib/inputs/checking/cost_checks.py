"""Checks of costs: what a row gives, whom a funding pays for, one currency, and one cost for one cell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE, nearest
from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = ["check_costs"]


def check_costs(parsed: Mapping[str, ParsedTable], settings: Settings, log: ProblemLog) -> None:
    """Add every fault of the costs table to `log`."""
    costs = parsed["costs"]
    _check_rows(costs, log)
    _check_currency(costs, settings, log)
    _check_paid(costs, parsed.get("assumptions"), settings, log)
    _check_settings(costs, settings, log)
    if "sales" in parsed:
        _check_single(costs, parsed["sales"].frame, settings, log)


def _check_rows(costs: ParsedTable, log: ProblemLog) -> None:
    frame, raw = costs.frame, costs.raw
    has_cost, has_funding = frame["unit_cost"].notna(), frame["funding"].notna()
    both, neither = np.flatnonzero(has_cost & has_funding), np.flatnonzero(~has_cost & ~has_funding)
    mend = "write the cost of the goods and the funding of an action in rows of their own"
    raw.report(log, "funding", both, "a unit_cost or a funding, not both", mend)
    expected = "a unit_cost, or a funding"
    raw.report(log, "unit_cost", neither, expected, "write the figure or remove the row", "neither of them")
    unnamed = np.flatnonzero(has_funding & (frame["pays_for"] == ""))
    expected = "the id of an assumption or a promotion column of the drivers"
    raw.report(log, "pays_for", unnamed, expected, "say what the money pays for", "no action for a funding")
    stray = np.flatnonzero(~has_funding & has_cost & (frame["pays_for"] != ""))
    mend = "write the money under funding, or leave pays_for empty"
    raw.report(log, "pays_for", stray, "nothing beside a unit_cost", mend)


def _check_currency(costs: ParsedTable, settings: Settings, log: ProblemLog) -> None:
    own = settings.business.currency
    if "currency" in settings.dimensions:
        return
    words = costs.frame["currency"].to_numpy(dtype=object)
    places = np.flatnonzero(~np.isin(words.astype(str), ["", own]))
    mend = f"convert the figure to {own}; amounts of several currencies are never added up"
    costs.raw.report_words(log, "currency", words, places, f"{own}, as in {SETTINGS_FILE}", lambda _: mend)


def _check_paid(
    costs: ParsedTable, assumptions: ParsedTable | None, settings: Settings, log: ProblemLog
) -> None:
    """A funding names what somebody does: a row of the register, or a promotion of the calendar."""
    ids = [] if assumptions is None else sorted(set(assumptions.frame["id"].astype(str)))
    columns = [name for name, driver in settings.drivers_by_name.items() if driver.kind == "promotion"]
    words = costs.frame["pays_for"].to_numpy(dtype=object)
    places = np.flatnonzero(~np.isin(words.astype(str), ["", *ids, *columns]))
    costs.raw.report_words(
        log,
        "pays_for",
        words,
        places,
        "the id of an assumption or a promotion column of the drivers",
        lambda word: nearest(word, [*ids, *columns]) or "correct the name",
    )


def _check_settings(costs: ParsedTable, settings: Settings, log: ProblemLog) -> None:
    """What ``[profit]`` names must stand in the table."""
    given = {
        "costs": (settings.profit.costs, "cost"),
        "others_pay": (settings.profit.others_pay, "paid_by"),
    }
    for key, (names, column) in given.items():
        known = sorted(set(costs.frame[column].astype(str)) - {""})
        for name in (name for name in names if name not in known):
            expected = f"a name in the column {column} of {costs.raw.file}"
            mend = nearest(name, known) or "correct the name"
            log.add(Problem(SETTINGS_FILE, repr(name), expected, mend, column=f"profit.{key}"))


def _check_single(costs: ParsedTable, sales: pd.DataFrame, settings: Settings, log: ProblemLog) -> None:
    """Two scopes of as many dimensions that give one series different costs: neither is the narrower."""
    names = [name for name in settings.dimensions if name in sales]
    frame = costs.frame[costs.frame["unit_cost"].notna()]
    if not len(frame) or not names:
        return
    keys = sales[names].astype(str).drop_duplicates(ignore_index=True)
    for _, rows in frame.groupby("cost", sort=True):
        clash = _first_clash(rows, keys, names)
        if clash is not None:
            first, second, series = clash
            scope = ", ".join(f"{name} {series[name]}" for name in names)
            lines = " and ".join(str(costs.raw.row_of(at)) for at in sorted((first, second)))
            found = f"rows {lines} with different costs for {scope}"
            mend = "add a row that names all of it, or leave one of the scopes out"
            places = np.array(sorted((first, second)))
            costs.raw.report(log, "unit_cost", places, "one cost for one series", mend, found)


def _first_clash(
    rows: pd.DataFrame, keys: pd.DataFrame, names: list[str]
) -> tuple[int, int, pd.Series[str]] | None:
    """The first series for which two rows of equally many dimensions differ, and no narrower one decides."""
    scope = rows[names].astype(object).fillna("").astype(str)
    given = (scope != "").to_numpy()
    best = np.zeros(len(keys), dtype=int)
    holder = np.full(len(keys), -1)
    clash: dict[int, tuple[int, int]] = {}
    patterns = sorted({tuple(row) for row in given.tolist()}, key=lambda one: (sum(one), one))
    for pattern in patterns:
        at = np.flatnonzero((given == np.array(pattern)).all(axis=1))
        named = [name for name, on in zip(names, pattern, strict=True) if on]
        match = _match(scope.iloc[at][named], keys[named]) if named else np.zeros(len(keys), dtype=int)
        for series in np.flatnonzero(match >= 0).tolist():
            row = int(rows.index[at[match[series]]])
            if sum(pattern) > best[series] or holder[series] < 0:
                best[series], holder[series] = sum(pattern), row
                clash.pop(series, None)
            elif rows.loc[row, "unit_cost"] != rows.loc[holder[series], "unit_cost"]:
                clash[series] = (int(holder[series]), row)
    if not clash:
        return None
    first = min(clash)
    return *clash[first], keys.iloc[first]


def _match(scopes: pd.DataFrame, keys: pd.DataFrame) -> np.ndarray:
    """Position of the first scope that each key matches; -1 for none."""
    first = scopes.assign(at=np.arange(len(scopes))).drop_duplicates(list(keys.columns))
    found = keys.merge(first, on=list(keys.columns), how="left")["at"]
    return found.fillna(-1).to_numpy(dtype=int)
