"""The command line run in this process: starting another takes longer than most of what it does."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections.abc import Sequence

import pytest

__all__ = ["run_here"]


def run_here(words: Sequence[str], columns: int = 400) -> subprocess.CompletedProcess[str]:
    """Run a command of ours to its end, as from a terminal of so many columns.

    Tests about processes (kills, seeds of hashes, numbers of threads) run one of their own instead.
    """
    from alignment_lib.app.command_line import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", list(words))
        patch.setenv("COLUMNS", str(columns))
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(list(words), code, out.getvalue(), err.getvalue())
