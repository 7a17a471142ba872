"""Whatever is deleted, cut, copied, renamed or edited in an output folder is found; nothing else is."""

from __future__ import annotations

import os
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alignment_lib.app.batches.batch import run_unit
from alignment_lib.app.batches.request import BatchRequest
from alignment_lib.rounds.files import verify_rounds
from alignment_lib.rounds.files.round_ledger import read_ledger
from alignment_lib.rounds.files.verify_rounds import Verified, verify_output
from alignment_lib.rounds.round_life import ChosenRound, lock, sign
from tests.faults.conftest import Say
from tests.faults.runs import make_unit

Way = tuple[str, Callable[[], None]]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """Two units with two rounds, one of them with an earlier version, one signed, one locked."""
    folder = tmp_path_factory.mktemp("altered")
    output = folder / "out"
    for number, name in enumerate(("north", "south")):
        unit = make_unit(folder / name, number)
        for round_name, scenario in (
            ("2025Q4", "consensus"),
            ("2026Q1", "as_proposed"),
            ("2026Q1", "consensus"),
        ):
            request = BatchRequest((unit,), output, round_name, scenario=scenario, cache=cache, render=False)
            assert run_unit(request, unit).code == 0
    for name in ("north", "south"):
        chosen = ChosenRound(output / "2026Q1", name)
        for function in ("marketing", "sales"):
            sign(chosen, function=function, by=f"head of {function}")
    lock(ChosenRound(output / "2026Q1", "north"), by="finance")
    return output


def faults_in(output: Path) -> list[str]:
    return [fault for one in verify_output(output) for fault in one.faults]


def ways(output: Path, rng: random.Random) -> Iterator[Way]:
    """Every single alteration there is of these files and folders, in random order and places for ever."""
    files = sorted(
        path
        for path in output.rglob("*")
        if path.is_file() and path.name != "run.json" and not path.is_relative_to(output / ".cache")
    )
    texts = [path for path in files if path.suffix in (".json", ".jsonl", ".sha256", ".locked")]
    folders = sorted(path for path in output.glob("*/*") if path.is_dir())
    rounds = sorted(path for path in output.iterdir() if path.is_dir() and path.name[0] != ".")
    while True:
        one, other = rng.sample(texts, 2)
        file, folder = rng.choice(files), rng.choice(folders)
        whole = rng.choice(rounds)
        last = file.read_bytes().rstrip(b"\n").rpartition(b"\n")[0]
        yield f"delete {file.relative_to(output)}", lambda file=file: file.unlink()
        yield (
            f"cut {one.relative_to(output)}",
            lambda one=one: os.truncate(one, rng.randrange(one.stat().st_size)),
        )
        if file.suffix == ".jsonl" and last:
            yield (
                f"last line off {file.relative_to(output)}",
                lambda file=file, last=last: file.write_bytes(last + b"\n"),
            )
        if one.suffix == other.suffix and one.read_bytes() != other.read_bytes():
            yield (
                f"copy {one.relative_to(output)} over {other.relative_to(output)}",
                lambda one=one, other=other: shutil.copyfile(one, other),
            )
        yield f"edit {file.relative_to(output)}", lambda file=file: edit(file, rng)
        yield f"edit {one.relative_to(output)}", lambda one=one: edit(one, rng)
        yield (
            f"rename {file.relative_to(output)}",
            lambda file=file: file.rename(file.with_name(f"x{file.name}")),
        )
        yield f"delete folder {folder.relative_to(output)}", lambda folder=folder: shutil.rmtree(folder)
        yield (
            f"rename folder {folder.relative_to(output)}",
            lambda folder=folder: folder.rename(folder.with_name("west")),
        )
        yield (
            f"copy folder {folder.relative_to(output)}",
            lambda folder=folder: shutil.copytree(folder, folder.with_name("west")),
        )
        yield f"delete round {whole.name}", lambda whole=whole: shutil.rmtree(whole)
        yield f"rename round {whole.name}", lambda whole=whole: whole.rename(output / "2027Q2")
        yield f"copy round {whole.name}", lambda whole=whole: shutil.copytree(whole, output / "2027Q2")
        yield "put a version back", lambda: put_back(output)
        yield (
            f"add to {folder.relative_to(output)}",
            lambda folder=folder: (folder / "more.csv").write_text("1"),
        )


def edit(path: Path, rng: random.Random) -> None:
    data = path.read_bytes()
    place = rng.randrange(len(data))
    path.write_bytes(data[:place] + bytes([data[place] ^ rng.randint(1, 255)]) + data[place + 1 :])


def put_back(output: Path) -> None:
    unit = output / "2026Q1" / "south"
    shutil.rmtree(unit)
    shutil.copytree(output / "2026Q1" / "south~versions" / "0001", unit)


@pytest.mark.faults(sample=15, full=200)
def test_every_single_alteration_is_found(
    sound: Path, tmp_path: Path, count: int, rng: random.Random, say: Say
) -> None:
    assert faults_in(sound) == []
    unseen, tried, output = [], 0, tmp_path / "out"
    names: set[str] = set()
    while tried < count:
        shutil.copytree(sound, output)
        fresh = [way for way, _ in zip(ways(output, rng), range(15), strict=False)]
        name, alter = rng.choice(fresh)
        alter()
        tried += 1
        names.add(name)
        if not faults_in(output):
            unseen.append(name)
        shutil.rmtree(output)
    alarms = len(faults_in(sound))
    say(
        "single alterations of manifest, log, ledger, seal, lock, table or folder: deleted, cut, copied, "
        "renamed, edited",
        f"{tried} ways ({len(names)} different): {tried - len(unseen)} found by `alignment verify`, {alarms} "
        "false alarms",
    )
    assert unseen == []
    assert alarms == 0


def test_every_file_of_every_plan_and_version_is_missed(sound: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    shutil.copytree(sound, output)
    unseen = []
    for file in sorted(output.glob("2026Q1/south*/**/*")):
        if file.is_file() and file.name != "run.json":
            data = file.read_bytes()
            file.unlink()
            unseen += [file.name] if not _place_faults(output) else []
            file.write_bytes(data)
    assert unseen == []


def _place_faults(output: Path) -> list[Verified]:
    """Faults of the one round that the file belongs to, looked at once."""
    ledger = read_ledger(output)
    place = verify_rounds._Place(output / "2026Q1", "south", ledger)
    found = [verify_rounds._verify_round(place), *verify_rounds._verify_versions(place)]
    return [one for one in found if one.faults]


@pytest.mark.faults(sample=2, full=40)
def test_a_sound_folder_raises_no_alarm_while_runs_are_at_work(
    tmp_path: Path, cache: Path, count: int, say: Say
) -> None:
    output = tmp_path / "out"
    units = [make_unit(tmp_path / name, number) for number, name in enumerate(("north", "south"))]
    alarms, looks, done = [], 0, []

    def work(unit: Path) -> None:
        claim = (unit / "assumptions.csv").read_text()
        for turn in range(count):
            # Another plan each time: none is signed twice.
            (unit / "assumptions.csv").write_text(
                claim.replace("percent,0,10.0", f"percent,0,{10 + turn / 4}")
            )
            request = BatchRequest((unit,), output, "2026Q1", cache=cache, render=False, keep=2)
            assert run_unit(request, unit).code == 0
            sign(ChosenRound(output / "2026Q1", unit.name), function="sales", by="head of sales")
            done.append(unit.name)

    work_at = [threading.Thread(target=work, args=(unit,)) for unit in units]
    for thread in work_at:
        thread.start()
    while any(thread.is_alive() for thread in work_at):
        if (output / "ledger.jsonl").exists():
            alarms += faults_in(output)
            looks += 1
    for thread in work_at:
        thread.join()
    say("`alignment verify` beside live runs and signatures", f"{looks} looks: {len(alarms)} false alarms")
    assert len(done) == 2 * count
    assert alarms == []
    assert faults_in(output) == []
