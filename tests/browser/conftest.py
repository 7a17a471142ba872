"""Real Chromium against a real server: the tests of this folder drive both."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alignment_lib.app.page import PageServer
from alignment_lib.rounds.preparing.asked_round import ask_round

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "reports" / "screenshots"
_CHROMIUM = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _find_chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed")
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_find_chromium(), args=_CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """A fresh page whose script errors fail the test."""
    context = chromium.new_context(viewport={"width": 1360, "height": 950}, accept_downloads=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_default_timeout(30_000)
    yield page
    context.close()
    assert faults == []


class Server:
    """A page server for a copy of the demo workspace."""

    def __init__(self, folder: Path, cache: Path, *, can_edit: bool) -> None:
        shutil.copytree(ROOT / "data" / "demo", folder)
        self.folder = folder
        self._server = PageServer(ask_round(folder, cache=cache), can_edit=can_edit)
        ready = threading.Event()
        threading.Thread(target=self._server.run, args=(lambda address: ready.set(),), daemon=True).start()
        assert ready.wait(10)
        self.address = self._server.address

    def open(self, tab: Any) -> Any:
        """Open the page and wait until its odds are there."""
        tab.goto(self.address)
        tab.wait_for_selector('#explorer[data-ready][data-stale="false"]', timeout=60_000)
        return tab

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory, fitted: Path) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("edit") / "demo", fitted, can_edit=True)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory, fitted: Path) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("read") / "demo", fitted, can_edit=False)
    yield server
    server.stop()


@pytest.fixture
def shots() -> Path:
    """Where screenshots are kept as artefacts."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS
