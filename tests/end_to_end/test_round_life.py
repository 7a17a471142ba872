"""The life of a round by command: planned, accepted, planned again, signed, locked; and its versions."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from alignment_lib.rounds.round_life import choose_round, sign
from tests.commands import run_here

Done = subprocess.CompletedProcess[str]


def command(*arguments: str) -> Done:
    return run_here(["alignment", *arguments], columns=220)


def run(output: Path, *arguments: str) -> Done:
    return command(*arguments, "--output", str(output))


def plan(output: Path, *more: str) -> Done:
    return run(output, "plan", str(output.parent / "co"), "--no-report", *more)


def total(folder: Path) -> float:
    table = pd.read_parquet(folder / "plan.parquet")
    return float(table.loc[table["scenario"] == "consensus", "plan"].sum())


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace, planned once."""
    folder = tmp_path_factory.mktemp("life")
    assert command("new", str(folder / "co")).returncode == 0
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
    assert command("verify", str(output)).returncode == 0
    log = output / "2026Q1" / "co.log.jsonl"
    log.write_text("\n".join(log.read_text().splitlines()[:-1]) + "\n")
    done = command("verify", str(output))
    assert done.returncode == 1
    assert "the ledger knows 5 lines of this log, 4 are there" in done.stderr.replace("\n", " ")


def test_notebook_and_page_show_the_statuses_of_the_log_also_once_the_round_is_locked(output: Path) -> None:
    def seen() -> str:
        asked = ask_round(output.parent / "co", cache=output / ".cache", output=output)
        return {row.id: row.status for row in prepare_round(asked).register}["A2"]

    assert seen() == "proposed"
    _accept_both(output)
    assert seen() == "accepted"
    assert plan(output).returncode == 0
    register = pd.read_parquet(output / "2026Q1" / "co" / "assumptions.parquet").set_index("id")
    assert register.loc["A2", "status"] == seen()
    _sign_both(output)
    assert run(output, "lock", "--by", "finance").returncode == 0
    assert seen() == "accepted"


def test_retry_plans_again_only_what_was_decided_since(output: Path) -> None:
    manifest = output / "2026Q1" / "co" / "manifest.json"
    before = (manifest.read_bytes(), manifest.stat().st_mtime_ns)
    assert plan(output, "--retry").returncode == 0
    assert (manifest.read_bytes(), manifest.stat().st_mtime_ns) == before
    _accept_both(output)
    assert plan(output, "--retry").returncode == 0
    assert manifest.read_bytes() != before[0]


def test_in_a_replay_only_what_was_decided_by_then_counts(output: Path) -> None:
    for function in ("marketing", "sales"):
        done = run(output, "accept", "A2", "--function", function, "--by", f"head of {function}",
                   "--on", "2026-01-08")  # fmt: skip
        assert done.returncode == 0, done.stderr
    replay = plan(output, "--round", "2026Q1", "--as-of", "2026-01-01")
    assert "2 decisions in the log dated after the as-of date 2026-01-01 left out" in replay.stdout
    register = output / "2026Q1" / "co" / "assumptions.parquet"
    assert pd.read_parquet(register).set_index("id").loc["A2", "status"] == "proposed"
    later = plan(output, "--round", "2026Q1", "--as-of", "2026-01-09")
    assert later.returncode == 0, later.stderr
    assert pd.read_parquet(register).set_index("id").loc["A2", "status"] == "accepted"


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


def test_what_a_promotion_borrows_from_the_next_quarter_comes_off_the_next_plan(output: Path) -> None:
    workspace = output.parent / "co"
    (workspace / "assumptions.xlsx").unlink()
    (workspace / "assumptions.yaml").write_text(
        "P1:\n  kind: promotion\n  title: Advent coupon\n  owner: brand marketing\n  function: marketing\n"
        "  start: 2025-12-01\n  end: 2025-12-31\n  unit: percent\n  expected: 20\n  status: accepted\n"
        "  pull_forward_share: 0.5\n  recorded: 2025-09-01\n"
        "  accepted_marketing: head of marketing 2025-09-02\n  accepted_sales: head of sales 2025-09-03\n"
    )
    settings = workspace / "planning.toml"
    settings.write_text(settings.read_text().replace("quarters = 4", "quarters = 1"))
    for name, day in (("2025Q4", "2025-10-01"), ("2026Q1", "2026-01-01")):
        done = plan(output, "--round", name, "--as-of", day)
        assert done.returncode == 0, done.stderr
    owed = pd.read_parquet(output / "2025Q4" / "co" / "owed.parquet")
    assert owed["beyond"].all()
    assert set(owed["period"]) == {pd.Timestamp("2026-01-01")}
    bridges = {
        name: pd.read_parquet(output / name / "co" / "bridge.parquet") for name in ("2025Q4", "2026Q1")
    }
    sold, repaid = (
        table.query("scenario == 'consensus' and assumption == 'P1'")["effect"].sum()
        for table in bridges.values()
    )
    assert owed["owed"].sum() == pytest.approx(0.5 * sold, rel=1e-9)
    assert repaid == pytest.approx(-owed["owed"].sum(), rel=1e-9)
    assert "P1 borrowed" in done.stdout


def test_nobody_signs_a_plan_on_a_day_on_which_it_did_not_exist(output: Path) -> None:
    done = run(output, "sign", "--function", "sales", "--by", "head of sales", "--on", "2025-06-01")
    assert done.returncode == 2
    assert "the plan was published on" in done.stderr
    assert "it cannot have been signed on 2025-06-01" in done.stderr
    _accept_both(output)
    lines = [json.loads(line) for line in (output / "2026Q1" / "co.log.jsonl").read_text().splitlines()]
    assert all(line["written"] and not line["clock"] for line in lines)
    ledger = [json.loads(line) for line in (output / "ledger.jsonl").read_text().splitlines()]
    assert [line["action"] for line in ledger] == ["publish", "step", "step", "step"]
    assert (ledger[-1]["entries"], ledger[-1]["head"]) == (len(lines), lines[-1]["hash"])
    manifest = (output / "2026Q1" / "co" / "manifest.json").read_text()
    assert not any(line["hash"] in manifest or line["written"] in manifest for line in lines)
    done = command("verify", str(output))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_clock_that_runs_behind_is_marked_and_reported(output: Path) -> None:
    behind = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    chosen = choose_round(output)
    entry = sign(chosen, function="sales", by="head of sales", clock=lambda: behind)
    assert entry.clock == "2020-01-01T00:00:00+00:00"
    assert entry.written > "2020-01-02"
    done = command("verify", str(output))
    assert done.returncode == 0
    assert "was written by a clock that stood at 2020-01-01T00:00:00+00:00" in done.stdout
    assert "clock" in run(output, "status").stdout


def test_a_folder_without_rounds_and_one_that_is_not_there_are_faults(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        done = command("verify", str(folder))
        assert done.returncode == 1
        assert "no round is published here" in done.stderr


def test_rounds_from_before_the_ledger_are_read_and_written_down_at_the_next_step(output: Path) -> None:
    (output / "ledger.jsonl").unlink()
    log = output / "2026Q1" / "co.log.jsonl"
    log.unlink()
    (output / "2026Q1" / "co" / "run.json").unlink()
    before = command("verify", str(output))
    assert before.returncode == 0
    assert "has no ledger: what was deleted from it cannot be known" in before.stdout
    assert run(output, "sign", "--function", "sales", "--by", "head of sales").returncode == 0
    assert json.loads((output / "ledger.jsonl").read_text().splitlines()[0])["action"] == "step"
    assert command("verify", str(output)).returncode == 0
