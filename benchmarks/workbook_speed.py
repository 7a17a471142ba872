"""Time of reading a large workbook, beside the row-by-row reader of another library on the same file.

Run ``python -m benchmarks.workbook_speed [ROWS]``: it writes order lines of nine columns (1,000,000 rows by
default, a file of about 57 MB) and reads them twice, each in a process of its own: values with all marks
(hidden rows, merges, formulas, number formats) by the product's reader, and values alone by openpyxl in
read-only mode. Printed are seconds by the clock and of processor time, which other work on the machine
stretches less, peak memory, and how often the one goes into the other. A third line adds what an import does
before a mapping is applied: finding the table and turning every cell into text.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import xlsxwriter

_OURS = """
import sys; from pathlib import Path
from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.spreadsheets.workbooks import open_workbook
log = ProblemLog()
book = open_workbook(Path(sys.argv[1]).read_bytes(), "orders.xlsx", log)
cells = book.read(book.sheets[0].name, log)
assert cells.height == int(sys.argv[2]) + 1 and len(cells.marks.percents) == int(sys.argv[2])
"""
_EXPORT = """
import sys; from pathlib import Path
from alignment_lib.inputs.reading.exports import read_export
assert len(read_export(Path(sys.argv[1])).table) == int(sys.argv[2])
"""
_OTHER = """
import sys; from openpyxl import load_workbook
book = load_workbook(sys.argv[1], read_only=True, data_only=True)
assert sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) == int(sys.argv[2]) + 1
"""
_HEADER = ("Date", "Order", "Region", "Channel", "Product", "Quantity", "Price", "Discount", "Net amount")
_CHUNK = 50_000


def write_book(path: Path, rows: int) -> None:
    """Order lines as a web shop exports them: a date, a number, three words, four figures."""
    rng = np.random.default_rng(2026)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("orders")
        looks = [book.add_format({"num_format": code}) for code in ("yyyy-mm-dd", "#,##0.00", "0%")]
        day, money, share = looks
        sheet.write_row(0, 0, _HEADER)
        for first in range(0, rows, _CHUNK):
            count = min(_CHUNK, rows - first)
            columns = (
                rng.integers(44_000, 46_000, count),
                rng.integers(10**9, 10**10, count),
                rng.integers(0, 40, count),
                rng.integers(0, 3, count),
                rng.integers(0, 800, count),
                rng.integers(1, 40, count),
                rng.integers(100, 99_999, count) / 100,
                rng.integers(0, 40, count) / 100,
            )
            for at, values in enumerate(
                zip(*(column.tolist() for column in columns), strict=True), first + 1
            ):
                date, order, region, channel, product, quantity, price, discount = values
                sheet.write_number(at, 0, date, day)
                sheet.write_number(at, 1, order)
                sheet.write_string(at, 2, f"Region {region}")
                sheet.write_string(at, 3, ("Shop", "Web", "Wholesale")[channel])
                sheet.write_string(at, 4, f"Product {product:04d}")
                sheet.write_number(at, 5, quantity)
                sheet.write_number(at, 6, price, money)
                sheet.write_number(at, 7, discount, share)
                sheet.write_number(at, 8, round(quantity * price * (1 - discount), 2), money)


def _measure(script: str, path: Path, rows: int) -> tuple[float, float, float]:
    """Seconds by the clock and of processor time, and peak memory in MB, of a script in its own process."""
    watched = (
        "import resource, subprocess, sys, time; begun = time.perf_counter(); "
        "subprocess.run([sys.executable, *sys.argv[1:]], check=True); "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", watched, "-c", script, str(path), str(rows)],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, used, peak = map(float, done.stdout.split())
    return seconds, used, peak


def main() -> None:
    """Write the workbook, read it both ways, print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "orders.xlsx"
        write_book(path, rows)
        size = path.stat().st_size / 1e6
        other, used, peak = _measure(_OTHER, path, rows)
        print(f"{rows:,} rows, {size:.0f} MB")
        print(f"openpyxl read-only: {other:.1f} s ({used:.1f} s of processor time), {peak:,.0f} MB")
        for words, script in (("values and marks", _OURS), ("as an export's table", _EXPORT)):
            ours, own, peak = _measure(script, path, rows)
            ratios = f"{other / ours:.1f} times as fast, {used / own:.1f} times by processor time"
            print(f"{words}: {ours:.1f} s ({own:.1f} s), {peak:,.0f} MB, {ratios}")


if __name__ == "__main__":
    main()
