"""Switches in the report: every figure they can show was planned beforehand."""

from __future__ import annotations

import html
import json
import re

import pytest

from alignment_lib.publishing.report.report_parts import Report
from alignment_lib.rounds.view import RoundView, view_tables


def _board(view: RoundView) -> str:
    return str(Report(view).show("scenarios"))


def _grid(page: object) -> dict[str, object]:
    found = re.search(r'data-grid="([^"]*)"', str(page))
    assert found
    return json.loads(html.unescape(found.group(1)))


def test_the_page_holds_every_combination_to_nine_figures(report_data: RoundView) -> None:
    grid = _grid(_board(report_data))
    table = report_data.table("combinations").sort_values(["combination", "start"])
    assert grid["start"] == 0b101
    assert grid["asked"] == 0
    for at in range(4):
        expected = table["plan"].to_numpy().reshape(8, 4)[:, at]
        assert grid["plan"][at] == pytest.approx(expected.tolist(), rel=1e-8)
    assert grid["probability"] == pytest.approx([number / 16 + 0.1 for number in range(8)])


def test_without_its_script_the_section_shows_the_plan_as_it_stands(report_data: RoundView) -> None:
    page = _board(report_data)
    text = re.sub(r"<[^>]+>", " ", page)
    assert 'data-out="plan">30,600</dd>' in page
    assert page.count("disabled") == 3 + 3
    assert len(re.findall(r"<input [^>]*checked", page)) == 2
    assert "Spring coupon" in text
    assert "A1, brand marketing, accepted, supported" in text
    assert re.search(r"A2, digital, proposed.*?\+700", text, re.DOTALL)
    assert "Each of the 8 combinations of these switches was planned in full" in text


def test_without_a_target_nothing_is_said_of_one(report_data: RoundView) -> None:
    tables = dict(report_data.tables)
    tables["odds"] = tables["odds"].assign(target=float("nan"), probability=float("nan"))
    tables["combinations"] = tables["combinations"].assign(probability=float("nan"))
    page = _board(view_tables(report_data.manifest, tables))
    assert "target" not in re.sub(r"<[^>]+>", " ", str(page))
    assert _grid(page)["target"] is None


def test_there_is_nothing_to_switch_without_combinations(report_data: RoundView) -> None:
    tables = {name: rows for name, rows in report_data.tables.items() if name != "combinations"}
    assert 'id="scenarios"' in _board(report_data)
    assert _board(view_tables(report_data.manifest, tables)) == ""
