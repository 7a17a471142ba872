"""The list of licences: everything the lock names, from a bill of materials."""

from __future__ import annotations

import tomllib
from pathlib import Path

from docs.licences import PAGE, ROOT, locked_versions, write_page

LOCK = "Alpha_One==1.0 \\\n    --hash=sha256:0\nbeta==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:1\n"


def test_every_package_of_the_lock_has_its_line(tmp_path: Path) -> None:
    bill = {
        "components": [
            {
                "name": "alpha-one",
                "version": "1.0",
                "licenses": [
                    {"license": {"name": "License :: OSI Approved :: MIT License"}},
                    {"license": {"id": "MIT"}},
                ],
            },
            {"name": "not-locked", "version": "3"},
        ]
    }
    write_page(bill, LOCK, tmp_path / "page.md")
    lines = (tmp_path / "page.md").read_text().splitlines()
    assert "| alpha-one | 1.0 | MIT |" in lines
    assert "| beta | 2.0 | not installed here: for other systems or Pythons |" in lines
    assert not any("not-locked" in line for line in lines)


def test_nothing_that_is_needed_to_run_binds_its_users_to_a_licence_that_spreads() -> None:
    listed = dict(line.strip("| ").split(" | ")[::2] for line in PAGE.read_text().splitlines()[9:])
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for name in locked_versions("\n".join(f"{one.partition('>')[0]}==0" for one in needed)):
        licence = listed.get(name, "")
        assert "GPL" not in licence or licence.startswith("LGPL"), (name, licence)
