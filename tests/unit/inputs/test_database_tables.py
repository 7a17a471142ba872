"""Tables read by a query: SQLite, DuckDB and a real PostgreSQL server; secrets stay in the environment."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.inputs.configuration.settings import Source
from alignment_lib.inputs.configuration.settings_reader import parse_settings
from alignment_lib.inputs.problems import InputError, ProblemLog
from alignment_lib.inputs.tables.database_tables import read_query
from alignment_lib.inputs.workspace import hash_inputs, load_workspace
from tests.postgres_server import PASSWORD as CANARY
from tests.postgres_server import postgres
from tests.unit.inputs.workspace_files import SALES, SETTINGS, write_files

__all__ = ["postgres"]

QUERY = "SELECT period, channel, product, units, revenue FROM sold ORDER BY channel, product, period"
ROWS = [line.split(",") for line in SALES.strip().splitlines()[1:]]


def settings(url: str, query: str = QUERY) -> str:
    return SETTINGS.replace("[sales]\n", f"[sales]\nsource = {{ url = '{url}', query = \"{query}\" }}\n")


def unit(folder: Path, url: str, query: str = QUERY) -> Path:
    write_files(folder, {"planning.toml": settings(url, query)})
    (folder / "sales.csv").unlink()
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_workspace(folder)
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def from_files(tmp_path: Path) -> pd.DataFrame:
    """What the same rows are when they come from sales.csv."""
    return load_workspace(write_files(tmp_path / "files", {})).tables["sales"]


@pytest.fixture
def sqlite_unit(tmp_path: Path) -> Path:
    folder = unit(tmp_path / "unit", "sqlite:///shop.db")
    with sqlite3.connect(folder / "shop.db") as base:
        base.execute("CREATE TABLE sold (period TEXT, channel TEXT, product TEXT, units REAL, revenue REAL)")
        base.executemany("INSERT INTO sold VALUES (?, ?, ?, ?, ?)", ROWS)
    base.close()
    return folder


@pytest.fixture
def postgres_unit(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import psycopg

    monkeypatch.setenv("ALIGNMENT_SHOP_PASSWORD", CANARY)
    host, port = postgres.split(":")
    with psycopg.connect(host=host, port=port, user="planner", password=CANARY, dbname="postgres") as base:
        base.execute("DROP TABLE IF EXISTS sold")
        base.execute("CREATE SEQUENCE IF NOT EXISTS bills")
        base.execute(
            "CREATE TABLE sold (period date, channel text, product text, units int, revenue numeric(9, 2))"
        )
        base.cursor().executemany("INSERT INTO sold VALUES (%s, %s, %s, %s, %s)", ROWS)
    return unit(
        tmp_path / "unit", f"postgresql://planner:${{ALIGNMENT_SHOP_PASSWORD}}@{postgres}/postgres", QUERY
    )


def test_a_table_from_sqlite_is_the_same_as_from_a_file(sqlite_unit: Path, from_files: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(load_workspace(sqlite_unit).tables["sales"], from_files)


def test_a_table_from_duckdb_is_the_same_as_from_a_file(tmp_path: Path, from_files: pd.DataFrame) -> None:
    import duckdb

    folder = unit(tmp_path / "unit", "duckdb:///shop.duckdb")
    with duckdb.connect(str(folder / "shop.duckdb")) as base:
        base.execute(
            "CREATE TABLE sold (period DATE, channel TEXT, product TEXT, units INT, revenue DECIMAL(12, 2))"
        )
        base.executemany("INSERT INTO sold VALUES (?, ?, ?, ?, ?)", ROWS)
    pd.testing.assert_frame_equal(load_workspace(folder).tables["sales"], from_files)


def test_a_duckdb_query_reaches_no_other_file(tmp_path: Path) -> None:
    import duckdb

    folder = unit(tmp_path / "unit", "duckdb:///shop.duckdb", f"SELECT * FROM read_text('{tmp_path}/secret')")
    (tmp_path / "secret").write_text(CANARY)
    duckdb.connect(str(folder / "shop.duckdb")).close()
    (told,) = problems(folder)
    assert "sales (query)" in told
    assert CANARY not in told


def test_a_table_from_postgresql_is_the_same_as_from_a_file(
    postgres_unit: Path, from_files: pd.DataFrame
) -> None:
    pd.testing.assert_frame_equal(load_workspace(postgres_unit).tables["sales"], from_files)


def test_a_query_cannot_write_to_postgresql(postgres_unit: Path) -> None:
    text = (postgres_unit / "planning.toml").read_text()
    writing = "SELECT nextval('bills')"
    (postgres_unit / "planning.toml").write_text(text.replace(QUERY, writing))
    (told,) = problems(postgres_unit)
    assert "cannot execute nextval() in a read-only transaction" in told


def test_a_wrong_password_is_said_without_the_password(
    postgres_unit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIGNMENT_SHOP_PASSWORD", CANARY + "wrong")
    (told,) = problems(postgres_unit)
    assert "password authentication failed" in told
    assert CANARY not in told


def test_a_percent_sign_or_colon_in_a_query_is_text(postgres_unit: Path) -> None:
    text = (postgres_unit / "planning.toml").read_text()
    chosen = QUERY.replace("ORDER", "WHERE channel LIKE 'S%' AND '12:30' <> ':x' ORDER")
    (postgres_unit / "planning.toml").write_text(text.replace(QUERY, chosen))
    assert set(load_workspace(postgres_unit).tables["sales"]["channel"]) == {"Shop"}


def test_the_hash_of_a_query_follows_its_content(sqlite_unit: Path) -> None:
    first = load_workspace(sqlite_unit).input_hashes
    assert set(first) == {"planning.toml", "sales (query)"}
    assert hash_inputs(sqlite_unit) == dict(first)
    with sqlite3.connect(sqlite_unit / "shop.db") as base:
        base.execute("UPDATE sold SET units = units + 1 WHERE product = 'Small'")
    base.close()
    assert hash_inputs(sqlite_unit)["sales (query)"] != first["sales (query)"]


def test_a_file_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    folder = unit(tmp_path / "unit", "sqlite:///shop.db")
    (told,) = problems(folder)
    assert "no database file shop.db" in told
    assert not (folder / "shop.db").exists()


def test_bad_cells_of_a_query_are_located(sqlite_unit: Path) -> None:
    with sqlite3.connect(sqlite_unit / "shop.db") as base:
        base.execute("UPDATE sold SET units = 'many' WHERE product = 'Small' AND period = '2025-02-01'")
    base.close()
    (told,) = problems(sqlite_unit)
    assert told.startswith("sales (query), row 2, column units: found 'many', expected a number")


def test_columns_of_mixed_kinds_across_batches_become_text() -> None:
    from alignment_lib.inputs.tables.database_tables import _as_table, _stack

    stacked = _stack([_as_table(["a"], [(1,)]), _as_table(["a"], [("x",)])])
    assert stacked.column("a").to_pylist() == ["1", "x"]


def test_a_variable_that_is_not_set_is_named() -> None:
    log = ProblemLog()
    source = Source(url="postgresql://p:${ALIGNMENT_ABSENT}@127.0.0.1/shop", query="SELECT 1")
    assert read_query(Path(), "sales", source, log, {}) is None
    assert "no environment variable ALIGNMENT_ABSENT" in str(log.problems[0])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"postgresql://planner:{CANARY}@db/shop", "never in this file"),
        (f"postgresql://db/shop?user=a&password={CANARY}", "never in this file"),
        ("postgresql://planner:${HOME}@db/shop", "never in this file"),
        ("postgresql://${HOME}/shop", "names begin with ALIGNMENT_"),
        (CANARY, "a url such as"),
    ],
)
def test_a_secret_in_the_settings_is_refused_without_being_shown(url: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(settings(url))
    told = str(caught.value)
    assert expected in told
    assert CANARY not in told
    assert "planning.toml, row 7" in told


@pytest.mark.parametrize(
    "query", ["DROP TABLE sold", "SELECT 1; DROP TABLE sold", "", "SELECT ';' ; SELECT 2"]
)
def test_anything_but_one_select_is_refused(query: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(settings("sqlite:///shop.db", query))
    assert "SELECT" in str(caught.value)


def test_a_url_written_as_a_file_is_refused_without_being_shown() -> None:
    text = SETTINGS.replace("[sales]\n", f'[sales]\nsource = "postgresql://planner:{CANARY}@db/shop"\n')
    with pytest.raises(InputError) as caught:
        parse_settings(text)
    assert CANARY not in str(caught.value)
    assert "{ url =" in str(caught.value)
