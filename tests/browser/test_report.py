"""The report's switches, its print and its accessibility in a real browser, with every part filled."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from alignment_lib.answers.wording import Scale, write_odds
from alignment_lib.publishing.index import write_index
from alignment_lib.publishing.snapshot_writer import publish_round
from tests.unit.report_tables import with_more_tables
from tests.unit.round_fixture import make_round

ROOT = Path(__file__).resolve().parents[2]
SCALE = Scale(1.0, 0, "units")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published round with every table the report knows."""
    output = tmp_path_factory.mktemp("report")
    notebook = ROOT / "notebooks" / "quarterly_report.ipynb"
    folder = publish_round(with_more_tables(make_round()), output, notebook=notebook, timings={})
    write_index(output)
    return folder / "report.html"


def _shown(tab: Any, name: str) -> str:
    return str(tab.inner_text(f"[data-out={name}]")).replace("\u202f", " ")


def _expected(report: Path, combination: int) -> dict[str, Any]:
    table = pd.read_parquet(report.with_name("combinations.parquet"))
    rows = table[table["combination"] == combination].sort_values("start")
    return {"rows": rows, "round": rows.iloc[0]}


def test_every_combination_of_switches_shows_what_was_planned_for_it(
    tab: Any, report: Path, shots: Path
) -> None:
    tab.goto(f"{report.as_uri()}#scenarios")
    boxes = tab.locator(".switchboard input[type=checkbox]")
    assert boxes.count() == 3
    target = 33_000.0
    for number in range(8):
        for bit in range(3):
            boxes.nth(bit).set_checked(bool(number >> bit & 1))
        wanted = _expected(report, number)
        row = wanted["round"]
        assert _shown(tab, "plan") == SCALE.write(row["plan"])
        assert _shown(tab, "gap") == SCALE.write(row["plan"] - target, signed=True)
        assert _shown(tab, "probability") == write_odds(row["probability"]).replace("\u202f", " ")
        assert _shown(tab, "band") == f"{SCALE.write(row['p10'])} to {SCALE.write(row['p90'])}"
        spans = tab.locator(".switchboard :is(tbody, tfoot) td:nth-child(2)").all_inner_texts()
        plans = wanted["rows"]["plan"]
        assert spans == [SCALE.write(value) for value in [*plans, plans.sum()]]
    tab.locator("#scenarios").screenshot(path=shots / "report-switches.png")


def test_beside_each_switch_stands_what_it_changes_with_the_others_as_set(tab: Any, report: Path) -> None:
    tab.goto(f"{report.as_uri()}#scenarios")
    changes = tab.locator(".switchboard .change")
    assert changes.all_inner_texts() == ["+1,000", "+700", "−400"]
    tab.get_by_role("button", name="All off").click()
    assert changes.all_inner_texts() == ["+1,000", "+600", "−400"]
    assert tab.get_by_role("button", name="All off").get_attribute("aria-pressed") == "true"
    tab.get_by_role("button", name="Consensus", exact=True).click()
    assert _shown(tab, "plan") == "30,600"


def test_switches_work_by_keyboard_and_say_what_came_of_it(tab: Any, report: Path) -> None:
    tab.goto(f"{report.as_uri()}#scenarios")
    box = tab.get_by_label(re.compile("Faster checkout"))
    box.focus()
    tab.keyboard.press("Space")
    assert box.is_checked()
    assert _shown(tab, "plan") == "31,300"
    assert tab.get_attribute(".outcome [role=status]", "aria-live") == "polite"


def test_without_scripts_the_plan_stands_and_nothing_can_be_switched(chromium: Any, report: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{report.as_uri()}#scenarios")
    assert page.locator(".switchboard input:disabled").count() == 3
    assert page.inner_text("[data-out=plan]") == "30,600"
    assert page.get_by_text("Switching needs scripts").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["report", "index"])
def test_axe_finds_nothing(chromium: Any, report: Path, page: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    place = report if page == "report" else report.parents[2] / "index.html"
    tab.goto(place.as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    found = axe.Axe().run(tab).response["violations"]
    context.close()
    assert [(one["id"], one["nodes"][0]["html"][:150]) for one in found] == []


@pytest.mark.parametrize(("width", "height", "screens"), [(1280, 800, 2.5), (390, 844, 5.0)])
def test_the_front_answers_on_few_screens_and_the_appendix_is_one_click_away(
    tab: Any, report: Path, width: int, height: int, screens: float
) -> None:
    tab.set_viewport_size({"width": width, "height": height})
    tab.goto(report.as_uri())
    page = tab.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert page[0] <= screens * height
    assert page[1] <= width
    assert not tab.locator("#bridge").is_visible()
    tab.locator("#appendix > summary").click()
    assert tab.locator("#bridge").is_visible()


def test_a_link_into_the_appendix_opens_it(tab: Any, report: Path) -> None:
    tab.goto(f"{report.as_uri()}#notes")
    assert tab.locator("#notes").is_visible()


def test_paper_holds_the_parts_in_order_and_no_sideways_cut(tab: Any, report: Path) -> None:
    tab.set_viewport_size({"width": 718, "height": 1000})
    tab.emulate_media(media="print")
    tab.goto(report.as_uri())
    assert not tab.locator("nav").is_visible()
    assert not tab.locator(".buttons").is_visible()
    assert not tab.locator("details.screen-only").first.is_visible()
    cut = tab.evaluate(
        "[...document.querySelectorAll('main table, main figure, main dl')].filter(e => "
        "e.getBoundingClientRect().width && e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.textContent.slice(0, 60))"
    )
    assert cut == []
    whole = _count_pages(tab.pdf(prefer_css_page_size=True, print_background=True))
    tab.evaluate("document.getElementById('appendix').remove()")
    front = _count_pages(tab.pdf(prefer_css_page_size=True, print_background=True))
    assert front <= 2
    assert whole - front <= 10


def test_sheets_of_the_appendix_are_full(tab: Any, report: Path) -> None:
    # A4 less the margins of the style sheet, in pixels of 1/96 inch.
    width, sheet = round(186 / 25.4 * 96), 274 / 25.4 * 96
    tab.set_viewport_size({"width": width, "height": 1000})
    tab.emulate_media(media="print")
    tab.goto(report.as_uri())
    tall = tab.evaluate("document.getElementById('appendix').getBoundingClientRect().height")
    tab.evaluate("document.querySelectorAll('header, main > section').forEach(part => part.remove())")
    sheets = _count_pages(tab.pdf(prefer_css_page_size=True, print_background=True))
    assert tall / sheet > 0.8 * (sheets - 1)


def _count_pages(pdf: bytes) -> int:
    plain = len(re.findall(rb"/Type\s*/Page[^s]", pdf))
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            plain += len(re.findall(rb"/Type\s*/Page[^s]", zlib.decompress(packed)))
        except zlib.error:
            continue
    return plain


def test_on_a_phone_no_word_of_a_chart_covers_another(tab: Any, report: Path) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(f"{report.as_uri()}#time")
    overlaps = tab.evaluate(
        """[...document.querySelectorAll('#time svg')].filter(s => s.getBoundingClientRect().width)
        .flatMap(s => {
          const texts = [...s.querySelectorAll('text')].map(t => [t, t.getBoundingClientRect()]);
          return texts.flatMap(([a, p], i) => texts.slice(i + 1).filter(([b, q]) =>
            p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1)
            .map(([b]) => a.textContent + ' | ' + b.textContent)); })"""
    )
    assert overlaps == []
