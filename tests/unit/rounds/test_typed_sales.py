"""A workspace with transactions and no sale type: every type is planned as if a column had said it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.combining.parts import Parting
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.plan_round import plan_round
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.customer_sales import find_customers
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from alignment_lib.rounds.preparing.typed_sales import say_parting

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


REGISTER = (
    "id,kind,title,owner,function,start,end,unit,expected,status,sale_type\n"
    "A1,promotion,Club,brand,marketing,2026-01-01,2026-03-31,percent,50,proposed,{type}\n"
)


def _own_workspace(folder: Path, named: str, first: str = "2023-01-01") -> Path:
    """Every month one customer comes anew and the one before comes again: half new, half repeat."""
    months = pd.date_range(first, "2025-12-01", freq="MS")
    bought = [
        {"date": day + pd.Timedelta(days=5), "customer": f"c{place - back}", "amount": 50.0}
        for place, day in enumerate(months)
        for back in (0, 1)
    ]
    folder.mkdir()
    (folder / "planning.toml").write_text(SETTINGS, encoding="utf-8")
    pd.DataFrame(bought).to_csv(folder / "transactions.csv", index=False)
    sales = pd.DataFrame({"period": pd.date_range("2023-01-01", "2025-12-01", freq="MS"), "shop": "post"})
    sales.assign(revenue=100.0).to_csv(folder / "sales.csv", index=False)
    (folder / "assumptions.csv").write_text(REGISTER.format(type=named), encoding="utf-8")
    return folder


def test_an_assumption_may_name_a_type_of_sale_that_transactions_tell(tmp_path) -> None:
    ready = prepare_round(ask_round(_own_workspace(tmp_path / "own", "repeat"), "2026Q1"))
    (row,) = ready.register
    assert row.scope == {"sale_type": "repeat"}
    live = LiveRound(ready)
    types = live.evaluate(live.start_from("as_proposed")).types
    planned = dict(zip(types.iloc[:, 0].astype(str), types["plan"], strict=True))
    # Half of 100 a month is repeat; half as much again of it, over three months, and nothing of new.
    base = live.evaluate(live.start_from("consensus")).types
    without = dict(zip(base.iloc[:, 0].astype(str), base["plan"], strict=True))
    assert planned["new"] == pytest.approx(without["new"])
    assert planned["repeat"] - without["repeat"] == pytest.approx(75.0, rel=0.02)


def test_an_unknown_type_of_sale_is_a_fault_with_its_place(tmp_path) -> None:
    folder = _own_workspace(tmp_path / "own", "repaet")
    with pytest.raises(InputError) as caught:
        load_workspace(folder)
    text = str(caught.value)
    assert "assumptions.csv" in text
    assert "sale_type" in text
    assert "repeat" in text


def test_customers_who_buy_again_are_counted_in_spans_as_long_as_the_round(tmp_path) -> None:
    ready = prepare_round(ask_round(_own_workspace(tmp_path / "own", "repeat"), "2026Q1"))
    found = find_customers(ready.workspace, ready.round)
    assert found is not None
    assert found.span == "quarter"
    # A customer buys anew in one month and again in the next: of three a quarter one comes back in the next.
    after_one = found.cohorts[found.cohorts["age"] == 1]
    assert after_one["active"].tolist() == [1] * len(after_one)
    assert found.cohorts["revenue"].sum() == ready.workspace.tables["transactions"]["amount"].sum()
    bare = replace(ready.workspace, tables={"sales": ready.workspace.tables["sales"]})
    assert find_customers(bare, ready.round) is None


def test_before_the_first_transaction_rows_of_one_type_are_left_out_and_said(tmp_path) -> None:
    folder = _own_workspace(tmp_path / "own", "repeat", first="2025-11-01")
    ready = prepare_round(ask_round(folder, "2025Q3"))
    assert ready.register == ()
    (notice,) = [notice for notice in ready.notices if notice.code == "types_unknown"]
    assert notice.text.startswith("1 row of assumptions name a type of sale")


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
    cohorts, types = result.tables["cohorts"], result.tables["customer_sales"]
    assert types["revenue"].sum() == pytest.approx(244_091.94)
    # 2,357 customers, all first seen in one quarter, of whom about half came back at least once.
    assert cohorts["customers"].unique().tolist() == [2357]
    assert cohorts[cohorts["age"] > 0]["repeat_rate"].between(0.1, 0.3).all()
    covered = result.tables["coverage"].set_index("factor")
    assert bool(covered.loc["sale_types", "considered"])


def test_no_day_is_named_where_no_purchase_is_known() -> None:
    parting = Parting(np.ones((1, 2)), "equal shares", {}, 0)
    told = say_parting(parting, pd.NaT, 0.5, asked=False).text
    assert "equal shares; too little is known" in told
    assert "NaT" not in told
    assert "read after 2025-03-01" in say_parting(parting, pd.Timestamp("2025-03-01"), 0.5, asked=False).text
