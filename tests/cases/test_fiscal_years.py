"""Years that do not begin in January: the round that is planned is the one that was meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.inputs.periods.round_days import find_year_before, sum_where_whole
from alignment_lib.inputs.periods.rounds import apply_wall, parse_round
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace
from tests.conftest import shared_folder


def copied(case: str, target: Path, old: str, new: str) -> Path:
    folder = target / "unit"
    shutil.copytree(shared_folder(f"cases/{case}"), folder)
    for path in [folder, *folder.iterdir()]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    settings = folder / "planning.toml"
    text = settings.read_text(encoding="utf-8")
    assert old in text
    settings.write_text(text.replace(old, new), encoding="utf-8")
    return folder


RETAIL = 'weeks = "4-5-4"\nfiscal_year_begins = "Sunday nearest 31 January"\nfiscal_year_name = "start"'


def test_a_retail_year_is_the_one_of_the_trade(tmp_path: Path) -> None:
    folder = copied("calendars/retail_year", tmp_path, 'fiscal_year_start = 2\nweeks = "4-4-5"', RETAIL)
    workspace = load_workspace(folder)
    planned = parse_round("2026Q4", workspace.settings, workspace.calendar, pd.Timestamp("2026-11-29"))
    assert planned.cycle_periods[0] == pd.Timestamp("2026-11-01")
    assert planned.cycle_periods[-1] == pd.Timestamp("2027-01-24")
    assert len(planned.cycle_periods) == 13
    (note,) = [notice for notice in workspace.notices if notice.code == "retail_year"]
    assert (
        "lets 2024 begin on 28 January; the retail calendar of the NRF begins it on 4 February" in note.text
    )


def test_a_year_that_begins_on_another_weekday_than_the_weeks_is_a_problem(tmp_path: Path) -> None:
    wrong = RETAIL.replace("Sunday", "Monday")
    folder = copied("calendars/retail_year", tmp_path, 'fiscal_year_start = 2\nweeks = "4-4-5"', wrong)
    with pytest.raises(InputError, match="a year that begins on a Monday, expected a Sunday"):
        load_workspace(folder)


@pytest.mark.parametrize(("name", "first"), [("start", "2026-04-01"), ("end", "2025-04-01")])
def test_a_year_from_april_bears_the_name_that_is_stated(tmp_path: Path, name: str, first: str) -> None:
    start = "fiscal_year_start = 4"
    folder = copied("import/p3_fy_by_start/japan", tmp_path, start, f'{start}\nfiscal_year_name = "{name}"')
    workspace = load_workspace(folder)
    planned = parse_round("2026Q1", workspace.settings, workspace.calendar, pd.Timestamp(first))
    assert planned.start == pd.Timestamp(first)
    assert len(planned.cycle_periods) == 3


def test_a_quarter_of_twelve_weeks_stands_beside_both_quarters_before() -> None:
    workspace = load_workspace(shared_folder("cases/calendars/weeks_53"))
    planned = parse_round("2027Q1", workspace.settings, workspace.calendar, pd.Timestamp("2026-12-28"))
    before = find_year_before(workspace.calendar, planned.cycle_periods, planned.cycle)
    sold = workspace.tables["sales"].rename(columns={"units": "value"})
    assert (len(planned.cycle_periods), len(before.named)) == (12, 13)
    assert sum_where_whole(sold, before.compared) == 11_962
    assert sum_where_whole(sold, before.named) == 12_972
    assert before.sentence.startswith("Year before: the 12 weeks from 5 January to 29 March 2026")


def test_a_round_says_its_days_where_its_name_does_not(tmp_path: Path) -> None:
    start = "fiscal_year_start = 4"
    folder = copied("import/p3_fy_by_start/japan", tmp_path, start, start)
    workspace = load_workspace(folder)
    planned = parse_round("2026Q1", workspace.settings, workspace.calendar)
    said = [notice.text for notice in apply_wall(workspace, planned).notices if notice.code == "round_days"]
    assert said
    assert said[0].startswith("Round 2026Q1 is 1 April to 30 June 2025. Fiscal years bear the calendar year")
