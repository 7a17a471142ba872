"""A workspace with transactions and no sale type: every type is planned as if a column had said it."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.app.asked_round import ask_round
from alignment_lib.app.explorer.recompute import LiveRound
from alignment_lib.app.plan_round import plan_round
from alignment_lib.app.prepared_round import prepare_round

CDNOW = Path(__file__).resolve().parents[4] / "shared" / "data" / "cdnow"
SETTINGS = """
[business]
name = "Records by post"
currency = "USD"
[calendar]
grain = "month"
[sales]
dimensions = ["shop"]
measure = "revenue"
[forecast]
method = "naive"
[plan]
quarters = 2
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    """CDNOW's purchases as transactions, and their monthly sums as sales without any type."""
    source = next(iter(sorted(CDNOW.glob("*.csv*"))), None)
    if source is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CDNOW} is absent")
        pytest.skip("the CDNOW purchases are not here")
    table = pd.read_csv(source, parse_dates=["date"], dtype={"customer_id": str})
    folder = tmp_path_factory.mktemp("typed") / "records"
    folder.mkdir()
    (folder / "planning.toml").write_text(SETTINGS, encoding="utf-8")
    bought = table.rename(columns={"customer_id": "customer", "amount_usd": "amount"})
    bought[["date", "customer", "amount"]].to_csv(folder / "transactions.csv", index=False)
    month = table["date"].dt.to_period("M").dt.start_time
    sales = table.groupby(month)["amount_usd"].sum().rename_axis("period").rename("revenue").reset_index()
    sales.assign(shop="post").to_csv(folder / "sales.csv", index=False)
    return folder


def test_every_type_is_planned_and_they_add_up_to_the_sales(workspace) -> None:
    ready = prepare_round(ask_round(workspace, "1998Q3"))
    sold = ready.workspace.tables["sales"].groupby("sale_type", observed=True)["revenue"].sum()
    assert sold.sum() == pytest.approx(244_091.94)
    assert set(sold.index) == {"new", "repeat", "upsell"}
    # The types by transactions and by parted sales are the same money.
    told = ready.workspace.tables["transactions"].groupby("sale_type")["amount"].sum()
    assert sold.to_dict() == pytest.approx(told.to_dict(), rel=1e-9)
    live = LiveRound(ready)
    types = live.evaluate(live.start_from("consensus")).types
    assert types["plan"].sum() == pytest.approx(live.evaluate(live.start_from("consensus")).total)
    assert len(types) == 3
    assert {"left_censored", "no_category"} <= {notice.code for notice in ready.notices}


def test_a_published_round_shows_odds_of_every_type(workspace) -> None:
    result = plan_round(ask_round(workspace, "1998Q3"))
    assert result.dimensions == ("shop", "sale_type")
    levels = set(result.tables["odds"]["sale_type"])
    assert {"", "new", "repeat", "upsell"} <= levels
    covered = result.tables["coverage"].set_index("factor")
    assert bool(covered.loc["sale_types", "considered"])
