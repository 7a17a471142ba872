"""Checks across columns and tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.inputs.workspace_files import (
    CLAIM,
    CLAIMS,
    SALES,
    SETTINGS,
    load,
    notes,
    only_problem,
    problems_of,
    write_files,
    write_xlsx,
)

DRIVERS = SETTINGS + '[drivers]\ncolumns = { price = "price", deal = "promotion", rain = "market" }\n'
WEEKS = SETTINGS.replace('"month"', '"week"')


def claim(**changes: str) -> str:
    """One assumption with some columns changed or added."""
    names, values = CLAIMS.strip().split(","), CLAIM.strip().split(",")
    row = dict(zip(names, values, strict=True)) | changes
    return ",".join(row) + "\n" + ",".join(row.values()) + "\n"


def week_sales(*days: str) -> str:
    rows = [f"{day},Shop,Small,1,1" for day in days]
    return "\n".join(["period,channel,product,units,revenue", *rows]) + "\n"


def test_a_month_must_be_its_first_day(tmp_path: Path) -> None:
    assert only_problem(tmp_path, {"sales.csv": SALES.replace("2025-03-01", "2025-03-31")}) == (
        "sales.csv, row 4, column period (2 rows): found 2025-03-31, expected the first day of a month; "
        "write 2025-03-01, or set the grain that the table has"
    )


def test_the_first_weekday_is_read_off_the_sales(tmp_path: Path) -> None:
    sales = week_sales("2025-01-02", "2025-01-09", "2025-01-16")
    assert load(tmp_path, {"planning.toml": WEEKS, "sales.csv": sales}).calendar.week_start == 3


def test_a_week_that_starts_on_another_day_is_named(tmp_path: Path) -> None:
    sales = week_sales("2025-01-02", "2025-01-09", "2025-01-15", "2025-01-23")
    assert only_problem(tmp_path, {"planning.toml": WEEKS, "sales.csv": sales}) == (
        "sales.csv, row 4, column period: found 2025-01-15, a Wednesday, expected a Thursday, on which "
        "most weeks of "
        "the sales table start; write 2025-01-09, or set the grain that the table has"
    )


def test_quarters_follow_the_fiscal_year(tmp_path: Path) -> None:
    settings = SETTINGS.replace('"month"', '"quarter"\nfiscal_year_start = 2')
    right = week_sales("2025-02-01", "2025-05-01")
    assert load(tmp_path, {"planning.toml": settings, "sales.csv": right}).calendar.fiscal_year_start == 2
    wrong = week_sales("2025-02-01", "2025-04-01")
    assert "found 2025-04-01, expected the first day of a quarter; write 2025-02-01" in only_problem(
        tmp_path, {"planning.toml": settings, "sales.csv": wrong}
    )


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("spend", "period,amount\n2025-01-02,5\n"),
        ("capacity", "period,leads\n2025-01-02,5\n"),
        ("funnel", "period,leads\n2025-01-02,5\n"),
        ("drivers", "period,price,deal,rain\n2025-01-02,5,0,1\n"),
    ],
)
def test_every_table_of_periods_keeps_to_the_grain(tmp_path: Path, table: str, text: str) -> None:
    assert only_problem(
        tmp_path,
        {"planning.toml": DRIVERS, "drivers.csv": "period,price,deal,rain\n"} | {f"{table}.csv": text},
    ).startswith(f"{table}.csv, row 2, column period: found 2025-01-02, expected the first day of a month")


def test_sale_types_are_the_four_words(tmp_path: Path) -> None:
    settings = SETTINGS.replace('["channel", "product"]', '["channel", "product"]\nsale_type = "channel"')
    sales = SALES.replace("Shop", "new").replace("Web", "cross-sell")
    assert only_problem(tmp_path, {"planning.toml": settings, "sales.csv": sales}) == (
        "sales.csv, row 5, column channel (3 rows): found 'cross-sell', expected one of new, repeat, upsell, "
        "cross_sell; did you mean `cross_sell`?"
    )
    load(tmp_path, {"planning.toml": settings, "sales.csv": sales.replace("cross-sell", "cross_sell")})


def test_blank_measures_are_counted_and_kept_missing(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"sales.csv": SALES.replace(",12,", ",,")})
    assert notes(workspace)["blank_measure"] == ("sales.csv: no units in 1 row, read as not known.", 1)
    assert workspace.tables["sales"]["units"].isna().sum() == 1


def test_names_that_differ_only_in_case_are_noted_and_stay_apart(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"sales.csv": SALES.replace("2025-02-01,Shop", "2025-02-01,shop ")})
    text, count = notes(workspace)["look_alikes"]
    assert (
        text
        == "sales.csv: the channel names 'Shop' (2 rows) and 'shop' (1 row) differ only in case or spaces; "
        "they stay apart."
    )
    assert count == 2
    assert workspace.tables["sales"]["channel"].cat.categories.tolist() == ["Shop", "Web", "shop"]


def test_gaps_are_counted_over_weeks_as_well(tmp_path: Path) -> None:
    sales = week_sales("2025-01-06", "2025-01-13", "2025-02-03")
    workspace = load(tmp_path, {"planning.toml": WEEKS, "sales.csv": sales})
    assert notes(workspace)["gaps"][1] == 2


def test_a_complete_table_has_no_notices(tmp_path: Path) -> None:
    assert load(tmp_path, {}).notices == ()


def test_prices_and_promotions_must_make_sense(tmp_path: Path) -> None:
    drivers = "period,price,deal,rain\n2025-01-01,0,0,-5\n2025-02-01,-3,1,0\n2025-03-01,5,-1,0\n"
    assert [str(p) for p in problems_of(tmp_path, {"planning.toml": DRIVERS, "drivers.csv": drivers})] == [
        "drivers.csv, row 3, column price: found '-3', expected a price, 0 or more; leave the cell "
        "empty where "
        "there was no price",
        "drivers.csv, row 4, column deal: found '-1', expected a promotion from 0 (none) to 1, or its "
        "depth; write 0 "
        "where nothing was promoted",
    ]


def test_prices_of_zero_are_not_known_and_counted(tmp_path: Path) -> None:
    drivers = "period,price,deal,rain\n2025-01-01,5,0,0\n2025-02-01,0,0,0\n2025-03-01,0.0,0,0\n"
    workspace = load(tmp_path, {"planning.toml": DRIVERS, "drivers.csv": drivers})
    assert notes(workspace)["zero_prices"] == (
        "drivers.csv: 2 prices of 0 in price, from row 3 on, taken as not known.",
        2,
    )
    assert workspace.tables["drivers"]["price"].isna().tolist() == [False, True, True]


def test_a_promotion_above_one_is_noted(tmp_path: Path) -> None:
    drivers = "period,price,deal,rain\n2025-01-01,5,20,1\n"
    workspace = load(tmp_path, {"planning.toml": DRIVERS, "drivers.csv": drivers})
    assert notes(workspace)["promotion_above_one"] == (
        "drivers.csv: 1 value of the promotion deal above 1, kept.",
        1,
    )


def test_drivers_without_their_section_are_said_to_be_unread(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"drivers.csv": "nonsense"})
    assert notes(workspace)["drivers_undeclared"] == (
        "drivers.csv is not read: planning.toml has no [drivers] section naming its columns.",
        1,
    )
    assert "drivers" not in workspace.tables


def test_driver_columns_that_nothing_names_are_left_out_with_a_note(tmp_path: Path) -> None:
    drivers = "period,price,deal,rain,snow,wind\n2025-01-01,5,0,1,2,3\n"
    workspace = load(tmp_path, {"planning.toml": DRIVERS, "drivers.csv": drivers})
    text, count = notes(workspace)["driver_columns_unread"]
    assert text == (
        "drivers.csv: 2 columns left out, since [drivers] columns in planning.toml does not name them: "
        "'snow', 'wind'. Declare a column there, with its kind, to use it."
    )
    assert count == 2
    assert "snow" not in workspace.tables["drivers"]


def test_a_driver_column_that_looks_like_one_misspelt_is_still_a_problem(tmp_path: Path) -> None:
    drivers = "period,price,deal,rian\n2025-01-01,5,0,1\n"
    assert "found the unknown column 'rian'" in (
        only_problem(tmp_path, {"planning.toml": DRIVERS, "drivers.csv": drivers})
    )


def test_a_name_unknown_to_sales_is_noted_outside_the_register(tmp_path: Path) -> None:
    drivers = "period,product,price,deal,rain\n2025-01-01,Smalll,5,0,1\n2025-01-01,Large,5,0,1\n"
    workspace = load(tmp_path, {"planning.toml": DRIVERS, "drivers.csv": drivers})
    assert notes(workspace)["unsold_drivers"] == (
        "drivers.csv: 1 row with a product that the sales table does not have, such as 'Smalll' (did you "
        "mean `Small`?).",
        1,
    )


def test_a_launch_may_name_what_is_not_sold_yet_and_others_may_refer_to_it(tmp_path: Path) -> None:
    text = CLAIMS + CLAIM.replace("promotion", "new_product").replace("proposed,,", "proposed,,Giant")
    text += CLAIM.replace("A1", "A2").replace("proposed,,", "proposed,,Giant")
    assert len(load(tmp_path, {"assumptions.csv": text}).tables["assumptions"]) == 2


@pytest.mark.parametrize("column", ["moves_from", "moves_to", "analog", "replaces"])
def test_references_to_products_must_be_sold(tmp_path: Path, column: str) -> None:
    assert only_problem(tmp_path, {"assumptions.csv": claim(**{column: "Lagre"})}) == (
        f"assumptions.csv, row 2, column {column}: found 'Lagre', expected a name found in the sales table; "
        "did you mean `Large`?"
    )
    assert (
        load(tmp_path, {"assumptions.csv": claim(**{column: "Large"})}).tables["assumptions"][column][0]
        == "Large"
    )


def test_a_driver_of_an_assumption_must_be_declared(tmp_path: Path) -> None:
    files = {"planning.toml": DRIVERS, "drivers.csv": "period,price,deal,rain\n2025-01-01,5,0,1\n"}
    assert only_problem(tmp_path, files | {"assumptions.csv": claim(driver="rian")}) == (
        "assumptions.csv, row 2, column driver: found 'rian', expected a driver of planning.toml (price, "
        "deal, rain); "
        "did you mean `rain`?"
    )


def test_no_more_than_everything_can_be_lost(tmp_path: Path) -> None:
    found = problems_of(tmp_path, {"assumptions.csv": claim(low="-150", expected="-120", high="0")})
    assert [str(problem) for problem in found] == [
        f"assumptions.csv, row 2, column {column}: found '{value}', expected -100 or more: no more than "
        "all can be "
        "lost; write -100 for a complete loss, or use units"
        for column, value in (("low", -150), ("expected", -120))
    ]
    units = claim(low="-150", expected="-120", high="0", unit="units")
    assert load(tmp_path, {"assumptions.csv": units}).tables["assumptions"]["low"][0] == -150


def test_low_above_high_without_an_expected_between_is_still_found(tmp_path: Path) -> None:
    found = problems_of(tmp_path, {"assumptions.csv": claim(low="30", expected="", high="20")})
    assert [problem.found for problem in found] == ["an empty cell", "low 30 above high 20"]


def test_small_percentages_are_noted(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"assumptions.csv": claim(low="0", expected="0.9", high="1.5")})
    assert notes(workspace)["small_percent"] == (
        "assumptions.csv: 1 row in percent with a value below 1, first A1; 0.9 means 0.9 %, write 90 for "
        "90 %.",
        1,
    )


def test_a_percentage_cell_is_neither_small_nor_fit_for_units(tmp_path: Path) -> None:
    import datetime as dt

    head = ["id", "kind", "title", "owner", "function", "start", "end", "unit", "expected"]
    days = [dt.date(2025, 4, 1), dt.date(2025, 4, 30)]
    rows = [
        ["A1", "promotion", "T", "o", "marketing", *days, "percent", (0.9, "0 %")],
        ["A2", "promotion", "T", "o", "marketing", *days, "units", (0.9, "0%")],
    ]
    write_xlsx(write_files(tmp_path, {}) / "assumptions.xlsx", {"assumptions": [head, *rows]})
    assert only_problem(tmp_path, {}) == (
        "assumptions.xlsx, sheet assumptions, row 3, column expected: found '90 %', expected a plain "
        "number, as the unit "
        "is not percent; set the unit to percent, or format the cell as a number"
    )
    write_xlsx(tmp_path / "assumptions.xlsx", {"assumptions": [head, rows[0]]})
    workspace = load(tmp_path, {})
    assert workspace.tables["assumptions"]["expected"].tolist() == [90]
    assert "small_percent" not in notes(workspace)


def test_acceptance_needs_both_sides(tmp_path: Path) -> None:
    workspace = load(
        tmp_path, {"assumptions.csv": claim(status="accepted", accepted_sales="sales 2025-03-01")}
    )
    assert notes(workspace)["acceptance"] == (
        "assumptions.csv: 1 assumption accepted by status without an acceptance by marketing: A1.",
        1,
    )


def test_both_acceptances_without_the_status_are_noted(tmp_path: Path) -> None:
    signed = {"accepted_sales": "sales 2025-03-01", "accepted_marketing": "brand 2025-03-01"}
    workspace = load(tmp_path, {"assumptions.csv": claim(**signed)})
    assert notes(workspace)["acceptance"][0] == (
        "assumptions.csv: 1 assumption with both acceptances but not accepted by status: A1."
    )


def test_a_target_must_name_a_round_and_something_sold(tmp_path: Path) -> None:
    targets = "round,measure,product,target\n2026-13,units,,5\n2026Q1,units,Lrge,5\n"
    assert [str(problem) for problem in problems_of(tmp_path, {"targets.csv": targets})] == [
        "targets.csv, row 2, column round: found '2026-13', expected a round such as 2026Q1, 2026-03 or "
        "2026; "
        "write the round's name",
        "targets.csv, row 3, column product: found 'Lrge', expected a product of the sales table, or "
        "nothing for all; "
        "did you mean `Large`?",
    ]


def test_a_brief_must_name_an_assumption_there_is(tmp_path: Path) -> None:
    files = {"assumptions.csv": claim(), "briefs.csv": "campaign,assumption\nspring,A11\nother,\n"}
    assert only_problem(tmp_path, files) == (
        "briefs.csv, row 2, column assumption: found 'A11', expected the id of an assumption, or nothing; "
        "did you mean `A1`?"
    )


def test_contacts_of_unknown_leads_are_counted(tmp_path: Path) -> None:
    files = {
        "leads.csv": "lead_id,created,source\nL1,2025-01-06,web\n",
        "contacts.csv": "lead_id,at\nL1,2025-01-06\nL2,2025-01-06\n",
    }
    assert notes(load(tmp_path, files))["contacts_without_lead"] == (
        "contacts.csv: 1 contact of leads that the leads table does not have.",
        1,
    )


def test_names_are_not_checked_against_sales_that_could_not_be_read(tmp_path: Path) -> None:
    found = problems_of(tmp_path, {"sales.csv": "", "assumptions.csv": claim(product="Smalll")})
    assert [problem.file for problem in found] == ["sales.csv"]
