"""The plan by part: ordered by size, named with its dimension, adding up."""

from __future__ import annotations

import pytest

from alignment_lib.answers.plan.part_bridge import part_bridge
from alignment_lib.answers.plan.part_map import part_map
from alignment_lib.answers.plan.parts import parts
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView, view_tables


def _numbered(data: RoundView) -> RoundView:
    """The same business with products that are bare numbers."""
    names = {"Coffee 500 g": "10", "Coffee 250 g": "9", "Tea": "100"}
    tables = {
        name: rows.assign(product=rows["product"].replace(names)) if "product" in rows else rows
        for name, rows in data.tables.items()
    }
    return view_tables(data.manifest, tables)


def test_parts_are_ordered_by_size_and_add_up(report_data: RoundView) -> None:
    frame = parts(report_data).frame
    assert frame["plan"].is_monotonic_decreasing
    assert frame["plan"].sum() == pytest.approx(
        report_data.in_round(report_data.scenario("plan"))["plan"].sum(), abs=1e-9
    )
    assert frame["share"].sum() == pytest.approx(1.0)


def test_a_bare_number_bears_the_name_of_its_dimension_everywhere(report_data: RoundView) -> None:
    data = _numbered(report_data)
    for answer in (parts(data), part_map(data), part_bridge(data, by="product")):
        if answer.is_answered:
            page = str(answer.to_html(("sentence", "table")))
            assert "product 10" in page
            assert ">10<" not in page


def test_the_map_adds_up_down_and_across(report_data: RoundView) -> None:
    answer = part_map(report_data, down="channel", across="sale_type")
    whole = report_data.in_round(report_data.scenario("plan"))["plan"].sum()
    assert answer.frame["plan"].sum() == pytest.approx(whole, abs=1e-9)
    assert answer.shown is not None
    assert answer.shown.total is not None
    assert answer.shown.total["all"] == pytest.approx(whole, abs=1e-9)
    assert answer.shown.rows["all"].sum() == pytest.approx(whole, abs=1e-9)


def test_a_map_of_one_dimension_twice_and_an_unknown_dimension_are_refused(report_data: RoundView) -> None:
    with pytest.raises(UnknownWord, match="two different dimensions"):
        part_map(report_data, down="channel", across="channel")
    with pytest.raises(UnknownWord, match="channel"):
        parts(report_data, by="channels")


def test_without_dimensions_it_is_said_what_would_fill_them(report_data: RoundView) -> None:
    bare = view_tables({**report_data.manifest, "dimensions": []}, {"plan": report_data.table("plan")})
    assert not parts(bare).is_answered
    assert "once the sales table has a dimension" in parts(bare).sentence
    assert "two" in part_map(bare).sentence
