"""What changed since the round before: in the snapshot, exact, and left out where it has no meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.closed.previous_round import published_plan
from alignment_lib.rounds.result import RoundResult


def _publish(result: RoundResult, output: Path, **more: object) -> Path:
    return publish_round(result, output, notebook=Path("x"), timings={}, render=False, **more)  # type: ignore[arg-type]


def _revised(result: RoundResult) -> RoundResult:
    """The same round with its first accepted assumption doubled."""
    register, bridge, plan = (result.tables[name].copy() for name in ("assumptions", "bridge", "plan"))
    name = register.loc[register["status"] == "accepted", "id"].iloc[0]
    keys = ["scenario", "period", *result.dimensions]
    extra = bridge[bridge["assumption"] == name].groupby(keys)["effect"].sum().rename("extra").reset_index()
    bridge.loc[bridge["assumption"] == name, "effect"] *= 2
    plan = plan.merge(extra, on=keys, how="left")
    plan["plan"] += plan.pop("extra").fillna(0.0)
    register.loc[register["id"] == name, "expected"] *= 2
    tables = {**result.tables, "assumptions": register, "bridge": bridge, "plan": plan}
    return replace(result, tables=tables)


def test_the_changes_add_up_to_the_difference_of_the_plans(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    result = make_round(lean=True)
    before = _publish(replace(result, round="2025Q4"), tmp_path)
    after = _publish(_revised(result), tmp_path, previous=before)
    changes = Snapshot(after).read("changes")
    totals = [published_plan(Snapshot(folder)).plan["plan"].sum() for folder in (before, after)]
    assert changes["difference"].sum() == pytest.approx(totals[1] - totals[0], rel=1e-9)
    assert totals[1] != totals[0]
    revised = changes[changes["change"] == "revised"]
    assert len(revised) == 1
    assert revised["difference"].iloc[0] == pytest.approx(revised["before"].iloc[0])
    assert "expected" in revised["details"].iloc[0]


def test_without_an_earlier_round_the_table_is_there_and_empty(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    folder = _publish(make_round(lean=True), tmp_path)
    assert Snapshot(folder).read("changes").empty


@pytest.mark.parametrize("harm", ["measure", "altered"])
def test_an_earlier_round_that_cannot_be_compared_leaves_the_table_empty(
    tmp_path: Path, make_round: Callable[..., RoundResult], harm: str
) -> None:
    result = make_round(lean=True)
    measure = "revenue" if harm == "measure" else result.measure
    before = _publish(replace(result, round="2025Q4", measure=measure), tmp_path)
    if harm == "altered":
        bridge = before / "bridge.parquet"
        bridge.write_bytes(bridge.read_bytes()[:-1] + b"?")
    folder = _publish(result, tmp_path, previous=before)
    assert Snapshot(folder).read("changes").empty


def test_a_scenario_that_was_not_published_is_named(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    snapshot = Snapshot(_publish(make_round(lean=True), tmp_path))
    with pytest.raises(InputError, match="no scenario 'bold', expected one of as_proposed, consensus"):
        published_plan(snapshot, "bold")
    assert isinstance(published_plan(snapshot).plan, pd.DataFrame)
