"""Drawing a chart for a page, both widths: how long, and how many bytes. ``python -m benchmarks.charts``."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.claim_evidence import ClaimPicture, draw_claims
from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.charts.required_bars import draw_required_bars
from alignment_lib.answers.charts.series_lines import draw_series
from alignment_lib.answers.charts.small_multiples import draw_small_multiples
from alignment_lib.answers.charts.tornado import draw_tornado
from alignment_lib.answers.charts.value_ladder import draw_value_ladder
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall

_TIMES = 20
_MONTHS = [f"{2025 + n // 12}-{n % 12 + 1:02d}" for n in range(18)]


def _spans() -> pd.DataFrame:
    past = np.arange(18) < 12
    level = 20_000 + 300.0 * np.arange(18)
    frame = pd.DataFrame({"label": _MONTHS, "actual": np.where(past, level, np.nan), "prior": 0.9 * level})
    for column, share in (("baseline", 1.0), ("plan", 1.05), ("p10", 0.9), ("p90", 1.2), ("target", 1.1)):
        frame[column] = np.where(past, np.nan, share * level)
    return frame


def _charts() -> dict[str, Callable[[], Chart]]:
    changes = [Step(f"R26Q1-{n:02d} Assumption number {n}", 900.0 - 150 * n, "change") for n in range(12)]
    steps = [Step("Baseline", 60_000, "forecast"), *changes, Step("Plan", 60_900, "plan")]
    swings = pd.DataFrame({"label": [step.label for step in changes], "low": -400.0, "high": 600.0})
    parts = pd.concat([_spans().assign(member=f"store {n}") for n in range(8)])
    claims = [ClaimPicture(f"A{n} Feature", "supported", "%", 20, 30, 40, 28, 20, 36) for n in range(8)]
    leads = pd.DataFrame({"label": _MONTHS[:12], "required": 300.0, "available": 250.0, "capacity": 280.0})
    weeks = pd.DataFrame({"period": pd.date_range("2023-01-02", periods=170, freq="7D"), "original": 50.0})
    ladder = pd.DataFrame(
        {"stream": ["naive", "baseline", "consensus"], "against": ["", "naive", "baseline"]}
    )
    ladder = ladder.assign(wape=[0.2, 0.15, 0.12], value_added_share=[np.nan, 0.05, 0.03])
    odds = {"plan": 100.0, "p10": 90.0, "p50": 99.0, "p90": 110.0, "target": 104.0, "probability": 0.3}
    what = {"name": "x", "title": "Title", "unit": "units"}
    return {
        "bridge of 14 rows": lambda: draw_waterfall(steps, period="2026Q1", target=63_000.0, **what),
        "plan over 18 months": lambda: draw_fan(_spans(), **what),
        "odds": lambda: draw_odds_strip(odds, period="2026Q1", **what),
        "12 swings": lambda: draw_tornado(swings, period="2026Q1", **what),
        "8 parts × 18 months": lambda: draw_small_multiples(parts, **what),
        "8 claims": lambda: draw_claims(claims, name="x", title="Title", period="2026Q1"),
        "leads of 12 months": lambda: draw_required_bars(leads, **what),
        "a series of 170 weeks": lambda: draw_series(weeks.assign(cleaned=50.0), **what),
        "value added": lambda: draw_value_ladder(ladder, name="x", title="Title", period="2025"),
    }


def main() -> None:
    """Print a line a chart and the median over all."""
    lines, medians, sizes = [], [], []
    for label, draw in _charts().items():
        size = len(str(draw().to_html()))
        taken = []
        for _ in range(_TIMES):
            begun = time.process_time()
            draw().to_html()
            taken.append(1000 * (time.process_time() - begun))
        medians.append(float(np.median(taken)))
        sizes.append(size)
        lines.append(f"{label:<24}{medians[-1]:6.1f} ms{size / 1000:7.1f} kB")
    print("\n".join(lines))
    print(f"{'median':<24}{np.median(medians):6.1f} ms{np.median(sizes) / 1000:7.1f} kB (reach 40 ms, 15 kB)")


if __name__ == "__main__":
    main()
