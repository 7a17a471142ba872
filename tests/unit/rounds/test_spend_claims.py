"""Budgets of the register: from money over leads to sales, profit and odds, on a small workspace."""

import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.answers.leads.budget import budget
from alignment_lib.answers.live.pictures import Pictures, headline_facts
from alignment_lib.answers.plan.one_decision import decide_each
from alignment_lib.app.explorer.refusals import check_value
from alignment_lib.inputs.configuration.budget_settings import BudgetSettings
from alignment_lib.inputs.configuration.settings_reader import parse_settings
from alignment_lib.inputs.problems import InputError
from alignment_lib.planning.budget.spend_book import BelowCommitted
from alignment_lib.planning.budget.spending import BudgetError
from alignment_lib.planning.odds.simulated_effects import DrawnClaims
from alignment_lib.planning.register.scenarios import Move
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.live.money_figures import money_of
from alignment_lib.rounds.preparing.planned_spend import plan_spend
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.spending.spend_budget import LeadNeeds, budget_table
from tests.unit.rounds.spending import AHEAD, SETTINGS, write_budgets


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> RoundWork:
    folder = write_budgets(tmp_path_factory.mktemp("budgets") / "bicycles")
    request = PlanRequest(folder, "2026Q1", as_of=pd.Timestamp("2025-12-29"))
    return RoundWork(prepare_round(request), request)


def test_a_budget_brings_what_the_response_says_and_only_to_new_sales(work):
    plan, book = work.plans.plans["consensus"], work.ready.spending.book
    row = next(row for row in work.ready.register if row.id == "B1")
    usual = book.usual_of("search")
    path = usual * 0.0
    path[1:5] = 1000.0
    curves, at = book.curves, book.channels.index("search")
    brought = [curves.bring(money, at, book.before["search"]) for money in (usual + path, usual)]
    leads = (brought[0] - brought[1]).mean(axis=1)
    [shift] = book.shifts(row)
    assert shift.leads_at(4000.0) == pytest.approx(leads.sum(), rel=1e-9)
    units = leads * book.worth["search"].sales / 40.0
    np.testing.assert_allclose(plan.effects["B1"].sum(axis=0), units, rtol=1e-6)
    new = (plan.grid.keys["sale_type"] == "new").to_numpy()
    assert not plan.effects["B1"][~new].any()


def test_the_owners_word_counts_where_history_cannot_tell_and_its_absence_is_said(work):
    plan = work.plans.plans["as_proposed"]
    each = work.ready.spending.book.worth["radio"].sales / 40.0
    assert plan.effects["B2"].sum() == pytest.approx(2000 * 0.02 * each)
    assert plan.effects["B3"].sum() == 0.0
    said = {notice.code: notice.text for notice in work.plans.notices}
    assert said["unanswered"].startswith("B3 shifts spend and history cannot tell what that brings")
    found = work.tables["evidence"].set_index("assumption")
    assert (
        "history cannot tell what radio brings, so the plan rests on its owner's word of +40 leads"
        in (found.loc["B2", "sentence"])
    )
    assert "no sales are counted, only the money" in found.loc["B3", "sentence"]
    assert found["verdict"].to_dict() == {
        "B1": "supported", "B2": "no history", "B3": "no history", "B4": "supported", "B5": "optimistic",
    }  # fmt: skip
    assert "history's counts" in found.loc["B5", "sentence"]


def test_margin_and_profit_follow_and_the_bridge_names_the_money(work):
    bridge = work.tables["profit_bridge"]
    whole = bridge[(bridge["span"] == "quarter") & (bridge["product"] == "") & (bridge["sale_type"] == "")]
    rows = whole.set_index("assumption")
    assert rows["effect"].drop("plan").sum() == pytest.approx(rows.loc["plan", "effect"], abs=1e-6)
    assert rows.loc["B1", "spend"] == pytest.approx(-4000.0)
    assert rows.loc["B5", "spend"] == pytest.approx(-1000.0)
    assert rows.loc["B4", "spend"] == pytest.approx(0.0, abs=1e-9)
    assert rows.loc["B1", "by_cost"] == pytest.approx(-22.0 / 40.0 * rows.loc["B1", "by_volume"])
    money = work.tables["money"].query("scenario == 'consensus'")
    spent = work.ready.money.spend.sum() + 4000.0 + 2000.0 + 1000.0
    assert money["spend"].sum() == pytest.approx(spent)


def test_odds_hold_the_doubt_of_the_response_and_of_the_money(work):
    plan, layout = work.plans.plans["consensus"], work.live.layout_of(work.live.start_from("consensus"))
    [claim] = layout.claims["B5"]
    drawn = DrawnClaims.of(plan.grid, plan.values, {}, 2000)
    strength = drawn.strength(claim)
    assert strength.mean() == pytest.approx(1.0, abs=1e-9)
    assert strength.std() > 0.02
    odds = work.tables["money_odds"].query("scenario == 'consensus' and span == 'quarter'")
    profit = odds[(odds["measure"] == "profit") & (odds["product"] == "") & (odds["sale_type"] == "")].iloc[0]
    assert profit["p10"] < profit["plan"] < profit["p90"]


def test_more_money_brings_more_and_ever_less_of_it(work):
    book = work.ready.spending.book
    row = next(row for row in work.ready.register if row.id == "B1")
    [shift] = book.shifts(row)
    steps = np.diff(shift.sales) / np.diff(shift.levels)
    inside = (shift.levels[:-1] >= -1000.0) & (shift.levels[1:] <= 10000.0)
    assert (steps[inside] > 0).all()
    assert (np.diff(steps[inside]) < 1e-9).all()
    assert shift.money.min() == pytest.approx(-2000.0)
    assert shift.sales_at(0.0) == 0.0


def test_what_is_signed_for_is_not_taken_back(work):
    book = work.ready.spending.book
    held = replace(book, committed={"search": np.full(len(AHEAD), 400.0)})
    row = replace(next(row for row in work.ready.register if row.id == "B1"), expected=-1000.0, low=np.nan)
    with pytest.raises(
        BelowCommitted, match="B1 takes 1,000 EUR from search, of whose planned money only 400"
    ):
        held.shifts(row)
    assert held.shifts(replace(row, expected=-400.0))[0].money_at(-400.0) == pytest.approx(-400.0)


def test_planned_rows_are_business_as_usual_and_others_run_as_a_year_before(work):
    found = plan_spend(work.ready.workspace, work.ready.horizon.grid.periods)
    assert (found.planned[["search", "social"]] == 500.0).all().all()
    assert (found.planned["radio"] == 300.0).all()
    assert found.filled.any().to_dict() == {"fair": True, "radio": True, "search": False, "social": False}
    assert work.ready.money.spend.sum() == pytest.approx(found.planned.to_numpy().sum(), abs=1e-9)
    said = [one.text for one in work.ready.notices if one.code == "spend_as_before"]
    assert "for fair, radio: what was spent in the same periods a year before stands in" in said[0]


def test_a_lead_is_worth_the_margin_of_the_order_it_may_become(work):
    """An order of 40 a unit leaves 18: a lead is worth its sales times 18 / 40; what earns less stays."""
    rows = work.tables["budget"].set_index("source")
    sales = work.ready.spending.book.worth["search"].sales
    assert rows.loc["search", "worth"] == pytest.approx(sales * 18.0 / 40.0)
    known = rows[rows["is_known"]]
    assert known["earned_best"].sum() > known["earned_asked"].sum()
    assert "are better not spent: more would bring less than it costs" in rows["bound"].iloc[0]
    said = budget(view_work(work)).sentence
    assert "it would earn about" in said
    assert "EUR more after what it costs" in said


@pytest.fixture
def asked(work, tmp_path):
    """The tables of a round whose settings ask for a budget."""

    def ask(text: str) -> pd.DataFrame:
        settings = work.ready.workspace.settings
        given = replace_settings(settings, text)
        ready = replace(work.ready, workspace=replace(work.ready.workspace, settings=given))
        return budget_table(ready, *work.spend, needs=LeadNeeds(50.0, 20.0)).set_index("source")

    return ask


def replace_settings(settings, text):
    return settings.model_copy(update={"budget": BudgetSettings(**tomllib.loads(text))})


def test_a_half_made_budget_is_completed_and_how_is_said(asked):
    rows = asked("total = 18000\nchannels = { search = 9000 }")
    assert rows["asked"].sum() == pytest.approx(18000.0)
    assert rows.loc["search", "asked"] == 9000.0
    assert rows.loc["social", "asked"] / rows.loc["radio", "asked"] == pytest.approx(6500.0 / 3900.0)
    assert rows["completed"].iloc[0] == "9,000 left of the total is spread over radio, social as usual."
    assert rows["best"].sum() == pytest.approx(18000.0)


def test_least_money_for_the_leads_required_stops_at_what_can_be_handled(asked):
    rows = asked("leads = 600\nprobability = 0.9")
    known = rows[rows["is_known"]]
    assert (rows["least"] >= rows["low"] - 1e-6).all()
    assert "can be handled: no more is bought" in rows["least_said"].iloc[0]
    assert rows["sure"].notna().all()
    assert (known["sure"] <= known["high"] + 1e-6).all()
    beyond = asked("leads = 90000")
    assert beyond["sure"].isna().all()
    assert "cannot be had with 80" in beyond["sure_said"].iloc[0]
    assert "(search 2" in beyond["sure_said"].iloc[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("total = 100", "less than the"),
        ("channels = { tele = 5 }", "No channel is called tele; there are: radio, search, social"),
        ("bounds = { tele = [0, 5] }", "no channel with a response is called tele"),
        ("total = 5000\nchannels = { search = 9000 }", "The channels given take 9,000 of a total of 5,000"),
    ],
)
def test_a_budget_that_cannot_be_is_refused_with_its_reason(asked, text, said):
    with pytest.raises(BudgetError, match=said):
        asked(text)


def test_bounds_in_the_wrong_order_are_a_fault_of_the_settings():
    with pytest.raises(InputError, match="a least of search that is not above its most"):
        parse_settings(SETTINGS + "[budget]\nbounds = { search = [5, 2] }\n")


def test_a_budget_is_moved_dropped_and_set_like_any_claim(work):
    live = work.live
    start = live.start_from("consensus")
    now = live.evaluate(start)
    published = work.tables["money"].query("scenario == 'consensus'")
    for name, amount in money_of(live, now).items():
        assert amount == pytest.approx(published[name].sum(), abs=1e-6)
    assert headline_facts(Pictures(live), now)[-1]["label"] == "Profit after marketing"
    without = live.evaluate(replace(start, on=start.on - {"B1"}))
    assert now.total - without.total == pytest.approx(dict(now.effects)["B1"], rel=1e-6)
    spent = money_of(live, now)["spend"] - money_of(live, without)["spend"]
    assert spent == pytest.approx(4000.0)
    more = live.evaluate(replace(start, values={"B1": 6000.0}))
    assert money_of(live, more)["spend"] - money_of(live, now)["spend"] == pytest.approx(2000.0)
    assert 0 < more.total - now.total < 0.5 * dict(now.effects)["B1"]
    later = live.evaluate(replace(start, moves=(Move("B1", pd.Timestamp("2026-03-02"), 1.0),)))
    assert 0 < dict(later.effects)["B1"] < dict(now.effects)["B1"]


def test_a_slider_does_not_take_back_what_is_signed_for(work):
    book = replace(work.ready.spending.book, committed={"search": np.full(len(AHEAD), 400.0)})
    check_value(work.ready.register, "B1", -300.0, book)
    with pytest.raises(BelowCommitted, match="take less, or choose later dates"):
        check_value(work.ready.register, "B1", -3000.0, book)


def test_what_deciding_an_open_budget_does_stands_beside_it(work):
    found = work.tables["consequences"].query("assumption == 'B3'").set_index("option")
    assert found.loc["accept alone", "units"] == 0.0
    assert found.loc["accept alone", "revenue"] == 0.0
    assert found.loc["accept alone", "profit"] == pytest.approx(-2000.0)
    told = decide_each(view_work(work), work.plan.plan.sum())["B3"]
    assert "profit −2,000 EUR" in told.line


def test_two_budgets_of_one_source_are_named(work):
    said = [one.text for one in work.ready.notices if one.code == "budgets_share_source"]
    assert said[0].startswith("B1 and B4 both shift spend of search at the same time")
