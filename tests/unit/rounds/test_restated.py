"""History restated between two rounds is counted cell by cell, and the baseline's step is split exactly."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import alignment_lib as al
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.rounds.kept.restated import restated_cells
from tests.unit.rounds.kept_workspace import plan, restate, write_business


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A business planned for 2025Q4, then restated and planned for 2026Q1."""
    home = tmp_path_factory.mktemp("restated")
    folder = write_business(home / "tea")
    assert plan(folder, "2025Q4", home / "out").code == 0
    restate(folder)
    assert plan(folder, "2026Q1", home / "out").code == 0
    return home


def test_every_restated_cell_is_counted(planned: Path) -> None:
    table = Snapshot(planned / "out/2026Q1/tea").read("restated")
    told = table.set_index(["period", "product"])
    assert told["change"].tolist() == ["added", "removed", "changed"]
    assert told["units_difference"].tolist() == [50.0, -301.0, 100.0]
    assert told["revenue_difference"].tolist() == [500.0, -3010.0, 1000.0]
    assert np.isnan(told["units_then"].iloc[0])
    assert np.isnan(told["units_now"].iloc[1])


def test_the_step_of_the_baseline_adds_up(planned: Path) -> None:
    snapshot = Snapshot(planned / "out/2026Q1/tea")
    steps = snapshot.read("baseline_steps").set_index("step")["difference"]
    changes = snapshot.read("changes").set_index("assumption")
    assert steps["engine"] == 0
    assert abs(steps["restated"]) > 0
    assert steps.sum() == pytest.approx(changes.loc["baseline", "difference"], abs=1e-9)


def test_the_restated_step_is_that_of_the_same_day(planned: Path, tmp_path: Path) -> None:
    """By hand: the earlier round planned on today's tables, less what it published."""
    replayed = tmp_path / "replayed"
    assert plan(planned / "tea", "2025Q4", replayed).code == 0
    was, now = (
        Snapshot(place / "2025Q4/tea").read("plan").query("scenario == 'consensus'")
        for place in (planned / "out", replayed)
    )
    ahead = Snapshot(planned / "out/2026Q1/tea").read("plan")["period"].unique()
    both = [one[one["period"].isin(ahead)]["baseline"].sum() for one in (was, now)]
    steps = Snapshot(planned / "out/2026Q1/tea").read("baseline_steps").set_index("step")["difference"]
    assert steps["restated"] == pytest.approx(both[1] - both[0], abs=1e-9)


def test_another_engine_is_a_step_of_its_own(
    planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the versions differ the earlier round is forecast anew from what it read: here to the same."""
    module = "alignment_lib.rounds.kept.restated.read_versions"
    monkeypatch.setattr(module, lambda: {"alignment_lib": "another"})
    shutil.copytree(planned / "out/2025Q4", tmp_path / "out/2025Q4")
    assert plan(planned / "tea", "2026Q1", tmp_path / "out").code == 0
    steps, before = (
        Snapshot(place / "out/2026Q1/tea").read("baseline_steps").set_index("step")["difference"]
        for place in (tmp_path, planned)
    )
    assert steps["engine"] == pytest.approx(0, abs=1e-9)
    assert steps["restated"] == pytest.approx(before["restated"], abs=1e-9)


def test_it_is_said_with_counts(planned: Path) -> None:
    told = {one["code"]: one for one in Snapshot(planned / "out/2026Q1/tea").manifest["warnings"]}
    assert told["restated"]["count"] == 3
    assert (
        "known when 2025Q4 was planned, read otherwise now (−151 units, −1,510 EUR)"
        in told["restated"]["text"]
    )


def test_the_answer_says_and_draws_it(planned: Path) -> None:
    opened = al.open_snapshot(planned / "out/2026Q1/tea")
    answer = opened.answers.restated()
    kinds = "(1 added, 1 changed and 1 removed)"
    told = f"3 figures of the past in 3 months read otherwise now {kinds}: −151 units in all."
    assert answer.sentence.startswith(told)
    assert answer.frame["units_difference"].sum() == -151
    assert answer.chart is not None
    assert "Baseline then" in answer.chart.alt
    assert "figures of the past that read otherwise now" in opened.answers.changes().sentence
    assert len(opened.answers.restated(part={"product": "Assam"}).frame) == 2


def test_nothing_restated_is_said_too(planned: Path, tmp_path: Path) -> None:
    folder = write_business(tmp_path / "tea")
    assert plan(folder, "2025Q4", tmp_path / "out").code == 0
    assert plan(folder, "2026Q1", tmp_path / "out").code == 0
    opened = al.open_snapshot(tmp_path / "out/2026Q1/tea")
    assert opened.answers.restated().sentence == "Every figure of the past reads as the round before read it."
    assert "restated" not in {one["code"] for one in opened.view.manifest["warnings"]}


def test_without_anything_kept_it_says_what_would_fill_it(planned: Path) -> None:
    answer = al.open_snapshot(planned / "out/2025Q4/tea").answers.restated()
    assert not answer.is_answered
    assert "once an earlier round of this unit was planned on this workspace" in answer.sentence


def test_what_was_kept_and_altered_stops_nothing(planned: Path, tmp_path: Path) -> None:
    shutil.copytree(planned, tmp_path / "copy")
    home = tmp_path / "copy"
    for kept in home.glob("tea/.alignment/kept/2025Q4~*/sales.parquet"):
        kept.write_bytes(b"other")
    assert plan(home / "tea", "2026Q1", home / "out").code == 0
    (told,) = [
        one for one in Snapshot(home / "out/2026Q1/tea").manifest["warnings"] if one["code"] == "kept_altered"
    ]
    assert "sales.parquet" in told["text"]
    assert "alignment forget" in told["text"]


_CELLS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.sampled_from("AB")), st.floats(-1e6, 1e6), min_size=1, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(then=_CELLS, now=_CELLS)
def test_differences_add_up_to_that_of_the_tables(
    then: dict[tuple[int, str], float], now: dict[tuple[int, str], float]
) -> None:
    def table(cells: dict[tuple[int, str], float]) -> pd.DataFrame:
        rows = [
            (pd.Timestamp("2024-01-01") + pd.Timedelta(weeks=at), name, value)
            for (at, name), value in cells.items()
        ]
        return pd.DataFrame(rows, columns=["period", "product", "units"])

    until = pd.Timestamp("2024-01-22")
    old, new = table(then), table(now)
    old = old[old["period"] < until]
    cells = restated_cells(old, new, ["product"], until)
    expected = new.loc[new["period"] < until, "units"].sum() - old["units"].sum()
    assert cells["units_difference"].sum() == pytest.approx(expected, abs=1e-2)
    assert not cells[cells["change"] == "changed"]["units_difference"].eq(0).any()
