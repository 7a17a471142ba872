"""Leads of a CRM by a mapping."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.exports import Export
from alignment_lib.inputs.import_cells import read_days, read_figures
from alignment_lib.inputs.mapping_files import ImportMapping
from alignment_lib.inputs.problems import ProblemLog, counted

__all__ = ["take_leads"]


def take_leads(export: Export, mapping: ImportMapping, log: ProblemLog) -> dict[str, pd.DataFrame]:
    """Leads with their outcomes; a lead listed twice is kept once, and counted."""
    columns = dict(mapping.columns)
    status = columns.pop("status", None)
    frame = pd.DataFrame({name: export.table[column] for name, column in columns.items()})
    for name in ("created", "accepted_at", "opportunity_at", "closed_at"):
        if name in frame:
            days = read_days(export, columns[name], mapping.date, log, needed=name == "created")
            frame[name] = days.dt.strftime("%Y-%m-%d").fillna("")
    if "amount" in frame:
        frame["amount"] = read_figures(export, columns["amount"], mapping, log)
    if status is not None:
        words = export.table[status]
        frame["outcome"] = words.map(dict(mapping.outcomes)).fillna("")
        frame = _reject(frame, words, log)
    twice = frame["lead_id"].duplicated()
    if twice.any():
        text = f"{counted(int(twice.sum()), 'lead')} listed twice; the first row of each was kept."
        log.note("twice", text, int(twice.sum()))
    return {"leads": frame[~twice].reset_index(drop=True)}


def _reject(frame: pd.DataFrame, words: pd.Series, log: ProblemLog) -> pd.DataFrame:
    """An outcome needs its day; where the export has none the lead stays open, and is counted."""
    closed = frame["closed_at"] if "closed_at" in frame else pd.Series("", index=frame.index)
    undated = (frame["outcome"] != "") & (closed == "")
    if undated.any():
        text = f"{counted(int(undated.sum()), 'lead')} won or lost without a closing day: left open."
        log.note("undated", text, int(undated.sum()))
    return frame.assign(
        outcome=frame["outcome"].where(~undated, ""), closed_at=closed.where(frame["outcome"] != "", "")
    )
