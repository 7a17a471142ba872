"""The meeting pack: one page to print and one sheet to fill in, everything from a file inert."""

from __future__ import annotations

import io
import re

import openpyxl
import pandas as pd
import pytest

from alignment_lib.answers.charts.stakes import draw_stakes
from alignment_lib.publishing.meeting_pack import MeetingPack, render_pack, render_sheet
from alignment_lib.review.meeting import HOUSE_RULES, decision_sheet, what_became
from alignment_lib.review.workgroups import workgroup_status

AS_OF = pd.Timestamp("2026-01-10")
NASTY = '=HYPERLINK("http://x.example") <img src=x onerror=alert(1)>'


def _pack(title: str = "Coupon", groups: bool = True) -> MeetingPack:
    agenda = pd.DataFrame(
        {
            "place": [1, 2],
            "topic": ["contested claim", "due action"],
            "title": [title, "Extend the coupon"],
            "money": [5000.0, -2000.0],
            "odds": [0.28, 0.0],
            "question": ["Which number goes into the plan?", "What became of it?"],
            "options": ["Accept it: +9,000 EUR.\nReject it.", "Done.\nA new date."],
            "minutes": [50, 30],
            "owner": ["brand marketing", ""],
            "ids": ["A1", "A1"],
        }
    )
    given = pd.DataFrame(
        {
            "decision": ["D1"],
            "round": ["2025Q4"],
            "date": [pd.Timestamp("2025-10-08")],
            "text": [title],
            "assumptions": ["A1"],
            "expected_effect": [2000.0],
            "owner": ["brand marketing"],
            "due": [pd.Timestamp("2025-12-01")],
            "status": ["open"],
            "outcome": [""],
        }
    )
    sheet = decision_sheet(given, "2026Q1", AS_OF, blank_rows=3)
    charter = {"group": "W1", "topic": "process", "leader": "service quality", "members": "sales"}
    charter |= {"kpi": "share", "baseline": 0.2, "target": 0.8, "method": "DMAIC", "stage": "measure"}
    charter |= {"start": pd.Timestamp("2025-11-01"), "end": pd.Timestamp("2026-03-01"), "status": "running"}
    values = pd.DataFrame({"group": ["W1"], "date": [AS_OF], "value": [0.5]})
    status, _ = workgroup_status(pd.DataFrame([charter]), values, AS_OF)
    return MeetingPack(
        business="Shop & Co",
        unit="shop",
        round="2026Q1",
        currency="EUR",
        as_of=AS_OF,
        minutes=90,
        agenda=agenda,
        charts={
            place: draw_stakes(agenda, place, name=f"m-{place}", title="At stake", unit="EUR")
            for place in (1, 2)
        },
        rules=HOUSE_RULES,
        decisions=sheet.assign(became=what_became(sheet, None, AS_OF)),
        groups=status if groups else status.iloc[:0],
        proposed=pd.DataFrame(),
        notices=("Items that did not fit, worth 10 EUR together.",),
    )


def _words(page: bytes) -> str:
    text = page.decode()
    return re.sub(
        r"\s+", " ", re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", text, flags=re.DOTALL)
    )


def test_the_page_holds_what_a_moderator_needs() -> None:
    words = _words(render_pack(_pack()))
    for text in (
        "2 items in 90 minutes: 80 for the items",
        "The moderator comes from neither marketing nor sales.",
        "contested claim · moves the chance of the target by +28 percentage points · +5,000 EUR · 50 minutes "
        "· prepared by brand marketing",
        "Which number goes into the plan? Accept it: +9,000 EUR. Reject it. Decision, owner role, due:",
        "Open, 40 days past its date.",
        "2026Q1-3",
        "W1: share is 0.5, 50 % of the way from 0.2 to 0.8 with 58 % of its time gone.",
        "Items that did not fit, worth 10 EUR together.",
    ):
        assert text in words, text


def test_every_item_has_its_chart_in_both_widths() -> None:
    page = render_pack(_pack()).decode()
    assert page.count('<figure class="chart">') == 2
    assert page.count("<article") == 2


def test_what_comes_from_a_file_is_text_and_nothing_is_fetched() -> None:
    page = render_pack(_pack(NASTY)).decode()
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "default-src &#x27;none&#x27;" in page
    assert not re.search(r'(?:src|href)="(?!#)', page)


def test_the_same_pack_gives_the_same_bytes() -> None:
    assert render_pack(_pack()) == render_pack(_pack())
    assert render_sheet(_pack()) == render_sheet(_pack())


def test_the_sheet_is_the_table_of_decisions_that_a_workspace_reads() -> None:
    book = openpyxl.load_workbook(io.BytesIO(render_sheet(_pack(NASTY))))
    assert book.sheetnames == ["decisions", "agenda", "house rules", "working groups"]
    rows = list(book["decisions"].iter_rows(values_only=True))
    assert rows[0] == ("decision", "round", "date", "text", "assumptions", "expected_effect", "owner", "due",
                       "status", "outcome")  # fmt: skip
    assert rows[1][0:2] == ("D1", "2025Q4")
    assert rows[1][3] == NASTY
    assert book["decisions"]["D2"].data_type == "s"
    assert len(rows) == 2
    assert "2026Q1-1 and on" in book["decisions"]["A1"].comment.text


@pytest.mark.parametrize("groups", [True, False])
def test_without_working_groups_it_says_so(groups: bool) -> None:
    words = _words(render_pack(_pack(groups=groups)))
    assert ("There is no working group" in words) is not groups
