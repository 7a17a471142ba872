"""A dropped or moved action is planned as if the inputs said so; a doubted claim leaves its action on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import alignment_lib as al
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.plan.plan import compute_plan, plan_revenue
from alignment_lib.planning.register.actions import CalendarGrid, Move, change_actions
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.rounds.live.actions import ActionChange, ActionRefused, Calendars
from alignment_lib.rounds.live.choices import as_scenario, drop, move, set_value, switch
from alignment_lib.rounds.live.consequences import consequences
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, PreparedRound, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from tests.unit.rounds.action_workspace import write_action_workspace

_MAY = pd.Timestamp("2026-05-01")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_action_workspace(tmp_path_factory.mktemp("given") / "shop")


@pytest.fixture(scope="module")
def ready(folder: Path) -> PreparedRound:
    return prepare_round(PlanRequest(folder, "2026Q1"))


@pytest.fixture(scope="module")
def live(ready: PreparedRound) -> LiveRound:
    return LiveRound(ready)


def test_dropped_and_moved_actions_equal_a_plan_from_edited_inputs(
    folder: Path, live: LiveRound, tmp_path: Path
) -> None:
    choices = live.start_from("consensus")
    choices = move(drop(drop(choices, "D1"), "P1"), Move("F1", _MAY, 0.5))
    found = live.evaluate(choices).plan

    edited = tmp_path / "shop"
    shutil.copytree(folder, edited)
    table = pd.read_csv(edited / "drivers.csv")
    ahead = table["period"] >= "2026-01-01"
    tea = ahead & (table["product"] == "Tea") & (table["deal"] > 0)
    table.loc[tea, ["deal", "price"]] = [0.0, 13.0]
    table.loc[ahead & (table["product"] == "Milk"), "price"] = 11.0
    cake = ahead & (table["product"] == "Cake")
    table.loc[cake, "feature"] = 0.5 * (table.loc[cake, "period"] == "2026-05-01")
    table.to_csv(edited / "drivers.csv", index=False)
    again = prepare_round(PlanRequest(edited, "2026Q1"))
    wanted = compute_plan(again.horizon.grid, live.rows_of(choices), "edited")

    assert not np.array_equal(found.plan, live.evaluate(live.start_from("consensus")).plan.plan)
    for name, effect in wanted.grid.driver_effects.items():
        np.testing.assert_allclose(found.grid.driver_effects[name], effect, atol=1e-9)
    np.testing.assert_allclose(found.plan, wanted.plan, atol=1e-9)
    revenue = plan_revenue(wanted)
    assert revenue is not None
    np.testing.assert_allclose(plan_revenue(found), revenue, atol=1e-9)
    np.testing.assert_array_equal(again.horizon.samples, live.ready.horizon.samples)


def test_a_plan_in_money_loses_the_price_of_a_dropped_deal_too(tmp_path: Path) -> None:
    folder = write_action_workspace(tmp_path / "shop")
    settings = (folder / "planning.toml").read_text(encoding="utf-8")
    (folder / "planning.toml").write_text(settings.replace('"units"', '"revenue"'), encoding="utf-8")
    live = LiveRound(prepare_round(PlanRequest(folder, "2026Q1")))
    start = live.start_from("consensus")
    keys, periods = live.ready.horizon.grid.keys, live.ready.horizon.grid.periods
    deal = ((keys["product"] == "Tea").to_numpy()[:, None]) & (periods == "2026-02-01")[None, :]
    own = live.evaluate(start).plan.grid.price_logs["price"]
    dropped = live.evaluate(drop(start, "D1")).plan.grid.price_logs["price"]
    np.testing.assert_allclose(own[deal], np.log(0.8), rtol=1e-6)
    np.testing.assert_allclose(dropped[deal], 0.0, atol=1e-12)
    np.testing.assert_allclose(dropped[~deal], own[~deal], atol=1e-12)


def test_the_reports_switches_doubt_and_drop_exactly_as_planned(ready: PreparedRound) -> None:
    work = RoundWork(ready, PlanRequest(ready.workspace.folder, "2026Q1"))
    live, start = work.live, work.live.start_from("consensus")
    switches, table = work.tables["switches"], work.tables["combinations"]
    of_round = table[table["p50"].notna()].set_index("combination")
    named = list(zip(switches["assumption"], switches["part"], strict=True))
    # D1 is a claim and an action; D2, which may count or not, keeps cells of it.
    assert {("D1", "claim"), ("D1", "action"), ("D2", "claim")} <= set(named)
    switched = {name for name, part in named if part == "claim"}
    for number in range(len(of_round)):
        is_on = {key: bool(number >> at & 1) for at, key in enumerate(named)}
        gone = frozenset(name for (name, part), on in is_on.items() if part == "action" and not on)
        on = {name for (name, part), on in is_on.items() if part == "claim" and on}
        choices = replace(start, on=frozenset((start.on - switched) | on) - gone, dropped=gone)
        figures = live.evaluate(choices)
        assert of_round.loc[number, "plan"] == pytest.approx(figures.total, rel=1e-9)
        if number % 37 == 0:
            odds = live.simulate(figures, leads=False).round
            assert of_round.loc[number, "p10"] == pytest.approx(odds["p10"], rel=1e-4)
            assert of_round.loc[number, "probability"] == pytest.approx(odds["probability"], abs=0.003)


def test_a_doubted_claim_leaves_its_action_running(ready: PreparedRound, live: LiveRound) -> None:
    start = live.start_from("consensus")
    doubted = live.evaluate(switch(start, "D1", on=False)).plan
    others = [row for row in ready.register if row.id in start.on - {"D1"}]
    np.testing.assert_allclose(doubted.plan, compute_plan(ready.horizon.grid, others, "x").plan, atol=1e-9)
    dropped = live.evaluate(drop(start, "D1")).plan
    assert dropped.plan.sum() < doubted.plan.sum()


def test_an_action_switched_on_again_is_the_plan_it_was(live: LiveRound) -> None:
    start = live.start_from("consensus")
    again = live.evaluate(switch(drop(start, "D1"), "D1", on=True)).plan
    np.testing.assert_array_equal(again.plan, live.evaluate(start).plan.plan)


def test_cells_that_serve_another_claim_stay_until_it_goes(live: LiveRound, ready: PreparedRound) -> None:
    calendars = Calendars(ready)
    assert calendars.keepers({"D1"}, {"D1", "D2", "P1"}) == {"D2"}
    kept = calendars.under(ActionChange(frozenset({"D1"})), {"D2"}).horizon.grid.driver_effects["deal"]
    gone = calendars.under(ActionChange(frozenset({"D1"})), set()).horizon.grid.driver_effects["deal"]
    keys = ready.horizon.grid.keys
    web = ((keys["product"] == "Tea") & (keys["channel"] == "web")).to_numpy()
    own = ready.horizon.grid.driver_effects["deal"]
    np.testing.assert_allclose(kept[web], own[web], rtol=0.05)
    assert kept[web].any()
    assert not gone.any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (ActionChange(frozenset({"M1"})), "nobody's action"),
        (ActionChange(frozenset({"D9"})), "no assumption is called 'D9'"),
        (ActionChange(moves=(Move("F1", pd.Timestamp("2025-06-01")),)), "the first day that is planned"),
        (ActionChange(moves=(Move("F1", _MAY, 0.0),)), "write a number above zero"),
        (ActionChange(moves=(Move("F1", _MAY, float("nan")),)), "write a number above zero"),
        (ActionChange(moves=(Move("D1", _MAY, 5.0),)), "D1: a price cut of 1, expected a depth below 1"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(
    ready: PreparedRound, change: ActionChange, words: str
) -> None:
    with pytest.raises(ActionRefused, match=words):
        Calendars(ready).under(change, set())


def test_a_scale_multiplies_what_is_stated_for_a_claim_and_for_an_action(folder: Path) -> None:
    start = al.open_round(str(folder), "2026Q1").scenario("consensus")
    alone = start.change("D1", scale=0.5).assumptions.set_index("id").loc["D1"]
    whole = start.move("D1", scale=0.5).assumptions.set_index("id").loc["D1"]
    for row in (alone, whole):
        assert row[["low", "expected", "high"]].tolist() == [5.0, 15.0, 25.0]
    with pytest.raises(al.AlignmentError, match="a price cut of 1, expected a depth below 1"):
        start.change("D1", scale=5)


def test_half_of_a_price_cut_is_half_of_its_distance_from_the_regular_price() -> None:
    keys, periods = pd.DataFrame({"product": ["Tea"]}), pd.date_range("2026-01-01", periods=2, freq="MS")
    held, rest = np.array([[8.0, 10.0]]), np.array([[10.0, 10.0]])
    kinds = {"price": "price"}
    grid = CalendarGrid(keys, periods, Calendar("month"), kinds, {"price": held}, {"price": rest})
    row = example_assumption(kind="price_change", start=periods[0], end=periods[0])
    moved = change_actions(grid, [], [(row, Move(row.id, periods[1], 0.5))], [], [])["price"]
    np.testing.assert_allclose(moved, [[10.0, 9.0]])
    with pytest.raises(ActionRefused, match="cut a price by the whole of it"):
        change_actions(grid, [], [(row, Move(row.id, periods[1], 6.0))], [], [])


def test_every_consequence_is_the_difference_of_two_plans(live: LiveRound) -> None:
    table = consequences(live).set_index(["assumption", "option"])
    start = live.start_from("consensus")
    now = live.evaluate(start)
    alone = live.evaluate(switch(start, "F1", on=True))
    gone = live.evaluate(drop(start, "F1"))
    everyone = switch(
        switch(switch(switch(start, "D2", on=True), "F1", on=True), "M1", on=True), "O1", on=True
    )
    with_all = live.evaluate(everyone).total - live.evaluate(switch(everyone, "F1", on=False)).total
    units = table["units"].xs("F1")
    assert units["accept alone"] == pytest.approx(alone.total - now.total, abs=1e-9)
    assert units["drop"] == pytest.approx(gone.total - now.total, abs=1e-9)
    assert units["accept with all"] == pytest.approx(with_all, abs=1e-9)
    assert units["drop"] < 0 < units["accept alone"]
    assert table.loc[("F1", "drop"), "revenue"] == pytest.approx(gone.revenue - now.revenue, abs=1e-6)
    assert "drop" not in table.loc["M1"].index
    assert table["probability"].between(0, 1).all()


def test_a_named_scenario_drops_and_moves_the_same_way(folder: Path, live: LiveRound, tmp_path: Path) -> None:
    named = tmp_path / "shop"
    shutil.copytree(folder, named)
    text = "less:\n  drop: [D1]\n  move:\n    F1: {start: 2026-05-01, scale: 0.5}\n"
    (named / "scenarios.yaml").write_text(text, encoding="utf-8")
    work = RoundWork(prepare_round(PlanRequest(named, "2026Q1")), PlanRequest(named, "2026Q1"))
    plans = work.plans.plans
    wanted = live.evaluate(move(drop(live.start_from("consensus"), "D1"), Move("F1", _MAY, 0.5)))
    np.testing.assert_allclose(plans["less"].plan, wanted.plan.plan, atol=1e-9)
    assert not np.allclose(plans["less"].plan, plans["consensus"].plan)
    again = work.live.evaluate(work.live.start_from("less"))
    np.testing.assert_allclose(again.plan.plan, wanted.plan.plan, atol=1e-9)
    base = work.live.start_from("consensus")
    saved = as_scenario("less", "", work.live.start_from("less"), base, {})
    assert (saved.drop, saved.moves, saved.off) == (("D1",), (Move("F1", _MAY, 0.5),), ())
    odds = work.tables["odds"]
    whole = (odds["span"] == "quarter") & odds["target"].notna()
    chance = odds[(odds["scenario"] == "less") & whole]
    assert chance["probability"].tolist() == [work.live.simulate(again).round["probability"]]


def test_an_analyst_drops_moves_and_doubts_in_words(folder: Path, live: LiveRound) -> None:
    start = al.open_round(str(folder), "2026Q1").scenario("consensus")
    changed = start.drop("D1").move("F1", start="2026-05-01", scale=0.5)
    figures = live.evaluate(move(drop(live.start_from("consensus"), "D1"), Move("F1", _MAY, 0.5)))
    assert changed.total == pytest.approx(figures.total, abs=1e-9)
    assert changed.chance == live.simulate(figures).round["probability"]
    assert changed.plan["plan"].sum() == pytest.approx(figures.plan.plan.sum(), abs=1e-6)
    assert changed.name.endswith("D1 dropped · F1 from 2026-05-01 × 0.5")
    assert start.drop("D1").total < start.doubt("D1").total
    assert "D2" in start.change("D2", on=True).drop("D1").notes[-1]
    for refused, words in (
        (lambda: start.drop("M1"), "nobody's action"),
        (lambda: start.drop("D7"), "D"),
        (lambda: start.move("F1"), "nothing is moved"),
        (lambda: start.move("F1", start="2024-01-01"), "the first day that is planned"),
        (lambda: start.move("F1", start="May"), "year-month-day"),
    ):
        with pytest.raises(al.AlignmentError, match=words):
            refused()


def test_of_many_decisions_the_largest_are_planned_beside_all_others(
    live: LiveRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = consequences(live).set_index(["assumption", "option"])
    monkeypatch.setattr("alignment_lib.rounds.live.consequences._MOST", 2)
    few = consequences(live).set_index(["assumption", "option"])
    assert few.index.get_level_values("assumption").nunique() == 2
    pd.testing.assert_frame_equal(few, whole.loc[few.index])


def test_every_option_has_its_ends_around_it(live: LiveRound) -> None:
    table = consequences(live).set_index(["assumption", "option"])
    for row in table.dropna(subset=["units_low"]).itertuples():
        assert row.units_low <= row.units <= row.units_high, row.Index
    alone = table.loc[("F1", "accept alone")]
    at_low = live.evaluate(set_value(switch(live.start_from("consensus"), "F1", on=True), "F1", 5.0))
    now = live.evaluate(live.start_from("consensus")).total
    assert alone["units_low"] == pytest.approx(at_low.total - now, abs=1e-9)
    # What the calendar holds of the action is lost with it, give or take the errors of all that goes along.
    assert table.loc[("F1", "drop"), "units_low"] < table.loc[("F1", "drop"), "units"] < 0
    assert np.isnan(table.loc[("O1", "drop"), "units_low"])
