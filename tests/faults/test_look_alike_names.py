"""One name in two spellings, a hundred ways: every workspace that holds both names them with their rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace
from tests.faults.conftest import Say
from tests.unit.inputs.test_look_alikes import hundred
from tests.unit.inputs.workspace_files import write_files


def _is_named(folder: Path, spellings: tuple[str, str]) -> bool:
    lines = [f"2025-{month:02d}-01,Shop,{name},5" for name in spellings for month in range(1, 13)]
    write_files(folder, {"sales.csv": "period,channel,product,units\n" + "\n".join(lines) + "\n"})
    try:
        notices = load_workspace(folder).notices
    except InputError as error:
        return any("names that look alike" in problem.found for problem in error.problems)
    return any(notice.code in ("look_alikes", "spaces") for notice in notices)


@pytest.mark.faults(sample=20, full=100)
def test_names_that_look_alike_are_named(tmp_path: Path, count: int, say: Say) -> None:
    pairs = hundred()[:: max(1, len(hundred()) // count)][:count]
    named = sum(_is_named(tmp_path / str(at), pair) for at, pair in enumerate(pairs))
    say(f"look-alike names, {len(pairs)} kinds", f"{named} named")
    assert named == len(pairs)
