"""What the plan earns, asked of a small round with costs: figures agree wherever they stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.answers.catalogue import find_question
from alignment_lib.answers.earnings.profit import say_earnings
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.view import RoundView
from tests.unit.rounds.action_workspace import write_action_workspace
from tests.unit.rounds.test_round_money import COSTS, SPEND

QUESTIONS = ("profit", "profit_by", "profit_bridge", "promotion_profit")


def opened(folder: Path, **files: str) -> RoundView:
    write_action_workspace(folder)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    request = PlanRequest(folder, "2026Q1")
    return view_work(RoundWork(prepare_round(request), request))


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> RoundView:
    targets = "round,measure,product,target\n2026Q1,units,,4400\n2026Q1,margin,,9000\n2026Q1,profit,,100\n"
    folder = tmp_path_factory.mktemp("earning") / "shop"
    return opened(folder, costs=COSTS, spend=SPEND, targets=targets)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> RoundView:
    return opened(tmp_path_factory.mktemp("bare") / "shop")


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_round_without_costs_says_what_would_fill_it(bare: RoundView, name: str) -> None:
    answer = find_question(name)(bare)
    assert not answer.is_answered
    assert answer.sentence.startswith("Margin and profit appear once the workspace has a costs table")


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_sentence_picture_and_table(view: RoundView, name: str) -> None:
    answer = find_question(name)(view)
    assert answer.is_answered
    assert answer.sentence.endswith(".")
    assert answer.chart is not None
    assert len(answer.table())
    assert "nan" not in str(answer.to_html()).lower().replace("finance", "")


def test_one_figure_wherever_it_stands(view: RoundView) -> None:
    whole = find_question("profit")(view).frame.set_index("measure")["plan"]
    by = find_question("profit_by")(view).frame
    bridge = find_question("profit_bridge")(view).frame.set_index("assumption")["effect"]
    rows = view.table("money")
    rows = rows[(rows["scenario"] == view.headline) & rows["period"].isin(view.periods)]
    for measure in ("revenue", "margin", "profit"):
        assert by[measure].sum() == pytest.approx(whole[measure], abs=1e-6)
        assert rows[measure].sum() == pytest.approx(whole[measure], abs=1e-6)
    assert bridge["plan"] == pytest.approx(whole["profit"], abs=1e-6)
    assert bridge.drop("plan").sum() == pytest.approx(bridge["plan"], abs=1e-6)
    months = find_question("profit_by")(view, by="month").frame
    assert months["margin"].iloc[:3].sum() == pytest.approx(whole["margin"], abs=1e-6)


def test_the_first_page_has_one_line_for_money(view: RoundView, bare: RoundView) -> None:
    said = say_earnings(view)
    assert said.startswith("Margin ")
    assert "; profit after marketing " in said
    assert said.count(" to target (chance ") == 2
    assert said.count(".") == 1
    assert say_earnings(bare) == ""


def test_actions_stand_by_what_they_earn(view: RoundView) -> None:
    frame = find_question("promotion_profit")(view).frame
    told = frame["net_margin"].dropna()
    assert told.is_monotonic_decreasing
    year = view.as_of - pd.DateOffset(years=1)
    assert ((frame["start"] >= year) | (frame["when"] == "planned")).all()
    assert np.isfinite(told).all()


def test_the_review_tells_what_moved_profit(view: RoundView) -> None:
    answer = find_question("profit_variance")(view)
    assert answer.is_answered
    frame = answer.frame
    assert set(frame["against"]) == {"the year before"}
    gap = frame["actual"].iloc[0] - frame["reference"].iloc[0]
    assert frame["effect"].sum() == pytest.approx(gap, abs=1e-6)
    assert "have no known cost and stand outside" in answer.sentence
    assert find_question("profit_variance")(view, against="plan").missing
