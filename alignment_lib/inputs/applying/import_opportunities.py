"""Opportunities of a CRM by a mapping: open ones with their expected close, closed ones with outcomes."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.applying.crm_rows import (
    keep_newest,
    read_amounts,
    read_column,
    read_ids,
    read_outcomes,
)
from alignment_lib.inputs.applying.import_cells import read_dimensions, read_latest
from alignment_lib.inputs.applying.list_accounts import ListLog
from alignment_lib.inputs.problems import counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export

__all__ = ["take_opportunities"]

_LASTING = ("opened", "source", "owner", "amount")


def take_opportunities(export: Export, mapping: ImportMapping, log: ListLog) -> dict[str, pd.DataFrame]:
    """The opportunities table: one row each in its newest state."""
    role = "stage" if mapping.columns.get("stage") else "status"
    frame = pd.DataFrame(
        {
            "opportunity_id": read_ids(export, mapping, "opportunity_id", "opportunity", log),
            "opened": _times(export, mapping, "opened", log),
            "stage": read_column(export, mapping, role),
            "amount": read_amounts(export, mapping, log),
            "expected_close": _times(export, mapping, "expected_close", log),
            "source": read_column(export, mapping, "source"),
            "owner": read_column(export, mapping, "owner"),
        }
    )
    frame = frame.join(read_dimensions(export, mapping)) if mapping.dimensions else frame
    frame["closed_at"] = _times(export, mapping, "closed_at", log)
    frame["outcome"] = read_outcomes(export, mapping, ("status", "stage"), log)
    changed = _times(export, mapping, "changed_at", log) if mapping.columns.get("changed_at") else None
    if log.problems:
        return {}
    frame = keep_newest(frame, "opportunity_id", changed, _LASTING, "opportunity", log)
    frame = _place_close(frame, mapping, log)
    _note_blanks(frame, log)
    return {"opportunities": frame}


def _times(export: Export, mapping: ImportMapping, role: str, log: ListLog) -> pd.Series:
    column = mapping.columns.get(role, "")
    if not column:
        return pd.Series("", index=export.table.index, dtype=object)
    return read_latest(export, mapping, role, log, needed=False)


def _place_close(frame: pd.DataFrame, mapping: ImportMapping, log: ListLog) -> pd.DataFrame:
    """A single close date is the expected one while open and the actual one once closed."""
    ended = frame["outcome"] != ""
    if not mapping.columns.get("closed_at"):
        closed = frame["expected_close"].where(ended, "")
        frame = frame.assign(closed_at=closed, expected_close=frame["expected_close"].mask(ended, ""))
    undated = ended & (frame["closed_at"] == "")
    keep = mapping.decisions.get("undated_outcomes") == "keep"
    if undated.any():
        fate = "kept without it" if keep else "left open"
        text = f"{counted(int(undated.sum()), 'opportunity')} won or lost without a closing day: {fate}."
        log.note("undated", text.replace("opportunitys", "opportunities"), int(undated.sum()))
    outcome = frame["outcome"] if keep else frame["outcome"].mask(undated, "")
    return frame.assign(outcome=outcome, closed_at=frame["closed_at"].where(outcome != "", ""))


def _note_blanks(frame: pd.DataFrame, log: ListLog) -> None:
    for column, what in (("opened", "the day they were opened"), ("amount", "an amount")):
        blank = int((frame[column].isna() | (frame[column] == "")).sum())
        if blank:
            log.note(f"without_{column}", f"Opportunities without {what}: {blank:,}.", blank)
    open_ones = frame[frame["outcome"] == ""]
    unexpected = int((open_ones["expected_close"] == "").sum())
    if unexpected:
        text = f"Open opportunities without an expected close: {unexpected:,} of {len(open_ones):,}."
        log.note("without_expected_close", text, unexpected)
