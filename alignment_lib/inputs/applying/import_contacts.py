"""Contacts with leads by a mapping: when an attempt was made, and whether the customer was reached."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.applying.crm_rows import read_column
from alignment_lib.inputs.applying.import_cells import read_figures, read_times
from alignment_lib.inputs.applying.list_accounts import ListLog
from alignment_lib.inputs.problems import Problem, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export

__all__ = ["take_contacts"]


def take_contacts(export: Export, mapping: ImportMapping, log: ListLog) -> dict[str, pd.DataFrame]:
    """The contacts table, one row an attempt; rows of no lead are left out and counted."""
    frame = pd.DataFrame({"lead_id": read_column(export, mapping, "lead_id")})
    frame["at"] = read_times(export, mapping.columns["at"], mapping.date, log, needed=True)
    if mapping.columns.get("reached"):
        frame["reached"] = _reached(export, mapping, log)
    if mapping.columns.get("call_quality"):
        frame["call_quality"] = read_figures(export, mapping.columns["call_quality"], mapping, log)
    if mapping.columns.get("handler") or "handler" in mapping.values:
        frame["handler"] = read_column(export, mapping, "handler")
    if log.problems:
        return {}
    nobody = frame["lead_id"] == ""
    if nobody.any():
        text = f"{counted(int(nobody.sum()), 'contact')} that name no lead left out."
        log.note("without_lead", text, int(nobody.sum()))
        log.leave_out("contacts that name no lead", int(nobody.sum()), 0.0)
    return {"contacts": frame[~nobody].reset_index(drop=True)}


def _reached(export: Export, mapping: ImportMapping, log: ListLog) -> pd.Series:
    column = mapping.columns["reached"]
    words = export.table[column]
    strange = words[(words != "") & ~words.isin(list(mapping.outcomes))].value_counts()
    for word, count in sorted(strange.items()):
        mend = f'add the line "{word}" = "yes", "no" or "" under [outcomes] of the mapping'
        found = f"{str(word)!r}, which the mapping does not know"
        log.add(Problem(export.file, found, "yes or no", mend, column=column, count=int(count)))
    return words.map(dict(mapping.outcomes)).fillna("")
