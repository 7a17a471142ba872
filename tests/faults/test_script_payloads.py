"""Text that a browser would take for a script: inert in every page, whatever field it was typed into."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from alignment_lib.app.command_line import app
from alignment_lib.app.page import PageServer
from alignment_lib.inputs.dictionary import load_dictionary
from alignment_lib.rounds.preparing.asked_round import ask_round
from tests.faults.conftest import Say
from tests.faults.hostile_workspace import CLOSED, find_unfilled, make_hostile_workspace

HIT = "window.hit=(window.hit||0)+1"
FORMS = (
    "<script>{}</script>",
    "</script><script>{}</script>",
    "</style><script>{}</script>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "<img src=x onerror={}>",
    '"><img src=x onerror={}>',
    "'><img src=x onerror={}>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    '<iframe srcdoc="<script>parent.{}</script>">',
    "<details open ontoggle={}>",
    "<body onload={}>",
    "<input autofocus onfocus={}>",
    "<video><source onerror={}></video>",
    "<math><mtext></mtext><script>{}</script></math>",
    "<a href=javascript:{}>x</a>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href=//127.0.0.1/>{}",
    "--><script>{}</script><!--",
    "]]><script>{}</script>",
    "{{{{constructor.constructor('{}')()}}}}",
    "{{%raw%}}<script>{}</script>",
    "%3Cscript%3E{}%3C/script%3E",
    "&lt;script&gt;{}&lt;/script&gt;",
    "<scr\u0000ipt>{}</scr\u0000ipt>",
    "\u202e<script>{}</script>",
    "<ſcript>{}</ſcript>",
    "`${{{}}}`",
    "';{};//",
    '\\";{};//',
    "<template><script>{}</script></template>",
    '<noscript><p title="</noscript><img src=x onerror={}>">',
    "<style>@import 'javascript:{}';</style>",
    "<link rel=stylesheet href=data:,*{{x:expression({})}}>",
    '<object data="data:text/html,<script>parent.{}</script>">',
    "<form><button formaction=javascript:{}>x",
    "<marquee onstart={}>",
    "<x contenteditable onblur={} autofocus>",
)


def payloads(count: int) -> list[str]:
    """As many texts as asked for: every form bare, then behind ever more quotes."""
    return [
        "\"'" * (at // len(FORMS)) + FORMS[at % len(FORMS)].format(HIT.replace(" ", ""))
        for at in range(count)
    ]


@pytest.fixture
def browser() -> Any:
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


HEADING = "<img src=x onerror=window.hit=3>"
DRIVER = "<svg onload=window.hit=2>"


def make_hostile_unit(folder: Path, count: int) -> tuple[Path, list[str]]:
    """A workspace with so many payloads in every text field, the settings and the scenarios."""
    # NUL is refused in any input; a mark without width, which is not, parts the tag in its place.
    texts = [text.replace("\u0000", "\u200b") for text in payloads(count)]
    assert len(set(texts)) == count
    unit = make_hostile_workspace(folder, texts, HEADING, DRIVER)
    assert find_unfilled(unit, texts, HEADING) == set()
    return unit, texts


def publish_all(unit: Path, output: Path, cache: Path, text: str) -> list[Path]:
    """Every page that the product writes of a unit, with hostile words for the roles that act, too."""
    run = ["--output", str(output), "--cache", str(cache)]
    kept, act = ["--output", str(output)], ["--function", "sales", "--by", text, "--output", str(output)]
    first = str(pd.read_csv(unit / "assumptions.csv", dtype=str)["id"].iloc[0])
    for words in (
        ["plan", str(unit), "--round", "2025Q4", "--no-report", *run],
        ["plan", str(unit), "--round", "2026Q1", "--no-report", *run],
        ["reject", first, "--round", "2026Q1", "--reason", text, *act],
        ["plan", str(unit), "--round", "2026Q1", *run],
        ["sign", "--round", "2026Q1", *act],
        ["meeting", str(unit), "--round", "2026Q1", *run],
        ["review", str(unit), "--round", "2025Q4", *kept],
    ):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, (words, done.output, done.exception)
    return sorted(path for path in output.rglob("*.html") if "~" not in path.parent.name)


def look_at(browser: Any, address: str, ready: str = "body") -> tuple[int, int, str]:
    """Scripts that ran, elements that should not be there, and the words of a page."""
    own = "/".join(address.split("/")[:3])
    context = browser.new_context()
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("dialog", lambda dialog: dialog.dismiss())
    tab.goto(address)
    tab.wait_for_selector(ready, timeout=120_000)
    tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    for link in tab.locator("main a").all()[:50]:
        link.dispatch_event("click") if "javascript" in (link.get_attribute("href") or "") else None
    tab.wait_for_timeout(300)
    ran = int(tab.evaluate("window.hit || 0"))
    strange = (
        "main script, main iframe, main img, main object, main base, main form, main video, main template"
    )
    marks = int(tab.evaluate(f"document.querySelectorAll('{strange}, [onerror], [onload]').length"))
    words = str(tab.inner_text("body"))
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:", own))] == []
    return ran, marks, words


def flat(words: str) -> str:
    """The words of a page as one line."""
    return " ".join(words.split())


@pytest.mark.faults(sample=12, full=100)
def test_no_script_from_an_input_runs(
    tmp_path: Path, cache: Path, count: int, browser: Any, say: Say
) -> None:
    unit, given = make_hostile_unit(tmp_path / "unit", count)
    pages = publish_all(unit, tmp_path / "out", cache, given[0])
    names = [page.name for page in pages]
    assert names == ["review.html", "report.html", "briefs.html", "meeting.html", "index.html"]
    seen = {page.name: look_at(browser, page.as_uri()) for page in pages}
    shown = {
        name: sum(text.replace("\u202e", "") in flat(words) for text in given)
        for name, (_, _, words) in seen.items()
    }
    fields = sum(field.type == "text" for fields in load_dictionary().values() for field in fields) - len(
        CLOSED
    )
    say(
        "script payloads in every text field",
        f"{count} payloads in each of {fields} fields, the settings, scenarios, headings and roles, 5 pages "
        f"({', '.join(names)}): {sum(ran for ran, _, _ in seen.values())} run; "
        f"{shown['report.html']} stand in the report as text",
    )
    assert {name: (ran, marks) for name, (ran, marks, _) in seen.items()} == dict.fromkeys(names, (0, 0))
    assert shown["report.html"] > 0.9 * count
    assert all(shown.values()), shown


@pytest.mark.faults(sample=12, full=100)
def test_no_script_from_an_input_runs_on_the_scenario_page(
    tmp_path: Path, cache: Path, count: int, browser: Any, say: Say
) -> None:
    unit, given = make_hostile_unit(tmp_path / "unit", count)
    server = PageServer(ask_round(unit, cache=cache), can_edit=True)
    ready = threading.Event()
    threading.Thread(target=server.run, args=(lambda address: ready.set(),), daemon=True).start()
    try:
        assert ready.wait(30)
        ran, _, words = look_at(browser, server.address, '#explorer[data-ready][data-stale="false"]')
    finally:
        server.stop()
    shown = sum(text in flat(words) for text in given)
    say(
        "script payloads on the scenario page",
        f"{count} payloads in every text field: {ran} run, {shown} stand there as text",
    )
    assert ran == 0
    assert shown > 0.9 * count
