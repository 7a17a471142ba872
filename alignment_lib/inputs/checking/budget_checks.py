"""Checks of spend and of the budgets that shift it: what is committed, and how sources are written."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = ["check_budgets"]


def check_budgets(parsed: Mapping[str, ParsedTable], log: ProblemLog) -> None:
    """Add every fault of spend, and of budgets beside it, to `log`.

    A source that no money ever went to may be new; one that only its writing tells from a known one is not.
    """
    if "spend" not in parsed:
        return
    spend = parsed["spend"]
    beyond = np.flatnonzero((spend.frame["committed"] > spend.frame["amount"]).to_numpy(dtype=bool))
    mend = "write the whole money of the row under amount"
    spend.raw.report(log, "committed", beyond, "no more than the row's amount", mend)
    if "assumptions" not in parsed:
        return
    claims, known = parsed["assumptions"], sorted(set(spend.frame["source"].astype(str)) - {""})
    meant = {_fold(name): name for name in reversed(known)}
    for column in ("spend_source", "spend_from"):
        words = claims.frame[column].astype(object).fillna("").astype(str).to_numpy(dtype=object)
        wrong = np.array([bool(word) and word not in known and _fold(word) in meant for word in words])
        claims.raw.report_words(
            log,
            column,
            words,
            np.flatnonzero(wrong),
            "a source as the spend table writes it",
            lambda word: f"did you mean `{meant[_fold(word)]}`?",
        )


def _fold(name: str) -> str:
    """A name without case, spaces and marks."""
    return "".join(mark for mark in name.casefold() if mark.isalnum())
