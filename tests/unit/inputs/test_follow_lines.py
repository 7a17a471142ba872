"""Orders whose own cells stand on their first line only."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from alignment_lib.inputs.applying.importing import apply_mapping
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.proposing.import_mapping import propose_mapping
from alignment_lib.inputs.reading.exports import read_export
from alignment_lib.inputs.reading.follow_lines import find_order_cells

ORDERS = """Order Reference,Order Date,Sales Team,Order Lines/Product,Quantity,Subtotal,Total
S1,2025-01-06,Europe,Desk,1,120.00,210.00
,,,Chair,2,90.00,
S2,2025-01-07,America,Desk,2,240.00,285.00
,,,Chair,1,45.00,
S3,2025-01-12,America,Chair,3,135.00,135.00
"""


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return read_export(path)


def test_lines_below_an_order_bear_its_day_and_team(export):
    mapping = propose_mapping(export)
    assert any(
        "2 lines without 'Order Reference', 'Order Date', 'Sales Team'" in doubt for doubt in mapping.doubts
    )
    found = apply_mapping(export, mapping)
    sales = found.tables["sales"].groupby("sales_team")["revenue"].sum()
    assert sales.to_dict() == {"America": 420.0, "Europe": 210.0}
    assert any("column Total: not taken: 630.00" in line for line in found.reconciliation.lines())


def test_who_decides_otherwise_is_told_of_the_lines_without_a_day(export):
    mapping = replace(propose_mapping(export), decisions={"follow_lines": "keep"})
    with pytest.raises(InputError, match=r"column Order Date \(2 rows\)"):
        apply_mapping(export, mapping)


@pytest.mark.parametrize(
    "rows",
    [
        {"no": ["", "1"], "day": ["", "2025-01-06"], "item": ["Tea", "Cake"]},
        {"no": ["1", "2"], "day": ["2025-01-06", ""], "item": ["Tea", "Cake"]},
        {"no": ["1", ""], "day": ["2025-01-06", ""], "item": ["Tea", ""]},
        {"no": ["1", "2"], "day": ["2025-01-06", "2025-01-07"], "item": ["Tea", "Cake"]},
    ],
)
def test_a_missing_day_alone_is_no_line_of_an_order(rows):
    assert find_order_cells(pd.DataFrame(rows), "day") == []
