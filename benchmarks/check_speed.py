"""Time and memory of checking a workspace of many sales rows.

Run ``python benchmarks/check_speed.py [ROWS]``: it writes a weekly workspace of that many rows
(1,000,000 by default) into a temporary folder, checks it in a fresh process, and prints the seconds
from start to end of that process and its peak resident memory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

SETTINGS = """
[business]
name = "Speed"
currency = "EUR"

[calendar]
grain = "week"

[sales]
dimensions = ["region", "store", "product"]
measure = "units"
"""
CHECK = "from pathlib import Path; import sys; from alignment_lib.inputs.workspace import load_workspace; "
CHECK += "print(len(load_workspace(Path(sys.argv[1])).tables['sales']))"


def write_workspace(folder: Path, rows: int) -> None:
    """Write a workspace of about `rows` weekly sales rows over 130 weeks."""
    weeks = pd.date_range("2023-01-02", periods=130, freq="7D").strftime("%Y-%m-%d")
    series = -(-rows // len(weeks))
    rng = np.random.default_rng(2026)
    number = np.repeat(np.arange(series), len(weeks))
    frame = pd.DataFrame(
        {
            "period": np.tile(weeks, series),
            "region": np.char.add("Region ", (number % 12).astype(str)),
            "store": np.char.add("Store ", (number % 300).astype(str)),
            "product": np.char.add("Product ", (number // 300).astype(str)),
            "units": rng.poisson(40, len(number)),
            "revenue": rng.gamma(2.0, 180.0, len(number)).round(2),
        }
    ).iloc[:rows]
    frame.to_csv(folder / "sales.csv", index=False)
    (folder / "planning.toml").write_text(SETTINGS, encoding="utf-8")


def main() -> None:
    """Write, check in a process of its own, print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        write_workspace(Path(name), rows)
        size = (Path(name) / "sales.csv").stat().st_size / 1e6
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", CHECK, name], check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"checked {int(done.stdout):,} sales rows ({size:.0f} MB): {seconds:.2f} s, peak {peak:,.0f} MB")


if __name__ == "__main__":
    main()
