"""Checks of the register of assumptions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.kind_checks import check_kinds
from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.configuration.settings_reader import nearest
from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = ["check_assumptions"]

_RANGE = ("low", "expected", "high")


def check_assumptions(
    claims: ParsedTable, settings: Settings, known: Mapping[str, Sequence[str]], log: ProblemLog
) -> None:
    """Check dates, ranges, units, scope and references of the register.

    Parameters
    ----------
    claims : ParsedTable
        The assumptions.
    settings : Settings
        Dimensions and drivers.
    known : mapping of str to sequence of str
        Values of each dimension that are sold or announced by a launch; empty where sales could not
        be read, and then no name is checked.
    log : ProblemLog
        Receives problems and notices.
    """
    _check_dates(claims, log)
    _check_order(claims, log)
    _check_percent(claims, log)
    _check_driver(claims, settings, log)
    check_kinds(claims, log)
    if known:
        _check_scope(claims, known, log)
        _check_names(claims, known, log)
    _note_acceptance(claims, log)


def _check_dates(claims: ParsedTable, log: ProblemLog) -> None:
    start, end = claims.frame["start"], claims.frame["end"]
    places = np.flatnonzero(end < start)
    if len(places):
        at = int(places[0])
        found = f"the end {end.iloc[at]:%Y-%m-%d} before the start {start.iloc[at]:%Y-%m-%d}"
        claims.raw.report(
            log, "end", places, "an end on or after the start", "correct one of the two dates", found
        )


def _check_order(claims: ParsedTable, log: ProblemLog) -> None:
    """The three values must not cross."""
    for lower, upper in (("low", "expected"), ("expected", "high"), ("low", "high")):
        values = claims.frame[[lower, upper, "expected"]].to_numpy(dtype=float)
        crossing = values[:, 0] > values[:, 1]
        if (lower, upper) == ("low", "high"):
            # Where expected is there, one of the other two comparisons has said it.
            crossing &= np.isnan(values[:, 2])
        places = np.flatnonzero(crossing)
        if len(places):
            at = int(places[0])
            found = f"{lower} {values[at, 0]:g} above {upper} {values[at, 1]:g}"
            mend = "order the three: 10 % point, most likely value, 90 % point"
            column = lower if upper == "expected" else upper
            claims.raw.report(log, column, places, "low, expected and high in rising order", mend, found)


def _check_percent(claims: ParsedTable, log: ProblemLog) -> None:
    percent = (claims.frame["unit"] == "percent").to_numpy()
    small = np.zeros(len(claims.frame), dtype=bool)
    for name in _RANGE:
        values = claims.frame[name].to_numpy(dtype=float)
        formatted = claims.percent.get(name, np.zeros(len(values), dtype=bool))
        places = np.flatnonzero(formatted & ~percent & (claims.frame["unit"] != "").to_numpy())
        mend = "set the unit to percent, or format the cell as a number"
        claims.raw.report(log, name, places, "a plain number, as the unit is not percent", mend)
        places = np.flatnonzero(percent & (values < -100))
        mend = "write -100 for a complete loss, or use units"
        claims.raw.report(log, name, places, "-100 or more: no more than all can be lost", mend)
        small |= percent & ~formatted & (np.abs(values) < 1) & (values != 0)
    count = int(small.sum())
    if count:
        first = claims.frame["id"].iloc[int(np.flatnonzero(small)[0])]
        text = (
            f"{claims.raw.file}: {counted(count, 'row')} in percent with a value below 1, first {first}; "
            "0.9 means 0.9 %, write 90 for 90 %."
        )
        log.note("small_percent", text, count)


def _check_driver(claims: ParsedTable, settings: Settings, log: ProblemLog) -> None:
    drivers = list(settings.drivers_by_name)
    words = claims.frame["driver"].to_numpy(dtype=object)
    wrong = _first_unknown(words, drivers, ",;")
    places = np.flatnonzero(wrong != "")
    listed = ", ".join(drivers) if drivers else "none is declared"
    claims.raw.report_words(
        log,
        "driver",
        wrong,
        places,
        f"a driver of planning.toml ({listed})",
        lambda word: nearest(word, drivers) or "declare the driver, or leave the cell empty",
    )


def _check_scope(claims: ParsedTable, known: Mapping[str, Sequence[str]], log: ProblemLog) -> None:
    for name in (name for name in known if name in claims.frame):
        _check_words(claims, name, f"a {name} of the sales table, or nothing for all", known[name], log)


def _check_names(claims: ParsedTable, known: Mapping[str, Sequence[str]], log: ProblemLog) -> None:
    """Names in free columns may come from any dimension."""
    names = sorted({value for values in known.values() for value in values})
    for column in ("analog", "replaces"):
        _check_words(claims, column, "a name found in the sales table", names, log)
    for column in ("moves_from", "moves_to"):
        wrong = _first_unknown(claims.frame[column].to_numpy(dtype=object), names, ";")
        claims.raw.report_words(
            log,
            column,
            wrong,
            np.flatnonzero(wrong != ""),
            "a name found in the sales table",
            lambda word: nearest(word, names) or "correct the name",
        )


def _first_unknown(words: np.ndarray, names: Sequence[str], marks: str) -> np.ndarray:
    """For every cell, a list with marks between its names, the first name that is not known; else blank."""
    allowed = set(names)
    lists = [[part.strip() for part in re.split(f"[{marks}]", str(word))] for word in words]
    wrong = [next((part for part in parts if part and part not in allowed), "") for parts in lists]
    return np.array(wrong, dtype=object)


def _check_words(
    claims: ParsedTable, column: str, expected: str, names: Sequence[str], log: ProblemLog
) -> None:
    words = claims.frame[column].to_numpy(dtype=object)
    allowed = {"", *names}
    wrong = np.array([word not in allowed for word in words], dtype=bool)
    claims.raw.report_words(
        log,
        column,
        words,
        np.flatnonzero(wrong),
        expected,
        lambda word: nearest(word, names) or "correct the name",
    )


def _note_acceptance(claims: ParsedTable, log: ProblemLog) -> None:
    """Acceptance needs both functions; the status alone does not make it."""
    frame = claims.frame
    sides = {"marketing": frame["accepted_marketing"] != "", "sales": frame["accepted_sales"] != ""}
    accepted = frame["status"] == "accepted"
    for side, signed in sides.items():
        _note_ids(claims, accepted & ~signed, f"accepted by status without an acceptance by {side}", log)
    both = sides["marketing"] & sides["sales"] & ~accepted & (frame["status"] != "rejected")
    _note_ids(claims, both, "with both acceptances but not accepted by status", log)


def _note_ids(claims: ParsedTable, rows: pd.Series[bool], what: str, log: ProblemLog) -> None:
    count = int(rows.sum())
    if count:
        ids = ", ".join(claims.frame.loc[rows, "id"].astype(str).head(5)) + (
            " and others" if count > 5 else ""
        )
        log.note("acceptance", f"{claims.raw.file}: {counted(count, 'assumption')} {what}: {ids}.", count)
