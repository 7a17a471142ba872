"""Checks across columns and tables; what concerns sales and assumptions stands in modules of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.assumption_checks import check_assumptions
from alignment_lib.inputs.checking.budget_checks import check_budgets
from alignment_lib.inputs.checking.cost_checks import check_costs
from alignment_lib.inputs.checking.opportunity_checks import check_opportunities
from alignment_lib.inputs.checking.sales_checks import (
    SALE_TYPE,
    SALE_TYPES,
    check_periods,
    check_sales,
    types_are_told,
)
from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.configuration.settings_reader import nearest
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.round_names import is_round_name
from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.tables.parsing import ParsedTable
from alignment_lib.inputs.tables.raw import clip

__all__ = ["check_tables"]

_BY_PERIOD = ("drivers", "spend", "capacity", "funnel", "forecasts")
_BY_ROUND = ("targets", "decisions")
_NAMING = (
    "drivers",
    "leads",
    "opportunities",
    "costs",
    "funnel",
    "transactions",
    "research",
    "experiments",
    "forecasts",
)


def check_tables(
    parsed: Mapping[str, ParsedTable], settings: Settings, calendar: Calendar, log: ProblemLog
) -> None:
    """Add every fault that shows only across columns or tables to `log`.

    Tables that could not be read are absent from `parsed`; what depends on them is not checked.
    """
    known = _known_values(parsed, settings)
    if "sales" in parsed:
        check_sales(parsed["sales"], settings, calendar, log)
    _check_inputs(parsed, settings, known, log)
    for table in parsed:
        if table in _BY_PERIOD:
            check_periods(parsed[table], calendar, log)
        if table in _BY_ROUND:
            _check_round_names(parsed[table], log)
    if known:
        _check_names(parsed, settings, known, log)
    _check_references(parsed, log)


def _check_inputs(
    parsed: Mapping[str, ParsedTable], settings: Settings, known: Mapping[str, Sequence[str]], log: ProblemLog
) -> None:
    """The tables a plan is made of beside sales."""
    if "drivers" in parsed:
        _check_drivers(parsed["drivers"], settings, log)
    if "assumptions" in parsed:
        check_assumptions(parsed["assumptions"], settings, known, log)
    if "costs" in parsed:
        check_costs(parsed, settings, log)
    check_budgets(parsed, log)
    if "opportunities" in parsed:
        check_opportunities(parsed, settings, log)


def _check_names(
    parsed: Mapping[str, ParsedTable], settings: Settings, known: Mapping[str, Sequence[str]], log: ProblemLog
) -> None:
    """Names of the dimensions' values outside sales: a target must name what is sold, others may not."""
    if "targets" in parsed:
        _check_scope(parsed["targets"], known, log)
    for table in _NAMING:
        if table in parsed:
            _note_unknown(table, parsed[table], settings, known, log)


def _known_values(parsed: Mapping[str, ParsedTable], settings: Settings) -> dict[str, list[str]]:
    """Values of each dimension: those sold, and those that launches announce; empty without sales."""
    if "sales" not in parsed:
        return {}
    frame = parsed["sales"].frame
    known = {
        name: set(frame[name].cat.categories) if name in frame else set() for name in settings.dimensions
    }
    if "assumptions" in parsed:
        claims = parsed["assumptions"].frame
        launches = claims[claims["kind"].isin(["new_product", "new_channel"])]
        for name in settings.dimensions:
            known[name] |= set(launches[name])
    if types_are_told(parsed, settings):
        known[SALE_TYPE] = set(SALE_TYPES) if len(parsed["transactions"].frame) else set()
    return {name: sorted(values - {""}) for name, values in known.items()}


def _check_drivers(drivers: ParsedTable, settings: Settings, log: ProblemLog) -> None:
    for name, driver in settings.drivers_by_name.items():
        values = drivers.frame[name].to_numpy(dtype=float)
        if driver.kind == "price":
            places = np.flatnonzero(values < 0)
            drivers.raw.report(
                log, name, places, "a price, 0 or more", "leave the cell empty where there was no price"
            )
        if driver.kind == "promotion":
            places = np.flatnonzero(values < 0)
            mend = "write 0 where nothing was promoted"
            drivers.raw.report(log, name, places, "a promotion from 0 (none) to 1, or its depth", mend)
            above = int((values > 1).sum())
            if above:
                text = f"{drivers.raw.file}: {counted(above, 'value')} of the promotion {name} above 1, kept."
                log.note("promotion_above_one", text, above)


def _check_round_names(table: ParsedTable, log: ProblemLog) -> None:
    words = table.frame["round"].to_numpy(dtype=object)
    wrong = np.array([bool(word) and not is_round_name(word) for word in words], dtype=bool)
    expected = "a round such as 2026Q1, 2026-03 or 2026"
    table.raw.report_words(
        log, "round", words, np.flatnonzero(wrong), expected, lambda _: "write the round's name"
    )


def _check_scope(table: ParsedTable, known: Mapping[str, Sequence[str]], log: ProblemLog) -> None:
    """A scope must name something that is sold."""
    for name in (name for name in known if name in table.frame):
        words, places = _unknown(table, name, known)
        table.raw.report_words(
            log,
            name,
            words,
            places,
            f"a {name} of the sales table, or nothing for all",
            lambda word, name=name: nearest(word, known[name]) or "correct the name",  # type: ignore[misc]
        )


def _unknown(
    table: ParsedTable, name: str, known: Mapping[str, Sequence[str]]
) -> tuple[np.ndarray, np.ndarray]:
    words = table.frame[name].astype(object).to_numpy()
    return words, np.flatnonzero(~np.isin(words.astype(str), ["", *known[name]]))


def _note_unknown(
    table: str, parsed: ParsedTable, settings: Settings, known: Mapping[str, Sequence[str]], log: ProblemLog
) -> None:
    """Outside the register an unsold name is no fault, but it is said."""
    for name in settings.dimensions:
        column = parsed.frame[name]
        values = set(column.cat.categories) if isinstance(column.dtype, pd.CategoricalDtype) else set(column)
        strange = sorted(values - {""} - set(known[name]))
        if strange:
            rows = int(column.isin(strange).sum())
            guess = nearest(strange[0], known[name])
            text = (
                f"{parsed.raw.file}: {counted(rows, 'row')} with a {name} that the sales table does not "
                f"have, such as {clip(strange[0])}{f' ({guess})' if guess else ''}."
            )
            log.note(f"unsold_{table}", text, rows)


def _check_references(parsed: Mapping[str, ParsedTable], log: ProblemLog) -> None:
    """Rows that point at a row of another table."""
    if "briefs" in parsed and "assumptions" in parsed:
        ids = sorted(set(parsed["assumptions"].frame["id"]))
        words = parsed["briefs"].frame["assumption"].to_numpy(dtype=object)
        places = np.flatnonzero(~np.isin(words.astype(str), ["", *ids]))
        parsed["briefs"].raw.report_words(
            log,
            "assumption",
            words,
            places,
            "the id of an assumption, or nothing",
            lambda word: nearest(word, ids) or "correct the id",
        )
    if "contacts" in parsed and "leads" in parsed:
        strange = ~parsed["contacts"].frame["lead_id"].isin(parsed["leads"].frame["lead_id"])
        if strange.any():
            count = int(strange.sum())
            file = parsed["contacts"].raw.file
            text = f"{file}: {counted(count, 'contact')} of leads that the leads table does not have."
            log.note("contacts_without_lead", text, count)
