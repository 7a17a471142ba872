"""Comments on claims: kept in the log, read back beside the claim."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.planning.register.remarks import comment_assumption, find_remarks
from alignment_lib.planning.round.lifecycle import (
    LifeError,
    append_entry,
    lock_round,
    round_state,
    sign_round,
)

WHO = {"function": "finance", "by": "controller", "on": "2026-01-05", "manifest": "m"}


def test_a_comment_of_any_function_is_kept_and_decides_nothing():
    said = comment_assumption((), "A1", reason="too round a number", **WHO)
    assert find_remarks([said]) == {"A1": ("controller, 2026-01-05: too round a number",)}
    assert round_state([said], "m", has_proposals=False).status == "draft"


def test_reasons_of_decisions_stand_among_the_comments_and_silent_ones_do_not():
    common = {"function": "sales", "by": "head of sales", "manifest": "m", "subject": "A1"}
    log = [
        append_entry((), action="accept", on="2026-01-05", **common),
        append_entry((), action="reject", on="2026-01-06", reason="no stock", **common),
    ]
    assert find_remarks(log) == {"A1": ("head of sales, 2026-01-06: rejected: no stock",)}
    assert find_remarks(log, pd.Timestamp("2026-01-05")) == {}


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_comment_without_words_is_refused(reason):
    with pytest.raises(LifeError, match="without a word in it"):
        comment_assumption((), "A1", reason=reason, **WHO)


def test_a_locked_round_takes_no_comment():
    log = []
    for side in ("marketing", "sales"):
        log.append(sign_round(log, function=side, by=f"head of {side}", on="2026-01-05", manifest="m"))
    log.append(lock_round(log, by="moderator", on="2026-01-05", manifest="m"))
    with pytest.raises(LifeError, match="was locked"):
        comment_assumption(log, "A1", reason="late thought", **WHO)
