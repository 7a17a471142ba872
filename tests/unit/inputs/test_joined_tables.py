"""New rows joined to a table that is there."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.applying.reconciliation import Reconciliation, account_for
from alignment_lib.inputs.problems import AlignmentError, InputError
from alignment_lib.inputs.tables.joined_tables import join_tables


def sales(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["period", "item", "units"])


def test_a_series_that_the_next_export_does_not_name_sold_nothing_in_it():
    old = sales(("2025-01-06", "Tea", 3.0), ("2025-01-06", "Cake", 2.0))
    joined = join_tables("sales", old, sales(("2025-01-13", "Tea", 4.0)), every_period=True)
    assert joined.table.to_numpy().tolist() == [
        ["2025-01-06", "Cake", 2.0],
        ["2025-01-13", "Cake", 0.0],
        ["2025-01-06", "Tea", 3.0],
        ["2025-01-13", "Tea", 4.0],
    ]


def test_changed_rows_are_said_with_their_sums():
    old = sales(("2025-01-06", "Tea", 3.0))
    joined = join_tables("sales", old, sales(("2025-01-06", "Tea", 5.0)))
    assert "1 changed (units 3.00 to 5.00)" in joined.text


def test_tables_of_other_dimensions_are_not_joined():
    with pytest.raises(InputError, match="the keys period, shop"):
        join_tables(
            "sales",
            sales(("2025-01-06", "Tea", 3.0)),
            sales(("2025-01-13", "Tea", 3.0)).rename(columns={"item": "shop"}),
        )


def test_columns_of_the_users_own_stay():
    old = pd.DataFrame({"lead_id": ["1", "2"], "outcome": ["", ""], "note": ["mine", ""]})
    new = pd.DataFrame({"lead_id": ["1", "3"], "outcome": ["won", ""]})
    joined = join_tables("leads", old, new)
    assert joined.table["note"].tolist()[:2] == ["mine", ""]
    assert joined.table["outcome"].tolist()[:2] == ["won", ""]
    assert (joined.added, joined.changed, joined.kept) == (1, 1, 1)


ROWS = st.dictionaries(
    st.tuples(st.sampled_from(["2025-01-06", "2025-01-13", "2025-01-20"]), st.sampled_from("abc")),
    st.integers(0, 50).map(float),
    min_size=1,
)


@given(ROWS, ROWS)
def test_joining_keeps_every_row_and_the_new_ones_count(before, after):
    old, new = (sales(*((*key, value) for key, value in rows.items())) for rows in (before, after))
    joined = join_tables("sales", old, new)
    found = {(row.period, row.item): row.units for row in joined.table.itertuples()}
    assert found == {**before, **after}
    assert joined.added + joined.changed + joined.unchanged == len(after)
    again = join_tables("sales", joined.table, new)
    assert (again.added, again.changed) == (0, 0)


@given(st.lists(st.tuples(st.integers(-10_000, 10_000), st.integers(0, 2)), min_size=1))
def test_what_is_read_is_what_is_written_and_left_out(cells):
    values = pd.Series([value / 100 for value, _ in cells]).to_numpy()
    codes = pd.Series([code for _, code in cells]).to_numpy()
    entries = account_for("units", values, codes, ["drafts", "totals"], float(values[codes == 0].sum()))
    assert abs(Reconciliation(tuple(entries)).check().difference("units")) < 1e-6
    wrong = account_for("units", values, codes, ["drafts", "totals"], float(values[codes == 0].sum()) + 0.02)
    with pytest.raises(AlignmentError, match="does not add up"):
        Reconciliation(tuple(wrong)).check()
