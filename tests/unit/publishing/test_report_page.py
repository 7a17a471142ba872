"""The finished page in a real browser: silent, safe, readable by everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from alignment_lib.publishing.index import write_index

_WIDTHS = (1280, 390)


@contextmanager
def _open(browser: Any, page: Path, width: int = 1280, **options: Any) -> Iterator[tuple[Any, list[str]]]:
    context = browser.new_context(viewport={"width": width, "height": 844}, **options)
    seen: list[str] = []
    tab = context.new_page()
    tab.on("request", lambda request: seen.append(request.url))
    tab.on("console", lambda message: seen.append(f"console: {message.text}"))
    tab.on("pageerror", lambda error: seen.append(f"error: {error}"))
    tab.goto(page.as_uri())
    # Everything is looked at, what stands behind a click too.
    tab.evaluate("document.querySelectorAll('#appendix').forEach(part => { part.open = true; })")
    yield tab, seen
    context.close()


def test_the_report_asks_for_nothing_but_itself_and_stays_small(browser: Any, published: Path) -> None:
    page = published / "report.html"
    with _open(browser, page) as (tab, seen):
        tab.wait_for_timeout(300)
        assert seen == [page.as_uri()]
        assert tab.evaluate("document.documentElement.lang") == "en"
        policy = tab.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert page.stat().st_size < 500_000


@pytest.mark.parametrize("page", ["report.html", "../../index.html"])
def test_no_script_in_any_text_runs(browser: Any, hostile: Path, page: str) -> None:
    with _open(browser, (hostile / page).resolve()) as (tab, seen):
        tab.wait_for_timeout(300)
        assert tab.evaluate("window.hit") is None
        assert (
            tab.evaluate(
                "document.querySelectorAll('main script, main img, main iframe, [onload], [onerror]').length"
            )
            == 0
        )
        assert tab.evaluate("document.querySelectorAll('a[href^=javascript]').length") == 0
        assert tab.evaluate("document.querySelectorAll('script').length") == (1 if "index" in page else 2)
        assert [entry for entry in seen if not entry.startswith("file:")] == []
        assert "window.hit=1" in tab.inner_text("body")
        assert "49" not in re.findall(r"\{\{.*?\}\}", tab.inner_text("body"))


def test_the_policy_stops_a_script_even_if_one_slipped_in(
    browser: Any, published: Path, tmp_path: Path
) -> None:
    page = (published / "report.html").read_text(encoding="utf-8")
    altered = tmp_path / "altered.html"
    altered.write_text(
        page.replace("<main>", "<main><script>window.hit=1</script><img src=x onerror='window.hit=1'>")
    )
    with _open(browser, altered) as (tab, _):
        assert tab.evaluate("window.hit") is None


@pytest.mark.parametrize("width", _WIDTHS)
def test_the_page_is_no_wider_than_the_screen(browser: Any, published: Path, width: int) -> None:
    with _open(browser, published / "report.html", width) as (tab, _):
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_headings_are_in_order_and_every_link_has_its_target(browser: Any, published: Path) -> None:
    with _open(browser, published / "report.html") as (tab, _):
        levels = tab.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
        missing = tab.evaluate(
            "[...document.querySelectorAll('nav a')]"
            ".filter(a => !document.querySelector(a.hash)).map(a => a.hash)"
        )
        twice = tab.evaluate(
            "(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
            " return ids.filter((id, n) => ids.indexOf(id) !== n); })()"
        )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert missing == []
    assert twice == []


def test_every_chart_is_described_from_its_numbers(browser: Any, published: Path) -> None:
    with _open(browser, published / "report.html") as (tab, _):
        texts = tab.evaluate(
            "[...document.querySelectorAll('svg[role=img]')].map(s => s.getAttribute('aria-label'))"
        )
        shown = tab.evaluate(
            "[...document.querySelectorAll('figure')].map(f => [...f.querySelectorAll('svg')]"
            ".filter(s => s.getBoundingClientRect().width > 0).length)"
        )
    assert len(texts) == 25
    assert all(len(text) > 60 and re.search(r"\d", text) for text in texts)
    assert shown == [1] * 14


@pytest.mark.parametrize("width", _WIDTHS)
def test_no_text_of_a_chart_leaves_its_drawing(browser: Any, published: Path, width: int) -> None:
    script = """[...document.querySelectorAll('svg')]
        .filter(s => s.getBoundingClientRect().width).flatMap(s => {
        const box = s.getBoundingClientRect();
        return [...s.querySelectorAll('text')].filter(t => { const r = t.getBoundingClientRect();
            return r.left < box.left - 2 || r.right > box.right + 2
                || r.top < box.top - 2 || r.bottom > box.bottom + 2;
        }).map(t => t.textContent); })"""
    with _open(browser, published / "report.html", width) as (tab, _):
        assert tab.evaluate(script) == []


def test_a_table_is_sorted_by_its_heading_and_the_total_stays_last(browser: Any, published: Path) -> None:
    rows = "[...document.querySelectorAll('#members table')[0].rows].map(r => r.cells[0].textContent)"
    with _open(browser, published / "report.html") as (tab, _):
        heading = tab.locator("#members table").first.locator("thead button", has_text="Plan")
        heading.click()
        assert tab.evaluate(rows)[1:] == ["Coffee 500 g", "Coffee 250 g", "Tea", "Total"]
        heading.press("Enter")
        assert tab.evaluate(rows)[1:] == ["Tea", "Coffee 250 g", "Coffee 500 g", "Total"]
        assert tab.locator("#members table").first.locator("th[aria-sort=ascending]").count() == 1


def test_text_has_contrast_in_light_and_dark(browser: Any, published: Path) -> None:
    script = """(() => { const style = getComputedStyle(document.documentElement);
        const light = hex => { const n = parseInt(hex.trim().slice(1), 16);
            const f = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
            return 0.2126 * f(n >> 16) + 0.7152 * f(n >> 8 & 255) + 0.0722 * f(n & 255); };
        const paper = light(style.getPropertyValue('--paper'));
        return ['--ink', '--muted', '--good', '--bad', '--target', '--wait', '--accent'].map(name => {
            const other = light(style.getPropertyValue(name));
            return (Math.max(paper, other) + 0.05) / (Math.min(paper, other) + 0.05); }); })()"""
    for scheme in ("light", "dark"):
        with _open(browser, published / "report.html", color_scheme=scheme) as (tab, _):
            assert min(tab.evaluate(script)) >= 4.5, scheme


def test_headings_of_tables_are_words_on_paper_and_buttons_on_a_screen(browser: Any, published: Path) -> None:
    # A heading is repeated on each sheet of paper, a button in it is not.
    seen = """(wanted => [...document.querySelectorAll('table.sortable:has(thead button) thead th')]
        .filter(th => th.getClientRects().length)
        .map(th => [...th.querySelectorAll(wanted)].filter(e => e.getClientRects().length).length))"""
    with _open(browser, published / "report.html") as (tab, _):
        on_screen = [tab.evaluate(f"{seen}('{wanted}')") for wanted in ("button", "span")]
        tab.emulate_media(media="print")
        on_paper = [tab.evaluate(f"{seen}('{wanted}')") for wanted in ("button", "span")]
    assert len(on_screen[0]) > 10
    assert [set(column) for column in on_screen] == [{1}, {0}]
    assert [set(column) for column in on_paper] == [{0}, {1}]


def test_the_report_prints_without_navigation(browser: Any, published: Path, tmp_path: Path) -> None:
    with _open(browser, published / "report.html") as (tab, _):
        tab.emulate_media(media="print")
        assert not tab.locator("nav").is_visible()
        assert tab.locator("figure .wide").first.is_visible()
        pdf = tab.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert 4 <= len(re.findall(rb"/Type\s*/Page[^s]", pdf)) <= 14


def test_the_index_finds_units_by_typing(browser: Any, published: Path) -> None:
    page = write_index(published.parents[1])
    with _open(browser, page) as (tab, seen):
        assert tab.locator("tbody tr:visible").count() == 1
        tab.fill("input[type=search]", "no such unit")
        assert tab.locator("tbody tr:visible").count() == 0
        tab.fill("input[type=search]", "BEAN")
        assert tab.locator("tbody tr:visible").count() == 1
        tab.click("tbody a >> nth=0")
        assert tab.url == (published / "report.html").as_uri()
        assert [entry for entry in seen if not entry.startswith("file:")] == []
