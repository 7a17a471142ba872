"""Briefs for the sales floor: a page each, gaps said, text inert, ended campaigns counted."""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.funnel.briefs import brief_status
from alignment_lib.publishing.brief_page import render_briefs

AS_OF = pd.Timestamp("2026-01-10")


def _page(offer: str = "two for one") -> str:
    briefs = pd.DataFrame(
        {
            "campaign": ["January", "Advent"],
            "assumption": ["A1", "A2"],
            "audience": "offices",
            "aim": "reorders",
            "offer": offer,
            "conditions": "",
            "script": "Ask when the last order was",
            "published": "2026-01-02",
            "sales_comment": "Clear",
            "agreed_by_sales": "head of sales 2026-01-05",
            "acknowledged_by": "",
            "acknowledged": "",
            "regular_customers_informed": "",
        }
    )
    register = pd.DataFrame(
        {
            "id": ["A1", "A2"],
            "kind": "promotion",
            "title": ["January page", "Advent points"],
            "status": "accepted",
            "start": pd.to_datetime(["2026-01-19", "2025-11-24"]),
            "end": pd.to_datetime(["2026-02-01", "2025-12-07"]),
        }
    )
    table, _ = brief_status(briefs, register, AS_OF)
    return render_briefs(table, "Shop", "2026Q1", AS_OF).decode()


def test_each_open_campaign_is_a_page_with_what_must_be_known() -> None:
    page = _page()
    assert page.count("<section") == 1
    words = " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())
    assert "1 campaign to come or under way; 1 ended before and not shown." in words
    assert "19 January 2026 to 1 February 2026 The offer two for one Conditions not written yet" in words
    assert (
        "Agreed by head of sales on 5 January 2026. Still missing: not acknowledged, regular customers not"
        in words
    )
    assert "Sales says: Clear" in words


def test_an_offer_is_text_whatever_it_holds() -> None:
    page = _page("<script>alert(1)</script>")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
