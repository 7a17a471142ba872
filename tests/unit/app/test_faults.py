"""Faults of the machine in words; anything else in one line to report."""

from __future__ import annotations

import errno

import pytest

from alignment_lib.app.faults import describe_fault


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EFBIG, "past the size this system allows"),
        (errno.EROFS, "cannot be written to"),
        (errno.EACCES, "check its permissions"),
        (errno.ENOTDIR, "a file stands where a folder is needed"),
        (errno.ENAMETOOLONG, "longer than this system allows"),
        (errno.ELOOP, "a link leads back to itself"),
    ],
)
def test_a_fault_of_the_machine_is_said_with_its_place(code: int, words: str) -> None:
    told = describe_fault(OSError(code, "x", "out/plan.parquet"))
    assert words in told
    assert told.endswith("(out/plan.parquet)")


def test_want_of_memory_names_the_way_out() -> None:
    assert "--jobs 1" in describe_fault(MemoryError())


def test_anything_else_is_one_line_to_report() -> None:
    told = describe_fault(ValueError("first\nsecond " + "x" * 400))
    assert told.startswith("an unforeseen fault: ValueError: first second x")
    assert "\n" not in told
    assert len(told) < 400
