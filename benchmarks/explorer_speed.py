"""Slider to charts in a real browser: how long a move takes to be drawn, and whether memory grows.

Run with ``python -m benchmarks.explorer_speed [--moves 1000]``. Two rounds are measured: the demo's 30
series × 53 weeks, and the same made 1,000 series wide.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.app.explorer.session import Session
from alignment_lib.app.page import PageServer
from alignment_lib.planning.plan.levels import find_levels
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, PreparedRound, Stages, prepare_round
from benchmarks.page import Section, write_section

DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"
_MEASURE = """async (moves) => {
  const root = document.getElementById('explorer');
  const shown = [...document.querySelectorAll('li:not([hidden])')];
  const rows = shown.filter((row) => row.querySelector(':checked'));
  const row = rows.find((one) => one.textContent.includes('all sales')) || rows[0];
  const slider = row.querySelector('[type=range]');
  const least = Number(slider.min), most = Number(slider.max), step = Number(slider.step);
  const shown_at = [], drawn = [], odds = [];
  for (let move = 0; move < moves; move++) {
    const share = 0.5 + 0.4 * Math.sin(move / 3);
    const begun = performance.now();
    const before = root.dataset.answered;
    slider.value = least + Math.round((share * (most - least)) / step) * step;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    while (root.dataset.answered === before) await new Promise((next) => setTimeout(next, 2));
    await new Promise((next) => requestAnimationFrame(next));
    shown_at.push(performance.now() - begun);
    while (Number(root.dataset.drawn || 0) < Number(root.dataset.answered))
      await new Promise((next) => setTimeout(next, 2));
    await new Promise((next) => requestAnimationFrame(next));
    drawn.push(performance.now() - begun);
    if (move % 20 === 19) {
      while (root.dataset.stale !== 'false' && performance.now() - begun < 10000)
        await new Promise((next) => setTimeout(next, 5));
      odds.push(performance.now() - begun);
    }
  }
  return { shown: shown_at, drawn, odds, heap: performance.memory ? performance.memory.usedJSHeapSize : 0 };
}"""

_ACT = """async (acts) => {
  const root = document.getElementById('explorer');
  const found = [];
  const answer = async (act) => {
    const begun = performance.now(), before = root.dataset.answered;
    act();
    while (root.dataset.answered === before) await new Promise((next) => setTimeout(next, 2));
    await new Promise((next) => requestAnimationFrame(next));
    found.push(performance.now() - begun);
    // As a person would, the next one comes when the charts are there.
    while (Number(root.dataset.drawn || 0) < Number(root.dataset.answered))
      await new Promise((next) => setTimeout(next, 2));
  };
  // Actions that the calendar holds and that count, each dropped, and taken back.
  const rows = [...document.querySelectorAll('li:not([hidden])')].filter((row) =>
    row.querySelector('.ax-move') && row.querySelector('[value=counts]:checked'));
  for (const row of rows) {
    await answer(() => row.querySelector('[value=dropped]').click());
    await answer(() => row.querySelector('[value=counts]').click());
  }
  // Then moved: a strength that has not been asked for before is worked out anew.
  for (let act = 0; act < acts; act++) {
    const form = rows[act % rows.length].querySelector('.ax-move');
    form.querySelector('[type=number]').value = (0.5 + 0.4 * act / acts).toFixed(6);
    await answer(() => form.requestSubmit());
  }
  return { acted: found, faults: document.querySelectorAll('.ax-notice.ax-error').length };
}"""


def widen(ready: PreparedRound, series: int) -> PreparedRound:
    """The round with its series repeated, each time in another store, until there are `series`."""
    horizon, grid = ready.horizon, ready.horizon.grid
    copies = -(-series // len(grid.keys))
    known = horizon.samples.shape[1]
    keys = pd.concat([grid.keys.assign(store=f"S{number}") for number in range(copies)], ignore_index=True)
    # Series without samples stand at the end.
    is_known = np.tile(np.arange(len(grid.keys)) < known, copies)
    order = np.argsort(~is_known, kind="stable")[:series]
    values = {one.name: getattr(grid, one.name) for one in fields(grid)}
    tiled = {name: _tile(value, len(grid.keys), copies, order) for name, value in values.items()}
    wide_grid = replace(grid, **{**tiled, "keys": keys.iloc[order].reset_index(drop=True)})
    wide = replace(
        horizon,
        grid=wide_grid,
        samples=np.tile(horizon.samples, (1, copies, 1))[:, : int(is_known[order].sum())],
        naive=np.tile(horizon.naive, (copies, 1))[order],
        closed=np.tile(horizon.closed, (copies, 1))[order],
        levels=find_levels(wide_grid.keys),
    )
    # Costs and budgets of the demo's own series fit no other; what they cost a move is measured on the demo.
    return replace(ready, horizon=wide, money=None, spending=None)


def _tile(value: Any, series: int, copies: int, order: np.ndarray) -> Any:
    """Arrays of one row per series repeated, also inside mappings; anything else as it is."""
    if isinstance(value, dict):
        return {name: _tile(one, series, copies, order) for name, one in value.items()}
    if isinstance(value, np.ndarray) and value.shape[:1] == (series,):
        return np.tile(value, (copies,) + (1,) * (value.ndim - 1))[order]
    return value


def measure(moves: int, cache: Path, series: int = 0) -> dict[str, Any]:
    """Move a slider `moves` times on a page of the demo's round, widened to `series` where given."""
    from playwright.sync_api import sync_playwright

    def prepare(request: PlanRequest, stages: Stages) -> PreparedRound:
        ready = prepare_round(request, stages)
        return widen(ready, series) if series else ready

    server, stop = _start(prepare, cache)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        page = browser.new_context(bypass_csp=True, viewport={"width": 1360, "height": 950}).new_page()
        page.goto(server.address)
        page.wait_for_selector(
            '#explorer[data-decided][data-stale="false"], .ax-notice.ax-error', timeout=180_000
        )
        if page.locator(".ax-notice.ax-error").count():
            raise SystemExit(page.locator(".ax-notice.ax-error").first.inner_text())
        page.evaluate(_MEASURE, 40)
        heap, memory, spent = _heap(page), _resident(), time.process_time()
        found = page.evaluate(_MEASURE, moves)
        cost = 1000 * (time.process_time() - spent) / moves
        spent = time.process_time()
        # Series copied for their number alone have no calendar of their own to act on.
        acted = page.evaluate(_ACT, max(moves // 10, 20)) if not series else {"acted": [np.nan], "faults": 0}
        found["acted"] = acted["acted"]
        act_cost = 1000 * (time.process_time() - spent) / len(found["acted"])
        if acted["faults"]:
            raise SystemExit(page.locator(".ax-notice.ax-error").first.inner_text())
        growth = {"page": _heap(page) / heap - 1, "server": _resident() / memory - 1}
        browser.close()
    stop()
    kept = {name: found[name] for name in ("shown", "drawn", "odds", "acted")}
    return kept | {"growth": growth, "cost": cost, "act_cost": act_cost}


def answer_costs(ready: PreparedRound, moves: int) -> dict[str, np.ndarray]:
    """Processor time of the figures' own thread for slider moves, and for actions never asked before."""
    live = LiveRound(ready)
    session = Session(live, lambda message: None, can_edit=False)
    ids = [row.id for row in live.register if row.id in session.figures.values]
    acting = [name for name in ids if live.is_in_calendar(name)]
    session.receive({"type": "drop", "id": acting[0]})
    session.receive({"type": "switch", "id": acting[0], "on": True})
    slid = [{"type": "set", "id": ids[0], "value": 1.0 + at / moves} for at in range(moves)]
    acted: list[dict[str, Any]] = [{"type": "drop", "id": name} for name in acting]
    acted += [
        {"type": "move", "id": acting[at % len(acting)], "scale": 0.5 + 0.4 * at / moves}
        for at in range(moves // 5)
    ]
    found = {}
    for name, messages in (("slider", slid), ("action", acted)):
        spent = []
        for message in messages:
            begun = time.thread_time()
            session.receive(message)
            spent.append(1000 * (time.thread_time() - begun))
        found[name] = np.array(spent)
    session.close()
    return found


def _heap(page: Any) -> float:
    """Live bytes of the page after its garbage was collected."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"])


def _start(
    prepare: Callable[[PlanRequest, Stages], PreparedRound], cache: Path
) -> tuple[PageServer, Callable[[], None]]:
    server = PageServer(ask_round(DEMO, cache=cache), prepare=prepare)
    ready = threading.Event()
    threading.Thread(target=server.run, args=(lambda address: ready.set(),), daemon=True).start()
    ready.wait()
    return server, server.stop


def _resident() -> float:
    gc.collect()
    with Path("/proc/self/statm").open(encoding="ascii") as file:
        return float(file.read().split()[1])


_COLUMNS = (
    "round",
    "figures p50",
    "figures p95",
    "reach",
    "charts p50",
    "charts p95",
    "reach",
    "odds p50",
    "odds p95",
    "reach",
    "action p50",
    "action p95",
    "reach",
    "page",
    "server",
    "cpu",
    "action cpu",
)
_HEAD = f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}"
_ROUNDS = (
    ("demo, 30 series × 53 weeks", 0, (60, 200, 80)),
    ("1,000 series × 53 weeks", 1000, (None, 350, None)),
)


def line_of(label: str, reach: tuple[int | None, int, int | None], found: dict[str, Any]) -> str:
    """One round as a line of the table; times in milliseconds."""
    cells = [label]
    for name, within in (("shown", reach[0]), ("drawn", reach[1]), ("odds", 1000), ("acted", reach[2])):
        cells += [f"{np.median(found[name]):.0f}", f"{np.quantile(found[name], 0.95):.0f}", f"{within or ''}"]
    cells += [f"{found['growth']['page']:+.1%}", f"{found['growth']['server']:+.1%}"]
    cells += [f"{found['cost']:.0f}", f"{found['act_cost']:.0f}"]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure both rounds and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=1000)
    parser.add_argument("--cache", type=Path, default=Path("reports/.cache"))
    parser.add_argument("--print-only", action="store_true")
    asked = parser.parse_args()
    busy = os.getloadavg()[0]
    lines = [
        line_of(label, reach, measure(asked.moves, asked.cache, series)) for label, series, reach in _ROUNDS
    ]
    state = (
        "an otherwise idle machine" if busy < 0.7 else f"a machine under load ({busy:.1f} before it began)"
    )
    costs = answer_costs(prepare_round(ask_round(DEMO, cache=asked.cache)), asked.moves)
    own = "; ".join(
        f"{name} {np.median(spent):.0f} (p95 {np.quantile(spent, 0.95):.0f})" for name, spent in costs.items()
    )
    table = "\n".join([_HEAD, *lines, "", f"Processor time of the figures alone, demo, milliseconds: {own}."])
    text = (
        f"{asked.moves:,} moves of a slider in Chromium, server and browser on the same 2 cores of {state}; "
        "milliseconds from the move to its figures, to all charts in sight redrawn, and to the odds after "
        "it. `page` and `server`: growth of their memory over the moves, after garbage was collected; reach "
        "10 %. `action`: an action of the demo dropped, taken back, or made weaker with its calendar, to its "
        "figures. `cpu`: the server's processor time for a move, or for an action, and the odds after it.\n\n"
        + table
    )
    print(text)
    if not asked.print_only:
        write_section(Section("explorer_speed", "Scenario explorer in a real browser", text))


if __name__ == "__main__":
    main()
