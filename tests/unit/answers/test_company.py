"""All units together: money by currency, stated rates only, odds only from common draws."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.answers.company import CompanyRates, UnitFigures, read_rates, roll_up
from alignment_lib.inputs.snapshots import hash_bytes
from alignment_lib.publishing.index import write_index
from alignment_lib.rounds.files.parquet_tables import encode_table

NORTH = UnitFigures("north", "EUR", 100.0, 110.0, 7, np.array([90.0, 100.0, 110.0, 120.0]))
SOUTH = UnitFigures("south", "EUR", 60.0, 50.0, 7, np.array([60.0, 70.0, 50.0, 40.0]))


def test_odds_of_the_sum_come_from_adding_draw_by_draw() -> None:
    (whole,) = roll_up([NORTH, SOUTH])
    assert (whole.plan, whole.target) == (160.0, 160.0)
    # 150, 170, 160, 160 against 160: three draws of four reach it.
    assert whole.probability == 0.75


@pytest.mark.parametrize(
    "other",
    [
        replace(SOUTH, seed=8),
        replace(SOUTH, seed=None),
        replace(SOUTH, draws=None),
        replace(SOUTH, draws=np.ones(3)),
        replace(SOUTH, target=math.nan),
        replace(SOUTH, money=math.nan),
    ],
)
def test_without_common_draws_of_all_units_there_are_no_odds(other: UnitFigures) -> None:
    (whole,) = roll_up([NORTH, other])
    assert math.isnan(whole.probability)


def test_a_unit_without_a_price_is_named_and_left_out() -> None:
    (whole,) = roll_up([NORTH, replace(SOUTH, money=math.nan)])
    assert (whole.plan, whole.units, whole.unpriced) == (100.0, ("north",), ("south",))
    assert math.isnan(whole.target)


def test_currencies_are_added_only_at_rates_stated_for_all_of_them() -> None:
    abroad = replace(SOUTH, currency="USD")
    assert [one.currency for one in roll_up([NORTH, abroad])] == ["EUR", "USD"]
    assert len(roll_up([NORTH, abroad], CompanyRates("EUR", {"EUR": 1.0}, ""))) == 2
    whole = roll_up([NORTH, abroad], CompanyRates("EUR", {"EUR": 1.0, "USD": 0.5}, ""))[-1]
    assert (whole.plan, whole.target, whole.converted) == (130.0, 135.0, True)
    # 120, 135, 135, 140 against 135.
    assert whole.probability == 0.75


@pytest.mark.parametrize(
    "text", ["", "currency = 1", "[rates", 'currency = "EUR"\n[rates]\nUSD = -1', "\x00"]
)
def test_rates_that_cannot_be_used_are_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "company.toml").write_text(text)
    assert read_rates(tmp_path) is None


def test_rates_are_read_with_their_date(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_text('currency = "EUR"\nas_of = "2026-01-02"\n[rates]\nUSD = 0.92\n')
    assert read_rates(tmp_path) == CompanyRates("EUR", {"EUR": 1.0, "USD": 0.92}, "2026-01-02")


def _place(output: Path, name: str, currency: str, measure: str, draws: list[float]) -> None:
    folder = output / "2026Q1" / name
    folder.mkdir(parents=True)
    table = encode_table(pd.DataFrame({"draw": np.arange(len(draws), dtype=float), "total": draws}))
    (folder / "draws.parquet").write_bytes(table)
    manifest = {
        "round": "2026Q1",
        "unit": name,
        "business": name,
        "currency": currency,
        "measure": measure,
        "as_of": "2026-01-05",
        "scenario": "consensus",
        "status": "draft",
        "dimensions": [],
        "parameters": {"seed": 7},
        "input_hashes": {},
        "versions": {},
        "warnings": [],
        "answer": {"plan": 100.0, "target": 110.0, "probability": 0.5, "revenue": 900.0},
        "files": {"draws.parquet": hash_bytes(table)},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_the_index_shows_all_units_together_with_the_rates_it_used(tmp_path: Path) -> None:
    _place(tmp_path, "north", "EUR", "revenue", [120.0, 90.0])
    _place(tmp_path, "south", "USD", "revenue", [80.0, 130.0])
    (tmp_path / "company.toml").write_text('currency = "EUR"\n[rates]\nUSD = 0.5\n')
    page = write_index(tmp_path).read_text(encoding="utf-8").replace("\u202f", " ")
    assert "All units of 2026Q1 together, in money" in page
    assert "Converted at the rates stated in company.toml: 1 USD = 0.5 EUR." in page
    assert "All, in EUR" in page
    assert '<td class="number" data-value="150">150</td>' in page
    assert '<td class="number" data-value="165">165</td>' in page


def test_pieces_are_never_added_up_and_one_unit_alone_has_no_sum(tmp_path: Path) -> None:
    _place(tmp_path, "north", "EUR", "units", [1.0])
    assert "together" not in write_index(tmp_path).read_text(encoding="utf-8")
    _place(tmp_path, "south", "EUR", "units", [1.0])
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert '<td class="number" data-value="1800">1,800</td>' in page
    assert "A chance is given only where every unit plans in money" in page


def test_altered_draws_are_not_believed(tmp_path: Path) -> None:
    for name in ("north", "south"):
        _place(tmp_path, name, "EUR", "revenue", [120.0, 90.0])
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert "A chance is given only" not in page
    path = tmp_path / "2026Q1" / "north" / "draws.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert "A chance is given only" in write_index(tmp_path).read_text(encoding="utf-8")
