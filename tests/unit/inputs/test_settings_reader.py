"""planning.toml: every fault at once, with its line and a suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.inputs.configuration.settings_reader import line_of, load_settings, nearest, parse_settings
from alignment_lib.inputs.problems import InputError, Problem
from tests.conftest import shared_folder
from tests.unit.inputs.workspace_files import SETTINGS


def faults(text: str) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        parse_settings(text)
    return caught.value.problems


def fault(text: str) -> str:
    found = faults(text)
    assert len(found) == 1, [str(problem) for problem in found]
    return str(found[0])


def test_the_real_workspaces_are_read() -> None:
    settings = load_settings(shared_folder("workspaces/oj"))
    assert settings.dimensions == ("store", "brand")
    assert {name: driver.kind for name, driver in settings.drivers_by_name.items()} == {
        "price": "price",
        "deal": "promotion",
        "feature": "promotion",
    }
    assert (settings.plan.cycle, settings.plan.quarters, settings.plan.seed) == ("quarter", 1, 2026)


def test_what_is_left_out_has_its_default() -> None:
    settings = parse_settings(SETTINGS)
    assert settings.calendar.fiscal_year_start == 1
    assert settings.calendar.weeks == "gregorian"
    assert settings.calendar.holidays is None
    assert settings.sales.measure == "units"
    assert settings.plan.quarters == 4
    assert settings.plan.materiality_share == 0.01
    assert (settings.forecast.method, settings.forecast.reconcile) == ("auto", "auto")
    assert (settings.format.decimal, settings.format.thousands, settings.format.date) == (".", "", "iso")
    assert settings.funnel.accepted_share == 0.90
    assert settings.funnel.first_contact_hours == 24
    assert (settings.funnel.attempts, settings.funnel.attempts_within_days) == (5, 14)
    assert settings.funnel.reject_within_days == 7
    assert settings.drivers_by_name == {}


def test_settings_do_not_change_after_reading() -> None:
    settings = parse_settings(SETTINGS)
    with pytest.raises(ValueError, match="frozen"):
        settings.plan.seed = 1  # type: ignore[misc]


def test_an_unknown_key_is_named_with_its_line_and_the_nearest() -> None:
    text = SETTINGS.replace("dimensions", "dimension")
    first, second = faults(text)
    assert str(first) == (
        "planning.toml, row 6, column sales.dimensions: found no key `dimensions`, expected `dimensions` "
        "to be set; "
        "add the key"
    )
    assert str(second) == (
        "planning.toml, row 7, column sales.dimension: found unknown key `dimension`, expected one of "
        "`source`, "
        "`dimensions`, `measure`, `sale_type`, `unfinished`, `types`; did you mean `dimensions`?"
    )


def test_an_unknown_section_is_named_with_the_nearest() -> None:
    assert fault(SETTINGS + "[funnell]\nattempts = 3\n") == (
        "planning.toml, row 8, column funnell: found unknown key `funnell`, expected one of `business`, "
        "`calendar`, "
        "`sales`, `drivers`, `plan`, `forecast`, `override`, `life`, `format`, `funnel`, `kept`, "
        "`round`, `owners`, `profit`, `budget`, "
        "`incentives`, `tables`, `names`; did you mean `funnel`?"
    )


def test_an_unknown_key_inside_a_driver_is_named() -> None:
    text = SETTINGS + '[drivers]\ncolumns = { rain = { kind = "market", knownn = true } }\n'
    assert fault(text) == (
        "planning.toml, row 9, column drivers.columns.rain.knownn: found unknown key `knownn`, expected "
        "one of `kind`, "
        "`known`; did you mean `known`?"
    )


def test_a_missing_section_is_named() -> None:
    text = SETTINGS.replace("[calendar]\n", "").replace('grain = "month"\n', "")
    assert fault(text) == (
        "planning.toml, column calendar: found no section `calendar`, expected `calendar` to be set; add "
        "the section"
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            '[plan]\nquarters = "4"',
            "row 9, column plan.quarters: found '4', expected a whole number; correct the value",
        ),
        (
            "[plan]\nquarters = 4.5",
            "row 9, column plan.quarters: found 4.5, expected a whole number; correct the value",
        ),
        (
            "[plan]\nquarters = 0",
            "row 9, column plan.quarters: found 0, expected 1 or more; correct the value",
        ),
        (
            "[plan]\nquarters = true",
            "row 9, column plan.quarters: found True, expected a whole number; correct the value",
        ),
        (
            "[plan]\nmateriality_share = 2",
            "column plan.materiality_share: found 2, expected 1 or less; correct the value",
        ),
        ("[funnel]\nfirst_contact_hours = 0", "found 0, expected more than 0; correct the value"),
        (
            '[plan]\ncycle = "quartr"',
            "row 9, column plan.cycle: found 'quartr', expected one of 'month', 'quarter' or 'year'; "
            "did you mean `quarter`?",
        ),
        (
            '[forecast]\nmethod = "thea"',
            "column forecast.method: found 'thea', expected one of 'auto', 'structural', 'ets', "
            "'ces', 'dot', 'theta', 'damped', 'aggregated', 'recent', 'naive', 'growth', 'global', "
            "'croston', 'tsb' or 'adida'; did you mean `theta`?",
        ),
        (
            '[format]\ndate = "%d.%m"',
            'column format.date: found \'%d.%m\', expected "iso", or day, month and year such as "%d.%m.%Y"',
        ),
        ('[format]\ndecimal = ";"', "column format.decimal: found ';', expected one of '.' or ','"),
        (
            '[format]\nthousands = "."',
            "column format.thousands: found '.', expected a mark other than the decimal one",
        ),
        (
            '[format]\nencoding = "unicode_escape"',
            "column format.encoding: found 'unicode_escape', expected an encoding such as",
        ),
        (
            '[drivers]\ncolumns = ["price"]',
            "column drivers.columns: found ['price'], expected a section or { key = value }",
        ),
        (
            '[funnel]\nrecorded_from = "soon"',
            "column funnel.recorded_from: found 'soon', expected a date such as 2025-01-31, without quotes",
        ),
        ("[drivers]\ncolumns = {}", "column drivers.columns: found {}, expected at least one entry"),
        (
            '[drivers]\ncolumns = { price = "prise" }',
            "column drivers.columns.price.kind: found 'prise', expected one of 'price', 'promotion' or "
            "'market'; "
            "did you mean `price`?",
        ),
        (
            '[tables]\nassumptionz = "a.csv"',
            "column tables.assumptionz: found unknown table `assumptionz`, expected one of `assumptions`, "
            "`leads`",
        ),
        (
            '[tables]\nsales = "a.csv"',
            "column tables.sales: found `sales`, expected another table; move it to [sales] source",
        ),
    ],
)
def test_a_wrong_value_is_explained(more: str, message: str) -> None:
    assert message in fault(SETTINGS + more + "\n")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"EUR"',
            '"euro"',
            "planning.toml, row 3, column business.currency: found 'euro', expected a currency code of "
            "three capital "
            'letters such as "USD"; correct the value',
        ),
        ('"Coffee"', '""', "row 2, column business.name: found '', expected text that is not empty"),
        (
            '"month"',
            '"day"',
            "row 5, column calendar.grain: found 'day', expected one of 'week', 'month' or 'quarter'",
        ),
        (
            'grain = "month"',
            'grain = "month"\nholidays = "XX"',
            "row 6, column calendar.holidays: found 'XX', expected a code of a country or region",
        ),
        (
            '["channel", "product"]',
            "[]",
            "row 7, column sales.dimensions: found [], expected at least one entry",
        ),
        (
            '["channel", "product"]',
            '"channel"',
            'found \'channel\', expected a list such as ["store", "brand"]',
        ),
        ('["channel", "product"]', '["a", "a"]', "expected each dimension once; `a` stands twice"),
        (
            '["channel", "product"]',
            '["period"]',
            "expected a name the tables do not use themselves; rename the column",
        ),
        (
            '["channel", "product"]',
            '["p50"]',
            "expected a name the tables do not use themselves; rename the column",
        ),
        (
            '["channel", "product"]',
            '[" a"]',
            "expected a name without spaces around it or control characters",
        ),
        (
            '["channel", "product"]',
            '["channel", "product"]\nsale_type = "channell"',
            "row 8, column sales.sale_type: found 'channell', expected one of the dimensions `channel`, "
            "`product`; "
            "did you mean `channel`?",
        ),
        (
            "[sales]",
            '[drivers]\ncolumns = { product = "market" }\n[sales]',
            "row 7, column drivers.columns.product: found a driver and a dimension both called `product`, "
            "expected names of their own",
        ),
    ],
)
def test_a_wrong_value_among_the_required_ones_is_explained(old: str, new: str, message: str) -> None:
    assert message in fault(SETTINGS.replace(old, new))


@pytest.mark.parametrize(
    "file",
    [
        "../sales.csv",
        "/etc/passwd",
        "data/../../x.csv",
        "C:/x.csv",
        "..\\x.csv",
        "\\\\host\\x.csv",
        "~/x",
        "",
        "a\\nb",
    ],
)
def test_a_source_outside_the_folder_is_refused(file: str) -> None:
    escaped = file.replace("\\", "\\\\") if "\\n" not in file else file
    message = fault(SETTINGS + f'source = "{escaped}"\n')
    assert "expected a file inside the workspace folder, without `..` and not absolute" in message


def test_a_source_may_lie_in_a_folder_below_and_name_a_sheet() -> None:
    settings = parse_settings(SETTINGS + 'source = { file = "data/sales.xlsx", sheet = "2025" }\n')
    assert settings.sales.source is not None
    assert (settings.sales.source.file, settings.sales.source.sheet) == ("data/sales.xlsx", "2025")


@pytest.mark.parametrize(("grain", "cycle"), [("quarter", "month")])
def test_a_cycle_finer_than_the_grain_is_refused(grain: str, cycle: str) -> None:
    text = SETTINGS.replace('"month"', f'"{grain}"') + f'[plan]\ncycle = "{cycle}"\n'
    assert fault(text) == (
        "planning.toml, row 9, column plan.cycle: found the cycle `month`, expected a cycle no finer "
        "than the grain "
        '`quarter`; set cycle = "quarter" or longer'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[business]\nname = Coffee\n",
            "planning.toml, row 2: found a TOML error: Invalid value, expected valid TOML",
        ),
        ("[business]\nname = 1\nname = 2\n", "row 3: found a TOML error: Cannot overwrite a value"),
        ("[business\n", "row 1: found a TOML error: Expected ']' at the end of a table declaration"),
        ('name = "x', "found a TOML error: "),
        ("a = " + "[" * 3000, "planning.toml: found a TOML error: "),
    ],
)
def test_broken_toml_is_placed_at_its_line(text: str, message: str) -> None:
    assert message in fault(text)


def test_settings_of_another_encoding_are_named_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "planning.toml").write_bytes(SETTINGS.replace("Coffee", "Café").encode("cp1252"))
    with pytest.raises(InputError) as caught:
        load_settings(tmp_path)
    assert str(caught.value) == (
        "planning.toml, row 2: found text that is not UTF-8, expected UTF-8 text; save the file as UTF-8"
    )


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "planning.toml").write_bytes(b"\xef\xbb\xbf" + SETTINGS.encode())
    assert load_settings(tmp_path).business.name == "Coffee"


def test_absurdly_large_settings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "planning.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputError, match="found a file above 1 MB, expected a short text file"):
        load_settings(tmp_path)


def test_lines_are_found_in_headers_keys_and_inline_tables() -> None:
    text = '# sales\n[sales]\n# dimensions = 1\ndimensions = [\n  "a",\n]\n'
    text += '[drivers]\ncolumns = { a = "x" }\n[drivers.more]\nb = 1\n'
    assert line_of(text, ["sales"]) == 2
    assert line_of(text, ["sales", "dimensions"]) == 4
    assert line_of(text, ["drivers", "columns", "a"]) == 8
    assert line_of(text, ["drivers", "more", "b"]) == 10
    assert line_of(text, ["nothing"]) == 0
    assert line_of('sales.measure = "x"\n', ["sales", "measure"]) == 1


def test_the_nearest_word_ignores_case_and_offers_nothing_far_away() -> None:
    assert nearest("SHOP", ["Shop", "Web"]) == "did you mean `Shop`?"
    assert nearest("xyz", ["Shop", "Web"]) == ""
    assert nearest("anything", []) == ""
