"""Input files damaged at random: read or explained, never a traceback, a hang or half an output."""

from __future__ import annotations

import gzip
import io
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from alignment_lib.app.batches.batch import run_unit
from alignment_lib.app.batches.request import BatchRequest
from alignment_lib.inputs.new_workspace import write_new_workspace
from alignment_lib.inputs.problems import AlignmentError, InputError
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.planning.register.scenario_reading import read_scenarios
from tests.faults.conftest import Say
from tests.faults.runs import make_unit
from tests.unit.inputs.test_mutated_files import LEADS, mutate

SHARES = {"xlsx": 0.1, "gz": 0.45, "parquet": 0.45}
"""How the files are shared out over the kinds of workspace; sheets take longest to read."""
PLANNED_OF = 10
"""Of so many files that can still be read one is also planned."""
LONGEST = 60.0
"""Seconds after which a file counts as a hang, by the clock on the wall."""
VALUES = ("", "0", "-7", "1e12", "nan", "Chair ", "x", "2026-02-30", "2031-01-01", "12,5", "=1+1", "true")


class Hang(BaseException):
    """A file took too long; not an `Exception`, so that nothing on the way takes it for an answer."""


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Raise `Hang` in this thread after so many seconds."""

    def ring(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Tally:
    """What came of a set of damaged files."""

    refused: int = 0
    read: int = 0
    planned: int = 0
    slowest: float = 0.0
    wrong: tuple[str, ...] = ()


def make_workspace(folder: Path, form: str) -> dict[str, bytes]:
    """A workspace with a file of every kind; returns the files to damage."""
    if form == "xlsx":
        write_new_workspace(folder)
        (folder / "leads.csv").write_bytes(LEADS)
        names = ["planning.toml", "sales.csv", "leads.csv", "assumptions.xlsx"]
    else:
        make_unit(folder, 1)
        (folder / "scenarios.yaml").write_text("bold:\n  reason: A larger offer\n  values:\n    A1: 20\n")
        (folder / "targets.csv").write_text("round,measure,target\n2026Q1,units,700\n")
        sales = pd.read_csv(folder / "sales.csv", parse_dates=["period"])
        (folder / "sales.csv").unlink()
        if form == "gz":
            data = sales.to_csv(index=False, date_format="%Y-%m-%d").encode()
            (folder / "sales.csv.gz").write_bytes(gzip.compress(data, mtime=0))
        else:
            sales.to_parquet(folder / "sales.parquet", index=False)
        names = ["planning.toml", "assumptions.csv", "scenarios.yaml", "targets.csv"]
        names.append("sales.csv.gz" if form == "gz" else "sales.parquet")
    return {name: (folder / name).read_bytes() for name in names}


def change_one_value(name: str, data: bytes, rng: random.Random) -> bytes:
    """Put another value in one place of a file that stays sound in its form."""
    if name.endswith(".xlsx"):
        return _change_sheet(data, rng)
    if name.endswith(".parquet"):
        return _change_parquet(data, rng)
    if name.endswith(".gz"):
        return gzip.compress(_change_text(gzip.decompress(data), ",", rng), 1, mtime=0)
    return _change_text(data, "," if name.endswith(".csv") else " ", rng)


def _change_text(data: bytes, between: str, rng: random.Random) -> bytes:
    lines = data.decode().split("\n")
    at = rng.randrange(len(lines))
    cells = lines[at].split(between)
    chosen = rng.randrange(len(cells))
    other = rng.choice(lines).split(between)
    cells[chosen] = rng.choice((rng.choice(VALUES), other[min(chosen, len(other) - 1)]))
    lines[at] = between.join(cells)
    return "\n".join(lines).encode()


def _change_parquet(data: bytes, rng: random.Random) -> bytes:
    table = pd.read_parquet(io.BytesIO(data))
    column, row = rng.choice(list(table.columns)), rng.randrange(len(table))
    if rng.random() < 0.5:
        table.loc[row, column] = table.loc[rng.randrange(len(table)), column]
    elif column == "units":
        table.loc[row, column] = rng.choice((-1.0, 0.0, 1e15, float("inf"), float("nan"), 0.5))
    else:
        table[column] = table[column].astype(object)
        table.loc[row, column] = rng.choice(VALUES)
        table[column] = table[column].astype(str)
    out = io.BytesIO()
    table.to_parquet(out, index=False)
    return out.getvalue()


def _change_sheet(data: bytes, rng: random.Random) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book[rng.choice(book.sheetnames)]
    row, column = rng.randint(1, sheet.max_row), rng.randint(1, sheet.max_column)
    sheet.cell(row, column).value = rng.choice((*VALUES, -12.5, 10**9, None, True))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def damage_bytes(data: bytes, rng: random.Random) -> bytes:
    """Change bytes in one to four places."""
    data = mutate(data, rng)
    for _ in range(rng.choice((0, 0, 1, 3))):
        data = mutate(data, rng) if data else data
    return data


def damage(folder: Path, seed: str, count: int, form: str) -> Tally:
    """Damage one file after another, by value and by byte in turn, and read the workspace each time."""
    rng = random.Random(seed)
    files = make_workspace(folder / "unit", form)
    unit, tally = folder / "unit", Tally()
    assert (read_one(folder, unit, Tally(read=-1), "sound"), plan_one(folder, unit, "sound")) == ([], [])
    for turn in range(count):
        name = rng.choice(sorted(files))
        by_value = turn % 2 == 0
        given = change_one_value(name, files[name], rng) if by_value else damage_bytes(files[name], rng)
        (unit / name).write_bytes(given)
        begun = time.process_time()
        try:
            with no_longer_than(LONGEST):
                tally.wrong += tuple(read_one(folder, unit, tally, f"{form} {seed} {turn} {name}"))
        except Hang:
            tally.wrong += (f"{form} {seed} {turn} {name}: not done after {LONGEST:.0f} s",)
        tally.slowest = max(tally.slowest, time.process_time() - begun)
        (unit / name).write_bytes(files[name])
    left = {path.name for path in unit.iterdir()} - {*files, "README.md", ".alignment"}
    tally.wrong += tuple(f"{form} {seed}: {name} was left in the workspace" for name in left)
    return tally


def read_one(folder: Path, unit: Path, tally: Tally, place: str) -> list[str]:
    """Read a damaged workspace, and plan some of those that can be read; what should not have happened."""
    try:
        workspace = load_workspace(unit)
        ids = list(workspace.table("assumptions")["id"])
        read_scenarios(unit / "scenarios.yaml", ids)
    except InputError as error:
        tally.refused += 1
        told = all(p.file and p.found and p.expected and p.mend for p in error.problems)
        return [] if told else [f"{place}: a problem without its words"]
    except AlignmentError:
        tally.refused += 1
        return []
    except Exception as error:
        return [f"{place}: {type(error).__name__}: {error}"]
    tally.read += 1
    if tally.read % PLANNED_OF:
        return []
    tally.planned += 1
    return plan_one(folder, unit, place)


def plan_one(folder: Path, unit: Path, place: str) -> list[str]:
    """Plan a damaged workspace that can be read; whatever was left behind or unforeseen."""
    output = folder / "out"
    request = BatchRequest((unit,), output, cache=folder / "cache", render=False)
    outcome = run_unit(request, unit)
    rounds = [path for path in output.iterdir() if path.is_dir()] if output.is_dir() else []
    half = [item.name for one in rounds for item in one.iterdir() if item.name.startswith(".")]
    found = [f"{place}: left {half}"] if half else []
    return found + ([f"{place}: {outcome.message}"] if "unforeseen" in outcome.message else [])


@pytest.mark.faults(sample=90, full=10_000)
@pytest.mark.parametrize("form", sorted(SHARES))
def test_damaged_inputs_are_read_or_explained(
    tmp_path: Path, form: str, count: int, seed: str, say: Say
) -> None:
    each = round(count * SHARES[form])
    tally = damage(tmp_path, seed, each, form)
    kind = {
        "xlsx": "sheets, csv and toml",
        "gz": "packed csv, yaml and toml",
        "parquet": "parquet, csv, toml",
    }
    say(
        f"damaged input files: {kind[form]}",
        f"{each:,} files: {tally.refused:,} refused with their place, {tally.read:,} still readable, "
        f"{tally.planned} of them planned; {len(tally.wrong)} tracebacks, hangs or half outputs, "
        f"slowest {tally.slowest:.1f} s",
    )
    assert tally.wrong == ()
    assert tally.slowest < 10
