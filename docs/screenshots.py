"""The README's pictures, taken from the product itself: ``make pictures`` after ``make report``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
REPORT = ROOT / "reports" / "2026Q1" / "demo" / "report.html"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


def take_report(browser: Browser) -> None:
    """The report's first screen, on a laptop and on a phone."""
    for name, width, height in (("report", 1280, 800), ("report-phone", 390, 844)):
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(REPORT.as_uri())
        page.screenshot(path=IMAGES / f"{name}.png")
        page.close()


def take_explorer(browser: Browser) -> None:
    """The scenario page on the demo workspace."""
    import threading

    from alignment_lib.app.page import serve_page
    from alignment_lib.rounds.preparing.asked_round import ask_round

    addresses: list[str] = []
    ready = threading.Event()

    def started(address: str) -> None:
        addresses.append(address)
        ready.set()

    request = ask_round(ROOT / "data" / "demo", "2026Q1", "", ROOT / "reports" / ".cache")
    serve = threading.Thread(
        target=serve_page,
        args=(request,),
        kwargs={"started": started, "can_edit": False, "port": 0},
        daemon=True,
    )
    serve.start()
    ready.wait(60)
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    page.goto(addresses[0])
    page.wait_for_selector('#explorer[data-ready][data-stale="false"]', timeout=120_000)
    page.screenshot(path=IMAGES / "explorer.png")


def main() -> int:
    """Take every picture; needs a Chromium on the path and the demo's report."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None or not REPORT.exists():
        sys.stderr.write("a Chromium is needed, and the demo's report: run make report first\n")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        take_report(browser)
        take_explorer(browser)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
