"""Hours on the scenario page: memory does not grow, and nothing that was saved is lost."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from alignment_lib.planning.register.scenario_reading import read_scenarios
from tests.faults.conftest import Say
from tests.faults.runs import COMMAND, environment, make_unit

MOST_GROWTH = 0.10


@pytest.fixture
def page(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, str, Path]]:
    """The page of a small unit in a process of its own, opened to edit: process, port, token, workspace."""
    unit = make_unit(tmp_path / "unit", 1)
    words = [str(COMMAND), "app", str(unit), "--edit", "--no-browser", "--output", str(tmp_path / "out")]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment())
    assert process.stdout is not None
    told = re.search(r"127\.0\.0\.1:(\d+)/\?token=(\S+)", process.stdout.readline())
    assert told is not None
    yield process, told[1], told[2], unit
    process.terminate()
    process.wait(30)


def memory_of(process: subprocess.Popen[str]) -> int:
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def open_page(port: str, token: str) -> WebSocketClientConnection:
    cookie = {"Cookie": f"alignment_page_{port}={token}"}
    socket = await websocket_connect(HTTPRequest(f"ws://127.0.0.1:{port}/socket", headers=cookie))
    await hear(socket, "state")
    return socket


async def hear(socket: WebSocketClientConnection, *kinds: str) -> dict[str, object]:
    while True:
        message = json.loads(await asyncio.wait_for(socket.read_message(), 120))
        if message["type"] in kinds:
            return message


async def work(
    socket: WebSocketClientConnection, name: str, rng: random.Random, until: float, saved: dict[str, str]
) -> int:
    """Move sliders, undo, reset and now and then save, until the time is over; returns the moves made."""
    moves = 0
    while time.monotonic() < until:
        moves += 1
        kind = rng.choices(("set", "undo", "reset", "save"), (20, 2, 1, 1))[0]
        message: dict[str, object] = {"type": kind, "seq": moves}
        if kind == "set":
            message |= {"id": "A1", "value": rng.uniform(0, 40), "moving": rng.random() < 0.7}
        if kind == "save":
            message |= {"name": f"{name} {rng.randrange(20)}", "reason": f"because of {rng.random()}"}
            saved[str(message["name"])] = str(message["reason"])
        await socket.write_message(json.dumps(message))
        answer = await hear(socket, *(("notice",) if kind == "save" else ("figures",)))
        assert answer.get("kind") != "error", answer
    return moves


@pytest.mark.faults(sample=5, full=1800)
def test_memory_stays_and_nothing_is_lost(
    page: tuple[subprocess.Popen[str], str, str, Path], count: int, rng: random.Random, say: Say
) -> None:
    process, port, token, unit = page
    saved: dict[str, str] = {}

    async def run() -> tuple[int, int, int]:
        sockets = [await open_page(port, token) for _ in ("Ann", "Ben")]

        async def all_until(until: float) -> int:
            seeds = [random.Random(rng.random()) for _ in sockets]
            pairs = zip(sockets, ("Ann", "Ben"), seeds, strict=True)
            made = [work(one, name, chance, until, saved) for one, name, chance in pairs]
            return sum(await asyncio.gather(*made))

        # What is loaded once, and as much as an undo remembers, is there after a tenth of the time.
        before = await all_until(time.monotonic() + max(3, count / 10))
        first = memory_of(process)
        after = await all_until(time.monotonic() + count)
        last = memory_of(process)
        return first, last, before + after

    first, last, moves = asyncio.run(run())
    growth = last / first - 1
    found = {name: one.reason for name, one in read_scenarios(unit / "scenarios.yaml", ["A1"]).items()}
    lost = sum(found.get(name) != reason for name, reason in saved.items())
    say(
        "moves on the scenario page, 2 people, one editor",
        f"{count / 60:.1f} minutes, {moves:,} moves: memory {growth:+.1%} ({last / 1e6:.0f} MB), "
        f"{len(found)} scenarios saved again and again, {lost} lost",
    )
    assert lost == 0
    assert set(found) == set(saved)
    assert growth <= MOST_GROWTH or count < 60
