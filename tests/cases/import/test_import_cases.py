"""Files as people have them: each comes out with its right value, or asks the right question."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.app.imports.import_data import import_data
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace
from tests.conftest import shared_folder

EUR = {'"USD" = 0.0': '"USD" = 0.9', '"JPY" = 0.0': '"JPY" = 0.006'}


def case(name: str) -> Path:
    return shared_folder("cases/import") / name


def test_german_months_are_all_taken(desk):
    sales = desk.bring(case("a_german_months/absatz.csv"))
    assert (len(sales), sales["units"].sum()) == (144, 15_978)


@pytest.mark.parametrize("name", ["isoweek", "isoweek2", "excel_serial"])
def test_weeks_and_day_numbers_are_read(desk, name):
    sales = desk.bring(case(f"ab_date_codes/{name}.csv"))
    assert sales["units"].sum() == 3_060
    assert (sales["period"].min(), sales["period"].max()) == ("2023-01-02", "2025-12-01")


@pytest.mark.parametrize("name", ["yyyymm", "monthname"])
def test_months_as_codes_and_names_make_monthly_sales(desk, name):
    sales = desk.bring(case(f"ab_date_codes/{name}.csv"))
    assert sales["units"].sum() == 720
    assert load_workspace(desk.folder).calendar.grain == "month"


def test_subtotals_and_grand_totals_go_and_are_shown(desk):
    sales = desk.bring(case("b_subtotals/pivot.csv"))
    assert sales["units"].sum() == 194
    assert set(sales["region"]) == {"North", "South"}
    assert desk.says("3 rows of totals left out")
    assert desk.says("Column 'Total' is the sum of its periods")


def test_labels_of_an_outline_are_carried_down(desk):
    sales = desk.bring(case("c_outline/pivot.csv"))
    assert sales.groupby("region")["units"].sum().to_dict() == {"North": 132, "South": 62}
    assert desk.says("took that label, as in an outline")


def test_weeks_across_stay_weeks(desk):
    sales = desk.bring(case("d_weeks_across/weeks.csv"))
    assert sales["period"].nunique() == 104
    assert (sales["units"] == 100).all()
    assert load_workspace(desk.folder).calendar.grain == "week"


def test_digits_that_name_things_are_labels_and_the_edited_mapping_is_kept(desk):
    sales = desk.bring(case("e_numeric_sku/pivot.csv"))
    assert sales.groupby(["store", "sku"]).ngroups == 4
    assert sales["units"].sum() == 194
    assert [path.name for path in (desk.folder / "imports").glob("*.toml")] == ["pivot.toml"]


@pytest.mark.parametrize("name", ["orders_col", "orders_sign"])
def test_several_currencies_are_never_added(desk, name):
    source = case(f"h_currency/{name}.csv")
    with pytest.raises(InputError, match=r"expected one currency, or a rate"):
        desk.bring(source)
    assert desk.asked("several currencies, which are never added")
    assert not (desk.folder / "sales.csv").exists()


def test_currencies_are_converted_at_the_rates_the_user_states(desk):
    sales = desk.bring(case("h_currency/orders_col.csv"), EUR)
    # One line in dollars and one in yen lie in the last week, which is not complete.
    assert sales["revenue"].sum() == pytest.approx(1000 + 1089 * 0.9 + 158_400 * 0.006)
    assert desk.says("revenue in USD: read: 100 rows, 1,100.00")
    assert desk.says("revenue in JPY: left out (the last week")
    assert "currency" not in sales.columns


def test_january_stays_when_february_is_added(desk):
    january, february = (case(f"i_next_month/orders-{name}.csv") for name in ("january", "february"))
    desk.bring(january)
    with pytest.raises(InputError, match="--add to join the new rows to it, or --replace"):
        desk.bring(february)
    sales = desk.bring(february, add_rows=True)
    assert (sales["period"].min(), sales["period"].max()) == ("2025-01-06", "2025-02-17")
    # The week of 27 January has five days in one export and two in the other.
    week = sales[sales["period"] == "2025-01-27"]
    assert week["units"].tolist() == [7, 7]
    assert sales["units"].sum() == 7 * 2 * 7
    assert desk.says("kept from the export before")


def test_a_replaced_table_is_kept_beside_and_said(desk):
    january, february = (case(f"i_next_month/orders-{name}.csv") for name in ("january", "february"))
    desk.bring(january)
    before = (desk.folder / "sales.csv").read_bytes()
    desk.bring(february, replace_tables=True)
    assert desk.says("The former sales.csv was kept as imports/former/sales-2026-11-30.csv")
    assert (desk.folder / "imports/former/sales-2026-11-30.csv").read_bytes() == before


def test_the_same_month_added_twice_changes_nothing(desk):
    january = case("i_next_month/orders-january.csv")
    before = desk.bring(january)
    again = desk.bring(january, add_rows=True)
    pd.testing.assert_frame_equal(before, again)
    assert desk.says("0 rows added, 0 changed, 6 unchanged")


def test_credit_notes_count_against_and_cancelled_documents_do_not_count(desk):
    sales = desk.bring(case("j_credit_cancelled/invoices.csv"))
    assert sales["units"].sum() == 90
    assert desk.asked("Credit Note 1,000.00 in 100 rows: subtract")
    assert desk.asked("Cancelled 300.00 in 30 rows: leave out")
    assert {"channel", "product"} == set(sales.columns) - {"period", "units", "revenue"}


def test_leads_keep_their_time_of_day(desk):
    desk.bring(case("k_lead_time_of_day/leads_export.csv"))
    leads = pd.read_csv(desk.folder / "leads.csv")
    assert leads["created"].iloc[0] == "2024-10-01 16:30"
    waited = pd.to_datetime(leads["accepted_at"]) - pd.to_datetime(leads["created"])
    assert (waited == pd.Timedelta(minutes=30)).all()


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("accounting_parens", 100 * (1234.50 + 98.00 - 12.00)),
        ("indian_lakh", 100 * (123456.50 + 98000 + 2500)),
        ("sap_trailing_minus", 100 * (1234.50 + 98.00 - 12.00)),
        ("kr_zl_rs", 199_875.0),
        ("date_us_text", 3_000.0),
    ],
)
def test_figures_and_dates_as_other_countries_write_them(desk, name, total):
    desk.bring(case(f"m_number_forms/{name}.csv"))
    read = next(line for line in desk.outcome.reconciliation if line.startswith("revenue: read"))
    assert float(read.rsplit(" ", 1)[1].replace(",", "")) == pytest.approx(total)


def test_the_day_that_names_a_week_is_asked_and_both_ways_come_to_the_same_weeks(desk, tmp_path):
    first = desk.bring(case("o_week_ending/first_day/sales.csv"), name="first")
    assert desk.asked(
        "the weeks are named by Sundays: as first days the first week is 2022-01-02 to 2022-01-08"
    )
    last = type(desk)(tmp_path / "other").bring(case("o_week_ending/week_ending/sales.csv"), name="last")
    pd.testing.assert_frame_equal(first, last)


@pytest.mark.parametrize("name", ["sheet_plan_after", "sheet_zero_after"])
def test_months_after_today_are_not_sold(desk, name):
    sales = desk.bring(case(f"s_future_zeros/{name}.csv"))
    assert sales["period"].max() == "2026-11-01"
    assert desk.says("13 months after today, not sold yet")


def test_months_of_nothing_but_zero_up_to_today_are_asked_about(desk):
    sales = desk.bring(case("s_future_zeros/sheet.csv"))
    assert desk.asked("after 'Nov 2025' 12 months up to today hold nothing but 0")
    assert sales["period"].max() == "2025-11-01"


def test_a_web_shop_counts_each_line_and_leaves_cancelled_orders_out(desk):
    source = case("shop_orders/orders.csv")
    desk.bring(source)
    lines = list(csv.DictReader(source.open(encoding="utf-8")))
    cancelled = {line["Name"] for line in lines if line["Cancelled at"]}
    kept = [line for line in lines if line["Name"] not in cancelled]
    out = [line for line in desk.outcome.reconciliation if line.startswith("revenue")]
    numbers = {line.split(": ", 1)[1]: float(line.rsplit(" ", 1)[1].replace(",", "")) for line in out}
    worth = sum(float(line["Lineitem price"]) * int(line["Quantity"]) for line in kept)
    began = sum(value for text, value in numbers.items() if "is not complete" in text)
    written = sum(value for text, value in numbers.items() if text.startswith("written"))
    assert written + began == pytest.approx(worth)
    sales = pd.read_csv(desk.folder / "sales.csv")
    assert not (sales == "(blank)").any().any()


def test_only_actuals_count_where_budget_and_last_year_stand_beside_them(desk):
    sales = desk.bring(case("x_workbook_shapes/actual_budget_rows.csv"))
    assert sales["units"].sum() == 92
    assert desk.asked("Actual 92.00 in 2 rows: take; Budget 160.00 in 2 rows: leave out")


def test_measures_as_rows_become_columns(desk):
    sales = desk.bring(case("x_workbook_shapes/measures_as_rows.csv"))
    assert (sales["units"].sum(), sales["revenue"].sum()) == (92, 1_600)


@pytest.mark.parametrize("name", ["shop_en", "shop_de"])
def test_a_bike_shop_becomes_a_workspace_in_two_commands_and_one_edit(desk, name):
    sales = desk.bring(shared_folder("cases/history/bike_shop") / f"{name}.csv")
    assert (len(sales), sales["units"].sum(), sales["revenue"].sum()) == (1_284, 16_765, 2_398_894)
    assert load_workspace(desk.folder).calendar.grain == "week"


def test_a_slow_part_has_zeros_to_the_end_of_the_export(desk):
    sales = desk.bring(shared_folder("cases/history/n_slow_mover") / "orders.csv")
    control = pd.read_csv(shared_folder("cases/history/n_slow_mover/control_zeros") / "sales.csv")
    keys = ["channel", "product", "period"]
    pd.testing.assert_frame_equal(
        sales.sort_values(keys, ignore_index=True)[[*keys, "units"]],
        control.sort_values(keys, ignore_index=True)[[*keys, "units"]],
        check_dtype=False,
    )


def _amount(line: str) -> float:
    return float(line.rsplit(" ", 1)[1].replace(",", "").replace("−", "-"))


def _figures(cells: list[str], decimal: str, thousands: str) -> float:
    words = pd.Series(cells, dtype=object).str.replace(r"[^0-9.,\-' ]", "", regex=True)
    for mark, plain in ((thousands, "") if thousands else ("\0", ""), (decimal, ".")):
        words = words.str.replace(mark, plain, regex=False)
    return float(pd.to_numeric(words.str.replace(" ", ""), errors="coerce").sum())


@pytest.mark.parametrize(
    "name",
    [
        "a_german_months/absatz.csv",
        *(
            f"ab_date_codes/{form}.csv"
            for form in ("excel_serial", "isoweek", "isoweek2", "monthname", "yyyymm")
        ),
        "b_subtotals/pivot.csv",
        "c_outline/pivot.csv",
        "d_weeks_across/weeks.csv",
        "e_numeric_sku/orders.csv",
        "e_numeric_sku/pivot.csv",
        "i_next_month/orders-january.csv",
        "j_credit_cancelled/invoices.csv",
        *(f"m_number_forms/{form}.csv" for form in ("accounting_parens", "indian_lakh", "kr_zl_rs")),
        "m_number_forms/sap_trailing_minus.csv",
        "o_week_ending/week_ending/sales.csv",
        *(f"s_future_zeros/{form}.csv" for form in ("sheet", "sheet_plan_after", "sheet_zero_after")),
        "x_workbook_shapes/actual_budget_rows.csv",
    ],
)
def test_read_equals_written_and_left_out_and_the_source_itself(desk, name):
    source = case(name)
    desk.bring(source)
    mapping = desk.outcome.mapping
    delimiter = ";" if ";" in source.read_text(encoding="utf-8").splitlines()[0] else ","
    rows = list(csv.reader(source.open(encoding="utf-8"), delimiter=delimiter))
    names = (
        [mapping.columns["units"]]
        if mapping.columns.get("units")
        else [cell for cell in rows[0] if cell not in {*mapping.dimensions.values(), *mapping.rows, "Total"}]
    )
    cells = [row[rows[0].index(column)] for row in rows[1:] for column in names]
    total = _figures(cells, mapping.decimal, mapping.thousands)
    lines = [line for line in desk.outcome.reconciliation if line.startswith("units")]
    parts = [(line.split(": ")[1].split(" ")[0], _amount(line)) for line in lines]
    read = sum(value for part, value in parts if part.startswith("read"))
    rest = sum(value for part, value in parts if not part.startswith("read"))
    assert read == pytest.approx(total, abs=0.005)
    assert rest == pytest.approx(read, abs=0.005)
    written = sum(value for part, value in parts if part.startswith("written"))
    assert written == pytest.approx(pd.read_csv(desk.folder / "sales.csv")["units"].sum(), abs=0.005)
    assert "units: read" in (desk.folder / "imports/log.txt").read_text(encoding="utf-8")


def test_an_import_that_stops_leaves_no_folder(tmp_path):
    source = tmp_path / "x.csv"
    source.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    with pytest.raises(InputError):
        import_data(source, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert np.isfinite(1.0)


@pytest.mark.parametrize(("name", "named"), [("first_day", "first day"), ("week_ending", "last day")])
def test_a_workspace_says_how_its_weeks_are_read_until_it_says_so_itself(tmp_path, name, named):
    folder = tmp_path / name
    shutil.copytree(shared_folder("cases/import/o_week_ending") / name, folder)
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    asked = [notice.text for notice in load_workspace(folder).notices if notice.code == "weeks_named_by"]
    assert len(asked) == 1
    assert "2022-01-02 to 2022-01-08" in asked[0]
    settings = folder / "planning.toml"
    text = settings.read_text(encoding="utf-8").replace(
        "[calendar]", f'[calendar]\nweeks_named_by = "{named}"'
    )
    settings.write_text(text, encoding="utf-8")
    told = load_workspace(folder)
    assert not [notice for notice in told.notices if notice.code == "weeks_named_by"]
    periods = told.tables["sales"]["period"]
    assert (str(periods.min())[:10], str(periods.max())[:10]) == ("2022-01-02", "2025-12-28")
