"""Unknown headings are answered, exports sent to the import, words taken as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.inputs.dictionary import load_dictionary
from alignment_lib.inputs.tables.choice_words import choice_of
from tests.unit.inputs.workspace_files import CLAIM, CLAIMS, SALES, load, only_problem, problems_of


@pytest.mark.parametrize(
    ("heading", "column"),
    [("Woche", "period"), ("Week", "period"), ("Month", "period"), ("Datum", "period"), ("Date", "period")],
)
def test_a_heading_of_another_system_is_answered_with_the_column(
    tmp_path: Path, heading: str, column: str
) -> None:
    text = only_problem(tmp_path, {"sales.csv": SALES.replace("period", heading, 1)})
    assert f"found the unknown column '{heading}'" in text
    assert text.endswith(f"call it `{column}`")


@pytest.mark.parametrize("heading", ["Net sales", "Umsatz", "Net amount", "Turnover"])
def test_a_measure_of_another_name_is_answered_though_it_is_not_needed(tmp_path: Path, heading: str) -> None:
    text = only_problem(tmp_path, {"sales.csv": SALES.replace("revenue", heading, 1)})
    assert text.endswith("call it `revenue`")


@pytest.mark.parametrize(
    "head",
    [
        "Order date,Channel,Item,Quantity,Net amount",
        "channel,product,Jan 2025,Feb 2025,Mar 2025",
        "Bestelldatum,Kanal,Artikel,Menge,Nettobetrag",
    ],
)
def test_a_table_that_looks_like_an_export_is_sent_to_the_import(tmp_path: Path, head: str) -> None:
    body = "\n".join("2025-01-02,Shop,Tea,1,9.9" for _ in range(5))
    found = problems_of(tmp_path, {"sales.csv": f"{head}\n{body}\n"})
    assert len(found) == 1
    assert "which look like an export" in found[0].found
    assert "alignment import" in found[0].mend


def test_words_of_a_register_may_be_written_as_people_write_them(tmp_path: Path) -> None:
    claim = CLAIM.replace("promotion", "Promotion").replace("marketing,marketing", "brand,Marketing")
    claim = claim.replace("percent", "%").replace("proposed", "Proposed")
    table = load(tmp_path, {"assumptions.csv": CLAIMS + claim}).table("assumptions")
    shown = table.loc[0, ["kind", "function", "unit", "status"]].tolist()
    assert shown == ["promotion", "marketing", "percent", "proposed"]


def test_no_word_of_a_choice_means_another_choice() -> None:
    for fields in load_dictionary().values():
        for field in fields:
            for choice in field.choices:
                assert choice_of(choice, field.column, field.choices) == choice
                assert choice_of(choice.upper(), field.column, field.choices) == choice
                assert choice_of(choice.replace("_", " "), field.column, field.choices) == choice
