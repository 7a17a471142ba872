"""Fixtures for publishing: a plausible round, one published snapshot, and a real browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import report_tables
import round_fixture

from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.result import RoundResult
from alignment_lib.rounds.view import RoundView, view_snapshot
from tests.conftest import MakeOnce

ROOT = Path(__file__).resolve().parents[2]
_BROWSER_FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def make_round() -> Callable[..., RoundResult]:
    """The generator of plausible rounds."""
    return round_fixture.make_round


@pytest.fixture(scope="session")
def notebook() -> Path:
    """The report notebook."""
    return ROOT / "notebooks" / "quarterly_report.ipynb"


@pytest.fixture(scope="session")
def published(made_once: MakeOnce, notebook: Path) -> Path:
    """One whole snapshot, report included; read only."""
    result = report_tables.with_more_tables(round_fixture.make_round())
    timings = {"planning": 1.0}
    output = made_once(
        "published", lambda folder: publish_round(result, folder, notebook=notebook, timings=timings)
    )
    return output / result.round / result.unit


@pytest.fixture(scope="session")
def hostile(made_once: MakeOnce, notebook: Path) -> Path:
    """A snapshot with script payloads in every text a user can type, and its output folder's index."""
    from alignment_lib.publishing.index import write_index

    result = report_tables.with_more_tables(round_fixture.make_round(lean=False))
    result = round_fixture.with_text_everywhere(result, round_fixture.PAYLOAD)

    def fill(folder: Path) -> None:
        publish_round(result, folder, notebook=notebook, timings={})
        write_index(folder)

    return made_once("hostile", fill) / result.round / result.unit


@pytest.fixture(scope="session")
def report_data(published: Path) -> RoundView:
    """The data a report of the plausible round is written from."""
    return view_snapshot(published)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium; absent, the tests that need it are skipped, but fail in CI."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing")
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=_BROWSER_FLAGS)
        yield running
        running.close()
