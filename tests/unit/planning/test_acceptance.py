"""Acceptances and the history of every assumption: what they do to the register, and what the log keeps."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from alignment_lib.inputs.snapshot_tables import canonical_frame
from alignment_lib.planning.register.acceptance import (
    accept_assumption,
    claim_terms,
    count_decisions,
    find_decisions,
    reject_assumption,
    report_claim,
    settle_register,
)
from alignment_lib.planning.register.assumptions import example_assumption, read_assumptions
from alignment_lib.planning.round.lifecycle import LifeError, parse_log, stamp_entries, write_line
from alignment_lib.rounds.files.parquet_tables import encode_table

NOW = "a" * 64
ROW = example_assumption(id="A1", title="Coupon", owner="brand", fields={"rationale": "panel"})
DAY = pd.Timestamp("2026-01-05")


def _table(**changes) -> pd.DataFrame:
    """The canonical table of one row, as the workspace gives it."""
    blank = {"accepted_marketing": "", "accepted_marketing_by": "", "accepted_marketing_on": pd.NaT}
    blank |= {"accepted_sales": "", "accepted_sales_by": "", "accepted_sales_on": pd.NaT}
    row = {
        "id": "A1", "kind": "promotion", "title": "Coupon", "owner": "brand", "function": "marketing",
        "start": DAY, "end": DAY, "unit": "percent", "expected": 10.0, "low": 5.0, "high": float("nan"),
        "status": "proposed", "rationale": "", "evidence": "", "recorded": pd.NaT, **blank, "ramp": "step",
        "mechanic": "coupon", "depth": float("nan"), "elasticity": float("nan"), "moves_from": "",
        "moves_to": "", "moved_share": float("nan"), "pull_forward_share": 0.2, "analog": "",
        "replaces": "", "driver": "", "lever": "", "product": "Small", **changes,
    }  # fmt: skip
    frame = pd.DataFrame([row])
    dates = ("accepted_marketing_on", "accepted_sales_on", "recorded")
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in dates})


def _accepted(log, row, function, on="2026-01-09"):
    return [
        *log,
        accept_assumption(log, row, function=function, by=f"head of {function}", on=on, manifest=NOW),
    ]


def _both(row):
    return _accepted(_accepted([], row, "marketing"), row, "sales")


def test_acceptances_in_the_log_are_written_into_the_register_that_is_planned() -> None:
    (row,) = read_assumptions(_table(), ["product"])
    settled, voided = settle_register(_table(), ["product"], _both(row))
    assert voided == ()
    (after,) = read_assumptions(settled, ["product"])
    assert after.status == "accepted"
    assert settled.loc[0, "accepted_sales"] == "head of sales 2026-01-09"
    assert settled.loc[0, "accepted_marketing_on"] == pd.Timestamp("2026-01-09")
    assert settled.dtypes.equals(_table().dtypes)


def test_one_side_in_the_table_and_the_other_in_the_log_make_both() -> None:
    table = _table(accepted_marketing="brand 2026-01-02")
    (row,) = read_assumptions(table, ["product"])
    settled, _ = settle_register(table, ["product"], _accepted([], row, "sales"))
    assert read_assumptions(settled, ["product"])[0].status == "accepted"
    assert settled.loc[0, "accepted_marketing"] == "brand 2026-01-02"
    with pytest.raises(LifeError, match="marketing has accepted A1 already, by the assumptions table"):
        accept_assumption([], row, function="marketing", by="x", on="2026-01-09", manifest=NOW)


def test_a_register_the_log_does_not_speak_of_stays_as_it_is() -> None:
    # Both acceptances in the table but proposed by status: the log changes nothing about it.
    table = _table(accepted_marketing="a 2026-01-02", accepted_sales="b 2026-01-02")
    other = example_assumption(id="A9")
    for log in ([], _both(other)):
        pd.testing.assert_frame_equal(settle_register(table, ["product"], log)[0], table)


def test_a_claim_changed_after_it_was_accepted_is_open_again_and_named() -> None:
    (row,) = read_assumptions(_table(), ["product"])
    settled, voided = settle_register(_table(expected=99.0), ["product"], _both(row))
    assert voided == ("A1",)
    assert read_assumptions(settled, ["product"])[0].status == "proposed"


@pytest.mark.parametrize("change", [{"rationale": "better words"}, {"evidence": "study S1"}])
def test_reasons_may_change_without_the_claim_changing(change: dict[str, str]) -> None:
    (row,) = read_assumptions(_table(), ["product"])
    assert settle_register(_table(**change), ["product"], _both(row))[1] == ()


def test_a_rejection_in_the_log_leaves_the_row_out_until_it_is_accepted_again() -> None:
    (row,) = read_assumptions(_table(), ["product"])
    log = _both(row)
    told = {"by": "head of sales", "on": "2026-01-10", "manifest": NOW, "reason": "too late"}
    log.append(reject_assumption(log, row, function="sales", **told))
    settled, _ = settle_register(_table(), ["product"], log)
    assert settled.loc[0, "status"] == "rejected"
    assert settled.loc[0, "accepted_sales"] == ""
    with pytest.raises(LifeError, match="sales has rejected A1 already, on 2026-01-10"):
        reject_assumption(log, row, function="sales", **told)
    # The published row says rejected; the same side may still change its mind.
    again = _accepted(log, replace(row, status="rejected"), "sales", "2026-01-11")
    assert again[-1].before == "rejected"
    assert settle_register(_table(), ["product"], again)[0].loc[0, "status"] == "accepted"
    # One the table itself rejects stays rejected.
    with pytest.raises(LifeError, match="A1 is rejected: propose it first"):
        _accepted([], replace(row, status="rejected"), "sales")


def test_the_claim_published_is_the_claim_of_the_workspace(tmp_path) -> None:
    table = _table()
    published = tmp_path / "assumptions.parquet"
    published.write_bytes(encode_table(canonical_frame("assumptions", table, ["product"])))
    back = pd.read_parquet(published)
    before, after = (read_assumptions(frame, ["product"])[0] for frame in (table, back))
    assert claim_terms(after) == claim_terms(before)
    assert claim_terms(after) != claim_terms(replace(after, pull_forward_share=0.3))


def test_in_a_replay_only_what_was_decided_by_then_counts() -> None:
    log = _accepted(_accepted([], ROW, "marketing", "2026-01-02"), ROW, "sales", "2026-01-09")
    kept, late = find_decisions(log, pd.Timestamp("2026-01-05"))
    assert ([entry.function for entry in kept], late) == (["marketing"], 1)
    counted = count_decisions(log, pd.Timestamp("2026-01-05"))
    assert (counted["entries"], counted["last"]) == (1, 1)
    # Decided the same and written at another time, the plan is the same.
    later = stamp_entries([], log, "2026-02-01T09:00:00+00:00")
    assert count_decisions(later, pd.Timestamp("2026-01-05")) == counted
    assert count_decisions(log, None)["entries"] == 2
    assert count_decisions([], None) == {}


def test_every_change_of_a_claim_is_kept_with_what_was_before_and_why() -> None:
    first = report_claim([], ROW, "A1", on="2026-01-02", manifest=NOW)
    assert (first.action, first.by, first.before, first.reason) == ("propose", "brand", "", "panel")
    assert (
        first.after
        == "Coupon: promotion, expected 10 percent, everywhere, 2026-01-05 to 2026-01-05; proposed"
    )
    assert report_claim([first], ROW, "A1", on="2026-01-03", manifest=NOW) is None
    second = report_claim([first], replace(ROW, expected=25.0), "A1", on="2026-01-03", manifest=NOW)
    assert (second.action, second.before) == ("revise", first.after)
    assert "expected 25 percent" in second.after
    gone = report_claim([first, second], None, "A1", on="2026-01-04", manifest=NOW)
    assert (gone.before, gone.after) == (second.after, "dropped from the register")
    assert report_claim([first, second, gone], None, "A1", on="2026-01-05", manifest=NOW) is None
    text = "".join(write_line(entry) + "\n" for entry in (first, second, gone))
    assert parse_log(text) == (first, second, gone)


@pytest.mark.parametrize(
    "nasty", ["=HYPERLINK(1)", "<script>", "x" * 10_000, "😀", "‮abc", "a\nb", "a\u2028b", "\udcff"]
)
def test_hostile_text_in_reasons_and_claims_stays_one_line_of_the_log(nasty: str) -> None:
    row = replace(ROW, title=nasty, fields={"rationale": nasty})
    entry = report_claim([], row, "A1", on="2026-01-02", manifest=NOW)
    line = write_line(entry)
    assert line.isascii()
    assert "\n" not in line
    assert parse_log(line + "\n") == (entry,)


def test_a_reason_has_a_length() -> None:
    with pytest.raises(LifeError, match="a reason of 2,001 letters is too long; keep it to 2,000"):
        accept_assumption([], ROW, function="sales", by="x", on="2026-01-02", manifest=NOW, reason="x" * 2001)
