"""Time and memory of importing many order lines.

Run ``python -m benchmarks.import_speed [ROWS]``: it writes an export of that many order lines (1,000,000 by
default) into a temporary folder, saves its mapping, imports it in a fresh process, and prints the seconds
from start to end of that process and its peak resident memory, and the seconds in which pandas alone reads
the file and adds it up.
"""

from __future__ import annotations

import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.app.imports.import_data import import_data

IMPORT = "import datetime as dt, sys; from pathlib import Path; "
IMPORT += "from alignment_lib.app.imports.import_data import import_data; "
IMPORT += "done = import_data(Path(sys.argv[1]), Path(sys.argv[2]), today=dt.date(2026, 11, 30)); "
IMPORT += "print(done.rows['sales'])"
PLAIN = "import sys; import pandas as pd; t = pd.read_csv(sys.argv[1], parse_dates=['Order date']); "
PLAIN += "w = t['Order date'].dt.to_period('W'); "
PLAIN += "print(len(t.groupby([w, 'Channel', 'Product'])[['Quantity', 'Net amount']].sum()))"


def write_export(path: Path, rows: int) -> None:
    """Write order lines of three years: 3 channels, 400 products, 60,000 customers."""
    rng = np.random.default_rng(2026)
    days = pd.date_range("2023-11-27", "2026-11-22").strftime("%Y-%m-%d").to_numpy()
    units = rng.integers(1, 9, rows)
    frame = pd.DataFrame(
        {
            "Order no": np.arange(rows) // 2 + 100_000,
            "Order date": days[np.sort(rng.integers(0, len(days), rows))],
            "Channel": rng.choice(["Web", "Shop", "Wholesale"], rows),
            "Product": np.char.add("Product ", rng.integers(1, 401, rows).astype(str)),
            "Quantity": units,
            "Net amount": (units * rng.gamma(4.0, 6.0, rows)).round(2),
            "Customer no": np.char.add("C", rng.integers(1, 60_001, rows).astype(str)),
        }
    )
    frame.to_csv(path, index=False)


def _measure(code: str, *arguments: str) -> str:
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = after.ru_maxrss / 1024
    used = f"{seconds:6.1f} s ({worked:.1f} s of processor)"
    return f"{used}, peak so far {peak:,.0f} MB, {int(done.stdout):,} rows"


def main() -> None:
    """Write, propose, import in a process of its own, print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        source, folder = Path(name) / "orders.csv", Path(name) / "business"
        write_export(source, rows)
        proposed = import_data(source, folder, today=dt.date(2026, 11, 30)).mapping_file
        lines = proposed.read_text(encoding="utf-8")
        assert "doubts" not in lines, lines
        print(f"{rows:,} order lines, {source.stat().st_size / 1e6:,.0f} MB")
        print(f"import:                {_measure(IMPORT, str(source), str(folder))}")
        print(f"pandas, read and sum:  {_measure(PLAIN, str(source))}")


if __name__ == "__main__":
    main()
