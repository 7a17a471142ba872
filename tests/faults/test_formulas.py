"""Text that a spreadsheet would take for a formula: inert in every file of ours, and numbers stay numbers."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from alignment_lib.app.command_line import app
from alignment_lib.app.explorer.export import export_scenario
from alignment_lib.inputs.dictionary import load_dictionary
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.rounds.live.comparison import compare_choices
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from tests.faults.conftest import Say
from tests.faults.hostile_workspace import CLOSED, find_unfilled, make_hostile_workspace
from tests.faults.runs import make_unit

STARTS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", "=\t", "'=", '"=', " =", "＝", "|", "x;=")
BODIES = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://127.0.0.1/?"&A1,"x")',
    "SUM(1)*cmd|'/C calc'!A0",
    'WEBSERVICE("http://127.0.0.1")',
)
HEADING, DRIVER = "=SUM(1)", "@SUM(2)"
RUNS = re.compile("[=+@＝＋＠-]")
PLAIN = "Chair"


def payloads(count: int) -> list[str]:
    return [STARTS[at % len(STARTS)] + BODIES[at // len(STARTS) % len(BODIES)] for at in range(count)]


def run(*words: object, code: int = 0) -> str:
    """Run the command in this process; what it said."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    # The shell around the commands turns such an error into its words and its code.
    refused = done.exception if isinstance(done.exception, AlignmentError) else None
    assert (refused.exit_code if refused else done.exit_code) == code, (words, done.output, done.exception)
    return f"{done.output}{refused or ''}"


@pytest.mark.faults(sample=14, full=70)
def test_no_formula_from_an_input_is_live(tmp_path: Path, cache: Path, count: int, say: Say) -> None:
    given = payloads(count)
    # An input's cell is read without the blanks around it; names with a blank inside stand as they are.
    texts = list(dict.fromkeys([*(text.strip() for text in given), PLAIN]))
    unit = make_hostile_workspace(tmp_path / "unit", texts, HEADING, DRIVER)
    assert find_unfilled(unit, texts, HEADING) == set()
    output = tmp_path / "out"
    kept = ["--output", output, "--cache", cache]
    run("plan", unit, "--round", "2026Q1", *kept)
    run("meeting", unit, "--round", "2026Q1", *kept)
    books = {
        "plan.xlsx": output / "2026Q1" / "unit" / "plan.xlsx",
        "decisions.xlsx": output / "2026Q1" / "unit.meeting" / "decisions.xlsx",
        "a scenario of the explorer": export(unit, cache, tmp_path / "scenario.xlsx"),
        "a register with values typed over it": type_over_a_sheet(unit, books_plan(output), tmp_path),
    }
    tables = {"a register in CSV": type_over(unit, books_plan(output), tmp_path)}
    imported = bring_in(given, tmp_path)
    books["the sheet offered after an import"] = imported / "assumptions.xlsx"
    tables["an imported table"] = imported / "sales.csv"
    assert is_refused("\0=1+1", tmp_path / "nul")
    seen = {name: look_at(path) for name, path in books.items()}
    live = {name: found for name, (found, _, _) in seen.items() if found}
    live |= {name: found for name, path in tables.items() if (found := live_cells(path))}
    shown = {name: sum(text in held for text in texts) for name, (_, held, _) in seen.items()}
    fields = sum(f.type == "text" for part in load_dictionary().values() for f in part) - len(CLOSED)
    say(
        "formula payloads in every text field",
        f"{count} payloads in {fields} fields, headings and settings, {len(books)} workbooks and "
        f"{len(tables)} CSV files ({', '.join([*books, *tables])}): {sum(map(len, live.values()))} live; "
        f"{shown['plan.xlsx']} of {len(texts)} different ones stand in plan.xlsx as text, "
        "NUL is refused, −12.5 is a number",
    )
    assert live == {}
    assert shown["plan.xlsx"] == len(texts)
    assert -12.5 in seen["plan.xlsx"][2]
    assert all(shown.values()), shown


def is_refused(text: str, folder: Path) -> bool:
    """Whether a workspace with this text for a title is refused with its place."""
    unit = make_unit(folder, 1)
    register = unit / "assumptions.csv"
    register.write_text(register.read_text(encoding="utf-8").replace("Spring offer", text), encoding="utf-8")
    return "assumptions.csv" in run("check", unit, code=2)


def books_plan(output: Path) -> Path:
    return output / "2026Q1" / "unit" / "plan.xlsx"


def export(unit: Path, cache: Path, path: Path) -> Path:
    """What the explorer's button writes."""
    live = LiveRound(prepare_round(ask_round(unit, "2026Q1", cache=cache)))
    choices = live.start_from("as_proposed")
    compared = compare_choices(live, {"=1+1": choices}).totals
    path.write_bytes(export_scenario(live, live.evaluate(choices), "=1+1", compared))
    return path


def type_over(unit: Path, plan: Path, place: Path) -> Path:
    """Values typed into the plan come back to a register in CSV, if its product is no formula."""
    words = ["--by", "@SUM(1)", "--reason", "+1+cmd|' /C calc'!A0", "--on", "2025-12-01"]
    run("import-overrides", typed(plan, PLAIN, place / "chair.xlsx"), unit, *words)
    refused = typed(plan, texts_of(unit)[0], place / "formula.xlsx")
    assert "keep the register as .xlsx" in run("import-overrides", refused, unit, *words, code=2)
    rows = pd.read_csv(unit / "assumptions.csv", dtype=str, keep_default_na=False)
    assert rows["owner"].iloc[-1] == "'@SUM(1)"
    # What the user's own table held before is not ours to change.
    added = place / "added.csv"
    rows.tail(1).to_csv(added, index=False, header=False, quoting=csv.QUOTE_MINIMAL)
    return added


def type_over_a_sheet(unit: Path, plan: Path, place: Path) -> Path:
    """The same with a register in Excel, where every product can stand."""
    other = place / "sheet" / "unit"
    other.mkdir(parents=True)
    for name in ("planning.toml", "sales.csv", "drivers.csv"):
        (other / name).write_bytes((unit / name).read_bytes())
    book = openpyxl.Workbook()
    sheet = book.active
    with (unit / "assumptions.csv").open(newline="", encoding="utf-8") as file:
        head = next(csv.reader(file))
    sheet.append(head)
    for cell in sheet[1]:
        cell.data_type, cell.quotePrefix = "s", True
    book.save(other / "assumptions.xlsx")
    words = ["--by", "@SUM(1)", "--reason", "=1+1", "--on", "2025-12-01"]
    run("import-overrides", typed(plan, texts_of(unit)[0], place / "sheet.xlsx"), other, *words)
    return other / "assumptions.xlsx"


def texts_of(unit: Path) -> list[str]:
    sales = pd.read_csv(unit / "sales.csv", dtype=str, keep_default_na=False)
    return list(dict.fromkeys(sales[HEADING]))


def typed(plan: Path, product: str, path: Path) -> Path:
    """The published workbook with a value typed over one row of the product."""
    book = openpyxl.load_workbook(plan)
    sheet = book["Plan"]
    heads = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[heads.index(HEADING)].value == product)
    row[heads.index("override")].value = row[heads.index("plan")].value + 12.5
    why = row[heads.index("why")]
    why.value, why.data_type = "-1+1", "s"
    book.save(path)
    return path


def bring_in(given: list[str], place: Path) -> Path:
    """Import an export of another system whose products are payloads, amounts negative now and then."""
    source, unit = place / "export.csv", place / "imported"
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["Order date", "Article", "Shop", "Quantity", "Net amount"])
    for at, text in enumerate(given):
        for month in range(1, 13):
            writer.writerow([f"2025-{month:02d}-05", text, "Web", 3 + at, 30.5 if month > 1 else -12.5])
    source.write_text(out.getvalue(), encoding="utf-8")
    run("import", source, unit)
    for mapping in (unit / "imports").glob("*.toml"):
        # What a user does: look at the doubts, then delete them.
        lines = mapping.read_text(encoding="utf-8").splitlines()
        mapping.write_text("\n".join(line for line in lines if not line.startswith(('  "', "doubts", "]"))))
    run("import", source, unit)
    assert "-12.5" in (unit / "sales.csv").read_text(encoding="utf-8")
    return unit


def look_at(path: Path) -> tuple[list[str], set[str], set[float]]:
    """What is live in a workbook, or would be once edited; its texts; its numbers."""
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    live = [
        str(cell.value)
        for cell in cells
        if cell.data_type == "f"
        or (cell.hyperlink is not None and cell.hyperlink.target is not None)
        or (cell.data_type == "s" and RUNS.match(str(cell.value)) and is_loose(cell))
    ]
    texts = {str(cell.value) for cell in cells if cell.data_type == "s"}
    numbers = {float(cell.value) for cell in cells if cell.data_type == "n"}
    return live, texts, numbers


def is_loose(cell: openpyxl.cell.Cell) -> bool:
    """Whether text becomes a formula when someone edits its cell: neither quoted nor in a text format."""
    return not cell.quotePrefix and cell.number_format != "@" and not cell.font.b


def live_cells(path: Path) -> list[str]:
    """Cells of a CSV file that begin a formula, by whatever mark it is read as parted."""
    text = path.read_text(encoding="utf-8")
    cells = [
        cell
        for mark in (",", ";", "\t")
        for row in csv.reader(io.StringIO(text), delimiter=mark)
        for cell in row
    ]
    return [cell for cell in cells if RUNS.match(cell.lstrip("\t\r\n")) and not is_number(cell)]


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
