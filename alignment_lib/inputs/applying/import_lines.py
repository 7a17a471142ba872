"""Order lines added up to periods, every line accounted for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.applying.import_cells import read_days
from alignment_lib.inputs.applying.line_measures import read_measures
from alignment_lib.inputs.applying.line_sums import add_up, fill_zeros, iso_texts, to_table
from alignment_lib.inputs.applying.period_rules import Span, calendar_of, periods_of, tell_span
from alignment_lib.inputs.applying.reconciliation import Entry, Reconciliation, account_for
from alignment_lib.inputs.applying.row_rules import BLANK, RowRules, apply_rules, carry_labels
from alignment_lib.inputs.applying.sales_money import Converted, convert, source_values, sum_columns
from alignment_lib.inputs.checking.person_names import find_personal
from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.tables.distinct_words import coded_words

__all__ = ["Lines", "take_lines", "with_aside"]


@dataclass(frozen=True)
class Lines:
    """What order lines become.

    Attributes
    ----------
    sales : DataFrame
        Period (ISO text), dimensions, measures.
    transactions : DataFrame or None
        Date, customer, amount, dimensions; where customers have keys.
    open_days : DataFrame
        Sums by day of the last period, where it is not over: the next export completes it.
    reconciliation : Reconciliation
    """

    sales: pd.DataFrame
    transactions: pd.DataFrame | None
    open_days: pd.DataFrame
    reconciliation: Reconciliation


def take_lines(
    export: Export,
    mapping: ImportMapping,
    log: ProblemLog,
    today: pd.Timestamp,
    earlier: pd.DataFrame | None = None,
) -> Lines | None:
    """Sales by period and dimensions; None where a fault stands in the log.

    Parameters
    ----------
    export, mapping, log
    today : Timestamp
        Rows of later days are not sold.
    earlier : DataFrame, optional
        `Lines.open_days` of the export before: days before this export's first complete its first period.
    """
    rules = apply_rules(export, mapping, log)
    kept = export if rules.taken.all() else replace(export, table=export.table[rules.taken])
    days = read_days(kept, mapping.columns["date"], mapping.date, log, needed=True)
    figures = read_measures(kept, mapping, log)
    money = convert(export, mapping, rules, log)
    if log.problems:
        return None
    frame = _read_labels(export, mapping)
    frame["day"] = days.reindex(export.table.index)
    for name in figures:
        sign = rules.sign * (money.rates if name == "revenue" else 1.0)
        frame[name] = figures[name].reindex(export.table.index).fillna(0.0) * sign
    return _add_up(
        export, mapping, log, _Read(frame, rules, money, [str(name) for name in figures]), today, earlier
    )


def _read_labels(export: Export, mapping: ImportMapping) -> pd.DataFrame:
    """Dimensions as categories; what stands on the first line of a document counts for all its lines."""
    made = {
        name: coded_words(carry_labels(export, column), BLANK) for name, column in mapping.dimensions.items()
    }
    return pd.DataFrame(made, index=export.table.index)


@dataclass(frozen=True)
class _Read:
    frame: pd.DataFrame
    rules: RowRules
    money: Converted
    measures: list[str]


def _add_up(
    export: Export,
    mapping: ImportMapping,
    log: ProblemLog,
    read: _Read,
    today: pd.Timestamp,
    earlier: pd.DataFrame | None,
) -> Lines:
    frame, rules = read.frame, read.rules
    days = pd.DatetimeIndex(frame["day"])
    if mapping.decisions.get("after_today") != "keep":
        _say_left(
            log, "after_today", rules.leave_out(np.asarray(days > today), "days after today"), "after today"
        )
    until = mapping.decisions.get("until")
    if until:
        rules.leave_out(np.asarray(days > pd.Timestamp(until)), f"days after {until}")
    calendar = calendar_of(mapping, days[rules.taken])
    brought = _brought(earlier, frame[rules.taken], read.measures, list(mapping.dimensions))
    span = tell_span(days[rules.taken], brought, calendar)
    frame = frame.assign(period=periods_of(days, calendar))
    _leave_ends(frame, rules, span, mapping, log)
    if len(brought):
        brought = brought.assign(period=periods_of(pd.DatetimeIndex(brought["day"]), calendar))
        brought = brought[brought["period"].isin(set(frame["period"][rules.taken]))]
    taken = (
        pd.concat([frame[rules.taken], brought], ignore_index=True) if len(brought) else frame[rules.taken]
    )
    keys = list(mapping.dimensions)
    sums = add_up(taken, keys, read.measures)
    filled = fill_zeros(sums, keys, read.measures, calendar)
    _say_sums(log, len(taken), len(sums), len(filled))
    table = to_table(filled, keys, read.measures)
    entries = _reconcile(export, mapping, read, table, brought)
    return Lines(
        table,
        _transactions(export, mapping, frame if rules.taken.all() else frame[rules.taken], read, log),
        _open_days(frame, span, keys, read.measures),
        Reconciliation(
            tuple(entries),
            sum_columns(export, {*mapping.used, *mapping.rows}, mapping),
        ).check(),
    )


def _say_left(log: ProblemLog, code: str, count: int, what: str) -> None:
    if count:
        log.note(code, f"{counted(count, 'line')} {what} left out: not sold yet.", count)


def _say_sums(log: ProblemLog, lines: int, rows: int, filled: int) -> None:
    log.note("added_up", f"{counted(lines, 'line')} added up to {counted(rows, 'row')}.", lines)
    if filled > rows:
        added = filled - rows
        life = (
            "without a line, from a series' first to the export's end, are zero: order lines list every sale"
        )
        log.note("zeros", f"{counted(added, 'period')} {life}.", added)


def _leave_ends(
    frame: pd.DataFrame, rules: RowRules, span: Span, mapping: ImportMapping, log: ProblemLog
) -> None:
    for end, period in (("first", span.first), ("last", span.last)):
        if period is None:
            continue
        which = f"{end} {mapping.grain}, from {period:%Y-%m-%d}, is not complete"
        if mapping.decisions.get(f"{end}_period") == "keep":
            log.note("begun", f"The {which} and was kept, as the mapping says.")
            continue
        count = rules.leave_out((frame["period"] == period).to_numpy(), f"the {which}")
        log.note("begun", f"The {which} and was left out: {counted(count, 'line')}.", count)


def _brought(
    earlier: pd.DataFrame | None, frame: pd.DataFrame, measures: list[str], keys: list[str]
) -> pd.DataFrame:
    """Days kept from the export before that this one does not reach back to."""
    columns = ["day", *keys, *measures]
    if earlier is None or not len(frame) or not set(columns) <= set(earlier.columns):
        return pd.DataFrame(columns=columns)
    return earlier.loc[earlier["day"] < frame["day"].min().normalize(), columns]


def _open_days(frame: pd.DataFrame, span: Span, keys: list[str], measures: list[str]) -> pd.DataFrame:
    """Sums by day of a last period that is not over."""
    columns = ["day", *keys, *measures]
    if span.last is None:
        return pd.DataFrame(columns=columns)
    part = frame[(frame["period"] == span.last).to_numpy()]
    part = part.assign(day=part["day"].dt.normalize())
    return part.groupby(["day", *keys], sort=True, observed=True)[measures].sum().reset_index()[columns]


def _reconcile(
    export: Export, mapping: ImportMapping, read: _Read, table: pd.DataFrame, brought: pd.DataFrame
) -> list[Entry]:
    entries: list[Entry] = []
    codes, reasons = with_aside(export, read.rules)
    for name in read.measures:
        values = source_values(export, mapping, name)
        kept = (len(brought), float(brought[name].sum()) if len(brought) else 0.0)
        written = float(table[name].sum())
        if name == "revenue":
            # Sums of several currencies mean nothing: each has lines of its own, the last the one written.
            for code, mine in read.money.others():
                worth = float(read.frame[name].to_numpy()[mine & read.rules.taken].sum())
                written -= worth
                own = values[: len(mine)]
                changed = read.money.changes(name, read.rules, np.where(mine, own, 0.0))
                entries += account_for(
                    f"{name} in {code}", own[mine], codes[: len(mine)][mine], reasons, worth, changed
                )
        main = read.money.main_rows(len(values)) if name == "revenue" else np.ones(len(values), dtype=bool)
        changed = read.money.changes(name, read.rules, np.where(main, values, 0.0)[: len(export.table)])
        entries += account_for(name, values[main], codes[main], reasons, written, changed, kept)
    return entries


def with_aside(export: Export, rules: RowRules) -> tuple[np.ndarray, list[str]]:
    """Codes of data rows and, after them, of the rows laid aside while reading."""
    reasons = [*rules.reasons]
    more = []
    for reason in export.reasons:
        if reason not in reasons:
            reasons.append(str(reason))
        more.append(reasons.index(str(reason)) + 1)
    return np.concatenate([rules.codes, np.array(more, dtype=int)]), reasons


def _transactions(
    export: Export, mapping: ImportMapping, frame: pd.DataFrame, read: _Read, log: ProblemLog
) -> pd.DataFrame | None:
    """Sales by customer, from which new and repeat are told apart; keys only, no names."""
    column = mapping.columns.get("customer", "")
    if not column or "revenue" not in read.measures:
        return None
    customer = coded_words(export.table[column]).loc[frame.index]
    words = [str(word) for word in customer.cat.categories]
    personal = find_personal(column, words, mapping.decisions.get("customers") == "companies")
    if personal:
        count = int(customer.isin(personal).sum())
        text = "The customer column holds names or addresses, not keys: no transactions table was written"
        log.note(
            "names", f'{text}; if they are companies, write customers = "companies" under [import].', count
        )
        return None
    held = ((customer != "") & (frame["revenue"] != 0.0)).to_numpy()
    kept = frame[held]
    made = {"date": iso_texts(kept["day"]), "customer": customer[held], "amount": kept["revenue"]}
    return pd.DataFrame({**made, **{name: kept[name] for name in mapping.dimensions}}).reset_index(drop=True)
