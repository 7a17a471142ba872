"""Spend and the budgets that shift it: what cannot be, and what only its writing tells apart."""

from pathlib import Path

import pytest

from tests.unit.inputs.workspace_files import CLAIMS, load, only_problem

SPEND = "period,source,amount,committed\n2025-01-01,search ads,500,\n2026-03-01,search ads,400,{}\n"


def _budget(source: str) -> str:
    row = dict.fromkeys(CLAIMS.strip().split(","), "")
    row |= {"id": "B1", "kind": "budget", "title": "More", "owner": "digital", "function": "marketing"}
    row |= {"start": "2026-03-01", "end": "2026-03-31", "unit": "spend", "expected": "100"}
    row["spend_source"] = source
    return ",".join(row) + "\n" + ",".join(row.values()) + "\n"


def test_no_more_is_committed_than_is_planned(tmp_path: Path) -> None:
    told = only_problem(tmp_path, {"spend.csv": SPEND.format(450)})
    assert "spend.csv, row 3, column committed: found '450', expected no more than the row's amount" in told


@pytest.mark.parametrize("source", ["Search Ads", "search-ads"])
def test_a_source_that_is_only_written_otherwise_is_named(tmp_path: Path, source: str) -> None:
    told = only_problem(tmp_path, {"spend.csv": SPEND.format(""), "assumptions.csv": _budget(source)})
    assert f"column spend_source: found '{source}', expected a source as the spend table writes it" in told
    assert "did you mean `search ads`?" in told


def test_a_new_source_may_be_meant(tmp_path: Path) -> None:
    found = load(tmp_path, {"spend.csv": SPEND.format(400), "assumptions.csv": _budget("podcasts")})
    assert found.tables["assumptions"]["spend_source"].tolist() == ["podcasts"]
