"""Files damaged at random end in a usable workspace or in located problems, never in anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from alignment_lib.inputs.new_workspace import write_new_workspace
from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.workspace import load_workspace

PIECES = [
    b"",
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"NA",
    b"nan",
    b"1e999",
    b"-",
    b"9999-12-31",
    b"2025-02-30",
    b";",
]
PIECES += [
    b"{",
    b"]",
    b"=",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"#",
    b"9" * 40,
    b"12:30",
    b"\n\n",
    b'"""',
    b"[[a]]",
    b"a.b=1\n",
]
LEADS = b'lead_id,created,source,closed_at,outcome,amount\nL1,2025-01-06 09:30Z,"a, b",2025-02-01,won,100\n'


def mutate(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    kind = rng.random()
    if kind < 0.5:
        return data[:place] + rng.choice(PIECES) + data[place + rng.randint(0, 8) :]
    if kind < 0.7:
        return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]
    if kind < 0.85:
        return data[:place] + data[place : place + 40] + data[place:]
    return data[: max(1, place)]


@pytest.mark.parametrize("name", ["planning.toml", "sales.csv", "leads.csv", "assumptions.xlsx"])
def test_a_damaged_file_is_read_or_explained(tmp_path: Path, name: str) -> None:
    folder = write_new_workspace(tmp_path / "unit")
    (folder / "leads.csv").write_bytes(LEADS)
    rng = random.Random(f"2026 {name}")
    original = (folder / name).read_bytes()
    told: list[Problem] = []
    for _ in range(25):
        (folder / name).write_bytes(mutate(original, rng))
        try:
            load_workspace(folder)
        except InputError as error:
            told += error.problems
    assert told
    assert all(problem.file and problem.found and problem.expected and problem.mend for problem in told)
