"""Keeping and comparing what rounds read, at 913 series × 119 weeks: ``python -m benchmarks.kept_history``.

Processor time of keeping what a round read, and of reading it again and comparing it with the next round's
tables, beside that of a whole run without a report; bytes kept beside those of the sources.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pandas as pd

from alignment_lib.app.batches.batch import run_unit
from alignment_lib.app.batches.request import BatchRequest
from alignment_lib.inputs.periods.rounds import apply_wall, parse_round
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.rounds.kept.kept_inputs import keep_inputs, kept_rounds, load_kept
from alignment_lib.rounds.kept.restated import restated_cells

SOURCE = Path(__file__).resolve().parents[2] / "shared" / "workspaces" / "oj"
TABLES = ("sales.csv.gz", "drivers.csv.gz", "planning.toml")
_Value = TypeVar("_Value")


def _timed(work: Callable[[], _Value]) -> tuple[float, _Value]:
    begun = time.process_time()
    found = work()
    return time.process_time() - begun, found


def main() -> int:
    """Measure and print; nothing is left behind."""
    if not SOURCE.is_dir():
        sys.stderr.write(f"{SOURCE} is not here\n")
        return 1
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "oj"
        shutil.copytree(SOURCE, folder, copy_function=shutil.copyfile)
        folder.chmod(0o755)
        whole = load_workspace(folder)
        last = whole.tables["sales"]["period"].max()
        name = str(whole.calendar.label(pd.DatetimeIndex([whole.calendar.shift(last, 1)]), "quarter")[0])
        planned = parse_round(name, whole.settings, whole.calendar)
        keeping, said = _timed(lambda: keep_inputs(whole, planned))
        kept = kept_rounds(folder)[0]
        source = sum((folder / table).stat().st_size for table in TABLES)
        now = whole.tables["sales"].copy()
        now.loc[::50, "units"] += 1
        dimensions = tuple(whole.settings.sales.dimensions)

        def compare() -> pd.DataFrame:
            then = apply_wall(load_kept(kept, folder, "oj"), planned)
            return restated_cells(then.tables["sales"], now, dimensions, planned.first_open)

        comparing, cells = _timed(compare)
        request = BatchRequest((folder,), Path(place) / "out", name, render=False)
        run, _ = _timed(lambda: run_unit(request, folder))
        assert not said
        sys.stdout.write(
            f"{len(whole.tables['sales']):,} rows of sales: kept in {keeping:.2f} s, read again and compared "
            f"in {comparing:.2f} s ({len(cells):,} figures restated), a run without a report {run:.1f} s: "
            f"{(keeping + comparing) / run:.1%} of it; {kept.size:,} bytes kept of sources of {source:,}: "
            f"{kept.size / source:.2f} times\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
