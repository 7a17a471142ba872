"""Exports of other systems become a workspace that is read without a problem."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from typer import Typer
from typer.testing import CliRunner

from alignment_lib.app.commands_page import register
from alignment_lib.app.imports.import_data import import_data
from alignment_lib.inputs.applying.importing import apply_mapping
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.proposing.import_mapping import propose_mapping
from alignment_lib.inputs.proposing.mapping_files import read_mapping, write_mapping
from alignment_lib.inputs.reading.exports import read_export
from alignment_lib.inputs.words.export_dates import find_date_forms
from alignment_lib.inputs.words.export_numbers import find_number_forms
from alignment_lib.inputs.words.period_headings import find_months
from alignment_lib.inputs.workspace import load_workspace

ORDERS = """Order lines 2025;;;;;
exported by shop;;;;;
Order no;Order date;Channel;Product;Quantity;Net amount;Customer no
1;06.01.2025 08:12;Web;Tea 500 g;2;1.009,80;C1
2;06.01.2025;Shop;Tea 500 g;1;4,90;C2
3;08.01.2025;Web;Tea 500 g;1;4,90;C1
4;15.01.2025;Web;Cake;3;12,00;C3
5;21.01.2025;Shop;Tea 500 g;1;4,90;C2
6;22.01.2025;Web;Tea 500 g;-1;-4,90;C1
7;26.01.2025;Web;Cake;2;8,00;C1
8;26.01.2025;Web;Tea 500 g;2;9,80;C4
;;;Total;;1.049,40;
"""
PIVOT = """Region,Product,Jan 2025,Feb 2025,Mar 2025,Total
North,Tea,10,12,,22
South,Tea,8,9,7,24
Total,,18,21,7,46
"""
LEADS = """Lead ID,Create Date,Lead Source,Stage,Close Date,Amount,Owner Name
7,2025-01-31,Web form,Closed Won,2025-02-13,240,Ann Example
8,2025-02-01,Trade fair,Closed Lost,2025-02-20,,Ann Example
9,2025-02-02,Web form,Negotiation,,,Bob Example
9,2025-02-02,Web form,Negotiation,,,Bob Example
10,2025-02-03,Web form,Closed Won,,90,Bob Example
"""


def put(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def orders(tmp_path):
    return put(tmp_path / "orders.csv", ORDERS)


def settle(outcome):
    """What a user does: look at the doubts, then delete them."""
    text = outcome.mapping_file.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(('  "', "doubts", "]"))]
    outcome.mapping_file.write_text("\n".join(kept), encoding="utf-8")


def test_order_lines_are_understood_with_titles_totals_and_decimal_commas(orders):
    export = read_export(orders)
    mapping = propose_mapping(export)
    assert (export.titles, export.totals, len(export.table)) == (2, 1, 8)
    assert (mapping.kind, mapping.date, mapping.decimal, mapping.thousands) == (
        "order_lines",
        "%d.%m.%Y",
        ",",
        ".",
    )
    assert mapping.columns == {
        "date": "Order date",
        "units": "Quantity",
        "revenue": "Net amount",
        "customer": "Customer no",
    }
    assert mapping.dimensions == {"channel": "Channel", "product": "Product"}
    assert mapping.doubts == ()


def test_order_lines_add_up_to_weeks_with_zeros_inside_a_series_life(orders):
    found = apply_mapping(read_export(orders), propose_mapping(read_export(orders)))
    sales = found.tables["sales"].set_index(["channel", "product", "period"])
    assert sales.loc[("Web", "Tea 500 g", "2025-01-06"), "units"] == 3
    assert sales.loc[("Web", "Tea 500 g", "2025-01-06"), "revenue"] == pytest.approx(1014.70)
    assert sales.loc[("Shop", "Tea 500 g", "2025-01-13"), "units"] == 0
    assert sales["units"].sum() == 11
    assert {notice.code for notice in found.notices} == {"titles", "totals", "added_up", "zeros"}
    assert len(found.tables["transactions"]) == 8


def test_a_week_the_export_does_not_reach_the_end_of_is_left_out(tmp_path):
    text = "date,product,channel,quantity\n2025-01-06,Tea,Web,1\n2025-01-07,Tea,Web,1\n2025-01-08,Tea,Web,1\n"
    text += "2025-01-09,Tea,Web,1\n2025-01-12,Tea,Web,1\n2025-01-13,Tea,Web,5\n"
    export = read_export(put(tmp_path / "o.csv", text))
    found = apply_mapping(export, propose_mapping(export))
    assert found.tables["sales"]["units"].tolist() == [5.0]
    said = [notice.text for notice in found.notices if notice.code == "begun"]
    assert said == ["The last week, from 2025-01-13, is not complete and was left out: 1 line."]


def test_names_of_customers_are_never_written(tmp_path):
    text = ORDERS.replace("C1", "Ann Example").replace("C2", "a@b.example")
    export = read_export(put(tmp_path / "o.csv", text))
    found = apply_mapping(export, propose_mapping(export))
    assert "transactions" not in found.tables
    assert [notice.count for notice in found.notices if notice.code == "names"] == [6]


def test_the_first_run_shows_and_saves_the_mapping_and_the_second_applies_it(orders, tmp_path):
    folder = tmp_path / "my-company"
    first = import_data(orders, folder)
    assert first.is_new
    assert first.written == ()
    assert [path.name for path in folder.iterdir()] == ["imports"]
    second = import_data(orders, folder)
    names = [path.name for path in second.written]
    assert names == ["sales.csv", "transactions.csv", "planning.toml", "assumptions.xlsx"]
    lists = openpyxl.load_workbook(folder / "assumptions.xlsx")["lists"]
    assert {"Shop", "Web", "Cake", "Tea 500 g"} <= {cell.value for row in lists for cell in row}
    workspace = load_workspace(folder)
    assert len(workspace.table("assumptions")) == 0
    assert workspace.dimensions == ("channel", "product")
    assert workspace.tables["sales"]["units"].sum() == 11


def test_a_change_in_the_saved_mapping_is_used_for_the_next_export(orders, tmp_path):
    folder = tmp_path / "my-company"
    place = import_data(orders, folder).mapping_file
    put(place, place.read_text(encoding="utf-8").replace('grain = "week"', 'grain = "month"'))
    later = put(tmp_path / "orders-february.csv", ORDERS.replace(".01.2025", ".02.2025"))
    import_data(later, folder)
    assert load_workspace(folder).tables["sales"]["period"].unique().tolist() == [pd.Timestamp("2025-02-01")]


def test_a_table_that_is_there_is_not_replaced_unasked(orders, tmp_path):
    folder = tmp_path / "my-company"
    import_data(orders, folder, apply_now=True)
    with pytest.raises(InputError, match="--add to join the new rows to it, or --replace to write it anew"):
        import_data(orders, folder)
    assert import_data(orders, folder, replace_tables=True).rows == {"sales": 8, "transactions": 8}


def test_a_pivot_is_turned_and_its_doubt_must_be_settled(tmp_path):
    folder, source = tmp_path / "w", put(tmp_path / "pivot.csv", PIVOT)
    first = import_data(source, folder, apply_now=True)
    assert first.mapping.doubts == ("the figures were taken for units; say units or revenue under `measure`",)
    assert first.written == ()
    with pytest.raises(InputError, match=r"correct the line it speaks of in .*pivot\.toml, delete the doubt"):
        import_data(source, folder)
    settle(first)
    done = import_data(source, folder)
    sales = load_workspace(folder).tables["sales"]
    assert sales["units"].sum() == 46
    assert len(sales) == 5
    assert "1 empty cell of the pivot taken as not known, not as zero." in [
        notice.text for notice in done.notices
    ]


def test_a_pivot_of_a_workbook_reads_the_same(tmp_path):
    book = openpyxl.Workbook()
    for line in PIVOT.splitlines():
        book.active.append([float(cell) if cell.isdigit() else cell or None for cell in line.split(",")])
    book.save(tmp_path / "pivot.xlsx")
    export = read_export(tmp_path / "pivot.xlsx")
    assert propose_mapping(export).dimensions == {"region": "Region", "product": "Product"}
    assert export.totals == 1


def test_leads_keep_roles_and_leave_persons_out(tmp_path):
    export = read_export(put(tmp_path / "leads.csv", LEADS))
    mapping = propose_mapping(export)
    assert mapping.kind == "leads"
    assert "Owner Name" not in mapping.columns.values()
    assert mapping.outcomes == {"Closed Lost": "lost", "Closed Won": "won", "Negotiation": ""}
    found = apply_mapping(export, mapping)
    leads = found.tables["leads"]
    assert leads["lead_id"].tolist() == ["7", "8", "9", "10"]
    assert leads["outcome"].tolist() == ["won", "lost", "", ""]
    assert {notice.code for notice in found.notices} == {"twice", "undated"}


def test_imported_leads_join_the_workspace(orders, tmp_path):
    folder = tmp_path / "w"
    import_data(orders, folder, apply_now=True)
    import_data(put(tmp_path / "leads.csv", LEADS), folder, apply_now=True)
    assert len(load_workspace(folder).tables["leads"]) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no text"),
        ("only one line\n", "no table"),
        ("a,b\n1,2\n", "say which it is with --kind, or rename the columns"),
    ],
)
def test_what_is_no_export_is_said_in_a_sentence(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        import_data(put(tmp_path / "x.csv", text), tmp_path / "w")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: found no such file"):
        import_data(tmp_path / "none.csv", tmp_path / "w")


def test_a_faulty_cell_is_named_by_the_row_the_editor_shows(orders, tmp_path):
    mapping = propose_mapping(read_export(orders))
    bad = read_export(put(tmp_path / "bad.csv", ORDERS.replace("15.01.2025", "the 15th")))
    with pytest.raises(InputError, match=r"bad.csv, row 7, column Order date: found 'the 15th'"):
        apply_mapping(bad, mapping)


def test_a_date_that_reads_both_ways_is_a_doubt(tmp_path):
    text = "date,product,channel,quantity\n" + "".join(f"0{day}/02/2025,Tea,Web,1\n" for day in range(1, 9))
    mapping = propose_mapping(read_export(put(tmp_path / "o.csv", text)))
    assert mapping.doubts == ("the dates can be read as %d/%m/%Y and as %m/%d/%Y; %d/%m/%Y was taken",)


def test_a_figure_that_reads_both_ways_is_a_doubt(tmp_path):
    text = "date,product,channel,quantity\n" + "".join(
        f"2025-01-0{day},Tea,Web,1.{day}00\n" for day in range(1, 9)
    )
    mapping = propose_mapping(read_export(put(tmp_path / "o.csv", text)))
    assert mapping.doubts == ("figures such as 1.100 can be read in two ways; set `decimal` and `thousands`",)


def test_a_mapping_survives_being_written_and_read(orders, tmp_path):
    mapping = propose_mapping(read_export(orders))
    assert read_mapping(put(tmp_path / "m.toml", write_mapping(mapping))) == mapping


def test_a_mapping_with_an_unknown_line_is_refused(tmp_path):
    with pytest.raises(InputError, match="one of the lines a proposal has"):
        read_mapping(put(tmp_path / "m.toml", 'kind = "pivot"\ngrian = "week"\n'))


@pytest.mark.parametrize(
    ("values", "forms"),
    [
        (["13.02.2025"], ["%d.%m.%Y"]),
        (["02/13/2025 10:15 PM"], ["%m/%d/%Y"]),
        (["2025-02-13T08:00:00Z"], ["%Y-%m-%d"]),
        (["soon"], []),
    ],
)
def test_date_forms_are_those_in_which_all_values_read(values, forms):
    assert find_date_forms(pd.Series(values, dtype=object)) == forms


def test_currency_signs_are_no_part_of_a_figure():
    assert find_number_forms(pd.Series(["€ 1.234,50", "7 EUR"], dtype=object)) == [(",", ".")]


def test_months_across_are_found_in_several_spellings():
    for names in (
        ["2025-01", "2025-02"],
        ["Jan-25", "Feb-25"],
        ["01/2025", "02/2025"],
        ["January 2025", "February 2025"],
    ):
        assert list(find_months(["Product", *names]).values()) == [
            pd.Timestamp("2025-01-01"),
            pd.Timestamp("2025-02-01"),
        ]


def test_the_command_shows_the_mapping_and_what_was_written(orders, tmp_path):
    app = Typer()
    register(app)
    first = CliRunner().invoke(app, ["import", str(orders), str(tmp_path / "w")])
    assert "the same command again to apply it" in first.output
    second = CliRunner().invoke(app, ["import", str(orders), str(tmp_path / "w")])
    assert second.exit_code == 0
    assert "written:" in second.output
    assert "Order date" in second.output


def test_a_product_that_reads_as_a_formula_is_written_as_text_and_said_so(tmp_path):
    risky = ORDERS.replace("Cake", "=HYPERLINK(1)").replace("Shop", "-12.5")
    source, unit = put(tmp_path / "orders.csv", risky), tmp_path / "unit"
    settle(import_data(source, unit))
    outcome = import_data(source, unit)
    written = pd.read_csv(unit / "sales.csv", dtype=str)
    assert set(written["product"]) == {"Tea 500 g", "'=HYPERLINK(1)"}
    assert "-12.5" in set(written["channel"])
    told = next(note for note in outcome.notices if note.text.startswith("sales.csv") and note.count)
    assert told.count == (written["product"] == "'=HYPERLINK(1)").sum()
    assert "now bear an apostrophe" in told.text
    assert "'=HYPERLINK(1)" in set(load_workspace(unit).table("sales")["product"])
