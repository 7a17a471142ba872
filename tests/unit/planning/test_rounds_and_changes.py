"""Whole rounds: their tables, comparison, targets, changes, closed periods, streams, money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.planning.evidence.weighing import OwnerRecord
from alignment_lib.planning.odds.target_solving import Goal, solve_by_combination, solve_by_one
from alignment_lib.planning.plan.bridge import dense
from alignment_lib.planning.plan.comparison import bridge_at_levels, bridge_by_parts, compare_bridges
from alignment_lib.planning.plan.debts import EarlierOwed, collect_debts, place_debts
from alignment_lib.planning.plan.plan import compute_plan, owed_table, plan_revenue
from alignment_lib.planning.plan.revenue import revenue_blocks
from alignment_lib.planning.plan.session import open_session
from alignment_lib.planning.register.assumptions import PLANS, example_assumption
from alignment_lib.planning.register.layout import lay_out_register
from alignment_lib.planning.register.scenarios import Scenario
from alignment_lib.planning.round.changes import PublishedPlan, latest_estimate, what_changed
from alignment_lib.planning.round.round_tables import plan_every_scenario
from alignment_lib.planning.round.streams import StreamErrors, combine_streams, own_stream, read_own_forecasts
from tests.unit.planning.random_registers import FIRST, random_register
from tests.unit.planning.round_examples import no_targets, small_horizon

END = FIRST + pd.Timedelta(days=7 * 12 - 1)
ROWS = [
    example_assumption(id="A1", status="accepted", expected=10.0, low=5.0, high=20.0, start=FIRST, end=END),
    example_assumption(
        id="A2",
        kind="one_off",
        status="proposed",
        unit="units",
        expected=300.0,
        low=100.0,
        high=600.0,
        start=FIRST,
        end=END,
    ),
    example_assumption(
        id="A3", kind="market_shift", status="draft", expected=50.0, start=FIRST, end=END, owner="x"
    ),
]


def _round(closed: int = 0, rows=ROWS, **given):
    horizon = small_horizon(2, closed=closed)
    grid = replace(horizon.grid, driver_kinds={})
    horizon = replace(horizon, grid=grid)
    scenarios = {"bold": Scenario("bold", "as_proposed", on=("A3",), values={"A1": 30.0})}
    return horizon, plan_every_scenario(horizon, rows, scenarios, no_targets(horizon), 1, **given)


def test_a_round_leaves_every_table_and_the_bridge_explains_every_scenario() -> None:
    _, result = _round(closed=3)
    assert set(result.tables) == {"plan", "bridge", "odds", "evidence", "streams"}
    plan, bridge = result.tables["plan"], result.tables["bridge"]
    for name in [*PLANS, "bold"]:
        rows = plan[plan["scenario"] == name]
        change = (rows["plan"] - rows["baseline"]).sum()
        assert bridge.loc[bridge["scenario"] == name, "effect"].sum() == pytest.approx(change, rel=1e-9)
    assert {"A1", "A2", "A3"} <= set(bridge["assumption"])
    totals = plan.groupby("scenario")["plan"].sum()
    assert totals["consensus"] < totals["as_proposed"] < totals["bold"]


def test_the_workings_show_the_arithmetic_swing_and_precision() -> None:
    _, result = _round(owners={"x": OwnerRecord(5, 0.5, 0.1)})
    weighing = result.workings["weighing"].set_index("assumption")
    assert weighing.loc["A3", "corrected"] == 25.0
    swing = result.workings["sensitivity"]
    both = swing[(swing["scenario"] == "as_proposed") & (swing["span"] == "year")].set_index("assumption")
    # A2 adds its units as they are: from 100 to 600.
    assert both.loc["A2", "swing"] == pytest.approx(500.0)
    assert both["variance_share"].between(0, 1).all()
    precision = result.workings["precision"]
    assert (precision["p50_error_share"] > 0).all()
    assert (precision["paths"] == 400).all()


def test_the_same_seed_gives_the_same_tables() -> None:
    first, second = _round()[1], _round()[1]
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name])


def test_compared_bridges_explain_the_difference_of_the_plans() -> None:
    _, result = _round()
    effects = {
        scenario: {name: float(block.sum()) for name, (_, block) in plan.blocks.items()}
        for scenario, plan in result.plans.items()
    }
    parts = compare_bridges(effects, "consensus")
    sums = parts.groupby("scenario")["difference"].sum()
    totals = {name: plan.plan.sum() for name, plan in result.plans.items()}
    assert sums["as_proposed"] == pytest.approx(300.0)
    for name, total in totals.items():
        assert sums[name] == pytest.approx(total - totals["consensus"], abs=1e-6)
    with pytest.raises(KeyError, match="no scenario is called 'base'; there are: as_proposed, bold"):
        compare_bridges(effects, "base")


def test_the_bridge_at_any_level_starts_at_the_baseline_and_ends_at_the_plan() -> None:
    horizon, result = _round()
    table = bridge_at_levels(result.plans["bold"], horizon.levels, horizon.spans)
    keys = ["span", "label", "product", "channel"]
    parts = table.pivot_table(index=keys, columns="assumption", values="effect", aggfunc="sum")
    steps = parts.drop(columns=["baseline", "plan"]).sum(axis=1)
    np.testing.assert_allclose(parts["baseline"] + steps, parts["plan"], rtol=1e-9)


def test_the_bridge_by_parts_is_exact_in_money_with_volume_and_price_apart() -> None:
    horizon = small_horizon(2)
    rows = [
        *ROWS,
        example_assumption(id="P", kind="price_change", expected=10.0, elasticity=-2.0, start=FIRST, end=END),
    ]
    grid = replace(horizon.grid, price=horizon.grid.price * 0.9, regular_price=horizon.grid.price[:, 0])
    plan = compute_plan(grid, rows, "x")
    table = bridge_by_parts(plan, horizon, "quarter")
    assert set(table["span"]) == {"quarter", "year"}
    keys = ["span", "label", "product", "channel"]
    ends = table["assumption"].isin(["baseline", "plan"])
    steps = table[~ends].groupby(keys)[["effect", "revenue", "price_revenue"]].sum()
    start = table[table["assumption"] == "baseline"].set_index(keys).sort_index()
    end = table[table["assumption"] == "plan"].set_index(keys).sort_index()
    np.testing.assert_allclose(start["effect"] + steps["effect"], end["effect"], rtol=1e-9)
    money = steps["revenue"] + steps["price_revenue"]
    np.testing.assert_allclose(start["revenue"] + money, end["revenue"], rtol=1e-9)
    whole = end.xs(("year", "", ""), level=("span", "product", "channel"))["revenue"].sum()
    assert whole == pytest.approx(plan_revenue(plan).sum(), rel=1e-12)
    # A claim's price raises revenue, the calendar's cut of a tenth lowers it, and only one has a volume.
    total = table[(table["span"] == "year") & (table["product"] == "") & (table["channel"] == "")]
    total = total.groupby("assumption")[["effect", "revenue", "price_revenue"]].sum()
    assert total.loc["P", "revenue"] < 0 < total.loc["P", "price_revenue"]
    assert total.loc["driver:price", "price_revenue"] < 0
    ratio = total.loc["driver:price", "price_revenue"] / total.loc["P", "price_revenue"]
    assert ratio == pytest.approx(np.log(0.9) / np.log(1.1))


def test_a_part_without_any_price_has_no_money_and_the_others_keep_theirs() -> None:
    horizon = small_horizon(2)
    price = horizon.grid.price.copy()
    price[horizon.grid.keys["product"] == "Small"] = np.nan
    table = bridge_by_parts(compute_plan(replace(horizon.grid, price=price), ROWS, "x"), horizon, "quarter")
    plans = table[(table["assumption"] == "plan") & (table["channel"] == "") & (table["span"] == "quarter")]
    assert plans[plans["product"] == "Small"]["revenue"].isna().all()
    assert plans[plans["product"] != "Small"]["revenue"].notna().all()


def test_a_years_plan_is_the_sum_of_its_months() -> None:
    horizon, result = _round()
    table = bridge_at_levels(result.plans["consensus"], horizon.levels, horizon.spans, [0])
    plan = table[table["assumption"] == "plan"].groupby("span")["effect"].sum()
    assert plan["year"] == pytest.approx(plan["quarter"]) == pytest.approx(plan["month"])


def _layout(horizon):
    return lay_out_register(horizon.grid, ROWS)


def test_a_target_of_one_channel_in_one_month_is_solved_for_just_that() -> None:
    horizon, _ = _round()
    plan = compute_plan(horizon.grid, ROWS, "all")
    part = (horizon.grid.keys["channel"] == "web").to_numpy()
    span = int(np.flatnonzero(horizon.spans.table["label"] == "2026-02")[0])
    inside = horizon.spans.matrix[span] > 0
    now = float(horizon.with_closed(plan.plan)[part][:, inside].sum())
    goal = Goal(horizon, now + 20.0, part=part, span=span)
    found = solve_by_one(_layout(horizon), ROWS, "A1", goal)
    assert found.is_reached
    again = compute_plan(horizon.grid, ROWS, "x", found.values)
    reached = float(horizon.with_closed(again.plan)[part][:, inside].sum())
    assert reached == pytest.approx(now + 20.0, abs=1e-3) == pytest.approx(found.plan, abs=1e-3)


def test_one_assumption_is_solved_for_a_target() -> None:
    horizon, result = _round()
    rows = ROWS[:2]
    now = float(result.plans["as_proposed"].plan.sum())
    span = int(np.flatnonzero(horizon.spans.table["span"] == "quarter")[0])
    goal = Goal(horizon, now + 123.0, span=span)
    found = solve_by_one(_layout(horizon), rows, "A2", goal)
    assert found.is_reached
    assert found.values["A2"] == pytest.approx(423.0, abs=0.1)
    assert found.sentence.startswith(
        f"The target of {now + 123:,.0f} is made with A2 at +423 instead of +300"
    )
    more = solve_by_one(_layout(horizon), rows, "A2", Goal(horizon, now + 600.0, span=span))
    assert more.is_reached
    assert "outside its own range of +100 to +600" in more.sentence
    far = solve_by_one(_layout(horizon), rows, "A2", Goal(horizon, now + 1000.0, span=span))
    assert not far.is_reached
    assert far.values == {"A2": pytest.approx(600.0, abs=0.1)}
    assert far.sentence == (
        f"The target of {now + 1000:,.0f} is out of reach of what is claimed: at most A2 at +600 instead of "
        f"+300 brings the plan to {now + 300:,.0f}, 700 short."
    )
    with pytest.raises(KeyError, match="'A9' does not count in this plan; there are: A1, A2"):
        solve_by_one(_layout(horizon), rows, "A9", goal)


def test_the_least_change_of_several_stays_within_their_ranges_and_beats_any_single_one() -> None:
    horizon, result = _round()
    rows = ROWS[:2]
    now = float(result.plans["as_proposed"].plan.sum())
    goal = Goal(horizon, now + 150.0, span=len(horizon.spans.table) - 1)
    found = solve_by_combination(_layout(horizon), rows, goal)
    assert found.is_reached
    assert found.plan == pytest.approx(now + 150.0, rel=1e-6)

    def size(values):
        return sum(
            ((values[row.id] - row.expected) / (row.high - row.low)) ** 2 for row in rows if row.id in values
        )

    single = solve_by_one(_layout(horizon), rows, "A2", goal)
    assert size(found.values) < size(single.values)
    out = solve_by_combination(_layout(horizon), rows, replace(goal, target=now * 3))
    assert not out.is_reached
    assert out.values == {"A1": pytest.approx(20.0, abs=0.1), "A2": pytest.approx(600.0, abs=2)}
    assert "is out of reach" in out.sentence


def test_a_target_that_is_made_already_lowers_no_claim() -> None:
    horizon, result = _round()
    now = float(result.plans["as_proposed"].plan.sum())
    for probability in (None, 0.8):
        goal = Goal(horizon, 0.5 * now, span=len(horizon.spans.table) - 1, probability=probability, seed=1)
        for found in (
            solve_by_one(_layout(horizon), ROWS[:2], "A2", goal),
            solve_by_combination(_layout(horizon), ROWS[:2], goal),
        ):
            assert found.is_reached
            assert found.values == {}
            assert "is made already" in found.sentence


def test_what_each_function_adds_is_all_that_is_added() -> None:
    horizon, result = _round()
    now = float(result.plans["as_proposed"].plan.sum())
    rows = [ROWS[0], replace(ROWS[1], function="sales")]
    goal = Goal(horizon, now + 150.0, span=len(horizon.spans.table) - 1)
    found = solve_by_combination(_layout(horizon), rows, goal)
    assert set(found.parts) == {"marketing", "sales"}
    assert sum(found.parts.values()) == pytest.approx(found.plan - now, abs=1e-9 * now)
    assert "marketing +" in found.sentence


def test_a_target_can_be_asked_for_at_a_probability() -> None:
    horizon, result = _round()
    now = float(result.plans["as_proposed"].plan.sum())
    goal = Goal(horizon, now, span=len(horizon.spans.table) - 1, probability=0.8, seed=1)
    found = solve_by_one(_layout(horizon), ROWS[:2], "A2", goal)
    assert found.is_reached
    assert found.probability == pytest.approx(0.8, abs=0.01)
    assert found.plan > now
    with pytest.raises(ValueError, match="a probability of 1 is not between 0 and 1"):
        replace(goal, probability=1)


def test_a_session_gives_the_same_plan_as_planning_afresh_and_leaves_its_past_alone() -> None:
    horizon = small_horizon(3)
    rows = random_register(3, weeks=12)
    session = open_session(horizon.grid, rows, [row.id for row in rows])
    start = session.plan.plan.copy()
    changed = session.with_value("A1", 12.5).with_switch("A2", False).with_value("A1", 7.5)
    kept = [row for row in rows if row.id != "A2"]
    fresh = compute_plan(horizon.grid, kept, "session", {"A1": 7.5})
    np.testing.assert_array_equal(changed.plan.plan, fresh.plan)
    np.testing.assert_array_equal(session.plan.plan, start)
    back = changed.with_switch("A2", True).with_value("A1", rows[1].expected)
    np.testing.assert_array_equal(back.plan.plan, start)
    totals = back.totals(np.array([0, 1]))
    steps = sum(value for name, value in totals.items() if name not in ("baseline", "plan"))
    np.testing.assert_allclose(totals["baseline"] + steps, totals["plan"])
    with pytest.raises(KeyError, match="no assumption is called 'B9'"):
        session.with_value("B9", 1.0)


def _published(result, rows, name="as_proposed"):
    register = pd.DataFrame(
        [{"id": row.id, "title": row.title, "expected": row.expected, "status": row.status} for row in rows]
    )
    parts = [table[table["scenario"] == name] for table in (result.tables["plan"], result.tables["bridge"])]
    return PublishedPlan(register, *parts)


def test_what_changed_since_the_last_round_adds_up_assumption_by_assumption() -> None:
    _, before = _round()
    later = [replace(ROWS[0], expected=15.0), replace(ROWS[2], id="A4", status="proposed")]
    _, after = _round(rows=[*later, replace(ROWS[2], owner="y")])
    table = what_changed(
        _published(before, ROWS), _published(after, [*later, ROWS[2]]), ["product", "channel"]
    ).set_index("assumption")
    assert table.loc[["A1", "A2", "A3", "A4"], "change"].tolist() == ["revised", "dropped", "same", "new"]
    assert table.loc["A1", "details"] == "expected 10 → 15"
    assert table.loc["A2", "difference"] == pytest.approx(-300.0)
    assert table.loc["baseline", "difference"] == 0.0
    total = after.plans["as_proposed"].plan.sum() - before.plans["as_proposed"].plan.sum()
    assert table["difference"].sum() == pytest.approx(total)
    # In money at the prices of the horizon: the effect of A4 by itself.
    price = small_horizon(2).grid.price
    assert table.loc["A4", "money"] == pytest.approx(
        (after.plans["as_proposed"].effects["A4"] * price).sum(), rel=1e-6
    )


def test_a_running_year_shows_closed_periods_as_sold_and_the_gap_to_the_signed_plan() -> None:
    horizon, result = _round(closed=4)
    plan = result.plans["consensus"]
    signed = horizon.labels.assign(plan=10.0)
    table = latest_estimate(horizon, plan, signed).set_index("span")
    year = table.loc["year"]
    assert year["actual"] == horizon.closed.sum()
    assert year["estimate"] == pytest.approx(horizon.closed.sum() + plan.plan.sum())
    assert year["signed_plan"] == 10.0 * 6 * 12
    assert year["gap"] == pytest.approx(year["estimate"] - 720.0)
    assert table.loc["month", "estimate"].sum() == pytest.approx(year["estimate"])
    by = latest_estimate(horizon, plan, by=["product"])
    assert by[by["span"] == "year"]["estimate"].sum() == pytest.approx(year["estimate"])
    assert by["gap"].isna().all()


def test_a_functions_own_forecast_is_spread_and_narrow_statements_override_broad_ones() -> None:
    grid = small_horizon(2).grid
    week = grid.periods[0]
    table = pd.DataFrame(
        [
            {"period": week, "product": "", "value": 600.0},
            {"period": week, "product": "Small", "value": 90.0},
            {"period": week + pd.Timedelta(days=700), "product": "", "value": 5.0},
        ]
    )
    values, notices = own_stream(grid, table, "sales", grid.baseline)
    small = (grid.keys["product"] == "Small").to_numpy()
    assert values[small, 0].sum() == pytest.approx(90.0)
    share = grid.baseline[~small, 0] / grid.baseline[:, 0].sum()
    np.testing.assert_allclose(values[~small, 0], 600.0 * share)
    np.testing.assert_allclose(values[:, 1:], grid.baseline[:, 1:])
    assert [notice.code for notice in notices] == ["stream_unplaced", "stream_filled"]


def test_a_finance_file_becomes_a_stream_of_the_round() -> None:
    _, result = _round(own_forecasts={"finance": pd.DataFrame({"period": [FIRST], "value": [77.0]})})
    streams = result.tables["streams"]
    finance = streams[(streams["stream"] == "finance") & (streams["period"] == FIRST)]
    assert finance["value"].sum() == pytest.approx(77.0)
    # Sales wrote nothing: it has no stream of its own.
    assert set(streams["stream"]) == {"naive", "baseline", "marketing", "finance", "consensus"}
    assert any(notice.code == "stream_filled" for notice in result.notices)


def test_streams_weigh_alike_until_each_has_a_record() -> None:
    streams = {"sales": np.array([100.0]), "finance": np.array([130.0])}
    combined, weights = combine_streams(streams)
    assert (combined[0], weights) == (115.0, {"finance": 0.5, "sales": 0.5})
    assert combine_streams(streams, {"sales": 10.0})[0][0] == 115.0


def test_two_own_forecasts_are_combined_by_their_record_at_the_same_lag() -> None:
    months = pd.date_range("2026-01-05", periods=12, freq="7D")
    table = pd.DataFrame(
        {
            "period": months,
            "recorded": pd.Timestamp("2025-12-15"),
            "sales_forecast": 100.0,
            "marketing_forecast": np.nan,
            "finance_forecast": 130.0,
        }
    )
    own = read_own_forecasts(table)
    assert sorted(own) == ["finance", "sales"]
    known = StreamErrors("quarter", {("sales", 1): 0.1, ("finance", 1): 0.2})
    _, result = _round(own_forecasts=own, stream_errors=known)
    streams = result.tables["streams"]
    combined = streams[streams["stream"] == "combined"].groupby("period")["value"].sum()
    # 1 / 0.1² against 1 / 0.2² is four to one: 0.8 × 100 + 0.2 × 130.
    np.testing.assert_allclose(combined, 106.0)
    weights = result.workings["stream_weights"]
    assert weights["weight"].sum() == pytest.approx(1.0)
    assert set(weights["basis"]) == {"record"}
    _, young = _round(own_forecasts=own)
    again = young.tables["streams"]
    even = again[again["stream"] == "combined"].groupby("period")["value"].sum()
    np.testing.assert_allclose(even, 115.0)
    assert set(young.workings["stream_weights"]["basis"]) == {"equal"}


def test_the_newest_statement_of_a_function_counts() -> None:
    days = pd.to_datetime(["2025-12-15", "2025-12-01", None])
    table = pd.DataFrame(
        {"period": FIRST, "product": ["", "", "Small"], "recorded": days, "sales_forecast": [5.0, 4.0, 3.0]}
    )
    found = read_own_forecasts(table)["sales"]
    assert found[["product", "value"]].values.tolist() == [["", 5.0], ["Small", 3.0]]


def _revenue_parts(plan) -> dict[str, np.ndarray]:
    shape = plan.grid.baseline.shape
    return {name: dense(block, shape) for name, block in revenue_blocks(plan)}


def test_the_bridge_in_money_keeps_price_apart_from_volume_and_is_exact() -> None:
    horizon, _ = _round()
    rows = [
        *ROWS,
        example_assumption(id="P", kind="price_change", expected=10.0, elasticity=-2.0, start=FIRST, end=END),
        example_assumption(
            id="O", kind="digital", expected=5.0, fields={"lever": "order value"}, start=FIRST, end=END
        ),
    ]
    plan = compute_plan(horizon.grid, rows, "x")
    parts = _revenue_parts(plan)
    np.testing.assert_allclose(sum(parts.values()), plan_revenue(plan), rtol=1e-9)
    assert parts["P"].sum() < 0 < parts["price:P"].sum()
    assert parts["O"].sum() == 0.0
    # Two prices, +10 % and +5 %: their parts stand as their logarithms do.
    assert parts["price:P"].sum() / parts["price:O"].sum() == pytest.approx(np.log(1.1) / np.log(1.05))


def test_a_price_change_the_calendar_holds_already_is_not_taken_twice() -> None:
    grid = small_horizon(2).grid
    row = example_assumption(kind="price_change", expected=10.0, elasticity=-2.0, start=FIRST, end=END)
    moved = grid.price.copy()
    moved[:, 6:] *= 1.1
    plan = compute_plan(replace(grid, price=moved, last_price=grid.price), [row], "x")
    np.testing.assert_allclose(plan.price_factor[:, :6], 1.1)
    np.testing.assert_allclose(plan.price_factor[:, 6:], 1.0)
    np.testing.assert_allclose(sum(_revenue_parts(plan).values()), plan_revenue(plan), rtol=1e-9)


def test_what_was_borrowed_comes_off_the_next_round_and_never_below_zero() -> None:
    horizon = small_horizon(2)
    row = example_assumption(
        expected=40.0, start=horizon.grid.periods[-1], end=horizon.grid.periods[-1], pull_forward_share=0.5
    )
    owed = owed_table(compute_plan(horizon.grid, [row], "x"))
    assert owed["beyond"].all()
    opens = horizon.grid.periods[-1] + pd.Timedelta(days=7)
    following = replace(horizon.grid, periods=horizon.grid.calendar.range(opens, 12))
    debts = collect_debts([EarlierOwed(horizon.grid.periods[0], owed)], opens)
    placed, lost = place_debts(following, debts)
    assert lost == 0.0
    assert placed["A1"].sum() == pytest.approx(-owed["owed"].sum())
    plan = compute_plan(replace(following, owed_before=placed), [], "next")
    assert plan.effects["A1"].sum() == pytest.approx(-owed["owed"].sum())
    flooded, _ = place_debts(following, debts.assign(owed=1e9))
    drowned = compute_plan(replace(following, owed_before=flooded), [], "next")
    assert drowned.plan.min() >= 0.0
    # What the periods have not got to give is said, not lost.
    assert drowned.excess["A1"] == pytest.approx(len(debts) * 1e9 + drowned.effects["A1"].sum())
