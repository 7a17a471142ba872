"""Every promotion is judged by what it earned or lost; what a workspace cannot tell it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.rounds.preparing.prepared_round import PlanRequest, PreparedRound, prepare_round
from alignment_lib.rounds.preparing.promotion_money import FIGURES, promotion_profits
from tests.unit.rounds.action_workspace import write_action_workspace

COSTS = """\
period,product,unit_cost,funding,funding_per,pays_for,paid_by
,Cake,6.00,,,,
,Milk,7.50,,,,
,Tea,8.00,,,,
,Tea,,150,action,deal,
,Cake,,0.50,unit,feature,trade
,,,70,action,D2,
"""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> PreparedRound:
    folder = write_action_workspace(tmp_path_factory.mktemp("promoted") / "shop")
    (folder / "costs.csv").write_text(COSTS, encoding="utf-8")
    return prepare_round(PlanRequest(folder, "2026Q1"))


@pytest.fixture(scope="module")
def table(ready: PreparedRound) -> pd.DataFrame:
    return promotion_profits(ready)


def test_the_figures_of_every_action_hang_together(table: pd.DataFrame) -> None:
    told = table[table["net_margin"].notna()]
    assert {"past", "planned"} <= set(told["when"])
    net = told["gross"] - told["pull_forward"] - told["cannibalised"]
    np.testing.assert_allclose(told["net"], net, atol=1e-9)
    given = told["without"] * (told["usual_margin"] - told["action_margin"])
    np.testing.assert_allclose(told["given_away"], given, atol=1e-9)
    earns, needs = told["net_margin"] > 0, told["uplift"] > told["break_even_uplift"]
    assert (earns == needs)[told["gross"] > 0].all()
    assert list(table.columns[-len(FIGURES) :]) == list(FIGURES)


def test_an_action_without_a_cost_is_not_judged(table: pd.DataFrame) -> None:
    rice = table[table["product"] == "Rice"]
    assert len(rice)
    assert rice["net_margin"].isna().all()
    assert rice["gross"].notna().all()


def test_funding_stands_with_the_action_it_pays_for(table: pd.DataFrame) -> None:
    past = table[table["when"] == "past"]
    tea = past[(past["product"] == "Tea") & (past["driver"] == "deal")]
    np.testing.assert_allclose(tea["funding"], 150.0)
    cake = past[(past["product"] == "Cake") & (past["driver"] == "feature")]
    np.testing.assert_allclose(cake["funding"], 0.5 * (cake["without"] + cake["gross"]), rtol=0.35)


def test_a_planned_action_bears_the_claim_that_speaks_of_it(table: pd.DataFrame) -> None:
    planned = table[table["when"] == "planned"].set_index("action")
    assert {"D1", "F1"} <= set(planned.index)
    assert planned.loc["D1", "claimed_uplift"] == pytest.approx(0.30)
    assert np.isfinite(planned.loc["D1", "net_margin"])


def test_a_claim_of_an_action_that_is_told_already_states_only_what_it_claims(table: pd.DataFrame) -> None:
    planned = table[table["when"] == "planned"].set_index("action")
    assert np.isnan(planned.loc["D2", "net_margin"])
    assert planned.loc["D2", "funding"] == pytest.approx(70.0)


def test_without_costs_there_is_nothing_to_judge(tmp_path: Path) -> None:
    ready = prepare_round(PlanRequest(write_action_workspace(tmp_path / "shop"), "2026Q1"))
    assert promotion_profits(ready).empty
