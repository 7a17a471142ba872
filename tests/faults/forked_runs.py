"""Runs of the command in processes that begin with the libraries already loaded.

A run from the shell spends most of its time on start-up, in which nothing can be half written. A fork of this
process does the same work from the command's first line on, with a process id, locks and files of its own,
in a third of the time, so that a random moment mostly falls into the work.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults.runs import command


class ForkedRun:
    """One run of `alignment plan` in a fork of this process; its words go to a file."""

    def __init__(self, units: Sequence[Path], output: Path, cache: Path, said: Path, *more: str) -> None:
        self.said = said
        arguments = command(units, output, cache, *more)
        self.process = multiprocessing.get_context("fork").Process(target=run_command, args=(arguments, said))
        self.process.start()

    @property
    def pid(self) -> int:
        return int(self.process.pid or 0)

    def kill(self) -> None:
        """As ``kill -9``."""
        self.process.kill()
        self.process.join()

    def end(self, seconds: float = 300) -> tuple[int, str]:
        """Wait for the end: exit code and what was said."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, "the run did not end"
        return self.process.exitcode, self.said.read_text(errors="replace")


def run_command(arguments: list[str], said: Path) -> None:
    """Run the command in this process, its words into a file."""
    from alignment_lib.app.command_line import main

    words = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(words, 1)
    os.dup2(words, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
    os.environ["COLUMNS"] = "400"
    sys.argv = arguments
    try:
        main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
