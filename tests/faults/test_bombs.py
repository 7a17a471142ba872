"""Files made to exhaust memory or time: refused at once, with a message a person can act on."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.faults.conftest import Say
from tests.faults.runs import make_unit

READ = """
import json, sys, time
from pathlib import Path
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.planning.register.scenario_reading import read_scenarios
folder = Path(sys.argv[1])
begun = time.process_time()
try:
    load_workspace(folder)
    read_scenarios(folder / "scenarios.yaml", ["A1"])
    told = ""
except AlignmentError as error:
    told = str(error)
seconds = time.process_time() - begun
status = Path("/proc/self/status").read_text()
peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
print(json.dumps({"seconds": seconds, "peak": peak, "told": told}))
"""
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def parts() -> dict[str, bytes]:
    """What a workbook holds beside its sheet."""
    made = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.title = "assumptions"
    book.save(made)
    with zipfile.ZipFile(made) as file:
        return {name: file.read(name) for name in file.namelist() if name != SHEET}


def write_book(path: Path, head: str, block: bytes, blocks: int, tail: str) -> None:
    """A workbook whose one sheet is `head`, many times `block`, then `tail`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in parts().items():
            book.writestr(name, text)
        with book.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(head.encode())
            for _ in range(blocks):
                sheet.write(block)
            sheet.write(tail.encode())


def zip_bomb(folder: Path) -> None:
    write_book(folder / "assumptions.xlsx", "<a>", b"\0" * 10_000_000, 400, "</a>")


def xml_bomb(folder: Path) -> None:
    entities = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><worksheet xmlns="{MAIN}">'
    row = (
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row></sheetData></worksheet>'
    )
    write_book(folder / "assumptions.xlsx", head, b"", 0, row)


def huge_sheet(folder: Path) -> None:
    row = b'<row><c t="inlineStr"><is><t>A1</t></is></c><c><v>1</v></c></row>' * 15_000
    write_book(
        folder / "assumptions.xlsx",
        f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>',
        row,
        1_000,
        "</sheetData></worksheet>",
    )


def deep_yaml(folder: Path) -> None:
    (folder / "scenarios.yaml").write_text("bold: " + "[" * 200_000)


def yaml_aliases(folder: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 12)]
    (folder / "scenarios.yaml").write_text("\n".join(lines))


def wide_csv(folder: Path) -> None:
    head = ",".join(f"c{at}" for at in range(1_000_000))
    (folder / "sales.csv").write_text(f"period,{head}\n")


def gzip_bomb(folder: Path) -> None:
    (folder / "sales.csv").unlink()
    with gzip.open(folder / "sales.csv.gz", "wb", compresslevel=1) as file:
        file.write(b"period,product,units\n")
        for _ in range(500):
            file.write(b"2025-01-01,Chair,1\n" * 500_000)


def deep_toml(folder: Path) -> None:
    (folder / "planning.toml").write_text("a = " + "[" * 100_000 + "]" * 100_000)


BOMBS = {
    "zip bomb (4 GB in 4 MB)": zip_bomb,
    "XML bomb (nested entities)": xml_bomb,
    "1 GB sheet": huge_sheet,
    "deep YAML": deep_yaml,
    "YAML of aliases": yaml_aliases,
    "CSV of 1,000,000 columns": wide_csv,
    "gzip bomb (4.75 GB)": gzip_bomb,
    "deep TOML": deep_toml,
}
SMALL = ("XML bomb (nested entities)", "deep YAML", "CSV of 1,000,000 columns")


@pytest.mark.faults(sample=3, full=8)
def test_bombs_are_refused_at_once(tmp_path: Path, count: int, say: Say) -> None:
    chosen = [name for name in BOMBS if name in SMALL] if count < len(BOMBS) else list(BOMBS)
    slowest = largest = 0.0
    for number, name in enumerate(chosen):
        folder = make_unit(tmp_path / f"unit{number}", 1)
        if name in ("zip bomb (4 GB in 4 MB)", "XML bomb (nested entities)", "1 GB sheet"):
            (folder / "assumptions.csv").unlink()
        BOMBS[name](folder)
        done = subprocess.run(
            [sys.executable, "-c", READ, str(folder)],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"
        found = json.loads(done.stdout)
        assert found["told"], f"{name} was not refused"
        assert len(found["told"]) < 2_000, name
        assert found["seconds"] < 1.0, f"{name}: {found}"
        assert found["peak"] < 200, f"{name}: {found}"
        slowest, largest = max(slowest, found["seconds"]), max(largest, found["peak"])
    say(
        "bombs: " + ", ".join(chosen),
        f"{len(chosen)} refused with a message, at most {slowest:.2f} s and {largest:.0f} MB",
    )
