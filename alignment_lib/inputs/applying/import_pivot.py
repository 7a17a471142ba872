"""A pivot with periods across turned into one row a period, every cell accounted for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.applying.import_lines import Lines, with_aside
from alignment_lib.inputs.applying.line_sums import add_up, to_table
from alignment_lib.inputs.applying.period_rules import calendar_of
from alignment_lib.inputs.applying.reconciliation import Reconciliation, account_for
from alignment_lib.inputs.applying.row_rules import BLANK, RowRules, apply_rules
from alignment_lib.inputs.applying.sales_money import Converted, convert, sum_columns
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Problem, ProblemLog, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.proposing.row_questions import HEADING
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.reading.wider_columns import tell_wider
from alignment_lib.inputs.words.export_numbers import read_figures
from alignment_lib.inputs.words.period_headings import Across, find_across
from alignment_lib.inputs.written_numbers import Said

__all__ = ["take_pivot"]


@dataclass(frozen=True)
class _Cells:
    """Figures by row and column, with the reason why each is left out (0 where taken) and its measure."""

    values: np.ndarray
    codes: np.ndarray
    measure: np.ndarray
    reasons: list[str]
    first_days: pd.DatetimeIndex


def take_pivot(export: Export, mapping: ImportMapping, log: ProblemLog, today: pd.Timestamp) -> Lines | None:
    """Sales with one row for each period of the pivot; None where a fault stands in the log."""
    across = _with_year(find_across(export.columns), mapping)
    names = list(across.periods)
    days = pd.DatetimeIndex(list(across.periods.values()))
    calendar = calendar_of(mapping, days.sort_values())
    _check_twice(export, across, calendar, mapping, log)
    rules = apply_rules(export, mapping, log)
    labels = _labels(export, mapping, log)
    money = convert(export, mapping, rules, log)
    cells = _read_cells(export, mapping, across, rules, calendar.floor(days), log)
    if log.problems:
        return None
    _check_until(export, cells, mapping, today, log)
    if log.problems:
        return None
    _leave_columns(cells, calendar, mapping, today, log)
    blank = int((np.isnan(cells.values) & (cells.codes == 0)).sum())
    if blank:
        text = f"{counted(blank, 'empty cell')} of the pivot taken as not known, not as zero."
        log.note("blank_cells", text, blank)
    table = _turn(cells, labels, rules, money, mapping)
    _say_wider(export, mapping, across, names, log)
    return Lines(table, None, pd.DataFrame(), _reconcile(export, mapping, cells, rules, money, table, names))


def _with_year(across: Across, mapping: ImportMapping) -> Across:
    """Headings without a year, from the year decided on: a month before the last one begins the next."""
    if not across.yearless or not mapping.decisions.get("year"):
        return across
    year, before, made = int(mapping.decisions["year"]), pd.Timestamp.min, {}
    for name, day in across.periods.items():
        placed = _on_day(year, day)
        if placed < before:
            year += 1
            placed = _on_day(year, day)
        made[name], before = placed, placed
    return Across(across.grain, made, across.blocks, across.wider, False, across.ends, across.doubts)


def _on_day(year: int, day: pd.Timestamp) -> pd.Timestamp:
    return day.replace(year=year, day=min(day.day, pd.Timestamp(year, day.month, 1).days_in_month))


def _check_twice(
    export: Export, across: Across, calendar: Calendar, mapping: ImportMapping, log: ProblemLog
) -> None:
    """A period that stands twice under one figure would be added to itself."""
    seen: dict[tuple[pd.Timestamp, str], str] = {}
    decided = mapping.rows.get(HEADING, {})
    for name, day in across.periods.items():
        if across.grain == "day":
            return
        block = across.blocks.get(name, "") or BLANK
        if decided.get(block) == "leave out":
            continue
        key = (calendar.floor(pd.DatetimeIndex([day]))[0], decided.get(block, block))
        if key in seen:
            found = f"{name!r} beside {seen[key]!r}: the {mapping.grain} from {key[0]:%Y-%m-%d} twice"
            log.add(
                Problem(export.file, found, "every period once", "delete or rename one of them", column=name)
            )
        seen.setdefault(key, name)


def _labels(export: Export, mapping: ImportMapping, log: ProblemLog) -> pd.DataFrame:
    """Dimensions by row, labels of an outline carried down."""
    made = {}
    for name, column in mapping.dimensions.items():
        values = export.table[column]
        blank = int((values == "").sum())
        if blank and mapping.decisions.get("blank_labels") == "carry down":
            log.note(
                "outline", f"{counted(blank, 'blank label')} of {column} filled from the label above.", blank
            )
            values = values.replace("", np.nan).ffill().fillna("")
        made[name] = values.where(values != "", BLANK)
    frame = pd.DataFrame(made, index=export.table.index)
    return frame if made else pd.DataFrame({"total": "all"}, index=export.table.index)


def _read_cells(
    export: Export,
    mapping: ImportMapping,
    across: Across,
    rules: RowRules,
    first_days: pd.DatetimeIndex,
    log: ProblemLog,
) -> _Cells:
    names = list(across.periods)
    values = np.full((len(export.table), len(names)), np.nan)
    codes = np.repeat(rules.codes[:, None], len(names), axis=1)
    measure = np.repeat(
        np.where(rules.measure == "", mapping.measure, rules.measure)[:, None], len(names), axis=1
    )
    reasons = rules.reasons
    decided = mapping.rows.get(HEADING, {})
    for at, name in enumerate(names):
        found = read_figures(export.table[name], mapping.decimal, mapping.thousands)
        values[:, at] = found.values
        block = across.blocks.get(name, "") or BLANK
        action = decided.get(block, "take")
        if action == "leave out":
            reason = f"headings that say {block}"
            if reason not in reasons:
                reasons.append(reason)
            codes[:, at] = np.where(codes[:, at] == 0, reasons.index(reason) + 1, codes[:, at])
        elif action in ("units", "revenue"):
            measure[:, at] = action
        bad = np.flatnonzero(found.bad & (codes[:, at] == 0))
        if len(bad):
            cell = repr(export.table[name].iloc[int(bad[0])])[:60]
            mend = "correct it, or change `decimal` in the mapping"
            row = export.row_of(int(bad[0]))
            log.add(Problem(export.file, cell, "a number", mend, row=row, column=name, count=len(bad)))
    return _Cells(values, codes, measure, reasons, first_days)


def _check_until(
    export: Export, cells: _Cells, mapping: ImportMapping, today: pd.Timestamp, log: ProblemLog
) -> None:
    """A last period decided on long ago would hide the months that came since."""
    until = mapping.decisions.get("until")
    if not until:
        return
    since = np.asarray((cells.first_days > pd.Timestamp(until)) & (cells.first_days <= today))
    sums = np.nansum(np.where(cells.codes == 0, cells.values, 0.0), axis=0)
    held = cells.first_days[since & (sums != 0)]
    if len(held):
        found = f"figures in {counted(len(set(held)), mapping.grain)} after until = {until}"
        mend = f'write until = "{held.max():%Y-%m-%d}" under [import] of the mapping, or remove the line'
        log.add(Problem(export.file, found, "the last period that is sold", mend))


def _leave_columns(
    cells: _Cells, calendar: Calendar, mapping: ImportMapping, today: pd.Timestamp, log: ProblemLog
) -> None:
    """Leave out periods after today, after the last one decided, and one that is not over."""
    ends = calendar.ends(cells.first_days)
    days = cells.first_days
    until = mapping.decisions.get("until")
    decided = mapping.decisions
    rules = [
        (
            "after_today",
            np.asarray(days > today),
            "after today, not sold yet",
            decided.get("after_today") != "keep",
        ),
        ("until", np.asarray(days > pd.Timestamp(until or "2199-01-01")), f"after {until}", bool(until)),
        (
            "begun",
            np.asarray((ends - pd.Timedelta(days=1) > today) & (days <= today)),
            "not over yet",
            decided.get("last_period") != "keep",
        ),
    ]
    for code, columns, reason, applies in rules:
        mask = columns[None, :] & (cells.codes == 0)
        if not applies or not mask.any():
            continue
        cells.reasons.append(f"periods {reason}")
        cells.codes[mask] = len(cells.reasons)
        total = float(np.nansum(cells.values[mask]))
        periods = len(set(days[columns]))
        text = f"{counted(periods, mapping.grain)} {reason}, from {days[columns].min():%Y-%m-%d}"
        log.note(code, f"{text}, left out (sum {Said(total):,.2f}).", periods)


def _turn(
    cells: _Cells, labels: pd.DataFrame, rules: RowRules, money: Converted, mapping: ImportMapping
) -> pd.DataFrame:
    taken = (cells.codes == 0) & ~np.isnan(cells.values)
    row, column = np.nonzero(taken)
    long = labels.iloc[row].reset_index(drop=True)
    long["period"] = cells.first_days[column]
    values = cells.values[row, column] * rules.sign[row]
    which = cells.measure[row, column]
    measures = [name for name in ("units", "revenue") if (which == name).any()] or [mapping.measure]
    for name in measures:
        worth = values * (money.rates[row] if name == "revenue" else 1.0)
        long[name] = np.where(which == name, worth, 0.0)
        long[f"{name} known"] = (which == name).astype(float)
    keys = list(labels.columns)
    sums = add_up(long, keys, [*measures, *(f"{name} known" for name in measures)])
    for name in measures:
        # Where one of two measures is blank it is not known; a sum of nothing is no zero.
        sums[name] = sums[name].where(sums[f"{name} known"] > 0)
    return to_table(sums, keys, measures)


def _say_wider(
    export: Export, mapping: ImportMapping, across: Across, names: list[str], log: ProblemLog
) -> None:
    for notice in tell_wider(export, mapping, across, names):
        log.notices.append(notice)


def _reconcile(
    export: Export,
    mapping: ImportMapping,
    cells: _Cells,
    rules: RowRules,
    money: Converted,
    table: pd.DataFrame,
    names: list[str],
) -> Reconciliation:
    entries = []
    codes, reasons = with_aside(export, RowRules(rules.codes, rules.sign, rules.measure, cells.reasons))
    outside = codes[len(export.table) :]
    aside = (
        np.array(
            [read_figures(export.aside[name], mapping.decimal, mapping.thousands).values for name in names]
        ).T
        if len(export.aside)
        else np.zeros((0, len(names)))
    )
    for measure in ("units", "revenue"):
        held = (cells.measure == measure) & ~np.isnan(cells.values)
        if not held.any():
            continue
        written = float(table[measure].sum()) if measure in table else 0.0
        for code, mine in money.others() if measure == "revenue" else ():
            # Sums of several currencies mean nothing: each has lines of its own.
            own = held & mine[:, None]
            worth = _worth(cells, own, rules, money)
            written -= worth
            changed = _changes(cells, own, rules, money, measure)
            name = f"{measure} in {code}"
            entries += account_for(name, cells.values[own], cells.codes[own], reasons, worth, changed)
            held &= ~mine[:, None]
        extra = ~np.isnan(aside) if measure == mapping.measure else np.zeros(aside.shape, dtype=bool)
        values = np.concatenate([cells.values[held], aside[extra]])
        places = np.concatenate([cells.codes[held], np.repeat(outside[:, None], len(names), axis=1)[extra]])
        changed = _changes(cells, held, rules, money, measure)
        entries += account_for(measure, values, places, reasons, written, changed)
    used = {*mapping.dimensions.values(), *mapping.rows, *names}
    return Reconciliation(tuple(entries), sum_columns(export, used, mapping)).check()


def _worth(cells: _Cells, held: np.ndarray, rules: RowRules, money: Converted) -> float:
    """What cells come to in the currency that is written."""
    taken = held & (cells.codes == 0)
    factor = (rules.sign * money.rates)[:, None]
    return float((np.nan_to_num(cells.values) * factor)[taken].sum())


def _changes(
    cells: _Cells, held: np.ndarray, rules: RowRules, money: Converted, measure: str
) -> dict[str, tuple[int, float]]:
    taken = held & (cells.codes == 0)
    values = np.where(taken, np.nan_to_num(cells.values), 0.0)
    found = {}
    turned = taken & (rules.sign < 0)[:, None]
    if turned.any():
        found["subtracted, as the mapping says"] = (int(turned.sum()), float(2 * values[turned].sum()))
    other = taken & (money.rates != 1.0)[:, None]
    if measure == "revenue" and other.any():
        worth = values * rules.sign[:, None] * (1 - money.rates)[:, None]
        found[f"converted into {money.currency}"] = (int(other.sum()), float(worth[other].sum()))
    return found
