"""The agenda: most money first, each item with chart, question, options and time; decisions come back."""

from __future__ import annotations

import pandas as pd

from alignment_lib.review.meeting import HOUSE_RULES, decision_sheet, meeting_agenda, what_became

AS_OF = pd.Timestamp("2026-01-10")


def _gaps() -> pd.DataFrame:
    row = {"level": "all", "span": "quarter", "p10": 900.0, "p50": 1000.0, "p90": 1100.0, "target": 1100.0}
    return pd.DataFrame(
        [row | {"probability": 0.1, "money_per_unit": 5.0}, row | {"target": 950.0, "probability": 0.7}]
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


def test_what_matters_most_in_money_comes_first() -> None:
    changes = pd.DataFrame(
        [{"assumption": "A2", "title": "Launch", "before": "5", "after": "9", "money": -3000.0}]
    )
    agenda, notices = meeting_agenda(_gaps(), _contested(), _weak(), _decisions(), changes, AS_OF)
    # Gap (1,100 - 1,000) x 5 = 500; claim 9,000 - 4,000; change 3,000 either way; action 2,000; promise 700.
    assert agenda["topic"].tolist() == ["contested claim", "change", "due action", "broken promise", "gap"]
    assert agenda["money"].tolist() == [5000, -3000, 2000, 700, 500]
    assert agenda["place"].tolist() == [1, 2, 3, 4, 5]
    assert (agenda["question"] != "").all()
    assert notices == ()


def test_options_carry_their_numbers() -> None:
    agenda, _ = meeting_agenda(contested=_contested())
    assert agenda["options"][0].split("\n") == [
        "Accept the claim of +90\u202f%: +9,000.",
        "Take what history supports, +40\u202f%: +4,000.",
        "Reject it, or agree on a test that would settle it.",
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
    assert notices[0].text == "Items that did not fit, worth 1,200 together."


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
    assert agenda["topic"].tolist() == ["contested claim", "contested claim", "broken promise", "gap"]
    # Left out: the four smaller claims, 5,003 + 5,002 + 5,001 + 5,000.
    assert notices[0].text == "Items that did not fit, worth 20,006 EUR together."


def test_options_carry_numbers_and_their_money() -> None:
    agenda, _ = meeting_agenda(None, _contested(), _weak(), None, None, AS_OF, currency="EUR")
    claim, promise = agenda["options"].str.split("\n")
    assert claim[0] == "Accept the claim of +90\u202f%: +9,000 EUR."
    assert claim[1] == "Take what history supports, +40\u202f%: +4,000 EUR."
    assert promise[:2] == ["Mend it (promise 90%): +700 EUR a year.", "Half of the way this year: +350 EUR."]
    assert agenda["title"].tolist()[1] == "Web: contacted"
    assert agenda["source"].tolist() == ["", "web"]


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
