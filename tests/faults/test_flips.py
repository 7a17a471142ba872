"""A single flipped byte in a cache or a snapshot never becomes a number: recomputed or refused."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import Snapshot, find_rounds
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from tests.faults.conftest import Say
from tests.faults.runs import make_unit

Pair = dict[str, tuple[Path, dict[str, bytes]]]


def flip(path: Path, rng: random.Random) -> bytes:
    """Change one byte of a file; returns what it held before."""
    data = path.read_bytes()
    place = rng.randrange(len(data))
    path.write_bytes(data[:place] + bytes([data[place] ^ rng.randint(1, 255)]) + data[place + 1 :])
    return data


def same_forecast(one: Forecast, other: Forecast) -> bool:
    return (
        np.array_equal(one.baseline, other.baseline)
        and np.array_equal(one.samples, other.samples)
        and np.array_equal(one.naive, other.naive)
        and one.why.equals(other.why)
        and one.notices == other.notices
    )


@pytest.mark.faults(sample=10, full=200)
def test_a_flipped_byte_in_the_cache_is_recomputed(
    tmp_path: Path, count: int, rng: random.Random, say: Say
) -> None:
    unit = make_unit(tmp_path / "unit", 1)
    with (unit / "planning.toml").open("a") as settings:
        settings.write('[forecast]\nmethod = "theta"\n')  # Quick to compute again.
    files, wrong = flip_in_cache(unit, tmp_path / "cache", count, rng)
    say(
        "single-byte flips in cache files",
        f"{count} flips over {files} files: {wrong} wrong numbers; all recomputed",
    )
    assert wrong == 0


@pytest.mark.faults(sample=1, full=30)
def test_a_flipped_byte_in_the_cache_of_a_forecast_with_drivers_is_recomputed(
    tmp_path: Path, count: int, rng: random.Random, say: Say
) -> None:
    unit = make_unit(tmp_path / "unit", 1)
    with (unit / "planning.toml").open("a") as settings:
        settings.write('[drivers]\ncolumns = { deal = "promotion" }\n')
    months = pd.date_range("2022-01-01", "2026-03-01", freq="MS")
    calendar = pd.DataFrame({"period": months, "deal": (months.month % 5 == 3).astype(int)})
    calendar.to_csv(unit / "drivers.csv", index=False, date_format="%Y-%m-%d")
    files, wrong = flip_in_cache(unit, tmp_path / "cache", count, rng)
    say(
        "single-byte flips in cache files of a forecast with drivers",
        f"{count} flips over {files} files: {wrong} wrong numbers; all recomputed",
    )
    assert wrong == 0


def flip_in_cache(unit: Path, cache: Path, count: int, rng: random.Random) -> tuple[int, int]:
    """Files of the cache, and how many flips of a byte in one of them changed the forecast."""
    request = PlanRequest(unit, "2026Q1", cache=cache)
    right = prepare_round(request).forecast
    wrong = 0
    files = sorted(path for path in cache.rglob("*") if path.is_file())
    kept = {path: path.read_bytes() for path in files}
    for _ in range(count):
        flip(rng.choice(files), rng)
        wrong += not same_forecast(prepare_round(request).forecast, right)
        for path, data in kept.items():
            path.write_bytes(data)
    return len(files), wrong


@pytest.mark.faults(sample=100, full=800)
def test_a_flipped_byte_in_a_snapshot_is_refused(
    pair: Pair, tmp_path: Path, count: int, rng: random.Random, say: Say
) -> None:
    source = pair["before"][0].parent / "out" / "2026Q1" / "unit"
    folder = tmp_path / "out" / "2026Q1" / "unit"
    shutil.copytree(source, folder)
    right = {name: Snapshot(folder).read(name) for name in ("plan", "bridge", "odds", "assumptions")}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")
    unseen = wrong = 0
    for _ in range(count):
        path = rng.choice(files)
        kept = flip(path, rng)
        unseen += not is_seen(Snapshot(folder))
        wrong += count_wrong(folder, right)
        path.write_bytes(kept)
    say(
        "single-byte flips in snapshot files",
        f"{count} flips over {len(files)} files: {wrong} wrong numbers read, {unseen} not found by "
        "`alignment verify`",
    )
    assert (wrong, unseen) == (0, 0)


def is_seen(snapshot: Snapshot) -> bool:
    try:
        return bool(snapshot.altered_files())
    except InputError:
        return True


def count_wrong(folder: Path, right: dict[str, pd.DataFrame]) -> int:
    """Tables that are read as something else than was published."""
    wrong = 0
    for snapshot in find_rounds([folder.parents[1]]):
        for name, frame in right.items():
            try:
                wrong += not snapshot.read(name).equals(frame)
            except InputError:
                continue
    return wrong
