from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import alignment_lib as al
from alignment_lib.app.command_line import app
from alignment_lib.inputs.words.nearest import UnknownWord
from tests.conftest import ROOT

ROUNDS = ROOT / "data" / "demo" / "rounds"


def test_a_figure_of_a_published_round_is_explained_in_one_screen() -> None:
    found = CliRunner().invoke(app, ["explain", "2025Q4", "House Blend / web", "--output", str(ROUNDS)])

    assert found.exit_code == 0, found.output
    assert "The plan of product House Blend, channel web, 2025Q4 is" in found.output
    for words in ("Baseline", "R25Q4-1", "sales.csv", "together", "Snapshot"):
        assert words in found.output


def test_json_holds_the_figure_and_pieces_that_sum_to_it() -> None:
    asked = ["explain", "2025Q4", "", "--output", str(ROUNDS), "--measure", "revenue", "--json"]
    told = json.loads(CliRunner().invoke(app, asked).output)

    assert sum(one["value"] for one in told["pieces"]) == pytest.approx(told["figure"], rel=1e-9)


def test_an_unknown_round_or_part_is_a_sentence() -> None:
    for words in (["2025Q9"], ["2025Q4", "Hous Blend"]):
        found = CliRunner().invoke(app, ["explain", *words, "--output", str(ROUNDS)])
        assert found.exit_code
        assert "did you mean" in str(found.exception)


def test_the_public_word_says_the_same() -> None:
    r = al.open_snapshot(ROUNDS / "2025Q4" / "demo")
    found = r.explain("House Blend / web", workspace=ROUNDS.parent)

    part = r.plan[(r.plan["product"] == "House Blend") & (r.plan["channel"] == "web")]
    inside = part[r.label(part["period"], "quarter") == "2025Q4"]
    assert found.frame["value"].sum() == pytest.approx(inside["plan"].sum(), rel=1e-9)
    assert "Snapshot" in found.sentence
    with pytest.raises(UnknownWord, match="did you mean 'web'"):
        r.explain("wob")
