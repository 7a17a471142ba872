"""The command line answers at once, explains itself and never shows a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("alignment")


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(cwd or "/tmp"), "COLUMNS": "200"}
    command = [str(COMMAND), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment, check=False, timeout=300
    )


def test_help_reads_like_a_manual() -> None:
    done = run("--help")
    assert done.returncode == 0
    for word in ("workspace", "round", "alignment new", "alignment check", "alignment plan", "Exit codes"):
        assert word in done.stdout


@pytest.mark.parametrize("command", ["new", "check", "plan", "review", "meeting"])
def test_every_command_explains_its_options(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_importing_the_package_and_its_command_line_pulls_in_nothing_heavy() -> None:
    code = (
        "import sys, alignment_lib, alignment_lib.app.command_line;"
        "heavy = ('pandas', 'numpy', 'matplotlib', 'statsforecast', 'papermill');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_workspace_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run("check", tmp_path / "nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_date_that_is_none_is_refused(oj_chain: Path, tmp_path: Path) -> None:
    done = run("plan", oj_chain, "--as-of", "02.07.1992", "--output", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 2
    assert "--as-of '02.07.1992' is not a date; write it as year-month-day" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--round", "1992-Q3"], "1992-Q3"),
        (["--round", "../../etc"], "../../etc"),
        (["--round", "1992Q3", "--as-of", "1980-01-01"], "1980-01-01"),
        (["--round", "1991Q3", "--as-of", "1992-07-02"], "1991Q3"),
        (["--round", "1992Q3", "--scenario", "bold"], "no scenario is called 'bold'"),
    ],
)
def test_a_round_that_cannot_be_planned_writes_nothing(
    oj_chain: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    done = run("plan", oj_chain, *arguments, "--output", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
