"""A newcomer adds costs.csv as the manual shows it, and sees profit with its odds in the next run."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.answers.catalogue import find_question
from alignment_lib.answers.earnings.profit import say_earnings
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.view import RoundView
from tests.unit.rounds.action_workspace import write_action_workspace

MANUAL = Path(__file__).parents[2] / "docs" / "bring-your-own-data.md"


def plan(folder: Path, cache: Path) -> RoundView:
    request = PlanRequest(folder, "2026Q1", cache=cache)
    return view_work(RoundWork(prepare_round(request), request))


def test_costs_as_the_manual_shows_them_bring_profit_with_its_odds(tmp_path: Path) -> None:
    folder = write_action_workspace(tmp_path / "shop")
    spend = pd.DataFrame({"period": pd.date_range("2025-01-01", periods=12, freq="MS"), "amount": 300.0})
    spend.to_csv(folder / "spend.csv", index=False)
    before = plan(folder, tmp_path / "cache")
    assert say_earnings(before) == ""
    text = MANUAL.read_text(encoding="utf-8")
    costs = re.search(r"<!-- costs of a shop -->\n```text\n(.*?)```", text, re.DOTALL)
    assert costs is not None
    (folder / "costs.csv").write_text(costs.group(1), encoding="utf-8")
    (folder / "targets.csv").write_text(
        "round,measure,target\n2026Q1,units,4400\n2026Q1,profit,15000\n", encoding="utf-8"
    )
    after = plan(folder, tmp_path / "cache")
    said = say_earnings(after)
    assert "; profit after marketing " in said
    assert " to target (chance " in said
    frame = find_question("profit")(after).frame.set_index("measure")
    assert frame.loc["profit", "p10"] < frame.loc["profit", "plan"] < frame.loc["profit", "p90"]
    spent = frame.loc["margin", "plan"] - frame.loc["profit", "plan"]
    assert spent == pytest.approx(900.0, abs=1e-9)
    pd.testing.assert_frame_equal(before.table("plan"), after.table("plan"))
