"""Names that need a decision: look-alikes joined or kept, totals left out or kept, nothing on its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.inputs.checking.name_checks import sounds_like_total
from alignment_lib.inputs.workspace import Workspace
from tests.unit.inputs.workspace_files import CLAIM, CLAIMS, SETTINGS, load, problems_of

MONTHS = [f"2025-{month:02d}-01" for month in range(1, 13)]


def sales(**units: int) -> str:
    """A year of each channel and product, growing by one a month; `units` by product."""
    lines = ["period,channel,product,units"]
    for channel in ("Shop", "Web"):
        lines += [
            f"{day},{channel},{name.replace('_', ' ')},{start + at * (1 + start % 3)}"
            for name, start in units.items()
            for at, day in enumerate(MONTHS)
        ]
    return "\n".join(lines) + "\n"


def with_total(name: str, off: int = 0) -> str:
    """Two products and a third that is their sum, period by period, but for `off`."""
    lines = ["period,channel,product,units"]
    for channel in ("Shop", "Web"):
        for at, day in enumerate(MONTHS):
            lines += [f"{day},{channel},Small,{10 + at}", f"{day},{channel},Large,{20 + at * at}"]
            lines += [f"{day},{channel},{name},{30 + at + at * at + off}"]
    return "\n".join(lines) + "\n"


def notices(workspace: Workspace, code: str) -> list[str]:
    return [notice.text for notice in workspace.notices if notice.code == code]


def decided(name: str, word: str) -> str:
    return f'{SETTINGS}[names]\n"{name}" = "{word}"\n'


def test_names_joined_by_decision_are_one_series_in_every_table(tmp_path: Path) -> None:
    table = sales(Small=10).replace("2025-02-01,Web,Small", "2025-02-01,Web,Smal\u200bl")
    claim = CLAIM.replace(",proposed,,", ",proposed,Web,Sm\u0430ll")
    files = {"sales.csv": table, "assumptions.csv": CLAIMS + claim}
    found = problems_of(tmp_path / "asked", files)
    assert [problem.found.partition(":")[0] for problem in found][:1] == ["names that look alike"]
    workspace = load(tmp_path / "joined", files | {"planning.toml": decided("Small", "join")})
    assert workspace.table("sales")["product"].cat.categories.tolist() == ["Small"]
    assert workspace.table("assumptions")["product"].tolist() == ["Small"]
    (text,) = notices(workspace, "names_joined")
    assert "U+200B ZERO WIDTH SPACE" in text


def test_joining_two_rows_of_one_period_is_a_doubled_key(tmp_path: Path) -> None:
    table = sales(Small=10) + "2025-02-01,Web,Sm\u0430ll,5\n"
    found = problems_of(tmp_path, {"sales.csv": table, "planning.toml": decided("Small", "join")})
    assert len(found) == 1
    assert "2025-02-01" in str(found[0])


@pytest.mark.parametrize("name", ["Total", "Grand total", "Summe", "All products", "The rest of us"])
def test_the_sum_of_the_others_is_a_problem_whatever_its_name(tmp_path: Path, name: str) -> None:
    (problem,) = problems_of(tmp_path, {"sales.csv": with_total(name)})
    assert problem.found == f"the product '{name}', which is the sum of the others"
    assert problem.count == 24
    files: dict[str, str | bytes] = {
        "sales.csv": with_total(name),
        "planning.toml": decided(name, "leave out"),
    }
    workspace = load(tmp_path / "out", files)
    assert workspace.table("sales")["product"].cat.categories.tolist() == ["Large", "Small"]
    assert len(workspace.table("sales")) == 48


def test_a_brand_called_total_stays_and_is_said(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"sales.csv": with_total("Total", off=7)})
    assert notices(workspace, "not_a_total") == [
        "sales.csv: the product 'Total' is not the sum of the others and stays a product of its own "
        "(24 rows)."
    ]


def test_products_that_never_change_are_not_taken_for_totals(tmp_path: Path) -> None:
    lines = [f"{day},Web,{name},{units}" for name, units in (("A", 1), ("B", 1), ("C", 2)) for day in MONTHS]
    workspace = load(tmp_path, {"sales.csv": "period,channel,product,units\n" + "\n".join(lines) + "\n"})
    assert workspace.table("sales")["product"].nunique() == 3


def test_words_that_only_begin_like_a_total_are_none() -> None:
    assert not any(map(sounds_like_total, ("Totally Nuts", "Summer", "Allsorts", "Sumatra", "Gesamtwerk")))
