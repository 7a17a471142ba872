"""An analyst's words on the cached demo: the import, a round opened, one change after the other.

Run with ``python -m benchmarks.words_speed``. Every reading is by the processor's clock as well, which other
programs of the machine do not lengthen.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
_DEMO = ROOT / "data" / "demo"
_OPEN = (
    "import time; t, c = time.perf_counter(), time.process_time(); import alignment_lib as al; "
    "{more}; print(time.perf_counter() - t, time.process_time() - c)"
)
_TIMES = 200


def _fresh(more: str, repeats: int = 3) -> tuple[float, float]:
    """Least seconds by the clock and of processor time, each in a process of its own."""
    runs = []
    for _ in range(repeats):
        code = _OPEN.format(more=more)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
        )
        runs.append(tuple(map(float, done.stdout.split())))
    return min(run[0] for run in runs), min(run[1] for run in runs)


def _each(change: Callable[[int], float]) -> str:
    """Milliseconds of a change and its plan: median and 95th percentile, processor time in brackets."""
    clock, used = [], []
    for number in range(_TIMES):
        begun, spent = time.perf_counter(), time.process_time()
        change(number)
        clock.append(1000 * (time.perf_counter() - begun))
        used.append(1000 * (time.process_time() - spent))
    return (
        f"median {np.median(clock):.1f} ms ({np.median(used):.1f} ms), "
        f"p95 {np.quantile(clock, 0.95):.1f} ms ({np.quantile(used, 0.95):.1f} ms)"
    )


def main() -> None:
    """Measure and print."""
    import alignment_lib as al

    with tempfile.TemporaryDirectory() as cache:
        r = al.open_round(_DEMO, "2026Q1", cache=cache)
        seconds, used = _fresh("al")
        print(f"import alignment_lib: {seconds:.3f} s ({used:.3f} s); reach 0.05 s")
        words = f"al.open_round({str(_DEMO)!r}, '2026Q1', cache={cache!r})"
        imported, own = _fresh("from alignment_lib.app.analyst import words")
        seconds, used = _fresh(words)
        print(
            f"al.open_round, baseline cached: {seconds - imported:.2f} s ({used - own:.2f} s), and "
            f"{imported:.2f} s ({own:.2f} s) for the libraries it needs; reach 1.5 s"
        )
    first = r.scenario("consensus")
    print(
        "another value, the plan anew: "
        f"{_each(lambda n: first.change('R26Q1-05', value=3 + n / 100).total)}; reach 10 ms"
    )
    print(
        "other dates, the plan anew: "
        f"{_each(lambda n: first.change('R26Q1-04', start=f'2026-02-{1 + n % 28:02}').total)}; reach 10 ms"
    )
    live, choices = r.work.live, r.work.live.start_from("consensus")
    from alignment_lib.rounds.live.choices import set_value

    print(
        "a slider of the explorer, the plan anew: "
        f"{_each(lambda n: live.evaluate(set_value(choices, 'R26Q1-05', 3 + n / 100)).total)}; reach 10 ms"
    )


if __name__ == "__main__":
    main()
