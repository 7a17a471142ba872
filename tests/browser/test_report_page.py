"""The leadership report in a real browser: nothing an assistive tool would stumble over, nothing cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "reports" / "sample" / "report.html"


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_axe_finds_nothing_serious_and_nothing_overflows(tab, shots, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.goto(SAMPLE.as_uri())
    found = axe.Axe().run(tab).response["violations"]
    grave = [
        (item["id"], item["nodes"][0]["html"][:120])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]
    assert grave == []
    assert tab.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    tab.screenshot(path=shots / f"report-{size[0]}.png")


def test_the_report_asks_no_other_address_for_anything(tab):
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(SAMPLE.as_uri())
    tab.wait_for_timeout(300)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
