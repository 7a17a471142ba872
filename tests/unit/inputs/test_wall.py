"""The as-of wall: nothing later is known, and what was left out is counted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.inputs.periods.rounds import apply_wall, parse_round
from alignment_lib.inputs.workspace import Workspace
from tests.unit.inputs.workspace_files import CLAIM, CLAIMS, SETTINGS, load, notes

DRIVERS = SETTINGS + (
    '[drivers]\ncolumns = { price = "price", deal = "promotion", rain = "market", holiday = { kind = '
    '"market", '
    "known = true } }\n"
)
CALENDAR = """\
period,product,price,deal,rain,holiday
2025-02-01,Small,5,0,1,
2025-03-01,Small,5,1,2,
2025-04-01,Small,6,1,3,
2025-05-01,,,,4,
2025-06-01,,,,5,1
"""


def as_of(workspace: Workspace, day: str) -> Workspace:
    return apply_wall(
        workspace, parse_round("2025Q2", workspace.settings, workspace.calendar, pd.Timestamp(day))
    )


def test_a_sales_period_is_known_on_the_day_after_its_end(tmp_path: Path) -> None:
    workspace = load(tmp_path, {})
    assert as_of(workspace, "2025-03-31").tables["sales"]["period"].max() == pd.Timestamp("2025-02-01")
    assert as_of(workspace, "2025-04-01").tables["sales"]["period"].max() == pd.Timestamp("2025-03-01")


def test_what_was_left_out_is_counted(tmp_path: Path) -> None:
    cut = as_of(load(tmp_path, {}), "2025-03-31")
    assert notes(cut)["wall_sales"] == ("sales: 2 rows after the as-of date 2025-03-31 left out.", 2)
    assert cut.tables["sales"].index.equals(pd.RangeIndex(4))


def test_the_workspace_itself_is_not_changed(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"planning.toml": DRIVERS, "drivers.csv": CALENDAR})
    before = {name: table.copy() for name, table in workspace.tables.items()}
    as_of(workspace, "2025-03-15")
    for name, table in before.items():
        pd.testing.assert_frame_equal(workspace.tables[name], table)


def test_our_own_calendar_stays_and_the_markets_future_is_blank(tmp_path: Path) -> None:
    cut = as_of(load(tmp_path, {"planning.toml": DRIVERS, "drivers.csv": CALENDAR}), "2025-04-01")
    drivers = cut.tables["drivers"].set_index("period")
    assert drivers.loc["2025-03-01", "rain"] == 2
    assert drivers.loc["2025-04-01", ["price", "deal"]].tolist() == [6, 1]
    assert pd.isna(drivers.loc["2025-04-01", "rain"])
    assert "2025-05-01" not in drivers.index
    assert drivers.loc["2025-06-01", "holiday"] == 1
    assert notes(cut)["wall_drivers"] == (
        "drivers: market figures after the wall, 2025-04-01, left blank in 3 rows.",
        3,
    )


def test_assumptions_recorded_later_are_left_out_and_undated_ones_kept(tmp_path: Path) -> None:
    names = CLAIMS.strip() + ",recorded\n"
    rows = [
        CLAIM.replace("A1", f"A{at}").strip() + f",{day}\n"
        for at, day in enumerate(("2025-03-20", "2025-03-21", ""))
    ]
    cut = as_of(load(tmp_path, {"assumptions.csv": names + "".join(rows)}), "2025-03-20")
    assert cut.tables["assumptions"]["id"].tolist() == ["A0", "A2"]
    assert notes(cut)["wall_assumptions"] == (
        "assumptions: 1 row after the as-of date 2025-03-20 left out.",
        1,
    )


def test_an_acceptance_given_later_does_not_count_yet(tmp_path: Path) -> None:
    names = CLAIMS.strip() + ",accepted_marketing,accepted_sales\n"
    row = CLAIM.replace("proposed", "accepted").strip() + ",brand 2025-03-01,sales 2025-03-25\n"
    workspace = load(tmp_path, {"assumptions.csv": names + row})
    early, late = as_of(workspace, "2025-03-20").tables, as_of(workspace, "2025-03-25").tables
    claim = early["assumptions"].iloc[0]
    assert claim["status"] == "proposed"
    assert (claim["accepted_marketing"], claim["accepted_sales"], claim["accepted_sales_by"]) == (
        "brand 2025-03-01",
        "",
        "",
    )
    assert pd.isna(claim["accepted_sales_on"])
    assert late["assumptions"].iloc[0]["status"] == "accepted"


LEADS = """\
lead_id,created,source,accepted_at,rejected_at,rejected_reason,opportunity_at,closed_at,outcome,amount
L1,2025-03-01 09:00,web,2025-03-02,,,2025-03-10,2025-03-20 23:00,won,100
L2,2025-03-10 09:00,web,,2025-03-21 08:00,outside area,,,,
L3,2025-03-20 23:59,web,2025-03-25,,,,2025-03-30,lost,0
L4,2025-03-21 00:00,web,,,,,,,
"""


def test_leads_are_seen_as_they_stood_at_the_end_of_the_day(tmp_path: Path) -> None:
    cut = as_of(load(tmp_path, {"leads.csv": LEADS}), "2025-03-20")
    leads = cut.tables["leads"].set_index("lead_id")
    assert leads.index.tolist() == ["L1", "L2", "L3"]
    assert leads.loc["L1", ["outcome", "amount"]].tolist() == ["won", 100]
    assert leads.loc["L2", "rejected_reason"] == ""
    assert pd.isna(leads.loc["L2", "rejected_at"])
    assert leads.loc["L3", "outcome"] == ""
    assert leads.loc["L3", ["accepted_at", "closed_at", "amount"]].isna().all()
    assert notes(cut)["wall_leads"][1] == 1
    assert notes(cut)["wall_leads_later"] == (
        "leads: dates after the as-of date 2025-03-20 left blank in 2 rows.",
        2,
    )


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("contacts", "lead_id,at\nL1,2025-03-20 10:00\nL1,2025-03-21 10:00\n"),
        ("transactions", "date,customer,amount\n2025-03-20,C1,5\n2025-03-21,C1,5\n"),
        ("research", "study,date,estimate\nS1,2025-03-20,5\nS2,2025-03-21,5\n"),
        ("decisions", "decision,round,date,text\nD1,2025Q1,2025-03-20,a\nD2,2025Q1,2025-03-21,b\n"),
        ("briefs", "campaign,published\na,2025-03-20\nb,2025-03-21\n"),
        ("spend", "period,amount\n2025-02-01,5\n2025-03-01,5\n"),
        ("funnel", "period,leads\n2025-02-01,5\n2025-03-01,5\n"),
    ],
)
def test_results_and_events_count_up_to_the_day(tmp_path: Path, table: str, text: str) -> None:
    cut = as_of(load(tmp_path, {f"{table}.csv": text}), "2025-03-20")
    assert len(cut.tables[table]) == 1
    assert notes(cut)[f"wall_{table}"][1] == 1


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("capacity", "period,leads\n2025-06-01,5\n"),
        ("targets", "round,measure,target\n2026Q1,units,5\n"),
        ("workgroups", "group,topic,leader,kpi,start\nW1,pricing,sales,margin,2025-06-01\n"),
    ],
)
def test_intentions_pass_the_wall(tmp_path: Path, table: str, text: str) -> None:
    assert len(as_of(load(tmp_path, {f"{table}.csv": text}), "2025-03-20").tables[table]) == 1


def test_what_sales_said_to_a_brief_later_is_blank(tmp_path: Path) -> None:
    text = (
        "campaign,published,agreed_by_sales,acknowledged_by,acknowledged,regular_customers_informed\n"
        "a,2025-03-01,sales 2025-03-25,desk,2025-03-25,240 2025-03-25\n"
    )
    brief = as_of(load(tmp_path, {"briefs.csv": text}), "2025-03-20").tables["briefs"].iloc[0]
    assert (
        brief[
            ["agreed_by_sales", "agreed_by_sales_by", "acknowledged_by", "regular_customers_informed"]
        ].tolist()
        == [""] * 4
    )
    assert brief[["agreed_by_sales_on", "acknowledged", "regular_customers_informed_count"]].isna().all()


def test_sales_that_end_long_before_the_as_of_date_are_said_to(tmp_path: Path) -> None:
    cut = as_of(load(tmp_path, {}), "2025-06-30")
    text = "sales: the table ends 2 periods before the as-of date; they are planned too."
    assert notes(cut)["sales_end_early"] == (text, 2)
