"""What a visit brings is measured from the funnel where a claim counts visits, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alignment_lib.inputs.periods.rounds import Round, apply_wall, parse_round
from alignment_lib.inputs.workspace import Workspace, load_workspace
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.rounds.preparing.digital_rates import measure_digital
from data.generator.written import DEMO_FOLDER

VISITS = example_assumption(kind="digital", unit="units", expected=10_000, fields={"lever": "visits"})


@pytest.fixture(scope="module")
def demo() -> tuple[Workspace, Round]:
    whole = load_workspace(DEMO_FOLDER)
    planned = parse_round("2026Q1", whole.settings, whole.calendar)
    return apply_wall(whole, planned), planned


def test_a_visit_brings_what_leads_conversion_and_orders_say(demo: tuple[Workspace, Round]) -> None:
    workspace, planned = demo
    rates = measure_digital(workspace, planned, [VISITS], "units")
    money = measure_digital(workspace, planned, [VISITS], "revenue")
    # One to three leads in a hundred visits, about a tenth of them won, orders of some hundred euros.
    assert 0.05 < rates.sales_per_visit < 0.5
    sales = workspace.tables["sales"]
    recent = sales[sales["period"] >= planned.as_of - (planned.as_of - planned.as_of.replace(year=2024))]
    price = recent["revenue"].sum() / recent["units"].sum()
    assert money.sales_per_visit / rates.sales_per_visit == pytest.approx(price, rel=0.05)
    assert rates.share_of_sales == 1.0


@pytest.mark.parametrize(
    "row",
    [
        replace(VISITS, status="rejected"),
        replace(VISITS, unit="percent", expected=5.0),
        replace(VISITS, fields={"lever": "conversion"}),
        replace(VISITS, kind="promotion"),
    ],
)
def test_nothing_is_measured_where_no_claim_counts_visits(demo: tuple[Workspace, Round], row) -> None:
    assert measure_digital(*demo, [row], "units") is None


def test_without_counted_visits_there_is_no_rate(demo: tuple[Workspace, Round]) -> None:
    workspace, planned = demo
    tables = {name: table for name, table in workspace.tables.items() if name != "funnel"}
    assert measure_digital(replace(workspace, tables=tables), planned, [VISITS], "units") is None
