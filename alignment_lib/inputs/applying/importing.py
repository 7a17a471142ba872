"""Applying a mapping: an export becomes tables of the contract, and every figure of it is accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from alignment_lib.inputs.applying.crm_rows import BY_ROW
from alignment_lib.inputs.applying.import_contacts import take_contacts
from alignment_lib.inputs.applying.import_costs import take_costs, take_prices
from alignment_lib.inputs.applying.import_leads import take_leads
from alignment_lib.inputs.applying.import_lines import Lines, take_lines
from alignment_lib.inputs.applying.import_opportunities import take_opportunities
from alignment_lib.inputs.applying.import_pivot import take_pivot
from alignment_lib.inputs.applying.import_spend import take_spend
from alignment_lib.inputs.applying.list_accounts import ListLog, account_for_list
from alignment_lib.inputs.applying.list_currencies import check_currencies
from alignment_lib.inputs.applying.reconciliation import Reconciliation
from alignment_lib.inputs.problems import InputError, Notice, Problem, ProblemLog, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.reading.follow_lines import carry_orders
from alignment_lib.inputs.reading.foot_rows import leave_out_foot, name_rows
from alignment_lib.inputs.words.column_words import load_roles

__all__ = ["Imported", "apply_mapping"]

_END_OF_TIME = pd.Timestamp("2199-12-31")
_TAKERS = {
    "leads": take_leads,
    "opportunities": take_opportunities,
    "spend": take_spend,
    "costs": take_costs,
    "prices": take_prices,
    "contacts": take_contacts,
}


@dataclass(frozen=True)
class Imported:
    """Tables made from an export.

    Attributes
    ----------
    tables : dict of str to DataFrame
        By name of the contract, such as ``sales``; dates as ISO text.
    notices : tuple of Notice
        What was left out, added up or filled in.
    reconciliation : Reconciliation
        Where every figure went.
    open_days : DataFrame
        Sums by day of a last period that is not over; the next export completes it.
    """

    tables: Mapping[str, pd.DataFrame]
    notices: tuple[Notice, ...]
    reconciliation: Reconciliation = field(default_factory=Reconciliation)
    open_days: pd.DataFrame = field(default_factory=pd.DataFrame)


def apply_mapping(
    export: Export,
    mapping: ImportMapping,
    today: pd.Timestamp = _END_OF_TIME,
    earlier: pd.DataFrame | None = None,
) -> Imported:
    """Turn the export into tables of the contract.

    Parameters
    ----------
    export, mapping
    today : Timestamp
        What lies after it is not sold yet.
    earlier : DataFrame, optional
        Days that the export before left open.

    Raises
    ------
    InputError
        Columns the export lacks, and every cell that cannot be read.
    """
    _check_columns(export, mapping)
    log = ListLog()
    if export.titles:
        log.note("titles", f"{counted(export.titles, 'row')} above the header left out.", export.titles)
    for reason, count in export.reasons.value_counts(sort=False).items():
        code = "totals" if reason == "rows of totals" else "below"
        which = "" if code == "totals" else f": {name_rows(export.aside[export.reasons == reason])}"
        log.note(code, f"{_name_aside(str(reason), int(count))} left out{which}.", int(count))
    if mapping.kind in ("order_lines", "pivot"):
        export, carried = carry_orders(export, mapping)
        if carried:
            log.note("follow_lines", f"{carried}.")
        return _from_sales(export, mapping, log, today, earlier)
    rows = leave_out_foot(export, mapping, log)
    check_currencies(rows, mapping, log)
    tables = _TAKERS[mapping.kind](rows, mapping, log)
    log.raise_if_any()
    return Imported(tables, tuple(log.notices), account_for_list(export, mapping, log, tables))


def _name_aside(reason: str, count: int) -> str:
    return (
        counted(count, "row") + reason.removeprefix("rows")
        if reason.startswith("rows")
        else (f"{counted(count, 'row')} ({reason})")
    )


def _from_sales(
    export: Export,
    mapping: ImportMapping,
    log: ProblemLog,
    today: pd.Timestamp,
    earlier: pd.DataFrame | None,
) -> Imported:
    if mapping.kind == "pivot":
        found: Lines | None = take_pivot(export, mapping, log, today)
    else:
        found = take_lines(export, mapping, log, today, earlier)
    log.raise_if_any()
    if found is None:
        return Imported({}, tuple(log.notices))
    if found.sales.empty:
        log.add(_nothing_left(export, found.reconciliation))
        log.raise_if_any()
    tables = {"sales": found.sales}
    if found.transactions is not None:
        tables["transactions"] = found.transactions
    return Imported(tables, tuple(log.notices), found.reconciliation, found.open_days)


def _nothing_left(export: Export, account: Reconciliation) -> Problem:
    """A table without a row is no sales: every reason why rows were left out is named."""
    reasons = dict.fromkeys(
        entry.reason for entry in account.entries if entry.part == "left out" and entry.rows
    )
    why = f"; left out: {', '.join(reasons)}" if reasons else ""
    mend = "change in the mapping what leaves them out, or export more"
    return Problem(export.file, f"no row that could be written{why}", "at least one row", mend)


def _check_columns(export: Export, mapping: ImportMapping) -> None:
    known = [role.name for role in load_roles().get(mapping.kind, ())]
    problems = [
        Problem(
            "the mapping", f"{role!r} under [{section}]", f"one of {', '.join(known)}", "correct the name"
        )
        for section, names in (("columns", mapping.columns), ("values", mapping.values))
        for role in names
        if known and role not in known
    ]
    problems += [
        Problem("the mapping", f"no column for {role}", "a heading of the export", "name it", column=role)
        for role, name in mapping.columns.items()
        if not name and role not in mapping.values
    ]
    problems += [
        Problem("the mapping", f"{role!r} under [also]", "a date of [columns]", "correct the name")
        for role in mapping.also
        if not mapping.columns.get(role)
    ]
    for name in sorted(mapping.used):
        if name and name != BY_ROW and name not in export.columns:
            found = f"the columns {', '.join(export.columns)[:160]}"
            problems.append(
                Problem(export.file, found, f"a column {name!r}", "correct the mapping", column=name)
            )
    if problems:
        raise InputError(problems)
