"""Who has let a day of the round pass."""

from __future__ import annotations

from alignment_lib.planning.round.late import Late, find_late

DAYS = {"answer": "2026-01-10", "sign": "2026-01-20", "lock": "2026-01-25"}
ROWS = [("A1", "brand", "marketing"), ("A2", "key accounts", "sales")]
WAITING = {"marketing": ("A1", "A2"), "sales": ("A2",)}


def test_nobody_is_late_on_the_day_itself():
    assert find_late(ROWS, WAITING, DAYS, "2026-01-10", (), False) == ()


def test_a_claim_waits_for_its_owner_on_its_own_side_and_for_the_function_on_the_other():
    late = find_late(ROWS, WAITING, DAYS, "2026-01-11", (), False)
    assert late == (
        Late("brand", "answer", "2026-01-10", ("A1",)),
        Late("key accounts", "answer", "2026-01-10", ("A2",)),
        Late("marketing", "answer", "2026-01-10", ("A2",)),
    )


def test_signatures_and_the_lock_are_late_after_their_days_and_nothing_once_locked():
    late = find_late([], {}, DAYS, "2026-02-01", ("sales",), False)
    assert [(one.who, one.what) for one in late] == [("marketing", "sign"), ("moderator", "lock")]
    assert find_late(ROWS, WAITING, DAYS, "2026-02-01", (), True) == ()


def test_without_days_nobody_is_late():
    assert find_late(ROWS, WAITING, {}, "2030-01-01", (), False) == ()
