"""Write docs/reliability.md from what the fault tests printed.

``make faults`` runs the whole group and then this. A log of a part of the group changes only its own rows:

    .venv/bin/python -m pytest -m faults -s tests/faults/test_kills.py > part.log
    .venv/bin/python -m docs.reliability part.log
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["PAGE", "collect_lines", "main", "write_page"]

PAGE = Path(__file__).with_name("reliability.md")
_OPENING = """# What was tried to break it

Every row is what a test of `tests/faults` printed the last time it was run for this page, with the count it
then had. No row comes from an idle machine: they were run beside other work, the latest with 5 to 24
processes waiting for two cores, so that seconds are upper bounds. Two rows have smaller counts than
`make faults` tries: pairs of containers with reports (10) and the stopped batch (60 units, 20 stops; its
row is from before the test counted only signals that came amid the work). Rows of cores and kernels of linear
algebra, and of private words, have not been put here yet.
`make faults` runs them all; `python -m pytest -m faults -s tests/faults/test_kills.py`, for
example, one file, whose rows `python -m docs.reliability LOG` then puts in here. `make test` runs a small
sample of each. Every test prints the seed of its chance; `make faults SEED=…` tries the very same again. What
a row asserts, the test asserts: a figure that falls short fails it.

"Tables only" are runs with `--no-report` in forks of a process that has the libraries loaded, so that a
random moment falls into the work rather than into start-up; the others are commands from the shell.

| fault or attack | what came of it |
| --- | --- |
"""
_CLOSING = """
## What the rows rest on

- A snapshot is staged in a sibling folder, forced to the disk and exchanged with the old one in one step;
  its manifest names the hash of every file, and `manifest.sha256` that of the manifest.
- One run at a time holds a round of a unit, by a lease that its holder renews and that names it by a token
  of its own; processes, containers and hosts that share the folder are kept apart alike. What a run that
  died held is taken over at once on the same kernel and mount, after 20 seconds without a beat elsewhere.
- What should be there stands in a ledger beside the rounds: every plan published, the versions kept and the
  head of every log. Lines of log and ledger say when they were written, never before the line above.
- Linear algebra works on one thread, so that no sum depends on the number of cores. What processors of
  another kind, or other releases of numpy and scipy, round otherwise, up to a ten-millionth of the largest
  figure of a column, leaves the plan that stands as it is, with its signatures. Python itself changes
  nothing: the demo's tables and workbook are the same to the byte under 3.11 and 3.12 with the same numpy
  and scipy, and under 3.12 and 3.13 as locked; between 3.11 and 3.12 as locked (numpy 2.4 and 2.5, scipy
  1.17 and 1.18) figures differ by a billionth of the largest of their column or less. The report names the
  Python it was made with.
- A run that is stopped unwinds within two seconds, names what it left and exits with 5.
- Units of a batch are worked on in processes of their own. A worker that is killed takes its unit with it,
  which is tried once more alone; workers end with a killed parent.
- The report runs in a kernel of its own with an empty environment; a parameter that the notebook does not
  declare is refused rather than warned about.
- Cached forecasts bear the hash of their bytes in their name and are computed again where it does not fit.
- Everything read from an input is data: escaped in pages, text in workbooks, never a path, a formula or
  code.

## What is not covered

Where a file system has no locks between hosts and shows what one host writes to others only after more than
20 seconds, two hosts may both believe to hold a round; one of them still finds before it publishes that the
other has, unless both publish within that time. A chain without a secret cannot stop somebody who rewrites
manifest, log, ledger and lock together: keep copies of the ledger elsewhere. Units that a Dask cluster is at
work on when a run is stopped run to their end there. Disks that report writes as done before they are cannot
be helped from here.
"""
_LINE = re.compile(r"^FAULT \| (.+?) \| (.+)$", re.MULTILINE)


def collect_lines(logs: Iterable[str]) -> dict[str, str]:
    """Rows that the tests printed, by fault; a later log replaces an earlier one's.

    >>> collect_lines(["FAULT | a kill | 3 kills: 0 lost", "noise"])
    {'a kill': '3 kills: 0 lost'}
    """
    return {fault: result for log in logs for fault, result in _LINE.findall(log)}


def write_page(rows: dict[str, str], page: Path = PAGE) -> None:
    """Put the rows on the page, in the place of those of the same fault."""
    kept = dict(re.findall(r"^\| (.+?) \| (.+) \|$", page.read_text(), re.MULTILINE)) if page.exists() else {}
    kept = {fault: result for fault, result in kept.items() if fault not in ("fault or attack", "---")}
    lines = [f"| {fault} | {result} |" for fault, result in (kept | rows).items()]
    page.write_text(_OPENING + "\n".join(lines) + "\n" + _CLOSING, encoding="utf-8")


def main(names: Sequence[str]) -> None:
    """Read the logs named, or standard input."""
    write_page(collect_lines([Path(name).read_text() for name in names] or [sys.stdin.read()]))


if __name__ == "__main__":
    main(sys.argv[1:])
