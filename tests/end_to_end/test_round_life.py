"""The life of a round by command: planned, accepted, planned again, signed, locked; and its versions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

COMMAND = Path(sys.executable).with_name("alignment")


def run(output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(COMMAND), *arguments, "--output", str(output)]
    wide = os.environ | {"COLUMNS": "220"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=wide)


def plan(output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return run(output, "plan", str(output.parent / "co"), "--no-report", *more)


def total(folder: Path) -> float:
    table = pd.read_parquet(folder / "plan.parquet")
    return float(table.loc[table["scenario"] == "consensus", "plan"].sum())


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace, planned once."""
    folder = tmp_path_factory.mktemp("life")
    done = subprocess.run([str(COMMAND), "new", str(folder / "co")], capture_output=True, check=False)
    assert done.returncode == 0
    output = folder / "out"
    first = plan(output)
    assert first.returncode == 0, first.stderr
    return output


@pytest.fixture
def output(planned: Path, tmp_path: Path) -> Path:
    """A copy of it, to do with what one likes."""
    shutil.copytree(planned.parent, tmp_path / "life")
    return tmp_path / "life" / "out"


def _accept_both(output: Path) -> None:
    for function in ("marketing", "sales"):
        done = run(output, "accept", "A2", "--function", function, "--by", f"head of {function}")
        assert done.returncode == 0, done.stderr


def _sign_both(output: Path) -> None:
    for function in ("marketing", "sales"):
        done = run(output, "sign", "--function", function, "--by", f"head of {function}")
        assert done.returncode == 0, done.stderr


def test_what_both_accept_counts_in_the_next_plan_and_voids_the_signatures(output: Path) -> None:
    folder = output / "2026Q1" / "co"
    before = total(folder)
    assert run(output, "sign", "--function", "sales", "--by", "head of sales").returncode == 0
    _accept_both(output)
    again = plan(output)
    assert again.returncode == 0, again.stderr
    assert "the plan has changed since sales signed it" in again.stdout
    assert "that signature no longer holds; sign again" in again.stdout
    added = pd.read_parquet(folder / "bridge.parquet").query("scenario == 'consensus' and assumption == 'A2'")
    assert total(folder) == pytest.approx(before + added["effect"].sum(), rel=1e-3)
    assert added["effect"].sum() > 0
    register = pd.read_parquet(folder / "assumptions.parquet").set_index("id")
    assert register.loc["A2", "status"] == "accepted"
    assert register.loc["A2", "accepted_sales_by"] == "head of sales"
    lock = run(output, "lock", "--by", "finance")
    assert lock.returncode == 2
    assert "lacks the signature of marketing and sales; the plan has changed since it signed" in lock.stderr
    changes = run(output, "changes")
    assert "from version 0001" in changes.stdout
    assert "status proposed → accepted" in changes.stdout
    assert "decisions_counted" in json.loads((folder / "manifest.json").read_text())["parameters"]


def test_a_run_with_the_same_result_keeps_the_signatures_and_the_bytes(output: Path) -> None:
    _sign_both(output)
    folder = output / "2026Q1" / "co"
    manifest = (folder / "manifest.json").read_bytes()
    assert "sign again" not in plan(output).stdout
    assert (folder / "manifest.json").read_bytes() == manifest
    assert "co: signed" in run(output, "status").stdout


def test_a_locked_round_refuses_every_further_step_and_is_still_verified(output: Path) -> None:
    _sign_both(output)
    assert run(output, "lock", "--by", "finance").returncode == 0
    for arguments in (
        ("sign", "--function", "sales", "--by", "x"),
        ("accept", "A2", "--function", "sales", "--by", "x"),
        ("reject", "A2", "--function", "sales", "--by", "x", "--reason", "y"),
        ("lock", "--by", "x"),
    ):
        done = run(output, *arguments)
        assert done.returncode == 3, done.stderr
        assert "locked" in done.stderr
    late = plan(output)
    assert late.returncode == 3
    assert "is locked since" in late.stderr.replace("\n", " ")
    status = run(output, "status").stdout
    assert "co: locked" in status
    assert "locked by finance" in status
    # Whether it follows from the log or not, the marker is vouched for.
    verify = [str(COMMAND), "verify", str(output)]
    assert subprocess.run(verify, check=False, capture_output=True).returncode == 0
    log = output / "2026Q1" / "co.log.jsonl"
    log.write_text("\n".join(log.read_text().splitlines()[:-1]) + "\n")
    done = subprocess.run(verify, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no lock stands in its log" in done.stderr.replace("\n", " ")


def test_a_tampered_log_stops_the_plan_before_anything_is_worked_out(output: Path) -> None:
    _accept_both(output)
    log = output / "2026Q1" / "co.log.jsonl"
    log.write_text(log.read_text().replace("head of sales", "head of nobody"))
    for done in (plan(output), run(output, "status"), run(output, "lock", "--by", "x")):
        assert done.returncode == 2
        assert "does not follow from the one before" in done.stderr.replace("\n", " ")
        assert "Traceback" not in done.stderr


def test_the_history_says_who_when_before_after_and_why(output: Path) -> None:
    reason = ("--reason", "needs a test in one shop first")
    done = run(output, "reject", "A2", "--function", "sales", "--by", "head of sales", *reason)
    assert done.returncode == 0, done.stderr
    status = run(output, "status").stdout
    assert "decided since the plan was made: A2; plan it again" in status
    steps = [json.loads(line) for line in (output / "2026Q1" / "co.log.jsonl").read_text().splitlines()]
    assert [step["action"] for step in steps] == ["propose", "propose", "reject"]
    assert steps[-1] | {"by": "head of sales", "before": "proposed", "after": "rejected"} == steps[-1]
    assert "needs a test in one shop first" in status


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("accept", "A9", "--function", "sales", "--by", "x"), "has no assumption 'A9'"),
        (("accept", "A2", "--function", "legal", "--by", "x"), "'legal' is not a side"),
        (("sign", "--function", "sales", "--by", " "), "needs a role"),
        (("sign", "--function", "sales", "--by", "x", "--on", "09.01.2026"), "is not a date"),
        (("sign", "--function", "sales", "--by", "x", "--round", "2026Q3"), "no round is called '2026Q3'"),
        (("status", "--unit", "cc"), "no unit is called 'cc'"),
        (("changes",), "there is no earlier plan of 2026Q1 of co to compare with"),
        (("changes", "--since", "../../etc"), "there is no plan '../../etc'"),
    ],
)
def test_a_step_that_cannot_be_meant_is_refused_in_one_sentence(
    planned: Path, arguments: tuple[str, ...], said: str
) -> None:
    before = {path: path.read_bytes() for path in planned.rglob("*") if path.is_file()}
    done = run(planned, *arguments)
    assert done.returncode == 2
    assert said in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert {path: path.read_bytes() for path in planned.rglob("*") if path.is_file()} == before


def test_an_output_without_rounds_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "status")
    assert done.returncode == 2
    assert "no round is published in" in done.stderr


def test_replanning_a_year_keeps_closed_months_as_sold_and_shows_the_gap(output: Path) -> None:
    workspace = output.parent / "co"
    for as_of in ("2025-10-01", "2026-01-01"):
        done = plan(output, "--round", "2025" if as_of < "2026" else "2026", "--as-of", as_of)
        assert done.returncode == 0, done.stderr
    first = pd.read_parquet(output / "2025" / "co" / "estimate.parquet")
    again = plan(output, "--round", "2025", "--as-of", "2025-12-01")
    assert again.returncode == 0, again.stderr
    table = pd.read_parquet(output / "2025" / "co" / "estimate.parquet").set_index("label")
    sales = pd.read_csv(workspace / "sales.csv").query("'2025-01' <= period < '2025-12'")
    assert table.loc["2025", "actual"] == pytest.approx(sales["units"].sum())
    quarters = table.loc[["2025Q1", "2025Q2", "2025Q3", "2025Q4"]]
    months = table.loc[table["span"] == "month"]
    for column in ("actual", "open_plan", "estimate", "signed_plan"):
        assert quarters[column].sum() == pytest.approx(table.loc["2025", column], rel=1e-9)
        assert months[column].sum() == pytest.approx(table.loc["2025", column], rel=1e-9)
    assert table.loc["2025", "signed_plan"] == pytest.approx(first.set_index("label").loc["2025", "estimate"])
    gap = table.loc["2025", "estimate"] - table.loc["2025", "signed_plan"]
    assert table.loc["2025", "gap"] == pytest.approx(gap)
    status = run(output, "status", "--round", "2025", "--no-history").stdout
    assert "earlier plan of 2025-10-01" in status
    assert "gap" in status
