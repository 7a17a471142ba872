"""Tables as people keep them: columns that belong together, totals at two levels, lists with two prices."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.app.assumption_template import make_template
from alignment_lib.app.imports.import_data import import_data
from alignment_lib.inputs.problems import InputError

DEALS = """ID,Title,Status,Value,Add time,Won time,Lost time,Source
1,Roof,Won,100,2025-01-06 09:00:00,2025-02-01 10:00:00,,Web
2,Door,Lost,200,2025-01-07 09:00:00,,2025-03-02 11:00:00,Fair
3,Wall,Open,300,2025-01-08 09:00:00,,,Web
4,Gate,Lost,400,2025-01-09 09:00:00,2025-02-04 10:00:00,2025-03-09 11:00:00,Fair
"""
LEVELS = """Land;Region;Artikel;Jan 25;Feb 25;Mrz 25;Summe Q1;Apr 25;Mai 25;Jun 25;Summe Q2;Halbjahr
DE;Nord;Stuhl;10;12;11;33;9;8;7;24;57
DE;Nord;Tisch;5;6;7;18;5;5;5;15;33
DE;Nord Ergebnis;;15;18;18;51;14;13;12;39;90
DE;Süd;Stuhl;2;3;4;9;1;1;1;3;12
DE;Süd;Tisch;1;1;1;3;2;2;2;6;9
DE;Süd Ergebnis;;3;4;5;12;3;3;3;9;21
DE Ergebnis;;;18;22;23;63;17;16;15;48;111
AT;Ost;Stuhl;7;7;7;21;7;7;7;21;42
AT;Ost;Tisch;4;4;4;12;4;4;4;12;24
AT;Ost Ergebnis;;11;11;11;33;11;11;11;33;66
AT Ergebnis;;;11;11;11;33;11;11;11;33;66
Gesamtergebnis;;;29;33;34;96;28;27;26;81;177
"""


@pytest.fixture
def write(tmp_path):
    def write_file(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def test_won_and_lost_times_in_two_columns_close_every_deal(desk, write):
    desk.bring(write("deals.csv", DEALS))
    deals = pd.read_csv(desk.folder / "opportunities.csv", dtype=str).fillna("")
    assert deals["outcome"].tolist() == ["won", "lost", "", "lost"]
    assert deals["closed_at"].tolist() == ["2025-02-01 10:00", "2025-03-02 11:00", "", "2025-03-09 11:00"]
    assert desk.asked("'Won time' and 'Lost time' were together taken for closed_at")
    assert desk.says("1 row with days in Won time and Lost time: the later counts.")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["Lost time"]', '["Gone time"]', "a column 'Gone time'"),
        ('["Lost time"]', '"Lost time"', "a list of headings"),
        ("[also]", '[also]\n"clozed_at" = ["Lost time"]', "a date of [columns]"),
    ],
)
def test_wrong_further_columns_are_refused(desk, write, old, new, said):
    with pytest.raises(InputError) as refused:
        desk.bring(write("deals.csv", DEALS), {old: new})
    assert any(said in problem.expected for problem in refused.value.problems)
    assert not (desk.folder / "opportunities.csv").exists()


def test_totals_at_two_levels_of_rows_and_columns_add_nothing(desk, write):
    sales = desk.bring(write("levels.csv", LEVELS))
    assert sales["units"].sum() == 177
    assert not desk.asked("is no sum of its periods")
    assert desk.says("Column 'Summe Q2' is the sum of its periods")
    assert desk.says("column Halbjahr: not taken: 177.00")


def test_columns_left_aside_are_summed_as_the_others_are_written(desk, write):
    text = "Week,Campaign,Cost,Clicks,Impressions\n"
    text += '2025-01-06,Spring,95.50,"1,204","30,100"\n2025-01-13,Spring,80.00,300,"20,000"\n'
    desk.bring(write("ads.csv", text))
    assert desk.says("column Clicks: not taken: 1,504.00")
    assert desk.says("column Impressions: not taken: 50,100.00")


def test_whole_figures_that_all_differ_are_no_names(desk, write):
    lines = [
        f"2025-{month:02d},Tea,{month + 10},{month * month + 3},{9000 + month}" for month in range(1, 13)
    ]
    desk.bring(write("lines.csv", "\n".join(["Month,Product,Units,Gross margin,Order no", *lines])))
    assert desk.says(f"column Gross margin: not taken: {sum(m * m + 3 for m in range(1, 13)):,.2f}")
    assert not desk.says("column Order no")


def test_junk_leads_are_asked_about(desk, write):
    stages = ("Won", "Lost", "Junk", "Open")
    rows = [f"{at},2025-01-{6 + at:02d},Web,{stages[at % 4]},2025-02-{1 + at:02d}" for at in range(12)]
    desk.bring(write("leads.csv", "\n".join(["Lead ID,Create Date,Lead Source,Stage,Close Date", *rows])))
    assert desk.asked("the stage 'Junk' (3 rows) may be leads that were lost or none at all")


def test_two_members_of_one_size_are_no_totals(desk, write):
    text = "Product,Jan 2025,Feb 2025,Mar 2025\nTea,1,2,3\nCake,1,2,3\nGrand total,2,5,6\n"
    sales = desk.bring(write("pivot.csv", text))
    assert not desk.asked("'Tea'")
    assert desk.asked("of them). Proposed: leave out")
    assert sales["units"].sum() == 12


def test_nothing_is_written_where_no_row_is_left(desk, write):
    text = (
        "Month,Product,Status,Units\n2025-01,Tea,Cancelled,3\n2025-02,Tea,Cancelled,4\n2025-03,Tea,Draft,4\n"
    )
    with pytest.raises(InputError) as refused:
        desk.bring(write("lines.csv", text))
    assert "left out: Status: " in refused.value.problems[0].found
    assert not (desk.folder / "sales.csv").exists()


def test_two_prices_of_one_day_are_refused_and_rivals_asked_about(desk, write):
    text = "Product,Price list,Net price,Gross price,Valid from\n"
    text += "Tea,Retail,4.20,5.00,2025-01-01\nTea,Wholesale,3.00,3.57,2025-01-01\n"
    with pytest.raises(InputError) as refused:
        desk.bring(write("prices.csv", text))
    assert refused.value.problems[0].found == "two figures for 2025-01-01, Tea"
    assert desk.asked("'Net price' was taken for price rather than 'Gross price'")
    assert not (desk.folder / "drivers.csv").exists()


@pytest.mark.parametrize(
    ("heads", "first"), [("Jahr;KW", "'Jahr' and 'KW'"), ("Year;Month", "'Year' and 'Month'")]
)
def test_dates_in_two_columns_are_named_with_the_mend(desk, write, heads, first):
    text = "\n".join([f"{heads};Artikel;Menge", *(f"2025;{at};Tee;{at}" for at in range(1, 9))])
    with pytest.raises(InputError):
        desk.bring(write("parts.csv", text))
    assert desk.asked(f"{first} are parts of one")


def test_months_such_as_2025m07_are_dates(desk, write):
    text = "\n".join(["Period,Product,Units", *(f"2025M{at:02d},Tea,{at}" for at in range(1, 10))])
    sales = desk.bring(write("lines.csv", text))
    assert sales["period"].tolist()[:2] == ["2025-01-01", "2025-02-01"]
    assert sales["units"].sum() == 45


def test_a_folder_is_named_as_one(desk, tmp_path):
    with pytest.raises(InputError) as refused:
        desk.bring(tmp_path)
    assert (refused.value.problems[0].found, refused.value.problems[0].mend) == (
        "a folder",
        "name one of the files in it",
    )


def test_half_years_before_their_months_are_no_dimension(desk, write):
    text = "Product;1. HJ 2025;Jan 2025;Feb 2025;Mar 2025\nTee;6;1;2;3\nKuchen;15;4;5;6\n"
    sales = desk.bring(write("halves.csv", text))
    assert list(sales.columns) == ["period", "product", "units"]
    assert desk.says("column 1. HJ 2025: not taken: 21.00")


def test_blank_labels_of_totals_are_no_doubt(desk, write):
    text = "Tuote;Alue;tammikuu 2025;helmikuu 2025\nA;P;1;2\nB;P;4;5\nYhteensä;;5;7\n"
    sales = desk.bring(write("totals.csv", text))
    assert sales["units"].sum() == 12
    assert not desk.asked("(blank)")


def test_single_digits_with_a_minus_behind_are_negative(desk, write):
    lines = [f"2025-{at:02d},Tea,{at}{'-' if at % 2 else ''}" for at in range(1, 13)]
    sales = desk.bring(write("minus.csv", "\n".join(["Month,Product,Units", *lines])))
    assert sales["units"].sum() == sum(at * (-1) ** at for at in range(1, 13))


def test_one_row_is_said_as_one(desk, write):
    text = "Product,Unit cost,Currency,Valid from\nTea,2.10,EUR,2025-01-01\nCake,1.75,USD,2025-02-01\n"
    with pytest.raises(InputError) as refused:
        desk.bring(write("costs.csv", text))
    assert "EUR (1 row), USD (1 row)" in refused.value.problems[0].found


def test_days_of_winning_and_losing_without_one_of_closing_are_taken(desk, write):
    text = "Deal-ID;Phase;Wert;Erstellt;Gewonnen am;Verloren am;Quelle\n"
    text += "1;Gewonnen;1.000,00 €;06.01.2025;01.02.2025;;Web\n"
    text += "2;Verloren;2.000,00 €;07.01.2025;;02.02.2025;Messe\n"
    text += "3;Angebot;500,00 €;08.01.2025;;;Web\n"
    desk.bring(write("deals.csv", text), kind="opportunities")
    deals = pd.read_csv(desk.folder / "opportunities.csv", dtype=str).fillna("")
    assert deals["closed_at"].tolist() == ["2025-02-01", "2025-02-02", ""]
    assert desk.asked("'Gewonnen am' and 'Verloren am' were together taken for closed_at")


def test_a_day_of_losing_alone_is_asked_about_and_can_be_settled(desk, write):
    text = "Lead ID,Created,Source,Status,Converted date,Lost date\n1,2025-01-06,Web,Won,2025-02-01,\n"
    text += "2,2025-01-07,Web,Lost,,2025-02-02\n3,2025-01-08,Web,Open,,\n"
    also = '[also]\nclosed_at = ["Converted date"]\n\n[outcomes]'
    desk.bring(write("leads.csv", text), {"[outcomes]": also})
    leads = pd.read_csv(desk.folder / "leads.csv", dtype=str).fillna("")
    assert leads["closed_at"].tolist() == ["2025-02-01", "2025-02-02", ""]
    assert desk.asked("'Lost date' was taken for closed_at and speaks of lost only")


@pytest.mark.parametrize("nothing", ["k. A.", "n.v.", "s/d", "N/D", "n. a."])
def test_words_for_nothing_hide_no_column_of_money(desk, write, nothing):
    lines = [f"2025-{at:02d},Tea,{at},{nothing if at % 3 else at * 10}" for at in range(1, 13)]
    sales = desk.bring(write("lines.csv", "\n".join(["Month,Product,Units,Revenue", *lines])))
    assert sales["revenue"].sum() == 10 * (3 + 6 + 9 + 12)


def test_a_saved_mapping_of_another_kind_is_not_applied_in_place_of_the_one_named(desk, write):
    path = write("deals.csv", DEALS)
    desk.bring(path)
    with pytest.raises(InputError) as refused:
        desk.bring(path, kind="leads", replace_tables=True)
    assert "reads this export as opportunities" in refused.value.problems[0].found
    assert import_data(path, desk.folder, kind="leads", name="as-leads").is_new


def test_the_template_is_written_to_workbooks_only(desk, write):
    desk.bring(write("lines.csv", "Month,Product,Units\n2025-01,Tea,1\n2025-02,Tea,2\n2025-03,Tea,2\n"))
    with pytest.raises(InputError) as refused:
        make_template(desk.folder, desk.folder / "sheet.csv")
    assert refused.value.problems[0].mend == "write --output sheet.xlsx"
    assert not (desk.folder / "sheet.csv").exists()
    assert make_template(desk.folder, desk.folder / "sheet.xlsx").path.exists()
