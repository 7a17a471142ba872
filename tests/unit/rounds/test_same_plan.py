"""A plan worked out again with other last digits is the one that stands; anything else is another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.files.versions import find_versions
from alignment_lib.rounds.result import RoundResult


def _nudged(result: RoundResult, share: float) -> RoundResult:
    """The same round as a processor that rounds otherwise would leave it."""
    chance = np.random.default_rng(1)
    tables = {}
    for name, table in result.tables.items():
        floats = table.select_dtypes("float").columns
        tables[name] = table.assign(
            **{one: table[one] * (1 + share * chance.standard_normal(len(table))) for one in floats}
        )
    return replace(result, tables=tables)


def _publish(result: RoundResult, output: Path) -> Path:
    return publish_round(result, output, notebook=Path("none"), timings={}, render=False)


@pytest.fixture
def result(make_round: Callable[..., RoundResult]) -> RoundResult:
    return make_round(lean=True)


def test_other_last_digits_leave_the_plan_as_it_stands(result: RoundResult, tmp_path: Path) -> None:
    folder = _publish(result, tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}
    _publish(_nudged(result, 1e-13), tmp_path)
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}
    assert after == before
    assert find_versions(folder.parent, folder.name) == []


def test_figures_that_moved_are_another_plan(result: RoundResult, tmp_path: Path) -> None:
    folder = _publish(result, tmp_path)
    before = Snapshot(folder).hash
    _publish(_nudged(result, 1e-7), tmp_path)
    assert Snapshot(folder).hash != before
    assert len(find_versions(folder.parent, folder.name)) == 1


def test_a_trace_of_rounding_where_nothing_was_is_nothing(result: RoundResult, tmp_path: Path) -> None:
    folder = _publish(result, tmp_path)
    before = Snapshot(folder).hash
    bridge = result.tables["bridge"]
    trace = bridge[bridge["assumption"] == bridge["assumption"].iloc[0]].assign(assumption="ZZ", effect=1e-14)
    more = replace(result, tables=dict(result.tables) | {"bridge": pd.concat([bridge, trace])})
    _publish(more, tmp_path)
    assert Snapshot(folder).hash == before


def test_other_choices_inputs_or_damage_put_the_new_plan_there(result: RoundResult, tmp_path: Path) -> None:
    folder = _publish(result, tmp_path)
    hashes = [Snapshot(folder).hash]
    for other in (
        replace(result, input_hashes={"sales.csv": "0" * 64}),
        replace(result, parameters=dict(result.parameters) | {"seed": 7}),
    ):
        _publish(other, tmp_path)
        hashes.append(Snapshot(folder).hash)
    assert len(set(hashes)) == 3
    plan = folder / "plan.parquet"
    plan.write_bytes(plan.read_bytes()[:-1])
    _publish(other, tmp_path)
    assert Snapshot(folder).altered_files() == []
