"""The command ``alignment watch``: one screen, JSON, a page, and an exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner
from watched_plan import publish_plan, sales_of

from alignment_lib.app.command_line import app

SETTINGS = """
[business]
name = "Bean & Leaf"
currency = "EUR"

[calendar]
grain = "week"

[sales]
source = "sales.csv"
dimensions = ["product", "channel", "sale_type"]
sale_type = "sale_type"
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder with one plan, read only."""
    folder = tmp_path_factory.mktemp("watched")
    publish_plan(folder)
    return folder


@pytest.fixture
def place(published: Path, tmp_path: Path) -> Path:
    """A folder with the plan in ``reports`` and an empty workspace ``demo``."""
    shutil.copytree(published, tmp_path / "reports")
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "planning.toml").write_text(SETTINGS)
    return tmp_path


def _watch(place: Path, weeks: int, share: float = 1.0, *more: str) -> tuple[int, str]:
    from alignment_lib.inputs.snapshots import Snapshot

    snapshot = Snapshot(place / "reports" / "2026Q1" / "demo")
    history = snapshot.read("history").rename(columns={"value": "units"}).drop(columns="cleaned")
    sales = pd.concat([history, sales_of(snapshot, weeks, share)]) if weeks else history
    sales.to_csv(place / "demo" / "sales.csv", index=False)
    words = ["watch", str(place / "demo"), "--output", str(place / "reports"), *more]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    return done.exit_code, done.output


def test_inside_is_exit_code_0_and_one_screen(place: Path) -> None:
    code, said = _watch(place, 4)
    assert code == 0
    assert said.startswith("demo: 2026Q1 is inside its plan: 4 weeks in")
    assert "not signed by both sides" in said
    assert len(said.splitlines()) < 24


def test_an_alarm_is_exit_code_4(place: Path) -> None:
    code, said = _watch(place, 6, 0.8)
    assert code == 4
    assert "has left its plan" in said


def test_json_is_one_object_that_says_it_all(place: Path) -> None:
    code, said = _watch(place, 6, 0.8, "--json")
    found = json.loads(said)
    assert (code, found["status"], found["side"], found["round"]) == (4, "alarm", -1, "2026Q1")
    assert found["watch"][0]["alarm_rate"] == 0.05
    assert found["watch"][-1]["actual"] is None
    assert found["plan"]["is_signed"] is False


def test_the_page_is_linked_by_the_index(place: Path) -> None:
    _watch(place, 4, 1.0, "--page")
    beside = place / "reports" / "2026Q1" / "demo.watch"
    assert sorted(path.name for path in beside.iterdir()) == ["watch.html", "watch.json"]
    assert "demo.watch/watch.html" in (place / "reports" / "index.html").read_text()
    first = (beside / "watch.html").read_bytes()
    _watch(place, 4, 1.0, "--page")
    assert (beside / "watch.html").read_bytes() == first


def test_no_new_data_is_said_and_is_no_alarm(place: Path) -> None:
    code, said = _watch(place, 0)
    assert code == 0
    assert "No week of 2026Q1 has ended since its plan was made" in said


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--as-of", "2025-12-01"), "nothing has come in by then"),
        (("--round", "2026Q2"), "2026Q2"),
        (("--as-of", "yesterday"), "is not a date"),
    ],
)
def test_what_cannot_be_watched_is_exit_code_2(place: Path, more: tuple[str, ...], told: str) -> None:
    from alignment_lib.inputs.problems import AlignmentError

    try:
        code, said = _watch(place, 3, 1.0, *more)
    except AlignmentError as error:
        code, said = error.exit_code, str(error)
    assert code == 2
    assert told in said


def test_a_workspace_without_rounds_says_where_it_looked(place: Path) -> None:
    shutil.rmtree(place / "reports" / "2026Q1")
    shutil.copytree(place / "reports", place / "empty")
    code, said = _watch_without_rounds(place)
    assert code == 2
    assert "no round of demo is published" in said


def _watch_without_rounds(place: Path) -> tuple[int, str]:
    days = pd.date_range("2025-01-06", periods=20, freq="7D")
    sales = pd.DataFrame({"period": days, "product": "Tea", "channel": "web", "sale_type": "new", "units": 5})
    sales.to_csv(place / "demo" / "sales.csv", index=False)
    done = CliRunner().invoke(app, ["watch", str(place / "demo"), "--output", str(place / "empty")])
    return done.exit_code, done.output
