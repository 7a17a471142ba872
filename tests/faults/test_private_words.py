"""Ids of customers and leads, handlers and free reasons reach no published output, log or cache."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

from tests.commands import run_here
from tests.faults.conftest import Say
from tests.faults.runs import COMMAND, command, make_unit
from tests.faults.test_canary import everything_in

LEADS = 60
CANARIES = ("qzxlead", "qzxcustomer", "qzxhandler", "qzxreason")


def make_private_unit(folder: Path, rng: random.Random) -> Path:
    """A unit whose leads, contacts, capacity and transactions bear canaries where people are named."""
    unit = make_unit(folder, 1)
    days = pd.date_range("2025-01-06 09:00", "2025-12-01 09:00", periods=LEADS)
    names = [f"qzxlead{number:03d}" for number in range(LEADS)]
    hand = [f"qzxhandler{rng.randrange(4)}" for _ in names]
    ways = [rng.choice(["won", "lost", "", "rejected"]) for _ in names]
    later = {
        delay: [f"{day + pd.Timedelta(delay):%Y-%m-%d %H:%M}" for day in days]
        for delay in ("1D", "5D", "20D")
    }

    def when(column: str, *fitting: str) -> list[str]:
        return [moment if way in fitting else "" for moment, way in zip(later[column], ways, strict=True)]

    leads = {
        "lead_id": names,
        "created": [f"{day:%Y-%m-%d %H:%M}" for day in days],
        "source": [rng.choice(["web", "fair"]) for _ in names],
        "customer": [f"qzxcustomer{number:03d}" for number in range(LEADS)],
        "handler": hand,
        "accepted_at": when("1D", "won", "lost", ""),
        "rejected_at": when("1D", "rejected"),
        "rejected_reason": ["qzxreason nobody there" if way == "rejected" else "" for way in ways],
        "opportunity_at": when("5D", "won", "lost"),
        "closed_at": when("20D", "won", "lost"),
        "outcome": [way if way in ("won", "lost") else "" for way in ways],
        "amount": ["100" if way == "won" else "" for way in ways],
        "product": [rng.choice(["Chair", "Table"]) for _ in names],
    }
    contacts = {"lead_id": names, "at": later["1D"], "reached": ["yes", "no"] * (LEADS // 2), "handler": hand}
    capacity = {
        "period": [f"2025-{month:02d}-01" for month in range(1, 13)],
        "handler": [f"qzxhandler{month % 4}" for month in range(1, 13)],
        "leads": ["9"] * 12,
    }
    bought = {
        "date": [f"{day:%Y-%m-%d}" for day in days],
        "customer": [f"qzxcustomer{rng.randrange(30):03d}" for _ in names],
        "amount": ["100"] * LEADS,
        "product": leads["product"],
    }
    tables = {"leads": leads, "contacts": contacts, "capacity": capacity, "transactions": bought}
    for name, table in tables.items():
        pd.DataFrame(table).to_csv(unit / f"{name}.csv", index=False)
    return unit


@pytest.mark.faults(sample=1, full=5)
def test_who_is_meant_is_written_nowhere(tmp_path: Path, count: int, rng: random.Random, say: Say) -> None:
    hits, files, told = [], 0, 0
    for turn in range(count):
        unit = make_private_unit(tmp_path / f"in{turn}" / "unit", rng)
        output, cache = tmp_path / f"out{turn}", tmp_path / f"out{turn}" / ".cache"
        plan = run_here(command([unit], output, cache, "--json"))
        assert plan.returncode == 0, plan.stderr
        where = ["--output", str(output)]
        more = [run_here([str(COMMAND), *words, *where]) for words in (["review", str(unit)], ["status"])]
        more += [run_here([str(COMMAND), "meeting", str(unit), *where])]
        said = [text.encode() for one in (plan, *more) for text in (one.stdout, one.stderr)]
        places = everything_in(output) + said
        files += len(places)
        told += sum(b"fair" in place for place in places)
        found = [(name, place) for place in places for name in CANARIES if name.encode() in place.lower()]
        hits += [f"{name} in {place[:60]!r}" for name, place in found]
    say(
        "canary ids of customers and leads, handlers and reasons of rejection",
        f"{count} rounds with report, review and meeting, {files} files, contents and outputs searched: "
        f"{len(hits)} hits",
    )
    assert hits == []
    assert told, "the search finds what is there"
