"""docs/python.md is run as it stands: every block, in order, in one namespace."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import pytest

from docs.build import ROOT

_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def beside_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_block_runs_in_at_most_five_lines(beside_the_demo: Path) -> None:
    mpl.use("agg")
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    blocks = _BLOCK.findall(text)
    names: dict[str, object] = {}
    assert len(blocks) >= 10

    for block in blocks:
        assert len([line for line in block.splitlines() if line.strip()]) <= 5
        exec(compile(block, "docs/python.md", "exec"), names)

    assert (beside_the_demo / "plan.xlsx").stat().st_size > 5_000
    assert (beside_the_demo / "plan.png").read_bytes().startswith(b"\x89PNG")
    assert (beside_the_demo / "two-scenarios.png").exists()
    assert names["moved"].total != names["r"].total  # type: ignore[attr-defined]
    assert names["points"].value == 28.0  # type: ignore[attr-defined]
    names["points"].value = 14.0  # type: ignore[attr-defined]
    assert names["plan"].value < names["r"].total  # type: ignore[attr-defined]
    names["explorer"].session.close()  # type: ignore[attr-defined]
