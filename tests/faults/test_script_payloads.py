"""Text that a browser would take for a script: inert in every page, whatever field it was typed into."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from alignment_lib.app.asked_round import ask_round
from alignment_lib.app.page import PageServer
from tests.faults.conftest import Say
from tests.faults.runs import COMMAND, environment, make_unit, plan

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


def _write(path: Path, head: str, rows: list[list[str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([head.split(","), *rows])
    path.write_text(out.getvalue(), encoding="utf-8")


def make_hostile_unit(folder: Path, given: list[str]) -> Path:
    """A workspace with a payload in every text field of every table, the settings and the scenarios."""
    unit = make_unit(folder, 1)
    clean = [text.replace("\u0000", "") for text in given]
    first = clean[0]
    settings = (unit / "planning.toml").read_text()
    (unit / "planning.toml").write_text(settings.replace('"Unit 1"', f"'''{first}'''"), encoding="utf-8")
    sales = (unit / "sales.csv").read_text()
    for name, text in zip(("Chair", "Table"), clean, strict=False):
        sales = sales.replace(name, '"' + text.replace('"', '""') + '"')
    (unit / "sales.csv").write_text(sales, encoding="utf-8")
    head = "id,kind,title,owner,function,start,end,unit,low,expected,high,status,rationale,evidence,product"
    rest = ["marketing", "2026-02-01", "2026-02-28", "percent", "2", "5", "8"]
    kinds = ("accepted", "proposed", "draft", "rejected")
    rows = [
        [f"A{at}", "market_shift", text, text, *rest, kinds[at % 4], text, text, first if at % 3 else ""]
        for at, text in enumerate(clean)
    ]
    _write(unit / "assumptions.csv", head, rows)
    head = "decision,round,date,text,owner,due,status,outcome"
    _write(
        unit / "decisions.csv",
        head,
        [
            [f"D{at}", "2025Q4", "2025-10-01", text, text, "2025-12-01", ("open", "done")[at % 2], text]
            for at, text in enumerate(clean)
        ],
    )
    _write_more_tables(unit, clean)
    return unit


def _write_more_tables(unit: Path, clean: list[str]) -> None:
    """Leads, briefs, research and scenarios, their reasons and names."""
    head = "lead_id,created,source,customer,campaign,device"
    head += ",rejected_at,rejected_reason,closed_at,outcome,handler"
    leads = [
        [text + str(at), "2025-10-02 09:30", text, text, text, text, *reject, text]
        for at, text in enumerate(clean)
        for reject in (
            [["2025-10-03 09:30", text, "", ""], ["", "", "2025-10-20 12:00", "won"]][at % 2 : at % 2 + 1]
        )
    ]
    _write(unit / "leads.csv", head, leads)
    head = "campaign,assumption,audience,aim,offer,conditions,script,sales_comment,agreed_by_sales"
    briefs = [[f"{text}{at}", f"A{at}", *[text] * 6, f"{text} 2026-02-18"] for at, text in enumerate(clean)]
    _write(unit / "briefs.csv", head, briefs)
    head = "study,date,method,question,estimate,standard_error"
    studies = [[f"{text}{at}", "2025-11-15", text, text, "5", "2"] for at, text in enumerate(clean)]
    _write(unit / "research.csv", head, studies)
    scenarios = {f"bold{at}": {"reason": text, "on": [f"A{at}"]} for at, text in enumerate(clean[:5])}
    (unit / "scenarios.yaml").write_text(json.dumps(scenarios), encoding="utf-8")


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


@pytest.mark.faults(sample=12, full=100)
def test_no_script_from_an_input_runs(
    tmp_path: Path, cache: Path, count: int, browser: Any, say: Say
) -> None:
    given = payloads(count)
    unit = make_hostile_unit(tmp_path / "unit", given)
    output = tmp_path / "out"
    done = plan([unit], output, cache)
    assert done.returncode == 0, done.stderr
    meeting = subprocess.run(
        [
            str(COMMAND),
            "meeting",
            str(unit),
            "--round",
            "2026Q1",
            "--output",
            str(output),
            "--cache",
            str(cache),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert meeting.returncode == 0, meeting.stderr
    pages = [output / "index.html", *sorted((output / "2026Q1").rglob("*.html"))]
    pages = [page for page in pages if "~" not in page.parent.name]
    assert len(pages) >= 3
    seen = {page: look_at(browser, page.as_uri()) for page in pages}
    report = seen[output / "2026Q1" / "unit" / "report.html"][2]
    shown = sum("window.hit" in line for line in report.splitlines())
    say(
        "script payloads in every text field",
        f"{count} payloads in {len(pages)} pages: {sum(ran for ran, _, _ in seen.values())} run, "
        f"{shown} lines of the report show one as text",
    )
    assert {page.name: (ran, marks) for page, (ran, marks, _) in seen.items()} == {
        page.name: (0, 0) for page in pages
    }
    assert shown >= count


@pytest.mark.faults(sample=8, full=100)
def test_no_script_from_an_input_runs_on_the_scenario_page(
    tmp_path: Path, cache: Path, count: int, browser: Any, say: Say
) -> None:
    unit = make_hostile_unit(tmp_path / "unit", payloads(count))
    server = PageServer(ask_round(unit, cache=cache), can_edit=True)
    ready = threading.Event()
    threading.Thread(target=server.run, args=(lambda address: ready.set(),), daemon=True).start()
    try:
        assert ready.wait(30)
        ran, _, words = look_at(browser, server.address, '#explorer[data-ready][data-stale="false"]')
    finally:
        server.stop()
    shown = sum("window.hit" in line for line in words.splitlines())
    say(
        "script payloads on the scenario page", f"{count} payloads: {ran} run, {shown} lines show one as text"
    )
    assert ran == 0
    assert shown > count / 2
