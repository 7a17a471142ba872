"""Whole rounds on real sales: files of the contract, sums that add up, the same bytes twice."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.commands import run_here
from tests.conftest import shared_folder

COMMAND = Path(sys.executable).with_name("alignment")
ASKED = ("--round", "1992Q3", "--as-of", "1992-07-02")
STORES = 12
TABLES = ("plan", "bridge", "odds", "assumptions", "evidence", "streams", "funnel", "record")
FILES = {f"{name}.parquet" for name in TABLES}
FILES |= {"report.html", "report.ipynb", "plan.xlsx", "manifest.json", "run.json"}


def plan(workspace: Path, output: Path, *more: str, apart: bool = False) -> Path:
    command = [str(COMMAND), "plan", str(workspace), "--output", str(output), "--quiet", *more]
    done = (
        subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        if apart
        else run_here(command)
    )
    assert done.returncode == 0, done.stderr
    return output / "1992Q3" / workspace.name


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chain's round, nothing cached."""
    return plan(shared_folder("workspaces/oj_chain"), tmp_path_factory.mktemp("oj_chain"), *ASKED)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round by store and brand; a part of the stores, as many as make a round of a few seconds."""
    folder = tmp_path_factory.mktemp("stores") / "oj"
    shutil.copytree(shared_folder("workspaces/oj"), folder, copy_function=shutil.copyfile)
    for path in folder.glob("*.csv.gz"):
        path.parent.chmod(0o755)
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if "store" in table:
            kept = sorted(set(table["store"]), key=int)[:STORES]
            table[table["store"].isin(kept)].to_csv(path, index=False)
    return plan(folder, folder.parent / "out", *ASKED)


@pytest.fixture(params=["chain", "stores"])
def snapshot(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def test_a_run_leaves_every_file_of_the_contract(snapshot: Path) -> None:
    assert {path.name for path in snapshot.iterdir()} >= FILES
    assert (snapshot.parents[1] / "index.html").stat().st_size > 1000


def test_the_bridge_sums_to_plan_less_baseline_in_every_cell(snapshot: Path) -> None:
    table = pd.read_parquet(snapshot / "plan.parquet")
    bridge = pd.read_parquet(snapshot / "bridge.parquet")
    dimensions = [name for name in ("store", "brand") if name in table]
    key = ["scenario", "period", *dimensions]
    effect = bridge.groupby(key, observed=True)["effect"].sum().rename("effect").reset_index()
    merged = table.merge(effect, on=key, how="left")
    gap = (merged["plan"] - merged["baseline"] - merged["effect"].fillna(0.0)).abs()
    assert len(merged) == len(table)
    assert (gap <= 1e-9 * merged["plan"].abs().clip(lower=1.0)).all()


def test_every_plan_covers_the_same_thirteen_weeks(snapshot: Path) -> None:
    table = pd.read_parquet(snapshot / "plan.parquet")
    assert set(table["scenario"]) >= {"as_proposed", "evidence_weighted", "consensus"}
    for _, part in table.groupby("scenario"):
        weeks = part["period"].drop_duplicates().sort_values()
        assert weeks.tolist() == pd.date_range("1992-07-02", periods=13, freq="7D").tolist()
    numbers = table.select_dtypes("number").drop(columns=["revenue"], errors="ignore")
    assert np.isfinite(numbers.to_numpy()).all()


def test_quantiles_are_ordered_and_the_total_is_the_sum_of_its_parts(snapshot: Path) -> None:
    odds = pd.read_parquet(snapshot / "odds.parquet")
    quantiles = odds[["p2_5", "p10", "p50", "p90", "p97_5"]].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    dimensions = [name for name in ("store", "brand") if name in odds]
    quarter = odds[(odds["scenario"] == "consensus") & (odds["span"] == "quarter")]
    blank = quarter[dimensions].eq("")
    total = quarter.loc[blank.all(axis=1), "plan"].item()
    leaves = quarter.loc[~blank.any(axis=1), "plan"].sum()
    cells = pd.read_parquet(snapshot / "plan.parquet").query("scenario == 'consensus'")["plan"].sum()
    assert leaves == pytest.approx(total, rel=1e-9)
    assert cells == pytest.approx(total, rel=1e-9)


def test_the_manifest_holds_the_hash_of_every_file_and_no_clock(snapshot: Path) -> None:
    manifest = json.loads((snapshot / "manifest.json").read_text())
    files = manifest["files"]
    beside = {"manifest.json", "manifest.sha256", "run.json"}
    assert set(files) == {path.name for path in snapshot.iterdir()} - beside
    for name, digest in files.items():
        assert hashlib.sha256((snapshot / name).read_bytes()).hexdigest() == digest


def test_a_second_run_gives_the_same_bytes(chain: Path, tmp_path: Path) -> None:
    # In another process sets have another order.
    second = plan(shared_folder("workspaces/oj_chain"), tmp_path, *ASKED, apart=True)
    for path in chain.iterdir():
        if path.name != "run.json":
            assert path.read_bytes() == (second / path.name).read_bytes(), path.name


def test_sales_after_the_wall_change_nothing(chain: Path, oj_chain: Path, tmp_path: Path) -> None:
    sales = pd.read_csv(oj_chain / "sales.csv.gz")
    late = sales["period"] >= "1992-07-02"
    assert late.any()
    sales.loc[late, ["units", "revenue"]] = 999_999
    sales.to_csv(oj_chain / "sales.csv.gz", index=False)
    changed = plan(oj_chain, tmp_path / "changed", *ASKED, "--no-report")
    for name in ("plan.parquet", "bridge.parquet", "odds.parquet"):
        assert (chain / name).read_bytes() == (changed / name).read_bytes(), name


def test_a_claim_that_awaits_one_function_counts_as_proposed_only(snapshot: Path) -> None:
    if snapshot.name != "oj_chain":
        assert len(pd.read_parquet(snapshot / "assumptions.parquet")) == 0
        return
    bridge = pd.read_parquet(snapshot / "bridge.parquet")
    effect = bridge.groupby(["scenario", "assumption"])["effect"].sum().unstack(0)
    assert effect.loc["A4", "consensus"] == 0
    assert effect.loc["A3", "consensus"] == 0
    assert effect.loc["A4", "as_proposed"] == pytest.approx(9000 * 0.7, rel=1e-9)
    assert effect.loc["A1", "consensus"] > 0


def test_a_claim_that_covers_drivers_states_their_whole_effect_and_nothing_counts_twice(
    snapshot: Path,
) -> None:
    if snapshot.name != "oj_chain":
        pytest.skip("oj has no assumptions")
    plan = pd.read_parquet(snapshot / "plan.parquet").query("scenario == 'consensus'")
    bridge = pd.read_parquet(snapshot / "bridge.parquet").query("scenario == 'consensus'")
    weeks = pd.to_datetime(["1992-07-09", "1992-07-16"])
    cells = plan[plan["period"].isin(weeks) & (plan["brand"] == "Minute Maid 64 oz")].set_index("period")
    own = bridge[bridge["brand"] == "Minute Maid 64 oz"].pivot_table(
        index="period", columns="assumption", values="effect", aggfunc="sum"
    )
    covered = own.loc[weeks, ["A1", "driver:deal", "driver:feature"]].fillna(0.0).sum(axis=1)
    # Every factor's effect is its logarithm times one mean of plan and baseline, so the three together give
    # back A1's +90 % exactly, whatever the calendar held of it.
    mean = (cells["plan"] - cells["baseline"]) / np.log(cells["plan"] / cells["baseline"])
    assert np.exp(covered / mean.loc[weeks]).tolist() == pytest.approx([1.9, 1.9], rel=1e-9)
    evidence = pd.read_parquet(snapshot / "evidence.parquet").set_index("assumption")
    assert bool(evidence.loc["A1", "already_in_plan"])
    assert evidence.loc["A1", "overlap_units"] > 0
