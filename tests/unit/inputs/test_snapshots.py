"""A published round is described once and believed only as far as its manifest vouches for it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.inputs.configuration.settings import PUBLISHED_NAMES
from alignment_lib.inputs.dictionary import load_dictionary
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshot_tables import SNAPSHOT_TABLES, canonical_frame
from alignment_lib.inputs.snapshots import MANIFEST, MANIFEST_KEYS, Snapshot, find_rounds, hash_bytes

STREAMS = pd.DataFrame(
    {"stream": ["naive"], "period": [pd.Timestamp("2026-01-01")], "product": ["A"], "value": [5.0]}
)


def publish(folder: Path, **changes: object) -> Snapshot:
    """A published round of one table and one page."""
    folder.mkdir(parents=True)
    STREAMS.to_parquet(folder / "streams.parquet")
    (folder / "report.html").write_text("<p>plan</p>")
    files = {path.name: hash_bytes(path.read_bytes()) for path in folder.iterdir()}
    manifest = dict.fromkeys(MANIFEST_KEYS, "") | {
        "round": folder.parent.name,
        "unit": folder.name,
        "dimensions": ["product"],
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest | changes))
    return Snapshot(folder)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return publish(tmp_path / "2026Q1" / "coffee")


def test_the_files_of_the_contract_are_described() -> None:
    assert {table.file for table in SNAPSHOT_TABLES.values()} >= {
        *("plan.parquet", "bridge.parquet", "odds.parquet", "assumptions.parquet", "evidence.parquet"),
        *("streams.parquet", "funnel.parquet", "record.parquet", "coverage.parquet"),
        *("sensitivity.parquet", "precision.parquet", "switches.parquet", "combinations.parquet"),
        *("decisions.parquet", "weak_points.parquet", "variance.parquet", "value_added.parquet"),
        "payout.parquet",
    }
    names = [column.name for column in SNAPSHOT_TABLES["plan"].columns]
    assert names == [
        *("round", "scenario", "period", "{dimension}", "baseline", "plan"),
        *("p2_5", "p10", "p50", "p90", "p97_5", "revenue"),
    ]
    assert all(column.description for table in SNAPSHOT_TABLES.values() for column in table.columns)


def test_the_register_is_published_with_the_columns_of_the_dictionary() -> None:
    columns = {column.name for column in SNAPSHOT_TABLES["assumptions"].columns}
    assert columns == {field.column for field in load_dictionary()["assumptions"]}


def test_no_dimension_may_bear_the_name_of_a_published_column() -> None:
    for name in ("plan", "bridge", "odds", "streams"):
        described = {column.name for column in SNAPSHOT_TABLES[name].columns} - {"{dimension}"}
        allowed = {"round", "period", "revenue", "start", "target"}  # reserved by the tables themselves
        assert described - allowed <= PUBLISHED_NAMES


def test_a_table_is_read_back_as_it_was_published(snapshot: Snapshot) -> None:
    pd.testing.assert_frame_equal(snapshot.read("streams"), STREAMS)
    assert (snapshot.round, snapshot.unit, snapshot.dimensions) == ("2026Q1", "coffee", ("product",))
    assert snapshot.has("streams")
    assert not snapshot.has("plan")
    assert snapshot.altered_files() == []


def test_what_a_reader_adds_to_a_table_is_not_there_for_the_next(snapshot: Snapshot) -> None:
    first = snapshot.read("streams")
    first["round"] = "2026Q1"
    assert list(snapshot.read("streams")) == ["stream", "period", "product", "value"]


def test_an_altered_file_is_never_believed(snapshot: Snapshot) -> None:
    path = snapshot.folder / "streams.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(InputError) as caught:
        snapshot.read("streams")
    assert str(caught.value) == (
        "2026Q1/coffee/streams.parquet: found bytes that differ from those published, expected a round "
        "as it was "
        "published; publish the round again"
    )
    assert snapshot.altered_files() == ["streams.parquet"]


def test_a_missing_file_is_named(snapshot: Snapshot) -> None:
    (snapshot.folder / "streams.parquet").unlink()
    with pytest.raises(InputError, match=r"2026Q1/coffee/streams\.parquet: found no such file, expected"):
        snapshot.read("streams")


def test_a_table_outside_the_manifest_is_not_read(snapshot: Snapshot) -> None:
    STREAMS.to_parquet(snapshot.folder / "plan.parquet")
    with pytest.raises(InputError, match=r"plan\.parquet: found no such file in the manifest"):
        snapshot.read("plan")


def test_a_table_of_another_form_is_named(tmp_path: Path) -> None:
    snapshot = publish(tmp_path / "2026Q1" / "coffee", dimensions=["store"])
    with pytest.raises(
        InputError, match=r"found a table of another form \(streams\.parquet needs a column 'store'"
    ):
        snapshot.read("streams")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "no readable manifest"),
        ("{", "no readable manifest"),
        ("[" * 100_000, "no readable manifest"),
        ("[]", "a manifest without all of its keys"),
        ("{}", "a manifest without all of its keys"),
        (json.dumps(dict.fromkeys(MANIFEST_KEYS, "")), "a manifest without a list of files"),
    ],
)
def test_a_manifest_that_is_not_ours_is_named(tmp_path: Path, content: str | None, found: str) -> None:
    folder = tmp_path / "2026Q1" / "coffee"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / MANIFEST).write_text(content)
    with pytest.raises(InputError) as caught:
        Snapshot(folder).read("plan")
    assert str(caught.value).startswith(f"2026Q1/coffee/manifest.json: found {found}, expected a round")


def test_the_hash_of_a_round_is_that_of_its_manifest(snapshot: Snapshot) -> None:
    before = snapshot.hash
    assert before == hash_bytes((snapshot.folder / MANIFEST).read_bytes())
    (snapshot.folder / MANIFEST).write_text("{}")
    assert Snapshot(snapshot.folder).hash != before


def test_rounds_are_found_in_order_and_the_first_folder_wins(tmp_path: Path) -> None:
    new, old = tmp_path / "out", tmp_path / "rounds"
    for folder in (new / "2026Q1" / "b", new / "2026Q1" / "a", old / "2026Q1" / "a", old / "2025Q4" / "a"):
        publish(folder)
    (new / "notes" / "a").mkdir(parents=True)
    (new / "notes" / "a" / MANIFEST).write_text("{}")
    (new / "2026Q2" / "unfinished").mkdir(parents=True)
    found = find_rounds([new, old, tmp_path / "nowhere"])
    assert [(item.round, item.unit) for item in found] == [("2025Q4", "a"), ("2026Q1", "a"), ("2026Q1", "b")]
    assert found[1].folder == new / "2026Q1" / "a"
    assert [item.round for item in find_rounds([new, old], unit="a")] == ["2025Q4", "2026Q1"]


def test_columns_are_put_in_order_and_typed() -> None:
    given = pd.DataFrame(
        {"value": [1], "product": pd.Categorical(["A"]), "period": ["2026-01-01"], "stream": ["naive"]}
    )
    frame = canonical_frame("streams", given, ["product"])
    assert list(frame) == ["stream", "period", "product", "value"]
    assert [str(kind) for kind in frame.dtypes] == ["object", "datetime64[ns]", "object", "float64"]


def test_text_stays_as_it_is_and_numbers_among_it_become_text() -> None:
    whole, mixed = (
        canonical_frame("streams", STREAMS.assign(product=pd.Series([value], dtype=object)), ["product"])
        for value in ("7", 7)
    )
    pd.testing.assert_frame_equal(whole, mixed)


def test_missing_text_is_blank() -> None:
    frame = canonical_frame("streams", STREAMS.assign(product=[None]), ["product"])
    assert frame["product"].tolist() == [""]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (STREAMS.drop(columns="value"), r"streams\.parquet needs a column 'value'; the frame has \['stream'"),
        (STREAMS.assign(extra=1), r"streams\.parquet has no column 'extra'; it holds \['stream', 'period'"),
    ],
)
def test_a_frame_that_does_not_fit_the_description_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        canonical_frame("streams", frame, ["product"])


def test_optional_columns_may_be_absent_and_extra_ones_follow_where_allowed() -> None:
    columns = list(SNAPSHOT_TABLES["evidence"].columns)
    frame = pd.DataFrame({column.name: [0 if column.type != "text" else "A1"] for column in columns})
    assert list(canonical_frame("evidence", frame.assign(owner="x"), []))[-1] == "owner"
