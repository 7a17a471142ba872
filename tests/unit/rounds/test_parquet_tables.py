"""Tables as Parquet: fixed order, fixed types, fixed bytes."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.inputs.snapshot_tables import SNAPSHOT_TABLES, canonical_frame
from alignment_lib.rounds.files import parquet_tables
from alignment_lib.rounds.files.parquet_tables import arrange_table, complete_tables, encode_table

_TABLE = pd.DataFrame(
    {
        "scenario": ["b", "a", "a", "a"],
        "period": pd.to_datetime(["2026-01-05", "2026-01-12", "2026-01-05", "2026-01-05"]),
        "brand": ["x", "x", "y", "x"],
        "plan": [1.0, 2.0, np.nan, 4.0],
    }
)


def test_rows_are_ordered_by_scenario_period_and_dimension() -> None:
    arranged = arrange_table(_TABLE, ["brand"])
    assert arranged["plan"].fillna(-1).tolist() == [4.0, -1.0, 2.0, 1.0]


@settings(max_examples=30)
@given(st.permutations(range(4)))
def test_the_order_rows_come_in_does_not_change_a_byte(order: list[int]) -> None:
    shuffled = _TABLE.iloc[order]
    assert encode_table(arrange_table(shuffled, ["brand"])) == encode_table(arrange_table(_TABLE, ["brand"]))


def test_neither_index_nor_pandas_notes_are_stored() -> None:
    stored = pq.read_table(io.BytesIO(encode_table(arrange_table(_TABLE.set_axis([9, 8, 7, 6]), ["brand"]))))
    assert stored.schema.metadata is None
    assert stored.column_names == ["scenario", "period", "brand", "plan"]


def test_what_was_written_is_read_back() -> None:
    arranged = arrange_table(_TABLE, ["brand"])
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(encode_table(arranged))), arranged)


def test_odd_columns_become_plain_text_or_dates() -> None:
    odd = pd.DataFrame(
        {
            "mixed": [1, "two", None, pd.Timestamp("2026-02-01")],
            "sort": pd.Categorical(["b", "a", None, "b"]),
            "broken": ["fine", "\ud800", "", None],
            "zoned": pd.to_datetime(["2026-01-01"] * 4).tz_localize("Europe/Berlin"),
        }
    )
    plain = arrange_table(odd, [])
    assert plain["mixed"].tolist() == ["1", "two", None, "2026-02-01"]
    assert plain["sort"].tolist() == ["b", "a", None, "b"]
    assert plain["broken"].tolist() == ["fine", "\\ud800", "", None]
    assert str(plain["zoned"].dtype) == "datetime64[ns]"
    assert len(encode_table(plain)) > 0


def test_tables_the_round_has_none_of_are_empty_with_their_columns() -> None:
    partial = pd.DataFrame(columns=["id", "status"])
    complete = complete_tables({"plan": _TABLE, "assumptions": partial}, ["brand"])
    asked = {name for name, table in SNAPSHOT_TABLES.items() if table.always}
    assert asked <= set(complete)
    assert complete["plan"] is _TABLE
    for name in sorted(asked - {"plan"}):
        back = pd.read_parquet(io.BytesIO(encode_table(arrange_table(complete[name], ["brand"]))))
        assert canonical_frame(name, back, ["brand"]).empty


@pytest.mark.parametrize("rows", [0, 3, 4, 11])
def test_row_groups_are_written_one_by_one_to_the_bytes_of_the_whole(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_tables, "_ROW_GROUP", 4)
    number = np.arange(rows)
    table = pd.DataFrame(
        {
            "brand": np.where(number % 3, "a", None),
            "late": np.where(number < 4, None, "only in a later group"),
            "value": np.where(number % 5, number / 7, np.nan),
            "at": pd.Timestamp("2026-01-05") + pd.to_timedelta(number, unit="D"),
        }
    )
    buffer = io.BytesIO()
    whole = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(whole, buffer, compression="zstd", version="2.6", row_group_size=4)
    assert encode_table(table) == buffer.getvalue()
    assert pq.ParquetFile(io.BytesIO(encode_table(table))).num_row_groups == max(-(-rows // 4), 1)


def test_a_table_in_order_is_not_put_in_order_again() -> None:
    ordered = arrange_table(_TABLE, ["brand"])
    pd.testing.assert_frame_equal(arrange_table(ordered, ["brand"]), ordered)
