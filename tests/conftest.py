"""What every test may ask for: the real data beside the project, and workspaces to plan."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def shared_folder(name: str) -> Path:
    """A folder of the real data; absent, the test is skipped with its reason, but fails in CI."""
    folder = SHARED / name
    if not folder.is_dir():
        reason = f"the real data {name} is not beside the project"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture
def oj_chain(tmp_path: Path) -> Path:
    """A copy of the real chain workspace that a test may change."""
    target = tmp_path / "oj_chain"
    shutil.copytree(shared_folder("workspaces/oj_chain"), target)
    for path in [target, *target.iterdir()]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target
