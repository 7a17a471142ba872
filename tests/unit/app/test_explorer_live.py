"""Live figures and odds: the same numbers as the round publishes, worked out in less time."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest

from alignment_lib.answers.live.pictures import Pictures, headline_facts, odds_fact
from alignment_lib.answers.tables import render_table
from alignment_lib.app.explorer.export import export_scenario
from alignment_lib.app.explorer.rows import list_rows
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.round.round_tables import plan_every_scenario
from alignment_lib.rounds.live.choices import Choices, set_value, set_values, switch
from alignment_lib.rounds.live.comparison import compare_choices
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.live.solve import Cancelled, Wish, solve_each, solve_for, solve_together
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.gathered_past import read_claims
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from tests.unit.app.explorer_fixture import prepare_small_round, write_small_workspace


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    return prepare_small_round(tmp_path_factory.mktemp("live") / "small")


@pytest.fixture
def live(ready):
    return LiveRound(ready)


@pytest.fixture
def rows(ready, live):
    return list_rows(ready.register, live.evidence, "units", "EUR", ready.round.first_open)


@pytest.mark.parametrize("name", ["consensus", "as_proposed", "evidence_weighted"])
def test_live_figures_equal_the_published_ones(ready, live, name):
    tables = plan_every_scenario(
        ready.horizon,
        ready.register,
        {},
        ready.targets,
        ready.workspace.settings.plan.seed,
        readings=read_claims(ready),
    ).tables
    plan = tables["plan"][tables["plan"]["scenario"] == name]
    inside = plan["period"].isin(ready.round.cycle_periods)
    figures = live.evaluate(live.start_from(name), name)
    assert figures.total == pytest.approx(plan.loc[inside, "plan"].sum(), rel=1e-12)
    assert figures.baseline == pytest.approx(plan.loc[inside, "baseline"].sum(), rel=1e-12)
    odds = tables["odds"]
    whole = odds[
        (odds["scenario"] == name)
        & (odds["span"] == "quarter")
        & (odds["product"] == "")
        & (odds["sale_type"] == "")
    ]
    published = whole[whole["start"] == ready.round.start].iloc[0]
    found = live.simulate(figures).round
    for key in ("p2_5", "p10", "p50", "p90", "p97_5"):
        assert found[key] == pytest.approx(published[key], rel=1e-5)
    assert found["probability"] == pytest.approx(published["probability"], abs=0.005)


def test_a_plan_reached_by_many_moves_equals_the_one_worked_out_at_once(ready, live):
    choices = live.start_from("consensus")
    for name, value in [("A1", 15.0), ("A2", 3.0), ("A1", 12.0), ("A3", 70.0)]:
        choices = switch(set_value(choices, name, value), name, on=True)
        live.evaluate(choices)
    found = live.evaluate(choices).plan
    chosen = [row for row in ready.register if row.id in choices.on]
    direct = compute_plan(ready.horizon.grid, chosen, "direct", dict(choices.values))
    np.testing.assert_allclose(found.plan, direct.plan, rtol=0, atol=1e-9)


def test_effects_and_baseline_add_up_to_the_plan(live):
    figures = live.evaluate(live.start_from("as_proposed"))
    assert figures.baseline + sum(value for _, value in figures.effects) == pytest.approx(
        figures.total, abs=1e-9
    )


def test_types_of_sale_add_up_to_the_round(live):
    figures = live.evaluate(live.start_from("as_proposed"))
    assert figures.types["label"].tolist() == ["new", "repeat"]
    assert figures.types["plan"].sum() == pytest.approx(figures.total)


def test_spans_of_the_round_add_up_to_it(ready, live):
    figures = live.evaluate(live.start_from("as_proposed"))
    first = figures.spans[figures.spans["label"].isin(["2026-01", "2026-02", "2026-03"])]
    assert first["plan"].sum() == pytest.approx(figures.total)
    assert len(figures.spans) == 6


def test_charts_are_drawn_with_and_without_odds(live):
    pictures = Pictures(live)
    figures = live.evaluate(live.start_from("consensus"))
    odds = live.simulate(figures)
    assert pictures.names(figures, None) == ["time", "odds", "bridge", "types"]
    assert "eight times in ten" not in pictures.draw("time", figures, None).alt
    assert "eight times in ten" in pictures.draw("time", figures, odds).alt
    assert "A1 Spring coupon" in pictures.draw("bridge", figures, odds).alt


def test_the_first_line_says_plan_target_and_odds(live):
    pictures = Pictures(live)
    figures = live.evaluate(live.start_from("consensus"))
    plan, target = headline_facts(pictures, figures)
    assert plan["label"] == "Plan 2026Q1"
    assert target["value"] == "2,000 units"
    assert target["remark"].endswith(("below", "above"))
    assert odds_fact(None, figures, "units")["remark"] == "being worked out"
    assert odds_fact(live.simulate(figures), figures, "units")["label"] == "Odds of the target"


def test_no_target_gives_a_range_instead_of_odds(live):
    figures = live.evaluate(live.start_from("consensus"))
    odds = live.simulate(figures)
    blank = type(odds)(
        {k: v for k, v in odds.round.items() if k not in ("target", "probability")}, odds.spans, odds.leads
    )
    assert odds_fact(blank, figures, "units")["label"] == "Range"
    untold = replace(figures, target=math.nan)
    assert [fact["label"] for fact in headline_facts(Pictures(live), untold)] == ["Plan 2026Q1"]


def test_solving_finds_the_value_at_which_the_plan_is_the_target(live):
    choices = live.start_from("consensus")
    wanted = live.evaluate(set_value(choices, "A1", 17.5)).total
    found = solve_for(live, choices, "A1", Wish(wanted))
    assert found.values["A1"] == pytest.approx(17.5, abs=1e-6)
    assert found.is_reached


def test_a_row_that_is_off_is_switched_on_to_solve_with_it(live):
    choices = live.start_from("consensus")
    wanted = live.evaluate(choices).total + 75.0
    found = solve_for(live, choices, "A3", Wish(wanted))
    assert found.values["A3"] == pytest.approx(75.0, abs=1e-6)


def test_a_target_out_of_reach_has_no_value(live):
    assert not solve_for(live, live.start_from("consensus"), "A1", Wish(1e9)).is_reached


def test_a_target_is_solved_for_at_a_probability(live):
    choices = live.start_from("as_proposed")
    # More than is made as surely already: what is sold five times in ten is to be sold nine times in ten.
    wanted = live.simulate(live.evaluate(choices)).round["p50"]
    found = solve_for(live, choices, "A2", Wish(wanted, 0.9))
    chosen = set_value(choices, "A2", found.values["A2"])
    assert live.simulate(live.evaluate(chosen)).round["p10"] == pytest.approx(wanted, rel=1e-3)


def test_solving_for_each_puts_those_that_reach_it_first(live):
    choices = live.start_from("consensus")
    wanted = live.evaluate(set_value(choices, "A1", 12.0)).total
    found = solve_each(live, choices, ["A4", "A3", "A1"], Wish(wanted))
    # A4 lies in the past and can reach nothing.
    assert [(name, solution.is_reached) for name, solution in found] == [
        ("A1", True),
        ("A3", True),
        ("A4", False),
    ]


def test_solving_together_stays_inside_every_range(live, ready):
    choices = live.start_from("as_proposed")
    now = live.evaluate(choices).total
    found = solve_together(live, choices, Wish(now + 20.0))
    assert found.is_reached
    known = {row.id: row for row in ready.register}
    assert len(found.values) > 1
    for name, value in found.values.items():
        assert known[name].low <= value <= known[name].high
    assert live.evaluate(set_values(choices, found.values)).total == pytest.approx(now + 20.0, rel=1e-6)


def test_solving_stops_when_told_to(live):
    with pytest.raises(Cancelled):
        solve_for(live, live.start_from("consensus"), "A1", Wish(1.0, is_cancelled=lambda: True))


def test_the_charts_of_a_scope_add_up_to_the_whole(live):
    choices = live.start_from("as_proposed")
    whole = live.evaluate(choices)
    parts = [live.evaluate(choices, scope={"product": name}) for name in ("Cake", "Tea")]
    assert sum(part.total for part in parts) == pytest.approx(whole.total)
    for key, value in whole.effects:
        assert sum(dict(part.effects)[key] for part in parts) == pytest.approx(value, abs=1e-9)
    assert math.isnan(parts[0].target)
    assert len(live.simulate(parts[0]).leads) == 0
    assert live.simulate(parts[1]).round["p50"] < live.simulate(whole).round["p50"]
    assert "Plan over time, Tea" in Pictures(live).draw("time", parts[1], None).alt


def test_a_range_set_by_a_scenario_narrows_the_odds(live):
    wide = live.start_from("as_proposed")
    narrow = replace(wide, ranges={"A2": (3.9, 4.1), "A1": (9.9, 10.1)})
    bands = [live.simulate(live.evaluate(one)).round for one in (wide, narrow)]
    assert bands[1]["p90"] - bands[1]["p10"] < bands[0]["p90"] - bands[0]["p10"]


def test_compared_bridges_explain_the_difference_of_the_plans(live):
    names = ("consensus", "as_proposed")
    found = compare_choices(live, {name: live.start_from(name) for name in names})
    totals = found.totals.set_index("label")
    steps = found.steps.set_index("step")
    tables = Pictures(live).compare(found)[1]
    assert totals.loc["as_proposed", "difference"] == pytest.approx(
        totals.loc["as_proposed", "plan"] - totals.loc["consensus", "plan"]
    )
    assert steps.loc["together", "as_proposed"] == pytest.approx(totals.loc["as_proposed", "difference"])
    assert steps.loc["together", "consensus"] == pytest.approx(
        totals.loc["consensus", "plan"] - totals.loc["consensus", "baseline"]
    )
    assert {"A2 Rival closes", "A3 Hotel order"} <= set(tables[1].rows["step"])
    html = "".join(str(render_table(table)) for table in tables)
    assert "What makes the difference" in html
    assert "standard error is at most" in html


def test_the_workbook_holds_the_scenario_and_no_formula(live):
    choices = live.start_from("as_proposed")
    figures = live.evaluate(choices)
    hostile = pd.DataFrame({"label": ["=1+1", "http://x.example"], "plan": [1.0, math.nan]})
    content = export_scenario(live, figures, "as_proposed", hostile)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Assumptions", "Plan", "Bridge", "Compared"]
    assert book["Compared"]["A2"].value == "=1+1"
    assert book["Compared"]["A2"].data_type == "s"
    steps = {row[0].value: row[1].value for row in book["Bridge"].iter_rows(min_row=2)}
    assert steps["plan"] == pytest.approx(figures.total)
    assert content == export_scenario(live, figures, "as_proposed", hostile)


def test_a_scenario_without_any_assumption_is_the_baseline(live):
    figures = live.evaluate(Choices("consensus", frozenset()))
    assert figures.total == pytest.approx(figures.baseline)
    assert live.simulate(figures).round["p10"] < figures.total < live.simulate(figures).round["p90"]


def test_claims_that_miss_together_widen_the_odds(tmp_path):
    folder = write_small_workspace(tmp_path / "together")
    register = folder / "assumptions.csv"
    register.write_text(register.read_text(encoding="utf-8").replace("market research", "trade"), "utf-8")
    bands = []
    for share in (0.0, 0.9):
        settings = (folder / "planning.toml").read_text(encoding="utf-8").split("correlation")[0]
        text = f'{settings}correlation = {{ by = "owner", share = {share} }}\n'
        (folder / "planning.toml").write_text(text, encoding="utf-8")
        live = LiveRound(prepare_round(ask_round(folder)))
        odds = live.simulate(live.evaluate(live.start_from("as_proposed"))).round
        bands.append(odds["p97_5"] - odds["p2_5"])
    assert bands[1] > 1.01 * bands[0]
