"""An action moved to other products or channels is planned as if the inputs had it there."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import alignment_lib as al
from alignment_lib.app.explorer.changes import CHANGES
from alignment_lib.planning.plan.plan import compute_plan, plan_revenue
from alignment_lib.planning.register.actions import ActionRefused, Move
from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.rounds.live.choices import move
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.live.scenario_files import save_scenario
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from tests.unit.rounds.action_workspace import write_action_workspace, write_busy_workspace

_MAY = pd.Timestamp("2026-05-01")
_MILK, _SHOP = (("product", "Milk"),), (("channel", "shop"),)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_action_workspace(tmp_path_factory.mktemp("given") / "shop")


@pytest.fixture(scope="module")
def live(folder: Path) -> LiveRound:
    return LiveRound(prepare_round(PlanRequest(folder, "2026Q1")))


@pytest.mark.parametrize(
    ("to", "product", "channels", "month", "deal"),
    [
        (Move("D1", scope=_MILK), "Milk", ("shop", "web"), "2026-02-01", 1.0),
        (Move("D1", scope=_SHOP), "Tea", ("shop",), "2026-02-01", 1.0),
        (Move("D1", _MAY, 0.5, (*_SHOP, *_MILK)), "Milk", ("shop",), "2026-05-01", 0.5),
    ],
    ids=["another product", "one channel of both", "elsewhere, later, at half depth"],
)
def test_a_deal_elsewhere_equals_a_plan_from_edited_inputs(
    folder: Path,
    live: LiveRound,
    tmp_path: Path,
    to: Move,
    product: str,
    channels: tuple[str, ...],
    month: str,
    deal: float,
) -> None:
    choices = move(live.start_from("consensus"), to)
    found = live.evaluate(choices).plan

    edited = tmp_path / "shop"
    shutil.copytree(folder, edited)
    table = pd.read_csv(edited / "drivers.csv")
    ahead = table["period"] >= "2026-01-01"
    table.loc[ahead & (table["product"] == "Tea") & (table["deal"] > 0), ["deal", "price"]] = [0.0, 13.0]
    there = (table["product"] == product) & table["channel"].isin(channels) & (table["period"] == month)
    table.loc[there, "deal"] = deal
    table.loc[there, "price"] *= 1.0 - 0.2 * deal
    table.to_csv(edited / "drivers.csv", index=False)
    again = prepare_round(PlanRequest(edited, "2026Q1"))
    wanted = compute_plan(again.horizon.grid, live.rows_of(choices), "edited")

    row = next(row for row in live.rows_of(choices) if row.id == "D1")
    assert row.scope == {"product": product} | ({"channel": "shop"} if channels == ("shop",) else {})
    for name, effect in wanted.grid.driver_effects.items():
        np.testing.assert_allclose(found.grid.driver_effects[name], effect, atol=1e-9)
    np.testing.assert_allclose(found.plan, wanted.plan, atol=1e-9)
    revenue = plan_revenue(wanted)
    assert revenue is not None
    np.testing.assert_allclose(plan_revenue(found), revenue, atol=1e-9)


def test_a_claim_in_units_is_of_the_sales_it_meets_there(live: LiveRound) -> None:
    keys, base = live.ready.forecast.keys, live.ready.forecast.baseline
    choices = move(live.start_from("consensus"), Move("O1", scope=(("channel", "web"),)))
    row = next(row for row in live.rows_of(choices) if row.id == "O1")

    february = 1
    sums = [
        base[((keys["product"] == "Rice") & (keys["channel"] == channel)).to_numpy(), february].sum()
        for channel in ("shop", "web")
    ]
    assert row.expected == pytest.approx(40 * sums[1] / sums[0])


@pytest.mark.parametrize(
    ("to", "words"),
    [
        (Move("D1", scope=(("product", "Mlik"),)), "no product is called 'Mlik'; did you mean 'Milk'"),
        (Move("D1", scope=(("chanel", "web"),)), "no dimension is called 'chanel'; did you mean 'channel'"),
        (Move("M1", scope=_SHOP), "nobody's action"),
    ],
)
def test_a_place_that_is_none_is_refused_with_the_reason(live: LiveRound, to: Move, words: str) -> None:
    with pytest.raises(ActionRefused, match=words):
        live.evaluate(move(live.start_from("consensus"), to))


def test_two_actions_are_not_moved_onto_each_other(live: LiveRound) -> None:
    both = move(move(live.start_from("consensus"), Move("D1", scope=_MILK)), Move("D2", None, 0.5, _MILK))
    with pytest.raises(ActionRefused, match="another action is moved there already"):
        live.evaluate(both)


def test_a_scope_is_kept_in_the_file_of_scenarios_and_read_back(live: LiveRound, folder: Path) -> None:
    start = live.start_from("consensus")
    saved = live.as_scenario("stores", "web's deal in stores", move(start, Move("D1", scope=_SHOP)), start)
    path, ids = folder / "scenarios.yaml", [row.id for row in live.register]
    save_scenario(folder, saved, ids)
    read = read_scenarios(path, ids)["stores"]
    path.unlink()

    assert read.moves == (Move("D1", scope=_SHOP),)


def test_explorer_and_public_words_move_the_same(live: LiveRound, folder: Path) -> None:
    start = live.start_from("consensus")
    message = {"type": "move", "id": "D1", "start": "2026-02-01", "scale": 1, "scope": "Milk / shop"}
    moved = CHANGES["move"](live, start, message)

    assert moved.moves == (Move("D1", scope=(*_SHOP, *_MILK)),)
    r = al.open_round(folder, "2026Q1")
    other = r.scenario("consensus").move("D1", scope={"channel": "shop", "product": "Milk"})
    assert other.total == pytest.approx(live.evaluate(moved).total, rel=1e-9)
    assert "in channel shop, product Milk" in other.name


def test_what_is_over_is_not_dropped_by_a_file_either(tmp_path: Path) -> None:
    folder = write_busy_workspace(tmp_path / "shop")
    (folder / "scenarios.yaml").write_text("calm:\n  drop: [L1]\n", encoding="utf-8")
    ready = prepare_round(PlanRequest(folder, "2026Q1"))

    said = {notice.text for notice in ready.notices}
    assert "scenario calm: ended before 2026-01-01, so not dropped any more: L1" in said
    found = LiveRound(ready)
    totals = [found.evaluate(found.start_from(name)).total for name in ("calm", "consensus")]
    assert totals[0] == totals[1]
