"""Checks of opportunities: outcomes and days that contradict each other are said with their counts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE
from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = ["check_opportunities"]


def check_opportunities(parsed: Mapping[str, ParsedTable], settings: Settings, log: ProblemLog) -> None:
    """Refuse amounts in another currency, and say how many opportunities lack what a forecast needs."""
    table = parsed["opportunities"]
    _check_currency(table, settings, log)
    _note_faults(table, log)
    changes = parsed.get("opportunity_changes")
    if changes is not None:
        strange = ~changes.frame["opportunity_id"].isin(table.frame["opportunity_id"])
        if strange.any():
            count = int(strange.sum())
            text = f"{changes.raw.file}: {counted(count, 'change')} of opportunities that the table "
            log.note("changes_without_opportunity", f"{text}{table.raw.file} does not have.", count)


def _check_currency(table: ParsedTable, settings: Settings, log: ProblemLog) -> None:
    own = settings.business.currency
    if "currency" in settings.dimensions:
        return
    words = table.frame["currency"].to_numpy(dtype=object)
    places = np.flatnonzero(~np.isin(words.astype(str), ["", own]))
    mend = f"convert the amount to {own}; amounts of several currencies are never added up"
    table.raw.report_words(log, "currency", words, places, f"{own}, as in {SETTINGS_FILE}", lambda _: mend)


def _note_faults(table: ParsedTable, log: ProblemLog) -> None:
    """Note how many opportunities say what cannot be, or lack what a forecast of them needs."""
    frame = table.frame
    ended = frame["outcome"] != ""
    faults = {
        "opportunity_backwards": (frame["closed_at"] < frame["opened"], "closed before they were opened"),
        "opportunity_undated": (ended & frame["closed_at"].isna(), "won or lost without a closing day"),
        "opportunity_open_closed": (~ended & frame["closed_at"].notna(), "closed without an outcome"),
        "opportunity_without_amount": (frame["amount"].isna(), "without an amount"),
        "opportunity_without_stage": (~ended & (frame["stage"] == ""), "open without a stage"),
        "opportunity_without_opened": (frame["opened"].isna(), "without the day they were opened"),
        "opportunity_unexpected": (~ended & frame["expected_close"].isna(), "open without an expected close"),
    }
    for code, (where, what) in faults.items():
        count = int(where.sum())
        if count:
            log.note(code, f"{table.raw.file}: {count:,} of {len(frame):,} opportunities {what}.", count)
