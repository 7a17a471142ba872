"""The demo is a workspace as the contract has it."""

import re

import pandas as pd
import pytest

from alignment_lib.inputs.dictionary import fields_of, load_dictionary
from alignment_lib.inputs.periods.rounds import apply_wall, parse_round
from alignment_lib.inputs.workspace import Workspace, load_workspace
from data.generator import Demo
from data.generator.products import DIMENSIONS
from data.generator.written import DEMO_FOLDER, read_written

KINDS = {
    "market_shift", "consumer_shift", "promotion", "price_change", "new_product", "delisting", "new_channel",
    "digital", "one_off",
}  # fmt: skip
ROUNDS = {"2025Q2": "2025-03-31", "2025Q3": "2025-06-30", "2025Q4": "2025-09-29", "2026Q1": "2025-12-29"}


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return load_workspace(DEMO_FOLDER)


@pytest.fixture(scope="module")
def claims() -> pd.DataFrame:
    table = read_written("assumptions")
    return table.assign(**{name: pd.to_datetime(table[name]) for name in ("start", "end", "recorded")})


def test_it_loads_without_a_problem_and_names_its_one_gap(workspace: Workspace) -> None:
    assert [notice.code for notice in workspace.notices] == ["gaps"]
    assert "fictional" in workspace.settings.business.name


def test_it_holds_every_table_that_a_plan_reads_but_transactions(workspace: Workspace) -> None:
    assert set(load_dictionary()) - set(workspace.tables) == {"transactions"}
    assert all(len(table) for table in workspace.tables.values())


def test_columns_are_those_of_the_contract(demo: Demo) -> None:
    drivers = ("price", "price_cut", "feature", "loyalty", "market_index")
    for name, table in demo.tables.items():
        allowed = {field.column for field in fields_of(name, tuple(DIMENSIONS), drivers)}
        assert set(table.columns) <= allowed, name


def test_keys_are_unique_in_every_table(demo: Demo) -> None:
    for name, table in demo.tables.items():
        keys = [field.column for field in fields_of(name, tuple(DIMENSIONS), ()) if field.key]
        present = [key for key in keys if key in table.columns]
        assert not present or not table.duplicated(present).any(), name


def test_every_kind_unit_and_status_occurs(claims: pd.DataFrame) -> None:
    now = claims[claims["id"].str.startswith("R26Q1")]
    assert set(now["kind"]) == KINDS
    assert set(now["status"]) == {"draft", "proposed", "accepted", "rejected"}
    assert {"percent", "units"} <= set(now["unit"])


def test_ranges_do_not_cross(claims: pd.DataFrame) -> None:
    assert ((claims["low"] <= claims["expected"]) & (claims["expected"] <= claims["high"])).all()


@pytest.mark.parametrize(("label", "first"), ROUNDS.items())
def test_each_round_has_its_claims_in_time(label: str, first: str, claims: pd.DataFrame) -> None:
    mine = claims[claims["id"].str.startswith(f"R{label[2:]}-")]
    day = pd.Timestamp(first)
    assert len(mine) >= 7
    assert (mine["recorded"] < day).all()
    assert (mine["start"] >= day).all()
    for column in ("accepted_marketing", "accepted_sales"):
        signed = mine[column][mine[column] != ""]
        assert (pd.to_datetime(signed.str[-10:]) < day).all()
        assert (pd.to_datetime(signed.str[-10:]) >= mine.loc[signed.index, "recorded"]).all()


@pytest.mark.parametrize(("label", "first"), ROUNDS.items())
def test_a_round_can_be_replayed_as_of_its_first_week(label: str, first: str, workspace: Workspace) -> None:
    planned = parse_round(label, workspace.settings, workspace.calendar, pd.Timestamp(first))
    assert planned.start == planned.first_open == pd.Timestamp(first)
    then = apply_wall(workspace, planned)
    assert then.tables["sales"]["period"].max() == pd.Timestamp(first) - pd.Timedelta(days=7)
    ids = set(then.tables["assumptions"]["id"])
    assert sum(name.startswith(f"R{label[2:]}-") for name in ids) >= 7
    assert not any(name[1:5] > label[2:] for name in ids)


def test_accepted_means_by_both_functions(claims: pd.DataFrame) -> None:
    both = (claims["accepted_marketing"] != "") & (claims["accepted_sales"] != "")
    assert (both == (claims["status"] == "accepted")).all()


def test_two_claims_overlap_and_one_restates_the_calendar(claims: pd.DataFrame) -> None:
    row = claims.set_index("id")
    first, second = row.loc["R26Q1-02"], row.loc["R26Q1-17"]
    assert first["product"] == second["product"]
    assert max(first["start"], second["start"]) <= min(first["end"], second["end"])
    assert "drivers: price_cut" in row.loc["R26Q1-03", "evidence"]


def test_studies_cited_exist(claims: pd.DataFrame) -> None:
    cited = {name for text in claims["evidence"] for name in re.findall(r"\bST\d\b", text)}
    assert cited == set(read_written("research")["study"]) == {"ST1", "ST2"}


def test_decisions_cite_assumptions_that_exist(claims: pd.DataFrame) -> None:
    cited = {name.strip() for text in read_written("decisions")["assumptions"] for name in text.split(";")}
    assert cited - {""} <= set(claims["id"])


def test_owners_and_handlers_are_roles(demo: Demo, claims: pd.DataFrame) -> None:
    """Roles are written in lower case; a person's name would not be."""
    roles = [*claims["owner"], *demo.tables["leads"]["handler"], *read_written("decisions")["owner"]]
    roles += [*read_written("workgroups")["leader"], *demo.tables["capacity"]["handler"]]
    assert all(role == role.lower() for role in roles)


def test_targets_of_products_add_up_to_the_total(demo: Demo) -> None:
    table = demo.tables["targets"].query("measure == 'units'")
    by_product = table[table["product"].notna()].groupby("round")["target"].sum()
    total = table[table["product"].isna() & table["sale_type"].isna()].set_index("round")["target"]
    assert by_product.to_dict() == total.to_dict()
    assert set(total.index) == set(ROUNDS)


def test_every_brief_is_late_missing_or_in_time_as_the_story_needs() -> None:
    briefs = read_written("briefs")
    assert briefs["campaign"].is_unique
    assert (briefs["agreed_by_sales"] == "").any()
    assert (briefs["regular_customers_informed"] == "").any()


def test_the_readme_counts_the_rows_it_describes(demo: Demo) -> None:
    text = (DEMO_FOLDER / "README.md").read_text(encoding="utf-8")
    for name, count in re.findall(r"^\| `(\w+)\.csv(?:\.gz)?` \| ([\d,]+) \|", text, flags=re.MULTILINE):
        assert len(demo.tables[name]) == int(count.replace(",", "")), name
    assert "invented company" in text


def test_the_readme_names_every_table_and_every_truth_file() -> None:
    text = (DEMO_FOLDER / "README.md").read_text(encoding="utf-8")
    names = [path.name for path in DEMO_FOLDER.iterdir() if path.suffix in {".csv", ".gz", ".toml"}]
    names += [path.name for path in (DEMO_FOLDER / "truth").iterdir()]
    assert [name for name in names if f"`{name}`" not in text] == []
