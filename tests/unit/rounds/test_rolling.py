"""A running round planned again: the signed plan stays apart from what is estimated now."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from alignment_lib.answers.past.rolling import rolling
from alignment_lib.app.command_line import app
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.publishing.watch_round import watch_round
from alignment_lib.rounds.files.versions import find_versions
from alignment_lib.rounds.view import view_snapshot
from tests.unit.app.explorer_fixture import write_small_workspace


def _run(*words: str) -> None:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2025Q3 planned, 2025Q4 planned and signed, and planned again in its third month."""
    place = tmp_path_factory.mktemp("rolling")
    unit, reports = str(write_small_workspace(place / "unit")), str(place / "reports")
    quiet = ("--output", reports, "--no-report", "--quiet")
    _run("plan", unit, "--round", "2025Q3", "--as-of", "2025-07-01", *quiet)
    _run("plan", unit, "--round", "2025Q4", "--as-of", "2025-10-01", *quiet)
    for side in ("marketing", "sales"):
        _run("sign", "--function", side, "--by", f"head of {side}", "--output", reports)
    _run("plan", unit, "--round", "2025Q4", "--as-of", "2025-12-01", *quiet)
    return place


@pytest.fixture(scope="module")
def year(place: Path) -> pd.DataFrame:
    """The rolling year in units as published, by span."""
    table = Snapshot(place / "reports" / "2025Q4" / "unit").read("rolling")
    return table[table["measure"] == "units"].set_index("label")


def _signed(place: Path) -> Snapshot:
    return find_versions(place / "reports" / "2025Q4", "unit")[-1]


def test_the_running_round_stands_against_the_plan_that_was_signed(place: Path, year: pd.DataFrame) -> None:
    plan = _signed(place).read("plan")
    made = plan[(plan["scenario"] == "consensus") & plan["period"].between("2025-10-01", "2025-12-31")]
    running = year.loc["2025Q4"]
    assert running["state"] == "running"
    assert running["plan"] == pytest.approx(made["plan"].sum(), abs=1e-9)
    assert running["is_signed"]
    assert not year.loc["2025Q3", "is_signed"]


def test_estimates_are_what_was_sold_and_what_is_planned_now(place: Path, year: pd.DataFrame) -> None:
    sales = pd.read_csv(place / "unit" / "sales.csv", parse_dates=["period"])
    sold = sales[sales["period"].between("2025-10-01", "2025-11-30")]["units"].sum()
    running = year.loc["2025Q4"]
    assert running["actual"] == pytest.approx(sold, abs=1e-9)
    assert running["estimate"] == pytest.approx(running["actual"] + running["open_plan"], abs=1e-9)
    assert running["gap"] == pytest.approx(running["estimate"] - running["plan"], abs=1e-9)


def test_the_year_is_the_sum_of_its_spans_and_missing_where_one_is(year: pd.DataFrame) -> None:
    spans = year.drop("2025")
    assert year.loc["2025", "estimate"] == pytest.approx(spans["estimate"].sum(), abs=1e-9)
    assert spans["state"].tolist() == ["closed", "closed", "closed", "running"]
    assert spans["plan"].isna().tolist() == [True, True, False, False]
    assert pd.isna(year.loc["2025", "plan"])


def test_the_estimate_of_the_round_is_one_figure_everywhere(place: Path, year: pd.DataFrame) -> None:
    estimate = Snapshot(place / "reports" / "2025Q4" / "unit").read("estimate").set_index("label")
    for column, other in (("estimate", "estimate"), ("plan", "signed_plan"), ("gap", "gap")):
        assert year.loc["2025Q4", column] == pytest.approx(estimate.loc["2025Q4", other], abs=1e-9)


def test_it_is_told_with_what_is_not_signed(place: Path) -> None:
    answer = rolling(view_snapshot(place / "reports" / "2025Q4" / "unit"))
    assert answer.sentence.startswith("The year 2025 will come to ")
    assert "No plan was made before this one for 2025Q1 and 2025Q2." in answer.sentence
    assert "Not signed by both sides: the plan of 2025Q3." in answer.sentence
    assert answer.table()["Span"].iloc[-1] == "Year 2025"


def test_what_is_watched_is_the_signed_plan_and_not_the_one_made_since(place: Path) -> None:
    found = watch_round(place / "unit", "2025Q4", pd.Timestamp("2025-12-01"), (place / "reports",))
    assert found.is_signed
    assert found.snapshot.hash == _signed(place).hash
    assert found.watched.tables["watch"]["actual"].notna().sum() == 2
