"""Applying a mapping: an export becomes the table of the contract, with everything left out counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from alignment_lib.inputs.crm_rows import BY_ROW
from alignment_lib.inputs.exports import Export
from alignment_lib.inputs.foot_rows import leave_out_foot
from alignment_lib.inputs.import_contacts import take_contacts
from alignment_lib.inputs.import_costs import take_costs, take_prices
from alignment_lib.inputs.import_leads import take_leads
from alignment_lib.inputs.import_lines import take_lines
from alignment_lib.inputs.import_opportunities import take_opportunities
from alignment_lib.inputs.import_pivot import take_pivot
from alignment_lib.inputs.import_spend import take_spend
from alignment_lib.inputs.mapping_files import ImportMapping
from alignment_lib.inputs.problems import InputError, Notice, Problem, ProblemLog, counted

__all__ = ["Imported", "apply_mapping"]

_TAKERS = {
    "order_lines": take_lines,
    "pivot": take_pivot,
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
    """

    tables: Mapping[str, pd.DataFrame]
    notices: tuple[Notice, ...]


def apply_mapping(export: Export, mapping: ImportMapping) -> Imported:
    """Turn the export into tables of the contract.

    Raises
    ------
    InputError
        Columns the export lacks, and every cell that cannot be read.
    """
    _check_columns(export, mapping)
    log = ProblemLog()
    if export.titles:
        log.note("titles", f"{counted(export.titles, 'row')} above the header left out.", export.titles)
    if export.totals:
        log.note("totals", f"{counted(export.totals, 'row')} of totals left out.", export.totals)
    rows = export if mapping.kind == "pivot" else leave_out_foot(export, mapping, log)
    tables = _TAKERS[mapping.kind](rows, mapping, log)
    log.raise_if_any()
    return Imported(tables, tuple(log.notices))


def _check_columns(export: Export, mapping: ImportMapping) -> None:
    problems: list[Problem] = []
    problems += [
        Problem("the mapping", f"no column for {role}", "a heading of the export", "name it", column=role)
        for role, name in mapping.columns.items()
        if not name and role not in mapping.values
    ]
    for name in [*mapping.columns.values(), *mapping.dimensions.values()]:
        if name and name != BY_ROW and name not in export.columns:
            found = f"the columns {', '.join(export.columns)[:160]}"
            problems.append(
                Problem(export.file, found, f"a column {name!r}", "correct the mapping", column=name)
            )
    if problems:
        raise InputError(problems)
