"""Leads of a CRM by a mapping."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from alignment_lib.inputs.applying.crm_rows import (
    NOT_GIVEN,
    keep_newest,
    read_amounts,
    read_column,
    read_ids,
    read_outcomes,
)
from alignment_lib.inputs.applying.import_cells import read_dimensions, read_latest, read_times
from alignment_lib.inputs.applying.lead_offsets import same_offset
from alignment_lib.inputs.applying.list_accounts import ListLog
from alignment_lib.inputs.problems import counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export

__all__ = ["take_leads"]

_WORDS = ("source", "campaign", "device", "rejected_reason", "handler", "customer")
_DATES = ("created", "accepted_at", "rejected_at", "opportunity_at", "closed_at")
_LASTING = ("source", "campaign", "device", "customer", "handler", "rejected_reason", *_DATES[1:4])


def take_leads(export: Export, mapping: ImportMapping, log: ListLog) -> dict[str, pd.DataFrame]:
    """The leads table: one row a lead in its newest state, with its outcome and the days known of it."""
    frame = pd.DataFrame({"lead_id": read_ids(export, mapping, "lead_id", "lead", log)})
    for name in _DATES:
        if mapping.columns.get(name):
            frame[name] = read_latest(export, mapping, name, log, needed=name == "created")
    frame = same_offset(frame, export, mapping, log)
    given = [name for name in _WORDS if mapping.columns.get(name) or name in mapping.values]
    frame = frame.assign(**{name: read_column(export, mapping, name) for name in given})
    if mapping.columns.get("amount"):
        frame["amount"] = read_amounts(export, mapping, log)
    frame = frame.join(read_dimensions(export, mapping)) if mapping.dimensions else frame
    changed = _changed(export, mapping, log)
    if mapping.columns.get("status"):
        frame["outcome"] = read_outcomes(export, mapping, ("status",), log)
    if log.problems:
        return {}
    milestones = _milestones(export, mapping, frame, changed)
    created = frame.groupby("lead_id")["created"].transform("min")
    frame = keep_newest(frame.assign(created=created), "lead_id", changed, _LASTING, "lead", log)
    frame = _name_sources(_with_milestones(frame, milestones, log), log)
    if "outcome" in frame:
        frame = _settle_undated(frame, mapping, log)
    return {"leads": frame}


def _changed(export: Export, mapping: ImportMapping, log: ListLog) -> pd.Series | None:
    """When each row's state began, as ISO text that sorts by time."""
    column = mapping.columns.get("changed_at", "")
    return read_times(export, column, mapping.date, log, needed=False) if column else None


def _name_sources(frame: pd.DataFrame, log: ListLog) -> pd.DataFrame:
    source = frame["source"] if "source" in frame else pd.Series("", index=frame.index, dtype=object)
    blank = source == ""
    if blank.any():
        text = f"{counted(int(blank.sum()), 'lead')} without a source: named {NOT_GIVEN}."
        log.note("blank_sources", text, int(blank.sum()))
    return frame.assign(source=source.mask(blank, NOT_GIVEN))


def _milestones(
    export: Export, mapping: ImportMapping, frame: pd.DataFrame, changed: pd.Series | None
) -> Mapping[str, pd.Series]:
    """First day of each lead in a stage that is a step of the funnel, from a history of its rows."""
    status = mapping.columns.get("status", "")
    if changed is None or status not in export.table.columns or not mapping.milestones:
        return {}
    reached = export.table[status].map(dict(mapping.milestones))
    dated = changed != ""
    return {
        str(step): changed[(reached == step) & dated].groupby(frame["lead_id"]).min()
        for step in sorted(set(mapping.milestones.values()))
        if step in _DATES
    }


def _with_milestones(frame: pd.DataFrame, milestones: Mapping[str, pd.Series], log: ListLog) -> pd.DataFrame:
    for step, days in milestones.items():
        own = frame[step] if step in frame else pd.Series("", index=frame.index, dtype=object)
        given = frame["lead_id"].map(days).fillna("")
        taken = (own == "") & (given != "")
        if taken.any():
            text = f"{step}: {counted(int(taken.sum()), 'day')} taken from the history of the stages."
            log.note(f"history_{step}", text, int(taken.sum()))
            frame = frame.assign(**{step: own.mask(taken, given)})
    return frame


def _settle_undated(frame: pd.DataFrame, mapping: ImportMapping, log: ListLog) -> pd.DataFrame:
    """An outcome wants its day: without one it is left open, or kept where the user decided so."""
    closed = frame["closed_at"] if "closed_at" in frame else pd.Series("", index=frame.index, dtype=object)
    undated = (frame["outcome"] != "") & (closed == "")
    keep = mapping.decisions.get("undated_outcomes") == "keep"
    if undated.any():
        fate = "kept without it" if keep else "left open"
        text = f"{counted(int(undated.sum()), 'lead')} won or lost without a closing day: {fate}."
        log.note("undated", text, int(undated.sum()))
    outcome = frame["outcome"] if keep else frame["outcome"].mask(undated, "")
    open_dated = (outcome == "") & (closed != "")
    if open_dated.any():
        text = f"{counted(int(open_dated.sum()), 'closing day')} of leads that are still open left out."
        log.note("open_dated", text, int(open_dated.sum()))
    return frame.assign(outcome=outcome, closed_at=closed.mask(open_dated, ""))
