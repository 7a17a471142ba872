"""The agenda: gap, decisions, risks, each with chart, question, options and time; decisions come back."""

from __future__ import annotations

import pandas as pd

from alignment_lib.review.agenda import meeting_agenda
from alignment_lib.review.meeting import HOUSE_RULES, decision_sheet, what_became

AS_OF = pd.Timestamp("2026-01-10")


def _gaps() -> pd.DataFrame:
    row = {"level": "all", "span": "quarter", "p10": 900.0, "p50": 1000.0, "p90": 1100.0, "target": 1100.0}
    return pd.DataFrame(
        [row | {"probability": 0.1, "money_short": 500.0}, row | {"target": 950.0, "probability": 0.7}]
    )


def _contested() -> pd.DataFrame:
    row = {
        "assumption": "A1",
        "title": "Coupon",
        "owner": "brand marketing",
        "verdict": "optimistic",
        "claim": 90.0,
    }
    row |= {"supported": 40.0, "unit": "percent", "money_claimed": 9000.0, "money_supported": 4000.0}
    return pd.DataFrame([row])


def _weak() -> pd.DataFrame:
    row = {"side": "sales", "stage": "contacted", "source": "web", "reference": "promise 90%", "value": 700.0}
    return pd.DataFrame([row | {"sentence": "web: late."}, row | {"source": "fair", "value": 10.0}])


def _decisions() -> pd.DataFrame:
    row = {
        "decision": "D1",
        "round": "2025Q4",
        "text": "Extend the coupon",
        "assumptions": "A1",
        "expected_effect": 2e3,
    }
    row |= {"owner": "brand marketing", "due": pd.Timestamp("2025-12-01"), "status": "open", "outcome": ""}
    done = row | {"decision": "D2", "status": "done", "outcome": "Live since March"}
    later = row | {"decision": "D3", "due": pd.Timestamp("2026-05-01")}
    return pd.DataFrame([row, done, later])


def _consequences() -> pd.DataFrame:
    row = {"assumption": "A1", "probability_before": 0.1}
    return pd.DataFrame(
        [
            row | {"option": "accept alone", "units": 104.0, "revenue": 2080.0, "probability": 0.38},
            row | {"option": "accept as history says", "units": -32.0, "revenue": -640.0, "probability": 0.1},
            row | {"option": "accept with all", "units": 60.0, "revenue": 1200.0, "probability": 0.9},
            row | {"option": "drop", "units": -73.0, "revenue": -1460.0, "probability": 0.03},
        ]
    )


def test_the_gap_comes_first_then_decisions_then_risks() -> None:
    changes = pd.DataFrame(
        [{"assumption": "A2", "title": "Launch", "before": "5", "after": "9", "money": -3000.0}]
    )
    agenda, notices = meeting_agenda(_gaps(), _contested(), _weak(), _decisions(), changes, AS_OF)
    assert agenda["topic"].tolist() == ["gap", "contested claim", "broken promise", "due action", "change"]
    assert agenda["money"].tolist() == [-500, 5000, 700, 2000, -3000]
    assert agenda["place"].tolist() == [1, 2, 3, 4, 5]
    assert (agenda["question"] != "").all()
    assert notices == ()


def test_decisions_come_by_what_they_change_in_the_odds_then_by_their_own_money() -> None:
    claims = pd.concat([_contested().assign(assumption=name) for name in ("A1", "A2", "A3")])
    found = pd.concat(
        [
            _consequences(),
            _consequences().assign(assumption="A2", probability=0.12),
            _consequences().assign(assumption="A3", probability=0.12, revenue=9000.0),
        ]
    )
    agenda, _ = meeting_agenda(contested=claims, consequences=found, currency="EUR")
    assert agenda["ids"].tolist() == ["A1", "A3", "A2"]
    assert agenda["odds"].round(2).tolist() == [0.8, 0.02, 0.02]
    assert agenda["money"].tolist() == [2080.0, 9000.0, 2080.0]


def test_every_option_carries_what_it_does_when_planned_with_its_sign_and_span() -> None:
    agenda, _ = meeting_agenda(
        contested=_contested(), consequences=_consequences(), currency="EUR", span="2026Q1", unit="units"
    )
    then = "in 2026Q1; the target is then made with"
    assert agenda["options"][0].split("\n") == [
        f"Accept the claim of +90\u202f%: +104 units, +2,080 EUR {then} 38\u202f%.",
        f"Take what history supports: \u221232 units, \u2212640 EUR {then} 10\u202f%.",
        f"Accept it with all others that are open: +60 units, +1,200 EUR {then} 90\u202f%.",
        f"Drop claim and action: \u221273 units, \u22121,460 EUR {then} 3\u202f%.",
        "Put it off until a test has settled it.",
    ]


def test_the_forecast_is_nothing_to_accept_or_to_reject() -> None:
    row = {"title": "The forecast itself", "before": 5.0, "after": 9.0, "money": 300.0, "unit": "units"}
    agenda, _ = meeting_agenda(changes=pd.DataFrame([row | {"assumption": "baseline"}]))
    assert agenda["options"][0] == "Take note.\nAsk for the reason, with a date."


def test_an_accepted_claim_in_doubt_is_weighed_by_what_history_supports() -> None:
    agenda, _ = meeting_agenda(contested=_contested(), span="2026Q1")
    assert agenda["options"][0].split("\n") == [
        "Keep the claim of +90\u202f%: +9,000 in 2026Q1.",
        "Take what history supports, +40\u202f%: +4,000 in 2026Q1.",
        "Put it off until a test has settled it.",
    ]
    assert agenda["question"][0] == "The claim is optimistic: which number goes into the plan?"
    assert agenda["chart"][0] == "evidence"


def test_a_target_that_is_made_is_not_on_the_agenda() -> None:
    agenda, _ = meeting_agenda(gaps=_gaps())
    assert len(agenda) == 1
    assert agenda["question"][0] == "The target is made with odds of 10\u202f%: what do we do?"


def test_the_time_boxes_fit_the_meeting_and_what_does_not_fit_is_said() -> None:
    agenda, notices = meeting_agenda(
        _gaps(), _contested(), _weak(), _decisions(), None, AS_OF, minutes=60, most=2
    )
    assert agenda["minutes"].sum() <= 50
    assert (agenda["minutes"] > 0).all()
    assert [(notice.code, notice.count) for notice in notices] == [("agenda_full", 2)]
    assert notices[0].text == "Items that did not fit: Web: contacted, Extend the coupon."


def test_nothing_to_decide_says_so() -> None:
    agenda, notices = meeting_agenda()
    assert len(agenda) == 0
    assert notices[0].text == "Nothing is contested, broken or due: sign and go."


def test_the_house_rules_hold_the_three_that_matter() -> None:
    text = " ".join(HOUSE_RULES)
    assert "neither marketing nor sales" in text
    assert "Facts first" in text
    assert "no names" in text


def test_earlier_decisions_open_the_sheet_with_what_became_of_them() -> None:
    sheet = decision_sheet(_decisions(), "2026Q1", AS_OF, blank_rows=2)
    assert sheet[["decision", "state"]].to_numpy().tolist() == [
        ["D1", "overdue"],
        ["D2", "done"],
        ["D3", "open"],
        ["2026Q1-1", "new"],
        ["2026Q1-2", "new"],
    ]
    assert sheet.loc[1, "outcome"] == "Live since March"
    assert sheet.loc[3, ["text", "owner", "outcome"]].tolist() == ["", "", ""]


def test_a_sheet_without_earlier_decisions_is_all_fresh_rows() -> None:
    sheet = decision_sheet(None, "2026Q1", AS_OF, blank_rows=3)
    assert sheet["state"].tolist() == ["new"] * 3


def test_the_largest_of_each_topic_is_on_the_agenda_where_there_is_room() -> None:
    many = pd.concat([_contested().assign(assumption=f"A{n}", money_claimed=9000.0 + n) for n in range(6)])
    agenda, notices = meeting_agenda(_gaps(), many, _weak(), None, None, AS_OF, most=4, currency="EUR")
    assert agenda["topic"].tolist() == ["gap", "contested claim", "contested claim", "broken promise"]
    assert notices[0].text == "Items that did not fit: A3 Coupon, A2 Coupon, A1 Coupon, A0 Coupon."


def test_what_a_weak_point_is_worth_is_said_in_the_span_that_is_planned() -> None:
    agenda, _ = meeting_agenda(None, None, _weak(), None, None, AS_OF, currency="EUR")
    assert agenda["options"][0].split("\n")[:2] == [
        "Mend it (promise 90%): +700 EUR a year.",
        "Go half of the way: +350 EUR a year.",
    ]
    quarter, _ = meeting_agenda(weak_points=_weak(), currency="EUR", span="2026Q1", year_share=0.25)
    assert quarter["money"][0] == 175.0
    assert quarter["options"][0].startswith("Mend it (promise 90%): +175 EUR in 2026Q1.")
    assert agenda["title"][0] == "Web: contacted"
    assert agenda["source"].tolist() == ["web"]


def test_earlier_decisions_come_back_with_what_became_of_them() -> None:
    claims = pd.DataFrame(
        {"assumption": ["A1", "A1"], "sentence": ["first round", "A1 claimed +9; +4 came."]}
    )
    sheet = decision_sheet(_decisions(), "2026Q1", AS_OF, blank_rows=1)
    said = dict(zip(sheet["decision"], what_became(sheet, claims, AS_OF), strict=True))
    # D1 was due 1 December and is open on 10 January: 40 days.
    assert said["D1"] == "Open, 40 days past its date. A1 claimed +9; +4 came."
    assert said["D2"] == "Live since March. A1 claimed +9; +4 came."
    assert said["2026Q1-1"] == ""
