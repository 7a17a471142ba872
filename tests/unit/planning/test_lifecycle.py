"""Signing, accepting, locking: what the log allows and what it proves."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from alignment_lib.planning.register.acceptance import accept_assumption, apply_log, reject_assumption
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.planning.round.lifecycle import (
    Entry,
    LifeError,
    lock_round,
    parse_log,
    round_state,
    sign_round,
    stamp_entries,
    write_line,
)
from alignment_lib.planning.round.log_times import day_of, find_disorder, list_marks

NOW, THEN = "a" * 64, "b" * 64
ROW = example_assumption(id="A1", status="proposed")


def _signed(log=(), manifest=NOW):
    log = [*log]
    log.append(
        sign_round(log, function="marketing", by="head of marketing", on="2026-01-10", manifest=manifest)
    )
    log.append(sign_round(log, function="sales", by="head of sales", on="2026-01-11", manifest=manifest))
    return log


def test_a_round_goes_from_draft_to_locked() -> None:
    assert round_state([], NOW, has_proposals=False).status == "draft"
    assert round_state([], NOW).status == "proposed"
    log = _signed()
    assert round_state(log[:1], NOW).status == "proposed"
    assert round_state(log, NOW).status == "signed"
    log.append(lock_round(log, by="finance", on="2026-01-12", manifest=NOW))
    state = round_state(log, NOW)
    assert (state.status, state.lock.by) == ("locked", "finance")


def test_a_new_manifest_voids_signatures_and_says_so() -> None:
    log = _signed(manifest=THEN)
    state = round_state(log, NOW)
    assert state.status == "proposed"
    assert [entry.function for entry in state.voided] == ["marketing", "sales"]
    with pytest.raises(
        LifeError, match="lacks the signature of marketing and sales; the plan has changed since"
    ):
        lock_round(log, by="finance", on="2026-01-12", manifest=NOW)


def test_locking_needs_both_signatures_and_nothing_follows_a_lock() -> None:
    log = _signed()[:1]
    with pytest.raises(LifeError, match="lacks the signature of sales: sign it first") as error:
        lock_round(log, by="finance", on="2026-01-12", manifest=NOW)
    assert error.value.exit_code == 2
    log = _signed()
    log.append(lock_round(log, by="finance", on="2026-01-12", manifest=NOW))
    for step in (
        lambda: sign_round(log, function="sales", by="x", on="2026-01-13", manifest=NOW),
        lambda: lock_round(log, by="x", on="2026-01-13", manifest=NOW),
        lambda: accept_assumption(log, ROW, function="sales", by="x", on="2026-01-13", manifest=NOW),
        lambda: reject_assumption(
            log, ROW, function="sales", by="x", on="2026-01-13", manifest=NOW, reason="y"
        ),
    ):
        with pytest.raises(LifeError, match="the round was locked on 2026-01-12 by finance") as error:
            step()
        assert error.value.exit_code == 3


def test_one_role_cannot_sign_for_both_sides_nor_one_side_twice() -> None:
    log = _signed()[:1]
    with pytest.raises(LifeError, match="two signatures need two roles"):
        sign_round(log, function="sales", by="Head of Marketing", on="2026-01-11", manifest=NOW)
    with pytest.raises(LifeError, match="marketing has signed this plan already, on 2026-01-10"):
        sign_round(log, function="marketing", by="someone", on="2026-01-11", manifest=NOW)
    with pytest.raises(LifeError, match="'finance' is not a side; expected marketing or sales"):
        sign_round(log, function="finance", by="someone", on="2026-01-11", manifest=NOW)
    with pytest.raises(LifeError, match="needs a role"):
        sign_round(log, function="sales", by="  ", on="2026-01-11", manifest=NOW)


def _accept(log, row, function):
    return accept_assumption(
        log, row, function=function, by=f"head of {function}", on="2026-01-09", manifest=NOW
    )


def test_an_assumption_is_accepted_when_both_sides_accept_it_as_it_reads() -> None:
    log = [_accept([], ROW, "marketing")]
    assert log[0].after == "accepted by marketing"
    assert apply_log([ROW], log)[0][0].status == "proposed"
    log.append(_accept(log, ROW, "sales"))
    assert log[1].after == "accepted"
    assert apply_log([ROW], log)[0][0].status == "accepted"
    changed = replace(ROW, expected=99.0)
    register, voided = apply_log([changed], log)
    assert (register[0].status, voided) == ("proposed", ("A1",))


def test_the_tables_own_columns_count_for_the_side_they_name() -> None:
    row = replace(ROW, fields={"accepted_marketing": "brand marketing 2026-01-02"})
    log = [_accept([], row, "sales")]
    assert apply_log([row], log)[0][0].status == "accepted"


def test_a_rejection_takes_acceptance_back_and_needs_a_reason() -> None:
    log = [_accept([], ROW, "marketing")]
    log.append(_accept(log, ROW, "sales"))
    with pytest.raises(LifeError, match="rejecting A1 needs a reason"):
        reject_assumption(
            log, ROW, function="sales", by="head of sales", on="2026-01-12", manifest=NOW, reason=" "
        )
    log.append(
        reject_assumption(
            log, ROW, function="sales", by="head of sales", on="2026-01-12", manifest=NOW, reason="late"
        )
    )
    assert apply_log([ROW], log)[0][0].status == "rejected"
    log.append(_accept(log, ROW, "sales"))
    assert apply_log([ROW], log)[0][0].status == "accepted"


def test_drafts_are_not_accepted_and_no_side_accepts_twice() -> None:
    with pytest.raises(LifeError, match="A1 is draft: propose it first"):
        _accept([], replace(ROW, status="draft"), "sales")
    log = [_accept([], ROW, "sales")]
    with pytest.raises(LifeError, match="sales has accepted A1 already"):
        _accept(log, ROW, "sales")


def test_the_log_is_read_back_as_it_was_written() -> None:
    log = _signed([_accept([], ROW, "sales")])
    text = "".join(write_line(entry) + "\n" for entry in log)
    assert parse_log(text) == tuple(log)
    assert parse_log("") == ()


@pytest.mark.parametrize("tamper", ["role", "drop", "swap", "number"])
def test_a_log_that_was_altered_is_not_believed(tamper: str) -> None:
    lines = [write_line(entry) for entry in _signed([_accept([], ROW, "sales")])]
    if tamper == "role":
        lines[1] = lines[1].replace("head of marketing", "head of nothing!!")
    elif tamper == "drop":
        del lines[1]
    elif tamper == "swap":
        lines[0], lines[1] = lines[1], lines[0]
    else:
        lines[1] = json.dumps(json.loads(lines[1]) | {"number": 7}, sort_keys=True)
    with pytest.raises(LifeError, match=r"line [12] of the log does not follow from the one before"):
        parse_log("\n".join(lines))


@pytest.mark.parametrize("line", ["{", "[]", '{"number": 1}', "[" * 5000])
def test_a_line_that_is_no_entry_is_named(line: str) -> None:
    with pytest.raises(LifeError, match="line 1 of the log is not an entry"):
        parse_log(line + "\n")


def test_a_last_line_cut_short_is_said_to_be_so() -> None:
    lines = [write_line(entry) + "\n" for entry in _signed()]
    with pytest.raises(LifeError, match="line 2 of the log, the last, was cut short: restore the file"):
        parse_log(lines[0] + lines[1][:40])
    # Whole but for the line's end it is believed: nothing of it is missing.
    assert len(parse_log("".join(lines).rstrip("\n"))) == 2


def test_every_line_says_when_it_was_written_and_never_before_the_line_above() -> None:
    times = ("2026-01-12T09:00:00+01:00", "2026-01-12T10:00:00+01:00", "2026-01-11T10:00:00+01:00")
    log: list[Entry] = []
    for reading, entry in zip(times, _signed([_accept([], ROW, "sales")]), strict=True):
        log += stamp_entries(log, [entry], reading)
    assert [entry.written for entry in log] == [times[0], times[1], times[1]]
    assert [entry.clock for entry in log] == ["", "", times[2]]
    assert parse_log("".join(write_line(entry) + "\n" for entry in log)) == tuple(log)
    assert find_disorder(log, {}) == []
    assert list_marks(log) == [
        f"line 3 was written by a clock that stood at {times[2]}, behind the line above it"
    ]


def test_lines_from_before_times_were_kept_are_read_and_marked() -> None:
    old = _signed([_accept([], ROW, "sales")])
    text = "".join(write_line(entry) + "\n" for entry in old)
    assert "written" not in text
    log = [*parse_log(text)]
    assert list_marks(log) == [
        "3 lines from before the log kept when it was written: only the day named is known"
    ]
    fresh = lock_round(log, by="finance", on="2026-01-12", manifest=NOW)
    log += stamp_entries(log, [fresh], "2026-01-12T09:00:00+00:00")
    assert find_disorder(parse_log("".join(write_line(entry) + "\n" for entry in log)), {}) == []
    # A line without a time after one with it was put there by hand.
    log += [replace(old[0], number=5)]
    assert find_disorder(log, {}) == ["line 5 does not say when it was written, though lines above it do"]


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("2025-06-01", "the plan was published on 2026-01-10: it cannot have been signed on 2025-06-01"),
        ("2026-01-09", "it cannot have been signed on 2026-01-09"),
        ("2026-02-01", "2026-02-01 has not come yet"),
    ],
)
def test_a_plan_is_signed_on_a_day_on_which_it_existed(on: str, said: str) -> None:
    days = ("2026-01-10", "2026-01-12")
    with pytest.raises(LifeError, match=said):
        sign_round([], function="sales", by="head of sales", on=on, manifest=NOW, days=days)
    for day in ("2026-01-10", "2026-01-11", "2026-01-12"):
        sign_round([], function="sales", by="head of sales", on=day, manifest=NOW, days=days)


def test_a_round_is_not_locked_before_it_was_signed() -> None:
    with pytest.raises(LifeError, match="signed on 2026-01-11: it cannot have been locked on 2026-01-10"):
        lock_round(_signed(), by="finance", on="2026-01-10", manifest=NOW)


def test_lines_that_break_the_order_of_time_are_named() -> None:
    log = stamp_entries([], _signed(), "2026-01-12T09:00:00+00:00")
    published = {NOW: "2026-01-11T08:00:00+00:00"}
    assert find_disorder(log, published) == [
        "line 1 signs on 2026-01-10 a plan that was published on 2026-01-11"
    ]
    forged = [log[0], replace(log[1], written="2026-01-11T09:00:00+00:00")]
    assert find_disorder(forged, {}) == [
        "line 2 was written at 2026-01-11T09:00:00+00:00, "
        "before the line above it (2026-01-12T09:00:00+00:00)"
    ]


def test_days_are_those_of_the_signers_own_calendar() -> None:
    # Published at one in the morning in Greenwich: in New York the day before, on which it is signed.
    log = [sign_round([], function="sales", by="x", on="2026-01-09", manifest=NOW)]
    log = stamp_entries([], log, "2026-01-09T20:30:00-05:00")
    assert find_disorder(log, {NOW: "2026-01-10T01:00:00+00:00"}) == []
    assert day_of("2026-01-10T01:00:00+00:00", "2026-01-09T20:30:00-05:00") == "2026-01-09"
