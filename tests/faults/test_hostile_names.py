"""Names of units and rounds that would lead elsewhere: none leaves a file outside the output folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.app.batches.batch import exit_code, run_batch
from alignment_lib.app.batches.request import BatchRequest
from tests.faults.conftest import Say
from tests.faults.runs import make_unit

ROUNDS = [
    "..",
    "../..",
    "../../etc",
    "/etc",
    "/tmp/2026Q1",
    "2026Q1/../..",
    "./2026Q1",
    "2026Q1/",
    "2026Q1 ",
    " 2026Q1",
    "2026Q1\0",
    "2026Q1\n",
    "2026\u200bQ1",
    "２０２６Q1",
    "2026Ｑ1",
    "2026Q1\u202e",
    "CON",
    "2026Q1:stream",
    "C:\\2026Q1",
    "..\\..",
    "Q" * 300,
    "2026Q5",
    "2026-13",
    "~",
    "$HOME",
]
UNITS = [
    "..",
    ".",
    "CON",
    "con.txt",
    "NUL",
    "COM1",
    "LPT9.csv",
    "аlpha",
    "ﬁle",
    "unit\u202ecod",
    "unit\u200b",
    "a\nb",
    "a\tb",
    "-rf",
    "unit ",
    " unit",
    ".hidden",
    "unit.",
    "a*b",
    "a?b",
    "<b>",
    "a|b",
    'a"b',
    "u" * 101,
    "é" * 120,
]


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.faults(sample=10, full=50)
def test_hostile_names_leave_nothing_outside_the_output(tmp_path: Path, count: int, say: Say) -> None:
    output = tmp_path / "place" / "out"
    sound = make_unit(tmp_path / "units" / "sound", 1)
    outside = refused = planned = 0
    told = []
    for at in range(count):
        half = at // 2
        if at % 2:
            unit, name = sound, ROUNDS[half % len(ROUNDS)]
        else:
            unit, name = hostile_unit(tmp_path, UNITS[half % len(UNITS)]), "2026Q1"
        before = tree(tmp_path)
        request = BatchRequest((unit,), output, round=name, cache=output / ".cache", render=False)
        outcomes = run_batch(request)
        code = exit_code(outcomes)
        new = tree(tmp_path) - before
        store = f"{unit.relative_to(tmp_path).as_posix()}/.alignment"
        allowed = ("place/out", store)
        outside += sum(not name.startswith(allowed) and name != "place" for name in new)
        refused += code == 2
        planned += code == 0
        told += [outcome.message for outcome in outcomes if outcome.code]
        assert code in (0, 2), outcomes
        assert all("unforeseen" not in message for message in told)
    say(
        "hostile names of units and rounds",
        f"{count} names: {refused} refused, {planned} harmless and planned, "
        f"{outside} files outside the output folder",
    )
    assert outside == 0
    assert refused > 0.8 * count


def hostile_unit(folder: Path, name: str) -> Path:
    """A workspace of that name where the system lets one be made, else only its path."""
    place = folder / "units" / f"of-{len(list((folder / 'units').iterdir()))}"
    place.mkdir()
    if name in (".", ".."):
        return make_unit(place / "deep" / "unit", 1) / name
    try:
        return make_unit(place / name, 1)
    except OSError:
        return place / name
