"""Disputed claims and their tests, over a workspace whose noise is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.answers.claims.next_tests import next_tests as answer_next_tests
from alignment_lib.answers.claims.next_tests import say_test
from alignment_lib.rounds.live.next_tests import TEST_COLUMNS, next_tests
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.view import RoundView, view_tables

STORES, MONTHS, NOISE = 24, 48, 0.05
SETTINGS = """\
[business]
name = "Many stores"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["store", "product"]
[plan]
quarters = 2
[forecast]
method = "naive"
"""
CLAIMS = """\
id,kind,title,owner,function,start,end,unit,low,expected,high,status,evidence,product,moves_from,moved_share,test_cost
P1,promotion,Coupon,brand,marketing,2026-01-01,2026-03-31,percent,20,30,40,proposed,S1,Tea,,,50
P2,promotion,Poster,brand,marketing,2026-01-01,2026-03-31,percent,-2,2,6,proposed,,Tea,,,
P3,promotion,Sampling,brand,marketing,2026-02-01,2026-02-28,percent,2,8,14,proposed,,,S01,0.2,
M1,market_shift,Warm winter,sales,sales,2026-01-01,2026-03-31,percent,-9,-1,7,proposed,,,,,
O1,one_off,Large order,sales,sales,2026-02-01,2026-02-28,units,0,900,1800,proposed,,Tea,,,
N1,promotion,Sure thing,brand,marketing,2026-01-01,2026-03-31,percent,,5,,proposed,,Tea,,,
L1,promotion,Summer,brand,marketing,2026-05-01,2026-05-31,percent,-5,20,40,proposed,,Tea,,,
"""
STUDIES = (
    "study,date,method,n,question,product,estimate,standard_error\nS1,2025-09-01,panel,400,Coupons,Tea,8,2\n"
)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> RoundWork:
    folder = tmp_path_factory.mktemp("given") / "stores"
    folder.mkdir()
    rng = np.random.default_rng(5)
    months = pd.date_range("2022-01-01", periods=MONTHS, freq="MS")
    level = np.linspace(50, 400, STORES)[:, None] * rng.lognormal(0, NOISE, (STORES, MONTHS))
    rows = [
        (month, f"S{store:02d}", product, level[store, place] * share, 10 * level[store, place] * share)
        for store in range(STORES)
        for place, month in enumerate(months)
        for product, share in (("Tea", 0.6), ("Milk", 0.4))
    ]
    columns = ["period", "store", "product", "units", "revenue"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "sales.csv", index=False)
    texts = {"planning.toml": SETTINGS, "assumptions.csv": CLAIMS, "research.csv": STUDIES}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    pd.DataFrame({"round": ["2026Q1"], "measure": ["units"], "target": [17_000.0]}).to_csv(
        folder / "targets.csv", index=False
    )
    request = PlanRequest(folder, "2026Q1")
    return RoundWork(prepare_round(request), request)


@pytest.fixture(scope="module")
def tests(work: RoundWork) -> pd.DataFrame:
    return next_tests(work.live).set_index("assumption")


def _view(work: RoundWork) -> RoundView:
    ready = work.ready
    manifest = {
        "round": ready.round.name,
        "cycle": "quarter",
        "scenario": "consensus",
        "measure": "units",
        "currency": "EUR",
        "as_of": "2026-01-01",
        "dimensions": list(ready.dimensions),
        "parameters": {"calendar": ready.workspace.calendar.stated},
    }
    names = ("plan", "assumptions", "next_tests")
    return view_tables(manifest, {name: work.tables[name] for name in names})


def test_a_claim_that_its_evidence_contradicts_is_tested_in_stores_drawn_by_lot(tests: pd.DataFrame) -> None:
    row = tests.loc["P1"]
    assert row["disputed"].startswith("evidence: optimistic")
    assert (row["dimension"], row["units"], row["is_useful"]) == ("store", STORES, True)
    assert row["smallest_claim"] <= row["wanted"]
    assert row["net"] == pytest.approx(row["nearer"] + row["gain"] - row["cost"], abs=1e-9)


def test_the_noise_found_is_that_of_the_stores(tests: pd.DataFrame) -> None:
    row = tests.loc["P1"]
    free = 1 / row["held_out"] + 1 / (STORES - row["held_out"])
    # A span of k months against three before: the changes of a unit scatter by s √(1/k + 1/3) or so.
    error = NOISE * np.sqrt((1 / row["periods"] + 1 / max(row["periods"], 3)) * free)
    assert np.log1p(row["smallest_effect"] / 100) == pytest.approx(2.93 * error, rel=0.15)


def test_the_cost_is_what_is_forgone_and_what_is_stated(work: RoundWork, tests: pd.DataFrame) -> None:
    row = tests.loc["P1"]
    without = work.live.evaluate(work.live.start_from("consensus"))
    belief = row["belief"] / 100
    # The action adds its belief to the tea of three months; the stores held out lack it for the test.
    tea = 0.6 * without.revenue * belief
    wanted = tea * row["held_out"] / STORES * row["periods"] / 3 + 50
    assert row["cost"] == pytest.approx(wanted, rel=0.02)


def test_settling_a_claim_is_a_plan_worked_out_at_both_ends(tests: pd.DataFrame) -> None:
    assert tests["money_low"].to_numpy() == pytest.approx(-tests["money_high"].to_numpy(), rel=1e-6)
    assert (tests["belief_low"] < tests["belief"]).all()


def test_where_nothing_can_be_drawn_by_lot_it_says_why(tests: pd.DataFrame) -> None:
    assert "nobody's action" in tests.loc["M1", "reason"]
    assert "single order" in tests.loc["O1", "reason"]
    assert "buyers moving there" in tests.loc["P3", "reason"]
    assert not tests.loc[["M1", "O1", "P3"], "is_useful"].any()


def test_what_nobody_doubts_is_not_disputed(tests: pd.DataFrame) -> None:
    # N1 states no range and nothing speaks of it; L1 begins after the round.
    assert not {"N1", "L1"} & set(tests.index)


def test_tests_of_use_come_first_by_worth_less_cost(work: RoundWork) -> None:
    table = next_tests(work.live)
    assert tuple(table.columns) == TEST_COLUMNS
    useful = table[table["is_useful"]]
    assert useful["net"].is_monotonic_decreasing
    assert table["is_useful"].is_monotonic_decreasing


def test_the_answer_names_the_next_test(work: RoundWork) -> None:
    answer = answer_next_tests(_view(work))
    assert answer.chart is not None
    assert answer.shown is not None
    assert " drawn by lot for " in answer.sentence or "none has a test" in answer.sentence
    row = next(row for row in answer.frame.to_dict("records") if row["assumption"] == "P1")
    assert say_test(row, "month").startswith("until a test has settled it: by store, leave it out in ")
    none = next(row for row in answer.frame.to_dict("records") if row["assumption"] == "M1")
    assert say_test(none, "month").startswith("though no test of use can be made: it is nobody's action")
    assert len(answer.table()) == len(answer.frame)


def test_of_very_many_claims_the_largest_are_looked_at(
    work: RoundWork, tests: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alignment_lib.rounds.live.next_tests._MOST", 2)
    few = next_tests(work.live).set_index("assumption")
    assert 0 < len(few) <= 2
    assert few["settled"].to_dict() == {name: tests.loc[name, "settled"] for name in few.index}
