"""The committed files are what the generator writes."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.generator import Demo, draw_demo
from data.generator.__main__ import main
from data.generator.files import render_demo, render_table, write_changed
from data.generator.written import DEMO_FOLDER

FILES = sorted(
    path.relative_to(DEMO_FOLDER).as_posix()
    for path in DEMO_FOLDER.rglob("*")
    if path.is_file() and not path.name.startswith(".") and path.relative_to(DEMO_FOLDER).parts[0] != "rounds"
)


@pytest.fixture(scope="module")
def drawn(demo: Demo) -> dict[str, bytes]:
    return render_demo(demo)


def content(name: str, data: bytes) -> bytes:
    return gzip.decompress(data) if name.endswith(".gz") else data


def test_the_folder_holds_what_is_drawn_and_nothing_else(drawn: dict[str, bytes]) -> None:
    assert set(FILES) == set(drawn)


@pytest.mark.parametrize("name", FILES)
def test_a_redraw_equals_the_committed_file_to_the_byte(name: str, drawn: dict[str, bytes]) -> None:
    assert content(name, (DEMO_FOLDER / name).read_bytes()) == content(name, drawn[name])


def test_two_draws_give_the_same_bytes_packed_ones_too(drawn: dict[str, bytes]) -> None:
    assert render_demo(draw_demo()) == drawn


def test_another_seed_gives_other_sales_and_the_same_written_tables(drawn: dict[str, bytes]) -> None:
    other = render_demo(draw_demo(7))
    assert other["sales.csv"] != drawn["sales.csv"]
    assert other["assumptions.csv"] == drawn["assumptions.csv"]


def test_packed_files_bear_neither_time_nor_name(drawn: dict[str, bytes]) -> None:
    packed = [data for name, data in drawn.items() if name.endswith(".gz")]
    assert len(packed) == 6
    assert all(data[3] == 0 and data[4:8] == bytes(4) for data in packed)


def test_the_folder_stays_below_two_megabytes() -> None:
    assert sum((DEMO_FOLDER / name).stat().st_size for name in FILES) < 2_000_000


def test_the_command_writes_a_whole_workspace_and_then_nothing_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], drawn: dict[str, bytes]
) -> None:
    assert main([str(tmp_path / "copy")]) == 0
    assert main([str(tmp_path / "copy")]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(f"{len(drawn)} files, {len(drawn)} written")
    assert second.endswith(f"{len(drawn)} files, 0 written")
    assert {p.relative_to(tmp_path / "copy").as_posix() for p in (tmp_path / "copy").rglob("*.*")} == set(
        drawn
    )


def test_only_a_changed_file_is_written_again(tmp_path: Path) -> None:
    files = {"a.csv": b"x\n1\n", "b.csv.gz": gzip.compress(b"y\n", mtime=0)}
    assert write_changed(tmp_path, files) == ["a.csv", "b.csv.gz"]
    (tmp_path / "a.csv").write_bytes(b"edited")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"y\n", compresslevel=1, mtime=5))
    assert write_changed(tmp_path, files) == ["a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"x\n1\n"


def test_a_damaged_packed_file_is_written_again(tmp_path: Path) -> None:
    files = {"b.csv.gz": gzip.compress(b"y\n", mtime=0)}
    (tmp_path / "b.csv.gz").write_bytes(files["b.csv.gz"][:-9])
    assert write_changed(tmp_path, files) == ["b.csv.gz"]


def test_cells_are_rendered_plainly() -> None:
    table = pd.DataFrame(
        {
            "created": pd.to_datetime(["2026-01-05 08:30", None]),
            "period": pd.to_datetime(["2026-01-05", "2026-01-12"]),
            "price": [1.005, np.nan],
            "share": [0.1, -0.0],
            "units": [3, 4],
            "title": ["a, b", None],
        }
    )
    assert render_table(table, {"price": 2, "share": 1}) == (
        b"created,period,price,share,units,title\n"
        b'2026-01-05 08:30,2026-01-05,1.00,0.1,3,"a, b"\n'
        b",2026-01-12,,0.0,4,\n"
    )


def test_parameters_hold_the_funnel_the_actions_and_the_season() -> None:
    parameters = json.loads((DEMO_FOLDER / "truth" / "parameters.json").read_text(encoding="utf-8"))
    assert parameters["funnel"]["wait_slope"] == -0.75
    assert parameters["season"]["holidays"]["beans"]["easter"] == 0.18
    assert {action["id"] for action in parameters["actions"]} >= {"X1", "R25Q2-3", "R26Q1-13"}
