"""Launches in planning: analogs, stated paths, adoption curves, what they replace, and their evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.launches import bass_curve, launch_log_error
from alignment_lib.forecasting.past.history import History
from alignment_lib.planning.evidence.range_readings import read_delisting, read_launch
from alignment_lib.planning.plan.grid import add_new_series, place_launch, say_unsold
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.register.assumptions import read_assumptions
from alignment_lib.planning.register.launch_paths import launch_shares, trace_launch
from tests.unit.planning.past_cases import START, WEEK, claim, grid_of, history_of, past_of

LAUNCH = np.array([10.0, 20.0, 30.0, 40.0])


def _history(sales: np.ndarray = LAUNCH, weeks: int = 40) -> History:
    """Tea and Cake as ever; Mate launched some weeks ago."""
    keys = pd.DataFrame({"product": ["Cake", "Mate", "Tea"], "channel": "shop"})
    values = np.array([[200.0] * weeks, [0.0] * (weeks - len(sales)) + list(sales), [100.0] * weeks])
    return replace(history_of(values), keys=keys)


def _launch(**changes):
    values = {
        "kind": "new_product",
        "title": "Cocoa",
        "unit": "units",
        "expected": 300.0,
        "scope": {"product": "Cocoa"},
        "end": START + pd.Timedelta(days=27),
        "fields": {"analog": "Mate"},
        "states_path": False,
    }
    return claim(**(values | changes))


def test_a_launch_takes_its_analogs_volume_from_launch_on() -> None:
    path = trace_launch(_launch(), _history())
    assert path is not None
    assert path.volume.tolist() == LAUNCH.tolist()
    assert path.log_error == pytest.approx(launch_log_error("line extension"))
    assert (path.analogs, path.sold) == (1, (("Mate", 100.0),))
    assert path.words == "1 earlier launch (Mate)"


def test_beyond_the_analogs_life_its_last_quarter_is_carried_on_and_that_is_said() -> None:
    path = trace_launch(_launch(end=START + pd.Timedelta(days=6 * 7 - 1)), _history())
    assert path is not None
    assert path.volume.tolist() == [10, 20, 30, 40, 40, 40]
    assert "its 4 weeks so far carried on" in path.words


def test_a_launch_without_a_stated_path_is_spread_along_its_analogs_curve() -> None:
    shares = launch_shares([_launch()], _history(), WEEK.range(START, 3))
    assert shares["A1"].tolist() == [0.1, 0.2, 0.3]
    assert launch_shares([_launch(states_path=True)], _history(), WEEK.range(START, 3)) == {}


def test_the_plan_of_such_a_launch_is_the_claim_along_that_curve() -> None:
    row = _launch(end=START + pd.Timedelta(days=27))
    grid, _ = add_new_series(grid_of(), [row])
    grid = replace(grid, launch_shares=launch_shares([row], _history(), grid.periods))
    plan = compute_plan(grid, [row], "as_proposed")
    new = (plan.grid.keys["product"] == "Cocoa").to_numpy()
    assert plan.plan[new].sum(axis=0).tolist() == pytest.approx([30, 60, 90, 120])


def test_what_the_successor_has_reached_its_predecessor_has_lost() -> None:
    row = _launch(fields={"analog": "Mate", "replaces": "Cake"}, expected=100.0)
    grid, _ = add_new_series(grid_of(), [row])
    grid = replace(grid, launch_shares=launch_shares([row], _history(), grid.periods))
    plan = compute_plan(grid, [row], "as_proposed")
    cake = (plan.grid.keys["product"] == "Cake").to_numpy()
    assert plan.plan[cake].sum(axis=0).tolist() == pytest.approx([150, 100, 50, 0])


def test_without_an_analog_every_launch_of_the_dimension_is_one() -> None:
    keys = pd.DataFrame({"product": ["Cake", "Kombucha", "Mate", "Tea"], "channel": "shop"})
    values = np.zeros((4, 40))
    values[0], values[3] = 200, 100
    values[1, -8:], values[2, -4:] = 60, LAUNCH
    path = trace_launch(_launch(fields={}), replace(history_of(values), keys=keys))
    assert path is not None
    assert path.analogs == 2
    assert path.volume.tolist() == [35, 40, 45, 50]
    assert path.log_error >= launch_log_error("line extension")
    assert "2 earlier launches (Kombucha, Mate)" in path.words


def test_an_analog_older_than_the_history_lends_its_level_and_a_wider_error() -> None:
    path = trace_launch(_launch(fields={"analog": "Tea"}), _history())
    assert path is not None
    assert not path.has_shape
    assert path.volume[-1] < 100.0
    assert (np.diff(path.volume) > 0).all()
    assert path.log_error == pytest.approx(launch_log_error("new to company"))
    assert launch_shares([_launch(fields={"analog": "Tea"})], _history(), WEEK.range(START, 4)) == {}


def test_a_product_already_sold_a_while_is_its_own_analog() -> None:
    sold = np.array([10.0, 20.0, 30.0, 40.0, 40.0])
    path = trace_launch(_launch(scope={"product": "Mate"}, fields={}), _history(sold))
    assert path is not None
    assert path.volume.tolist() == [40, 40, 40, 40]
    assert path.words == "its own first 5 weeks (1 launch under way, carried on)"
    # With fewer than five weeks the analog still speaks.
    early = trace_launch(_launch(scope={"product": "Mate"}, fields={"analog": "Tea"}), _history())
    assert early is not None
    assert "Tea" in early.words


def test_a_stated_adoption_curve_is_followed() -> None:
    row = _launch(fields={"evidence": "bass: market 20,000, p 0.02, q 0.4"})
    path = trace_launch(row, _history())
    assert path is not None
    assert np.allclose(path.volume, bass_curve(0.02 / 52, 0.4 / 52, 20_000, 0, 4))
    assert path.log_error == 0.9
    assert "an adoption curve over a market of 20,000 (as stated, with wide bands)" in path.words


def test_a_stated_curve_with_five_periods_sold_is_fitted_and_goes_on_from_there() -> None:
    sold = bass_curve(0.02, 0.15, 5000.0, 0, 20)
    row = _launch(scope={"product": "Mate"}, fields={"evidence": "bass: market 5000"})
    path = trace_launch(row, _history(sold))
    assert path is not None
    assert np.allclose(path.volume, bass_curve(0.02, 0.15, 5000.0, 20, 4), rtol=0.02)
    assert "fitted to 20 periods" in path.words


def test_the_analogs_season_is_taken_out_and_the_launchs_own_put_in() -> None:
    weeks = 156
    periods = WEEK.range(WEEK.shift(START, -weeks), weeks)
    summer = np.where(pd.DatetimeIndex(periods).month.isin([6, 7, 8]), 1.5, 0.8)
    values = np.array([200 * summer, np.zeros(weeks), 100 * summer])
    june = int(np.flatnonzero(periods >= pd.Timestamp("2025-06-01"))[0])
    values[1, june:] = 40 * summer[june:]
    history = replace(_history(weeks=weeks), periods=periods, values=values)
    path = trace_launch(_launch(), history)
    assert path is not None
    # Launched in summer at 60 a week; in January that is 32.
    assert np.allclose(path.volume, 32.0, rtol=0.1)


def test_the_evidence_of_a_launch_is_what_the_analog_sold_in_its_first_periods() -> None:
    grid, _ = add_new_series(grid_of(), [_launch()])
    found = read_launch(grid, _launch(), past_of(history=_history()))
    assert (found.estimate, found.events, found.source) == (100.0, 1, "earlier launches")
    assert found.error == pytest.approx(100.0 * launch_log_error("line extension"))
    assert found.past[0].effect == 100.0


def test_a_launch_in_money_without_any_price_says_what_is_missing() -> None:
    found = read_launch(grid_of(), _launch(unit="revenue"), past_of(history=_history()))
    assert not found.speaks
    assert found.words == "1 earlier launch (Mate), but no price to count it in revenue (0 past events)"


def test_a_successor_without_an_analog_is_set_beside_what_it_replaces() -> None:
    row = _launch(fields={"replaces": "Cake", "mechanic": "product improvement"})
    found = read_launch(grid_of(), row, past_of())
    assert found.estimate == pytest.approx(800.0)
    assert found.error == pytest.approx(800.0 * launch_log_error("product improvement"))
    assert found.words.startswith("1 predecessor (Cake")


def test_where_nothing_was_ever_launched_nothing_is_said() -> None:
    assert trace_launch(_launch(fields={}), history_of()) is None
    assert not read_launch(grid_of(), _launch(fields={}), past_of()).speaks
    assert not read_launch(grid_of(), _launch(unit="percent"), past_of(history=_history())).speaks


def test_a_new_channel_looks_at_channels_opened_before() -> None:
    values = np.array([[100.0] * 40, [0.0] * 36 + [5, 10, 15, 20], [200.0] * 40])
    row = _launch(kind="new_channel", scope={"channel": "app"}, fields={})
    path = trace_launch(row, history_of(values))
    assert path is not None
    assert path.volume.tolist() == [5, 10, 15, 20]
    assert "(web)" in path.words


def test_a_delisting_is_supported_by_products_that_left_before() -> None:
    values = np.array([[100.0] * 40, [50.0] * 40, [200.0] * 20 + [0.0] * 20])
    row = claim(kind="delisting", expected=-100.0, fields={})
    found = read_delisting(row, past_of(history=history_of(values)))
    assert (found.estimate, found.events) == (-100.0, 1)
    assert "Cake" in found.words
    assert not read_delisting(row, past_of()).speaks


def test_a_launch_that_names_its_product_counts_though_nothing_resembles_it() -> None:
    # With several dimensions the row's scope names the value it opened; its volume must land there.
    row = _launch(fields={}, states_path=True)
    grid, names = add_new_series(grid_of(), [row])
    assert names == {"A1": "product"}
    assert place_launch(grid, row) == row
    assert compute_plan(grid, [row], "x").effects["A1"].sum() == pytest.approx(300.0)


def test_a_launch_known_by_its_title_opens_a_product_not_a_channel() -> None:
    row = _launch(scope={}, fields={}, states_path=True)
    grid, names = add_new_series(grid_of(), [row])
    assert names == {"A1": "product"}
    assert place_launch(grid, row).scope == {"product": "Cocoa"}
    assert compute_plan(grid, [row], "x").effects["A1"].sum() == pytest.approx(300.0)


def test_nothing_about_a_new_product_begins_before_it_is_sold() -> None:
    launch = _launch(scope={}, fields={}, states_path=True)
    grid, _ = add_new_series(grid_of(), [launch])
    feature = replace(launch, id="A2", kind="promotion", scope={"product": "Cocoa"})
    early = replace(feature, start=launch.start - pd.Timedelta(days=7))
    said = say_unsold(grid, [launch, early], early)
    assert "what it speaks of is not sold before" in said
    assert launch.id in said
    assert say_unsold(grid, [launch, feature], feature) == ""
    assert say_unsold(grid, [launch], replace(launch, start=early.start)) == ""
    assert say_unsold(grid, [launch, early], replace(early, scope={"product": "Cake"})) == ""


def test_a_row_knows_whether_it_states_its_path() -> None:
    table = {"kind": "new_product", "title": "x", "owner": "o", "function": "marketing", "start": START}
    table |= {"end": START, "unit": "units", "expected": 1.0}
    rows = [{"id": "A", "ramp": None, **table}, {"id": "B", "ramp": "linear", **table}]
    found = read_assumptions(pd.DataFrame(rows), [])
    assert [row.states_path for row in found] == [False, True]
    assert [row.ramp for row in found] == ["step", "linear"]
