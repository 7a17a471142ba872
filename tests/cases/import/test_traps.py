"""Traps of files that people send: refused with every problem and its place, or asked about."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from alignment_lib.inputs.problems import InputError

DAYS = pd.date_range("2025-01-06", "2025-02-02").strftime("%Y-%m-%d")


@pytest.fixture
def file(tmp_path):
    def write(text, name="export.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    return write


def orders(
    row="{day},Invoice,Web,Tea,1,10.00", heading="Order date,Document type,Channel,Product,Quantity,Amount"
):
    return "\n".join([heading, *(row.format(day=day, number=at) for at, day in enumerate(DAYS))]) + "\n"


def test_a_new_word_of_a_document_type_stops_the_next_import_and_names_the_line_it_needs(desk, file):
    first = orders() + "2025-02-02,Credit note,Web,Tea,1,10.00\n"
    assert desk.bring(file(first))["units"].sum() == 27
    assert desk.asked("Credit note 10.00 in 1 row: subtract")
    before = (desk.folder / "sales.csv").read_bytes()
    mapping = (desk.folder / "imports/order_lines.toml").read_bytes()
    with pytest.raises(
        InputError,
        match=r'Storno 10.00 in 1 row: leave out.*\[rows."Document type"\] write "Storno" = "leave out"',
    ):
        desk.bring(file(first.replace("Credit note", "Storno"), "next.csv"), add_rows=True)
    assert (desk.folder / "sales.csv").read_bytes() == before
    assert (desk.folder / "imports/order_lines.toml").read_bytes() == mapping


def test_an_export_with_other_columns_gets_a_mapping_beside_the_saved_one(desk, file):
    desk.bring(file(orders()))
    saved = (desk.folder / "imports/order_lines.toml").read_bytes()
    other = orders("{day},Web,Tea,2", "Date,Channel,Product,Quantity")
    desk.bring(file(other, "other.csv"), replace_tables=True)
    assert (desk.folder / "imports/order_lines.toml").read_bytes() == saved
    assert (desk.folder / "imports/order_lines-2.toml").exists()


def test_a_last_month_decided_on_long_ago_does_not_hide_what_came_since(desk, file):
    text = "Product,Oct 2025,Nov 2025,Dec 2025\nTea,{},{},{}\nCake,{},{},{}\n"
    desk.bring(file(text.format(5, 6, 0, 7, 8, 0)), today=dt.date(2026, 1, 5))
    assert desk.asked("hold nothing but 0")
    with pytest.raises(
        InputError, match=r'figures in 1 month after until = 2025-11-01.*write until = "2025-12-01"'
    ):
        desk.bring(file(text.format(5, 6, 9, 7, 8, 9), "next.csv"), add_rows=True, today=dt.date(2026, 1, 5))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Product,Jan 2025,2025-01,Feb 2025\nTea,1,2,3\nCake,1,2,3\n", "the month from 2025-01-01 twice"),
        (
            orders() + "2025-02-02,Invoice,Web,Tea,1,10,00\n",
            "row 30: found more cells than the 6 of the heading",
        ),
        (orders().replace("Tea,1,", '"Tea,1,', 1), "row 2: found a quotation mark that is never closed"),
        (
            orders() + "2025-02-02,Invoice,Web,Tea,two,x\n",
            "row 30, column Quantity: found 'two', expected a number",
        ),
        (orders() + "02/02/2025,Invoice,Web,Tea,1,1\n", "row 30, column Order date: found '02/02/2025'"),
        (
            orders("{day},Invoice,Web,Käse,1,10.00").encode()
            + "2025-02-02,Invoice,Web,Käse,1,1\n".encode("cp1252"),
            "row 30: found two encodings in one file: UTF-8 in row 2, another one in row 30",
        ),
        (",".join(["Jan 2025"] * 1_000_000) + "\n" + ",".join(["1"] * 1_000_000), "1,000,000 columns"),
        ("Name,Colour,Size\nTea,red,big\nCake,blue,small\n", "expected an export such as order lines"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_nothing_is_written(desk, file, text, message):
    with pytest.raises(InputError, match=message):
        desk.bring(file(text))
    assert not (desk.folder / "sales.csv").exists()


def test_every_bad_cell_is_named_at_once_and_the_first_bad_one_by_its_row(desk, file):
    bad = orders('{day},Invoice,Web,Tea,1,"1.010,00"') + 'soon,Invoice,Web,Tea,1,"x"\n'
    with pytest.raises(InputError) as caught:
        desk.bring(file(bad))
    assert [(problem.column, problem.row) for problem in caught.value.problems] == [
        ("Order date", 30),
        ("Amount", 30),
    ]


def test_two_columns_of_dates_that_put_sales_into_other_months_are_a_doubt(desk, file):
    text = orders("{day},{day},Web,Tea,1,10.00", "Order date,Invoice date,Channel,Product,Quantity,Amount")
    later = text.replace("2025-01-31,2025-01-31", "2025-01-31,2025-02-03")
    desk.bring(file(later))
    assert desk.asked("is a date too, and puts 1 row (4\u202f%) into another month")


def test_net_and_gross_are_not_added(desk, file):
    rows = [
        f"{day},{kind},Web,Tea,1,{amount}" for day in DAYS for kind, amount in (("net", 10), ("gross", 11.9))
    ]
    sales = desk.bring(file("\n".join(["Order date,Tax,Channel,Product,Quantity,Amount", *rows])))
    assert sales["revenue"].sum() == 280
    assert desk.asked("gross 333.20 in 28 rows: leave out")


def test_currencies_of_a_pivot_stand_apart_and_a_blank_first_cell_hides_none(desk, file):
    source = file("Product,Region,Jan 2025,Feb 2025\nTea,A,€10,€11\nTea,B,,$20\n")
    with pytest.raises(InputError, match="expected one currency, or a rate"):
        desk.bring(source)
    mapping = desk.folder / "imports/pivot.toml"
    desk.settle(
        mapping,
        {'"currency" = "$"': '"currency" = "EUR"', '"EUR" = 0.0': '"EUR" = 1.0', '"$" = 1.0': '"$" = 0.5'},
    )
    assert desk.bring(source)["revenue"].sum() == 31
    assert desk.says("revenue in $: read: 1 row, 20.00")


def test_headings_without_a_year_are_asked_about(desk, file):
    sales = desk.bring(
        file("Product,Nov,Dec,Jan,Feb\nTea,1,2,3,4\nCake,5,6,7,8\n"), {'"year" = "2025"': '"year" = "2023"'}
    )
    assert desk.asked("the headings name no year")
    assert (sales["period"].min(), sales["period"].max()) == ("2023-11-01", "2024-02-01")


def test_a_quarter_that_is_no_sum_of_its_months_is_a_doubt(desk, file):
    desk.bring(file("Product,Jan 2025,Feb 2025,Mar 2025,Q1 2025\nTea,1,2,3,7\nCake,1,2,3,6\n"))
    assert desk.asked("Column 'Q1 2025' is no sum of its periods in 1 row (first row 2)")


def test_lines_after_today_are_not_sold_unless_the_mapping_keeps_them(desk, file):
    source = file(orders() + "2025-12-24,Invoice,Web,Tea,9,90.00\n")
    assert desk.bring(source, today=dt.date(2025, 2, 3))["units"].sum() == 28
    assert desk.says("1 line after today left out: not sold yet")


def test_an_outline_of_many_rows_gives_every_row_its_own_label(desk, file):
    lines = ["Region,Product,Jan 2025,Feb 2025,Mar 2025"]
    for region in range(3_000):
        lines.append(f"R{region},,{28 + region},36,{44 + region}")
        last = {7: region}
        lines += [f",P{at},{at + last.get(at, 0)},{at + 1},{at + 2 + last.get(at, 0)}" for at in range(8)]
    sales = desk.bring(file("\n".join(lines) + "\n"))
    assert sales.groupby("region")["product"].nunique().eq(8).all()
    assert sales["region"].nunique() == 3_000
    assert sales.loc[(sales["region"] == "R2999") & (sales["product"] == "P7"), "units"].tolist() == [
        3006,
        8,
        3008,
    ]
