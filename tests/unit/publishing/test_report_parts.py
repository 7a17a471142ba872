"""What the report holds: a part where its table has rows, one line for what is still to come."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from alignment_lib.publishing.report.report_parts import PARTS, Report
from alignment_lib.rounds.view import RoundView, view_tables

ROOT = Path(__file__).resolve().parents[3]
_NEEDS = {
    "scenarios": "switches",
    "decisions": "assumptions",
    "earlier-decisions": "decisions",
    "changes": "changes",
    "assumptions": "assumptions",
    "coverage": "coverage",
    "risks": "odds",
    "weak-points": "weak_points",
    "funnel": "funnel",
    "streams": "streams",
    "review": "variance",
    "value-added": "value_added",
    "record": "record",
    "incentives": "payout",
    "owed": "owed",
}


def _anchors(markup: object, pattern: str) -> list[str]:
    return re.findall(pattern, str(markup))


def test_the_navigation_leads_to_every_part_that_is_there_and_to_no_other(report_data: RoundView) -> None:
    report = Report(report_data)
    linked = _anchors(report.masthead, r'<a href="#([a-z-]+)">')
    shown = _anchors(report.show(*(part.anchor for part in PARTS)), r'<section id="([a-z-]+)"')
    assert linked == shown
    assert set(_NEEDS) <= set(shown)


def test_the_notebook_shows_every_part_once() -> None:
    """What the navigation links to is written by a cell."""
    notebook = json.loads((ROOT / "notebooks/quarterly_report.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [name for cell in cells if "report.show(" in cell for name in re.findall(r'"([a-z-]+)"', cell)]
    assert sorted(shown) == sorted(part.anchor for part in PARTS if not part.is_front)


@pytest.mark.parametrize(("anchor", "table"), sorted(_NEEDS.items()))
def test_a_part_without_rows_is_one_line_that_says_what_would_fill_it(
    anchor: str, table: str, report_data: RoundView
) -> None:
    tables = {name: rows.iloc[:0] if name == table else rows for name, rows in report_data.tables.items()}
    report = Report(view_tables(report_data.manifest, tables))
    assert str(report.show(anchor)) == ""
    said = re.search(f'<li id="{anchor}">([^<]+)</li>', str(report.show_absent()))
    assert said is not None
    assert "appear" in said[1] or "No assumption awaits a decision." in said[1]


def test_a_round_of_sales_alone_makes_a_whole_report(report_data: RoundView) -> None:
    report = Report(view_tables(report_data.manifest, {"plan": report_data.table("plan")}))
    page = "".join(map(str, (report.masthead, report.show(*(p.anchor for p in PARTS)), report.show_absent())))
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page).lower()
    assert "nan" not in text.split()
    # What is due is told in the appendix, with what would fill it, before there is a table of decisions.
    missing = [part.anchor for part in PARTS if f'id="{part.anchor}"' not in page and part.anchor != "due"]
    assert not missing


def test_a_part_nobody_knows_is_refused(report_data: RoundView) -> None:
    with pytest.raises(KeyError, match="no part \\['moods'\\]"):
        Report(report_data).show("moods")


def test_the_look_in_a_notebook_stays_within_the_outputs_of_its_cells(
    report_data: RoundView,
) -> None:
    style = str(Report(report_data).look)
    assert style.startswith("<style>.jp-RenderedHTML {")
    assert "&.jp-RenderedHTMLCommon" in style
    # Nothing of the page around it is touched, and printing is the page's own affair.
    assert ":root" not in style
    assert "@page" not in style
    assert style.count("{") == style.count("}")
