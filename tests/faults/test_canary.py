"""A password in the environment reaches the database and nothing else."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import psycopg
import pytest

from tests.faults.conftest import Say
from tests.faults.runs import command, environment, make_unit, sales_table
from tests.postgres_server import PASSWORD, postgres

__all__ = ["postgres"]

QUERY = "SELECT period, product, units FROM canary_sales ORDER BY product, period"


def unit(folder: Path, server: str, user: str = "planner", query: str = QUERY) -> Path:
    url = f"postgresql://{user}:${{ALIGNMENT_CANARY}}@{server}/postgres"
    return make_unit(folder, 1, source=f'source = {{ url = "{url}", query = "{query}" }}\n')


def everything_in(folder: Path) -> list[bytes]:
    """Bytes of every file, and of what compressed files hold."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        found += [path.name.encode(), data]
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                found += [book.read(name) for name in book.namelist()]
        if path.suffix == ".parquet":
            found.append(pd.read_parquet(path).to_csv().encode())
    return found


@pytest.mark.faults(sample=2, full=6)
def test_a_password_is_written_nowhere(postgres: str, tmp_path: Path, count: int, say: Say) -> None:
    host, port = postgres.split(":")
    with psycopg.connect(host=host, port=port, user="planner", password=PASSWORD, dbname="postgres") as base:
        base.execute("DROP TABLE IF EXISTS canary_sales")
        base.execute("CREATE TABLE canary_sales (period date, product text, units int)")
        rows = sales_table(1).astype({"units": int}).itertuples(index=False)
        base.cursor().executemany(
            "INSERT INTO canary_sales VALUES (%s, %s, %s)", [tuple(row) for row in rows]
        )
    wrong = PASSWORD + "-wrong"
    cases = [
        (unit(tmp_path / "a" / "sound", postgres), PASSWORD, 0, ["--jobs", "2"]),
        (unit(tmp_path / "b" / "refused", postgres), wrong, 2, []),
        (unit(tmp_path / "c" / "json", postgres), PASSWORD, 0, ["--json", "--no-report"]),
        (unit(tmp_path / "d" / "stranger", postgres, user="nobody"), wrong, 2, ["--json"]),
        (unit(tmp_path / "e" / "nowhere", "127.0.0.1:9"), PASSWORD, 2, []),
        (unit(tmp_path / "f" / "query", postgres, query="SELECT nothing FROM nowhere"), PASSWORD, 2, []),
    ]
    output, cache = tmp_path / "out", tmp_path / "out" / ".cache"
    said = []
    for folder, password, code, more in cases[:count]:
        done = subprocess.run(
            command([folder], output, cache, *more),
            capture_output=True,
            check=False,
            timeout=600,
            env=environment() | {"ALIGNMENT_CANARY": password},
        )
        assert done.returncode == code, done.stderr.decode()
        said += [done.stdout, done.stderr]
    places = everything_in(tmp_path) + said
    hits = sum(
        form.encode() in place for place in places for form in (PASSWORD, quote(PASSWORD, safe=""), wrong)
    )
    mentioned = sum(b"ALIGNMENT_CANARY" in place for place in places)
    say(
        "canary password of a source",
        f"{len(cases[:count])} runs, {len(places)} files, contents and outputs searched: {hits} hits",
    )
    assert hits == 0
    assert mentioned, "the search finds what is there"
    assert os.environ.get("ALIGNMENT_CANARY") is None
