"""Do the bands in money hold what they promise? Quarter totals of redrawn demos with known outcome and costs.

Run: ``python -m benchmarks.money_coverage [--redraws 60] [--jobs 1] [--print-only]``. Each redraw is a
history of other effects and other chance, forecast anew: as in ``planning_coverage``, whose seeds it
shares. Costs, funding and overhead are known to the plan, as they are to a business; spend is certain.
What is not known is what is sold, and at which price.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.planning.money.book import MEASURES
from alignment_lib.planning.money.earned import cost_of_sold
from alignment_lib.planning.money.layout import lay_out_money
from alignment_lib.planning.round.streams import StreamErrors
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, prepare_round
from alignment_lib.rounds.round_work import RoundWork, plan_scenarios
from benchmarks.page import Section, write_section
from benchmarks.planning_coverage import FIRST_SEED, SCENARIOS
from data.generator.demo import draw_demo
from data.generator.files import render_demo, write_changed
from data.generator.truth import redraw_truth
from data.generator.written import DEMO_FOLDER

_BANDS = {"80": ("p10", "p90"), "95": ("p2_5", "p97_5")}


def score_redraw(seed: int) -> pd.DataFrame:
    """One redraw: ``scenario, measure, label, plan``, quantiles and ``outcome`` of every quarter."""
    demo = draw_demo(seed, redraw_truth(seed))
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "redraw"
        write_changed(workspace, render_demo(demo))
        shutil.copytree(DEMO_FOLDER / "rounds", workspace / "rounds")
        for left in (workspace / "rounds").glob("*/demo"):
            left.rename(left.with_name("redraw"))
        request = ask_round(workspace)
        ready = replace(prepare_round(request), scenarios={})
        work = RoundWork(ready, request)
        plans = plan_scenarios(ready, work.weighed, StreamErrors(ready.round.cycle), work.live)
    # Units stand beside them: a band in money that is wider by itself would show.
    odds = pd.concat([plans.tables["odds"].assign(measure="units"), plans.tables["money_odds"]])
    names = list(ready.dimensions)
    asked = (odds["span"] == "quarter") & odds["measure"].isin(["units", *MEASURES])
    whole = odds[asked & (odds[names] == "").all(axis=1)]
    came = _outcome(ready, demo.sales.future_sales)
    labels = ready.workspace.calendar.label(pd.DatetimeIndex(whole["start"]), "quarter")
    kept = ["scenario", "measure", "plan", "p2_5", "p10", "p50", "p90", "p97_5"]
    found = [came[measure][label] for measure, label in zip(whole["measure"], labels, strict=True)]
    return whole[kept].assign(label=labels, outcome=found, seed=seed)


def _outcome(ready: PreparedRound, sold: pd.DataFrame) -> dict[str, pd.Series]:
    """Units, revenue, margin and profit of every quarter as they came, by label."""
    names, periods = list(ready.dimensions), ready.horizon.grid.periods
    calendar, settings = ready.workspace.calendar, ready.workspace.settings
    wide = {
        name: sold.pivot_table(index=names, columns="period", values=name, aggfunc="sum", fill_value=0.0)
        for name in ("units", "revenue")
    }
    units, revenue = (part.reindex(columns=periods, fill_value=0.0) for part in wide.values())
    keys = units.index.to_frame(index=False).astype(str)
    money = lay_out_money(ready.workspace, keys, periods)
    assert money is not None
    cost, funding = cost_of_sold(money, keys, periods, calendar, units.to_numpy(dtype=float), ready.register)
    labels = calendar.label(periods, "quarter")
    counted = pd.Series(units.to_numpy(dtype=float).sum(axis=0)).groupby(labels).sum()
    taken = pd.Series(revenue.to_numpy(dtype=float).sum(axis=0)).groupby(labels).sum()
    spent = pd.Series((cost + funding).sum(axis=0)).groupby(labels).sum()
    book = ready.money
    assert book is not None
    assert book.spend is not None
    spend = pd.Series(book.spend[-len(periods) :]).groupby(labels).sum()
    margin = taken - spent
    profit = margin - settings.profit.overhead_share * taken - spend
    return {"units": counted, "revenue": taken, "margin": margin, "profit": profit}


def coverage_table(scored: pd.DataFrame) -> str:
    """Markdown: by plan and measure, share of outcomes in the bands, and how far plan and width lie."""
    lines = [
        "| scenario | measure | inside 80 % | ± | inside 95 % | below P10 | above P90 | plan less outcome "
        "| width 80 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for scenario in SCENARIOS:
        for measure, rows in scored[scored["scenario"] == scenario].groupby("measure", sort=False):
            lines.append(f"| {scenario} | {measure} | {_line(rows)} |")
    return "\n".join(lines)


def _line(rows: pd.DataFrame) -> str:
    came = rows["outcome"]
    inside = {name: came.between(rows[low], rows[high]) for name, (low, high) in _BANDS.items()}
    by_redraw = inside["80"].groupby(rows["seed"]).mean()
    count = len(by_redraw)
    error = 1.96 * by_redraw.std(ddof=1) / np.sqrt(count) if count > 1 else np.nan
    shares = [inside["80"].mean(), error, inside["95"].mean()]
    shares += [(came < rows["p10"]).mean(), (came > rows["p90"]).mean()]
    bias = (rows["plan"] - came).sum() / came.sum()
    width = (rows["p90"] - rows["p10"]).sum() / came.sum()
    return " | ".join([*(f"{share:.1%}" for share in shares), f"{bias:+.1%}", f"{width:.1%}"])


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--redraws", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--print-only", action="store_true")
    asked = parser.parse_args()
    begun = time.perf_counter()
    seeds = range(FIRST_SEED, FIRST_SEED + asked.redraws)
    if asked.jobs > 1:
        with ProcessPoolExecutor(asked.jobs) as pool:
            scored = pd.concat(list(pool.map(score_redraw, seeds)), ignore_index=True)
    else:
        scored = pd.concat([score_redraw(seed) for seed in seeds], ignore_index=True)
    text = (
        f"{asked.redraws} redrawn demos, four quarters each: all sales, with the demo's costs, funding and "
        f"overhead. Quarters of one redraw share its history, so the ± is over redraws. *evidence_weighted* "
        "counts all that comes true; the consensus leaves out claims that do (see *Odds*).\n\n"
        f"{coverage_table(scored)}\n"
    )
    print(text, f"{time.perf_counter() - begun:.0f} s")
    if not asked.print_only:
        write_section(Section("money_coverage", "Bands in money", text))


if __name__ == "__main__":
    main()
