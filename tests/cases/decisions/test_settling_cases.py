"""What knowing more of a claim is worth, and what a holdout can see, worked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from alignment_lib.planning.evidence.holdouts import Holdout, UnitNoise, units_needed
from alignment_lib.planning.evidence.information import Stake, believe, chance_of_another, worth_of_test

CASES = sorted((Path(__file__).parent / "settling").glob("*.yaml"))
_NONE = (float("nan"), float("nan"))


def _load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_worth_and_power_are_as_their_arithmetic_says(path: Path) -> None:
    case = _load(path)
    if "units" in case:
        _check_power(case)
        return
    belief = believe(
        tuple(case["weighted"]), tuple(case.get("claim", _NONE)), tuple(case.get("supported", _NONE))
    )
    assert belief.error == pytest.approx(case["error"], abs=0.01)
    stake = Stake(case["slope"], case.get("pays_from", np.nan), tuple(case.get("options", ())))
    assert worth_of_test(belief, stake, 0.0) == pytest.approx(case["settled"], abs=0.01)
    if "test_error" in case:
        assert worth_of_test(belief, stake, case["test_error"]) == pytest.approx(case["tested"], abs=0.01)
    if "change" in case:
        assert chance_of_another(belief, stake, 0.0) == pytest.approx(case["change"], abs=0.001)


def _check_power(case: dict[str, Any]) -> None:
    noise = UnitNoise("store", case["units"], 0, 2, 20, case["deviation"])
    found = Holdout(noise, case["held_out"])
    assert found.error == pytest.approx(case["log_error"], abs=1e-6)
    assert found.smallest_effect == pytest.approx(case["smallest"], abs=1e-3)
    if "needed" in case:
        assert units_needed(noise, case["wanted"]) == pytest.approx(case["needed"], abs=2)
