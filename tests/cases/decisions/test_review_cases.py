"""Closed quarters whose split by cause was worked by hand: only what moved has a part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from alignment_lib.review.closed_story import say_reconciled
from alignment_lib.review.discounts import paid_share, price_changes
from alignment_lib.review.variance import split_variance

CASES = sorted((Path(__file__).parent / "review").glob("*.yaml"))


def _side(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    frame["period"] = pd.to_datetime(frame["period"])
    return frame.astype({"units": float, "revenue": float})


def _paid(side: pd.DataFrame) -> pd.DataFrame:
    """Share of the list price paid in each cell; all of it where the case names no list price."""
    listed = side.assign(list_price=side["list_price"] if "list_price" in side else float("nan"))
    promoted = side[side["promoted"].eq(True)] if "promoted" in side else side.iloc[:0]
    return paid_share(side, listed, promoted, ["product"], by=["period", "product"])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_quarter_is_split_as_its_arithmetic_says(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    plan, actual = _side(case["plan"]), _side(case["actual"])
    prices = price_changes(plan, actual, ["product"], [_paid(plan), _paid(actual)])
    first = plan["period"].min()
    sides = [side.assign(period=first)[["period", "product", "units", "revenue"]] for side in (actual, plan)]
    variance = split_variance(*sides, ["product"], prices=prices)
    bars = variance.table.query("view == 'cause'").groupby("bar")["effect"].sum()
    for name, wanted in case["bars"].items():
        assert bars[name] == pytest.approx(wanted, abs=1e-3), name
    change = actual["revenue"].sum() - plan["revenue"].sum()
    assert bars.sum() == pytest.approx(change, abs=1e-9)
    story = variance.table.query("view == 'story'").set_index("bar")["effect"]
    assert story.sum() == pytest.approx(change, abs=1e-9)
    for name, wanted in case.get("story", {}).items():
        assert story[name] == pytest.approx(wanted, abs=1e-3), name
    if "said" in case:
        said = say_reconciled(variance.table, "EUR").replace("\u2212", "-").replace("\u202f", " ")
        assert said == case["said"]
