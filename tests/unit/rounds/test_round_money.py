"""What a round knows of money: with costs and without, and what is said of what is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alignment_lib.rounds.live.choices import drop
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, PreparedRound, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from tests.unit.rounds.action_workspace import write_action_workspace

COSTS = """\
period,product,unit_cost,funding,funding_per,pays_for,paid_by
,Cake,6.00,,,,
,Milk,7.50,,,,
,Tea,99.00,,,,
,,,0.40,unit,deal,trade
,,,120,action,O1,
"""
SPEND = "period,source,amount\n2025-01-01,web,100\n2025-02-01,web,80\n2025-12-01,web,60\n2026-01-01,web,50\n"


def prepared(folder: Path, cache: Path, **files: str) -> tuple[PreparedRound, RoundWork]:
    write_action_workspace(folder)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    request = PlanRequest(folder, "2026Q1", cache=cache)
    ready = prepare_round(request)
    return ready, RoundWork(ready, request)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> tuple[PreparedRound, RoundWork]:
    return prepared(tmp_path_factory.mktemp("bare") / "shop", cache)


@pytest.fixture(scope="module")
def costed(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> tuple[PreparedRound, RoundWork]:
    targets = "round,measure,product,target\n2026Q1,units,,4400\n2026Q1,margin,Cake,3000\n2026Q1,profit,,1\n"
    folder = tmp_path_factory.mktemp("costed") / "shop"
    return prepared(folder, cache, costs=COSTS, spend=SPEND, targets=targets)


def test_without_costs_there_is_no_money_table_and_nothing_else_moves(bare, costed) -> None:
    (plain, work), (_, other) = bare, costed
    assert plain.money is None
    tables, found = work.plans.tables, other.plans.tables
    assert "money" not in tables
    assert {"profit_bridge", "promotion_profit"} <= set(other.tables)
    assert not {"profit_bridge", "promotion_profit"} & set(work.tables)
    for name in ("plan", "bridge", "odds"):
        drop = ["target", "probability"] if name == "odds" else []
        assert tables[name].drop(columns=drop).equals(found[name].drop(columns=drop)), name


def test_what_is_not_known_is_said(costed) -> None:
    said = {notice.code: notice.sentence for notice in costed[0].notices}
    assert said["costs_missing"] == (
        "2 of 8 series have no cost in some or all periods (Rice): margin and profit are told without them, "
        "revenue is not."
    )
    assert said["cost_above_price"].startswith(
        "2 series cost more than they fetch in some or all periods (Tea)"
    )
    assert "targets_aside" not in said


def test_margin_is_told_where_costs_are_known_and_targets_have_odds(costed) -> None:
    _ready, work = costed
    money, odds = work.plans.tables["money"], work.plans.tables["money_odds"]
    rice = money["product"] == "Rice"
    assert money.loc[rice, "margin"].isna().all()
    assert money.loc[rice, "revenue"].notna().all()
    assert money.loc[~rice, "margin"].notna().all()
    asked = odds[odds["target"].notna() & (odds["scenario"] == "consensus")]
    assert set(asked["measure"]) == {"margin", "profit"}
    assert asked["probability"].between(0, 1).all()
    plan = work.plans.tables["plan"]
    assert money["revenue"].sum() == pytest.approx(plan["revenue"].sum(), rel=1e-12)


def test_a_dropped_action_takes_its_funding_along(costed) -> None:
    ready, work = costed
    calendar = ready.horizon.grid.money.running["deal"]
    assert calendar.any()
    live = work.live
    left = live.layout_of(drop(live.start_from("consensus"), "D1")).grid.money.running["deal"]
    assert not left.any()


def test_spend_reaches_as_far_as_its_rows_and_then_as_a_year_before(costed) -> None:
    # As of 1 January 2026 the row of January is planned or, where only the past is read, not known.
    spend = costed[0].money.spend
    assert spend[1] == 80.0
    assert spend[0] in (50.0, 100.0)
    assert np.isfinite(spend).all()
