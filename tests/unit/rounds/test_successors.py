"""Products that take another's place, said in settings or in the register, or found by where rows stop."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.inputs.problems import InputError
from tests.unit.app.stopped_sales import monthly, plan_unit, said, totals, write_unit

LIFE = '[[life]]\nscope = { product = "New" }\nreplaces = { product = "Old" }\n'


@pytest.fixture
def renamed() -> pd.DataFrame:
    return monthly({"Lamp": (200, 0, 60), "Old": (500, 0, 57), "New": (500, 57, 60)})


def test_a_successor_takes_over_the_history_and_no_sale_is_lost(
    tmp_path: Path, renamed: pd.DataFrame
) -> None:
    ready = plan_unit(write_unit(tmp_path / "unit", renamed, LIFE))
    assert list(ready.history.keys["product"]) == ["Lamp", "New"]
    assert ready.workspace.tables["sales"]["units"].sum() == renamed["units"].sum()
    assert totals(ready)["New"] == pytest.approx(6100, rel=0.05)
    assert "57 rows of sales under the new name" in said(ready)["successor_joined"]


def test_a_renamed_product_is_found_planned_once_and_asked_about(
    tmp_path: Path, renamed: pd.DataFrame
) -> None:
    ready = plan_unit(write_unit(tmp_path / "unit", renamed))
    assert totals(ready)["Old"] == 0.0
    assert totals(ready)["New"] == pytest.approx(6100, rel=0.05)
    assert "'Old' stops where 'New' begins at a like level" in said(ready)["ask_renamed"]


def test_what_is_said_to_go_on_is_planned_beside_the_newcomer(tmp_path: Path, renamed: pd.DataFrame) -> None:
    more = '[[life]]\nscope = { product = "Old" }\nstate = "continues"\n'
    ready = plan_unit(write_unit(tmp_path / "unit", renamed, more))
    assert totals(ready)["Old"] == pytest.approx(6100, rel=0.1)
    assert "ask_renamed" not in said(ready)


def test_an_accepted_launch_that_is_over_joins_what_it_replaced(
    tmp_path: Path, renamed: pd.DataFrame
) -> None:
    folder = write_unit(tmp_path / "unit", renamed)
    (folder / "assumptions.csv").write_text(
        "id,kind,title,owner,function,start,end,unit,expected,status,product,replaces\n"
        "L1,new_product,New,brand,marketing,2025-10-01,2025-12-31,units,500,accepted,New,Old\n"
    )
    ready = plan_unit(folder)
    assert "as L1 says" in said(ready)["successor_joined"]
    assert list(ready.history.keys["product"]) == ["Lamp", "New"]


def test_months_in_which_both_names_sold_are_added_up(tmp_path: Path) -> None:
    sales = monthly({"Lamp": (200, 0, 60), "Old": (500, 0, 57), "New": (100, 50, 60)})
    ready = plan_unit(write_unit(tmp_path / "unit", sales, LIFE))
    table = ready.workspace.tables["sales"]
    assert not table.duplicated(["product", "period"]).any()
    assert table["units"].sum() == sales["units"].sum()


def test_a_successor_nobody_sells_changes_nothing_and_is_named(tmp_path: Path, renamed: pd.DataFrame) -> None:
    more = '[[life]]\nscope = { product = "Nobody" }\nreplaces = { product = "Old" }\n'
    ready = plan_unit(write_unit(tmp_path / "unit", renamed, more))
    assert "nothing is joined" in said(ready)["successor_unknown"]
    assert len(ready.history.keys) == 3


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('scope = { product = "Old" }', 'one of two: state = "ended" or "continues", or replaces'),
        ('scope = { shop = "Old" }\nstate = "ended"', "one of the dimensions `product`"),
        ('scope = { product = "Old" }\nreplaces = { product = "Old" }', "other than the series itself"),
        ('scope = { product = "Old" }\nstate = "gone"', "'ended' or 'continues'"),
    ],
)
def test_what_is_said_of_a_life_is_checked(
    tmp_path: Path, renamed: pd.DataFrame, entry: str, fault: str
) -> None:
    with pytest.raises(InputError, match="life") as refused:
        plan_unit(write_unit(tmp_path / "unit", renamed, f"[[life]]\n{entry}\n"))
    assert fault in str(refused.value)
