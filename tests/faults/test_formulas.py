"""Text that a spreadsheet would take for a formula: inert in every file of ours, and numbers stay numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from tests.faults.conftest import Say
from tests.faults.runs import make_unit, plan

STARTS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", "=\t", "'=", '"=', " =", "＝", "|", "%0A=")
BODIES = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://127.0.0.1/?"&A1,"x")',
    "SUM(1)*cmd|'/C calc'!A0",
    'WEBSERVICE("http://127.0.0.1")',
)
FIELDS = ("title", "owner", "rationale", "product")


def payloads(count: int) -> list[str]:
    return [STARTS[at % len(STARTS)] + BODIES[at // len(STARTS) % len(BODIES)] for at in range(count)]


@pytest.mark.faults(sample=14, full=70)
def test_no_formula_from_an_input_is_live(tmp_path: Path, cache: Path, count: int, say: Say) -> None:
    unit = make_unit(tmp_path / "unit", 1)
    given = payloads(count)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    head = "id,kind,title,owner,function,start,end,unit,low,expected,high,status,rationale"
    writer.writerow(head.split(","))
    rest = ["marketing", "2026-02-01", "2026-02-28", "percent", "-20", "-12.5", "-5", "proposed"]
    for at, text in enumerate(given):
        writer.writerow([f"A{at}", "market_shift", text, text, *rest, text])
    (unit / "assumptions.csv").write_text(out.getvalue())
    sales = (unit / "sales.csv").read_text()
    (unit / "sales.csv").write_text(sales.replace("Chair", "=1+1|Chair").replace("Table", "@SUM(1)"))
    done = plan([unit], tmp_path / "out", cache)
    assert done.returncode == 0, done.stderr
    live, texts, numbers = look_at(tmp_path / "out" / "2026Q1" / "unit" / "plan.xlsx")
    assert "=1+1|Chair" in texts
    assert -12.5 in numbers
    shown = sum(text.strip() in texts or text in texts for text in given)
    say(
        "formula payloads in text fields",
        f"{count} payloads in {len(FIELDS)} fields: {len(live)} live in plan.xlsx, {shown} there as text, "
        "−12.5 is a number",
    )
    assert live == []
    assert shown > 0.8 * count


def look_at(path: Path) -> tuple[list[str], set[str], set[float]]:
    """Live formulas or links out of the workbook, texts and numbers of every sheet."""
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    live = [
        str(cell.value)
        for cell in cells
        if cell.data_type == "f" or (cell.hyperlink is not None and cell.hyperlink.target is not None)
    ]
    texts = {str(cell.value) for cell in cells if cell.data_type == "s"}
    numbers = {float(cell.value) for cell in cells if cell.data_type == "n"}
    return live, texts, numbers
