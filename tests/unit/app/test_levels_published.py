"""What a published round holds of its parts: the bridge by level, in money, and customers who buy again."""

from __future__ import annotations

import io
import re

import openpyxl
import pandas as pd
import pytest

from alignment_lib.app.batches.batch import exit_code, run_batch
from alignment_lib.app.batches.request import BatchRequest
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.publishing.report.report_parts import open_report
from tests.unit.app.explorer_fixture import write_small_workspace


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Snapshot:
    """The small business with prices of 4 and 2, a price change, and two customers a month."""
    folder = write_small_workspace(tmp_path_factory.mktemp("levels") / "unit")
    sales = pd.read_csv(folder / "sales.csv")
    sales["revenue"] = sales["units"] * sales["product"].map({"Tea": 4.0, "Cake": 2.0})
    sales.to_csv(folder / "sales.csv", index=False)
    with (folder / "assumptions.csv").open("a", encoding="utf-8") as register:
        register.write(
            "A5,digital,Larger baskets,web,marketing,2026-02-01,2026-06-30,percent,1,3,5,accepted,"
        )
        register.write("trade 2025-01-01,sales 2025-01-01,Tea\n")
    text = (folder / "assumptions.csv").read_text(encoding="utf-8").splitlines()
    lever = ["lever", "", "", "", "", "order value"]
    rows = [f"{line},{value}" for line, value in zip(text, lever, strict=True)]
    (folder / "assumptions.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    months = pd.date_range("2025-01-01", "2025-12-01", freq="MS")
    bought = [(day, f"c{place - back}", 50.0) for place, day in enumerate(months) for back in (0, 1)]
    table = pd.DataFrame(bought, columns=["date", "customer", "amount"])
    table.to_csv(folder / "transactions.csv", index=False)
    request = BatchRequest((folder,), folder.parent / "out", "2026Q1", cache=folder.parent / "cache")
    outcomes = run_batch(request)
    assert exit_code(outcomes) == 0, outcomes
    return Snapshot(folder.parent / "out" / "2026Q1" / "unit")


def test_every_level_and_span_of_the_published_bridge_adds_up_in_units_and_in_money(published) -> None:
    table = published.read("level_bridge")
    keys = ["span", "label", "product", "sale_type"]
    ends = {
        name: table[table["assumption"] == name].set_index(keys).sort_index() for name in ("baseline", "plan")
    }
    steps = table[~table["assumption"].isin(["baseline", "plan"])]
    sums = steps.groupby(keys)[["effect", "revenue", "price_revenue"]].sum()
    sums = sums.reindex(ends["plan"].index).fillna(0.0)
    change = ends["plan"][["effect", "revenue"]] - ends["baseline"][["effect", "revenue"]]
    assert sums["effect"].tolist() == pytest.approx(change["effect"].tolist(), abs=1e-6)
    assert (sums["revenue"] + sums["price_revenue"]).tolist() == pytest.approx(change["revenue"].tolist())
    whole = ends["plan"].loc[("quarter", "2026Q1", "", "")]
    plan = published.read("plan")
    here = plan[(plan["scenario"] == "consensus") & (plan["period"] < "2026-04-01")]
    assert whole["effect"] == pytest.approx(here["plan"].sum())
    assert whole["revenue"] == pytest.approx(here["revenue"].sum())
    baskets = steps[(steps["assumption"] == "A5") & (steps["label"] == "2026Q1")]
    assert (baskets["effect"] == 0).all()
    assert (baskets["price_revenue"] > 0).all()


def test_report_and_workbook_show_the_parts_the_money_and_the_customers(published) -> None:
    report = open_report(published.folder)
    text = re.sub(r"<[^>]+>", " ", str(report.show("bridge", "customers"))).replace("\u202f", " ")
    for words in (
        "By volume",
        "By price",
        "Bridge of 2026Q1 by product",
        "Bridge by quarter",
        "A5 Larger baskets",
    ):
        assert words in text
    assert "Customers who bought again" in text
    book = openpyxl.load_workbook(io.BytesIO(published.read_bytes("plan.xlsx")))
    assert [cell.value for cell in book["Bridge by level"][1]][-3:] == ["effect", "revenue", "price_revenue"]
    assert book["Cohorts"].max_row == len(published.read("cohorts")) + 1
