"""Lists brought in by a mapping: leads, opportunities, contacts, spend, costs and prices."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from alignment_lib.inputs.applying.importing import apply_mapping
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.proposing.import_mapping import propose_mapping
from alignment_lib.inputs.reading.exports import read_export


@pytest.fixture
def bring(tmp_path):
    """Propose a mapping for a text and apply it, changed as asked, its doubts taken as settled."""

    def bring_in(text, kind="", **changes):
        path = tmp_path / "export.csv"
        path.write_text(text, encoding="utf-8")
        export = read_export(path)
        mapping = propose_mapping(export, kind)
        mapping = replace(
            mapping, doubts=(), **{k: v(mapping) if callable(v) else v for k, v in changes.items()}
        )
        return apply_mapping(export, mapping), propose_mapping(export, kind)

    return bring_in


def notes(found):
    return {notice.code: notice.text for notice in found.notices}


HISTORY = """Lead ID,Created,Source,Status,Amount,Last Modified
A,2025-01-01,web,Qualified,,2025-01-03
A,2025-01-01,web,Proposal,,2025-01-05
A,2025-01-01,,Closed Won,500,2025-01-09
B,2025-01-02,fair,Closed Won,100,2025-01-04
B,2025-01-02,fair,Qualified,,2025-01-03
C,2025-01-02,fair,Open,,2025-01-03
"""


def test_a_history_of_rows_gives_the_newest_state_and_the_days_of_the_steps(bring):
    text = HISTORY.replace("Closed Won,500,2025-01-09", "Proposal,500,2025-01-09")
    found, proposal = bring(text, "leads")
    leads = found.tables["leads"].set_index("lead_id")
    assert proposal.milestones == {"Proposal": "opportunity_at", "Qualified": "accepted_at"}
    assert leads.loc["A", ["source", "accepted_at", "opportunity_at"]].tolist() == [
        "web",
        "2025-01-03",
        "2025-01-05",
    ]
    assert leads.loc["B", "amount"] == 100
    assert notes(found)["history_accepted_at"] == "accepted_at: 2 days taken from the history of the stages."


def test_wins_without_a_day_are_asked_about_and_kept(bring):
    found, proposal = bring(HISTORY, "leads")
    assert proposal.decisions["undated_outcomes"] == "keep"
    assert any("2 leads won or lost" in doubt or "leads won or lost" in doubt for doubt in proposal.doubts)
    assert (found.tables["leads"]["outcome"] == "won").sum() == 2


def test_rows_that_differ_without_a_date_of_change_are_asked_about(bring):
    text = "\n".join(line.rsplit(",", 1)[0] for line in HISTORY.splitlines()) + "\n"
    found, proposal = bring(text, "leads")
    assert any("2 leads of 'Lead ID' stand in several rows that differ" in doubt for doubt in proposal.doubts)
    assert notes(found)["twice"].startswith("2 leads in several rows: the last row of each kept")


def test_yes_and_no_are_asked_about_with_their_counts(bring):
    text = "id,created,source,y\n" + "".join(
        f"{n},2025-01-{1 + n:02d},call,{'yes' if n % 4 == 0 else 'no'}\n" for n in range(20)
    )
    found, proposal = bring(text, "leads")
    assert any("no (15 rows) for lost, yes (5 rows) for won" in doubt for doubt in proposal.doubts)
    assert found.tables["leads"]["outcome"].value_counts().to_dict() == {"lost": 15, "won": 5}


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("TRUE", "FALSE"), ("Ja", "Nein")])
def test_other_ways_of_yes_and_no(bring, yes, no):
    text = "id,created,source,converted\n" + "".join(
        f"{n},2025-01-{1 + n:02d},call,{yes if n % 4 == 0 else no}\n" for n in range(20)
    )
    found, _ = bring(text, "leads")
    assert found.tables["leads"]["outcome"].value_counts().to_dict() == {"lost": 15, "won": 5}


def test_leads_without_ids_can_be_numbered_by_their_rows(bring):
    text = "created,source,status,note\n2025-01-01,web,won,a b\n2025-01-02,fair,open,c d\n"
    with pytest.raises(InputError, match="no column for lead_id"):
        bring(text, "leads")
    found, _ = bring(text, "leads", columns=lambda mapping: {**mapping.columns, "lead_id": "(row)"})
    assert found.tables["leads"]["lead_id"].tolist() == ["row 2", "row 3"]


def test_one_source_may_stand_for_all_rows(bring):
    text = "lead id,created,status\nA,2025-01-01,won\n,2025-01-02,open\n"
    found, proposal = bring(
        text,
        "leads",
        columns=lambda mapping: {key: name for key, name in mapping.columns.items() if key != "source"},
        values={"source": "fair"},
    )
    assert any("no column was found for source" in doubt for doubt in proposal.doubts)
    assert found.tables["leads"]["source"].tolist() == ["fair", "fair"]
    assert found.tables["leads"]["lead_id"].tolist() == ["A", "row 3"]


def test_negative_amounts_are_left_out_and_accounted_for(bring):
    text = "lead id,created,source,status,close date,amount\nA,2025-01-01,web,won,2025-01-05,100\n"
    text += "B,2025-01-02,web,won,2025-01-06,-40\n"
    found, _ = bring(text, "leads")
    assert found.tables["leads"]["amount"].sum() == 100
    assert "−40.00 in all" in notes(found)["negative_amounts"]
    assert found.reconciliation.difference("amount") == pytest.approx(0, abs=1e-9)


def test_a_close_date_alone_is_expected_while_open_and_actual_once_closed(bring):
    text = (
        "opportunity id,stage,amount,close date,created\n"
        "1,Closed Won,10,2025-02-01,2025-01-01\n2,Proposal,20,2025-06-01,2025-01-02\n3,Proposal,,,\n"
    )
    found, _ = bring(text, "opportunities")
    table = found.tables["opportunities"].fillna("").set_index("opportunity_id")
    assert table.loc["1", ["expected_close", "closed_at", "outcome"]].tolist() == ["", "2025-02-01", "won"]
    assert table.loc["2", ["expected_close", "closed_at", "outcome"]].tolist() == ["2025-06-01", "", ""]
    assert {"without_opened", "without_amount", "without_expected_close"} <= set(notes(found))


def test_calls_say_who_was_reached_and_ask_about_the_rest(bring):
    text = "lead id,call time,call outcome\nA,2025-01-01 10:00,Connected\nB,2025-01-01 11:00,Busy\n"
    text += ",2025-01-02 09:00,Transferred\n"
    found, proposal = bring(text, "contacts")
    assert any("'Transferred' (1 row)" in doubt for doubt in proposal.doubts)
    assert found.tables["contacts"].to_dict("list") == {
        "lead_id": ["A", "B"],
        "at": ["2025-01-01 10:00", "2025-01-01 11:00"],
        "reached": ["yes", "no"],
    }
    assert "1 contact that name no lead" in notes(found)["without_lead"] or "without_lead" in notes(found)


def test_spend_adds_up_by_period_source_and_campaign(bring):
    text = "week,channel,spend_eur,clicks\n" + "".join(
        f"2025-01-{6 + 7 * (n // 2):02d},{('tv', 'web')[n % 2]},{100 + n}.50,{n}\n" for n in range(6)
    )
    found, _ = bring(text)
    assert found.tables["spend"]["amount"].sum() == pytest.approx(6 * 100.5 + 15)
    assert found.reconciliation.difference("amount") == pytest.approx(0, abs=1e-9)


def test_credits_above_the_spend_of_a_period_are_refused(bring):
    text = "week,channel,cost,clicks\n2025-01-06,tv,10,1\n2025-01-13,tv,-40,1\n2025-01-20,tv,5,1\n"
    with pytest.raises(InputError, match="credits above the spend of 2025-01-13"):
        bring(text, "spend")


def test_two_costs_of_one_product_and_day_are_a_fault_and_doubles_are_not(bring):
    text = "product,unit cost,valid from\nTea,2.10,2025-01-01\nTea,2.10,2025-01-01\nCake,0,2025-01-01\n"
    found, _ = bring(text, "costs")
    assert found.tables["costs"].to_dict("list") == {
        "period": ["2025-01-01"],
        "product": ["Tea"],
        "unit_cost": [2.1],
    }
    assert found.reconciliation.difference("unit cost") == pytest.approx(0, abs=1e-9)
    with pytest.raises(
        InputError, match=r"row 3.*two figures for 2025-01-01, Tea|two figures for 2025-01-01, Tea"
    ):
        bring(text.replace("2.10,2025-01-01\nCake", "2.50,2025-01-01\nCake"), "costs")


def test_prices_without_a_day_say_how_to_name_one(bring):
    text = "product,list price\nTea,4.90\nCake,4.00\n"
    with pytest.raises(InputError, match=r"period = .* under \[values\]"):
        bring(text, "prices")
    found, _ = bring(text, "prices", values={"period": "2025-01-08"})
    assert found.tables["drivers"]["period"].tolist() == ["2025-01-06", "2025-01-06"]


def test_a_mapping_with_a_column_of_no_such_name_is_refused(bring):
    with pytest.raises(InputError, match=r"'crated' under \[columns\]"):
        bring(HISTORY, "leads", columns=lambda mapping: {**mapping.columns, "crated": "Created"})


def test_what_is_doubtful_leaves_a_draft_even_where_much_is_missing(bring):
    with pytest.raises(InputError, match="no column for created"):
        bring("lead id,nonsense\nA,x\nB,y\n", "leads")


def test_hostile_cells_stay_text(bring):
    text = 'lead id,created,source,status\n=1+1,2025-01-01,"=HYPERLINK(""x"")",won\n'
    text += "'; DROP,2025-01-02,<script>,open\n"
    found, _ = bring(text, "leads")
    assert found.tables["leads"]["source"].tolist() == ['=HYPERLINK("x")', "<script>"]


def test_several_currencies_are_never_added(bring):
    text = "Day,Campaign,Currency code,Cost,Clicks\n2025-01-06,a,EUR,10,1\n2025-01-07,a,USD,20,1\n"
    with pytest.raises(InputError, match=r"column Currency code: found several currencies: .*EUR"):
        bring(text, "spend")
    marked = "lead id,created,source,status,close date,amount\nA,2025-01-01,w,won,2025-01-05,€10\n"
    with pytest.raises(InputError, match="several currencies"):
        bring(marked + "B,2025-01-01,w,won,2025-01-05,£20\n", "leads")


def test_a_total_that_names_no_campaign_goes_by_its_sum(bring):
    text = "Day,Campaign,Cost,Clicks\n2025-01-06,,30.00,3\n2025-01-06,a,10.00,1\n2025-01-13,b,20.00,2\n"
    found, _ = bring(text, "spend")
    assert found.tables["spend"]["amount"].sum() == 30
    kept, _ = bring(text.replace("30.00", "31.00"), "spend")
    assert kept.tables["spend"]["amount"].sum() == 61


def test_times_of_a_lead_in_two_offsets_keep_their_distance(bring):
    text = "lead id,created,source,status,qualified date\n"
    text += "A,2025-01-01T00:30:00+02:00,web,open,2025-01-01T08:30:00Z\n"
    found, _ = bring(text, "leads")
    leads = found.tables["leads"]
    assert leads.loc[0, ["created", "accepted_at"]].tolist() == ["2025-01-01 00:30", "2025-01-01 10:30"]
    assert notes(found)["moved_offsets"].startswith("accepted_at: 1 time brought")


def test_two_hundred_unknown_stages_are_all_asked_about(bring):
    text = "lead id,created,source,status\n" + "".join(f"{n},2025-01-01,web,Odd {n}\n" for n in range(200))
    _, proposal = bring(text, "leads")
    assert proposal.columns["status"] == "status"
    assert sum("is not known" in doubt for doubt in proposal.doubts) == 30
    assert any("170 more stages" in doubt for doubt in proposal.doubts)


def test_the_same_rows_in_any_order_give_the_same_leads(bring):
    lines = HISTORY.splitlines()
    first, _ = bring(HISTORY, "leads")
    second, _ = bring("\n".join([lines[0], *reversed(lines[1:])]) + "\n", "leads")
    pd.testing.assert_frame_equal(
        first.tables["leads"].sort_values("lead_id", ignore_index=True),
        second.tables["leads"].sort_values("lead_id", ignore_index=True),
    )
