"""What a target takes: within what is claimed, of whom, and nothing of whoever cannot help."""

from __future__ import annotations

from pathlib import Path

import pytest

import alignment_lib as al
from alignment_lib.app.analyst.scenario import Scenario
from alignment_lib.inputs.words.nearest import UnknownWord
from tests.unit.rounds.action_workspace import write_action_workspace

_SHIFT = (
    "C1,consumer_shift,Shop to web,insight,marketing,2026-01-01,2026-06-30,percent,2,5,8,accepted,"
    "a 2025-12-01,b 2025-12-01,Rice,,,,shop,web\n"
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    folder = write_action_workspace(tmp_path_factory.mktemp("given") / "shop")
    path: Path = folder / "assumptions.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{head},moves_from,moves_to", *(f"{row},," for row in rows)]
    path.write_text("\n".join(lines) + "\n" + _SHIFT, encoding="utf-8")
    return al.open_round(folder, "2026Q1").scenario("consensus")


def test_a_claim_that_only_moves_buyers_about_is_not_asked_to_change(plan: Scenario) -> None:
    effects = plan.bridge.groupby("assumption")["effect"].agg(["sum", lambda one: one.abs().sum()])
    assert effects.loc["C1"].iloc[1] > 1.0
    assert effects.loc["C1"].iloc[0] == pytest.approx(0.0, abs=1e-9)

    said = plan.needed(plan.total + 5.0).sentence
    out = plan.needed(plan.total * 3.0).sentence

    assert "D1 at" in said
    assert "C1 at" not in said
    assert "C1 at" not in out


def test_a_target_that_is_made_asks_nobody_for_anything(plan: Scenario) -> None:
    found = plan.needed(plan.total - 100.0)

    assert found.sentence.endswith(f"the plan comes to {plan.total:,.0f}.")
    assert (found.frame["needed"] == found.frame["value"]).all()


def test_only_one_owner_may_be_asked(plan: Scenario) -> None:
    found = plan.needed(plan.total + 5.0, owner="trade")

    assert set(found.frame["assumption"]) == {"D1"}
    with pytest.raises(UnknownWord, match="did you mean 'trade'"):
        plan.needed(plan.total + 5.0, owner="trde")
