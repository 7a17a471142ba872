"""Sentences on a terminal that cannot show all of their marks."""

from __future__ import annotations

import io
import sys

import pytest

from alignment_lib.app.plain_output import accept_any_terminal
from alignment_lib.inputs.written_numbers import Said

SENTENCE = f"won {Said(0.52):.0%}, {Said(-5):+,.0f} units in Z\u00fcrich"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "won 52 %, -5 units in Z?rich"),
        ("cp1252", "won 52 %, -5 units in Z\u00fcrich"),
        ("utf-8", SENTENCE),
    ],
)
def test_a_mark_the_terminal_lacks_is_printed_plainly(
    monkeypatch: pytest.MonkeyPatch, encoding: str, shown: str
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    accept_any_terminal()
    sys.stdout.write(SENTENCE)
    sys.stdout.flush()
    assert written.getvalue().decode(encoding) == shown
