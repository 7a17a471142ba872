"""Checks of opportunities: outcomes and days that contradict each other are said with their counts."""

from __future__ import annotations

from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = ["note_opportunities"]


def note_opportunities(table: ParsedTable, log: ProblemLog) -> None:
    """Note how many opportunities say what cannot be, or lack what a forecast of them needs."""
    frame = table.frame
    ended = frame["outcome"] != ""
    faults = {
        "opportunity_backwards": (frame["closed_at"] < frame["opened"], "closed before they were opened"),
        "opportunity_undated": (ended & frame["closed_at"].isna(), "won or lost without a closing day"),
        "opportunity_open_closed": (~ended & frame["closed_at"].notna(), "closed without an outcome"),
        "opportunity_without_amount": (frame["amount"].isna(), "without an amount"),
        "opportunity_unexpected": (~ended & frame["expected_close"].isna(), "open without an expected close"),
    }
    for code, (where, what) in faults.items():
        count = int(where.sum())
        if count:
            log.note(code, f"{table.raw.file}: {count:,} of {len(frame):,} opportunities {what}.", count)
