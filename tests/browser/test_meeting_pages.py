"""Review, meeting pack and briefs of the demo: axe finds nothing, in light and in dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alignment_lib.app.command_line import app

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("meeting")
    demo = str(ROOT / "data" / "demo")
    for name, asked in (("review", "2025Q4"), ("meeting", "2026Q1")):
        found = CliRunner().invoke(app, [name, demo, "--round", asked, "--output", str(output)])
        assert found.exit_code == 0, found.output
    return output


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["review.html", "meeting.html", "briefs.html"])
def test_axe_finds_nothing(chromium: Any, pages: Path, name: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    (page,) = pages.rglob(name)
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    found = axe.Axe().run(tab).response["violations"]
    context.close()
    assert [(one["id"], one["nodes"][0]["html"][:150]) for one in found] == []
