"""Names in the dimensions that need a decision: look-alikes, and a name that is the total of the others.

Decisions stand in ``planning.toml`` under ``[names]``, each by any spelling of the name: ``"join"`` takes
look-alikes for one, ``"apart"`` keeps them, ``"leave out"`` drops the rows of a name, ``"keep"`` keeps a name
that looks like a total.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.look_alikes import LookAlike, find_look_alikes, skeleton
from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE
from alignment_lib.inputs.problems import Problem, ProblemLog, counted
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = ["check_totals", "join_names", "leave_out_names", "sounds_like_total"]

_TOTAL = re.compile(
    r"\b(grand|sub)?[ -]?totals?\b|\btotaal\b|\btotale\b|\bsumme?\b|\bsuma\b|\bgesamt(summe|ergebnis)?\b|"
    r"\binsgesamt\b|\bитого\b|\ball (products|regions|channels|stores|shops|brands|countries)\b|合計",
    re.IGNORECASE,
)
_FEWEST = 6
"""Different sums that must agree before arithmetic alone says what a name without such a word is."""


def sounds_like_total(name: str) -> bool:
    """Whether a name says that it is the total of others.

    >>> sounds_like_total("North Total"), sounds_like_total("Totally Nuts"), sounds_like_total("Summer")
    (True, False, False)
    """
    return bool(_TOTAL.search(name))


def join_names(
    parsed: Mapping[str, ParsedTable], settings: Settings, log: ProblemLog
) -> dict[str, ParsedTable]:
    """Tables in which look-alikes are joined where that was decided; undecided ones go to `log`.

    What the eye cannot see is a problem, for nobody can know which half of a name they plan; names that
    differ in case or spaces are only said.
    """
    decisions = {skeleton(name): decision for name, decision in settings.names.items()}
    joined = dict(parsed)
    for dimension in settings.dimensions:
        counts = {
            table: _count(one.frame[dimension]) for table, one in joined.items() if dimension in one.frame
        }
        total: Counter[str] = sum(counts.values(), Counter())
        total.pop("", None)
        for group in find_look_alikes(total):
            decision = decisions.get(skeleton(group.spellings[0][0]))
            if decision == "join":
                group = _sold_first(group, counts.get("sales", Counter()))
                joined = _join(joined, dimension, group, log)
            elif decision != "apart":
                _ask(joined, dimension, group, counts, log)
    return joined


def _count(column: pd.Series) -> Counter[str]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        numbers = np.bincount(column.cat.codes.to_numpy() + 1, minlength=len(column.cat.categories) + 1)[1:]
        return Counter(dict(zip(map(str, column.cat.categories), numbers.tolist(), strict=True)))
    return Counter(column.astype(str).tolist())


def _sold_first(group: LookAlike, sold: Mapping[str, int]) -> LookAlike:
    order = sorted(group.spellings, key=lambda one: -sold.get(one[0], 0))
    return replace(group, spellings=tuple(order))


def _join(
    tables: Mapping[str, ParsedTable], dimension: str, group: LookAlike, log: ProblemLog
) -> dict[str, ParsedTable]:
    kept = group.spellings[0][0]
    others = [name for name, _ in group.spellings[1:]]
    made = dict(tables)
    for table, one in tables.items():
        if dimension in one.frame and one.frame[dimension].isin(others).any():
            column = one.frame[dimension]
            values = column.astype(object).where(~column.isin(others), kept)
            if isinstance(column.dtype, pd.CategoricalDtype):
                names = sorted(set(map(str, column.cat.categories)) - set(others) | {kept})
                values = values.astype(pd.CategoricalDtype(names))
            made[table] = replace(one, frame=one.frame.assign(**{dimension: values}))
    text = f"{SETTINGS_FILE} joins the {dimension} names {group.listed}."
    log.note("names_joined", text, sum(count for _, count in group.spellings[1:]))
    return made


def _ask(
    tables: Mapping[str, ParsedTable],
    dimension: str,
    group: LookAlike,
    counts: Mapping[str, Mapping[str, int]],
    log: ProblemLog,
) -> None:
    if not group.is_hidden:
        if sum(bool(counts.get("sales", {}).get(name)) for name, _ in group.spellings) > 1:
            file = tables["sales"].raw.file
            differ = "differ only in case or spaces; they stay apart"
            text = f"{file}: the {dimension} names {group.listed} {differ}."
            log.note("look_alikes", text, len(group.spellings))
        return
    table, place = _first_place(tables, dimension, group.spellings[-1][0])
    kept = group.spellings[0][0]
    raw = tables[table].raw
    mend = f'write "{kept}" = "join" (or "apart") under [names] in {SETTINGS_FILE}, or mend the spelling'
    found = f"names that look alike: {group.listed}"
    count = group.spellings[-1][1]
    log.add(Problem(raw.file, found, "one spelling", mend, raw.sheet, raw.row_of(place), dimension, count))


def _first_place(tables: Mapping[str, ParsedTable], dimension: str, name: str) -> tuple[str, int]:
    for table, one in tables.items():
        places = np.flatnonzero(one.frame[dimension] == name) if dimension in one.frame else np.array([])
        if len(places):
            return table, int(places[0])
    return next(iter(tables)), 0


def check_totals(sales: ParsedTable, settings: Settings, log: ProblemLog) -> None:
    """Name what is the total of the others in its dimension: planned beside them it doubles the plan."""
    decided = {skeleton(name) for name, word in settings.names.items() if word in ("keep", "leave out")}
    measure = settings.sales.measure
    if measure not in sales.frame or any(name not in sales.frame for name in settings.dimensions):
        return
    values = sales.frame[measure].fillna(0.0).to_numpy(dtype=float)
    for dimension in settings.dimensions:
        column = sales.frame[dimension].cat
        codes, names = column.codes.to_numpy(), [str(name) for name in column.categories]
        sums = np.bincount(codes, weights=values, minlength=len(names))
        halves = np.abs(2 * sums - sums.sum()) <= 1e-6 * np.abs(sums).sum()
        for at, name in enumerate(names):
            said = sounds_like_total(name)
            if skeleton(name) in decided or not (said or (halves[at] and len(names) > 2 and sums[at])):
                continue
            others = [other for other in settings.dimensions if other != dimension]
            agrees = _agrees(sales.frame, others, codes == at, values, said)
            if agrees:
                _report_total(sales, dimension, name, codes == at, log)
            elif said:
                text = (
                    f"{sales.raw.file}: the {dimension} {name!r} is not the sum of the others and stays a "
                    f"{dimension} of its own ({counted(int((codes == at).sum()), 'row')})."
                )
                log.note("not_a_total", text, 1)


def _agrees(
    frame: pd.DataFrame, others: Sequence[str], own: np.ndarray, values: np.ndarray, said: bool
) -> bool:
    """Whether the name equals the sum of the rest, period by period, wherever both stand."""
    keys = frame[["period", *others]]
    table = keys.assign(own=np.where(own, values, 0.0), rest=np.where(own, 0.0, values), is_own=own)
    sums = table.groupby(["period", *others], observed=True).agg(
        own=("own", "sum"), rest=("rest", "sum"), rows=("is_own", "sum"), all=("is_own", "size")
    )
    both = sums[(sums["rows"] > 0) & (sums["all"] > sums["rows"])]
    if both.empty:
        return False
    scale = np.maximum(np.abs(both["own"]), np.abs(both["rest"]))
    equal = np.abs(both["own"] - both["rest"]) <= np.maximum(
        1e-6 * scale, 0.5 * (both["all"] - both["rows"]) * 0.01
    )
    fewest = 1 if said else _FEWEST
    return bool(equal.mean() >= 0.95 and both["own"].nunique() >= fewest)


def _report_total(sales: ParsedTable, dimension: str, name: str, own: np.ndarray, log: ProblemLog) -> None:
    mend = f'write "{name}" = "leave out" (or "keep") under [names] in {SETTINGS_FILE}, or remove its rows'
    found = f"the {dimension} {name!r}, which is the sum of the others"
    sales.raw.report(log, dimension, np.flatnonzero(own), "rows of what is sold, without totals", mend, found)


def leave_out_names(
    tables: Mapping[str, pd.DataFrame], settings: Settings, log: ProblemLog
) -> dict[str, pd.DataFrame]:
    """Tables without the rows of names that are left out by decision, counted."""
    out = {skeleton(name): name for name, decision in settings.names.items() if decision == "leave out"}
    made = dict(tables)
    for table, frame in tables.items() if out else ():
        for dimension in (name for name in settings.dimensions if name in frame):
            words = frame[dimension].astype(str)
            gone = words.map({word: skeleton(word) in out for word in words.unique()}).to_numpy(dtype=bool)
            if gone.any():
                frame = frame[~gone].reset_index(drop=True)
                if isinstance(frame[dimension].dtype, pd.CategoricalDtype):
                    frame = frame.assign(**{dimension: frame[dimension].cat.remove_unused_categories()})
                listed = ", ".join(sorted({repr(word) for word in words[gone]}))
                rows = counted(int(gone.sum()), "row")
                text = f"{table}: {rows} of {listed} left out, as {SETTINGS_FILE} says."
                log.note("names_left_out", text, int(gone.sum()))
        made[table] = frame
    return made
